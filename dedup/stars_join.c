/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which codes are held against which, and what their owners are.
 */
#include <string.h>

#include "dedup/hamming_int.h"
#include "dedup/stars_int.h"

/* Items whose turns are in memory, 33 MB, or 66 if each has a border. */
#define TURNED_AT_ONCE 131072
#define TRIMMED STARS_TURNS /* of a kind of code: a bit beside the turn */

/* Codes and whose they are. */
struct side {
	hamming_code *codes;
	uint32_t *place;
	uint8_t *kind; /* the turn, and TRIMMED */
	size_t n, size;
};

static void
side_release(struct side *s)
{
	free(s->codes);
	free(s->place);
	free(s->kind);
}

static void
side_init(struct side *s, size_t size)
{
	*s = (struct side){ .size = size };
	s->codes = xreallocarray(NULL, size + 1, sizeof(*s->codes));
	s->place = xreallocarray(NULL, size + 1, sizeof(*s->place));
	s->kind = xreallocarray(NULL, size + 1, sizeof(*s->kind));
}

static void
side_add(struct side *s, const hamming_code code, uint32_t place, int kind)
{
	memcpy(s->codes[s->n], code, sizeof(*s->codes));
	s->place[s->n] = place;
	s->kind[s->n++] = (uint8_t)kind;
}

/* The codes of items of loose as they are, in the order given. */
static void
side_of_stored(const struct star_search *s, const uint32_t *places, size_t n,
    struct side *ret)
{
	const struct star_stored *c;
	size_t i;

	side_init(ret, 2 * n);
	for (i = 0; i < n; i++) {
		c = &s->stored[s->slot[places[i]]];
		if (c->has[0])
			side_add(ret, c->code[0], places[i], 0);
		if (c->has[1])
			side_add(ret, c->code[1], places[i], TRIMMED);
	}
}

/* The turned codes of items; of `size` at least 14 times as many. */
static int
side_of_turns(const struct star_search *s, const uint32_t *places, size_t n,
    struct side *ret, struct err *e)
{
	struct star_codes c;
	size_t i;
	int t;

	ret->n = 0;
	for (i = 0; i < n; i++) {
		if (s->in->codes(s->in->ctx, places[i], true, &c, e) < 0)
			return -1;
		for (t = 1; t < c.n_turns; t++) {
			if (c.plain)
				side_add(ret, c.turn[t], places[i], t);
			if (c.trimmed)
				side_add(
				    ret, c.trim[t], places[i], t | TRIMMED);
		}
	}
	return 0;
}

/* ---- pairs ------------------------------------------------------------- */

/* A query of one has met a code of another: is that a link? */
static int
meet(struct star_search *s, uint32_t asking, int asking_kind, uint32_t other,
    int other_kind, int distance)
{
	uint8_t turn = (uint8_t)asking_kind & (TRIMMED - 1);
	bool worse = !star_is_better(&s->v[asking], &s->v[other]);
	struct star_link link = {
		.worse = worse ? asking : other,
		.better = worse ? other : asking,
		.distance = (int16_t)distance,
		.turn = turn,
		.worse_trimmed = (worse ? asking_kind : other_kind) >= TRIMMED,
		.better_trimmed = (worse ? other_kind : asking_kind) >= TRIMMED,
	};

	/* Places are in the order of ids. */
	if (asking == other || (turn != 0 && asking < other))
		return 0;
	return star_link_add(s, &link, s->err);
}

struct both {
	struct star_search *s;
	const struct side *asking, *other;
};

static int
pair(void *ctx, size_t a, size_t b, int distance)
{
	const struct both *both = ctx;

	return meet(both->s, both->asking->place[a], both->asking->kind[a],
	    both->other->place[b], both->other->kind[b], distance);
}

/* What a join returned, or -1 when it was ended by an error. */
static int
failed(const struct star_search *s, int rc)
{
	return s->failed ? -1 : rc;
}

static int
join(struct star_search *s, const struct side *asking, const struct side *other,
    int radius, struct err *e)
{
	struct both both = { s, asking, other };

	return failed(s,
	    hamming_join(asking->codes, asking->n, other->codes, other->n,
		radius, pair, &both, e));
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
by_place(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return (a > b) - (a < b);
}

/* In the order of places, which is that in which codes lie. */
static uint32_t *
in_order(const uint32_t *places, size_t n)
{
	uint32_t *copy = xreallocarray(NULL, n + 1, sizeof(*copy));

	memcpy(copy, places, n * sizeof(*copy));
	if (n > 1)
		qsort(copy, n, sizeof(*copy), by_place);
	return copy;
}

/* How many of its codes are of items before a place; it is in their order. */
static size_t
count_before(const struct side *side, uint32_t place)
{
	size_t low = 0, high = side->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (side->place[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The turns of items against codes, both in the order of places.  As it is
 * the later one that asks, each portion needs the codes before it only.
 */
static int
join_turned(struct star_search *s, const uint32_t *places, size_t n,
    const struct side *other, struct err *e)
{
	struct side turns CLEANUP(side_release) = { 0 };
	struct side before = *other;
	size_t from, count;
	int rc;

	if (other->n == 0)
		return 0;
	side_init(&turns, least(n, TURNED_AT_ONCE) * 2 * (STARS_TURNS - 1));
	for (from = 0; from < n; from += count) {
		count = least(n - from, TURNED_AT_ONCE);
		before.n = count_before(other, places[from + count - 1]);
		if (before.n == 0)
			continue;
		if (side_of_turns(s, places + from, count, &turns, e) < 0)
			return -1;
		rc = join(s, &turns, &before, s->in->turned, e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
star_join_self(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	struct side stored CLEANUP(side_release) = { 0 };
	uint32_t *order CLEANUP(freep) = in_order(places, n);
	struct both both = { s, &stored, &stored };
	int rc;

	side_of_stored(s, order, n, &stored);
	s->err = e;
	rc = hamming_self_join(
	    stored.codes, stored.n, s->in->probable, pair, &both, e);
	return rc != 0 ? rc : join_turned(s, order, n, &stored, e);
}

int
star_join_keepers(struct star_search *s, const uint32_t *places, size_t n,
    const uint32_t *keepers, size_t n_keepers, struct err *e)
{
	struct side own CLEANUP(side_release) = { 0 };
	struct side theirs CLEANUP(side_release) = { 0 };
	uint32_t *order CLEANUP(freep) = in_order(places, n);
	uint32_t *their_order CLEANUP(freep) = in_order(keepers, n_keepers);

	if (n == 0 || n_keepers == 0)
		return 0;
	s->err = e;
	side_of_stored(s, order, n, &own);
	side_of_stored(s, their_order, n_keepers, &theirs);
	if (join(s, &own, &theirs, s->in->probable, e) < 0 ||
	    join_turned(s, order, n, &theirs, e) < 0)
		return -1;
	return join_turned(s, their_order, n_keepers, &own, e);
}

/* ---- what stands ------------------------------------------------------- */

struct owners {
	struct star_search *s;
	const struct side *asking;
};

/* The place of an id, or STARS_NONE. */
static uint32_t
place_of(const struct star_search *s, int64_t id)
{
	size_t low = 0, high = s->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->v[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n && s->v[low].id == id ? (uint32_t)low : STARS_NONE;
}

static int
owner(void *ctx, size_t query, uint64_t owner, int distance)
{
	const struct owners *o = ctx;
	uint32_t place = place_of(o->s, (int64_t)(owner >> 1));

	if (place == STARS_NONE)
		return 0;
	if (o->s->in->met != NULL && o->asking->kind[query] == 0 &&
	    (owner & 1) == 0)
		o->s->in->met(o->s->in->ctx, o->asking->place[query], place);
	if (o->s->slot[place] != STARS_NONE)
		return 0;
	return meet(o->s, o->asking->place[query], o->asking->kind[query],
	    place, owner & 1 ? TRIMMED : 0, distance);
}

static int
join_files(
    struct star_search *s, const struct side *asking, int radius, struct err *e)
{
	const struct hamming_file *files[] = {
		s->in->index != NULL ? s->in->index : s->made, s->late
	};
	struct owners o = { s, asking };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (failed(s,
			hamming_file_join(files[i], asking->codes, asking->n,
			    radius, owner, &o, e)) < 0)
			return -1;
	return 0;
}

static int
join_files_turned(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	struct side turns CLEANUP(side_release) = { 0 };
	size_t from, count;

	side_init(&turns, least(n, TURNED_AT_ONCE) * 2 * (STARS_TURNS - 1));
	for (from = 0; from < n; from += count) {
		count = least(n - from, TURNED_AT_ONCE);
		if (side_of_turns(s, places + from, count, &turns, e) < 0 ||
		    join_files(s, &turns, s->in->turned, e) < 0)
			return -1;
	}
	return 0;
}

int
star_join_standing(struct star_search *s, const uint32_t *places, size_t n,
    bool (*asks)(const struct star_search *, uint32_t place), struct err *e)
{
	struct side own CLEANUP(side_release) = { 0 };
	uint32_t *order CLEANUP(freep) = in_order(places, n);
	uint32_t *later CLEANUP(freep) = NULL;
	size_t n_later = 0;
	uint32_t i;

	if (n == 0)
		return 0;
	s->err = e;
	side_of_stored(s, order, n, &own);
	if (join_files(s, &own, s->in->probable, e) < 0 ||
	    join_files_turned(s, order, n, e) < 0)
		return -1;
	later = xreallocarray(NULL, s->n - order[0], sizeof(*later));
	for (i = order[0] + 1; i < s->n; i++)
		if (s->slot[i] == STARS_NONE && asks(s, i))
			later[n_later++] = i;
	return join_turned(s, later, n_later, &own, e);
}

int
star_let_stand(
    struct star_search *s, const uint32_t *places, size_t n, struct err *e)
{
	const struct star_stored *c;
	size_t i, k;

	for (i = 0; i < n; i++) {
		c = &s->stored[s->slot[places[i]]];
		for (k = 0; k < 2; k++)
			if (c->has[k] &&
			    hamming_file_add(s->late, c->code[k],
				STARS_OWNER(s->v[places[i]].id, k), e) < 0)
				return -1;
	}
	return 0;
}
