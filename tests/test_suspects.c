/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/confident and trainer/cross: wrong labels, and answers by models
 * that did not see the row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/problems.h"
#include "trainer/confident.h"
#include "trainer/cross.h"

#define N 30
#define K 3

/* Rows 3, 7, 8, 15, 21 and 28 bear another label than they were made for. */
static const int32_t labels[N] = { 2, 0, 2, 2, 2, 0, 2, 2, 2, 2, 0, 0, 2, 1, 0,
	2, 1, 1, 0, 0, 0, 1, 0, 2, 0, 1, 2, 2, 1, 0 };
static const float p[N * K] = { 0.29f, 0.05f, 0.66f, 0.87f, 0.08f, 0.05f, 0.14f,
	0.09f, 0.77f, 0.07f, 0.81f, 0.12f, 0.09f, 0.03f, 0.88f, 0.98f, 0.00f,
	0.02f, 0.05f, 0.07f, 0.88f, 0.09f, 0.80f, 0.11f, 0.07f, 0.84f, 0.09f,
	0.23f, 0.13f, 0.64f, 0.95f, 0.03f, 0.02f, 0.92f, 0.03f, 0.05f, 0.30f,
	0.12f, 0.58f, 0.15f, 0.75f, 0.10f, 0.77f, 0.03f, 0.20f, 0.14f, 0.47f,
	0.39f, 0.05f, 0.92f, 0.03f, 0.06f, 0.51f, 0.43f, 0.48f, 0.29f, 0.23f,
	0.67f, 0.14f, 0.19f, 0.61f, 0.15f, 0.24f, 0.20f, 0.08f, 0.72f, 0.72f,
	0.17f, 0.11f, 0.38f, 0.23f, 0.39f, 0.88f, 0.04f, 0.08f, 0.06f, 0.87f,
	0.07f, 0.05f, 0.02f, 0.93f, 0.05f, 0.04f, 0.91f, 0.81f, 0.09f, 0.10f,
	0.90f, 0.05f, 0.05f };
static const struct answers known = { labels, p, N, K };

static void
the_joint_is_that_of_the_definition(void **state)
{
	/* By the same definition written with numpy. */
	static const int64_t expected[] = { 11, 0, 0, 1, 4, 1, 0, 4, 9 };
	int64_t joint[K * K];

	(void)state;
	confident_joint(&known, joint);
	assert_memory_equal(joint, expected, sizeof(joint));
}

static void
planted_errors_are_suspects_and_nothing_else(void **state)
{
	static const size_t planted[] = { 3, 7, 8, 15, 21, 28 };
	bool suspect[N], expected[N] = { false };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(planted); i++)
		expected[planted[i]] = true;
	confident_suspects(&known, suspect);
	assert_memory_equal(suspect, expected, sizeof(suspect));
}

static void
a_class_without_rows_breaks_nothing(void **state)
{
	static const int32_t first[] = { 0, 0, 0 };
	static const float q[] = { 0.9f, 0.1f, 0.2f, 0.8f, 0.7f, 0.3f };
	struct answers a = { first, q, 3, 2 };
	int64_t joint[4];
	bool suspect[3];

	(void)state;
	confident_joint(&a, joint);
	assert_int_equal(joint[0], 3);
	assert_int_equal(joint[1] + joint[2] + joint[3], 0);
	confident_suspects(&a, suspect);
	assert_false(suspect[0] || suspect[1] || suspect[2]);
}

/* ---- folds -------------------------------------------------------------- */

#define ROWS 240
#define DIMS 5
#define FOLDS 4
#define WRONG 13 /* every so many'th label */

struct fixture {
	struct problem problem;
	int64_t groups[ROWS];
	struct cross_rows rows;
};

/* Rows in threes look alike. */
static void
fixture_init(struct fixture *f)
{
	size_t i;

	f->problem = problem_new(ROWS, DIMS, K, 4, 3);
	for (i = 0; i < ROWS; i++)
		f->groups[i] = (int64_t)(i / (3 * K) * K + i % K);
	f->rows = (struct cross_rows){ f->problem.x, f->problem.labels,
		f->groups, ROWS, DIMS, K };
}

static void
fixture_release(struct fixture *f)
{
	problem_release(&f->problem);
}

static void
groups_stay_whole_and_classes_are_shared_out(void **state)
{
	struct fixture f CLEANUP(fixture_release);
	int fold[ROWS], counts[FOLDS][K] = { 0 };
	size_t i, j;

	(void)state;
	fixture_init(&f);
	cross_folds(&f.rows, FOLDS, 1, fold);
	for (i = 0; i < ROWS; i++) {
		counts[fold[i]][f.rows.labels[i]]++;
		for (j = 0; j < i; j++)
			if (f.groups[i] == f.groups[j])
				assert_int_equal(fold[i], fold[j]);
	}
	for (i = 0; i < FOLDS; i++)
		for (j = 0; j < K; j++)
			assert_in_range(counts[i][j], ROWS / K / FOLDS - 3,
			    ROWS / K / FOLDS + 3);
}

static void
another_seed_shares_out_anew(void **state)
{
	struct fixture f CLEANUP(fixture_release);
	int a[ROWS], b[ROWS], again[ROWS];

	(void)state;
	fixture_init(&f);
	cross_folds(&f.rows, FOLDS, 1, a);
	cross_folds(&f.rows, FOLDS, 1, again);
	cross_folds(&f.rows, FOLDS, 2, b);
	assert_memory_equal(a, again, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a));
}

static const struct softmax_opts opts = { .epochs = 40,
	.batch = 32,
	.rate = 0.25,
	.l2 = 0.1,
	.patience = 40,
	.seed = 1 };

/* A row whose label is another would be believed by a model that saw it. */
static void
answers_come_from_models_that_did_not_see_the_row(void **state)
{
	struct fixture f CLEANUP(fixture_release);
	float q[ROWS * K];
	int fold[ROWS];
	bool suspect[ROWS];
	struct answers a = { NULL, q, ROWS, K };
	struct err e = { 0 };
	size_t i, right = 0, found = 0;

	(void)state;
	fixture_init(&f);
	/* Some labels of each class are wrong. */
	for (i = 0; i < ROWS; i += WRONG)
		f.problem.labels[i] = (f.problem.labels[i] + 1) % K;
	a.labels = f.problem.labels;
	cross_folds(&f.rows, FOLDS, 1, fold);
	if (cross_predict(&f.rows, fold, FOLDS, &opts, NULL, NULL, q, &e) < 0)
		fail_msg("%s", e.msg);
	confident_suspects(&a, suspect);
	for (i = 0; i < ROWS; i++) {
		found += suspect[i] && i % WRONG == 0;
		right += suspect[i] == (i % WRONG == 0);
	}
	/* All but two are found, and no more than two others. */
	assert_true(found >= (ROWS - 1) / WRONG + 1 - 2);
	assert_true(right >= ROWS - 4);
}

static void
a_class_in_one_fold_only_is_an_error(void **state)
{
	struct fixture f CLEANUP(fixture_release);
	int fold[ROWS];
	float q[ROWS * K];
	struct err e = { 0 };
	size_t i;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < ROWS; i++)
		fold[i] = f.rows.labels[i] == 2 ? 0 : (int)(i % FOLDS);
	assert_int_equal(
	    cross_predict(&f.rows, fold, FOLDS, &opts, NULL, NULL, q, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.msg, "class 3 of 3"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_joint_is_that_of_the_definition),
		cmocka_unit_test(planted_errors_are_suspects_and_nothing_else),
		cmocka_unit_test(a_class_without_rows_breaks_nothing),
		cmocka_unit_test(groups_stay_whole_and_classes_are_shared_out),
		cmocka_unit_test(another_seed_shares_out_anew),
		cmocka_unit_test(
		    answers_come_from_models_that_did_not_see_the_row),
		cmocka_unit_test(a_class_in_one_fold_only_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
