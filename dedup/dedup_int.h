/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup_int: images as dedup.c groups them, and then alike.c.
 */
#ifndef DEDUP_DEDUP_INT_H
#define DEDUP_DEDUP_INT_H

#include "dedup/dedup.h"
#include "store/samples.h"

struct member {
	struct sample_code code;
	int64_t keeper;    /* as it will be; 0: to be found */
	int64_t component; /* the same */
};

/*
 * Set the component of each of n members, which are sorted by id and have a
 * keeper.  What the catalog has is taken to be right, unless `anew`.
 */
int alike_find(struct member *, size_t n, const struct dedup_opts *, bool anew,
    struct err *);

#endif
