/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars and frames: lines of one colour along a side that end at a straight
 * edge.  A product on a seamless ground has no such edge.
 */
#include "prep/quality_int.h"

#include "prep/border_int.h"

#define LINES_LEAST 2 /* of the small copy; less is no border */

/*
 * Is the first line inside of another colour, two thirds of it, and half of
 * what it would be through the borders beside it?  A thing on an even ground
 * is narrower, or not straight.  One line is passed over, whose pixels can
 * be means of both.
 */
static bool
ends_straight(const struct raster *r, const struct box *all, enum side side,
    const struct border *b)
{
	const enum side before = side == LEFT || side == RIGHT ? TOP : LEFT;
	const int skip = b[before].lines;
	struct line l = line_at(r, all, side, b[side].lines + 1);
	const int full = l.n;
	int other;

	l.first += skip * l.step;
	l.n -= skip + b[before + 1].lines;
	other = line_strays(&l, b[side].colour, l.n);
	return 3 * other > 2 * l.n && 2 * other > full;
}

double
quality_bordered(const struct raster *small)
{
	const struct box all = { 0, 0, small->w, small->h };
	struct border b[SIDES];
	int side, lines[SIDES];

	for (side = 0; side < SIDES; side++)
		b[side] = border_from(small, &all, (enum side)side);
	if (b[LEFT].lines + b[RIGHT].lines + 2 > small->w ||
	    b[TOP].lines + b[BOTTOM].lines + 2 > small->h)
		return 1;
	for (side = 0; side < SIDES; side++)
		lines[side] = b[side].lines >= LINES_LEAST &&
			ends_straight(small, &all, (enum side)side, b)
		    ? b[side].lines
		    : 0;
	return (double)(small->w - lines[LEFT] - lines[RIGHT]) *
	    (small->h - lines[TOP] - lines[BOTTOM]) /
	    ((double)small->w * small->h);
}
