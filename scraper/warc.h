/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warc: what a crawl has kept, as WARC (ISO 28500) or the older ARC: pictures
 * with their bytes, and the pictures that its pages show.
 *
 * libarchive reads WARC too, but gives neither the headers of the records nor
 * those of HTTP, which say what was asked for and what the bytes are.
 */
#ifndef SCRAPER_WARC_H
#define SCRAPER_WARC_H

#include "scraper/list.h"

struct warc;

struct warc *warc_of_fd(int fd); /* which becomes its own */
void warc_close(struct warc *);
DEFINE_CLEANUP(struct warc, warc_close)

/*
 * The next entry: 1; 2 when a record gives none; 0 at the end.  Its line is
 * the number of the record; *ret_bytes, of the picture itself or NULL, is
 * valid until the next.  ERR_INPUT: the rest cannot be read.
 */
int warc_next(struct warc *, struct list_entry *ret,
    const struct buf **ret_bytes, struct err *);

int64_t warc_at(const struct warc *);     /* of the record to go on with */
int64_t warc_record(const struct warc *); /* its number, from 1 */
/* As list_text_skip(). */
int warc_skip(struct warc *, int64_t at, int64_t record, struct err *);

#endif
