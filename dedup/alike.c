/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may look alike: the components that no split parts.
 */
#include <string.h>

#include "dedup/components.h"
#include "dedup/dedup_int.h"
#include "dedup/keyed.h"

/* Equal pixels, whatever the quality; stars. */
static void
join_groups(struct components *c, const struct grouping *g)
{
	uint32_t *first CLEANUP(freep) = xcalloc(g->n + 1, sizeof(*first));
	const struct member *m;
	size_t i;

	for (i = 0; i < g->n; i++) {
		m = &g->v[i];
		if (first[m->pixels] == 0)
			first[m->pixels] = (uint32_t)i + 1;
		else
			components_join(c, first[m->pixels] - 1, i);
		if (m->keeper != m->code.id)
			components_join(c, i, group_place(g, m->keeper));
	}
}

/* What the catalog knows; who gave a component its number may be gone. */
static void
join_known(struct components *c, const struct grouping *g)
{
	struct keyed *lost CLEANUP(freep) =
	    xreallocarray(NULL, g->n + 1, sizeof(*lost));
	size_t i, place, n_lost = 0;
	int64_t id;

	for (i = 0; i < g->n; i++) {
		id = g->v[i].code.component_id;
		if (id == 0)
			continue;
		place = group_place_near(g, id, i);
		if (place < g->n && g->v[place].code.component_id == id)
			components_join(c, place, i);
		else
			lost[n_lost++] =
			    (struct keyed){ (uint64_t)id, (uint32_t)i };
	}
	if (n_lost > 0)
		keyed_sort(lost, n_lost);
	for (i = 1; i < n_lost; i++)
		if (lost[i - 1].key == lost[i].key)
			components_join(c, lost[i - 1].place, lost[i].place);
}

static bool
is_new(const struct grouping *g, const struct member *m)
{
	return g->anew || m->code.keeper_id == 0 || m->code.component_id == 0;
}

/* Codes that mean something, the new ones first. */
static size_t
collect(const struct grouping *g, struct component_code **ret, size_t *ret_new)
{
	struct component_code *codes =
	    xreallocarray(NULL, g->n + 1, sizeof(*codes));
	size_t kept = 0, i;
	int round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < g->n; i++) {
			if (is_new(g, &g->v[i]) != (round == 0) ||
			    !has_plain(g->opts, &g->v[i].code))
				continue;
			memcpy(codes[kept].bits, g->v[i].code.pdq, PDQ_SIZE);
			codes[kept++].place = i;
		}
		if (round == 0)
			*ret_new = kept;
	}
	*ret = codes;
	return kept;
}

int
alike_find(struct grouping *g, struct err *e)
{
	struct component_code *codes CLEANUP(freep) = NULL;
	size_t i, n, n_new;

	join_groups(g->alike, g);
	if (!g->anew)
		join_known(g->alike, g);
	if (!g->alike_met) {
		n = collect(g, &codes, &n_new);
		if (components_join_near(g->alike, codes, n, n_new,
			probable_most(g->opts), e) < 0)
			return -1;
	}
	for (i = 0; i < g->n; i++)
		g->v[i].component = g->v[components_of(g->alike, i)].code.id;
	return 0;
}
