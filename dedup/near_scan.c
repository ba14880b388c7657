/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two plain loops, compiled for several processors and chosen at run time by
 * hand: target_clones would do that with an ifunc, which runs before the
 * sanitizers are up.
 */
#include "dedup/near_int.h"

#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t
differing(uint64_t a, uint64_t b)
{
	return (uint64_t)__builtin_popcountll(a ^ b);
}

INLINE size_t
next(const struct near_half *b, size_t from, size_t n, const uint64_t *query,
    int max)
{
	const uint64_t first = query[0], second = query[1];
	uint64_t least, d;
	int i;

	for (; from < n; from++) {
		least = UINT64_MAX;
		for (i = 0; i < NEAR_BLOCK; i++) {
			d = differing(b[from].word[0][i], first) +
			    differing(b[from].word[1][i], second);
			least = d < least ? d : least;
		}
		if (least <= (uint64_t)max)
			break;
	}
	return from;
}

INLINE void
measure(const struct near_half *b, const struct near_half *c,
    const uint64_t *query, int *ret_distance)
{
	int i;

	for (i = 0; i < NEAR_BLOCK; i++)
		ret_distance[i] = (int)(differing(b->word[0][i], query[0]) +
		    differing(b->word[1][i], query[1]) +
		    differing(c->word[0][i], query[2]) +
		    differing(c->word[1][i], query[3]));
}

/* Both loops as compiled for one kind of processor. */
#define COMPILE(name, attribute) \
	attribute static size_t name##_next(const struct near_half *b, \
	    size_t from, size_t n, const uint64_t query[NEAR_WORDS], int max) \
	{ \
		return next(b, from, n, query, max); \
	} \
	attribute static void name##_measure(const struct near_half *b, \
	    const struct near_half *c, const uint64_t query[NEAR_WORDS], \
	    int ret[NEAR_BLOCK]) \
	{ \
		measure(b, c, query, ret); \
	} \
	static const struct near_scan name = { name##_next, name##_measure };

COMPILE(plain, )

#ifdef __x86_64__

#	define AVX512 "popcnt,avx512f,avx512vl,avx512vpopcntdq"
COMPILE(popcnt, __attribute__((target("popcnt"))))
COMPILE(avx512, __attribute__((target(AVX512))))

const struct near_scan *
near_scan_best(void)
{
	if (__builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vpopcntdq"))
		return &avx512;
	return __builtin_cpu_supports("popcnt") ? &popcnt : &plain;
}

#else

const struct near_scan *
near_scan_best(void)
{
	return &plain;
}

#endif
