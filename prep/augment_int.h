/* SPDX-License-Identifier: Apache-2.0 */
/*
 * augment_int: doing what an augmentation says to one picture.
 *
 * Sines, square roots and weights are made of IEEE 754's exact operations
 * only, the rest is whole numbers: a library's last bit is no part of it.
 */
#ifndef PREP_AUGMENT_INT_H
#define PREP_AUGMENT_INT_H

#include "prep/augment.h"
#include "prep/raster_int.h"

/* One copy, decided by its key (augment_key()); the size stays. */
void augment_apply(const struct augment *, const unsigned char key[SHA256_SIZE],
    struct raster *);

/* ---- the single operations, with values that are drawn already ---------- */

/* Of an angle in hundredths of a degree, -18000..18000. */
double augment_sine(int hundredths);
double augment_cosine(int hundredths);

/* Clockwise about the middle, bilinear; beyond the edge is its mirror. */
void augment_rotate(struct raster *, int hundredths);
/* Standard deviation in hundredths of a pixel. */
void augment_blur(struct raster *, int hundredths);

/* By how much, in hundredths of a percent or of a degree. */
void augment_brightness(struct raster *, int hundredths);
void augment_contrast(struct raster *, int hundredths);
void augment_saturation(struct raster *, int hundredths);
void augment_hue(struct raster *, int hundredths);

#endif
