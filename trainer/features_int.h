/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a feature vector; each fills its numbers from a raster.
 */
#ifndef TRAINER_FEATURES_INT_H
#define TRAINER_FEATURES_INT_H

#include <stddef.h>
#include <stdint.h>

enum {
	RASTER_SIDE = 128,
	HOG_CELLS = 10, /* a side */
	HOG_BINS = 9,
	HOG_COUNT = HOG_CELLS * HOG_CELLS * HOG_BINS,
	QUARTERS = 4,
	HUE_BINS = 8,
	SATURATION_BINS = 3,
	VALUE_BINS = 3,
	COLOUR_BINS = HUE_BINS * SATURATION_BINS * VALUE_BINS,
	COLOUR_COUNT = COLOUR_BINS * (1 + QUARTERS),
	LBP_BINS = 59,
	LBP_COUNT = LBP_BINS * QUARTERS,
	LAYOUT_SIDE = 8,
	LAYOUT_COUNT = LAYOUT_SIDE * LAYOUT_SIDE * 3,
};

/* A picture of one size: three planes (red, green, blue) of 0..1. */
struct raster {
	float plane[3][RASTER_SIDE][RASTER_SIDE];
};

/*
 * The mean colour under each of the raster's pixels, exactly: every source
 * pixel counts by the area that it shares.
 */
void raster_of(struct raster *, const uint8_t *rgb, int width, int height);

/* The same picture seen in a mirror. */
void raster_mirror(struct raster *, const struct raster *from);

void hog_of(const struct raster *, float out[HOG_COUNT]);
void colour_of(const struct raster *, float out[COLOUR_COUNT]);
void lbp_of(const struct raster *, float out[LBP_COUNT]);
void layout_of(const struct raster *, float out[LAYOUT_COUNT]);

#endif
