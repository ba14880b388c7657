/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which codes are held against which, and what their owners are.
 */
#include <string.h>

#include "dedup/hamming_int.h"
#include "dedup/stars_int.h"

#define TURNED_AT_ONCE 262144 /* items whose turns are in memory: 59 MB */

/* Codes and whose they are. */
struct side {
	hamming_code *codes;
	uint32_t *place;
	uint8_t *kind; /* 0..7, or STARS_TRIMMED */
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

/* The plain codes of items of loose, and the trimmed ones. */
static void
side_of_stored(const struct star_search *s, const uint32_t *places, size_t n,
    bool trimmed, struct side *ret)
{
	const struct star_stored *c;
	size_t i;

	side_init(ret, 2 * n);
	for (i = 0; i < n; i++) {
		c = &s->stored[s->slot[places[i]]];
		if (c->has[0])
			side_add(ret, c->code[0], places[i], 0);
		if (trimmed && c->has[1])
			side_add(ret, c->code[1], places[i], STARS_TRIMMED);
	}
}

/* The turned codes of items; of `size` at least 7 times as many. */
static int
side_of_turns(const struct star_search *s, const uint32_t *places, size_t n,
    struct side *ret, struct err *e)
{
	struct star_codes codes;
	size_t i;
	int t;

	ret->n = 0;
	for (i = 0; i < n; i++) {
		if (s->in->codes(s->in->ctx, places[i], true, &codes, e) < 0)
			return -1;
		for (t = 1; codes.plain && t < codes.n_turns; t++)
			side_add(ret, codes.turn[t], places[i], t);
	}
	return 0;
}

/* ---- pairs ------------------------------------------------------------- */

/* A query of one has met a code of another: is that a link? */
static int
meet(struct star_search *s, uint32_t asking, int asking_kind, uint32_t other,
    int other_kind, int distance)
{
	bool turned = asking_kind != 0 && asking_kind != STARS_TRIMMED;
	bool worse = !star_is_better(&s->v[asking], &s->v[other]);
	struct star_link link = {
		.worse = worse ? asking : other,
		.better = worse ? other : asking,
		.distance = (int16_t)distance,
		.turn = turned ? (uint8_t)asking_kind : 0,
		.worse_trimmed =
		    (worse ? asking_kind : other_kind) == STARS_TRIMMED,
		.better_trimmed =
		    (worse ? other_kind : asking_kind) == STARS_TRIMMED,
	};

	/* Places are in the order of ids. */
	if (asking == other || (turned && (asking < other || other_kind != 0)))
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

/* The turns of items against plain codes. */
static int
join_turned(struct star_search *s, const uint32_t *places, size_t n,
    const struct side *other, struct err *e)
{
	struct hamming_sorted sorted CLEANUP(hamming_sorted_release) = { 0 };
	struct side turns CLEANUP(side_release) = { 0 };
	uint32_t *order CLEANUP(freep) = in_order(places, n);
	struct both both = { s, &turns, other };
	size_t from, count;
	int rc;

	if (other->n == 0)
		return 0;
	side_init(&turns, least(n, TURNED_AT_ONCE) * (STARS_TURNS - 1));
	if (n > TURNED_AT_ONCE)
		hamming_sort(&sorted, other->codes, other->n);
	for (from = 0; from < n; from += count) {
		count = least(n - from, TURNED_AT_ONCE);
		if (side_of_turns(s, order + from, count, &turns, e) < 0)
			return -1;
		rc = n > TURNED_AT_ONCE
		    ? failed(s,
			  hamming_join_sorted(turns.codes, turns.n, &sorted,
			      s->in->duplicate, pair, &both, e))
		    : join(s, &turns, other, s->in->duplicate, e);
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
	struct side plain CLEANUP(side_release) = { 0 };
	struct both both = { s, &stored, &stored };
	int rc;

	side_of_stored(s, places, n, true, &stored);
	s->err = e;
	rc = hamming_self_join(
	    stored.codes, stored.n, s->in->probable, pair, &both, e);
	if (rc != 0)
		return rc;
	side_of_stored(s, places, n, false, &plain);
	return join_turned(s, places, n, &plain, e);
}

int
star_join_keepers(struct star_search *s, const uint32_t *places, size_t n,
    const uint32_t *keepers, size_t n_keepers, struct err *e)
{
	struct side own CLEANUP(side_release) = { 0 };
	struct side theirs CLEANUP(side_release) = { 0 };
	struct side plain CLEANUP(side_release) = { 0 };
	struct side their_plain CLEANUP(side_release) = { 0 };

	if (n == 0 || n_keepers == 0)
		return 0;
	s->err = e;
	side_of_stored(s, places, n, true, &own);
	side_of_stored(s, keepers, n_keepers, true, &theirs);
	if (join(s, &own, &theirs, s->in->probable, e) < 0)
		return -1;
	side_of_stored(s, places, n, false, &plain);
	side_of_stored(s, keepers, n_keepers, false, &their_plain);
	if (join_turned(s, places, n, &their_plain, e) < 0)
		return -1;
	return join_turned(s, keepers, n_keepers, &plain, e);
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

	if (place == STARS_NONE || o->s->slot[place] != STARS_NONE)
		return 0;
	return meet(o->s, o->asking->place[query], o->asking->kind[query],
	    place, owner & 1 ? STARS_TRIMMED : 0, distance);
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

	side_init(&turns, least(n, TURNED_AT_ONCE) * (STARS_TURNS - 1));
	for (from = 0; from < n; from += count) {
		count = least(n - from, TURNED_AT_ONCE);
		if (side_of_turns(s, places + from, count, &turns, e) < 0 ||
		    join_files(s, &turns, s->in->duplicate, e) < 0)
			return -1;
	}
	return 0;
}

int
star_join_standing(struct star_search *s, const uint32_t *places, size_t n,
    bool (*asks)(const struct star_search *, uint32_t place), struct err *e)
{
	struct side own CLEANUP(side_release) = { 0 };
	struct side plain CLEANUP(side_release) = { 0 };
	uint32_t *order CLEANUP(freep) = in_order(places, n);
	uint32_t *later CLEANUP(freep) = NULL;
	size_t n_later = 0;
	uint32_t i;

	if (n == 0)
		return 0;
	s->err = e;
	side_of_stored(s, places, n, true, &own);
	if (join_files(s, &own, s->in->probable, e) < 0 ||
	    join_files_turned(s, order, n, e) < 0)
		return -1;
	later = xreallocarray(NULL, s->n - order[0], sizeof(*later));
	for (i = order[0] + 1; i < s->n; i++)
		if (s->slot[i] == STARS_NONE && asks(s, i))
			later[n_later++] = i;
	side_of_stored(s, places, n, false, &plain);
	return join_turned(s, later, n_later, &plain, e);
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
