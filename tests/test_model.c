/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/model: the file comes back to the bit, and a damaged one does not
 * come back at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "problems.h"
#include "trainer/model.h"

enum {
	K = 3,
	D = 5,
};

struct fixture {
	char folder[32], path[64];
	struct problem p;
	struct model m;
};

static int
enter(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct train_opts opts = test_opts();
	struct err err;

	memcpy(f->folder, "/tmp/griddle-model-XXXXXX", 26);
	*state = f;
	f->p = problem_new(60, D, K, 2, 1);
	if (mkdtemp(f->folder) == NULL ||
	    model_train(
		&f->m, &f->p.data, &opts, &test_origin, NULL, NULL, &err) != 0)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/m.json", f->folder);
	return 0;
}

static int
leave(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	problem_release(&f->p);
	model_release(&f->m);
	free(f);
	return 0;
}

/* ---- there and back --------------------------------------------------- */

static void
write_model(const struct fixture *f)
{
	struct err err = { 0 };

	if (model_write(&f->m, f->path, &err) != 0)
		fail_msg("%s", err.msg);
}

static struct model
read_model(const struct fixture *f)
{
	struct model m = { 0 };
	struct err err = { 0 };

	if (model_read(&m, f->path, &err) != 0)
		fail_msg("%s", err.msg);
	return m;
}

static void
a_model_comes_back_to_the_bit(void **state)
{
	struct fixture *f = *state;
	struct model m CLEANUP(model_release) = { 0 };
	const struct softmax *a = &f->m.softmax, *b = &m.softmax;

	/* Floats at the ends of their range, too. */
	a->weights[0] = 1.17549435e-38f;
	a->weights[1] = -3.40282347e38f;
	a->weights[2] = 1.4e-45f;
	write_model(f);
	m = read_model(f);
	assert_int_equal(b->k, K);
	assert_int_equal(b->d, D);
	assert_memory_equal(a->mean, b->mean, D * sizeof(float));
	assert_memory_equal(a->scale, b->scale, D * sizeof(float));
	assert_memory_equal(a->weights, b->weights, D * K * sizeof(float));
	assert_memory_equal(a->bias, b->bias, K * sizeof(float));
	for (size_t i = 0; i < K; i++)
		assert_string_equal(m.classes[i], problem_classes[i]);
	assert_string_equal(m.features, test_origin.features);
	assert_string_equal(m.recipe, test_origin.recipe);
	assert_string_equal(m.recipe_steps, test_origin.recipe_steps);
	assert_string_equal(m.snapshot, test_origin.snapshot);
	assert_string_equal(m.griddle, test_origin.griddle);
	assert_string_equal(m.blas, f->m.blas);
	assert_true(json_equal(m.options, f->m.options));
}

static void
metrics_come_back_and_those_of_the_test_once_there_are_any(void **state)
{
	struct fixture *f = *state;
	struct model m CLEANUP(model_release) = { 0 };
	struct model again CLEANUP(model_release) = { 0 };
	struct err err;

	write_model(f);
	m = read_model(f);
	assert_int_equal(m.test.k, 0);
	assert_int_equal(m.validation.n, f->m.validation.n);
	assert_true(m.validation.accuracy == f->m.validation.accuracy);
	assert_true(m.validation.macro_f1 == f->m.validation.macro_f1);
	assert_true(
	    fabs(m.validation.log_loss - f->m.validation.log_loss) <= 0.5e-4);
	assert_int_equal(model_evaluate(&f->m, &f->p.data, TRAIN_PART_TEST,
			     &f->m.test, NULL, &err),
	    0);
	write_model(f);
	again = read_model(f);
	assert_int_equal(again.test.n, 12);
	assert_memory_equal(
	    again.test.confusion, f->m.test.confusion, K * K * sizeof(int64_t));
}

static void
what_was_read_predicts_the_same(void **state)
{
	struct fixture *f = *state;
	struct model m CLEANUP(model_release) = { 0 };
	float a[K], b[K];
	struct err err;

	write_model(f);
	m = read_model(f);
	for (size_t i = 0; i < f->p.data.n; i++) {
		const float *x = f->p.x + i * D;

		assert_int_equal(model_predict(&f->m, x, a, &err), 0);
		assert_int_equal(model_predict(&m, x, b, &err), 0);
		assert_memory_equal(a, b, sizeof(a));
		assert_float_equal(a[0] + a[1] + a[2], 1, 1e-6f);
	}
}

static void
features_of_another_kind_are_refused(void **state)
{
	const struct fixture *f = *state;
	struct err err = { 0 };

	assert_int_equal(model_check_features(&f->m, "plain-1", D, &err), 0);
	assert_int_equal(model_check_features(&f->m, "plain-2", D, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.msg, "plain-2"));
	assert_int_equal(
	    model_check_features(&f->m, "plain-1", D + 1, &err), -1);
}

static void
numbers_that_overflow_are_no_answer(void **state)
{
	const struct fixture *f = *state;
	float x[D] = { 1e6f, 1e6f, 1e6f, 1e6f, 1e6f }, p[K];
	struct err err = { 0 };

	for (int i = 0; i < D * K; i++)
		f->m.softmax.weights[i] = 3e38f;
	assert_int_equal(model_predict(&f->m, x, p, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
}

static void
a_name_that_is_not_utf8_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	f->m.classes[1][0] = '\xff';
	assert_int_equal(model_write(&f->m, f->path, &err), -1);
	assert_int_equal(access(f->path, F_OK), -1);
}

/* ---- damage ----------------------------------------------------------- */

static void
write_text(const struct fixture *f, const char *text, size_t len)
{
	struct err err;

	assert_int_equal(file_replace(f->path, text, len, &err), 0);
}

static void
check_refused(const struct fixture *f, const char *what)
{
	struct model m = { 0 };
	struct err err = { 0 };

	if (model_read(&m, f->path, &err) == 0) {
		model_release(&m);
		fail_msg("read although it should say: %s", what);
	}
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.msg, f->path));
	if (strstr(err.msg, what) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.msg, what);
	assert_null(strchr(err.msg, '\n'));
	assert_null(m.classes);
}

struct damage {
	const char *key;
	const char *value; /* JSON; NULL: the key is gone */
	const char *what;  /* in the message */
};

#define METRICS(rest) "{\"log_loss\": 1, \"confusion\": " rest "}"

static const struct damage damages[] = {
	{ "format", NULL, "not a model" },
	{ "format", "\"griddle-modem\"", "not a model" },
	{ "format", "1", "not a model" },
	{ "version", "2", "version 1" },
	{ "version", "1.0", "version 1" },
	{ "version", "\"1\"", "version 1" },
	{ "griddle", NULL, "\"griddle\"" },
	{ "features", "7", "\"features\"" },
	{ "recipe", "null", "\"recipe\"" },
	{ "recipe_steps", "[]", "\"recipe_steps\"" },
	{ "snapshot", NULL, "\"snapshot\"" },
	{ "blas", "true", "\"blas\"" },
	{ "classes", NULL, "classes" },
	{ "classes", "{\"ant\": 1, \"bee\": 2, \"cow\": 3}", "classes" },
	{ "classes", "[\"ant\"]", "classes" },
	{ "classes", "[\"ant\", \"bee\"]", "validation" },
	{ "classes", "[\"ant\", \"bee\", 3]", "class name" },
	{ "classes", "[\"ant\", \"bee\", \"\"]", "class name" },
	{ "classes", "[\"ant\", \"bee\", \"ant\"]", "twice" },
	{ "options", NULL, "options" },
	{ "options", "[]", "options" },
	{ "options", "{\"epochs\": {}}", "epochs" },
	{ "validation", NULL, "validation" },
	{ "validation", "null", "validation" },
	{ "validation", METRICS("[[1,0,0],[0,1,0]]"), "validation" },
	{ "validation", METRICS("[[1,0,0],[0,1,0],[0,0]]"), "validation" },
	{ "validation", METRICS("[[1,0,0],[0,-1,0],[0,0,1]]"), "validation" },
	{ "validation", METRICS("[[1,0,0],[0,1.5,0],[0,0,1]]"), "validation" },
	{ "validation", METRICS("[[1,0,0],[0,9000000000000,0],[0,0,1]]"),
	    "validation" },
	{ "validation", "{\"confusion\": [[1,0,0],[0,1,0],[0,0,1]]}",
	    "validation" },
	{ "test", NULL, "test" },
	{ "test", "{}", "test" },
	{ "test", METRICS("[]"), "test" },
	{ "mean", NULL, "mean" },
	{ "mean", "[]", "mean" },
	{ "mean", "[1, 2, 3, 4]", "scale" },
	{ "scale", "[1, 2, 3, 4, null]", "scale" },
	{ "scale", "[1, 2, 3, 4, 1e39]", "scale" },
	{ "scale", "{\"0\": 1}", "scale" },
	{ "weights", "[1, 2, 3]", "weights" },
	{ "weights", "[[1, 2, 3]]", "weights" },
	{ "bias", "[1, 2, 3, 4]", "bias" },
	{ "bias", "[1, \"2\", 3]", "bias" },
	{ "bias", "[1, 2, -1e300]", "bias" },
	{ "bias", NULL, "bias" },
};

static void
write_damaged(const struct fixture *f, const struct damage *damage)
{
	json_t *root = json_load_file(f->path, 0, NULL);
	char *text;

	assert_non_null(root);
	if (damage->value == NULL)
		json_object_del(root, damage->key);
	else
		json_object_set_new(root, damage->key,
		    json_loads(damage->value, JSON_DECODE_ANY, NULL));
	text = json_dumps(root, 0);
	json_decref(root);
	assert_non_null(text);
	write_text(f, text, strlen(text));
	free(text);
}

static void
every_damage_is_refused_by_name(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		write_model(f);
		write_damaged(f, &damages[i]);
		check_refused(f, damages[i].what);
	}
}

static void
a_file_cut_short_anywhere_is_refused(void **state)
{
	const struct fixture *f = *state;
	struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
	struct err err;

	write_model(f);
	assert_int_equal(file_read(f->path, &b, &err), 0);
	/* The last two bytes are "}" and the end of its line. */
	for (size_t len = 0; len < b.len - 1; len += len < b.len - 40 ? 7 : 1) {
		write_text(f, (const char *)b.data, len);
		check_refused(f, "not JSON");
	}
}

static void
what_is_not_json_at_all_is_refused(void **state)
{
	const struct fixture *f = *state;
	char deep[5000];

	write_text(f, "", 0);
	check_refused(f, "line 1");
	write_text(f, "\xff\xd8\xff\xe0 JFIF", 9);
	check_refused(f, "not JSON");
	write_text(f, "[]", 2);
	check_refused(f, "not a model");
	write_text(f, "{\"format\": 1, \"format\": 2}", 26);
	check_refused(f, "not JSON");
	write_text(f, "{\"format\": NaN}", 15);
	check_refused(f, "not JSON");
	memset(deep, '[', sizeof(deep));
	write_text(f, deep, sizeof(deep));
	check_refused(f, "not JSON");
	unlink(f->path);
	check_refused(f, "m.json");
}

static void
a_file_of_too_many_values_is_refused_before_it_is_parsed(void **state)
{
	const struct fixture *f = *state;
	size_t len = 2 * (size_t)MODEL_NUMBERS_MAX;
	char *text CLEANUP(freep) = xmalloc(len);

	memset(text, ',', len);
	write_text(f, text, len);
	check_refused(f, "values");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_model_comes_back_to_the_bit, enter, leave),
		cmocka_unit_test_setup_teardown(
		    metrics_come_back_and_those_of_the_test_once_there_are_any,
		    enter, leave),
		cmocka_unit_test_setup_teardown(
		    what_was_read_predicts_the_same, enter, leave),
		cmocka_unit_test_setup_teardown(
		    features_of_another_kind_are_refused, enter, leave),
		cmocka_unit_test_setup_teardown(
		    numbers_that_overflow_are_no_answer, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_name_that_is_not_utf8_is_not_written, enter, leave),
		cmocka_unit_test_setup_teardown(
		    every_damage_is_refused_by_name, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_file_cut_short_anywhere_is_refused, enter, leave),
		cmocka_unit_test_setup_teardown(
		    what_is_not_json_at_all_is_refused, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_file_of_too_many_values_is_refused_before_it_is_parsed,
		    enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
