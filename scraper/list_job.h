/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_job: a list or WARC file of any length read by a child, in parts.
 *
 * One child (`griddle worker list`) holds one list open from job to job: the
 * first gives it the file and where to go on, each answers with some further
 * entries and where it is then.
 */
#ifndef SCRAPER_LIST_JOB_H
#define SCRAPER_LIST_JOB_H

#include "base/proc.h"
#include "scraper/list.h"

struct list_place {   /* the start of a record */
	int64_t at;   /* bytes of the text, unpacked; 0: the beginning */
	int64_t line; /* from 1 */
};

#define LIST_WARC "warc" /* the format of an ask for what is no list */

/* The first question, with the file, whose descriptor is closed; the others. */
int list_ask_open(struct proc_job *, int fd, const struct list_ask *,
    const struct list_place *, struct err *);
void list_ask_more(struct proc_job *);

struct list_part {
	struct list_place next; /* where it begins; then, where the next does */
	int64_t bad;            /* records that give no entry */
	bool end;               /* there is no more */
};

#define LIST_FIELDS 8
struct list_given {                     /* valid in `each` */
	const char *texts[LIST_FIELDS]; /* as the child wrote them */
	const char *bad;   /* why there are none; of the first few only */
	const void *bytes; /* the picture itself; or NULL */
	size_t len;
	int64_t line;
};
/* Its label, cleaned; NULL: none.  The caller frees. */
char *list_label(const struct list_given *);
/* All of it, cleaned; false when it has no address. */
bool list_found(const struct list_given *, struct found *ret);

/*
 * Give each entry of an answer to `each`: 1 stops before that one, -1 fails.
 * ERR_INPUT: the list cannot be read on, with why; the entries before were
 * given.  ERR_BUSY: the child is a new one that has no list open.
 */
typedef int list_each_fn(void *ctx, const struct list_given *, struct err *);
int list_take(const struct buf *answer, list_each_fn *each, void *ctx,
    struct list_part *ret, struct err *);

#endif
