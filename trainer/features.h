/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features: numbers that describe a prepared picture, made by hand.
 *
 * "plain-1" is four things side by side, taken from the picture shrunk to
 * 128 x 128 pixels:
 * - gradients: histograms of oriented gradients (Dalal and Triggs, 2005),
 *   10 x 10 cells of 9 unsigned directions, normalised over 2 x 2 cells;
 * - colour: soft histograms of hue, saturation and value (8 x 3 x 3) of the
 *   whole and of its four quarters, square roots of shares (Hellinger);
 * - texture: uniform local binary patterns (Ojala et al., 2002) of the four
 *   quarters, the same way;
 * - layout: the picture itself at 8 x 8, in colour.
 * The first three are the mean over the picture and its mirror image: a
 * linear model loses nothing by it that training on both would give, and
 * learns from half as many weights.  Layout still tells left from right.
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
 * width and height 8..65,535.  All numbers are finite, about 0..1, and depend
 * on nothing but the pixels.
 */
void features_of(const uint8_t *rgb, int width, int height, float *out);

#endif
