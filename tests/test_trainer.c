/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer: options, and training from data to a judged model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "problems.h"

/* ---- options ---------------------------------------------------------- */

static void
the_defaults_of_the_table_are_valid(void **state)
{
	struct train_opts *o = opt_new(&train_group);
	struct err err;

	(void)state;
	assert_string_equal(train_group.name, "train");
	assert_int_equal(o->epochs, 60);
	assert_int_equal(o->batch, 32);
	assert_true(o->rate == 0.25);
	assert_true(o->l2 == -1);
	assert_int_equal(o->patience, 15);
	assert_int_equal(o->seed, 1);
	assert_string_equal(o->model, "auto");
	assert_string_equal(o->class_weights, "none");
	assert_int_equal(
	    opt_set(opt_find(&train_group, "model"), o, "softmax", &err), 0);
	assert_int_equal(
	    opt_set(opt_find(&train_group, "model"), o, "forest", &err), -1);
	assert_int_equal(
	    opt_set(opt_find(&train_group, "epochs"), o, "0", &err), -1);
	opt_free(&train_group, o);
}

/* ---- training --------------------------------------------------------- */

static struct model
train(const struct problem *p, const struct train_opts *opts)
{
	struct model m = { 0 };
	struct err err = { 0 };

	if (model_train(&m, &p->data, opts, &test_origin, NULL, NULL, &err) !=
	    0)
		fail_msg("%s", err.msg);
	return m;
}

static void
check_refused(const struct problem *p, const struct train_opts *opts,
    enum err_kind kind, const char *what)
{
	struct model m = { 0 };
	struct err err = { 0 };

	assert_int_equal(
	    model_train(&m, &p->data, opts, &test_origin, NULL, NULL, &err),
	    -1);
	assert_int_equal(err.kind, kind);
	assert_non_null(strstr(err.msg, what));
	assert_null(m.classes);
}

static void
a_model_is_judged_on_validation_and_test(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(300, 8, 3, 4, 11);
	struct train_opts opts = test_opts();
	struct model m CLEANUP(model_release) = train(&p, &opts);
	struct metrics test CLEANUP(metrics_release) = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(m.validation.n, 60);
	assert_true(m.validation.accuracy > 0.9);
	assert_int_equal(
	    model_evaluate(&m, &p.data, TRAIN_PART_TEST, &test, NULL, &err), 0);
	assert_int_equal(test.n, 60);
	assert_true(test.accuracy > 0.9 && test.low < test.accuracy);
	assert_int_equal(model_label(&m, "cow"), 2);
	assert_int_equal(model_label(&m, "dog"), -1);
}

static void
nothing_but_training_rows_shapes_the_model(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(200, 6, 2, 1, 12);
	struct train_opts opts = test_opts();
	struct model a CLEANUP(model_release) = train(&p, &opts);
	struct model b CLEANUP(model_release) = { 0 };
	struct metrics test CLEANUP(metrics_release) = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < p.data.n; i++)
		for (size_t j = 0; j < 6; j++) {
			if (p.parts[i] == TRAIN_PART_VALIDATION)
				p.x[i * 6 + j] *= 1000;
			if (p.parts[i] == TRAIN_PART_TEST)
				p.x[i * 6 + j] = NAN;
		}
	/* Test rows are looked at only to say that they are broken. */
	check_refused(&p, &opts, ERR_INPUT, "not finite");
	for (size_t i = 0; i < p.data.n * 6; i++)
		if (isnan(p.x[i]))
			p.x[i] = 1e20f;
	b = train(&p, &opts);
	assert_memory_equal(a.softmax.mean, b.softmax.mean, 6 * sizeof(float));
	assert_memory_equal(
	    a.softmax.scale, b.softmax.scale, 6 * sizeof(float));
	assert_int_equal(
	    model_evaluate(&b, &p.data, TRAIN_PART_TEST, &test, NULL, &err), 0);
}

static void
test_rows_change_no_bit_of_the_model(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(200, 6, 2, 1, 12);
	struct train_opts opts = test_opts();
	struct model a CLEANUP(model_release) = { 0 };
	struct model b CLEANUP(model_release) = { 0 };

	(void)state;
	opts.l2 = -1;
	a = train(&p, &opts);
	for (size_t i = 0; i < p.data.n * 6; i++)
		if (p.parts[i / 6] == TRAIN_PART_TEST)
			p.x[i] = 1e20f;
	b = train(&p, &opts);
	assert_memory_equal(
	    a.softmax.weights, b.softmax.weights, 12 * sizeof(float));
	assert_true(a.validation.log_loss == b.validation.log_loss);
}

static double
chosen_l2(const struct model *m)
{
	return json_number_value(json_object_get(m->options, "l2"));
}

static void
the_penalty_is_chosen_by_validation_loss(void **state)
{
	static const double strengths[] = { 3, 1, 0.3, 0.1, 0.01 };
	struct problem noise CLEANUP(problem_release) =
	    problem_new(80, 60, 2, 0, 13);
	struct problem plain CLEANUP(problem_release) =
	    problem_new(300, 4, 2, 8, 14);
	struct train_opts opts = test_opts();
	struct model a CLEANUP(model_release) = { 0 };
	struct model b CLEANUP(model_release) = { 0 };

	(void)state;
	opts.l2 = -1;
	a = train(&noise, &opts);
	b = train(&plain, &opts);
	assert_true(chosen_l2(&b) == 0.01);
	for (size_t i = 0; i < ARRAY_SIZE(strengths); i++) {
		struct model m CLEANUP(model_release) = { 0 };

		opts.l2 = strengths[i];
		m = train(&noise, &opts);
		assert_true(m.validation.log_loss >= a.validation.log_loss);
		if (strengths[i] == chosen_l2(&a))
			assert_memory_equal(m.softmax.weights,
			    a.softmax.weights, 120 * sizeof(float));
	}
}

static void
of_equal_penalties_the_stronger_is_taken(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(40, 3, 2, 1, 15);
	struct train_opts opts = test_opts();
	struct model m CLEANUP(model_release) = { 0 };

	(void)state;
	/* Nothing to learn from: every strength ends at zero weights. */
	for (size_t i = 0; i < 40 * 3; i++)
		p.x[i] = 1;
	opts.l2 = -1;
	opts.batch = 1000;
	m = train(&p, &opts);
	assert_true(chosen_l2(&m) == 3);
	assert_true(m.softmax.weights[0] == 0);
}

static void
without_validation_rows_every_epoch_is_run(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(100, 5, 2, 3, 16);
	struct train_opts opts = test_opts();
	struct model m CLEANUP(model_release) = { 0 };

	(void)state;
	memset(p.parts, TRAIN_PART_TRAIN, 100);
	opts.l2 = -1;
	m = train(&p, &opts);
	assert_true(chosen_l2(&m) == 0.1);
	assert_int_equal(m.validation.n, 0);
	assert_true(isnan(m.validation.accuracy));
}

static void
balanced_weights_find_more_of_a_rare_class(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(600, 4, 2, 1, 17);
	struct train_opts opts = test_opts();
	struct model plain CLEANUP(model_release) = { 0 };
	struct model balanced CLEANUP(model_release) = { 0 };
	struct model weighed CLEANUP(model_release) = { 0 };
	char yes[] = "balanced", no[] = "none";
	float weights[2];
	size_t seen = 0, count[2] = { 0 };

	(void)state;
	/* Of the training rows of class 1 keep one in ten. */
	for (size_t i = 0; i < 600; i++)
		if (p.parts[i] == TRAIN_PART_TRAIN && p.labels[i] == 1 &&
		    seen++ % 10 != 0)
			p.parts[i] = TRAIN_PART_TEST;
	plain = train(&p, &opts);
	opts.class_weights = yes;
	balanced = train(&p, &opts);
	assert_true(plain.validation.classes[1].recall < 0.4);
	assert_true(balanced.validation.classes[1].recall > 0.6);
	assert_true(balanced.validation.balanced_accuracy >
	    plain.validation.balanced_accuracy);
	/* And so do those that come with the data. */
	for (size_t i = 0; i < 600; i++)
		if (p.parts[i] == TRAIN_PART_TRAIN)
			count[p.labels[i]]++;
	for (size_t c = 0; c < 2; c++)
		weights[c] = (float)((double)(count[0] + count[1]) /
		    (2.0 * (double)count[c]));
	p.data.class_weights = weights;
	opts.class_weights = no;
	weighed = train(&p, &opts);
	assert_true(weighed.validation.classes[1].recall ==
	    balanced.validation.classes[1].recall);
}

static void
a_class_absent_from_the_test_part_is_no_trouble(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(150, 6, 3, 4, 18);
	struct train_opts opts = test_opts();
	struct model m CLEANUP(model_release) = { 0 };
	struct metrics test CLEANUP(metrics_release) = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 150; i++)
		if (p.parts[i] == TRAIN_PART_TEST && p.labels[i] == 1)
			p.parts[i] = TRAIN_PART_TRAIN;
	m = train(&p, &opts);
	assert_int_equal(
	    model_evaluate(&m, &p.data, TRAIN_PART_TEST, &test, NULL, &err), 0);
	assert_true(isnan(test.classes[1].recall));
	assert_true(test.balanced_accuracy > 0.8);
}

static void
what_cannot_be_learnt_is_refused_with_its_reason(void **state)
{
	struct problem one CLEANUP(problem_release) =
	    problem_new(20, 3, 1, 1, 19);
	struct problem two CLEANUP(problem_release) =
	    problem_new(40, 3, 2, 1, 19);
	struct train_opts opts = test_opts();

	(void)state;
	check_refused(&one, &opts, ERR_INPUT, "two classes");
	two.x[7] = INFINITY;
	check_refused(&two, &opts, ERR_INPUT, "image 2: feature 1");
	two.x[7] = 0;
	opts.rate = 1e37;
	check_refused(&two, &opts, ERR_FATAL, "not finite");
	for (size_t i = 0; i < 40; i++)
		if (two.labels[i] == 1)
			two.parts[i] = TRAIN_PART_TEST;
	check_refused(&two, &opts, ERR_INPUT, "\"bee\"");
	two.data.k = two.data.d = 5000;
	check_refused(&two, &opts, ERR_INPUT, "too many");
}

static void
evaluating_on_what_does_not_fit_is_refused(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(60, 4, 2, 3, 20);
	struct problem wide CLEANUP(problem_release) =
	    problem_new(60, 5, 2, 3, 20);
	struct train_opts opts = test_opts();
	struct model m CLEANUP(model_release) = train(&p, &opts);
	struct metrics none = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    model_evaluate(&m, &wide.data, TRAIN_PART_TEST, &none, NULL, &err),
	    -1);
	assert_int_equal(err.kind, ERR_INPUT);
	memset(p.parts, TRAIN_PART_TRAIN, 60);
	assert_int_equal(
	    model_evaluate(&m, &p.data, TRAIN_PART_TEST, &none, NULL, &err),
	    -1);
	assert_non_null(strstr(err.msg, "no images"));
}

/* ---- progress --------------------------------------------------------- */

struct watch {
	int calls, stop_at;
	struct train_progress last;
};

static int
watch_training(void *ctx, const struct train_progress *p, struct err *err)
{
	struct watch *w = ctx;

	w->last = *p;
	if (++w->calls == w->stop_at)
		return err_set(err, ERR_STOPPED, "enough");
	return 0;
}

static void
progress_is_told_after_each_epoch_and_can_stop(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(100, 4, 2, 3, 21);
	struct train_opts opts = test_opts();
	struct watch w = { .stop_at = 1000 };
	struct model m CLEANUP(model_release) = { 0 };
	struct err err = { 0 };

	(void)state;
	opts.epochs = 10;
	opts.patience = 10;
	opts.l2 = -1;
	assert_int_equal(model_train(&m, &p.data, &opts, &test_origin,
			     watch_training, &w, &err),
	    0);
	assert_int_equal(w.calls, 50);
	assert_int_equal(w.last.strength, 5);
	assert_int_equal(w.last.strengths, 5);
	assert_int_equal(w.last.epoch, 10);
	assert_int_equal(w.last.epochs, 10);
	assert_true(w.last.l2 == 0.01);
	assert_true(w.last.val_accuracy > 0.5 && w.last.train_loss < 1);
	model_release(&m);
	w = (struct watch){ .stop_at = 13 };
	assert_int_equal(model_train(&m, &p.data, &opts, &test_origin,
			     watch_training, &w, &err),
	    -1);
	assert_int_equal(err.kind, ERR_STOPPED);
	assert_int_equal(w.calls, 13);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_of_the_table_are_valid),
		cmocka_unit_test(a_model_is_judged_on_validation_and_test),
		cmocka_unit_test(nothing_but_training_rows_shapes_the_model),
		cmocka_unit_test(test_rows_change_no_bit_of_the_model),
		cmocka_unit_test(the_penalty_is_chosen_by_validation_loss),
		cmocka_unit_test(of_equal_penalties_the_stronger_is_taken),
		cmocka_unit_test(without_validation_rows_every_epoch_is_run),
		cmocka_unit_test(balanced_weights_find_more_of_a_rare_class),
		cmocka_unit_test(
		    a_class_absent_from_the_test_part_is_no_trouble),
		cmocka_unit_test(
		    what_cannot_be_learnt_is_refused_with_its_reason),
		cmocka_unit_test(evaluating_on_what_does_not_fit_is_refused),
		cmocka_unit_test(
		    progress_is_told_after_each_epoch_and_can_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
