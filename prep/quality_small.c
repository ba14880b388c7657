/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small copy, and what can be told from it.
 */
#include "prep/quality_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- the copy ---- */

#define SMALL 160 /* pixels on the long side, by half more or less */
#define LINES 4   /* rows and columns that are taken of a larger square */
#define LANES 8

#define INLINE static inline __attribute__((always_inline))

typedef uint16_t lanes __attribute__((vector_size(16), aligned(2), may_alias));
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* How the squares are added up. */
struct squares {
	int side, n;                         /* n x n pixels of side x side */
	ptrdiff_t row[LINES], column[LINES]; /* samples from the first */
};

static struct squares
squares_for(int w, int h)
{
	const ptrdiff_t row = (ptrdiff_t)w * RASTER_BANDS;
	const int shorter = w < h ? w : h, longer = w < h ? h : w;
	struct squares s = { .side = (longer + SMALL / 2) / SMALL };
	int i;

	s.side = s.side > shorter ? shorter : s.side < 1 ? 1 : s.side;
	s.n = s.side < LINES ? s.side : LINES;
	for (i = 0; i < s.n; i++) {
		s.row[i] = i * s.side / s.n * row;
		s.column[i] = (ptrdiff_t)i * s.side / s.n * RASTER_BANDS;
	}
	return s;
}

/* Add n rows, sample by sample; a little behind their end is read too. */
INLINE void
add_rows(const uint8_t *from, ptrdiff_t row, const struct squares *s, int n,
    uint16_t *sums)
{
	const bytes zero = { 0 };
	ptrdiff_t at[LINES];
	lanes low, high;
	ptrdiff_t x;
	bytes b;
	int i;

	memcpy(at, s->row, sizeof(at));
	for (x = 0; x < row; x += (ptrdiff_t)sizeof(b)) {
		low = high = (lanes){ 0 };
#pragma GCC unroll 8
		for (i = 0; i < n; i++) {
			memcpy(&b, from + at[i] + x, sizeof(b));
			low += (lanes)__builtin_shuffle(b, zero,
			    (bytes){ 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
				6, 22, 7, 23 });
			high += (lanes)__builtin_shuffle(b, zero,
			    (bytes){ 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
				29, 14, 30, 15, 31 });
		}
		*(lanes *)(sums + x) = low;
		*(lanes *)(sums + x + LANES) = high;
	}
}

/*
 * The means of a row of squares.  A vector begins with the three samples
 * that count.
 */
INLINE void
add_columns(
    const uint16_t *sums, const struct squares *s, int n, int w, uint8_t *to)
{
	const uint64_t area = (uint64_t)(n * n), half = area / 2;
	const uint64_t inverse = (UINT64_C(1) << 32) / area + 1;
	ptrdiff_t at[LINES];
	uint64_t three;
	lanes sum;
	int x, i;

	memcpy(at, s->column, sizeof(at));
	for (x = 0; x < w; x++, to += RASTER_BANDS) {
		sum = *(const lanes *)sums;
#pragma GCC unroll 8
		for (i = 1; i < n; i++)
			sum += *(const lanes *)(sums + at[i]);
		three = ((halves)sum)[0];
		to[0] = (uint8_t)(((three & 0xffff) + half) * inverse >> 32);
		to[1] =
		    (uint8_t)(((three >> 16 & 0xffff) + half) * inverse >> 32);
		to[2] =
		    (uint8_t)(((three >> 32 & 0xffff) + half) * inverse >> 32);
		sums += (ptrdiff_t)s->side * RASTER_BANDS;
	}
}

INLINE void
shrink(const struct raster *r, const struct squares *s, int n,
    struct raster *to, uint16_t *sums)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const ptrdiff_t out = (ptrdiff_t)to->w * RASTER_BANDS;
	int y;

	for (y = 0; y < to->h; y++) {
		add_rows(r->px + (ptrdiff_t)y * s->side * row, row, s, n, sums);
		add_columns(sums, s, n, to->w, to->px + y * out);
	}
}

struct raster
quality_small(const struct raster *r)
{
	const struct squares s = squares_for(r->w, r->h);
	const size_t row = (size_t)r->w * RASTER_BANDS;
	struct raster to = raster_new(r->w / s.side, r->h / s.side);
	uint16_t *sums = xcalloc(row + 4 * LANES, sizeof(*sums));

	/* The compiler makes straight code of a number that it knows. */
	if (s.n == 1)
		memcpy(to.px, r->px, raster_bytes(r));
	else if (s.n == 2)
		shrink(r, &s, 2, &to, sums);
	else if (s.n == 3)
		shrink(r, &s, 3, &to, sums);
	else
		shrink(r, &s, LINES, &to, sums);
	free(sums);
	return to;
}

/* ---- blurry ---- */

#define BLURRY_SIDE 64 /* pixels on the long side */
#define LEVELS 256
#define PER_UNIT 0.01
#define TONES_FROM 0.18
#define MEANS_LOSS 0.07

/* How much the eight neighbours differ from a pixel; the rim is copied. */
static int
edge(const uint8_t *p, int x, int y, int w, int h)
{
	int sum;

	if (x == 0 || y == 0 || x == w - 1 || y == h - 1)
		return *p;
	sum = 9 * *p - p[-w - 1] - p[-w] - p[-w + 1] - p[-1] - p[0] - p[1] -
	    p[w - 1] - p[w] - p[w + 1];
	return sum < 0 ? 0 : sum > LEVELS - 1 ? LEVELS - 1 : sum;
}

/* The standard deviation of n numbers. */
static double
deviation(int64_t sum, int64_t squares, int64_t n)
{
	const double mean = (double)sum / (double)n;
	const double variance = (double)squares / (double)n - mean * mean;

	return variance > 0 ? sqrt(variance) : 0;
}

/*
 * How much of the deviation is lost, as taking means over a square that is
 * `share` of a pixel of the tiny copy costs a part that grows with its area:
 * measured on 3,000 photographs of six such shares.
 */
static double
means_loss(double share)
{
	return 1 + MEANS_LOSS * share * share;
}

static double
blur_score(const uint8_t *grey, int w, int h, double loss)
{
	int64_t n[LEVELS] = { 0 }, sum = 0, squares = 0, tones = 0;
	double sharp, toned;
	int x, y, e;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			e = edge(grey + y * w + x, x, y, w, h);
			sum += e;
			squares += e * e;
			n[grey[y * w + x]]++;
		}
	for (x = 0; x < LEVELS; x++)
		tones += n[x] * n[x];
	sharp = 1 - exp(-PER_UNIT * loss * deviation(sum, squares, w * h));
	toned = 1 - exp(-PER_UNIT * deviation(w * h, tones, LEVELS));
	toned = toned > TONES_FROM ? toned : 0;
	return sharp + toned < 1 ? sharp + toned : 1;
}

double
quality_blurry(const struct raster *small, int w, int h)
{
	uint8_t grey[BLURRY_SIDE * BLURRY_SIDE];
	const int longer = w > h ? w : h;
	const int to = longer > BLURRY_SIDE ? BLURRY_SIDE : longer;
	const int to_w = (int)((int64_t)w * to / longer);
	const int to_h = (int)((int64_t)h * to / longer);
	struct raster tiny =
	    raster_resized(small, to_w < 1 ? 1 : to_w, to_h < 1 ? 1 : to_h);
	const int side = longer / (w > h ? small->w : small->h);
	double share = side > 1 ? (double)side * to / longer : 0, score;
	int i;

	for (i = 0; i < tiny.w * tiny.h; i++)
		grey[i] = raster_luma(tiny.px + (ptrdiff_t)i * RASTER_BANDS);
	score = blur_score(grey, tiny.w, tiny.h, means_loss(share));
	raster_release(&tiny);
	return score;
}

/* ---- grayscale ---- */

#define GREY_MAX 4       /* levels between the bands that are still grey */
#define GREY_EXCEPT 1000 /* of so many pixels one may have a colour */

double
quality_grayscale(const struct raster *small)
{
	const uint8_t *p = small->px, *end = p + raster_bytes(small);
	const int most = small->w * small->h / GREY_EXCEPT;
	int high, low, coloured = 0;

	for (; p < end && coloured <= most; p += RASTER_BANDS) {
		high = p[0] > p[1] ? p[0] : p[1];
		high = high > p[2] ? high : p[2];
		low = p[0] < p[1] ? p[0] : p[1];
		low = low < p[2] ? low : p[2];
		coloured += high - low > GREY_MAX;
	}
	return coloured > most ? 1 : 0;
}
