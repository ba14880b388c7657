/* SPDX-License-Identifier: Apache-2.0 */
/*
 * components_int: the join by pieces of codes (bands.c), and that of all
 * with all.
 */
#ifndef DEDUP_COMPONENTS_INT_H
#define DEDUP_COMPONENTS_INT_H

#include "dedup/components.h"
#include "dedup/near_int.h"

struct point {
	uint64_t word[NEAR_WORDS];
	uint32_t place;
};

/* About how many pairs such a join compares; what n_new is, is all one. */
double bands_cost(size_t n, int max_distance);
/* Sorts the points, and drops those that are equal. */
int bands_join(struct components *, struct point *, size_t n, int max_distance,
    struct err *);
/* All with all. */
int plain_join(struct components *, const struct point *, size_t n,
    size_t n_new, int max_distance, struct err *);

#endif
