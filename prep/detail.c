/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture is worth looking at, for `crop smart`: measured on a
 * small copy, summed across, and the best window of the sums.
 */
#include "prep/raster_int.h"

#include <stdbool.h>
#include <stdlib.h>

#define SMALL 64 /* pixels on the long side of the copy */
#define PRIOR_ONE 64
#define PRIOR_LOSS 16 /* off the weight at the very ends */

static struct raster
small_copy(const struct raster *r)
{
	const int side = r->w > r->h ? r->w : r->h;
	const int to = side < SMALL ? side : SMALL;
	const int w = (int)((int64_t)r->w * to / side);
	const int h = (int)((int64_t)r->h * to / side);

	return raster_reduced(r, w < 1 ? 1 : w, h < 1 ? 1 : h);
}

static int
luma(const uint8_t *p)
{
	return (2 * p[0] + 5 * p[1] + p[2]) / 8;
}

static int
colour(const uint8_t *p)
{
	int most = p[0], least = p[0], band;

	for (band = 1; band < RASTER_BANDS; band++) {
		most = p[band] > most ? p[band] : most;
		least = p[band] < least ? p[band] : least;
	}
	return most - least;
}

/* Steps to the right and downwards, and a quarter of the saturation. */
static int
detail_at(const struct raster *r, int x, int y)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const uint8_t *p = r->px + y * row + (ptrdiff_t)x * RASTER_BANDS;
	int sum = colour(p) / 4;

	if (x + 1 < r->w)
		sum += abs(luma(p) - luma(p + RASTER_BANDS));
	if (y + 1 < r->h)
		sum += abs(luma(p) - luma(p + row));
	return sum;
}

/* The start of the best window of `size` among n sums. */
static int
best_window(const int64_t *sums, int n, int size)
{
	int64_t sum = 0, best = -1;
	int i, start, off, best_off = 0, best_start = 0;

	for (i = 0; i < n; i++) {
		sum += sums[i];
		if (i >= size)
			sum -= sums[i - size];
		if (i < size - 1)
			continue;
		start = i - size + 1;
		off = abs(2 * start + size - n);
		if (sum > best || (sum == best && off < best_off)) {
			best = sum;
			best_off = off;
			best_start = start;
		}
	}
	return best_start;
}

/* Along x if across is false, else along y. */
static int
find(const struct raster *small, bool across, int full, int window)
{
	const int n = across ? small->h : small->w;
	const int size = (int)(((int64_t)window * n + full / 2) / full);
	int64_t sums[SMALL] = { 0 };
	int x, y, i, weight, start;

	for (y = 0; y < small->h; y++)
		for (x = 0; x < small->w; x++)
			sums[across ? y : x] += detail_at(small, x, y);
	for (i = 0; i < n; i++) {
		weight = PRIOR_ONE - PRIOR_LOSS * abs(2 * i + 1 - n) / n;
		sums[i] *= weight;
	}
	if (size >= n || size < 1)
		return (full - window) / 2;
	start = best_window(sums, n, size);
	/* From the middle of one window to the middle of the other. */
	start = (int)(((int64_t)(2 * start + size) * full / n - window) / 2);
	return start < 0 ? 0 : start > full - window ? full - window : start;
}

void
raster_find_detail(const struct raster *r, int w, int h, int *ret_x, int *ret_y)
{
	struct raster small = small_copy(r);

	*ret_x = w < r->w ? find(&small, false, r->w, w) : 0;
	*ret_y = h < r->h ? find(&small, true, r->h, h) : 0;
	raster_release(&small);
}
