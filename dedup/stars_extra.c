/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links that are not of codes: equal pixels, and what people said.
 */
#include <string.h>

#include "dedup/hamming_int.h"
#include "dedup/stars_int.h"

#define FILTER_BITS 23 /* of a hash: 1 MiB */

static int
by_pixels(const void *va, const void *vb)
{
	const struct star_twin *a = va, *b = vb;

	if (a->pixels != b->pixels)
		return a->pixels < b->pixels ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static size_t
hash(uint64_t pixels)
{
	return (size_t)(pixels * 0x9e3779b97f4a7c15 >> (64 - FILTER_BITS));
}

/* The first entry of such pixels; n_twins when there is none. */
static size_t
run_of(const struct star_search *s, uint64_t pixels)
{
	size_t low = 0, high = s->n_twins, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->twins[middle].pixels < pixels)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n_twins && s->twins[low].pixels == pixels ? low
								  : s->n_twins;
}

/* Those whose pixels may be among those of loose. */
static void
collect(struct star_search *s)
{
	uint8_t *filter CLEANUP(freep) =
	    xcalloc((size_t)1 << (FILTER_BITS - 3), 1);
	size_t i, h, round, n = 0;

	for (i = 0; i < s->n_loose; i++) {
		h = hash(s->v[s->loose[i]].pixels);
		filter[h / 8] |= (uint8_t)(1 << h % 8);
	}
	for (round = 0; round < 2; round++) {
		if (round == 1)
			s->twins =
			    xreallocarray(s->twins, n + 1, sizeof(*s->twins));
		for (i = n = 0; i < s->n; i++) {
			h = hash(s->v[i].pixels);
			if (s->v[i].pixels == 0 ||
			    (filter[h / 8] >> h % 8 & 1) == 0)
				continue;
			if (round == 1)
				s->twins[n] = (struct star_twin){
					.pixels = s->v[i].pixels,
					.place = (uint32_t)i,
					.head = STARS_NONE,
					.next = STARS_NONE,
				};
			n++;
		}
	}
	s->n_twins = n;
}

static int
by_first(const void *va, const void *vb)
{
	const struct star_same *a = va, *b = vb;

	return a->a != b->a ? (a->a > b->a) - (a->a < b->a)
			    : (a->b > b->b) - (a->b < b->b);
}

static void
copy_same(struct star_search *s)
{
	const struct star_same *p = s->in->same;
	size_t i;

	s->same =
	    xreallocarray(s->same, 2 * s->in->n_same + 1, sizeof(*s->same));
	for (i = 0; i < s->in->n_same; i++) {
		s->same[2 * i] = p[i];
		s->same[2 * i + 1] = (struct star_same){ p[i].b, p[i].a };
	}
	s->n_same = 2 * s->in->n_same;
	if (s->n_same > 1)
		qsort(s->same, s->n_same, sizeof(*s->same), by_first);
}

void
star_extra_init(struct star_search *s)
{
	size_t i;

	collect(s);
	if (s->n_twins > 1)
		qsort(s->twins, s->n_twins, sizeof(*s->twins), by_pixels);
	for (i = 0; i < s->n_twins; i++)
		if (star_is_keeper(s, s->twins[i].place))
			star_extra_keeper(s, s->twins[i].place);
	if (s->same == NULL)
		copy_same(s);
}

void
star_extra_keeper(struct star_search *s, uint32_t place)
{
	struct star_twin key = { .pixels = s->v[place].pixels, .place = place };
	struct star_twin *own = NULL;
	size_t run;

	if (s->n_twins > 0)
		own =
		    bsearch(&key, s->twins, s->n_twins, sizeof(key), by_pixels);
	if (own == NULL)
		return;
	run = run_of(s, key.pixels);
	own->next = s->twins[run].head;
	s->twins[run].head = (uint32_t)(own - s->twins);
}

static int
link_pixels(
    struct star_search *s, uint32_t worse, uint32_t better, struct err *e)
{
	struct star_link link = { .worse = worse, .better = better };

	return star_is_better(&s->v[better], &s->v[worse])
	    ? star_link_add(s, &link, e)
	    : 0;
}

/* The first pair of a place. */
static size_t
first_same(const struct star_search *s, uint32_t place)
{
	size_t low = 0, high = s->n_same, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->same[middle].a < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The plain code of an item: 1, 0 when there is none, or -1. */
static int
plain_code(
    struct star_search *s, uint32_t place, hamming_code ret, struct err *e)
{
	const struct star_stored *stored;
	struct star_codes codes;

	if (s->slot[place] != STARS_NONE) {
		stored = &s->stored[s->slot[place]];
		memcpy(ret, stored->code[0], sizeof(hamming_code));
		return stored->has[0];
	}
	if (s->in->codes(s->in->ctx, place, false, &codes, e) < 0)
		return -1;
	memcpy(ret, codes.turn[0], sizeof(hamming_code));
	return codes.plain;
}

/* A link by what people said. */
static int
link_same(struct star_search *s, uint32_t worse, uint32_t better, struct err *e)
{
	struct star_link link = { .worse = worse, .better = better };
	hamming_code a, b;
	int has_a, has_b;

	if (!star_is_better(&s->v[better], &s->v[worse]))
		return 0;
	has_a = plain_code(s, worse, a, e);
	has_b = has_a < 0 ? -1 : plain_code(s, better, b, e);
	if (has_b < 0)
		return -1;
	link.distance =
	    has_a && has_b ? (int16_t)hamming_distance(a, b) : PDQ_BITS;
	return star_link_add(s, &link, e);
}

int
star_extra_better(struct star_search *s, uint32_t place, struct err *e)
{
	size_t run = run_of(s, s->v[place].pixels), i;
	uint32_t at = run < s->n_twins ? s->twins[run].head : STARS_NONE;

	for (; at != STARS_NONE; at = s->twins[at].next)
		if (link_pixels(s, place, s->twins[at].place, e) < 0)
			return -1;
	for (i = first_same(s, place); i < s->n_same && s->same[i].a == place;
	     i++)
		if (link_same(s, place, (uint32_t)s->same[i].b, e) < 0)
			return -1;
	return 0;
}

int
star_extra_worse(struct star_search *s, uint32_t place, struct err *e)
{
	uint64_t pixels = s->v[place].pixels;
	size_t i;

	for (i = run_of(s, pixels);
	     i < s->n_twins && s->twins[i].pixels == pixels; i++)
		if (link_pixels(s, s->twins[i].place, place, e) < 0)
			return -1;
	for (i = first_same(s, place); i < s->n_same && s->same[i].a == place;
	     i++)
		if (link_same(s, (uint32_t)s->same[i].b, place, e) < 0)
			return -1;
	return 0;
}
