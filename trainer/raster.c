/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

/*
 * Lengths are counted in units in which a source pixel is SIDE long and one
 * of ours as long as the source has pixels: every overlap is then a whole
 * number, and sums are exact whatever their order.
 */
#define SIDE ((uint64_t)RASTER_SIDE)

static uint64_t
overlap(uint64_t source, uint64_t ours, uint64_t size)
{
	uint64_t from = source * SIDE, to = from + SIDE;

	if (from < ours * size)
		from = ours * size;
	if (to > (ours + 1) * size)
		to = (ours + 1) * size;
	return to - from;
}

/* Shrink one row of the source to SIDE pixels, scaled by width. */
static void
shrink_row(uint64_t row[RASTER_SIDE][3], const uint8_t *rgb, uint64_t width)
{
	memset(row, 0, RASTER_SIDE * sizeof(row[0]));
	for (uint64_t x = 0; x < width; x++)
		for (uint64_t i = x * SIDE / width;
		     i < SIDE && i * width < (x + 1) * SIDE; i++) {
			uint64_t share = overlap(x, i, width);

			for (int c = 0; c < 3; c++)
				row[i][c] += share * rgb[3 * x + (uint64_t)c];
		}
}

void
raster_of(struct raster *r, const uint8_t *rgb, int width, int height)
{
	uint64_t w = (uint64_t)width, h = (uint64_t)height;
	uint64_t row[RASTER_SIDE][3];
	uint64_t(*sum)[RASTER_SIDE][3] CLEANUP(freep) =
	    xcalloc(RASTER_SIDE, sizeof(*sum));
	double full = 255.0 * (double)w * (double)h;

	for (uint64_t y = 0; y < h; y++) {
		shrink_row(row, rgb + 3 * w * y, w);
		for (uint64_t i = y * SIDE / h;
		     i < SIDE && i * h < (y + 1) * SIDE; i++) {
			uint64_t share = overlap(y, i, h);

			for (int x = 0; x < RASTER_SIDE; x++)
				for (int c = 0; c < 3; c++)
					sum[i][x][c] += share * row[x][c];
		}
	}
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < RASTER_SIDE; y++)
			for (int x = 0; x < RASTER_SIDE; x++)
				r->plane[c][y][x] =
				    (float)((double)sum[y][x][c] / full);
}

struct regions
regions_at(int y, int x)
{
	/* In half pixels from the middle, so that both sides are alike. */
	int up = 2 * y - (RASTER_SIDE - 1), right = 2 * x - (RASTER_SIDE - 1);
	int square = up * up + right * right;
	int band = y * BANDS / RASTER_SIDE;
	int middle = abs(right) < RASTER_SIDE / 3;

	return (struct regions){
		.ring = (square >= 56 * 56) + (square >= 100 * 100),
		.part = RINGS + 2 * band + middle,
	};
}
