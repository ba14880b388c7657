/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From images to stars (stars.h): which codes they have, which pairs of them
 * go together, and which of what is known has to be found again.
 */
#include <string.h>

#include "dedup/dedup_int.h"
#include "dedup/keyed.h"
#include "dedup/stars.h"
#include "dedup/verify.h"

#define CACHE 64 /* looks; the pairs of one image come one after the other */

struct cached {
	size_t place;
	int state; /* of look(); 2: empty */
	struct look look;
};

struct search {
	struct grouping *g;
	int64_t *rank;
	struct star_item *items;
	struct cached *cache;
};

static void
search_release(struct search *s)
{
	free(s->rank);
	free(s->items);
	free(s->cache);
}

/* ---- members ------------------------------------------------------------ */

size_t
group_place(const struct grouping *g, int64_t id)
{
	size_t low = 0, high = g->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (g->v[middle].code.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->n && g->v[low].code.id == id ? low : g->n;
}

size_t
group_place_near(const struct grouping *g, int64_t id, size_t own)
{
	return g->v[own].code.id == id ? own : group_place(g, id);
}

static int
by_ids(const void *va, const void *vb)
{
	const struct said *a = va, *b = vb;

	if (a->low != b->low)
		return a->low > b->low ? 1 : -1;
	return (a->high > b->high) - (a->high < b->high);
}

const struct said *
group_said(const struct grouping *g, int64_t a, int64_t b)
{
	struct said key = { a < b ? a : b, a < b ? b : a, false };

	return g->n_said == 0
	    ? NULL
	    : bsearch(&key, g->said, g->n_said, sizeof(key), by_ids);
}

static bool
are_apart(const struct grouping *g, size_t a, size_t b)
{
	const struct said *said =
	    group_said(g, g->v[a].code.id, g->v[b].code.id);

	return said != NULL && !said->same;
}

/* ---- what the pictures look like ---------------------------------------- */

/* 1 with the look, 0 when there is none, or -1. */
static int
look_at(struct search *s, size_t place, const struct look **ret, struct err *e)
{
	struct cached *c = &s->cache[place % CACHE];

	if (c->state == 2 || c->place != place) {
		c->state = s->g->look(s->g->ctx, place, &c->look, e);
		c->place = place;
		if (c->state < 0) {
			c->state = 2;
			return -1;
		}
	}
	*ret = &c->look;
	return c->state;
}

static int
give_codes(
    void *ctx, size_t place, bool turns, struct star_codes *ret, struct err *e)
{
	struct search *s = ctx;
	const struct dedup_opts *opts = s->g->opts;
	const struct sample_code *c = &s->g->v[place].code;
	const struct look *look;
	int rc;

	ret->plain = has_plain(opts, c);
	ret->trimmed = has_trim(opts, c);
	ret->n_turns = 1;
	memcpy(ret->turn[0], c->pdq, sizeof(ret->turn[0]));
	memcpy(ret->trim[0], c->trim_pdq, sizeof(ret->trim[0]));
	if (!turns || (!ret->plain && !ret->trimmed))
		return 0;
	rc = look_at(s, place, &look, e);
	if (rc <= 0)
		return rc;
	ret->n_turns = STARS_TURNS;
	ret->trimmed = ret->trimmed && look->trimmed;
	memcpy(ret->turn + 1, look->whole.turned, sizeof(look->whole.turned));
	memcpy(ret->trim + 1, look->trim.turned, sizeof(look->trim.turned));
	return 0;
}

/* Is the one, turned, the other?  1, 0 or -1. */
static int
is_like(struct search *s, size_t asks, bool asks_trim, size_t other,
    bool other_trim, int turn, struct err *e)
{
	uint8_t gray[VERIFY_SIDE * VERIFY_SIDE];
	const struct look *look;
	int rc = look_at(s, asks, &look, e);

	if (rc <= 0)
		return rc;
	/* The other's look may take its place. */
	memcpy(
	    gray, asks_trim ? look->trim.gray : look->whole.gray, sizeof(gray));
	rc = look_at(s, other, &look, e);
	if (rc <= 0)
		return rc;
	return verify_likeness(gray,
		   other_trim ? look->trim.gray : look->whole.gray,
		   turn) >= s->g->opts->similar;
}

static int
judge(void *ctx, const struct star_pair *p, struct err *e)
{
	struct search *s = ctx;
	const struct member *v = s->g->v;
	const struct said *said =
	    group_said(s->g, v[p->item].code.id, v[p->keeper].code.id);

	if (said != NULL)
		return said->same;
	if (p->distance <= s->g->opts->duplicate)
		return 1;
	/* It is the later one that is turned. */
	return p->item > p->keeper ? is_like(s, p->item, p->trimmed, p->keeper,
					 p->keeper_trimmed, p->turn, e)
				   : is_like(s, p->keeper, p->keeper_trimmed,
					 p->item, p->trimmed, p->turn, e);
}

/* ---- what is to be found ------------------------------------------------ */

static int
by_digest(const void *va, const void *vb, void *ctx)
{
	const struct member *v = ctx;
	const struct keyed *a = va, *b = vb;

	return memcmp(v[a->place].code.pixel_digest,
	    v[b->place].code.pixel_digest, XXH3_SIZE);
}

/* Equal pixels get equal numbers, from 1 on. */
static void
number_pixels(struct grouping *g)
{
	struct keyed *v CLEANUP(freep) =
	    xreallocarray(NULL, g->n + 1, sizeof(*v));
	size_t i, k, end;
	uint64_t number = 0;

	for (i = 0; i < g->n; i++) {
		v[i].place = (uint32_t)i;
		memcpy(&v[i].key, g->v[i].code.pixel_digest, sizeof(v[i].key));
	}
	if (g->n > 0)
		keyed_sort(v, g->n);
	for (i = 0; i < g->n; i = end) {
		for (end = i + 1; end < g->n && v[end].key == v[i].key;)
			end++;
		if (end - i > 1)
			qsort_r(v + i, end - i, sizeof(*v), by_digest, g->v);
		for (k = i; k < end; k++) {
			number +=
			    k == i || by_digest(&v[k - 1], &v[k], g->v) != 0;
			g->v[v[k].place].pixels = number;
		}
	}
}

/* The turn as stars.h counts it: of whoever comes later. */
static int
turn_of_later(size_t place, size_t keeper, int turn)
{
	return place > keeper ? turn : pdq_turn_back(turn);
}

/* What the catalog says, if it can be so. */
static void
take_known(struct search *s, size_t i)
{
	const struct grouping *g = s->g;
	const struct sample_code *c = &g->v[i].code;
	struct star_item *item = &s->items[i];
	size_t keeper;

	if (g->anew || c->keeper_id == 0 || c->component_id == 0)
		return;
	keeper = group_place_near(g, c->keeper_id, i);
	if (keeper == g->n || g->v[keeper].code.keeper_id != c->keeper_id ||
	    g->v[keeper].code.component_id == 0)
		return;
	if (keeper != i && are_apart(g, i, keeper))
		return;
	item->keeper = (uint32_t)keeper;
	item->distance = (int16_t)c->distance;
	item->turn = (uint8_t)turn_of_later(i, keeper, c->turn);
}

/* A copy that is better than its keeper, since somebody decided: both again. */
static void
doubt_ranks(struct search *s)
{
	size_t i, keeper;

	for (i = 0; i < s->g->n; i++) {
		keeper = s->items[i].keeper;
		if (keeper == STARS_NONE || s->rank[i] <= s->rank[keeper])
			continue;
		s->items[i].keeper = STARS_NONE;
		s->items[keeper].keeper = STARS_NONE;
	}
}

static void
set_up(struct search *s)
{
	const struct grouping *g = s->g;
	size_t i;

	s->rank = xreallocarray(NULL, g->n + 1, sizeof(*s->rank));
	s->items = xcalloc(g->n + 1, sizeof(*s->items));
	s->cache = xreallocarray(NULL, CACHE, sizeof(*s->cache));
	for (i = 0; i < CACHE; i++)
		s->cache[i].state = 2;
	rank_members(g->opts, g->v, g->n, s->rank);
	number_pixels(s->g);
	for (i = 0; i < g->n; i++)
		s->items[i] = (struct star_item){ .id = g->v[i].code.id,
			.rank = s->rank[i],
			.pixels = g->v[i].pixels,
			.keeper = STARS_NONE };
	for (i = 0; i < g->n; i++)
		take_known(s, i);
	doubt_ranks(s);
	for (i = 0; i < g->n; i++)
		s->g->looked_at += s->items[i].keeper == STARS_NONE;
}

/* ---- what was found ----------------------------------------------------- */

static const char *
match_of(const struct search *s, size_t i, size_t keeper)
{
	const struct grouping *g = s->g;
	const struct said *said;

	if (s->items[i].pixels == s->items[keeper].pixels)
		return "pixels";
	if (s->items[i].distance <= g->opts->duplicate)
		return "near";
	said = group_said(g, g->v[i].code.id, g->v[keeper].code.id);
	return said != NULL ? "person" : "verified";
}

static void
take_found(struct search *s)
{
	struct member *m;
	const struct star_item *item;
	size_t i;

	for (i = 0; i < s->g->n; i++) {
		m = &s->g->v[i];
		item = &s->items[i];
		m->keeper = s->g->v[item->keeper].code.id;
		m->match = NULL;
		m->turn = 0;
		m->distance = item->distance;
		if (item->keeper == i)
			continue;
		m->match = match_of(s, i, item->keeper);
		m->turn = turn_of_later(i, item->keeper, item->turn);
	}
}

static struct star_same *
same_pairs(const struct grouping *g, size_t *ret_n)
{
	struct star_same *v = xreallocarray(NULL, g->n_said + 1, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < g->n_said; i++) {
		if (!g->said[i].same)
			continue;
		v[n].a = group_place(g, g->said[i].low);
		v[n].b = group_place(g, g->said[i].high);
		n += v[n].a < g->n && v[n].b < g->n;
	}
	*ret_n = n;
	return v;
}

static void
note_alike(void *ctx, size_t a, size_t b)
{
	struct search *s = ctx;

	components_join(s->g->alike, a, b);
}

int
group_find(struct grouping *g, struct err *e)
{
	struct search s CLEANUP(search_release) = { .g = g };
	struct stars stars = { .n = g->n,
		.duplicate = (int)g->opts->duplicate,
		.turned = turned_most(g->opts),
		.probable = probable_most(g->opts),
		.codes = give_codes,
		.verify = judge,
		.met = g->alike != NULL ? note_alike : NULL,
		.ctx = &s };
	struct star_same *same CLEANUP(freep) = same_pairs(g, &stars.n_same);

	stars.same = same;
	set_up(&s);
	stars.items = s.items;
	stars.index = g->index;
	if (stars_find(&stars, e) < 0)
		return -1;
	g->alike_met = g->index != NULL && !stars.alone;
	take_found(&s);
	return 0;
}
