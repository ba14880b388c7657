/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/metrics: figures worked out by hand and by others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/metrics.h"

static char ant[] = "ant", bee[] = "bee", cow[] = "cow";
static char *const names[] = { ant, bee, cow };

static void
check_interval(int64_t right, int64_t n, double low, double high)
{
	double got_low, got_high;

	wilson_interval(right, n, &got_low, &got_high);
	assert_true(fabs(got_low - low) < 5e-5);
	assert_true(fabs(got_high - high) < 5e-5);
}

static void
intervals_are_those_that_are_published(void **state)
{
	double low, high;

	(void)state;
	/* Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */
	check_interval(81, 263, 0.2553, 0.3662);
	check_interval(15, 148, 0.0624, 0.1605);
	check_interval(0, 20, 0, 0.1611);
	check_interval(1, 29, 0.0061, 0.1718);
	/* n of n: from n / (n + z^2) to 1. */
	check_interval(10, 10, 10 / (10 + 1.959964 * 1.959964), 1);
	wilson_interval(0, 0, &low, &high);
	assert_true(isnan(low) && isnan(high));
}

/* Rows that answer `answer` with p 0.8, and 0.1 for the other two. */
static void
answer(float *p, const int *answers, size_t n)
{
	for (size_t i = 0; i < 3 * n; i++)
		p[i] = (int)(i % 3) == answers[i / 3] ? 0.8f : 0.1f;
}

static char *
metrics_text(const int32_t *labels, const float *p, size_t n, size_t k)
{
	struct metrics m CLEANUP(metrics_release) = { 0 };
	json_t *json;
	char *text;

	metrics_init(&m, labels, p, n, k);
	json = metrics_to_json(&m, names);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(json);
	assert_non_null(text);
	return text;
}

static void
metrics_are_those_worked_out_by_hand(void **state)
{
	static const int32_t labels[] = { 0, 0, 0, 0, 1, 1, 1, 2, 2, 2 };
	static const int answers[] = { 0, 0, 1, 2, 1, 1, 0, 2, 2, 2 };
	float p[30];
	char *text CLEANUP(freep) = NULL;

	(void)state;
	answer(p, answers, 10);
	text = metrics_text(labels, p, 10, 3);
	/*
	 * f1: 4/7, 4/6, 6/7; balanced: (2/4 + 2/3 + 3/3) / 3;
	 * loss: -(7 ln 0.8 + 3 ln 0.1) / 10; Wilson's interval of 7 in 10.
	 */
	assert_string_equal(text,
	    "{\"accuracy\":0.7,\"interval\":[0.3968,0.8922],"
	    "\"balanced_accuracy\":0.7222,\"macro_f1\":0.6984,"
	    "\"log_loss\":0.847,\"images\":10,\"classes\":{"
	    "\"ant\":{\"precision\":0.6667,\"recall\":0.5,\"f1\":0.5714,"
	    "\"support\":4},"
	    "\"bee\":{\"precision\":0.6667,\"recall\":0.6667,\"f1\":0.6667,"
	    "\"support\":3},"
	    "\"cow\":{\"precision\":0.75,\"recall\":1.0,\"f1\":0.8571,"
	    "\"support\":3}},"
	    "\"confusion\":[[2,1,1],[1,2,0],[0,0,3]]}");
}

static void
a_class_that_is_absent_is_undefined_and_not_zero(void **state)
{
	static const int32_t labels[] = { 0, 1 };
	static const int right[] = { 0, 1 }, wrong[] = { 1, 1 };
	float p[6];
	char *text CLEANUP(freep) = NULL, *other CLEANUP(freep) = NULL;

	(void)state;
	answer(p, right, 2);
	text = metrics_text(labels, p, 2, 3);
	assert_non_null(strstr(text,
	    "\"cow\":{\"precision\":null,\"recall\":null,\"f1\":null,"
	    "\"support\":0}"));
	assert_non_null(
	    strstr(text, "\"balanced_accuracy\":1.0,\"macro_f1\":1.0"));
	answer(p, wrong, 2);
	other = metrics_text(labels, p, 2, 3);
	assert_non_null(strstr(
	    other, "\"ant\":{\"precision\":null,\"recall\":0.0,\"f1\":0.0,"));
}

static void
no_images_give_nulls(void **state)
{
	char *text CLEANUP(freep) = NULL;

	(void)state;
	text = metrics_text(NULL, NULL, 0, 2);
	assert_non_null(strstr(text,
	    "{\"accuracy\":null,\"interval\":[null,null],"
	    "\"balanced_accuracy\":null,\"macro_f1\":null,"
	    "\"log_loss\":null,\"images\":0,"));
}

static void
probability_0_for_the_truth_is_a_large_loss_but_finite(void **state)
{
	static const int32_t labels[] = { 0 };
	static const float p[] = { 0, 1 };
	struct metrics m CLEANUP(metrics_release) = { 0 };

	(void)state;
	metrics_init(&m, labels, p, 1, 2);
	assert_true(fabs(m.log_loss - 34.5388) < 1e-3);
	assert_true(isnan(cross_entropy(NAN)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_those_that_are_published),
		cmocka_unit_test(metrics_are_those_worked_out_by_hand),
		cmocka_unit_test(
		    a_class_that_is_absent_is_undefined_and_not_zero),
		cmocka_unit_test(no_images_give_nulls),
		cmocka_unit_test(
		    probability_0_for_the_truth_is_a_large_loss_but_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
