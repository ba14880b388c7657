/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/softmax: the loss, its gradient, and the fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "problems.h"
#include "trainer/blas.h"
#include "trainer/softmax_int.h"

static struct softmax_opts
opts_for(double l2)
{
	return (struct softmax_opts){
		.epochs = 60,
		.batch = 16,
		.rate = 0.25,
		.l2 = l2,
		.patience = 60,
		.seed = 1,
	};
}

static const struct softmax_rows no_rows;

/* ---- a second opinion, in double and by plain loops ------------------- */

struct plain {
	size_t k, d;
	double *weights; /* d x k */
	double *bias;    /* k */
};

static void
plain_release(struct plain *p)
{
	free(p->weights);
	free(p->bias);
}

static struct plain
plain_new(const struct softmax *s)
{
	struct plain p = { s->k, s->d, NULL, NULL };

	p.weights = xcalloc(s->d * s->k, sizeof(double));
	p.bias = xcalloc(s->k, sizeof(double));
	for (size_t i = 0; i < s->d * s->k; i++)
		p.weights[i] = (double)s->weights[i];
	for (size_t i = 0; i < s->k; i++)
		p.bias[i] = (double)s->bias[i];
	return p;
}

static double
plain_z(const struct softmax *s, const float *x, size_t j)
{
	double z = ((double)x[j] - (double)s->mean[j]) * (double)s->scale[j];

	return fmax(-6, fmin(6, z));
}

static void
plain_probabilities(
    const struct plain *p, const struct softmax *s, const float *x, double *out)
{
	double sum = 0;

	for (size_t c = 0; c < p->k; c++) {
		out[c] = p->bias[c];
		for (size_t j = 0; j < p->d; j++)
			out[c] += plain_z(s, x, j) * p->weights[j * p->k + c];
		out[c] = exp(out[c]);
		sum += out[c];
	}
	for (size_t c = 0; c < p->k; c++)
		out[c] /= sum;
}

/* The penalised loss; by (d x k, then k) gets the gradient unless NULL. */
static double
plain_loss(const struct plain *p, const struct softmax *s,
    const struct softmax_rows *r, double l2, double *by)
{
	double loss = 0, share[5];
	size_t count = p->d * p->k;

	for (size_t i = 0; i < count; i++) {
		loss += l2 / 2 * p->weights[i] * p->weights[i];
		if (by != NULL)
			by[i] = l2 * p->weights[i];
	}
	for (size_t c = 0; by != NULL && c < p->k; c++)
		by[count + c] = 0;
	for (size_t i = 0; i < r->n; i++) {
		const float *x = r->x + r->index[i] * p->d;
		size_t label = (size_t)r->labels[r->index[i]];

		plain_probabilities(p, s, x, share);
		loss -= log(share[label]) / (double)r->n;
		share[label] -= 1;
		for (size_t c = 0; by != NULL && c < p->k; c++) {
			double g = share[c] / (double)r->n;

			by[count + c] += g;
			for (size_t j = 0; j < p->d; j++)
				by[j * p->k + c] += g * plain_z(s, x, j);
		}
	}
	return loss;
}

/* Long plain gradient descent from zero: the loss at the optimum. */
static double
plain_optimum(const struct softmax *s, const struct softmax_rows *r, double l2)
{
	struct softmax zero CLEANUP(softmax_release) = { 0 };
	struct plain p CLEANUP(plain_release) = { 0 };
	double *by CLEANUP(freep) = xcalloc(s->d * s->k + s->k, sizeof(double));
	size_t count = s->d * s->k;

	softmax_init(&zero, s->k, s->d);
	p = plain_new(&zero);
	for (int step = 0; step < 5000; step++) {
		plain_loss(&p, s, r, l2, by);
		for (size_t i = 0; i < count; i++)
			p.weights[i] -= 0.5 * by[i];
		for (size_t c = 0; c < s->k; c++)
			p.bias[c] -= 0.5 * by[count + c];
	}
	return plain_loss(&p, s, r, l2, NULL);
}

/* ---- the loss and its gradient ---------------------------------------- */

/* A softmax with weights that are not zero. */
static struct softmax
some_softmax(const struct softmax_rows *r, size_t k, size_t d)
{
	struct softmax s;
	struct rng rng;

	rng_seed(&rng, 9);
	softmax_init(&s, k, d);
	softmax_standardise(&s, r);
	for (size_t i = 0; i < d * k; i++)
		s.weights[i] = normal(&rng) / 2;
	for (size_t i = 0; i < k; i++)
		s.bias[i] = normal(&rng) / 2;
	return s;
}

static void
check_slope(double *at, double by, const struct plain *plain,
    const struct softmax *s, const struct softmax_rows *r, double l2)
{
	const double h = 1e-5;
	double kept = *at, up, down;

	*at = kept + h;
	up = plain_loss(plain, s, r, l2, NULL);
	*at = kept - h;
	down = plain_loss(plain, s, r, l2, NULL);
	*at = kept;
	assert_true(fabs((up - down) / (2 * h) - by) < 1e-5);
}

static void
the_gradient_is_the_slope_of_the_loss(void **state)
{
	struct problem p CLEANUP(problem_release) = problem_new(23, 7, 4, 1, 1);
	struct softmax s CLEANUP(softmax_release) = some_softmax(&p.all, 4, 7);
	struct softmax_block b CLEANUP(softmax_block_release);
	struct plain plain CLEANUP(plain_release) = plain_new(&s);
	float by_weights[28], by_bias[4];
	double loss;

	(void)state;
	softmax_block_init(&b, &s, 23);
	loss = softmax_gradient(&s, &b, &p.all, 0.3, NULL, by_weights, by_bias);
	assert_true(
	    fabs(loss - plain_loss(&plain, &s, &p.all, 0.3, NULL)) < 1e-5);
	for (size_t i = 0; i < 28; i++)
		check_slope(&plain.weights[i], (double)by_weights[i], &plain,
		    &s, &p.all, 0.3);
	for (size_t i = 0; i < 4; i++)
		check_slope(&plain.bias[i], (double)by_bias[i], &plain, &s,
		    &p.all, 0.3);
}

static void
a_class_of_weight_2_counts_as_if_its_rows_stood_twice(void **state)
{
	static const float weights[] = { 1, 2 };
	static const size_t once[] = { 0, 1, 2, 3 };
	static const size_t twice[] = { 0, 1, 1, 2, 3, 3 };
	struct problem p CLEANUP(problem_release) = problem_new(4, 3, 2, 1, 2);
	struct softmax s CLEANUP(softmax_release) = some_softmax(&p.all, 2, 3);
	struct softmax_rows one = { p.x, p.labels, once, 4 };
	struct softmax_rows two = { p.x, p.labels, twice, 6 };
	struct softmax_block b CLEANUP(softmax_block_release);
	float by_a[6], by_b[6], bias_a[2], bias_b[2];
	double a, c;

	(void)state;
	softmax_block_init(&b, &s, 6);
	a = softmax_gradient(&s, &b, &one, 0, weights, by_a, bias_a);
	c = softmax_gradient(&s, &b, &two, 0, NULL, by_b, bias_b);
	assert_true(fabs(4 * a - 6 * c) < 1e-5);
	for (size_t i = 0; i < 6; i++)
		assert_float_equal(4 * by_a[i], 6 * by_b[i], 1e-5f);
	assert_true(fabs(4 * softmax_score(&s, &one, weights).loss -
			6 * softmax_score(&s, &two, NULL).loss) < 1e-5);
}

static void
probabilities_are_those_of_plain_loops(void **state)
{
	/* More rows than a block holds. */
	struct problem p CLEANUP(problem_release) =
	    problem_new(700, 5, 3, 1, 3);
	struct softmax s CLEANUP(softmax_release) = some_softmax(&p.all, 3, 5);
	struct plain plain CLEANUP(plain_release) = plain_new(&s);
	float *out CLEANUP(freep) = xcalloc(700 * 3, sizeof(*out));

	(void)state;
	p.x[0] = 1e9f; /* cut to six deviations */
	p.x[6] = -1e9f;
	softmax_predict(&s, p.x, 700, out);
	for (size_t i = 0; i < 700; i++) {
		double want[3];

		plain_probabilities(&plain, &s, p.x + 5 * i, want);
		for (size_t c = 0; c < 3; c++)
			assert_true(
			    fabs((double)out[3 * i + c] - want[c]) < 1e-5);
	}
}

/* ---- standardising ---------------------------------------------------- */

static void
features_are_standardised_and_constant_ones_do_not_count(void **state)
{
	/* The third differs by no more than a float's last bit. */
	static const float x[] = {
		1, 7, 1000, 1e30f, 3, 7, 1000.00006f, -1e30f, 5, 7, 1000, 0, 99,
		8, 2000, 0 /* not among the rows */
	};
	static const int32_t labels[] = { 0, 1, 0, 1 };
	static const size_t index[] = { 0, 1, 2 };
	struct softmax_rows r = { x, labels, index, 3 };
	struct softmax s CLEANUP(softmax_release) = { 0 };

	(void)state;
	softmax_init(&s, 2, 4);
	softmax_standardise(&s, &r);
	assert_float_equal(s.mean[0], 3, 1e-6f);
	assert_float_equal(s.scale[0], 0.6123724f, 1e-6f); /* 1/sqrt(8/3) */
	assert_true(s.scale[1] == 0);
	assert_true(s.scale[2] == 0);
	assert_true(s.scale[3] > 1.2e-30f && s.scale[3] < 1.3e-30f);
}

/* ---- the fit ---------------------------------------------------------- */

static struct softmax
fit(const struct softmax_rows *train, const struct softmax_rows *val, size_t k,
    size_t d, const struct softmax_opts *opts)
{
	struct softmax s;
	double loss;
	struct err err;

	assert_int_equal(blas_start(&err), 0);
	softmax_init(&s, k, d);
	assert_int_equal(
	    softmax_fit(&s, train, val, opts, NULL, NULL, &loss, &err), 0);
	return s;
}

static void
classes_that_a_plane_separates_are_learnt_without_error(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(300, 6, 3, 12, 4);
	struct softmax_opts opts = opts_for(0.01);
	struct softmax s CLEANUP(softmax_release) =
	    fit(&p.all, &no_rows, 3, 6, &opts);

	(void)state;
	assert_true(softmax_score(&s, &p.all, NULL).accuracy == 1);
}

static void
the_fit_ends_at_the_optimum(void **state)
{
	static const double strengths[] = { 1, 0.1, 0.01 };
	/* Classes that overlap, so that no weights are perfect. */
	struct problem p CLEANUP(problem_release) =
	    problem_new(200, 6, 3, 1, 5);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strengths); i++) {
		struct softmax_opts opts = opts_for(strengths[i]);
		struct softmax s CLEANUP(softmax_release) =
		    fit(&p.all, &no_rows, 3, 6, &opts);
		struct plain end CLEANUP(plain_release) = plain_new(&s);
		double got = plain_loss(&end, &s, &p.all, opts.l2, NULL);
		double best = plain_optimum(&s, &p.all, opts.l2);

		assert_true(got > best - 1e-9);
		assert_true(got < best + 1e-4);
	}
}

static void
many_features_and_few_rows_come_near_the_optimum(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(60, 200, 2, 1, 6);
	struct softmax_opts opts = opts_for(0.1);
	struct softmax s CLEANUP(softmax_release) =
	    fit(&p.all, &no_rows, 2, 200, &opts);
	struct plain end CLEANUP(plain_release) = plain_new(&s);
	double got = plain_loss(&end, &s, &p.all, opts.l2, NULL);
	double best = plain_optimum(&s, &p.all, opts.l2);

	(void)state;
	assert_true(got > best - 1e-9);
	assert_true(got < 1.01 * best);
}

/* What the callback saw. */
struct seen {
	size_t n;
	double val_loss[400];
};

static int
note_epoch(void *ctx, const struct softmax_epoch *e, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	assert_int_equal(e->epoch, seen->n + 1);
	seen->val_loss[seen->n++] = e->val_loss;
	return 0;
}

static void
stopping_restores_the_weights_of_the_best_epoch(void **state)
{
	/* Pure noise: what is learnt of it makes validation worse. */
	struct problem p CLEANUP(problem_release) =
	    problem_new(80, 60, 2, 0, 7);
	struct softmax_rows train = { p.x, p.labels, p.index, 40 };
	struct softmax_rows val = { p.x, p.labels, p.index + 40, 40 };
	struct softmax_opts opts = opts_for(0);
	struct softmax s CLEANUP(softmax_release) = { 0 };
	struct seen seen = { 0 };
	size_t best = 0;
	double loss;
	struct err err;

	(void)state;
	opts.epochs = 400;
	opts.patience = 5;
	softmax_init(&s, 2, 60);
	assert_int_equal(softmax_fit(&s, &train, &val, &opts, note_epoch, &seen,
			     &loss, &err),
	    0);
	for (size_t i = 1; i < seen.n; i++)
		if (seen.val_loss[i] < seen.val_loss[best])
			best = i;
	assert_int_equal(seen.n, best + 1 + 5);
	assert_true(seen.val_loss[seen.n - 1] > seen.val_loss[best]);
	assert_true(loss == seen.val_loss[best]);
	assert_true(softmax_score(&s, &val, NULL).loss == loss);
}

static void
the_seed_alone_decides_the_bits(void **state)
{
	struct problem p CLEANUP(problem_release) =
	    problem_new(90, 20, 3, 1, 8);
	struct softmax_opts opts = opts_for(0.1);
	struct softmax a CLEANUP(softmax_release) =
	    fit(&p.all, &no_rows, 3, 20, &opts);
	struct softmax b CLEANUP(softmax_release) =
	    fit(&p.all, &no_rows, 3, 20, &opts);
	struct softmax c CLEANUP(softmax_release) = { 0 };
	size_t size = 60 * sizeof(float);

	(void)state;
	opts.seed = 2;
	c = fit(&p.all, &no_rows, 3, 20, &opts);
	assert_memory_equal(a.weights, b.weights, size);
	assert_memory_equal(a.bias, b.bias, 3 * sizeof(float));
	assert_memory_not_equal(a.weights, c.weights, size);
}

static void
a_loss_that_is_not_finite_is_fatal(void **state)
{
	struct problem p CLEANUP(problem_release) = problem_new(40, 4, 2, 1, 9);
	struct softmax_opts opts = opts_for(0.1);
	struct softmax s CLEANUP(softmax_release) = { 0 };
	double loss;
	struct err err = { 0 };

	(void)state;
	opts.rate = 1e37;
	softmax_init(&s, 2, 4);
	assert_int_equal(
	    softmax_fit(&s, &p.all, &no_rows, &opts, NULL, NULL, &loss, &err),
	    -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_non_null(strstr(err.msg, "learning-rate"));
}

/* ---- what it stands on ------------------------------------------------ */

static void
openblas_has_a_core_and_passes_its_test(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(blas_start(&err), 0);
	assert_true(strlen(blas_core()) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gradient_is_the_slope_of_the_loss),
		cmocka_unit_test(
		    a_class_of_weight_2_counts_as_if_its_rows_stood_twice),
		cmocka_unit_test(probabilities_are_those_of_plain_loops),
		cmocka_unit_test(
		    features_are_standardised_and_constant_ones_do_not_count),
		cmocka_unit_test(
		    classes_that_a_plane_separates_are_learnt_without_error),
		cmocka_unit_test(the_fit_ends_at_the_optimum),
		cmocka_unit_test(
		    many_features_and_few_rows_come_near_the_optimum),
		cmocka_unit_test(
		    stopping_restores_the_weights_of_the_best_epoch),
		cmocka_unit_test(the_seed_alone_decides_the_bits),
		cmocka_unit_test(a_loss_that_is_not_finite_is_fatal),
		cmocka_unit_test(openblas_has_a_core_and_passes_its_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
