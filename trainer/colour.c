/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Soft histograms of colour: a pixel is shared between the eight bins around
 * it, so a small change of colour is a small change of the histogram.
 */
#include <math.h>
#include <string.h>

#include "trainer/features_int.h"

/* Hue in turns 0..1, saturation and value 0..1 (Smith, 1978). */
struct hsv {
	float hue, saturation, value;
};

static struct hsv
hsv_at(const struct raster *p, int y, int x)
{
	float r = p->plane[0][y][x], g = p->plane[1][y][x];
	float b = p->plane[2][y][x];
	float high = fmaxf(r, fmaxf(g, b)), low = fminf(r, fminf(g, b));
	float range = high - low, sixths = 0;

	if (range > 0 && high == r)
		sixths = (g - b) / range;
	else if (range > 0 && high == g)
		sixths = 2 + (b - r) / range;
	else if (range > 0)
		sixths = 4 + (r - g) / range;
	return (struct hsv){
		.hue = (sixths < 0 ? sixths + 6 : sixths) / 6,
		.saturation = high > 0 ? range / high : 0,
		.value = high,
	};
}

/* Two neighbouring bins and the shares of each. */
struct share {
	int bin[2];
	float part[2];
};

/* Bins whose centres go from 0 to 1. */
static struct share
share_line(float x, int bins)
{
	float at = x * (float)(bins - 1);
	int low = (int)at < bins - 2 ? (int)at : bins - 2;
	float past = at - (float)low;

	return (struct share){ { low, low + 1 }, { 1 - past, past } };
}

/* Bins around a circle. */
static struct share
share_circle(float turns, int bins)
{
	float at = turns * (float)bins;
	int low = (int)at;
	float past = at - (float)low;

	return (struct share){ { low % bins, (low + 1) % bins },
		{ 1 - past, past } };
}

static void
add_colour(const struct hsv *c, float *ring, float *part)
{
	struct share h = share_circle(c->hue, HUE_BINS);
	struct share s = share_line(c->saturation, SATURATION_BINS);
	struct share v = share_line(c->value, VALUE_BINS);

	for (int i = 0; i < 8; i++) {
		int hue = h.bin[i & 1], saturation = s.bin[i >> 1 & 1];
		int tint =
		    saturation == 0 ? 0 : 1 + (saturation - 1) * HUE_BINS + hue;
		int bin = tint * VALUE_BINS + v.bin[i >> 2];
		float weight =
		    h.part[i & 1] * s.part[i >> 1 & 1] * v.part[i >> 2];

		ring[bin] += weight;
		part[bin] += weight;
	}
}

void
colour_of(const struct raster *p, float out[COLOUR_COUNT])
{
	memset(out, 0, COLOUR_COUNT * sizeof(*out));
	for (int y = 0; y < RASTER_SIDE; y++)
		for (int x = 0; x < RASTER_SIDE; x++) {
			struct regions in = regions_at(y, x);
			struct hsv c = hsv_at(p, y, x);

			add_colour(&c, out + in.ring * COLOUR_BINS,
			    out + in.part * COLOUR_BINS);
		}
	for (int i = 0; i < REGIONS; i++)
		take_shares(out + i * COLOUR_BINS, COLOUR_BINS);
}
