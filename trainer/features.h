/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features: numbers that describe a prepared picture, made by hand.
 *
 * "plain-1" is four things side by side, taken from the picture shrunk to
 * 128 x 128 pixels:
 * - edges: histograms of oriented gradients (Dalal and Triggs, 2005) of
 *   10 x 10 and of 5 x 5 cells;
 * - colour: histograms of hue, saturation and value in nine regions: three
 *   rings around the middle, and the middle and outer thirds of three bands;
 * - texture: uniform local binary patterns (Ojala et al., 2002) of two radii
 *   in the same regions;
 * - layout: the picture itself at 8 x 8, in colour.
 * The first three are the same for a picture and its mirror image, which
 * teaches a linear model what training on both would, from half as many
 * numbers.  Layout alone still tells left from right.
 */
#ifndef TRAINER_FEATURES_H
#define TRAINER_FEATURES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Kept with every vector that is cached and in every model: vectors of two
 * names never meet.  A change of the numbers is a change of this name.
 */
#define FEATURES_NAME "plain-1"

/* Numbers in a vector. */
size_t features_count(void);

/*
 * Fill out[features_count()] from interleaved 8-bit RGB, rows without gaps,
 * width and height 8..65,535.  All numbers are 0..1 and depend on nothing
 * but the pixels.
 */
void features_of(const uint8_t *rgb, int width, int height, float *out);

#endif
