/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From links to keepers, in the order of rank.
 */
#include <string.h>

#include "dedup/stars_int.h"

#define FEW 64           /* items whose links are all kept */
#define LINKS_PER_ITEM 8 /* and how many there may be of others */

/* Whom a link leads to and how: less is nearer, and there are no ties. */
static int
compare_ways(const struct star_link *a, const struct star_link *b)
{
	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	if (a->better != b->better)
		return a->better < b->better ? -1 : 1;
	if (a->turn != b->turn)
		return a->turn < b->turn ? -1 : 1;
	if (a->worse_trimmed != b->worse_trimmed)
		return a->worse_trimmed ? 1 : -1;
	return (a->better_trimmed > b->better_trimmed) -
	    (a->better_trimmed < b->better_trimmed);
}

static bool
is_nearer(const struct star_search *s, const struct star_link *link)
{
	const struct star_item *v = &s->v[link->worse];
	struct star_link has = { .better = v->keeper,
		.distance = v->distance,
		.turn = v->turn,
		.worse_trimmed = v->trimmed,
		.better_trimmed = v->keeper_trimmed };

	return v->keeper == STARS_NONE || compare_ways(link, &has) < 0;
}

bool
star_wants_nearer(const struct star_search *s, const struct star_link *link)
{
	return star_is_keeper(s, link->better) && is_nearer(s, link);
}

void
star_expect(struct star_search *s, size_t most,
    int (*full)(struct star_search *, struct err *),
    bool (*wanted)(const struct star_search *, const struct star_link *))
{
	s->n_links = 0;
	s->most = most;
	s->full = full;
	s->wanted = wanted;
}

int
star_link_add(
    struct star_search *s, const struct star_link *link, struct err *e)
{
	if (s->wanted != NULL && !s->wanted(s, link))
		return 0;
	if (s->n_links == s->most) {
		if (s->full == NULL)
			return 1;
		if (s->full(s, e) < 0) {
			s->failed = true;
			return -1;
		}
	}
	if (s->n_links == s->links_size) {
		s->links_size = 2 * s->links_size + 256;
		s->links =
		    xreallocarray(s->links, s->links_size, sizeof(*s->links));
	}
	s->links[s->n_links++] = *link;
	return 0;
}

/* The best of the worse first, and of each the nearest. */
static int
by_worse(const void *va, const void *vb, void *ctx)
{
	const struct star_search *s = ctx;
	const struct star_link *a = va, *b = vb;
	uint32_t x = s->slot[a->worse], y = s->slot[b->worse];

	if (x != y)
		return x < y ? -1 : 1;
	if (a->worse != b->worse)
		return a->worse < b->worse ? -1 : 1;
	return compare_ways(a, b);
}

static void
sort_links(struct star_search *s)
{
	if (s->n_links > 1)
		qsort_r(s->links, s->n_links, sizeof(*s->links), by_worse, s);
}

static int
verify(struct star_search *s, const struct star_link *link, struct err *e)
{
	struct star_pair pair = { .item = link->worse,
		.keeper = link->better,
		.distance = link->distance,
		.turn = link->turn,
		.trimmed = link->worse_trimmed,
		.keeper_trimmed = link->better_trimmed };

	if (s->in->verify == NULL)
		return link->distance <= s->in->duplicate;
	return s->in->verify(s->in->ctx, &pair, e);
}

static void
attach(struct star_search *s, const struct star_link *link)
{
	struct star_item *v = &s->v[link->worse];

	v->keeper = link->better;
	v->distance = link->distance;
	v->turn = link->turn;
	v->trimmed = link->worse_trimmed;
	v->keeper_trimmed = link->better_trimmed;
}

/* Attach by the first of sorted links of one item that may be; 1, 0, -1. */
static int
attach_first(
    struct star_search *s, const struct star_link *v, size_t n, struct err *e)
{
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		if (!star_is_keeper(s, v[i].better))
			continue;
		if (!is_nearer(s, &v[i]))
			return 0;
		rc = verify(s, &v[i], e);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			attach(s, &v[i]);
			return 1;
		}
	}
	return 0;
}

/* How many links from `at` on are of the same item. */
static size_t
count_of_one(const struct star_search *s, size_t at)
{
	size_t end = at + 1;

	while (end < s->n_links && s->links[end].worse == s->links[at].worse)
		end++;
	return end - at;
}

int
star_settle(struct star_search *s, struct err *e)
{
	size_t at, n;

	sort_links(s);
	for (at = 0; at < s->n_links; at += n) {
		n = count_of_one(s, at);
		if (attach_first(s, s->links + at, n, e) < 0)
			return -1;
	}
	s->n_links = 0;
	return 0;
}

/* Is it out of its place by one of its links? */
static int
unseat_one(
    struct star_search *s, const struct star_link *v, size_t n, struct err *e)
{
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		rc = verify(s, &v[i], e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		s->v[v[i].worse].keeper = STARS_NONE;
		return 0;
	}
	return 0;
}

int
star_unseat(struct star_search *s, struct err *e)
{
	const struct star_link *link;
	size_t at, n;
	int rc = 0;

	sort_links(s);
	for (at = 0; at < s->n_links && rc >= 0; at += n) {
		link = &s->links[at];
		n = count_of_one(s, at);
		if (star_is_keeper(s, link->worse))
			rc = unseat_one(s, link, n, e);
		else if (s->v[link->worse].keeper != STARS_NONE)
			rc = attach_first(s, link, n, e);
	}
	s->n_links = 0;
	return rc < 0 ? -1 : 0;
}

/* ---- in the order of rank ----------------------------------------------- */

/* One item, of which all better ones are settled. */
static int
settle_one(struct star_search *s, uint32_t place, const struct star_link *v,
    size_t n, struct err *e)
{
	if (attach_first(s, v, n, e) < 0)
		return -1;
	star_expect(s, STARS_LINKS, star_settle, star_wants_nearer);
	if (star_extra_better(s, place, e) < 0 || star_settle(s, e) < 0)
		return -1;
	if (s->v[place].keeper != STARS_NONE)
		return 0;
	attach(s, &(struct star_link){ .worse = place, .better = place });
	star_extra_keeper(s, place);
	return 0;
}

/* All of them, by the links that a join of them with themselves has found. */
static int
settle_in_order(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	struct star_link *links CLEANUP(freep) = NULL;
	size_t n_links = s->n_links, at = 0, end, i;

	sort_links(s);
	links = TAKE(s->links);
	s->links_size = 0;
	for (i = 0; i < n; i++) {
		for (end = at; end < n_links && links[end].worse == places[i];)
			end++;
		if (settle_one(s, places[i], links + at, end - at, e) < 0)
			return -1;
		at = end;
	}
	return 0;
}

/* Split places into keepers or not (free: without any). */
static size_t
select_places(const struct star_search *s, const uint32_t *places, size_t n,
    bool keepers, bool members, bool unfound, uint32_t **ret)
{
	uint32_t *v = xreallocarray(NULL, n + 1, sizeof(*v)), keeper;
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		keeper = s->v[places[i]].keeper;
		if (keeper == STARS_NONE      ? unfound
			: keeper == places[i] ? keepers
					      : members)
			v[count++] = places[i];
	}
	*ret = v;
	return count;
}

/* What belongs to a keeper that came later may be nearer to it. */
static int
meet_keepers(struct star_search *s, const uint32_t *places, size_t n,
    const uint32_t *among, size_t n_among, struct err *e)
{
	uint32_t *keepers CLEANUP(freep) = NULL;
	size_t n_keepers =
	    select_places(s, among, n_among, true, false, false, &keepers);

	star_expect(s, STARS_LINKS, star_settle, star_wants_nearer);
	if (star_join_keepers(s, places, n, keepers, n_keepers, e) < 0)
		return -1;
	return star_settle(s, e);
}

/*
 * Where there are too many links, most are among the look-alikes of a few
 * keepers.  Those of the better half are found first, and what belongs to
 * them is no keeper and needs no more links with others.
 */
static int
resolve_halves(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	uint32_t *rest CLEANUP(freep) = NULL;
	uint32_t *reached CLEANUP(freep) = NULL;
	size_t half = n / 2, n_rest, n_reached;

	if (star_resolve(s, places, half, e) < 0 ||
	    meet_keepers(s, places + half, n - half, places, half, e) < 0)
		return -1;
	n_rest = select_places(
	    s, places + half, n - half, false, false, true, &rest);
	n_reached = select_places(
	    s, places + half, n - half, false, true, false, &reached);
	if (star_resolve(s, rest, n_rest, e) < 0)
		return -1;
	return meet_keepers(s, reached, n_reached, rest, n_rest, e);
}

int
star_resolve(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	int rc;

	if (n == 0)
		return 0;
	star_expect(s, n <= FEW ? SIZE_MAX : n * LINKS_PER_ITEM, NULL, NULL);
	rc = star_join_self(s, places, n, e);
	if (rc < 0)
		return -1;
	return rc == 0 ? settle_in_order(s, places, n, e)
		       : resolve_halves(s, places, n, e);
}
