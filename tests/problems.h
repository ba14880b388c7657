/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up problems for the trainer's tests: points around class centres.
 */
#ifndef TESTS_PROBLEMS_H
#define TESTS_PROBLEMS_H

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/trainer.h"

static char problem_names[][4] = { "ant", "bee", "cow", "dog", "eel" };
static char *const problem_classes[] = { problem_names[0], problem_names[1],
	problem_names[2], problem_names[3], problem_names[4] };

struct problem {
	float *x;
	int32_t *labels;
	uint8_t *parts;
	size_t *index;
	struct train_data data;
	struct softmax_rows all; /* every row, whatever its part */
};

static void
problem_release(struct problem *p)
{
	free(p->x);
	free(p->labels);
	free(p->parts);
	free(p->index);
}

/* About normal: mean 0, deviation 1, within -6..6. */
static float
normal(struct rng *rng)
{
	float sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (float)rng_below(rng, 10001) / 10000;
	return sum;
}

/*
 * n points in d dimensions, k classes in turn; class c lies at `apart` along
 * axis c.  Of ten rows of a class six train, two validate, two test.  Axes
 * have scales of their own, 1, 10, 100, 1...
 */
static struct problem
problem_new(size_t n, size_t d, size_t k, float apart, uint64_t seed)
{
	static const float scales[] = { 1, 10, 100 };
	struct problem p = {
		.x = xcalloc(n * d, sizeof(float)),
		.labels = xcalloc(n, sizeof(int32_t)),
		.parts = xcalloc(n, sizeof(uint8_t)),
		.index = xcalloc(n, sizeof(size_t)),
	};
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < n; i++) {
		size_t place = i / k % 10;

		p.labels[i] = (int32_t)(i % k);
		p.parts[i] = place < 6 ? TRAIN_PART_TRAIN
		    : place < 8        ? TRAIN_PART_VALIDATION
				       : TRAIN_PART_TEST;
		p.index[i] = i;
		for (size_t j = 0; j < d; j++)
			p.x[i * d + j] = scales[j % 3] *
			    (normal(&rng) + (j == i % k ? apart : 0));
	}
	p.data = (struct train_data){ p.x, p.labels, p.parts, n, d, k,
		problem_classes, NULL };
	p.all = (struct softmax_rows){ p.x, p.labels, p.index, n };
	return p;
}

static inline struct train_opts
test_opts(void)
{
	static char model[] = "auto", weights[] = "none";

	return (struct train_opts){
		.epochs = 40,
		.batch = 16,
		.rate = 0.25,
		.l2 = 0.1,
		.patience = 40,
		.seed = 1,
		.model = model,
		.class_weights = weights,
	};
}

static const struct train_origin test_origin = {
	.features = "plain-1",
	.recipe = "standard",
	.recipe_steps = "fit 224\nflatten white",
	.snapshot = "5eed",
	.griddle = "0.1",
};

#endif
