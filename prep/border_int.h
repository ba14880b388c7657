/* SPDX-License-Identifier: Apache-2.0 */
/*
 * border_int: lines of one colour along the sides of a picture.
 */
#ifndef PREP_BORDER_INT_H
#define PREP_BORDER_INT_H

#include <stdbool.h>

#include "prep/raster_int.h"

enum side { LEFT, RIGHT, TOP, BOTTOM, SIDES };

/* A part of a picture. */
struct box {
	int x, y, w, h;
};

/* The pixels of one line, parallel to a side. */
struct line {
	const uint8_t *first;
	ptrdiff_t step; /* bytes */
	int n;
};

/* The i-th line of a part, from a side of it. */
struct line line_at(
    const struct raster *, const struct box *, enum side, int i);

/* How many pixels are not near a colour; it may stop after `enough`. */
int line_strays(
    const struct line *, const int colour[RASTER_BANDS], int enough);

struct border {
	int colour[RASTER_BANDS]; /* the mean of the outermost line */
	int lines;                /* that are of it, but for 2 % of each */
};

struct border border_from(const struct raster *, const struct box *, enum side);

/*
 * The part without its borders, each of its own colour, frames in frames
 * too; false where they are no more than 3 % of its area, or there is next
 * to nothing within.
 */
bool border_inside(const struct raster *, struct box *ret);

#endif
