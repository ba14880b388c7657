/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be told from how often each colour occurs.
 */
#include "prep/quality_int.h"

#include <math.h>

#define LEVELS 256
#define PARTS 4 /* brightness is counted in quarters of a level */
#define SIDE 16 /* of the cube of colours */

struct tally {
	uint32_t band[RASTER_BANDS][LEVELS];
	uint32_t bright[(LEVELS - 1) * PARTS + 1];
	uint16_t cube[SIDE][SIDE][SIDE]; /* QUALITY_SAMPLES fit */
	uint32_t n;
};

/* Pixels from one sample to the next, in both directions. */
static int
grid_step(int w, int h)
{
	int64_t step = 1;

	while (
	    ((w + step - 1) / step) * ((h + step - 1) / step) > QUALITY_SAMPLES)
		step++;
	return (int)step;
}

/*
 * Brightness as CleanVision has it, the root of 0.241 R^2 + 0.691 G^2 +
 * 0.068 B^2; of a grey it is exactly that grey.
 */
static unsigned
brightness(unsigned r, unsigned g, unsigned b)
{
	const unsigned square = 241 * r * r + 691 * g * g + 68 * b * b;

	return (
	    unsigned)(sqrtf((float)(int)square * (PARTS * PARTS / 1000.0f)) +
	    0.5f);
}

static void
count_row(const uint8_t *p, const uint8_t *end, ptrdiff_t step, struct tally *t)
{
	unsigned r, g, b, bright;

	for (; p < end; p += step) {
		r = p[0];
		g = p[1];
		b = p[2];
		bright = brightness(r, g, b);
		t->band[0][r]++;
		t->band[1][g]++;
		t->band[2][b]++;
		t->bright[bright]++;
		t->cube[r / SIDE][g / SIDE][b / SIDE]++;
	}
}

/*
 * In each `step` rows one, and in it one pixel of `step`; always others, so
 * that no regular pattern is missed.
 */
static void
count(const struct raster *r, struct tally *t)
{
	const int step = grid_step(r->w, r->h);
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const uint8_t *p;
	int i, y, shift;

	for (i = 0; (y = i * step + i % step) < r->h; i++) {
		p = r->px + y * row;
		shift = (i + i / step) % step;
		count_row(p + (ptrdiff_t)shift * RASTER_BANDS, p + row,
		    (ptrdiff_t)step * RASTER_BANDS, t);
	}
	for (i = 0; i < LEVELS; i++)
		t->n += t->band[0][i];
}

/* The part of 1 below which a share of the pixels is, linear between them. */
static double
percentile(const struct tally *t, double share)
{
	const double rank = share * (t->n - 1);
	const uint32_t below = (uint32_t)rank;
	const uint32_t above = below + 1 < t->n ? below + 1 : below;
	uint32_t seen = t->bright[0];
	int low = 0, high;

	while (seen <= below)
		seen += t->bright[++low];
	for (high = low; seen <= above;)
		seen += t->bright[++high];
	return (low + (high - low) * (rank - below)) / (PARTS * (LEVELS - 1));
}

/* Bits, of the histograms of all bands as if they were one. */
static double
entropy(const struct tally *t, int bands)
{
	const double all = (double)t->n * bands;
	double bits = 0, n;
	int band, level;

	for (band = 0; band < bands; band++)
		for (level = 0; level < LEVELS; level++) {
			n = t->band[band][level];
			if (n > 0)
				bits -= n * log2(n / all);
		}
	return bits / all;
}

static uint32_t
cube_sum(const struct tally *t, int r, int g, int b)
{
	uint32_t sum = 0;
	int i;

	if (r < 0 || g < 0 || b < 0 || r == SIDE - 1 || g == SIDE - 1 ||
	    b == SIDE - 1)
		return 0;
	for (i = 0; i < 8; i++)
		sum += t->cube[r + (i >> 2)][g + (i >> 1 & 1)][b + (i & 1)];
	return sum;
}

/* Most pixels in a cube of 32 levels that has the commonest colour in it. */
static uint32_t
most_of_one_colour(const struct tally *t)
{
	const uint16_t *cube = &t->cube[0][0][0];
	uint32_t sum, most = 0;
	int i, top = 0;

	for (i = 1; i < SIDE * SIDE * SIDE; i++)
		top = cube[i] > cube[top] ? i : top;
	for (i = 0; i < 8; i++) {
		sum = cube_sum(t, top / (SIDE * SIDE) - (i >> 2),
		    top / SIDE % SIDE - (i >> 1 & 1), top % SIDE - (i & 1));
		most = sum > most ? sum : most;
	}
	return most;
}

void
quality_colours(const struct raster *r, bool one_band, struct quality *q)
{
	struct tally t = { .n = 0 };
	double bits;

	count(r, &t);
	bits = entropy(&t, one_band ? 1 : RASTER_BANDS);
	q->score[QUALITY_dark] = (float)percentile(&t, 0.99);
	q->score[QUALITY_light] = (float)(1 - percentile(&t, 0.05));
	q->score[QUALITY_low_information] = (float)(bits < 10 ? bits / 10 : 1);
	q->score[QUALITY_uniform] =
	    (float)(1 - (double)most_of_one_colour(&t) / t.n);
}
