/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/confident.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/metrics.h"

#define LEAST 1e-6 /* differences below are rounding */
#define LEAST_THRESHOLD 2e-6
#define NO_CLASS SIZE_MAX

/* Mean probability of each class over the rows labelled with it. */
static double *
thresholds(const struct answers *a)
{
	double *sum = xcalloc(a->k, sizeof(*sum));
	size_t *count CLEANUP(freep) = xcalloc(a->k, sizeof(*count)), i, j;

	for (i = 0; i < a->n; i++) {
		j = (size_t)a->labels[i];
		sum[j] += (double)a->p[i * a->k + j];
		count[j]++;
	}
	for (j = 0; j < a->k; j++)
		sum[j] = count[j] == 0
		    ? 2 /* nothing reaches it */
		    : fmax(sum[j] / (double)count[j], LEAST_THRESHOLD);
	return sum;
}

static size_t
confident_class(const float *p, const double *threshold, size_t k)
{
	size_t found = NO_CLASS, j;

	for (j = 0; j < k; j++) {
		if ((double)p[j] < threshold[j] - LEAST)
			continue;
		if (found != NO_CLASS)
			return likeliest_class(p, k);
		found = j;
	}
	return found;
}

/*
 * Whole numbers that sum to `total`: each share rounded, and then those that
 * lost most by rounding corrected first.
 */
static void
round_shares(const double *share, size_t k, int64_t total, int64_t *ret)
{
	int64_t sum = 0, step;
	size_t j, worst;
	double gap, widest;

	for (j = 0; j < k; j++)
		sum += ret[j] = (int64_t)round(share[j]);
	while (sum != total) {
		step = sum < total ? 1 : -1;
		worst = 0;
		widest = -INFINITY;
		for (j = 0; j < k; j++) {
			gap = (double)step * (share[j] - (double)ret[j]);
			if (gap > widest && ret[j] + step >= 0) {
				widest = gap;
				worst = j;
			}
		}
		ret[worst] += step;
		sum += step;
	}
}

void
confident_joint(const struct answers *a, int64_t *ret)
{
	double *threshold CLEANUP(freep) = thresholds(a);
	double *share CLEANUP(freep) = xcalloc(a->k, sizeof(*share));
	int64_t *labelled CLEANUP(freep) = xcalloc(a->k, sizeof(*labelled));
	size_t k = a->k, i, j, guess;
	double sum;

	memset(ret, 0, k * k * sizeof(*ret));
	for (i = 0; i < a->n; i++) {
		guess = confident_class(a->p + i * k, threshold, k);
		labelled[a->labels[i]]++;
		if (guess != NO_CLASS)
			ret[(size_t)a->labels[i] * k + guess]++;
	}
	for (i = 0; i < k; i++) {
		int64_t *row = ret + i * k;

		row[i] = row[i] < 1 ? 1 : row[i];
		for (sum = 0, j = 0; j < k; j++)
			sum += (double)row[j];
		for (j = 0; j < k; j++)
			share[j] = (double)row[j] / sum * (double)labelled[i];
		round_shares(share, k, labelled[i], row);
	}
}

struct margin {
	double by; /* the other class over the label */
	size_t row;
};

static int
by_falling_margin(const void *va, const void *vb)
{
	const struct margin *a = va, *b = vb;

	if (a->by != b->by)
		return a->by > b->by ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* So that one stays of its label, take from what is most of the others. */
static void
leave_one(int64_t *row, size_t k, size_t label)
{
	size_t most = label, j;

	if (row[label] > 0)
		return;
	for (j = 0; j < k; j++)
		if (row[j] > row[most])
			most = j;
	if (row[most] == 0)
		return; /* there are none with this label */
	row[most]--;
	row[label]++;
}

static void
suspect_rows(const struct answers *a, size_t label, size_t other, int64_t most,
    struct margin *v, bool *ret)
{
	size_t n = 0, i;

	for (i = 0; i < a->n; i++) {
		const float *p = a->p + i * a->k;

		if ((size_t)a->labels[i] == label)
			v[n++] = (struct margin){
				(double)p[other] - (double)p[label], i
			};
	}
	qsort(v, n, sizeof(*v), by_falling_margin);
	for (i = 0; i < n && (int64_t)i < most; i++)
		ret[v[i].row] = true;
}

void
confident_suspects(const struct answers *a, bool *ret)
{
	size_t k = a->k, i, j;
	int64_t *joint CLEANUP(freep) = xcalloc(k * k, sizeof(*joint));
	struct margin *v CLEANUP(freep) = xcalloc(a->n, sizeof(*v));

	confident_joint(a, joint);
	memset(ret, 0, a->n * sizeof(*ret));
	for (i = 0; i < k; i++) {
		leave_one(joint + i * k, k, i);
		for (j = 0; j < k; j++)
			if (j != i && joint[i * k + j] > 0)
				suspect_rows(a, i, j, joint[i * k + j], v, ret);
	}
	for (i = 0; i < a->n; i++)
		if (likeliest_class(a->p + i * k, k) == (size_t)a->labels[i])
			ret[i] = false;
}
