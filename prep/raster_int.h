/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raster: one picture in memory, 8-bit sRGB, interleaved, row by row from
 * the top without gaps; and the plain loops over it.  Arithmetic is in whole
 * numbers, or in single precision in one order, so that equal pictures stay
 * equal on every machine.
 *
 * Unless said otherwise they work in place: the old pixels are freed.
 */
#ifndef PREP_RASTER_INT_H
#define PREP_RASTER_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RASTER_BANDS 3
#define RASTER_SLACK 32 /* bytes after the last that may be read */

struct raster {
	uint8_t *px; /* owned; NULL: none */
	int w, h;
};

/* Pixels not set. */
struct raster raster_new(int w, int h);
void raster_release(struct raster *);
size_t raster_bytes(const struct raster *);

/* Turn or mirror as an EXIF orientation of 1..8 asks for. */
void raster_orient(struct raster *, int orientation);
/* The orientation that undoes it. */
int orientation_inverse(int orientation);

/* Keep the rectangle, which lies inside. */
void raster_crop(struct raster *, int x, int y, int w, int h);
/*
 * Cut off each side the lines of one colour, as recipe.h says of `trim`.  A
 * picture that is nothing else stays as it is.
 */
void raster_trim(struct raster *, int tolerance);
/* Put it in the middle of a w x h picture of one colour. */
void raster_pad(struct raster *, int w, int h, const uint8_t *colour);
/* The same, with its edge around it, or itself mirrored at its edges. */
void raster_extend(struct raster *, int w, int h, bool mirror);
/* The mean of each band, rounded. */
void raster_mean(const struct raster *, uint8_t *ret_colour);

/* The luma (ITU-R BT.601) of one pixel. */
static inline uint8_t
raster_luma(const uint8_t *p)
{
	return (
	    uint8_t)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >>
	    16);
}

/* Each pixel becomes its luma. */
void raster_gray(struct raster *);
/*
 * All bands by one straight line, so that 1 % of the pixels have less luma
 * than what becomes 0, and 1 % more than what becomes 255.
 */
void raster_normalise(struct raster *);
/* Unsharp masking of the luma, by so much of what a blur takes away. */
void raster_sharpen(struct raster *, int percent);
/*
 * What a transparent picture is on a colour, 0xrrggbb, from what it is on
 * white, which is changed, and on black.
 */
void raster_put_on(
    struct raster *on_white, const struct raster *on_black, uint32_t rgb);

/*
 * Clockwise by hundredths of a degree, bilinear, in the smallest upright
 * rectangle that holds all of it; what comes free is white.
 */
void raster_rotate(struct raster *, int hundredths);

/* How large a w x h picture is after raster_rotate(). */
void rotated_size(int hundredths, int *w, int *h);

/*
 * To exactly w x h by cubic convolution, widened for shrinking so that all
 * source pixels count.
 */
void raster_resize(struct raster *, int w, int h);
/* The same as a copy. */
struct raster raster_resized(const struct raster *, int w, int h);
/* A copy no larger whose pixels are means of those they stand for. */
struct raster raster_reduced(const struct raster *, int w, int h);

/*
 * Where a w x h window, equal to the picture in one direction, holds the
 * most detail: the sum of edges and colour over it, with somewhat less
 * weight far from the middle.  Of equals the one nearest to the middle.
 */
void raster_find_detail(
    const struct raster *, int w, int h, int *ret_x, int *ret_y);
/*
 * The same for what draws the eye: edges, saturation and the colours of skin,
 * with less weight the further they are from the window's middle.
 */
void raster_find_attention(
    const struct raster *, int w, int h, int *ret_x, int *ret_y);

#endif
