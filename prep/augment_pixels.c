/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an augmentation does to pixels, once all is drawn.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "prep/augment_int.h"

#define WHOLE 10000 /* 100 %, in hundredths of a percent */
#define HALF_TURN 18000
#define QUARTER 9000

static uint8_t
clamped(int64_t n)
{
	return (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
}

/* d * by / WHOLE, to the nearest; |d| is at most 255, by at most 2 WHOLE. */
static int
scaled(int d, int by)
{
	return (d * by + 1000 * WHOLE + WHOLE / 2) / WHOLE - 1000;
}

/* ---- functions of one number ---- */

/* Taylor's series; 12 terms are exact to the last bit up to pi/2. */
double
augment_sine(int hundredths)
{
	const int back = hundredths > QUARTER ? HALF_TURN - hundredths
	    : hundredths < -QUARTER           ? -HALF_TURN - hundredths
					      : hundredths;
	const double x = back * 3.14159265358979323846 / HALF_TURN;
	double term = x, sum = 0;
	int i;

	for (i = 1; i <= 12; i++) {
		sum += term;
		term *= -x * x / (2 * i * (2 * i + 1));
	}
	return sum;
}

double
augment_cosine(int hundredths)
{
	return augment_sine(
	    hundredths > 0 ? QUARTER - hundredths : QUARTER + hundredths);
}

/* e to the power of -y, y >= 0: the series near 0, then squared back. */
static double
decay(double y)
{
	double term = 1, sum = 0;
	int i, halvings = 0;

	for (; y > 0.5; y /= 2)
		halvings++;
	for (i = 1; i <= 14; i++) {
		sum += term;
		term *= -y / i;
	}
	while (halvings-- > 0)
		sum *= sum;
	return sum;
}

/* ---- where pixels are ---- */

#define POSITION_BITS 20 /* of a pixel's fraction */
#define FRACTION 256

/* The picture goes on beyond its edges as its own mirror image. */
static size_t
mirrored(int64_t i, int side)
{
	const int64_t period = 2 * (int64_t)side;
	int64_t m;

	if (i >= 0 && i < side)
		return (size_t)i;
	m = ((i % period) + period) % period;
	return (size_t)(m < side ? m : period - 1 - m);
}

/* The colour at (x, y), in 2^-POSITION_BITS pixels. */
static void
interpolate(const struct raster *r, int64_t x, int64_t y, uint8_t *to)
{
	const int64_t half = 1 << (POSITION_BITS - 9);
	const int64_t fx = ((x + half) >> (POSITION_BITS - 8)) & 255;
	const int64_t fy = ((y + half) >> (POSITION_BITS - 8)) & 255;
	const int64_t x0 = (x + half) >> POSITION_BITS;
	const int64_t y0 = (y + half) >> POSITION_BITS;
	const size_t left = mirrored(x0, r->w) * RASTER_BANDS;
	const size_t right = mirrored(x0 + 1, r->w) * RASTER_BANDS;
	const size_t row = (size_t)r->w * RASTER_BANDS;
	const uint8_t *up = r->px + mirrored(y0, r->h) * row;
	const uint8_t *down = r->px + mirrored(y0 + 1, r->h) * row;
	int64_t above, below;
	size_t band;

	for (band = 0; band < RASTER_BANDS; band++) {
		above =
		    up[left + band] * (FRACTION - fx) + up[right + band] * fx;
		below = down[left + band] * (FRACTION - fx) +
		    down[right + band] * fx;
		to[band] = (uint8_t)((above * (FRACTION - fy) + below * fy +
					 FRACTION * FRACTION / 2) /
		    (FRACTION * FRACTION));
	}
}

void
augment_rotate(struct raster *r, int hundredths)
{
	/* Of half a pixel: distances from the middle are counted in halves. */
	const int64_t unit = 1 << (POSITION_BITS - 1);
	const int64_t c = llround(augment_cosine(hundredths) * (double)unit);
	const int64_t s = llround(augment_sine(hundredths) * (double)unit);
	struct raster new = raster_new(r->w, r->h);
	uint8_t *to = new.px;
	int64_t dx, dy;
	int x, y;

	for (y = 0; y < r->h; y++)
		for (x = 0; x < r->w; x++, to += RASTER_BANDS) {
			dx = 2 * x - (r->w - 1);
			dy = 2 * y - (r->h - 1);
			interpolate(r, c * dx + s * dy + unit * (r->w - 1),
			    c * dy - s * dx + unit * (r->h - 1), to);
		}
	raster_release(r);
	*r = new;
}

#define BLUR_UNIT 65536
#define BLUR_REACH_MAX 16 /* three of the largest deviations, rounded up */

/* Weights at 0..reach that sum to BLUR_UNIT when the others count twice. */
static int
blur_weights(int hundredths, int weights[BLUR_REACH_MAX + 1])
{
	const double deviation = hundredths / 100.0;
	int i, reach = (3 * hundredths + 99) / 100, rest = BLUR_UNIT;
	double at[BLUR_REACH_MAX + 1], sum = 0;

	reach = reach > BLUR_REACH_MAX ? BLUR_REACH_MAX : reach;
	for (i = 0; i <= reach; i++) {
		at[i] = decay(i * i / (2 * deviation * deviation));
		sum += i == 0 ? at[i] : 2 * at[i];
	}
	for (i = 1; i <= reach; i++) {
		weights[i] = (int)lround(at[i] / sum * BLUR_UNIT);
		rest -= 2 * weights[i];
	}
	weights[0] = rest;
	return reach;
}

/* Along the rows; what comes out is transposed, so two do both ways. */
static void
blur_and_transpose(struct raster *r, const int *weights, int reach)
{
	struct raster new = raster_new(r->h, r->w);
	const uint8_t *row, *left, *right;
	int x, y, i, band, sum[RASTER_BANDS];
	uint8_t *to;

	for (y = 0; y < r->h; y++) {
		row = r->px + (size_t)y * (size_t)r->w * RASTER_BANDS;
		for (x = 0; x < r->w; x++) {
			for (band = 0; band < RASTER_BANDS; band++)
				sum[band] = BLUR_UNIT / 2 +
				    weights[0] * row[x * RASTER_BANDS + band];
			for (i = 1; i <= reach; i++) {
				left =
				    row + mirrored(x - i, r->w) * RASTER_BANDS;
				right =
				    row + mirrored(x + i, r->w) * RASTER_BANDS;
				for (band = 0; band < RASTER_BANDS; band++)
					sum[band] += weights[i] *
					    (left[band] + right[band]);
			}
			to = new.px +
			    ((size_t)x * (size_t)r->h + (size_t)y) *
				RASTER_BANDS;
			for (band = 0; band < RASTER_BANDS; band++)
				to[band] = (uint8_t)(sum[band] / BLUR_UNIT);
		}
	}
	raster_release(r);
	*r = new;
}

void
augment_blur(struct raster *r, int hundredths)
{
	int weights[BLUR_REACH_MAX + 1];
	int reach;

	if (hundredths == 0)
		return;
	reach = blur_weights(hundredths, weights);
	blur_and_transpose(r, weights, reach);
	blur_and_transpose(r, weights, reach);
}

/* ---- light and colour ---- */

/* Each sample v becomes middle + (v - middle) * (100 % + hundredths). */
static void
spread(struct raster *r, int middle, int hundredths)
{
	uint8_t *p = r->px, *end = p + raster_bytes(r);
	uint8_t table[256];
	int i;

	for (i = 0; i < 256; i++)
		table[i] =
		    clamped(middle + scaled(i - middle, WHOLE + hundredths));
	for (; p < end; p++)
		*p = table[*p];
}

void
augment_brightness(struct raster *r, int hundredths)
{
	spread(r, 0, hundredths);
}

void
augment_contrast(struct raster *r, int hundredths)
{
	const uint64_t n = (uint64_t)r->w * (uint64_t)r->h;
	uint64_t sum = n / 2;
	size_t i;

	for (i = 0; i < n; i++)
		sum += raster_luma(r->px + i * RASTER_BANDS);
	spread(r, (int)(sum / n), hundredths);
}

void
augment_saturation(struct raster *r, int hundredths)
{
	uint8_t *p = r->px, *end = p + raster_bytes(r);
	int luma, band;

	for (; p < end; p += RASTER_BANDS) {
		luma = raster_luma(p);
		for (band = 0; band < RASTER_BANDS; band++)
			p[band] = clamped(
			    luma + scaled(p[band] - luma, WHOLE + hundredths));
	}
}

/* The plane of Cb and Cr (ITU-R BT.601) is turned, from red to yellow. */
void
augment_hue(struct raster *r, int hundredths)
{
	const double c = augment_cosine(hundredths);
	const double s = augment_sine(hundredths);
	uint8_t *p = r->px, *end = p + raster_bytes(r);
	double luma, blue, red, cb, cr;

	if (hundredths == 0)
		return;
	for (; p < end; p += RASTER_BANDS) {
		luma = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
		blue = (p[2] - luma) / 1.772;
		red = (p[0] - luma) / 1.402;
		cb = c * blue - s * red;
		cr = s * blue + c * red;
		p[0] = clamped(lround(luma + 1.402 * cr));
		p[1] = clamped(lround(
		    luma - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587));
		p[2] = clamped(lround(luma + 1.772 * cb));
	}
}
