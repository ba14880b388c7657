/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cross_int: many codes against many.
 *
 * Words of the codes lie in arrays of their own.  Two of the four are enough
 * to tell nearly all pairs that are far: two unrelated codes differ in about
 * 64 of those 128 bits.  What may be near is measured in full.
 */
#ifndef DEDUP_CROSS_INT_H
#define DEDUP_CROSS_INT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#define CROSS_WORDS 4
#define CROSS_PAD 8 /* further elements of the arrays, of any value */

/* Called with the positions of a pair whose words are near. */
typedef void cross_hit_fn(void *ctx, size_t a, size_t b);

struct cross_words {
	const uint64_t *word[CROSS_WORDS]; /* 2 or all 4 of them */
	const int *max; /* bits; the hit function may lower it */
	cross_hit_fn *hit;
	void *ctx;
};

/*
 * The pairs of [a, a_end) and [b, b_end) that differ in at most max bits of
 * the words; each pair once where both are the same range.
 */
typedef void cross_fn(
    const struct cross_words *, size_t a, size_t a_end, size_t b, size_t b_end);

/* The fastest that this processor can run, by so many words (2 or 4). */
cross_fn *cross_best(int words);

/*
 * The same for long ranges, in pieces that fit into the cache.  ERR_STOPPED
 * when asked to stop.
 */
int cross_long(cross_fn *, const struct cross_words *, size_t a, size_t a_end,
    size_t b, size_t b_end, struct err *);

#endif
