/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cond: conditional and range requests (RFC 9110, sections 13 and 14).
 */
#ifndef TESTS_WEB_COND_H
#define TESTS_WEB_COND_H

#include "tests/web/web.h"

enum cond {
	COND_WHOLE,         /* 200 */
	COND_PART,          /* 206 */
	COND_UNCHANGED,     /* 304 */
	COND_NOT_SATISFIED, /* 416 */
};

/*
 * What to answer for a body of `size` bytes with this head.  Sets the part
 * for COND_PART.  A Range of several parts counts as none.
 */
enum cond cond_judge(const struct request *, const struct head *, uint64_t size,
    uint64_t *ret_from, uint64_t *ret_len);

#define HTTP_DATE_SIZE 30
/* IMF-fixdate; buf of HTTP_DATE_SIZE. */
const char *http_date(char *buf, time_t);

#endif
