/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "trainer/blas.h"
#include "trainer/trainer.h"

/*
 * Strengths of the penalty, the strongest first, so that of equals the
 * stronger stays.  Features are standardised, so the same few do for any.
 */
static const double strengths[] = { 3, 1, 0.3, 0.1, 0.01 };
#define DEFAULT_STRENGTH 0.1

/* The rows of one part. */
static struct softmax_rows
rows_of(const struct train_data *data, enum train_part part, size_t *index)
{
	size_t n = 0;

	for (size_t i = 0; i < data->n; i++)
		if (data->parts[i] == part)
			index[n++] = i;
	return (struct softmax_rows){ data->x, data->labels, index, n };
}

static int
check_sizes(const struct train_data *data, struct err *err)
{
	if (data->k < 2)
		return err_set(err, ERR_INPUT,
		    "training needs at least two classes, here is %zu",
		    data->k);
	if (data->k > MODEL_CLASSES_MAX || data->d > MODEL_FEATURES_MAX ||
	    data->k * (data->d + data->k) > MODEL_NUMBERS_MAX)
		return err_set(err, ERR_INPUT,
		    "%zu classes of %zu features are too many for one model",
		    data->k, data->d);
	return 0;
}

static int
check_numbers(const struct train_data *data, struct err *err)
{
	for (size_t i = 0; i < data->n; i++)
		for (size_t j = 0; j < data->d; j++)
			if (!isfinite(data->x[i * data->d + j]))
				return err_set(err, ERR_INPUT,
				    "image %zu: feature %zu is not finite", i,
				    j);
	return 0;
}

static int
check_names(const struct train_data *data, struct err *err)
{
	for (size_t c = 0; c < data->k; c++) {
		size_t len = strlen(data->classes[c]);

		if (len < 1 || len > MODEL_CLASS_NAME_MAX ||
		    !text_is_utf8(data->classes[c], len))
			return err_set(err, ERR_INPUT,
			    "class %zu: its name is not 1 to %d bytes of UTF-8",
			    c, MODEL_CLASS_NAME_MAX);
	}
	return 0;
}

/* counts[k]: training rows of each class. */
static int
count_classes(const struct train_data *data, size_t *counts, struct err *err)
{
	for (size_t i = 0; i < data->n; i++) {
		assert(
		    data->labels[i] >= 0 && (size_t)data->labels[i] < data->k);
		if (data->parts[i] == TRAIN_PART_TRAIN)
			counts[data->labels[i]]++;
	}
	for (size_t c = 0; c < data->k; c++)
		if (counts[c] == 0)
			return err_set(err, ERR_INPUT,
			    "class \"%s\" has no training images",
			    data->classes[c]);
	return 0;
}

/* Weights with which every class counts alike and the mean row counts 1. */
static float *
balance(const size_t *counts, size_t k, size_t n)
{
	float *weights = xcalloc(k, sizeof(*weights));

	for (size_t c = 0; c < k; c++)
		weights[c] =
		    (float)((double)n / ((double)k * (double)counts[c]));
	return weights;
}

/* One training: what its parts share. */
struct job {
	struct softmax_rows train, val;
	const struct train_opts *opts;
	const struct train_origin *origin;
	struct softmax_opts softmax_opts;
	train_progress_fn *fn;
	void *ctx;
	int strength, strengths;
};

static int
tell(void *ctx, const struct softmax_epoch *e, struct err *err)
{
	const struct job *job = ctx;
	struct train_progress p = {
		.strength = job->strength,
		.strengths = job->strengths,
		.epoch = e->epoch,
		.epochs = job->opts->epochs,
		.l2 = e->l2,
		.train_loss = e->train_loss,
		.val_loss = e->val_loss,
		.val_accuracy = e->accuracy,
	};

	return job->fn == NULL ? 0 : job->fn(job->ctx, &p, err);
}

/* Fit each strength of n and keep the best in *ret, its strength in *ret_l2. */
static int
fit_best(struct job *job, const double *l2, int n, struct softmax *ret,
    double *ret_l2, struct err *err)
{
	double best = INFINITY, loss;

	job->strengths = n;
	for (int i = 0; i < n; i++) {
		struct softmax s CLEANUP(softmax_release) = { 0 }, worse;

		job->strength = i + 1;
		job->softmax_opts.l2 = l2[i];
		softmax_init(&s, ret->k, ret->d);
		if (softmax_fit(&s, &job->train, &job->val, &job->softmax_opts,
			tell, job, &loss, err) != 0)
			return -1;
		if (i > 0 && !(loss < best))
			continue;
		best = loss;
		*ret_l2 = l2[i];
		worse = *ret;
		*ret = s;
		s = worse;
	}
	return 0;
}

static json_t *
options_to_json(
    const struct train_opts *o, const struct train_origin *origin, double l2)
{
	json_t *options = json_pack("{s:s, s:I, s:I, s:f, s:f, s:I, s:I, s:s}",
	    "model", "softmax", "epochs", (json_int_t)o->epochs, "batch",
	    (json_int_t)o->batch, "learning-rate", o->rate, "l2", l2,
	    "patience", (json_int_t)o->patience, "seed", (json_int_t)o->seed,
	    "class-weights", o->class_weights);

	if (origin->backbone != NULL)
		json_object_set_new(
		    options, "backbone-sha256", json_string(origin->backbone));
	if (origin->augment != NULL)
		json_object_update_new(options,
		    json_pack("{s:I, s:s, s:s, s:I}", "augment",
			(json_int_t)o->augment, "augment-steps",
			origin->augment, "augment-hash", origin->augment_hash,
			"augment-seed", (json_int_t)origin->augment_seed));
	return options;
}

static void
describe(struct model *m, const struct train_data *data,
    const struct train_origin *origin)
{
	m->classes = xcalloc(data->k, sizeof(*m->classes));
	for (size_t i = 0; i < data->k; i++)
		m->classes[i] = xstrdup(data->classes[i]);
	m->features = xstrdup(origin->features);
	m->recipe = xstrdup(origin->recipe);
	m->recipe_steps = xstrdup(origin->recipe_steps);
	m->snapshot = xstrdup(origin->snapshot);
	m->griddle = xstrdup(origin->griddle);
	m->blas = xstrdup(blas_core());
}

static int
measure(const struct softmax *s, const struct softmax_rows *r,
    struct metrics *ret, struct evaluation *ret_more, struct err *err)
{
	float *x CLEANUP(freep) = xreallocarray(NULL, r->n, s->d * sizeof(*x));
	float *p CLEANUP(freep) = xreallocarray(NULL, r->n, s->k * sizeof(*p));
	int32_t *labels CLEANUP(freep) = xcalloc(r->n, sizeof(*labels));

	for (size_t i = 0; i < r->n; i++) {
		memcpy(
		    x + i * s->d, r->x + r->index[i] * s->d, s->d * sizeof(*x));
		labels[i] = r->labels[r->index[i]];
	}
	softmax_predict(s, x, r->n, p);
	for (size_t i = 0; i < r->n * s->k; i++)
		if (!isfinite(p[i]))
			return err_set(err, ERR_INPUT,
			    "the model's numbers overflow on image %zu",
			    r->index[i / s->k]);
	metrics_init(ret, labels, p, r->n, s->k);
	if (ret_more != NULL)
		evaluation_init(
		    ret_more, &(struct answers){ labels, p, r->n, s->k });
	return 0;
}

static int
fit_model(struct model *m, struct job *job, struct err *err)
{
	const struct train_opts *opts = job->opts;
	double fixed = opts->l2 < 0 ? DEFAULT_STRENGTH : opts->l2, l2;
	bool choose = opts->l2 < 0 && job->val.n > 0;

	if (fit_best(job, choose ? strengths : &fixed,
		choose ? (int)ARRAY_SIZE(strengths) : 1, &m->softmax, &l2,
		err) != 0)
		return -1;
	m->options = options_to_json(opts, job->origin, l2);
	return measure(&m->softmax, &job->val, &m->validation, NULL, err);
}

int
model_train(struct model *m, const struct train_data *data,
    const struct train_opts *opts, const struct train_origin *origin,
    train_progress_fn *fn, void *ctx, struct err *err)
{
	size_t *counts CLEANUP(freep) = xcalloc(data->k, sizeof(*counts));
	size_t *train CLEANUP(freep) = xcalloc(data->n, sizeof(*train));
	size_t *val CLEANUP(freep) = xcalloc(data->n, sizeof(*val));
	float *weights CLEANUP(freep) = NULL;
	struct job job = {
		.opts = opts, .origin = origin, .fn = fn, .ctx = ctx
	};

	if (blas_start(err) != 0 || check_sizes(data, err) != 0 ||
	    check_names(data, err) != 0 ||
	    count_classes(data, counts, err) != 0 ||
	    check_numbers(data, err) != 0)
		return -1;
	job.train = rows_of(data, TRAIN_PART_TRAIN, train);
	job.val = rows_of(data, TRAIN_PART_VALIDATION, val);
	if (strcmp(opts->class_weights, "balanced") == 0)
		weights = balance(counts, data->k, job.train.n);
	job.softmax_opts = (struct softmax_opts){
		.epochs = opts->epochs,
		.batch = opts->batch,
		.rate = opts->rate,
		.patience = opts->patience,
		.seed = (uint64_t)opts->seed,
		.class_weights =
		    weights != NULL ? weights : data->class_weights,
	};
	describe(m, data, origin);
	softmax_init(&m->softmax, data->k, data->d);
	if (fit_model(m, &job, err) != 0) {
		model_release(m);
		return -1;
	}
	return 0;
}

int
model_evaluate(const struct model *m, const struct train_data *data,
    enum train_part part, struct metrics *ret, struct evaluation *ret_more,
    struct err *err)
{
	size_t *index CLEANUP(freep) = xcalloc(data->n, sizeof(*index));
	struct softmax_rows rows = rows_of(data, part, index);

	if (data->k != m->softmax.k || data->d != m->softmax.d)
		return err_set(err, ERR_INPUT,
		    "%zu classes of %zu features do not fit a model of %zu "
		    "of %zu",
		    data->k, data->d, m->softmax.k, m->softmax.d);
	if (rows.n == 0)
		return err_set(err, ERR_INPUT,
		    "there are no images to evaluate the model on");
	return measure(&m->softmax, &rows, ret, ret_more, err);
}
