/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Smaller copies by plain means: each pixel of the picture counts in one
 * pixel of the copy.  Rows are summed first, in whole numbers.
 */
#include "base/lanes.h"
#include "prep/raster_int.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

#define ROWS_MAX 257 /* whose sum fits 16 bits; of more, some are left out */
#define LANES 8

typedef uint16_t lanes __attribute__((vector_size(16), aligned(2), may_alias));
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef int32_t words __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

/* Where each of n parts of a side begins: with the first middle in it. */
static int *
starts_new(int size, int n)
{
	int *start = xcalloc((size_t)n + 1, sizeof(*start));
	int i;

	for (i = 0; i <= n; i++)
		start[i] =
		    (int)((2 * (int64_t)i * size + n - 1) / (2 * (int64_t)n));
	return start;
}

/*
 * Sum n rows that lie `step` bytes apart, sample by sample; a little behind
 * their end is read too.
 */
INLINE void
add_n_rows(
    const uint8_t *from, ptrdiff_t row, ptrdiff_t step, int n, uint16_t *sums)
{
	const bytes zero = { 0 };
	const uint8_t *end = from + row, *p;
	lanes low, high;
	bytes b;
	int i;

	for (; from < end; from += sizeof(b), sums += 2 * LANES) {
		low = high = (lanes){ 0 };
#pragma GCC unroll 4
		for (i = 0, p = from; i < n; i++, p += step) {
			memcpy(&b, p, sizeof(b));
			low += (lanes)__builtin_shuffle(b, zero,
			    (bytes){ 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
				6, 22, 7, 23 });
			high += (lanes)__builtin_shuffle(b, zero,
			    (bytes){ 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
				29, 14, 30, 15, 31 });
		}
		*(lanes *)sums = low;
		*(lanes *)(sums + LANES) = high;
	}
}

/* The compiler makes straight code of a number that it knows. */
INLINE void
add_rows(
    const uint8_t *from, ptrdiff_t row, ptrdiff_t step, int n, uint16_t *sums)
{
	switch (n) {
	case 2:
		add_n_rows(from, row, step, 2, sums);
		break;
	case 3:
		add_n_rows(from, row, step, 3, sums);
		break;
	case 4:
		add_n_rows(from, row, step, 4, sums);
		break;
	default:
		add_n_rows(from, row, step, n, sums);
		break;
	}
}

/* The sums for a pixel; the fourth number is of no use. */
INLINE words
pixel_at(const uint16_t *sums)
{
	const lanes zero = { 0 };

	return (words)__builtin_shuffle(
	    *(const lanes *)sums, zero, (lanes){ 0, 8, 1, 9, 2, 10, 3, 11 });
}

/*
 * A row of the copy, of pixels that n rows were summed for; start[x] is where
 * its pixel x begins.  Parts of a row differ by one pixel, and a loop of a
 * number of turns that is always the same is the faster one.
 */
INLINE void
put_means_of(const uint16_t *sums, const int *start, int w, int n, int least,
    uint8_t *to)
{
	const float whole[] = { 1 / (float)(n * least),
		1 / (float)(n * (least + 1)) };
	const uint16_t *from;
	floats mean;
	words sum;
	bytes b;
	int x, i, more;

	for (x = 0; x < w; x++, to += RASTER_BANDS) {
		more = start[x + 1] - start[x] - least;
		from = sums + (ptrdiff_t)start[x] * RASTER_BANDS;
		sum = (words){ 0 };
#pragma GCC unroll 4
		for (i = 0; i < least; i++, from += RASTER_BANDS)
			sum += pixel_at(from);
		sum += pixel_at(from) & -more;
		mean = __builtin_convertvector(sum, floats) * whole[more];
		sum = __builtin_convertvector(mean + 0.5f, words);
		b = __builtin_shuffle((bytes)sum,
		    (bytes){
			0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12 });
		memcpy(to, &b, sizeof(sum[0]));
	}
}

INLINE void
put_means(const uint16_t *sums, const int *start, int w, int n, uint8_t *to)
{
	const int least = start[w] / w;

	switch (least) {
	case 1:
		put_means_of(sums, start, w, n, 1, to);
		break;
	case 2:
		put_means_of(sums, start, w, n, 2, to);
		break;
	case 3:
		put_means_of(sums, start, w, n, 3, to);
		break;
	case 4:
		put_means_of(sums, start, w, n, 4, to);
		break;
	default:
		put_means_of(sums, start, w, n, least, to);
		break;
	}
}

struct job {
	const struct raster *from;
	struct raster *to;
	int *left, *top; /* where the parts of a row and of a column begin */
	uint16_t *sums;
};

INLINE void
reduce(const struct job *j)
{
	const ptrdiff_t row = (ptrdiff_t)j->from->w * RASTER_BANDS;
	const int w = j->to->w;
	uint8_t *to = j->to->px;
	int y, n, step;

	for (y = 0; y < j->to->h; y++, to += (ptrdiff_t)w * RASTER_BANDS) {
		n = j->top[y + 1] - j->top[y];
		step = (n + ROWS_MAX - 1) / ROWS_MAX;
		n /= step;
		add_rows(
		    j->from->px + j->top[y] * row, row, step * row, n, j->sums);
		put_means(j->sums, j->left, w, n, to);
	}
}

/* The same instructions mean the same; newer processors have better ones. */
static void
reduce_plainly(const struct job *j)
{
	reduce(j);
}

#ifdef __x86_64__

__attribute__((target("avx2"))) static void
reduce_newly(const struct job *j)
{
	reduce(j);
}

#else
#	define reduce_newly reduce_plainly
#endif

struct raster
raster_reduced(const struct raster *from, int w, int h)
{
	struct raster to = raster_new(w, h);
	struct job j = {
		.from = from,
		.to = &to,
		.left = starts_new(from->w, w),
		.top = starts_new(from->h, h),
		.sums = xcalloc((size_t)from->w * RASTER_BANDS + 4 * LANES,
		    sizeof(*j.sums)),
	};

	assert(w <= from->w && h <= from->h);
	(has_8_lanes() ? reduce_newly : reduce_plainly)(&j);
	free(j.left);
	free(j.top);
	free(j.sums);
	return to;
}
