/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/features.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

enum {
	/* The parts that do not tell a picture from its mirror image. */
	BLIND_COUNT = HOG_COUNT + COLOUR_COUNT + LBP_COUNT,
	FEATURES_COUNT = BLIND_COUNT + LAYOUT_COUNT,
};

static int
quarter_of(int y, int x)
{
	return 2 * (2 * y / RASTER_SIDE) + 2 * x / RASTER_SIDE;
}

/* Counts to the square roots of their shares: a vector of length 1. */
static void
take_shares(float *counts, int n)
{
	float sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	for (int i = 0; i < n; i++)
		counts[i] = sum > 0 ? sqrtf(counts[i] / sum) : 0;
}

/* Hue in turns 0..1, saturation and value 0..1 (Smith, 1978). */
static void
to_hsv(const float rgb[3], float hsv[3])
{
	float r = rgb[0], g = rgb[1], b = rgb[2];
	float high = fmaxf(r, fmaxf(g, b)), low = fminf(r, fminf(g, b));
	float range = high - low, sixths = 0;

	if (range > 0 && high == r)
		sixths = (g - b) / range;
	else if (range > 0 && high == g)
		sixths = 2 + (b - r) / range;
	else if (range > 0)
		sixths = 4 + (r - g) / range;
	hsv[0] = (sixths < 0 ? sixths + 6 : sixths) / 6;
	hsv[1] = high > 0 ? range / high : 0;
	hsv[2] = high;
}

/* The lower of the two bins between which 0..1 falls, and how far past. */
static int
bin_below(float x, int bins, float *ret_past)
{
	float at = x * (float)(bins - 1);
	int low = (int)at < bins - 2 ? (int)at : bins - 2;

	*ret_past = at - (float)low;
	return low;
}

/* Share one pixel between the eight bins around its colour. */
static void
add_colour(float bins[COLOUR_BINS], const float rgb[3])
{
	float hsv[3], past_h, past_s, past_v, at;
	int h, s, v;

	to_hsv(rgb, hsv);
	at = hsv[0] * HUE_BINS;
	h = (int)at;
	past_h = at - (float)h;
	s = bin_below(hsv[1], SATURATION_BINS, &past_s);
	v = bin_below(hsv[2], VALUE_BINS, &past_v);
	for (int i = 0; i < 8; i++) {
		int up_h = i & 1, up_s = i >> 1 & 1, up_v = i >> 2;
		int bin = (h + up_h) % HUE_BINS * SATURATION_BINS + s + up_s;

		bins[bin * VALUE_BINS + v + up_v] +=
		    (up_h ? past_h : 1 - past_h) *
		    (up_s ? past_s : 1 - past_s) *
		    (up_v ? past_v : 1 - past_v);
	}
}

void
colour_of(const struct raster *r, float out[COLOUR_COUNT])
{
	float *quarters = out + COLOUR_BINS;

	memset(out, 0, COLOUR_COUNT * sizeof(*out));
	for (int y = 0; y < RASTER_SIDE; y++)
		for (int x = 0; x < RASTER_SIDE; x++) {
			const float rgb[3] = { r->plane[0][y][x],
				r->plane[1][y][x], r->plane[2][y][x] };

			add_colour(quarters + quarter_of(y, x) * COLOUR_BINS,
			    rgb);
		}
	for (int i = 0; i < QUARTERS * COLOUR_BINS; i++)
		out[i % COLOUR_BINS] += quarters[i];
	for (int i = 0; i < 1 + QUARTERS; i++)
		take_shares(out + i * COLOUR_BINS, COLOUR_BINS);
}

/*
 * Patterns with at most two changes between 0 and 1 around the circle are
 * uniform and have a bin each; all the others share the last.
 */
static void
number_patterns(uint8_t bin[256])
{
	uint8_t next = 0;

	for (unsigned i = 0; i < 256; i++) {
		unsigned turned = (i << 1 | i >> 7) & 255;

		bin[i] = __builtin_popcount(i ^ turned) <= 2 ? next++
							     : LBP_BINS - 1;
	}
}

static float
grey_at(const struct raster *r, int y, int x)
{
	return 0.299f * r->plane[0][y][x] + 0.587f * r->plane[1][y][x] +
	    0.114f * r->plane[2][y][x];
}

void
lbp_of(const struct raster *r, float out[LBP_COUNT])
{
	static const int dy[8] = { 0, 1, 1, 1, 0, -1, -1, -1 };
	static const int dx[8] = { 1, 1, 0, -1, -1, -1, 0, 1 };
	const float faint = 0.01f; /* brighter by less is noise, not pattern */
	uint8_t bin[256];

	number_patterns(bin);
	memset(out, 0, LBP_COUNT * sizeof(*out));
	for (int y = 1; y < RASTER_SIDE - 1; y++)
		for (int x = 1; x < RASTER_SIDE - 1; x++) {
			float centre = grey_at(r, y, x) + faint;
			unsigned code = 0;

			for (int i = 0; i < 8; i++)
				if (grey_at(r, y + dy[i], x + dx[i]) > centre)
					code |= 1u << i;
			out[quarter_of(y, x) * LBP_BINS + bin[code]]++;
		}
	for (int i = 0; i < QUARTERS; i++)
		take_shares(out + i * LBP_BINS, LBP_BINS);
}

void
layout_of(const struct raster *r, float out[LAYOUT_COUNT])
{
	const int side = RASTER_SIDE / LAYOUT_SIDE;

	memset(out, 0, LAYOUT_COUNT * sizeof(*out));
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < RASTER_SIDE; y++)
			for (int x = 0; x < RASTER_SIDE; x++)
				out[(c * LAYOUT_SIDE + y / side) * LAYOUT_SIDE +
				    x / side] +=
				    r->plane[c][y][x] / (float)(side * side);
}

static void
blind_parts_of(const struct raster *r, float out[BLIND_COUNT])
{
	hog_of(r, out);
	colour_of(r, out + HOG_COUNT);
	lbp_of(r, out + HOG_COUNT + COLOUR_COUNT);
}

size_t
features_count(void)
{
	return FEATURES_COUNT;
}

void
features_of(const uint8_t *rgb, int width, int height, float *out)
{
	struct raster *seen CLEANUP(freep) = xmalloc(sizeof(*seen));
	struct raster *mirrored CLEANUP(freep) = xmalloc(sizeof(*mirrored));
	float other[BLIND_COUNT];

	assert(width >= 8 && width <= 65535);
	assert(height >= 8 && height <= 65535);
	raster_of(seen, rgb, width, height);
	raster_mirror(mirrored, seen);
	blind_parts_of(seen, out);
	blind_parts_of(mirrored, other);
	for (int i = 0; i < BLIND_COUNT; i++)
		out[i] = (out[i] + other[i]) / 2;
	layout_of(seen, out + BLIND_COUNT);
}
