/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_text: a text of any size as records, in constant memory.
 *
 * It may be packed by gzip (RFC 1952, members one after the other), in UTF-16
 * with a byte order mark, or have the line ends of any system.  Positions are
 * bytes of the text as it is unpacked, in UTF-8.
 */
#ifndef SCRAPER_LIST_TEXT_H
#define SCRAPER_LIST_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

#define RECORD_MAX ((size_t)256 << 10) /* bytes; a longer one is bad */

struct list_text;

/* Of a descriptor, which becomes the text's; or of bytes that stay. */
struct list_text *list_text_of_fd(int fd);
struct list_text *list_text_of_bytes(const char *bytes, size_t len);
void list_text_free(struct list_text *);
DEFINE_CLEANUP(struct list_text, list_text_free)

/*
 * What comes next, without taking it: some KiB at least, or all there is; it
 * ends in a 0, and other 0 bytes have become spaces.  NULL on errors.
 */
const char *list_text_peek(struct list_text *, size_t *ret_len, struct err *);

struct list_record {
	char *text;      /* ends in a 0; the caller's until the next */
	size_t len;      /* without its line end */
	int64_t line;    /* that it begins on, from 1 */
	const char *bad; /* why it cannot be read; or NULL */
};

/*
 * The next record: a line, or with a comma one of CSV.  1, or 0 at the end;
 * ERR_INPUT: the rest cannot be had.
 */
int list_text_next(
    struct list_text *, char comma, struct list_record *, struct err *);

int64_t list_text_at(const struct list_text *);   /* of the next record */
int64_t list_text_line(const struct list_text *); /* of the next record */

/*
 * Go on to a position that was at the start of a record, on that line; 1, or
 * 0 when some MiB were passed over and it is further on.
 */
int list_text_skip(struct list_text *, int64_t at, int64_t line, struct err *);

#endif
