/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop, compiled for several processors and chosen by hand, for the
 * reasons that hamming_scan.c gives.
 */
#include "dedup/cross_int.h"

#include <stdbool.h>

#include "base/stop.h"

#define INLINE static inline __attribute__((always_inline))

/* Rows of a piece, and what they are held against: 64 KB. */
#define ROWS 512
#define COLUMNS 4096

INLINE uint64_t
differing(uint64_t a, uint64_t b)
{
	return (uint64_t)__builtin_popcountll(a ^ b);
}

INLINE uint64_t
distance(const struct cross_words *w, int words, size_t a, size_t b)
{
	uint64_t sum = differing(w->word[0][a], w->word[0][b]) +
	    differing(w->word[1][a], w->word[1][b]);

	return words == 2 ? sum
			  : sum + differing(w->word[2][a], w->word[2][b]) +
		differing(w->word[3][a], w->word[3][b]);
}

INLINE uint64_t
lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Four are written out, eight are left to the compiler as a vector. */
INLINE uint64_t
least_distance(
    const struct cross_words *w, int words, size_t lanes, size_t a, size_t b)
{
	uint64_t least = UINT64_MAX;
	size_t i;

	if (lanes == 4)
		return lesser(lesser(distance(w, words, a, b),
				  distance(w, words, a, b + 1)),
		    lesser(distance(w, words, a, b + 2),
			distance(w, words, a, b + 3)));
	for (i = 0; i < lanes; i++)
		least = lesser(least, distance(w, words, a, b + i));
	return least;
}

/* `lanes` neighbours at once: only their least distance is looked at. */
INLINE void
cross(const struct cross_words *given, int words, size_t lanes, size_t a,
    size_t a_end, size_t b, size_t b_end)
{
	const struct cross_words w = *given;
	bool same = a == b;
	size_t i, k;

	for (; a < a_end; a++) {
		for (k = same ? a + 1 : b; k < b_end; k += lanes) {
			if ((int64_t)least_distance(&w, words, lanes, a, k) >
			    *w.max)
				continue;
			for (i = k; i < k + lanes && i < b_end; i++)
				if ((int64_t)distance(&w, words, a, i) <=
				    *w.max)
					w.hit(w.ctx, a, i);
		}
	}
}

#define COMPILE(name, attribute, words, lanes) \
	attribute static void name##words(const struct cross_words *w, \
	    size_t a, size_t a_end, size_t b, size_t b_end) \
	{ \
		cross(w, words, lanes, a, a_end, b, b_end); \
	}

COMPILE(plain, , 2, 4)
COMPILE(plain, , 4, 4)

#ifdef __x86_64__

#	define POPCNT __attribute__((target("popcnt")))
#	define AVX512 \
		__attribute__(( \
		    target("popcnt,avx512f,avx512vl,avx512vpopcntdq")))
COMPILE(popcnt, POPCNT, 2, 4)
COMPILE(popcnt, POPCNT, 4, 4)
COMPILE(avx512_, AVX512, 2, CROSS_PAD)
COMPILE(avx512_, AVX512, 4, CROSS_PAD)

cross_fn *
cross_best(int words)
{
	if (__builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vpopcntdq"))
		return words == 2 ? avx512_2 : avx512_4;
	if (__builtin_cpu_supports("popcnt"))
		return words == 2 ? popcnt2 : popcnt4;
	return words == 2 ? plain2 : plain4;
}

#else

cross_fn *
cross_best(int words)
{
	return words == 2 ? plain2 : plain4;
}

#endif

static size_t
least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

int
cross_long(cross_fn *fn, const struct cross_words *w, size_t a, size_t a_end,
    size_t b, size_t b_end, struct err *e)
{
	bool same = a == b;
	size_t row, row_end, column;

	for (row = a; row < a_end; row = row_end) {
		row_end = least_of(row + ROWS, a_end);
		column = b;
		if (same) {
			fn(w, row, row_end, row, row_end);
			column = row_end;
		}
		for (; column < b_end; column += COLUMNS)
			fn(w, row, row_end, column,
			    least_of(column + COLUMNS, b_end));
		if (stop_check(e) < 0)
			return -1;
	}
	return 0;
}
