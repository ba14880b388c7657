/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/imagehash.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dedup/pdq_int.h"

/* ---- Lanczos in whole numbers ---- */

#define LOBES 3.0
#define FRACTION 22 /* bits behind the point of a weight */
#define HALF (1 << (FRACTION - 1))
#define TINY 1e-9 /* an angle that is 0 */
#define ROW 16    /* samples, of which rows are multiples */

/* Which samples make one of the output, and how much each counts. */
struct taps {
	int first, n;
	int32_t *weight;
};

struct filter {
	struct taps *taps; /* one for each sample of the output */
	int32_t *weights;
};

static void
filter_release(struct filter *f)
{
	free(f->taps);
	free(f->weights);
}

/*
 * Samples that are one apart are a fixed angle apart; a rotation is quicker
 * than a sine, and sin 3a = 3 sin a - 4 sin^3 a.
 */
static void
taps_init(struct taps *t, double centre, double widen, int in, double *exact)
{
	const double reach = LOBES * widen;
	const int first = (int)(centre - reach + 0.5);
	const int end = (int)(centre + reach + 0.5);
	const double step = M_PI / reach, turn[] = { cos(step), sin(step) };
	double a, s, c, keep, sum = 0, w;
	int i;

	t->first = first < 0 ? 0 : first;
	t->n = (end > in ? in : end) - t->first;
	a = (t->first - centre + 0.5) * step;
	s = sin(a);
	c = cos(a);
	for (i = 0; i < t->n; i++, a += step) {
		exact[i] = fabs(a) < TINY ? 1
		    : fabs(a) >= M_PI
		    ? 0
		    : s * s * (3 - 4 * s * s) / (LOBES * a * a);
		sum += exact[i];
		keep = s * turn[0] + c * turn[1];
		c = c * turn[0] - s * turn[1];
		s = keep;
	}
	for (i = 0; i < t->n; i++) {
		w = exact[i] / sum * (1 << FRACTION);
		t->weight[i] = (int32_t)(w < 0 ? w - 0.5 : w + 0.5);
	}
}

static struct filter
filter_new(int in, int out)
{
	const double scale = (double)in / out, widen = scale < 1 ? 1 : scale;
	const int most = 2 * (int)ceil(LOBES * widen) + 1;
	double *exact CLEANUP(freep) = xcalloc((size_t)most, sizeof(*exact));
	struct filter f = {
		xcalloc((size_t)out, sizeof(*f.taps)),
		xcalloc((size_t)out * (size_t)most, sizeof(*f.weights)),
	};
	int i;

	for (i = 0; i < out; i++) {
		f.taps[i].weight = f.weights + (ptrdiff_t)i * most;
		taps_init(&f.taps[i], (i + 0.5) * scale, widen, in, exact);
	}
	return f;
}

#define LANES_OF "dedup/imagehash_columns.h"
#include "base/lanes.h"

/* Rows of bytes, `step` apart: whole vectors. */
struct plane {
	uint8_t *px;
	int w, h, step;
};

static struct plane
plane_new(int w, int h)
{
	struct plane p = { .w = w, .h = h, .step = (w + ROW - 1) / ROW * ROW };

	p.px = xcalloc((size_t)p.step, (size_t)h);
	return p;
}

static void
plane_release(struct plane *p)
{
	free(p->px);
}

/* Rows become columns: of `w` samples, `step` apart. */
static struct plane
transposed(const uint8_t *px, int w, int h, int step)
{
	struct plane ret = plane_new(h, w);
	const uint8_t *from;
	uint8_t *to;
	int x, y, x0;

	for (x0 = 0; x0 < w; x0 += ROW)
		for (y = 0; y < h; y++) {
			from = px + (ptrdiff_t)y * step;
			to = ret.px + (ptrdiff_t)x0 * ret.step + y;
			for (x = x0; x < x0 + ROW && x < w; x++) {
				*to = from[x];
				to += ret.step;
			}
		}
	return ret;
}

/* To `to` rows; takes over the plane. */
static void
resize_columns(struct plane *p, int to)
{
	struct plane in CLEANUP(plane_release) = *p;
	struct filter f CLEANUP(filter_release) = filter_new(in.h, to);
	int y;

	*p = plane_new(in.w, to);
	for (y = 0; y < to; y++)
		(has_8_lanes() ? sum_columns_by_8 : sum_columns_by_4)(
		    in.px, in.step, &f.taps[y], p->px + (ptrdiff_t)y * p->step);
}

void
imagehash_resize(const uint8_t *luma, int width, int height, int to_w, int to_h,
    uint8_t *ret)
{
	struct plane across CLEANUP(plane_release) =
	    transposed(luma, width, height, width);
	struct plane down CLEANUP(plane_release) = { .px = NULL };
	int y;

	if (width != to_w)
		resize_columns(&across, to_w);
	down = transposed(across.px, height, to_w, across.step);
	if (height != to_h)
		resize_columns(&down, to_h);
	for (y = 0; y < to_h; y++)
		memcpy(ret + (ptrdiff_t)y * to_w,
		    down.px + (ptrdiff_t)y * down.step, (size_t)to_w);
}

void
imagehash_luma(
    const uint8_t *pixels, int width, int height, int bands, uint8_t *ret)
{
	const size_t n = (size_t)width * (size_t)height;
	size_t i;

	if (bands == 1) {
		memcpy(ret, pixels, n);
		return;
	}
	for (i = 0; i < n; i++, pixels += bands)
		ret[i] = (uint8_t)((19595u * pixels[0] + 38470u * pixels[1] +
				       7471u * pixels[2] + 32768u) >>
		    16);
}

/* ---- codes ---- */

#define SIDE 8      /* of a code of 64 bits */
#define DCT_SIDE 32 /* of what its pHash is made of */
#define PHASH_TERMS 16

static void
set_bit(uint8_t *bits, int i, bool on)
{
	bits[i / 8] |= (uint8_t)((unsigned)on << (7 - i % 8));
}

void
ahash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE])
{
	uint8_t small[SIDE * SIDE];
	int i, sum = 0;

	imagehash_resize(luma, width, height, SIDE, SIDE, small);
	for (i = 0; i < SIDE * SIDE; i++)
		sum += small[i];
	memset(ret, 0, IMAGEHASH_SIZE);
	for (i = 0; i < SIDE * SIDE; i++)
		set_bit(ret, i, small[i] * SIDE * SIDE > sum);
}

void
dhash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE])
{
	uint8_t small[SIDE][SIDE + 1];
	int i, j;

	imagehash_resize(luma, width, height, SIDE + 1, SIDE, small[0]);
	memset(ret, 0, IMAGEHASH_SIZE);
	for (i = 0; i < SIDE; i++)
		for (j = 0; j < SIDE; j++)
			set_bit(
			    ret, i * SIDE + j, small[i][j + 1] > small[i][j]);
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define DCT_LANES 4

typedef double vec __attribute__((vector_size(DCT_LANES * sizeof(double)),
    aligned(sizeof(double)), may_alias));

/* half += factor * row, of n samples. */
static void
add_scaled(double *half, double factor, const double *row, int n)
{
	int i;

	for (i = 0; i < n; i += DCT_LANES)
		*(vec *)(half + i) += factor * *(const vec *)(row + i);
}

/*
 * The `terms` lowest frequencies of side x side samples, row by row.  All
 * sums run in order, so vectors change no bit.
 */
static void
dct(const uint8_t *gray, int side, int terms, double *ret)
{
	double matrix[PHASH_TERMS][PHASH_SIDE], in[PHASH_GRAY];
	double half[PHASH_SIDE], quarter[4 * PHASH_SIDE], sum;
	int i, j, k;

	for (i = 0; i < side * side; i++)
		in[i] = gray[i];
	for (i = 0; i < 4 * side; i++)
		quarter[i] = cos(M_PI / (2 * side) * i);
	for (i = 0; i < terms; i++)
		for (k = 0; k < side; k++)
			matrix[i][k] = quarter[i * (2 * k + 1) % (4 * side)];
	for (i = 0; i < terms; i++) {
		memset(half, 0, sizeof(half));
		for (k = 0; k < side; k++)
			add_scaled(half, matrix[i][k], in + k * side, side);
		for (j = 0; j < terms; j++) {
			sum = 0;
			for (k = 0; k < side; k++)
				sum += matrix[j][k] * half[k];
			*ret++ = sum;
		}
	}
}

/* Which of n terms are above their median, the mean of the middle two. */
static void
above_median(const double *term, int n, uint8_t *bits)
{
	double sorted[PHASH_TERMS * PHASH_TERMS], median;
	int i;

	memcpy(sorted, term, (size_t)n * sizeof(*term));
	qsort(sorted, (size_t)n, sizeof(*sorted), by_value);
	median = (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	memset(bits, 0, (size_t)n / 8);
	for (i = 0; i < n; i++)
		set_bit(bits, i, term[i] > median);
}

void
phash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE])
{
	uint8_t small[DCT_SIDE * DCT_SIDE];
	double term[SIDE * SIDE];

	imagehash_resize(luma, width, height, DCT_SIDE, DCT_SIDE, small);
	dct(small, DCT_SIDE, SIDE, term);
	above_median(term, SIDE * SIDE, ret);
}

void
phash256_of_gray(const uint8_t gray[PHASH_GRAY], uint8_t ret[PHASH_SIZE])
{
	double term[PHASH_TERMS * PHASH_TERMS];

	dct(gray, PHASH_SIDE, PHASH_TERMS, term);
	above_median(term, PHASH_TERMS * PHASH_TERMS, ret);
}
