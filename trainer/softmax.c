/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/softmax.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/metrics.h"
#include "trainer/softmax_int.h"

/* Fixed, for with some kernels the size of a block shows in the last bits. */
#define BLOCK_ROWS 256

void
softmax_init(struct softmax *s, size_t k, size_t d)
{
	s->k = k;
	s->d = d;
	s->mean = xcalloc(d, sizeof(float));
	s->scale = xcalloc(d, sizeof(float));
	s->weights = xcalloc(d * k, sizeof(float));
	s->bias = xcalloc(k, sizeof(float));
}

void
softmax_release(struct softmax *s)
{
	free(s->mean);
	free(s->scale);
	free(s->weights);
	free(s->bias);
	*s = (struct softmax){ 0 };
}

void
softmax_block_init(
    struct softmax_block *b, const struct softmax *s, size_t rows)
{
	b->rows = rows;
	b->z = xreallocarray(NULL, rows * s->d, sizeof(float));
	b->p = xreallocarray(NULL, rows * s->k, sizeof(float));
}

void
softmax_block_release(struct softmax_block *b)
{
	free(b->z);
	free(b->p);
}

static void
standardise(const struct softmax *s, const float *x, float *z)
{
	for (size_t j = 0; j < s->d; j++) {
		float at = (x[j] - s->mean[j]) * s->scale[j];

		/* Written so that NaN stays NaN. */
		at = at > SOFTMAX_CLIP ? SOFTMAX_CLIP : at;
		z[j] = at < -SOFTMAX_CLIP ? -SOFTMAX_CLIP : at;
	}
}

/* Logits to probabilities, in place. */
static void
normalise(float *p, size_t k)
{
	float high = p[0];
	double sum = 0;

	for (size_t j = 1; j < k; j++)
		high = fmaxf(high, p[j]);
	for (size_t j = 0; j < k; j++) {
		p[j] = expf(p[j] - high);
		sum += (double)p[j];
	}
	for (size_t j = 0; j < k; j++)
		p[j] = (float)((double)p[j] / sum);
}

void
softmax_forward(const struct softmax *s, struct softmax_block *b,
    const float *x, const size_t *index, size_t n)
{
	int k = (int)s->k, d = (int)s->d;

	for (size_t i = 0; i < n; i++) {
		standardise(s, x + (index == NULL ? i : index[i]) * s->d,
		    b->z + i * s->d);
		memcpy(b->p + i * s->k, s->bias, s->k * sizeof(float));
	}
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, k, d, 1,
	    b->z, d, s->weights, k, 1, b->p, k);
	for (size_t i = 0; i < n; i++)
		normalise(b->p + i * s->k, s->k);
}

void
softmax_predict(const struct softmax *s, const float *x, size_t n, float *p)
{
	struct softmax_block b CLEANUP(softmax_block_release);
	size_t rows;

	softmax_block_init(&b, s, n < BLOCK_ROWS ? n : BLOCK_ROWS);
	for (size_t from = 0; from < n; from += rows) {
		rows = n - from < BLOCK_ROWS ? n - from : BLOCK_ROWS;
		softmax_forward(s, &b, x + from * s->d, NULL, rows);
		memcpy(p + from * s->k, b.p, rows * s->k * sizeof(float));
	}
}

/*
 * A deviation this small beside the mean is float rounding.  Anything scaled
 * up by it would be noise.
 */
static float
scale_of(double mean, double variance)
{
	double tiny = 1e-6 * fabs(mean);

	if (!(variance > tiny * tiny) || variance < 1e-30)
		return 0;
	return (float)(1 / sqrt(variance));
}

void
softmax_standardise(struct softmax *s, const struct softmax_rows *r)
{
	double *mean CLEANUP(freep) = xcalloc(s->d, sizeof(*mean));
	double *square CLEANUP(freep) = xcalloc(s->d, sizeof(*square));

	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < s->d; j++)
			mean[j] += (double)r->x[r->index[i] * s->d + j];
	for (size_t j = 0; j < s->d; j++)
		mean[j] /= (double)r->n;
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < s->d; j++) {
			double off =
			    (double)r->x[r->index[i] * s->d + j] - mean[j];

			square[j] += off * off;
		}
	for (size_t j = 0; j < s->d; j++) {
		s->mean[j] = (float)mean[j];
		s->scale[j] = scale_of(mean[j], square[j] / (double)r->n);
	}
}

struct softmax_score
softmax_score(const struct softmax *s, const struct softmax_rows *r,
    const float *class_weights)
{
	struct softmax_block b CLEANUP(softmax_block_release);
	double loss = 0, n = (double)r->n;
	size_t right = 0, rows;

	softmax_block_init(&b, s, r->n < BLOCK_ROWS ? r->n : BLOCK_ROWS);
	for (size_t from = 0; from < r->n; from += rows) {
		rows = r->n - from < BLOCK_ROWS ? r->n - from : BLOCK_ROWS;
		softmax_forward(s, &b, r->x, r->index + from, rows);
		for (size_t i = 0; i < rows; i++) {
			size_t label = (size_t)r->labels[r->index[from + i]];
			const float *p = b.p + i * s->k;

			loss += cross_entropy(p[label]) *
			    (class_weights == NULL
				    ? 1
				    : (double)class_weights[label]);
			right += likeliest_class(p, s->k) == label;
		}
	}
	return (struct softmax_score){ loss / n, (double)right / n };
}
