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
	/* Two grids of square cells, of which the left half is kept. */
	HOG_FINE = 10,
	HOG_COARSE = 5,
	HOG_BINS = 9,
	HOG_COUNT =
	    (HOG_FINE * (HOG_FINE / 2) + HOG_COARSE * (HOG_COARSE / 2 + 1)) *
	    HOG_BINS,
	RINGS = 3,
	BANDS = 3,
	REGIONS = RINGS + 2 * BANDS,
	HUE_BINS = 8,
	SATURATION_BINS = 3, /* of which the lowest, grey, has no hue */
	VALUE_BINS = 3,
	COLOUR_BINS = (1 + HUE_BINS * (SATURATION_BINS - 1)) * VALUE_BINS,
	COLOUR_COUNT = COLOUR_BINS * REGIONS,
	LBP_BINS = 35,
	LBP_RADII = 2,
	LBP_COUNT = LBP_BINS * REGIONS * LBP_RADII,
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

/*
 * The regions that a pixel is in: a ring around the middle, and the middle
 * or outer thirds of a horizontal band.  Each is its own mirror image.
 */
struct regions {
	int ring; /* 0..RINGS-1 */
	int part; /* RINGS..REGIONS-1 */
};
struct regions regions_at(int y, int x);

/* Counts to the square roots of their shares (Hellinger): length 1, or 0. */
void take_shares(float *counts, int n);

void hog_of(const struct raster *, float out[HOG_COUNT]);
void colour_of(const struct raster *, float out[COLOUR_COUNT]);
void lbp_of(const struct raster *, float out[LBP_COUNT]);

#endif
