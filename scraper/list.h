/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list: lists of images, entry by entry: an address a line with an optional
 * tab and label, CSV with a header (RFC 4180), values divided by tabs, or
 * JSON Lines; each also packed by gzip.
 */
#ifndef SCRAPER_LIST_H
#define SCRAPER_LIST_H

#include "base/csv.h"
#include "scraper/doc.h"
#include "scraper/list_text.h"

#define LIST_COLUMNS_MAX 16

/* Which column is what, as a section says: columns = "url=IMAGE label=3". */
struct list_columns {
	struct {
		size_t at;     /* in struct found */
		int64_t place; /* from 1; 0: by its name */
		char name[64];
	} v[LIST_COLUMNS_MAX];
	size_t n;
	bool no_header; /* all are by their place */
};

/* text may be NULL: by the names that are usual.  ERR_USAGE says why not. */
int list_columns_parse(
    const char *text, struct list_columns *ret, struct err *);

struct list_ask {
	const char *base;    /* its address, for relative ones; or NULL */
	const char *name;    /* of which the end tells the format; or NULL */
	const char *format;  /* "txt", "csv", "tsv", "jsonl"; NULL: to guess */
	const char *columns; /* or NULL */
};

struct list;

/* ERR_INPUT: it cannot be a list.  The text becomes the list's, either way;
 * of the question nothing needs to stay but base. */
int list_open(const struct list_ask *, struct list_text *, struct list **ret,
    struct err *);
void list_close(struct list *);
DEFINE_CLEANUP(struct list, list_close)

struct list_entry {
	struct found found; /* the caller's, when bad is NULL */
	int64_t line;
	const char *bad; /* why there is none; or NULL */
};

/*
 * The next entry: 1; 2 when there is none in this record; 0 at the end.
 * ERR_INPUT: it cannot be read on.
 */
int list_next(struct list *, struct list_entry *ret, struct err *);

struct list_text *list_text(struct list *); /* for where it is */

#endif
