/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture is worth looking at, for `crop smart` and `attention`:
 * measured on a small copy, summed across, and the best window of the sums.
 * In whole numbers and not by libvips' smartcrop, whose choice may differ
 * from one version or processor to the next.
 */
#include "prep/raster_int.h"

#include <stdbool.h>
#include <stdlib.h>

#define SMALL 64 /* pixels on the long side of the copy */
#define PRIOR_ONE 64
#define PRIOR_LOSS 16 /* off the weight at the very ends */
#define SKIN 96       /* what such a colour counts at most */
#define SKIN_LUMA_MIN 24
#define FINE 64 /* parts of a pixel of the copy */

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

/* Steps to the right and downwards. */
static int
edges_at(const struct raster *r, int x, int y)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const uint8_t *p = r->px + y * row + (ptrdiff_t)x * RASTER_BANDS;
	int sum = 0;

	if (x + 1 < r->w)
		sum += abs(luma(p) - luma(p + RASTER_BANDS));
	if (y + 1 < r->h)
		sum += abs(luma(p) - luma(p + row));
	return sum;
}

/*
 * How near to the middle of that part of the plane of colour into which skin
 * of every shade falls: Chai and Ngan, Face Segmentation Using Skin-Color Map
 * in Videophone Applications (1999), Cb of 77 to 127 and Cr of 133 to 173.
 * By degrees, so that noise does not switch it on and off.
 */
static int
skin(const uint8_t *p)
{
	const int cb = 128 + (-43 * p[0] - 85 * p[1] + 128 * p[2]) / 256;
	const int cr = 128 + (128 * p[0] - 107 * p[1] - 21 * p[2]) / 256;
	const int off_cb = abs(cb - 102) * SKIN / 26;
	const int off_cr = abs(cr - 153) * SKIN / 21;
	const int off = off_cb > off_cr ? off_cb : off_cr;

	return luma(p) < SKIN_LUMA_MIN || off > SKIN ? 0 : SKIN - off;
}

typedef int worth_fn(const struct raster *, int x, int y);

static int
detail_at(const struct raster *r, int x, int y)
{
	const uint8_t *p = r->px + ((ptrdiff_t)y * r->w + x) * RASTER_BANDS;

	return edges_at(r, x, y) + colour(p) / 4;
}

/* From one neighbour to the other, so that a mirrored picture has the same. */
static int
slopes_at(const struct raster *r, int x, int y)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const uint8_t *p = r->px + y * row + (ptrdiff_t)x * RASTER_BANDS;
	const ptrdiff_t left = x > 0 ? RASTER_BANDS : 0;
	const ptrdiff_t right = x + 1 < r->w ? RASTER_BANDS : 0;
	const ptrdiff_t above = y > 0 ? row : 0;
	const ptrdiff_t below = y + 1 < r->h ? row : 0;

	return abs(luma(p + right) - luma(p - left)) +
	    abs(luma(p + below) - luma(p - above));
}

static int
attention_at(const struct raster *r, int x, int y)
{
	const uint8_t *p = r->px + ((ptrdiff_t)y * r->w + x) * RASTER_BANDS;

	return 2 * slopes_at(r, x, y) + colour(p) / 2 + skin(p);
}

/* How windows are valued: what a pixel counts, and where in the window. */
struct look {
	worth_fn *worth;
	bool to_middle; /* the less, the further from the middle */
};

/* What the window from `start` on is worth. */
static int64_t
window_sum(const int64_t *sums, int start, int size, bool to_middle)
{
	int64_t sum = 0;
	int i, weight = 1;

	for (i = 0; i < size; i++) {
		if (to_middle)
			weight = 1 + (i < size - 1 - i ? i : size - 1 - i);
		sum += weight * sums[start + i];
	}
	return sum;
}

/* The start of the best window of `size` among n sums. */
static int
best_window(const int64_t *sums, int n, int size, bool to_middle)
{
	int64_t sum, best = -1;
	int start, off, best_off = 0, best_start = 0;

	for (start = 0; start + size <= n; start++) {
		sum = window_sum(sums, start, size, to_middle);
		off = abs(2 * start + size - n);
		if (sum > best || (sum == best && off < best_off)) {
			best = sum;
			best_off = off;
			best_start = start;
		}
	}
	return best_start;
}

/*
 * Where the top of a parabola through the best window's worth and its
 * neighbours' lies, from the best, in parts of a pixel: so that a small
 * change of the picture moves the window but little.
 */
static int
top_of(const int64_t *sums, int n, int size, int start)
{
	int64_t before, after, bend;

	if (start == 0 || start + size == n)
		return 0;
	before = window_sum(sums, start - 1, size, true);
	after = window_sum(sums, start + 1, size, true);
	bend = 2 * window_sum(sums, start, size, true) - before - after;
	return bend <= 0 ? 0 : (int)((after - before) * FINE / (2 * bend));
}

/* Along x if across is false, else along y. */
static int
find(const struct raster *small, const struct look *look, bool across, int full,
    int window)
{
	const int n = across ? small->h : small->w;
	const int size = (int)(((int64_t)window * n + full / 2) / full);
	int64_t sums[SMALL] = { 0 };
	int x, y, i, weight, start, middle;

	for (y = 0; y < small->h; y++)
		for (x = 0; x < small->w; x++)
			sums[across ? y : x] += look->worth(small, x, y);
	for (i = 0; i < n; i++) {
		weight = PRIOR_ONE - PRIOR_LOSS * abs(2 * i + 1 - n) / n;
		sums[i] *= weight;
	}
	if (size >= n || size < 1)
		return (full - window) / 2;
	start = best_window(sums, n, size, look->to_middle);
	middle = (2 * start + size) * FINE;
	if (look->to_middle)
		middle += 2 * top_of(sums, n, size, start);
	/* From the middle of one window to the middle of the other. */
	start = (int)(((int64_t)middle * full / (n * FINE) - window) / 2);
	return start < 0 ? 0 : start > full - window ? full - window : start;
}

static void
find_both(const struct raster *r, const struct look *look, int w, int h,
    int *ret_x, int *ret_y)
{
	struct raster small = small_copy(r);

	*ret_x = w < r->w ? find(&small, look, false, r->w, w) : 0;
	*ret_y = h < r->h ? find(&small, look, true, r->h, h) : 0;
	raster_release(&small);
}

void
raster_find_detail(const struct raster *r, int w, int h, int *ret_x, int *ret_y)
{
	static const struct look look = { detail_at, false };

	find_both(r, &look, w, h, ret_x, ret_y);
}

void
raster_find_attention(
    const struct raster *r, int w, int h, int *ret_x, int *ret_y)
{
	static const struct look look = { attention_at, true };

	find_both(r, &look, w, h, ret_x, ret_y);
}
