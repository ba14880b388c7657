/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/evaluation: figures as scikit-learn 1.2.1 has them for the same
 * answers, and intervals that hold what they say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/evaluation.h"
#include "trainer/metrics.h"

#define N 24
#define K 3

static char ant[] = "ant", bee[] = "bee", cow[] = "cow";
static char *const names[] = { ant, bee, cow };

static const int32_t labels[N] = { 2, 1, 2, 2, 0, 1, 0, 0, 2, 0, 2, 0, 0, 1, 1,
	0, 0, 1, 1, 2, 0, 2, 1, 2 };
static const float p[N * K] = { 0.11f, 0.01f, 0.88f, 0.72f, 0.22f, 0.06f, 0.13f,
	0.09f, 0.78f, 0.20f, 0.48f, 0.32f, 0.92f, 0.04f, 0.04f, 0.18f, 0.68f,
	0.14f, 0.68f, 0.04f, 0.28f, 0.73f, 0.10f, 0.17f, 0.11f, 0.06f, 0.83f,
	0.87f, 0.08f, 0.05f, 0.29f, 0.16f, 0.55f, 0.29f, 0.57f, 0.14f, 0.45f,
	0.01f, 0.54f, 0.26f, 0.50f, 0.24f, 0.51f, 0.12f, 0.37f, 0.79f, 0.15f,
	0.06f, 0.32f, 0.31f, 0.37f, 0.16f, 0.70f, 0.14f, 0.24f, 0.61f, 0.15f,
	0.02f, 0.03f, 0.95f, 0.79f, 0.10f, 0.11f, 0.19f, 0.08f, 0.73f, 0.23f,
	0.31f, 0.46f, 0.11f, 0.18f, 0.71f };

static const struct answers known = { labels, p, N, K };

static void
near(double a, double b)
{
	if (!(fabs(a - b) < 1e-6))
		fail_msg("%.9f is not %.9f", a, b);
}

static void
figures_are_those_of_scikit_learn(void **state)
{
	static const double roc[] = { 0.9444444444, 0.8949579832, 0.96875 },
			    pr[] = { 0.9094356261, 0.8043040293, 0.9583333333 };
	struct evaluation e CLEANUP(evaluation_release) = { 0 };
	size_t c;

	(void)state;
	evaluation_init(&e, &known);
	near(e.figures[FIGURE_balanced_accuracy].value, 0.7043650794);
	near(e.figures[FIGURE_macro_f1].value, 0.6996815820);
	near(e.figures[FIGURE_weighted_f1].value, 0.7034523211);
	near(e.figures[FIGURE_mcc].value, 0.5646614895);
	near(e.figures[FIGURE_log_loss].value, 0.5964176260);
	near(e.figures[FIGURE_brier].value, 0.3325416667);
	near(e.figures[FIGURE_ece].value, 0.1920833333);
	for (c = 0; c < K; c++) {
		near(e.roc_auc[c], roc[c]);
		near(e.pr_auc[c], pr[c]);
	}
	near(e.figures[FIGURE_roc_auc].value, (roc[0] + roc[1] + roc[2]) / 3);
	near(e.figures[FIGURE_pr_auc].value, (pr[0] + pr[1] + pr[2]) / 3);
}

static void
what_has_equal_probabilities_ranks_by_halves(void **state)
{
	static const int32_t one_of_each[] = { 0, 1 };
	static const float same[] = { 0.5f, 0.5f, 0.5f, 0.5f };
	struct answers a = { one_of_each, same, 2, 2 };
	struct evaluation e CLEANUP(evaluation_release) = { 0 };

	(void)state;
	evaluation_init(&e, &a);
	near(e.roc_auc[0], 0.5);
	near(e.pr_auc[0], 0.5);
}

static void
a_class_without_images_is_left_out(void **state)
{
	static const int32_t first[] = { 0, 0 };
	static const float sure[] = { 0.9f, 0.1f, 0.8f, 0.2f };
	struct answers a = { first, sure, 2, 2 };
	struct evaluation e CLEANUP(evaluation_release) = { 0 };

	(void)state;
	evaluation_init(&e, &a);
	assert_true(isnan(e.roc_auc[0]) && isnan(e.pr_auc[1]));
	assert_true(isnan(e.figures[FIGURE_roc_auc].value));
	assert_true(isnan(e.figures[FIGURE_roc_auc].low));
	near(e.figures[FIGURE_balanced_accuracy].value, 1);
	near(e.figures[FIGURE_pr_auc].value, 1);
}

static void
no_answers_have_no_figures(void **state)
{
	struct answers a = { NULL, NULL, 0, 2 };
	struct evaluation e CLEANUP(evaluation_release) = { 0 };
	size_t f;

	(void)state;
	evaluation_init(&e, &a);
	for (f = 0; f < FIGURE_KINDS; f++)
		assert_true(isnan(e.figures[f].value));
}

/* Answers that are right as often as their probability says. */
static void
make(struct rng *rng, int32_t *truth, float *q, size_t n)
{
	size_t i;
	double x;

	for (i = 0; i < n; i++) {
		x = (double)rng_below(rng, 1000) / 1000;
		q[2 * i] = (float)x;
		q[2 * i + 1] = (float)(1 - x);
		truth[i] = (double)rng_below(rng, 1000) / 1000 >= x;
	}
}

/* True values: accuracy 3/4 on both sides, Brier 1/3, log-loss 1/2. */
static void
intervals_hold_the_truth_about_as_often_as_they_say(void **state)
{
	enum { ROUNDS = 120, IMAGES = 150 };
	int32_t truth[IMAGES];
	float q[2 * IMAGES];
	struct answers a = { truth, q, IMAGES, 2 };
	struct rng rng;
	int held = 0, i;

	(void)state;
	rng_seed(&rng, 7);
	for (i = 0; i < ROUNDS; i++) {
		struct evaluation e CLEANUP(evaluation_release) = { 0 };
		const struct figure *f = &e.figures[FIGURE_brier];

		make(&rng, truth, q, IMAGES);
		evaluation_init(&e, &a);
		assert_true(f->low <= f->value && f->value <= f->high);
		held += f->low <= 1.0 / 3 && 1.0 / 3 <= f->high;
	}
	/* 95 % of 120 are 114; 105 and 119 are four deviations away. */
	assert_in_range(held, 105, 120);
}

static void
json_gains_figures_intervals_and_bins(void **state)
{
	struct evaluation e CLEANUP(evaluation_release) = { 0 };
	struct metrics m CLEANUP(metrics_release) = { 0 };
	json_t *o, *bins, *bin;
	json_int_t images = 0;
	size_t i;

	(void)state;
	metrics_init(&m, labels, p, N, K);
	evaluation_init(&e, &known);
	o = metrics_to_json(&m, names);
	evaluation_add_json(&e, names, o);
	near(json_number_value(json_object_get(o, "mcc")), 0.5647);
	assert_int_equal(json_array_size(json_object_get(
			     json_object_get(o, "intervals"), "roc_auc")),
	    2);
	near(json_number_value(json_object_get(
		 json_object_get(json_object_get(o, "classes"), "bee"),
		 "pr_auc")),
	    0.8043);
	bins = json_object_get(o, "reliability");
	json_array_foreach(bins, i, bin) images +=
	    json_integer_value(json_object_get(bin, "images"));
	assert_int_equal(images, N);
	json_decref(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_of_scikit_learn),
		cmocka_unit_test(what_has_equal_probabilities_ranks_by_halves),
		cmocka_unit_test(a_class_without_images_is_left_out),
		cmocka_unit_test(no_answers_have_no_figures),
		cmocka_unit_test(
		    intervals_hold_the_truth_about_as_often_as_they_say),
		cmocka_unit_test(json_gains_figures_intervals_and_bins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
