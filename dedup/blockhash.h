/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blockhash: which blocks of a picture are lighter than its others, for
 * comparison and interchange.
 *
 * The "precise" method of blockhash (Commons Machinery, 2014, after B. Yang,
 * F. Gu and X. Niu, "Block Mean Value Based Image Perceptual Hashing", 2006)
 * with 16 x 16 blocks: R + G + B summed up over each, a pixel on an edge by
 * its parts; a bit is set where the sum is above the median of its quarter
 * of the blocks, top to bottom, and where it equals that, if the median is
 * lighter than half of white.  The first bit is the most significant.
 *
 * A pure function: any thread, no state.
 */
#ifndef DEDUP_BLOCKHASH_H
#define DEDUP_BLOCKHASH_H

#include <stdint.h>

#define BLOCKHASH_SIZE 32 /* bytes */

/* Of 8-bit R, G, B, row by row without gaps, of any size from 1 x 1 on. */
void blockhash_of_rgb(
    const uint8_t *pixels, int width, int height, uint8_t ret[BLOCKHASH_SIZE]);

#endif
