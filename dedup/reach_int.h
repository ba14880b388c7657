/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach_int: how far apart codes may be that are looked at closely.
 */
#ifndef DEDUP_REACH_INT_H
#define DEDUP_REACH_INT_H

#include "dedup/dedup.h"

/*
 * Turned codes are looked for up to so many bits where a closer look decides.
 * Seven of an image are held against all others, and at 51 bits that costs
 * nearly four times as much; of turned photographs 0.98 and more are found at
 * 39, at 51 hardly more (tests/bench/transforms.sh).
 */
#define TURNED_MOST 39

static inline int
probable_most(const struct dedup_opts *opts)
{
	return (int)(opts->probable > opts->duplicate ? opts->probable
						      : opts->duplicate);
}

static inline int
turned_most(const struct dedup_opts *opts)
{
	int most = probable_most(opts);

	most = most < TURNED_MOST ? most : TURNED_MOST;
	return most > opts->duplicate ? most : (int)opts->duplicate;
}

#endif
