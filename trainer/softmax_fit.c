/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fitting a softmax regression.
 *
 * The loss is convex and its curvature bounded, so steps are measured by it:
 * a rate of 1 is the longest step that is safe without momentum, whatever
 * the number of features and their correlations.  The rate falls along half
 * a cosine to 0 at the last epoch, which lets the noise of batches die out.
 */
#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/metrics.h"
#include "trainer/softmax.h"
#include "trainer/softmax_int.h"

#define MOMENTUM 0.9f

/* Rows that the curvature is estimated from; more change it little. */
#define CURVATURE_ROWS 1024
#define CURVATURE_STEPS 12

static double
weight_of(const float *class_weights, size_t label)
{
	return class_weights == NULL ? 1 : (double)class_weights[label];
}

double
softmax_gradient(const struct softmax *s, struct softmax_block *b,
    const struct softmax_rows *r, double l2, const float *class_weights,
    float *by_weights, float *by_bias)
{
	int n = (int)r->n, k = (int)s->k, d = (int)s->d;
	double loss = 0, penalty = 0;

	softmax_forward(s, b, r->x, r->index, r->n);
	memset(by_bias, 0, s->k * sizeof(float));
	for (size_t i = 0; i < r->n; i++) {
		size_t label = (size_t)r->labels[r->index[i]];
		double weight = weight_of(class_weights, label) / n;
		float *p = b->p + i * s->k;

		loss += weight * cross_entropy(p[label]);
		p[label] -= 1;
		for (size_t j = 0; j < s->k; j++) {
			p[j] *= (float)weight;
			by_bias[j] += p[j];
		}
	}
	for (size_t i = 0; i < s->d * s->k; i++) {
		penalty += (double)s->weights[i] * (double)s->weights[i];
		by_weights[i] = (float)l2 * s->weights[i];
	}
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, k, n, 1, b->z,
	    d, b->p, k, 1, by_weights, k);
	return loss + l2 / 2 * penalty;
}

/*
 * The largest eigenvalue of Z'VZ / n, Z being b->z and V the weights of its
 * rows, by the power method.
 */
static double
largest_eigenvalue(const struct softmax *s, const struct softmax_block *b,
    const float *row_weights, size_t rows)
{
	float *u CLEANUP(freep) = xcalloc(s->d, sizeof(float));
	float *t CLEANUP(freep) = xcalloc(rows, sizeof(float));
	int n = (int)rows, d = (int)s->d;
	double value = 0;
	struct rng rng;

	rng_seed(&rng, 0);
	for (size_t j = 0; j < s->d; j++)
		u[j] = (float)rng_below(&rng, 1001) / 500 - 1;
	for (int step = 0; step < CURVATURE_STEPS; step++) {
		float length = cblas_snrm2(d, u, 1);

		if (!(length > 0))
			return 0;
		cblas_sscal(d, 1 / length, u, 1);
		cblas_sgemv(CblasRowMajor, CblasNoTrans, n, d, 1, b->z, d, u, 1,
		    0, t, 1);
		value = 0;
		for (size_t i = 0; i < rows; i++) {
			value += (double)(row_weights[i] * t[i] * t[i]) / n;
			t[i] *= row_weights[i] / (float)n;
		}
		cblas_sgemv(
		    CblasRowMajor, CblasTrans, n, d, 1, b->z, d, t, 1, 0, u, 1);
	}
	return value;
}

/*
 * Softmax's own curvature is at most 1/2 (Boehning, 1992).  A batch sees the
 * data's through its few rows: beside the largest eigenvalue stands what its
 * rows' own lengths add, their mean square over the size of a batch.
 */
double
softmax_curvature(const struct softmax *s, const struct softmax_rows *r,
    const struct softmax_opts *opts)
{
	struct softmax_block b CLEANUP(softmax_block_release);
	size_t n = r->n < CURVATURE_ROWS ? r->n : CURVATURE_ROWS;
	size_t *index CLEANUP(freep) = xcalloc(n, sizeof(*index));
	float *weights CLEANUP(freep) = xcalloc(n, sizeof(*weights));
	double lengths = 0, data;

	for (size_t i = 0; i < n; i++) {
		index[i] = r->index[i * r->n / n];
		weights[i] = (float)weight_of(
		    opts->class_weights, (size_t)r->labels[index[i]]);
	}
	softmax_block_init(&b, s, n);
	softmax_forward(s, &b, r->x, index, n);
	for (size_t i = 0; i < n; i++) {
		float length = cblas_snrm2((int)s->d, b.z + i * s->d, 1);

		lengths += (double)(weights[i] * weights[i]) * (double)length *
		    (double)length / (double)n;
	}
	data = largest_eigenvalue(s, &b, weights, n);
	/* The 1 is the bias, a feature that is always 1. */
	return (data + lengths / (double)opts->batch + 1) / 2 + opts->l2;
}

/* All that one fit carries from step to step. */
struct fit {
	struct softmax *s;
	const struct softmax_opts *opts;
	struct softmax_block block;
	float *by_weights, *by_bias; /* gradient */
	float *speed, *bias_speed;
	size_t *order; /* the training rows, shuffled anew each epoch */
	size_t batches;
	double longest; /* step */
	struct rng rng;
	struct softmax best;
	double best_loss;
	int64_t best_epoch;
};

static void
fit_release(struct fit *f)
{
	softmax_block_release(&f->block);
	softmax_release(&f->best);
	free(f->by_weights);
	free(f->by_bias);
	free(f->speed);
	free(f->bias_speed);
	free(f->order);
}

static void
fit_init(struct fit *f, struct softmax *s, const struct softmax_rows *train,
    const struct softmax_opts *opts)
{
	size_t batch = (size_t)opts->batch;

	f->s = s;
	f->opts = opts;
	f->batches = (train->n + batch - 1) / batch;
	softmax_block_init(&f->block, s, batch < train->n ? batch : train->n);
	f->by_weights = xcalloc(s->d * s->k, sizeof(float));
	f->by_bias = xcalloc(s->k, sizeof(float));
	f->speed = xcalloc(s->d * s->k, sizeof(float));
	f->bias_speed = xcalloc(s->k, sizeof(float));
	f->order = xcalloc(train->n, sizeof(*f->order));
	memcpy(f->order, train->index, train->n * sizeof(*f->order));
	f->longest = 1 / softmax_curvature(s, train, opts);
	rng_seed(&f->rng, opts->seed);
	softmax_init(&f->best, s->k, s->d);
	f->best_loss = INFINITY;
}

static void
move(float *at, float *speed, const float *gradient, size_t n, float step)
{
	for (size_t i = 0; i < n; i++) {
		speed[i] = MOMENTUM * speed[i] - step * gradient[i];
		at[i] += MOMENTUM * speed[i] - step * gradient[i];
	}
}

/* One pass over the training rows; the mean penalised loss on the way. */
static double
run_epoch(struct fit *f, const struct softmax_rows *train, int64_t epoch)
{
	const struct softmax_opts *opts = f->opts;
	struct softmax *s = f->s;
	double total = 0;

	rng_shuffle(&f->rng, f->order, train->n);
	for (size_t i = 0; i < f->batches; i++) {
		size_t from = train->n * i / f->batches;
		size_t to = train->n * (i + 1) / f->batches;
		struct softmax_rows batch = { train->x, train->labels,
			f->order + from, to - from };
		double gone = ((double)epoch + (double)i / (double)f->batches) /
		    (double)opts->epochs;
		double step =
		    opts->rate * f->longest * (1 + cos(M_PI * gone)) / 2;

		total += (double)batch.n *
		    softmax_gradient(s, &f->block, &batch, opts->l2,
			opts->class_weights, f->by_weights, f->by_bias);
		move(s->weights, f->speed, f->by_weights, s->d * s->k,
		    (float)step);
		move(s->bias, f->bias_speed, f->by_bias, s->k, (float)step);
	}
	return total / (double)train->n;
}

static bool
all_finite(const float *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return false;
	return true;
}

static void
copy_weights(struct softmax *to, const struct softmax *from)
{
	memcpy(to->weights, from->weights, from->d * from->k * sizeof(float));
	memcpy(to->bias, from->bias, from->k * sizeof(float));
}

/* One epoch with all that follows it; 1 when it was the last. */
static int
take_epoch(struct fit *f, const struct softmax_rows *train,
    const struct softmax_rows *val, int64_t epoch, softmax_epoch_fn *fn,
    void *ctx, struct err *err)
{
	struct softmax *s = f->s;
	double loss = run_epoch(f, train, epoch);
	struct softmax_score score =
	    softmax_score(s, val, f->opts->class_weights);
	struct softmax_epoch seen = { epoch + 1, f->opts->l2, loss, score.loss,
		score.accuracy };

	if (!isfinite(loss) || (val->n > 0 && !isfinite(score.loss)) ||
	    !all_finite(s->weights, s->d * s->k) || !all_finite(s->bias, s->k))
		return err_set(err, ERR_FATAL,
		    "the loss is not finite after epoch %lld (l2 %g): a lower "
		    "learning-rate than %g may help",
		    (long long)seen.epoch, f->opts->l2, f->opts->rate);
	if (fn != NULL && fn(ctx, &seen, err) != 0)
		return -1;
	if (val->n == 0 || score.loss < f->best_loss) {
		f->best_loss = score.loss;
		f->best_epoch = epoch;
		copy_weights(&f->best, s);
	}
	return epoch - f->best_epoch >= f->opts->patience;
}

int
softmax_fit(struct softmax *s, const struct softmax_rows *train,
    const struct softmax_rows *val, const struct softmax_opts *opts,
    softmax_epoch_fn *fn, void *ctx, double *ret_val_loss, struct err *err)
{
	struct fit f CLEANUP(fit_release) = { 0 };
	int last = 0;

	softmax_standardise(s, train);
	memset(s->weights, 0, s->d * s->k * sizeof(float));
	memset(s->bias, 0, s->k * sizeof(float));
	fit_init(&f, s, train, opts);
	for (int64_t epoch = 0; epoch < opts->epochs && !last; epoch++) {
		last = take_epoch(&f, train, val, epoch, fn, ctx, err);
		if (last < 0)
			return -1;
	}
	copy_weights(s, &f.best);
	*ret_val_loss = f.best_loss;
	return 0;
}
