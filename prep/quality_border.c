/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars and frames: lines of one colour along a side that end at a straight
 * edge.  A product on a seamless ground has no such edge.
 */
#include "prep/quality_int.h"

#include <stdlib.h>

#define NEAR 12       /* levels from a border's colour that belong to it */
#define STRAY 50      /* one in so many pixels of a line may be off it */
#define LINES_LEAST 2 /* of the small copy; less is no border */

/* The pixels of one line, parallel to a side. */
struct line {
	const uint8_t *first;
	ptrdiff_t step; /* bytes */
	int n;
};

enum side { LEFT, RIGHT, TOP, BOTTOM, SIDES };

static bool
is_upright(enum side side)
{
	return side == LEFT || side == RIGHT;
}

static int
lines_from(const struct raster *r, enum side side)
{
	return is_upright(side) ? r->w : r->h;
}

/* The i-th line from a side. */
static struct line
line_at(const struct raster *r, enum side side, int i)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const bool from_end = side == RIGHT || side == BOTTOM;
	const int at = from_end ? lines_from(r, side) - 1 - i : i;

	if (is_upright(side))
		return (struct line){ r->px + (ptrdiff_t)at * RASTER_BANDS, row,
			r->h };
	return (struct line){ r->px + at * row, RASTER_BANDS, r->w };
}

static void
line_mean(struct line l, int ret[RASTER_BANDS])
{
	int sum[RASTER_BANDS] = { 0 }, i, band;

	for (i = 0; i < l.n; i++)
		for (band = 0; band < RASTER_BANDS; band++)
			sum[band] += l.first[i * l.step + band];
	for (band = 0; band < RASTER_BANDS; band++)
		ret[band] = (sum[band] + l.n / 2) / l.n;
}

static bool
is_near(const uint8_t *p, const int colour[RASTER_BANDS])
{
	return abs(p[0] - colour[0]) <= NEAR && abs(p[1] - colour[1]) <= NEAR &&
	    abs(p[2] - colour[2]) <= NEAR;
}

/* How many pixels are not near a colour; it may stop after `enough`. */
static int
strays(struct line l, const int colour[RASTER_BANDS], int enough)
{
	const uint8_t *p = l.first;
	int i, n = 0;

	for (i = 0; i < l.n && n <= enough; i++, p += l.step)
		n += !is_near(p, colour);
	return n;
}

struct border {
	int colour[RASTER_BANDS];
	int lines;
};

static struct border
border_from(const struct raster *r, enum side side)
{
	struct border b = { .lines = 0 };
	const int all = lines_from(r, side);
	struct line l = line_at(r, side, 0);

	line_mean(l, b.colour);
	while (
	    b.lines < all && strays(l, b.colour, l.n / STRAY) <= l.n / STRAY) {
		b.lines++;
		if (b.lines < all)
			l = line_at(r, side, b.lines);
	}
	return b;
}

/*
 * Is the first line inside of another colour, two thirds of it, and half of
 * what it would be through the borders beside it?  A thing on an even ground
 * is narrower, or not straight.  One line is passed over, whose pixels can
 * be means of both.
 */
static bool
ends_straight(const struct raster *r, enum side side, const struct border *b)
{
	const enum side before = is_upright(side) ? TOP : LEFT;
	const int skip = b[before].lines;
	struct line l = line_at(r, side, b[side].lines + 1);
	const int full = l.n;
	int other;

	l.first += skip * l.step;
	l.n -= skip + b[before + 1].lines;
	other = strays(l, b[side].colour, l.n);
	return 3 * other > 2 * l.n && 2 * other > full;
}

double
quality_bordered(const struct raster *small)
{
	struct border b[SIDES];
	int side, lines[SIDES];

	for (side = 0; side < SIDES; side++)
		b[side] = border_from(small, (enum side)side);
	if (b[LEFT].lines + b[RIGHT].lines + 2 > small->w ||
	    b[TOP].lines + b[BOTTOM].lines + 2 > small->h)
		return 1;
	for (side = 0; side < SIDES; side++)
		lines[side] = b[side].lines >= LINES_LEAST &&
			ends_straight(small, (enum side)side, b)
		    ? b[side].lines
		    : 0;
	return (double)(small->w - lines[LEFT] - lines[RIGHT]) *
	    (small->h - lines[TOP] - lines[BOTTOM]) /
	    ((double)small->w * small->h);
}
