/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/features.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

/* Where each part begins. */
enum {
	COLOUR_AT = HOG_COUNT,
	LBP_AT = COLOUR_AT + COLOUR_COUNT,
	LAYOUT_AT = LBP_AT + LBP_COUNT,
	FEATURES_COUNT = LAYOUT_AT + LAYOUT_COUNT,
};

void
take_shares(float *counts, int n)
{
	float sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	for (int i = 0; i < n; i++)
		counts[i] = sum > 0 ? sqrtf(counts[i] / sum) : 0;
}

static void
layout_of(const struct raster *p, float out[LAYOUT_COUNT])
{
	const int side = RASTER_SIDE / LAYOUT_SIDE;
	const float pixels = (float)(side * side);

	memset(out, 0, LAYOUT_COUNT * sizeof(*out));
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < RASTER_SIDE; y++)
			for (int x = 0; x < RASTER_SIDE; x++) {
				int row = c * LAYOUT_SIDE + y / side;

				out[row * LAYOUT_SIDE + x / side] +=
				    p->plane[c][y][x] / pixels;
			}
}

size_t
features_count(void)
{
	return FEATURES_COUNT;
}

void
features_of(const uint8_t *rgb, int width, int height, float *out)
{
	struct raster *p CLEANUP(freep) = xmalloc(sizeof(*p));

	assert(width >= 8 && width <= 65535);
	assert(height >= 8 && height <= 65535);
	raster_of(p, rgb, width, height);
	hog_of(p, out);
	colour_of(p, out + COLOUR_AT);
	lbp_of(p, out + LBP_AT);
	layout_of(p, out + LAYOUT_AT);
}
