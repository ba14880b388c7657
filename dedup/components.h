/* SPDX-License-Identifier: Apache-2.0 */
/*
 * components: what hangs together by likeness, from neighbour to neighbour.
 *
 * Duplicates form stars (stars.h); parts of a split have to be further apart,
 * and there to join too much does no harm.  So here likeness is carried over:
 * the connected components of a graph whose edges are the pairs of codes at
 * most so many bits apart.  They are exact: no such pair is missed, and
 * nothing else is joined.
 *
 * Disjoint sets as of Tarjan (1975), with paths halved; a set goes by its
 * lowest place.
 */
#ifndef DEDUP_COMPONENTS_H
#define DEDUP_COMPONENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "dedup/pdq.h"

#define COMPONENTS_MAX UINT32_MAX

struct components;

/* n places (at most COMPONENTS_MAX), 0..n-1, each by itself. */
struct components *components_new(size_t n);
void components_free(struct components *);
DEFINE_CLEANUP(struct components, components_free)

void components_join(struct components *, size_t a, size_t b);
/* The lowest place of the set that a place is in. */
size_t components_of(struct components *, size_t place);

struct component_code {
	uint8_t bits[PDQ_SIZE];
	size_t place;
};

/*
 * Join the places of all pairs of codes at most max_distance bits (0..256)
 * apart, of which one is among the first n_new; what is known to belong
 * together is best joined before.  ERR_STOPPED when asked to stop.
 *
 * Of equal codes one is looked at, and pairs of a crowd that hangs together
 * already are not (hamming.h).  Memory: 70 bytes a code.
 */
int components_join_near(struct components *, const struct component_code *,
    size_t n, size_t n_new, int max_distance, struct err *);

#endif
