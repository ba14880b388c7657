/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/near.h"

#include <assert.h>
#include <string.h>

#include "dedup/near_int.h"

struct near_index {
	int min_quality;
	size_t n, size, cap;       /* codes: held, room for, at most */
	struct near_half *half[2]; /* [size / NEAR_BLOCK] each */
	int64_t *id, *rank;
	const struct near_scan *scan;
};

/* A walk over the codes that are near a query. */
struct walk {
	const struct near_index *ix;
	uint64_t query[NEAR_WORDS];
	int64_t self; /* the id that is passed over */
	int max;      /* may be lowered on the way */
	size_t next;  /* position, counted over all blocks */
	size_t measured;
	int distance[NEAR_BLOCK]; /* of the block `measured` */
};

#define NONE SIZE_MAX

struct near_index *
near_new(int min_quality, size_t cap)
{
	struct near_index *ix = xcalloc(1, sizeof(*ix));

	ix->min_quality = min_quality;
	ix->cap = cap;
	ix->scan = near_scan_best();
	return ix;
}

void
near_free(struct near_index *ix)
{
	if (ix == NULL)
		return;
	free(ix->half[0]);
	free(ix->half[1]);
	free(ix->id);
	free(ix->rank);
	free(ix);
}

size_t
near_count(const struct near_index *ix)
{
	return ix->n;
}

static bool
too_flat(const struct near_index *ix, const struct near_code *code)
{
	return code->quality < ix->min_quality;
}

/* Room for twice as many, in whole blocks; the new ones zeroed. */
static void
grow(struct near_index *ix)
{
	size_t old = ix->size / NEAR_BLOCK, n = old == 0 ? 1 : 2 * old, i;

	for (i = 0; i < 2; i++) {
		ix->half[i] =
		    xreallocarray(ix->half[i], n, sizeof(*ix->half[i]));
		memset(ix->half[i] + old, 0, (n - old) * sizeof(*ix->half[i]));
	}
	ix->size = n * NEAR_BLOCK;
	ix->id = xreallocarray(ix->id, ix->size, sizeof(*ix->id));
	ix->rank = xreallocarray(ix->rank, ix->size, sizeof(*ix->rank));
}

/* Word i of the code at a position. */
static uint64_t *
word_at(struct near_index *ix, size_t at, size_t i)
{
	struct near_half *h = ix->half[i / 2] + at / NEAR_BLOCK;

	return &h->word[i % 2][at % NEAR_BLOCK];
}

int
near_add(struct near_index *ix, const struct near_code *code, struct err *err)
{
	uint64_t word[NEAR_WORDS];
	size_t i;

	if (too_flat(ix, code))
		return 0;
	if (ix->n == ix->cap)
		return err_set(err, ERR_FATAL,
		    "the index of look-alikes is full at %zu", ix->cap);
	if (ix->n == ix->size)
		grow(ix);
	memcpy(word, code->bits, sizeof(word));
	for (i = 0; i < NEAR_WORDS; i++)
		*word_at(ix, ix->n, i) = word[i];
	ix->id[ix->n] = code->id;
	ix->rank[ix->n] = code->rank;
	ix->n++;
	return 0;
}

/* The last code moves into the gap. */
static void
remove_at(struct near_index *ix, size_t at)
{
	size_t i, last = --ix->n;

	for (i = 0; i < NEAR_WORDS; i++)
		*word_at(ix, at, i) = *word_at(ix, last, i);
	ix->id[at] = ix->id[last];
	ix->rank[at] = ix->rank[last];
}

bool
near_remove(struct near_index *ix, int64_t id)
{
	size_t i;

	for (i = 0; i < ix->n; i++)
		if (ix->id[i] == id) {
			remove_at(ix, i);
			return true;
		}
	return false;
}

static void
walk_start(struct walk *w, const struct near_index *ix,
    const struct near_code *code, int max_distance)
{
	assert(max_distance >= 0);
	*w = (struct walk){
		.ix = ix,
		.self = code->id,
		.max = max_distance,
		.measured = NONE,
	};
	memcpy(w->query, code->bits, sizeof(w->query));
	if (too_flat(ix, code))
		w->next = ix->n;
}

static bool
is_hit(const struct walk *w, size_t at)
{
	return w->distance[at % NEAR_BLOCK] <= w->max &&
	    w->ix->id[at] != w->self;
}

/* The position of the next code within w->max; NONE after the last. */
static size_t
walk_next(struct walk *w)
{
	const struct near_index *ix = w->ix;
	size_t block, n = (ix->n + NEAR_BLOCK - 1) / NEAR_BLOCK;

	while (w->next < ix->n) {
		block = w->next / NEAR_BLOCK;
		if (block == w->measured) {
			if (is_hit(w, w->next))
				return w->next++;
			w->next++;
			continue;
		}
		block = ix->scan->next(ix->half[0], block, n, w->query, w->max);
		if (block == n)
			break;
		ix->scan->measure(ix->half[0] + block, ix->half[1] + block,
		    w->query, w->distance);
		w->measured = block;
		w->next = block * NEAR_BLOCK;
	}
	w->next = ix->n;
	return NONE;
}

/* The best so far of what a walk came by. */
struct nearest {
	bool found;
	int64_t id;
	int distance;
};

static void
consider(struct nearest *n, struct walk *w, size_t at)
{
	int distance = w->distance[at % NEAR_BLOCK];
	int64_t id = w->ix->id[at];

	if (n->found && distance == n->distance && id > n->id)
		return;
	*n = (struct nearest){ true, id, distance };
	w->max = distance;
}

bool
near_find(const struct near_index *ix, const struct near_code *code,
    int max_distance, int64_t *ret_id, int *ret_distance)
{
	struct nearest nearest = { 0 };
	struct walk w;
	size_t at;

	walk_start(&w, ix, code, max_distance);
	while ((at = walk_next(&w)) != NONE)
		consider(&nearest, &w, at);
	if (!nearest.found)
		return false;
	*ret_id = nearest.id;
	*ret_distance = nearest.distance;
	return true;
}

void
near_star_release(struct near_star *star)
{
	free(star->loose);
	star->loose = NULL;
	star->n_loose = 0;
}

static bool
is_better(const struct near_index *ix, size_t at, const struct near_code *code)
{
	return ix->rank[at] != code->rank ? ix->rank[at] > code->rank
					  : ix->id[at] < code->id;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Grows by doubling; never longer than the index. */
static void
loosen(struct near_star *star, int64_t id)
{
	if ((star->n_loose & (star->n_loose - 1)) == 0)
		star->loose = xreallocarray(star->loose,
		    star->n_loose == 0 ? 1 : 2 * star->n_loose,
		    sizeof(*star->loose));
	star->loose[star->n_loose++] = id;
}

int
near_join(struct near_index *ix, const struct near_code *code, int max_distance,
    struct near_star *ret, struct err *err)
{
	struct near_star star CLEANUP(near_star_release) = { 0 };
	struct nearest better = { 0 };
	struct walk w;
	size_t at, i;

	walk_start(&w, ix, code, max_distance);
	while ((at = walk_next(&w)) != NONE)
		if (is_better(ix, at, code))
			consider(&better, &w, at);
		else if (!better.found)
			loosen(&star, ix->id[at]);
	if (better.found) {
		*ret = (struct near_star){ .keeper = better.id,
			.distance = better.distance };
		return 0;
	}
	for (i = 0; i < star.n_loose; i++)
		near_remove(ix, star.loose[i]);
	if (near_add(ix, code, err) < 0)
		return -1;
	if (star.n_loose > 1)
		qsort(star.loose, star.n_loose, sizeof(*star.loose), by_id);
	*ret = (struct near_star){ .keeper = code->id,
		.loose = TAKE(star.loose),
		.n_loose = star.n_loose };
	return 0;
}
