/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup: of images that look the same, keep one.
 *
 * Reads prepared images that are in no group yet; leaves each with a keeper:
 * itself, or the better one that it looks like.  Equal bytes are one sample
 * from the start; images with equal pixels, or with PDQ codes at most
 * `duplicate` bits apart, form a star around the keeper.  A better image
 * that comes later takes the keeper's place.  Nothing is deleted.
 *
 * Beside that, images of equal pixels, or with codes at most `probable` bits
 * apart, are in one component, and so are those that these look like: what
 * no split parts (components.h).
 */
#ifndef DEDUP_DEDUP_H
#define DEDUP_DEDUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "store/store.h"

struct dedup_opts {
	int64_t duplicate; /* bits that may differ, of 256 */
	int64_t probable;  /* the same for parts of a split */
	int64_t quality;   /* PDQ quality below which bits are noise */
};
extern const struct opt_group dedup_group;

struct dedup_stats {
	int64_t looked_at;  /* images that were in no group */
	int64_t keepers;    /* groups in all */
	int64_t duplicates; /* images with another keeper, in all */
	int64_t components; /* what may look alike counted as one, in all */
	int64_t changed;    /* rows that this made differ */
};

/*
 * Group what is not grouped; with `anew`, everything from the start.  A dry
 * run changes nothing and counts all the same.
 */
int dedup_run(struct store *, const struct dedup_opts *, bool anew,
    bool dry_run, struct dedup_stats *ret, struct err *);

#endif
