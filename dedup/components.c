/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/components.h"

#include <assert.h>
#include <string.h>

#include "dedup/components_int.h"
#include "dedup/cross_int.h"

struct components {
	size_t n;
	uint32_t parent[]; /* never above the place itself */
};

struct components *
components_new(size_t n)
{
	struct components *c;
	size_t i;

	assert(n <= COMPONENTS_MAX);
	c = xmalloc(sizeof(*c) + n * sizeof(c->parent[0]));
	c->n = n;
	for (i = 0; i < n; i++)
		c->parent[i] = (uint32_t)i;
	return c;
}

void
components_free(struct components *c)
{
	free(c);
}

size_t
components_of(struct components *c, size_t place)
{
	uint32_t *parent = c->parent;

	assert(place < c->n);
	while (parent[place] != place) {
		parent[place] = parent[parent[place]];
		place = parent[place];
	}
	return place;
}

void
components_join(struct components *c, size_t a, size_t b)
{
	a = components_of(c, a);
	b = components_of(c, b);
	if (a < b)
		c->parent[b] = (uint32_t)a;
	else
		c->parent[a] = (uint32_t)b;
}

/* ---- all with all ------------------------------------------------------ */

struct plain {
	struct components *c;
	const struct point *points;
	int max;
};

static void
join_hit(void *ctx, size_t a, size_t b)
{
	struct plain *p = ctx;
	const struct point *x = &p->points[a], *y = &p->points[b];

	if (cross_distance(x->word, y->word) <= p->max)
		components_join(p->c, x->place, y->place);
}

int
plain_join(struct components *c, const struct point *points, size_t n,
    size_t n_new, int max_distance, struct err *e)
{
	struct plain p = { c, points, max_distance };
	uint64_t *words CLEANUP(freep) =
	    xcalloc(2 * (n + CROSS_PAD), sizeof(*words));
	uint64_t *second = words + n + CROSS_PAD;
	struct cross_words w = { .word = { words, second },
		.max = &p.max,
		.hit = join_hit,
		.ctx = &p };
	size_t i;

	for (i = 0; i < n; i++) {
		words[i] = points[i].word[0];
		second[i] = points[i].word[2];
	}
	return cross_long(cross_best(2), &w, 0, n_new, 0, n, e);
}

int
components_join_near(struct components *c, const struct component_code *codes,
    size_t n, size_t n_new, int max_distance, struct err *e)
{
	struct point *points CLEANUP(freep) = NULL;
	double pairs = (double)n_new * ((double)n - (double)n_new / 2);
	size_t i;

	assert(n_new <= n && max_distance >= 0);
	points = xreallocarray(NULL, n + 1, sizeof(*points));
	for (i = 0; i < n; i++) {
		memcpy(points[i].word, codes[i].bits, PDQ_SIZE);
		points[i].place = (uint32_t)codes[i].place;
	}
	return pairs <= bands_cost(n, max_distance)
	    ? plain_join(c, points, n, n_new, max_distance, e)
	    : bands_join(c, points, n, max_distance, e);
}
