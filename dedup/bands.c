/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All near pairs by pieces of codes; components.h says how.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "dedup/components_int.h"
#include "dedup/cross_int.h"

#define BANDS 16
#define BAND_BITS 16
#define KEYS ((size_t)1 << BAND_BITS)
#define HALF ((size_t)1 << BAND_BITS / 2)

/* What a look at two lists costs, counted in compared pairs. */
#define VISIT_COST 13
/* As many pairs are worth a look at what is joined already. */
#define CROWD 65536

struct bands {
	struct components *c;
	struct point *points;
	size_t n;
	int max;
	/* of the band in hand, sorted by its key: */
	uint32_t *order; /* places in points */
	uint64_t *first, *second, *third;
	size_t *start; /* [KEYS + 1] by key */
	struct cross_words words;
	cross_fn *cross;
};

/* By how many bits a band may differ; -1: it need not be looked at. */
static int
reach(int band, int max_distance)
{
	int sum = max_distance - (BANDS - 1);
	int each = sum >= 0 ? sum / BANDS : -((BANDS - 1 - sum) / BANDS);

	return each + (band < sum - each * BANDS);
}

/* How many keys are at most so far from one. */
static double
keys_within(int distance)
{
	double n = 1, sum = 0;
	int i;

	for (i = 0; i <= distance && i <= BAND_BITS; i++) {
		sum += n;
		n = n * (BAND_BITS - i) / (i + 1);
	}
	return sum;
}

double
bands_cost(size_t n, int max_distance)
{
	double pairs = (double)n * (double)n / (double)KEYS;
	double keys = 0;
	int band;

	for (band = 0; band < BANDS; band++)
		keys += keys_within(reach(band, max_distance));
	return keys / 2 * (pairs + VISIT_COST * (double)KEYS);
}

static int
by_code(const void *va, const void *vb)
{
	const struct point *a = va, *b = vb;
	int rc = memcmp(a->word, b->word, sizeof(a->word));

	return rc != 0 ? rc : (a->place > b->place) - (a->place < b->place);
}

/* Of equal codes one is enough. */
static void
drop_equals(struct bands *b)
{
	size_t i, kept = 0;

	qsort(b->points, b->n, sizeof(*b->points), by_code);
	for (i = 0; i < b->n; i++) {
		if (kept > 0 &&
		    memcmp(b->points[kept - 1].word, b->points[i].word,
			sizeof(b->points[i].word)) == 0)
			components_join(b->c, b->points[kept - 1].place,
			    b->points[i].place);
		else
			b->points[kept++] = b->points[i];
	}
	b->n = kept;
}

static size_t
key_of(const struct point *p, int band)
{
	return p->word[band / 4] >> band % 4 * BAND_BITS & (KEYS - 1);
}

/* By counting; the words are those that the band is not in. */
static void
sort_by_band(struct bands *b, int band)
{
	size_t word = (size_t)band / 4, i, at;
	const struct point *p;

	memset(b->start, 0, (KEYS + 2) * sizeof(*b->start));
	for (i = 0; i < b->n; i++)
		b->start[key_of(&b->points[i], band) + 2]++;
	for (i = 0; i < KEYS; i++)
		b->start[i + 2] += b->start[i + 1];
	for (i = 0; i < b->n; i++) {
		p = &b->points[i];
		at = b->start[key_of(p, band) + 1]++;
		b->order[at] = (uint32_t)i;
		b->first[at] = p->word[(word + 1) % NEAR_WORDS];
		b->second[at] = p->word[(word + 2) % NEAR_WORDS];
		b->third[at] = p->word[(word + 3) % NEAR_WORDS];
	}
}

/* With the third word in hand as well, few pairs are left to be fetched. */
static void
hit(void *ctx, size_t x, size_t y)
{
	struct bands *b = ctx;
	const struct point *p, *q;

	if (__builtin_popcountll(b->first[x] ^ b->first[y]) +
		__builtin_popcountll(b->second[x] ^ b->second[y]) +
		__builtin_popcountll(b->third[x] ^ b->third[y]) >
	    b->max)
		return;
	p = &b->points[b->order[x]];
	q = &b->points[b->order[y]];
	if (cross_distance(p->word, q->word) <= b->max)
		components_join(b->c, p->place, q->place);
}

/* ---- crowds ------------------------------------------------------------ */

struct entry {
	size_t component;
	uint64_t first, second, third;
	uint32_t order;
};

static int
by_component(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	return (a->component > b->component) - (a->component < b->component);
}

static size_t
component_at(struct bands *b, size_t at)
{
	return components_of(b->c, b->points[b->order[at]].place);
}

/* Those that are joined come to stand side by side. */
static void
sort_by_component(struct bands *b, size_t from, size_t to)
{
	struct entry *v CLEANUP(freep) =
	    xreallocarray(NULL, to - from + 1, sizeof(*v));
	size_t i;

	for (i = from; i < to; i++)
		v[i - from] = (struct entry){ .component = component_at(b, i),
			.first = b->first[i],
			.second = b->second[i],
			.third = b->third[i],
			.order = b->order[i] };
	qsort(v, to - from, sizeof(*v), by_component);
	for (i = from; i < to; i++) {
		b->order[i] = v[i - from].order;
		b->first[i] = v[i - from].first;
		b->second[i] = v[i - from].second;
		b->third[i] = v[i - from].third;
	}
}

/* The end of what is joined with the one at `from`, or that stands alone. */
static size_t
run_end(struct bands *b, size_t from, size_t to)
{
	size_t component = component_at(b, from), i = from + 1;

	while (i < to && component_at(b, i) == component)
		i++;
	return i;
}

/* Are most of them joined with others? */
static bool
hangs_together(struct bands *b, size_t from, size_t to)
{
	size_t i, runs = 0;

	for (i = from; i < to; i = run_end(b, i, to))
		runs++;
	return runs < (to - from) / 4;
}

/*
 * Two long lists: pairs that are joined already need no look.  Else the
 * thousand copies of one picture would be held against each other in each
 * band.
 */
static void
cross_crowds(struct bands *b, size_t x, size_t x_end, size_t y, size_t y_end)
{
	size_t x_next, y_next, k;

	sort_by_component(b, x, x_end);
	if (x != y)
		sort_by_component(b, y, y_end);
	if (!hangs_together(b, x, x_end) || !hangs_together(b, y, y_end)) {
		b->cross(&b->words, x, x_end, y, y_end);
		return;
	}
	for (; x < x_end; x = x_next) {
		x_next = run_end(b, x, x_end);
		for (k = y; k < y_end; k = y_next) {
			y_next = run_end(b, k, y_end);
			if (component_at(b, k) != component_at(b, x))
				b->cross(&b->words, x, x_next, k, y_next);
		}
	}
}

/* ------------------------------------------------------------------------ */

static void
cross_keys(struct bands *b, size_t x, size_t y)
{
	const size_t *s = b->start;
	size_t pairs = (s[x + 1] - s[x]) * (s[y + 1] - s[y]);

	if (pairs == 0)
		return;
	if (pairs >= CROWD)
		cross_crowds(b, s[x], s[x + 1], s[y], s[y + 1]);
	else
		b->cross(&b->words, s[x], s[x + 1], s[y], s[y + 1]);
}

/*
 * All keys of an upper half with those that differ by such a mask: the lists
 * of two halves fit into the cache.
 */
static void
join_half(struct bands *b, size_t upper, size_t upper_mask, int distance)
{
	size_t lower_mask, key, mask, top, lower;

	for (lower_mask = 0; lower_mask < HALF; lower_mask++) {
		mask = upper_mask * HALF + lower_mask;
		if (__builtin_popcountll(mask) > distance)
			continue;
		for (top = 1; top * 2 <= mask; top *= 2)
			;
		for (lower = 0; lower < HALF; lower++) {
			key = upper * HALF + lower;
			if (mask == 0 || (key & top) == 0)
				cross_keys(b, key, key ^ mask);
		}
	}
}

/* Each key with those that are at most so far from it. */
static int
join_band(struct bands *b, int distance, struct err *e)
{
	size_t mask, upper;

	for (mask = 0; mask < KEYS / HALF; mask++) {
		if (__builtin_popcountll(mask) > distance)
			continue;
		for (upper = 0; upper < KEYS / HALF; upper++)
			join_half(b, upper, mask, distance);
		if (stop_check(e) < 0)
			return -1;
	}
	return 0;
}

int
bands_join(struct components *c, struct point *points, size_t n,
    int max_distance, struct err *e)
{
	struct bands b = {
		.c = c, .points = points, .n = n, .max = max_distance
	};
	uint32_t *order CLEANUP(freep) = xcalloc(n + 1, sizeof(*order));
	uint64_t *words CLEANUP(freep) =
	    xcalloc(3 * (n + CROSS_PAD), sizeof(*words));
	size_t *start CLEANUP(freep) = xcalloc(KEYS + 2, sizeof(*start));
	int band;

	drop_equals(&b);
	b.order = order;
	b.first = words;
	b.second = words + n + CROSS_PAD;
	b.third = b.second + n + CROSS_PAD;
	b.start = start;
	b.cross = cross_best(2);
	b.words = (struct cross_words){ .word = { b.first, b.second },
		.max = &b.max,
		.hit = hit,
		.ctx = &b };
	for (band = 0; band < BANDS; band++) {
		if (reach(band, max_distance) < 0)
			continue;
		sort_by_band(&b, band);
		if (join_band(&b, reach(band, max_distance), e) < 0)
			return -1;
	}
	return 0;
}
