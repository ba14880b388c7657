/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warc_int: an answer of HTTP as a crawl has kept it.
 */
#ifndef SCRAPER_WARC_INT_H
#define SCRAPER_WARC_INT_H

#include "base/buf.h"
#include "scraper/robots_tag.h"

struct kept {
	int status;
	char type[64];    /* "image/png", in lower case */
	char charset[64]; /* or "" */
	struct robots_tag tag;
	const unsigned char *body; /* inside of the block or of `plain` */
	size_t len;
};

/*
 * Read the headers of a block and unpack its body, into `plain` if need be;
 * false: it is no answer, or its body cannot be unpacked.
 */
bool kept_read(struct buf *block, struct buf *plain, struct kept *ret);

/* Value of a header in lines that end in a 0; NULL when there is none. */
const char *kept_header(const char *lines, const char *name, size_t *ret_len);

#endif
