/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_int: how codes lie in memory, and the loops that run over them.
 *
 * A code is four words.  Half of it is enough to tell that it is far (two
 * unrelated halves are about 64 bits apart), so halves are kept apart: the
 * scan streams through the first ones, and only where one may be near are the
 * codes looked at in full.  Codes stand in blocks, word by word, for vectors.
 */
#ifndef DEDUP_NEAR_INT_H
#define DEDUP_NEAR_INT_H

#include <stddef.h>
#include <stdint.h>

#define NEAR_WORDS 4
#define NEAR_BLOCK 64 /* codes */

/* Words 0 and 1, or 2 and 3, of a block of codes. */
struct near_half {
	uint64_t word[NEAR_WORDS / 2][NEAR_BLOCK];
};

struct near_scan {
	/*
	 * The first block from `from` on, before `n`, with a code whose
	 * first half is at most max bits from the query's; or n.
	 */
	size_t (*next)(const struct near_half *, size_t from, size_t n,
	    const uint64_t query[NEAR_WORDS], int max);
	/* The distances of a block's codes from the query. */
	void (*measure)(const struct near_half *first,
	    const struct near_half *second, const uint64_t query[NEAR_WORDS],
	    int ret_distance[NEAR_BLOCK]);
};

/* The fastest that this processor can run. */
const struct near_scan *near_scan_best(void);

#endif
