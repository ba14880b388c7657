/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/imagehash.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- Lanczos in whole numbers ---- */

#define LOBES 3.0
#define FRACTION 22 /* bits behind the point of a weight */
#define HALF (1 << (FRACTION - 1))

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

static double
lanczos(double x)
{
	if (x == 0)
		return 1;
	if (x < -LOBES || x >= LOBES)
		return 0;
	x *= M_PI;
	return sin(x) / x * (sin(x / LOBES) / (x / LOBES));
}

static void
taps_init(struct taps *t, double centre, double widen, int in, double *exact)
{
	const double reach = LOBES * widen;
	const int first = (int)(centre - reach + 0.5);
	const int end = (int)(centre + reach + 0.5);
	double sum = 0, w;
	int i;

	t->first = first < 0 ? 0 : first;
	t->n = (end > in ? in : end) - t->first;
	for (i = 0; i < t->n; i++) {
		exact[i] = lanczos((i + t->first - centre + 0.5) / widen);
		sum += exact[i];
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

static uint8_t
to_byte(int32_t sum)
{
	sum >>= FRACTION;
	return sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
}

static void
resize_rows(const uint8_t *in, int w, int h, int to_w, uint8_t *out)
{
	struct filter f CLEANUP(filter_release) = filter_new(w, to_w);
	const struct taps *t;
	const uint8_t *p;
	int32_t sum;
	int x, y, i;

	for (y = 0; y < h; y++, in += w)
		for (x = 0; x < to_w; x++) {
			t = &f.taps[x];
			p = in + t->first;
			sum = HALF;
			for (i = 0; i < t->n; i++)
				sum += p[i] * t->weight[i];
			*out++ = to_byte(sum);
		}
}

/* Row by row, so that neighbours are added up together. */
static void
resize_columns(const uint8_t *in, int w, int h, int to_h, uint8_t *out)
{
	struct filter f CLEANUP(filter_release) = filter_new(h, to_h);
	int32_t *sum CLEANUP(freep) = xcalloc((size_t)w, sizeof(*sum));
	const struct taps *t;
	const uint8_t *p;
	int x, y, i;

	for (y = 0; y < to_h; y++, out += w) {
		t = &f.taps[y];
		for (x = 0; x < w; x++)
			sum[x] = HALF;
		for (i = 0; i < t->n; i++) {
			p = in + (ptrdiff_t)(t->first + i) * w;
			for (x = 0; x < w; x++)
				sum[x] += p[x] * t->weight[i];
		}
		for (x = 0; x < w; x++)
			out[x] = to_byte(sum[x]);
	}
}

void
imagehash_resize(const uint8_t *luma, int width, int height, int to_w, int to_h,
    uint8_t *ret)
{
	uint8_t *narrow CLEANUP(freep) = xmalloc((size_t)to_w * (size_t)height);

	if (width != to_w)
		resize_rows(luma, width, height, to_w, narrow);
	else
		memcpy(narrow, luma, (size_t)width * (size_t)height);
	if (height != to_h)
		resize_columns(narrow, to_w, height, to_h, ret);
	else
		memcpy(ret, narrow, (size_t)to_w * (size_t)height);
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

/* The `terms` lowest frequencies of side x side samples, row by row. */
static void
dct(const uint8_t *gray, int side, int terms, double *ret)
{
	double matrix[PHASH_TERMS][PHASH_SIDE], half[PHASH_SIDE], sum;
	int i, j, k;

	for (i = 0; i < terms; i++)
		for (k = 0; k < side; k++)
			matrix[i][k] = cos(M_PI / (2 * side) * i * (2 * k + 1));
	for (i = 0; i < terms; i++) {
		memset(half, 0, sizeof(half));
		for (k = 0; k < side; k++)
			for (j = 0; j < side; j++)
				half[j] += matrix[i][k] * gray[k * side + j];
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
