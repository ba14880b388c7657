/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/cross.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

/* ---- folds -------------------------------------------------------------- */

struct group {
	const size_t *rows; /* places in an array sorted by groups */
	size_t n;
	uint64_t chance;
};

struct keyed {
	int64_t group;
	size_t row;
};

static int
by_group(const void *va, const void *vb)
{
	const struct keyed *a = va, *b = vb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static int
larger_first(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return (a->chance > b->chance) - (a->chance < b->chance);
}

/* The groups; rows becomes the rows by groups. */
static struct group *
find_groups(
    const struct cross_rows *r, uint64_t seed, size_t *rows, size_t *ret_n)
{
	struct keyed *v CLEANUP(freep) = xcalloc(r->n, sizeof(*v));
	struct group *groups = xcalloc(r->n, sizeof(*groups));
	struct rng rng;
	size_t n = 0, i;

	for (i = 0; i < r->n; i++)
		v[i] = (struct keyed){ r->groups[i], i };
	qsort(v, r->n, sizeof(*v), by_group);
	rng_seed(&rng, seed);
	for (i = 0; i < r->n; i++) {
		rows[i] = v[i].row;
		if (i == 0 || v[i].group != v[i - 1].group)
			groups[n++] = (struct group){ .rows = rows + i,
				.chance = rng_next(&rng) };
		groups[n - 1].n++;
	}
	qsort(groups, n, sizeof(*groups), larger_first);
	*ret_n = n;
	return groups;
}

/* How full a fold is of what a group has: rows of its classes. */
static size_t
load_of(const struct cross_rows *r, const struct group *g, const size_t *counts)
{
	size_t load = 0, i;

	for (i = 0; i < g->n; i++)
		load += counts[r->labels[g->rows[i]]];
	return load;
}

void
cross_folds(const struct cross_rows *r, int folds, uint64_t seed, int *ret)
{
	size_t *rows CLEANUP(freep) = xcalloc(r->n, sizeof(*rows));
	size_t *counts CLEANUP(freep) =
	    xcalloc((size_t)folds * r->k, sizeof(*counts));
	struct group *groups CLEANUP(freep) = NULL;
	size_t n, i, j, load, least;
	int fold, best;

	groups = find_groups(r, seed, rows, &n);
	for (i = 0; i < n; i++) {
		best = 0;
		least = SIZE_MAX;
		for (fold = 0; fold < folds; fold++) {
			load = load_of(
			    r, &groups[i], counts + (size_t)fold * r->k);
			if (load < least) {
				least = load;
				best = fold;
			}
		}
		for (j = 0; j < groups[i].n; j++) {
			size_t row = groups[i].rows[j];

			ret[row] = best;
			counts[(size_t)best * r->k + (size_t)r->labels[row]]++;
		}
	}
}

/* ---- answers ------------------------------------------------------------ */

/* Rows outside a fold (`in` false) or in it. */
static size_t
pick(const struct cross_rows *r, const int *fold, int which, bool in,
    size_t *index)
{
	size_t n = 0, i;

	for (i = 0; i < r->n; i++)
		if ((fold[i] == which) == in)
			index[n++] = i;
	return n;
}

static int
check_classes(
    const struct cross_rows *r, const struct softmax_rows *train, struct err *e)
{
	bool *seen CLEANUP(freep) = xcalloc(r->k, sizeof(*seen));
	size_t i;

	for (i = 0; i < train->n; i++)
		seen[r->labels[train->index[i]]] = true;
	for (i = 0; i < r->k; i++)
		if (!seen[i])
			return err_set(e, ERR_INPUT,
			    "class %zu of %zu stands in one fold only: it "
			    "needs more images, or fewer folds",
			    i + 1, r->k);
	return 0;
}

/* The rows of one fold, by a model that is trained already. */
static void
answer(const struct softmax *s, const struct cross_rows *r, const size_t *index,
    size_t n, float *ret)
{
	size_t i;

	for (i = 0; i < n; i++)
		softmax_predict(
		    s, r->x + index[i] * r->d, 1, ret + index[i] * r->k);
}

static int
predict_fold(const struct cross_rows *r, const int *fold, int which,
    const struct softmax_opts *opts, size_t *index, float *ret, struct err *e)
{
	struct softmax s CLEANUP(softmax_release) = { 0 };
	struct softmax_rows train = { r->x, r->labels, index,
		pick(r, fold, which, false, index) };
	struct softmax_rows none = { r->x, r->labels, index, 0 };
	double loss;

	if (check_classes(r, &train, e) < 0)
		return -1;
	softmax_init(&s, r->k, r->d);
	if (softmax_fit(&s, &train, &none, opts, NULL, NULL, &loss, e) < 0)
		return -1;
	answer(&s, r, index, pick(r, fold, which, true, index), ret);
	return 0;
}

int
cross_predict(const struct cross_rows *r, const int *fold, int folds,
    const struct softmax_opts *opts, cross_step_fn *step, void *ctx,
    float *ret_p, struct err *e)
{
	size_t *index CLEANUP(freep) = xcalloc(r->n, sizeof(*index));
	int i;

	for (i = 0; i < folds; i++) {
		if (step != NULL && step(ctx, i, e) < 0)
			return -1;
		if (predict_fold(r, fold, i, opts, index, ret_p, e) < 0)
			return -1;
	}
	return 0;
}
