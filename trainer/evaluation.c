/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/evaluation.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "trainer/metrics.h"

#define DRAWS_MAX 1000
#define DRAWS_MIN 200
#define WORK_MAX 2e8 /* draws x images x classes that take a second or two */
#define SEED 1

#define FIGURE(name, text) { #name, text },
static const struct {
	const char *name, *text;
} table[] = {
#include "trainer/evaluation.def"
};
#undef FIGURE

const char *
figure_name(enum figure_kind kind)
{
	return table[kind].name;
}

const char *
figure_text(enum figure_kind kind)
{
	return table[kind].text;
}

/*
 * The answers, and how often each image counts: once, or as often as a draw
 * of the bootstrap took it.
 */
struct sample {
	const struct answers *a;
	int32_t *answer;          /* n: the likeliest class */
	uint32_t *order;          /* k x n: images by falling p of the class */
	uint32_t *times;          /* n */
	int64_t *confusion;       /* k x k */
	double *roc_auc, *pr_auc; /* k */
	struct reliability bins[RELIABILITY_BINS];
};

/* ---- what the confusion matrix tells ---------------------------------- */

static void
count(struct sample *s)
{
	const struct answers *a = s->a;
	size_t i;

	memset(s->confusion, 0, a->k * a->k * sizeof(*s->confusion));
	for (i = 0; i < a->n; i++)
		s->confusion[(size_t)a->labels[i] * a->k +
		    (size_t)s->answer[i]] += s->times[i];
}

struct mean {
	double sum, weight;
};

static void
add(struct mean *m, double x, double weight)
{
	if (isnan(x))
		return;
	m->sum += weight * x;
	m->weight += weight;
}

static double
mean_of(const struct mean *m)
{
	return m->weight == 0 ? NAN : m->sum / m->weight;
}

static double
ratio(double a, double b)
{
	return b == 0 ? NAN : a / b;
}

static void
rate_counts(const struct sample *s, double *ret)
{
	struct mean recall = { 0 }, f1 = { 0 }, weighted = { 0 };
	double right = 0, both = 0, images2 = 0, answers2 = 0, n = 0;
	size_t k = s->a->k, i, j;

	for (i = 0; i < k; i++) {
		double images = 0, answers = 0,
		       hit = (double)s->confusion[i * k + i];

		for (j = 0; j < k; j++) {
			images += (double)s->confusion[i * k + j];
			answers += (double)s->confusion[j * k + i];
		}
		add(&recall, ratio(hit, images), 1);
		add(&f1, ratio(2 * hit, images + answers), 1);
		add(&weighted, ratio(2 * hit, images + answers), images);
		right += hit;
		n += images;
		both += images * answers;
		images2 += images * images;
		answers2 += answers * answers;
	}
	ret[FIGURE_balanced_accuracy] = mean_of(&recall);
	ret[FIGURE_macro_f1] = mean_of(&f1);
	ret[FIGURE_weighted_f1] = mean_of(&weighted);
	ret[FIGURE_mcc] = ratio(
	    right * n - both, sqrt((n * n - answers2) * (n * n - images2)));
}

/* ---- what the probabilities tell -------------------------------------- */

static double
square(double x)
{
	return x * x;
}

static double
brier_of(const float *p, size_t k, size_t label)
{
	double sum = 0;
	size_t j;

	for (j = 0; j < k; j++)
		sum += square((double)p[j] - (j == label));
	return sum;
}

static void
rate_probabilities(struct sample *s, double *ret)
{
	const struct answers *a = s->a;
	struct mean loss = { 0 }, brier = { 0 }, gap = { 0 };
	struct reliability *b;
	size_t i;

	memset(s->bins, 0, sizeof(s->bins));
	for (i = 0; i < a->n; i++) {
		const float *p = a->p + i * a->k;
		size_t label = (size_t)a->labels[i],
		       said = (size_t)s->answer[i];
		double times = s->times[i], most = (double)p[said];
		int bin = (int)ceil(most * RELIABILITY_BINS) - 1;

		add(&loss, cross_entropy(p[label]), times);
		add(&brier, brier_of(p, a->k, label), times);
		b = &s->bins[bin < 0              ? 0
			: bin >= RELIABILITY_BINS ? RELIABILITY_BINS - 1
						  : bin];
		b->n += s->times[i];
		b->p += times * most;
		b->right += times * (said == label);
	}
	for (b = s->bins; b < s->bins + RELIABILITY_BINS; b++) {
		if (b->n == 0)
			continue;
		b->p /= (double)b->n;
		b->right /= (double)b->n;
		add(&gap, fabs(b->p - b->right), (double)b->n);
	}
	ret[FIGURE_log_loss] = mean_of(&loss);
	ret[FIGURE_brier] = mean_of(&brier);
	ret[FIGURE_ece] = mean_of(&gap);
}

/* ---- how they rank ---------------------------------------------------- */

struct ranked {
	float p;
	uint32_t image;
};

static int
by_falling_p(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->p != b->p)
		return a->p > b->p ? -1 : 1;
	return (a->image > b->image) - (a->image < b->image);
}

static void
rank(struct sample *s)
{
	const struct answers *a = s->a;
	struct ranked *v CLEANUP(freep) = xcalloc(a->n, sizeof(*v));
	size_t c, i;

	for (c = 0; c < a->k; c++) {
		for (i = 0; i < a->n; i++)
			v[i] =
			    (struct ranked){ a->p[i * a->k + c], (uint32_t)i };
		qsort(v, a->n, sizeof(*v), by_falling_p);
		for (i = 0; i < a->n; i++)
			s->order[c * a->n + i] = v[i].image;
	}
}

/* Both areas of one class against the rest, in one walk down its ranks. */
static void
rate_class(struct sample *s, size_t c)
{
	const struct answers *a = s->a;
	const uint32_t *order = s->order + c * a->n;
	double hits = 0, misses = 0, area = 0, precision = 0;
	size_t i = 0;

	while (i < a->n) {
		float p = a->p[order[i] * a->k + c];
		double hit = 0, miss = 0;

		/* What has one p stands on one step. */
		for (; i < a->n && a->p[order[i] * a->k + c] == p; i++) {
			if ((size_t)a->labels[order[i]] == c)
				hit += s->times[order[i]];
			else
				miss += s->times[order[i]];
		}
		area += miss * (hits + hit / 2);
		hits += hit;
		misses += miss;
		if (hit > 0)
			precision += hit * hits / (hits + misses);
	}
	s->roc_auc[c] = ratio(area, hits * misses);
	s->pr_auc[c] = ratio(precision, hits);
}

static void
rate_ranks(struct sample *s, double *ret)
{
	struct mean roc = { 0 }, pr = { 0 };
	size_t c;

	for (c = 0; c < s->a->k; c++) {
		rate_class(s, c);
		add(&roc, s->roc_auc[c], 1);
		add(&pr, s->pr_auc[c], 1);
	}
	ret[FIGURE_roc_auc] = mean_of(&roc);
	ret[FIGURE_pr_auc] = mean_of(&pr);
}

static void
rate(struct sample *s, double ret[FIGURE_KINDS])
{
	count(s);
	rate_counts(s, ret);
	rate_probabilities(s, ret);
	rate_ranks(s, ret);
}

/* ---- intervals -------------------------------------------------------- */

static void
draw(struct sample *s, struct rng *rng)
{
	size_t n = s->a->n, i;

	memset(s->times, 0, n * sizeof(*s->times));
	for (i = 0; i < n; i++)
		s->times[rng_below(rng, n)]++;
}

static int
by_value(const void *va, const void *vb)
{
	double a = *(const double *)va, b = *(const double *)vb;

	return (a > b) - (a < b);
}

/* The 2.5 % and 97.5 % points of the draws in which it was defined. */
static void
set_interval(struct figure *f, double *v, size_t n)
{
	size_t defined = 0, i;

	for (i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[defined++] = v[i];
	f->low = f->high = NAN;
	if (defined == 0 || isnan(f->value))
		return;
	qsort(v, defined, sizeof(*v), by_value);
	f->low = v[(size_t)(0.025 * (double)(defined - 1) + 0.5)];
	f->high = v[(size_t)(0.975 * (double)(defined - 1) + 0.5)];
}

static size_t
draws_for(const struct answers *a)
{
	double draws = WORK_MAX / ((double)a->n * (double)a->k + 1);

	return draws > DRAWS_MAX ? DRAWS_MAX
	    : draws < DRAWS_MIN  ? DRAWS_MIN
				 : (size_t)draws;
}

static void
set_intervals(struct evaluation *ret, struct sample *s)
{
	size_t n = draws_for(s->a), i, f;
	double *drawn CLEANUP(freep) =
	    xcalloc(n * FIGURE_KINDS, sizeof(*drawn));
	double one[FIGURE_KINDS];
	struct rng rng;

	rng_seed(&rng, SEED);
	for (i = 0; i < n; i++) {
		draw(s, &rng);
		rate(s, one);
		for (f = 0; f < FIGURE_KINDS; f++)
			drawn[f * n + i] = one[f];
	}
	for (f = 0; f < FIGURE_KINDS; f++)
		set_interval(&ret->figures[f], drawn + f * n, n);
}

/* ---- all together ----------------------------------------------------- */

static void
sample_init(struct sample *s, const struct answers *a)
{
	size_t i;

	*s = (struct sample){ .a = a };
	s->answer = xcalloc(a->n, sizeof(*s->answer));
	s->order = xcalloc(a->k * a->n, sizeof(*s->order));
	s->times = xcalloc(a->n, sizeof(*s->times));
	s->confusion = xcalloc(a->k * a->k, sizeof(*s->confusion));
	s->roc_auc = xcalloc(a->k, sizeof(*s->roc_auc));
	s->pr_auc = xcalloc(a->k, sizeof(*s->pr_auc));
	for (i = 0; i < a->n; i++) {
		s->answer[i] = (int32_t)likeliest_class(a->p + i * a->k, a->k);
		s->times[i] = 1;
	}
	rank(s);
}

static void
sample_release(struct sample *s)
{
	free(s->answer);
	free(s->order);
	free(s->times);
	free(s->confusion);
	free(s->roc_auc);
	free(s->pr_auc);
}

void
evaluation_init(struct evaluation *ret, const struct answers *a)
{
	struct sample s CLEANUP(sample_release);
	double values[FIGURE_KINDS];
	size_t f;

	sample_init(&s, a);
	rate(&s, values);
	*ret = (struct evaluation){ .k = a->k };
	ret->roc_auc = xcalloc(a->k, sizeof(*ret->roc_auc));
	ret->pr_auc = xcalloc(a->k, sizeof(*ret->pr_auc));
	memcpy(ret->roc_auc, s.roc_auc, a->k * sizeof(*ret->roc_auc));
	memcpy(ret->pr_auc, s.pr_auc, a->k * sizeof(*ret->pr_auc));
	memcpy(ret->reliability, s.bins, sizeof(ret->reliability));
	for (f = 0; f < FIGURE_KINDS; f++)
		ret->figures[f].value = values[f];
	if (a->n > 0)
		set_intervals(ret, &s);
}

void
evaluation_release(struct evaluation *e)
{
	free(e->roc_auc);
	free(e->pr_auc);
	*e = (struct evaluation){ 0 };
}

/* ---- as JSON ---------------------------------------------------------- */

static json_t *
reliability_json(const struct evaluation *e)
{
	json_t *bins = json_array();
	const struct reliability *b;

	for (b = e->reliability; b < e->reliability + RELIABILITY_BINS; b++)
		if (b->n > 0)
			json_array_append_new(bins,
			    json_pack("{s:I, s:o, s:o}", "images",
				(json_int_t)b->n, "p", metrics_number(b->p),
				"right", metrics_number(b->right)));
	return bins;
}

void
evaluation_add_json(
    const struct evaluation *e, char *const *classes, json_t *figures)
{
	json_t *by_class = json_object_get(figures, "classes");
	json_t *intervals = json_object();
	size_t i;

	for (i = 0; i < FIGURE_KINDS; i++) {
		const struct figure *f = &e->figures[i];

		if (json_object_get(figures, table[i].name) == NULL)
			json_object_set_new(
			    figures, table[i].name, metrics_number(f->value));
		json_object_set_new(intervals, table[i].name,
		    json_pack("[o, o]", metrics_number(f->low),
			metrics_number(f->high)));
	}
	json_object_set_new(figures, "intervals", intervals);
	json_object_set_new(figures, "reliability", reliability_json(e));
	for (i = 0; i < e->k; i++) {
		json_t *class = json_object_get(by_class, classes[i]);

		json_object_set_new(
		    class, "roc_auc", metrics_number(e->roc_auc[i]));
		json_object_set_new(
		    class, "pr_auc", metrics_number(e->pr_auc[i]));
	}
}
