/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixels changed where they stand: grey, contrast, sharpness, and what
 * shines through them.
 */
#include "prep/raster_int.h"

#include <string.h>

#include "base/mem.h"

#define LEVELS 256
#define CLIPPED_PART 100 /* of the pixels, one may be beyond each end */
#define RANGE_MIN 16     /* levels; less is a flat picture */

static uint8_t
clamped(int level)
{
	return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

void
raster_gray(struct raster *r)
{
	uint8_t *p = r->px, *end = p + raster_bytes(r);

	for (; p < end; p += RASTER_BANDS)
		p[0] = p[1] = p[2] = raster_luma(p);
}

/* ---- contrast ---- */

/* The first level from `start` by `step` beyond which are more than n. */
static int
end_of(const uint32_t counts[LEVELS], int start, int step, uint64_t n)
{
	uint64_t sum = counts[start];

	while (sum <= n) {
		start += step;
		sum += counts[start];
	}
	return start;
}

void
raster_normalise(struct raster *r)
{
	uint8_t *p = r->px, *const end = p + raster_bytes(r);
	const uint64_t clipped = raster_bytes(r) / RASTER_BANDS / CLIPPED_PART;
	uint32_t counts[LEVELS] = { 0 };
	uint8_t becomes[LEVELS];
	int low, high, i;

	for (; p < end; p += RASTER_BANDS)
		counts[raster_luma(p)]++;
	low = end_of(counts, 0, 1, clipped);
	high = end_of(counts, LEVELS - 1, -1, clipped);
	if (high - low < RANGE_MIN)
		return;
	for (i = 0; i < LEVELS; i++)
		becomes[i] = i <= low
		    ? 0
		    : clamped(
			  ((i - low) * 255 + (high - low) / 2) / (high - low));
	for (p = r->px; p < end; p++)
		*p = becomes[*p];
}

/* ---- sharpness ---- */

#define TAPS 5
#define TAPS_SUM 16 /* 1 4 6 4 1 */

static int
inside(int i, int n)
{
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* A row of luma, blurred along it: TAPS_SUM times its weighted mean. */
static void
blur_row(const uint8_t *from, int w, uint16_t *to)
{
	int x;

	for (x = 0; x < w; x++)
		to[x] =
		    (uint16_t)(from[inside(x - 2, w)] + from[inside(x + 2, w)] +
			4 * (from[inside(x - 1, w)] + from[inside(x + 1, w)]) +
			6 * from[x]);
}

/* To the nearest, halves away from 0. */
static int
divided(int n, int by)
{
	return n < 0 ? -((by / 2 - n) / by) : (n + by / 2) / by;
}

static void
sharpen_row(uint8_t *p, const uint8_t *grey, const uint16_t *const rows[TAPS],
    int w, int percent)
{
	int x, band, blurred, more;

	for (x = 0; x < w; x++, p += RASTER_BANDS) {
		blurred = rows[0][x] + rows[4][x] +
		    4 * (rows[1][x] + rows[3][x]) + 6 * rows[2][x];
		more =
		    divided((TAPS_SUM * TAPS_SUM * grey[x] - blurred) * percent,
			TAPS_SUM * TAPS_SUM * 100);
		for (band = 0; band < RASTER_BANDS; band++)
			p[band] = clamped(p[band] + more);
	}
}

void
raster_sharpen(struct raster *r, int percent)
{
	const size_t w = (size_t)r->w, n = w * (size_t)r->h;
	uint8_t *grey = xmalloc(n);
	uint16_t *blurred = xcalloc(n, sizeof(*blurred));
	const uint16_t *rows[TAPS];
	size_t i;
	int y, tap;

	for (i = 0; i < n; i++)
		grey[i] = raster_luma(r->px + i * RASTER_BANDS);
	for (i = 0; i < n; i += w)
		blur_row(grey + i, r->w, blurred + i);
	for (y = 0; y < r->h; y++) {
		i = (size_t)y * w;
		for (tap = 0; tap < TAPS; tap++)
			rows[tap] = blurred +
			    (size_t)inside(y + tap - TAPS / 2, r->h) * w;
		sharpen_row(
		    r->px + i * RASTER_BANDS, grey + i, rows, r->w, percent);
	}
	free(grey);
	free(blurred);
}

/* ---- transparency ---- */

void
raster_put_on(
    struct raster *on_white, const struct raster *on_black, uint32_t rgb)
{
	const int colour[] = { rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255 };
	uint8_t *p = on_white->px, *const end = p + raster_bytes(on_white);
	const uint8_t *q = on_black->px;
	int band;

	for (; p < end; p += RASTER_BANDS, q += RASTER_BANDS)
		for (band = 0; band < RASTER_BANDS; band++)
			p[band] = (uint8_t)((p[band] * colour[band] +
						q[band] * (255 - colour[band]) +
						127) /
			    255);
}
