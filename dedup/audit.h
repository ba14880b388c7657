/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit: how near the parts of a split come to each other.
 */
#ifndef DEDUP_AUDIT_H
#define DEDUP_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dedup/pdq.h"

#define AUDIT_PARTS 64

struct audit_code {
	uint8_t bits[PDQ_SIZE];
	int part;        /* 0..AUDIT_PARTS - 1 */
	int64_t excused; /* pairs of one such number are passed over; or 0 */
};

struct audit_pair {
	size_t a, b; /* places, a < b */
	int distance;
};

/*
 * The closest pair of codes from different parts, by holding all against
 * all: 1, 0 when there is none, or -1 (ERR_STOPPED).
 */
int audit_closest(
    const struct audit_code *, size_t n, struct audit_pair *ret, struct err *);

#endif
