/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of quality_of(): each looks at the picture in its own way and
 * fills in some scores.
 */
#ifndef PREP_QUALITY_INT_H
#define PREP_QUALITY_INT_H

#include "prep/quality.h"
#include "prep/raster_int.h"

/* Counting colours: dark, light, low_information, uniform. */
void quality_colours(const struct raster *, bool one_band, struct quality *);

/*
 * A copy some 160 pixels long (fewer if the picture has fewer), each pixel
 * the mean of a square of pixels, or of 4 x 4 spread over a larger square;
 * what is left over at the right and bottom is left out.
 */
struct raster quality_small(const struct raster *);

/* Of such a copy of a w x h picture: blurry; grayscale; bordered. */
double quality_blurry(const struct raster *small, int w, int h);
double quality_grayscale(const struct raster *small);
double quality_bordered(const struct raster *small);

/*
 * Of a JPEG that was not shrunk while decoding, turned by an orientation:
 * the mean step inside its blocks against that between them.
 */
double quality_blocky(const struct raster *, int orientation);

/* How much of what there is to see is not text. */
double quality_texty(const struct raster *);

#endif
