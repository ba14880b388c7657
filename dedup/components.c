/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/components.h"

#include <assert.h>
#include <string.h>

#include "dedup/hamming.h"
#include "dedup/keyed.h"

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

/* ---- near codes --------------------------------------------------------- */

struct near {
	struct components *c;
	const struct component_code *given;
	struct keyed *order;
	hamming_code *codes; /* different ones, in the order given */
	size_t *place;
	size_t n, n_new;
};

static void
near_release(struct near *v)
{
	free(v->order);
	free(v->codes);
	free(v->place);
}

static int
by_code(const void *va, const void *vb, void *ctx)
{
	const struct component_code *given = ctx;
	const struct keyed *a = va, *b = vb;
	int rc = memcmp(given[a->place].bits, given[b->place].bits, PDQ_SIZE);

	return rc != 0 ? rc : (a->place > b->place) - (a->place < b->place);
}

/* Join equal ones; in the place of all but the first is SIZE_MAX then. */
static void
join_equal(struct near *v, size_t n)
{
	size_t i, k, end, first;

	for (i = 0; i < n; i = end) {
		for (end = i + 1;
		     end < n && v->order[end].key == v->order[i].key;)
			end++;
		if (end - i > 1)
			qsort_r(v->order + i, end - i, sizeof(*v->order),
			    by_code, (void *)(uintptr_t)v->given);
		for (k = first = i; ++k < end;) {
			if (memcmp(v->given[v->order[k].place].bits,
				v->given[v->order[first].place].bits,
				PDQ_SIZE) != 0) {
				first = k;
				continue;
			}
			components_join(v->c,
			    v->given[v->order[first].place].place,
			    v->given[v->order[k].place].place);
			v->place[v->order[k].place] = SIZE_MAX;
		}
	}
}

static void
take_different(struct near *v, size_t n, size_t n_new)
{
	size_t i;

	v->order = xreallocarray(NULL, n + 1, sizeof(*v->order));
	v->codes = xreallocarray(NULL, n + 1, sizeof(*v->codes));
	v->place = xreallocarray(NULL, n + 1, sizeof(*v->place));
	for (i = 0; i < n; i++) {
		v->order[i].place = (uint32_t)i;
		memcpy(&v->order[i].key, v->given[i].bits, sizeof(uint64_t));
		v->place[i] = v->given[i].place;
	}
	keyed_sort(v->order, n);
	join_equal(v, n);
	for (i = 0; i < n; i++) {
		if (v->place[i] == SIZE_MAX)
			continue;
		memcpy(v->codes[v->n], v->given[i].bits, PDQ_SIZE);
		v->place[v->n++] = v->place[i];
		v->n_new += i < n_new;
	}
}

static size_t
group_of(void *ctx, size_t place)
{
	const struct near *v = ctx;

	return components_of(v->c, v->place[place]);
}

static int
join_new(void *ctx, size_t a, size_t b, int distance)
{
	const struct near *v = ctx;

	(void)distance;
	components_join(v->c, v->place[a], v->place[b]);
	return 0;
}

static int
join_old(void *ctx, size_t a, size_t b, int distance)
{
	const struct near *v = ctx;

	return join_new(ctx, a, v->n_new + b, distance);
}

int
components_join_near(struct components *c, const struct component_code *codes,
    size_t n, size_t n_new, int max_distance, struct err *e)
{
	struct near v CLEANUP(near_release) = { .c = c, .given = codes };

	assert(n_new <= n && max_distance >= 0);
	take_different(&v, n, n_new);
	if (hamming_self_join_groups(
		v.codes, v.n_new, max_distance, group_of, join_new, &v, e) < 0)
		return -1;
	return hamming_join(v.codes, v.n_new, v.codes + v.n_new, v.n - v.n_new,
	    max_distance, join_old, &v, e);
}
