/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanes: one loop for two kinds of processor, with vectors of 4 and of 8
 * numbers of 32 bits.
 *
 * The file that LANES_OF names is included twice, with LANES 4 and with
 * LANES 8, and names its functions FOR_LANES(name): name_by_4, which any
 * processor runs, and name_by_8, to be called where has_8_lanes().  Each kind
 * has its own width, since a vector wider than the processor's would live in
 * memory; and the choice is made by hand, since target_clones would make it
 * before the sanitizers are up.
 */
#ifndef BASE_LANES_H
#define BASE_LANES_H

#include <stdbool.h>

static inline bool
has_8_lanes(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}

#endif

#ifdef LANES_OF

#define LANES 4
#define FOR_LANES(name) name##_by_4
#include LANES_OF
#undef LANES
#undef FOR_LANES

#ifdef __x86_64__
#	pragma GCC push_options
#	pragma GCC target("avx2")
#endif
#define LANES 8
#define FOR_LANES(name) name##_by_8
#include LANES_OF
#undef LANES
#undef FOR_LANES
#ifdef __x86_64__
#	pragma GCC pop_options
#endif
#undef LANES_OF

#endif
