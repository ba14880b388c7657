/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds: what is to be found is held against what stands; who thereby loses
 * a place is to be found in the next one.  That comes to an end, as each time
 * a better keeper stands in for a worse one.
 */
#include "dedup/stars.h"

#include <assert.h>
#include <string.h>

#include "base/stop.h"
#include "dedup/stars_int.h"

#define ROUNDS 8 /* after which all is found anew */

static void
search_release(struct star_search *s)
{
	free(s->v);
	free(s->loose);
	free(s->slot);
	free(s->stored);
	free(s->links);
	free(s->twins);
	free(s->same);
	hamming_file_free(s->late);
	hamming_file_free(s->made);
}

/* ---- what is to be found ------------------------------------------------- */

static bool
is_to_be_found(const struct star_search *s, uint32_t place)
{
	uint32_t keeper = s->v[place].keeper;

	return keeper >= s->n || s->v[keeper].keeper != keeper ||
	    (keeper != place && !star_is_better(&s->v[keeper], &s->v[place]));
}

static int
by_rank(const void *va, const void *vb, void *ctx)
{
	const struct star_search *s = ctx;
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	if (a == b)
		return 0;
	return star_is_better(&s->v[a], &s->v[b]) ? -1 : 1;
}

/* Gather it; when it is most of all, or goes on and on, all. */
static void
gather(struct star_search *s, int round)
{
	uint32_t i;
	size_t k, n = 0;
	bool all;

	memset(s->slot, 0xff, s->n * sizeof(*s->slot));
	for (i = 0; i < s->n; i++)
		n += is_to_be_found(s, i);
	all = n > 0 && (n > s->n / 2 || round > ROUNDS);
	s->loose =
	    xreallocarray(s->loose, (all ? s->n : n) + 1, sizeof(*s->loose));
	s->n_loose = 0;
	for (i = 0; i < s->n; i++)
		if (all || is_to_be_found(s, i))
			s->loose[s->n_loose++] = i;
	for (k = 0; k < s->n_loose; k++)
		s->v[s->loose[k]].keeper = STARS_NONE;
	if (s->n_loose > 1)
		qsort_r(s->loose, s->n_loose, sizeof(*s->loose), by_rank, s);
	for (k = 0; k < s->n_loose; k++)
		s->slot[s->loose[k]] = (uint32_t)k;
}

static int
load(struct star_search *s, struct err *e)
{
	struct star_codes codes;
	struct star_stored *stored;
	uint32_t i;

	s->stored =
	    xreallocarray(s->stored, s->n_loose + 1, sizeof(*s->stored));
	for (i = 0; i < s->n; i++) {
		if (s->slot[i] == STARS_NONE)
			continue;
		stored = &s->stored[s->slot[i]];
		if (s->in->codes(s->in->ctx, i, false, &codes, e) < 0)
			return -1;
		stored->has[0] = codes.plain;
		stored->has[1] = codes.trimmed;
		memcpy(stored->code[0], codes.turn[0], PDQ_SIZE);
		memcpy(stored->code[1], codes.trim[0], PDQ_SIZE);
	}
	return 0;
}

/* An index of all that stand, where the caller has none. */
static int
make_index(struct star_search *s, struct err *e)
{
	struct star_codes codes;
	uint32_t i;

	if (s->in->index != NULL || s->made != NULL)
		return 0;
	s->made = hamming_file_new();
	for (i = 0; i < s->n; i++) {
		if (s->slot[i] != STARS_NONE)
			continue;
		if (s->in->codes(s->in->ctx, i, false, &codes, e) < 0)
			return -1;
		if (codes.plain &&
		    hamming_file_add(s->made, codes.turn[0],
			STARS_OWNER(s->v[i].id, 0), e) < 0)
			return -1;
		if (codes.trimmed &&
		    hamming_file_add(s->made, codes.trim[0],
			STARS_OWNER(s->v[i].id, 1), e) < 0)
			return -1;
	}
	return 0;
}

/* ---- a round ----------------------------------------------------------- */

/* A better keeper, of those that stand, for one of loose. */
static bool
wants_standing(const struct star_search *s, const struct star_link *link)
{
	return s->slot[link->better] == STARS_NONE &&
	    s->slot[link->worse] != STARS_NONE && star_wants_nearer(s, link);
}

/* A new keeper for one that stands: instead of it, or nearer. */
static bool
wants_new(const struct star_search *s, const struct star_link *link)
{
	if (s->slot[link->worse] != STARS_NONE ||
	    s->slot[link->better] == STARS_NONE ||
	    s->v[link->worse].keeper == STARS_NONE)
		return false;
	return star_is_keeper(s, link->worse) ? star_is_keeper(s, link->better)
					      : star_wants_nearer(s, link);
}

static bool
any(const struct star_search *s, uint32_t place)
{
	(void)s;
	(void)place;
	return true;
}

static int
meet_standing(struct star_search *s, struct err *e)
{
	if (make_index(s, e) < 0)
		return -1;
	star_expect(s, STARS_LINKS, star_settle, wants_standing);
	if (star_join_standing(s, s->loose, s->n_loose, star_is_keeper, e) < 0)
		return -1;
	return star_settle(s, e);
}

/* New keepers and those that stand. */
static int
take_places(
    struct star_search *s, const uint32_t *keepers, size_t n, struct err *e)
{
	size_t i;

	star_expect(s, STARS_LINKS, star_unseat, wants_new);
	for (i = 0; i < n; i++)
		if (star_extra_worse(s, keepers[i], e) < 0)
			return -1;
	if (star_join_standing(s, keepers, n, any, e) < 0)
		return -1;
	return star_unseat(s, e);
}

/* Members may be nearer to keepers by more than codes. */
static int
meet_extras(struct star_search *s, struct err *e)
{
	size_t i;

	star_expect(s, STARS_LINKS, star_settle, star_wants_nearer);
	for (i = 0; i < s->n_loose; i++)
		if (!star_is_keeper(s, s->loose[i]) &&
		    star_extra_better(s, s->loose[i], e) < 0)
			return -1;
	return star_settle(s, e);
}

/* Those of loose that are such. */
static uint32_t *
pick(const struct star_search *s,
    bool (*is)(const struct star_search *, uint32_t), size_t *ret_n)
{
	uint32_t *v = xreallocarray(NULL, s->n_loose + 1, sizeof(*v));
	size_t i;

	*ret_n = 0;
	for (i = 0; i < s->n_loose; i++)
		if (is(s, s->loose[i]))
			v[(*ret_n)++] = s->loose[i];
	return v;
}

static bool
is_free(const struct star_search *s, uint32_t place)
{
	return s->v[place].keeper == STARS_NONE;
}

static bool
is_found(const struct star_search *s, uint32_t place)
{
	return !is_free(s, place);
}

static int
go_round(struct star_search *s, struct err *e)
{
	uint32_t *found CLEANUP(freep) = NULL;
	uint32_t *unfound CLEANUP(freep) = NULL;
	uint32_t *keepers CLEANUP(freep) = NULL;
	size_t n_found, n_free, n_keepers;
	bool alone = s->n_loose == s->n;

	if (load(s, e) < 0)
		return -1;
	star_extra_init(s);
	if (!alone && meet_standing(s, e) < 0)
		return -1;
	found = pick(s, is_found, &n_found);
	unfound = pick(s, is_free, &n_free);
	if (star_resolve(s, unfound, n_free, e) < 0)
		return -1;
	keepers = pick(s, star_is_keeper, &n_keepers);
	star_expect(s, STARS_LINKS, star_settle, star_wants_nearer);
	if (star_join_keepers(s, found, n_found, keepers, n_keepers, e) < 0 ||
	    star_settle(s, e) < 0 || meet_extras(s, e) < 0)
		return -1;
	if (alone)
		return 0;
	if (take_places(s, keepers, n_keepers, e) < 0)
		return -1;
	return star_let_stand(s, s->loose, s->n_loose, e);
}

int
stars_find(struct stars *in, struct err *e)
{
	struct star_search s CLEANUP(search_release) = { .in = in, .n = in->n };
	struct star_item *v;
	size_t i;
	int round = 0;

	assert(in->n < STARS_NONE && in->turned >= in->duplicate &&
	    in->probable >= in->turned);
	s.v = xreallocarray(NULL, s.n + 1, sizeof(*s.v));
	memcpy(s.v, in->items, s.n * sizeof(*s.v));
	s.slot = xreallocarray(NULL, s.n + 1, sizeof(*s.slot));
	s.late = hamming_file_new();
	gather(&s, round);
	in->alone = s.n_loose == s.n;
	for (; s.n_loose > 0; gather(&s, ++round))
		if (stop_check(e) < 0 || go_round(&s, e) < 0)
			return -1;
	for (i = 0; i < s.n; i++) {
		v = &s.v[i];
		v->changed = v->keeper != in->items[i].keeper ||
		    v->distance != in->items[i].distance ||
		    v->turn != in->items[i].turn;
	}
	memcpy(in->items, s.v, s.n * sizeof(*s.v));
	return 0;
}
