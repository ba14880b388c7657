/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imagehash: codes of a small grey picture, for comparison and interchange.
 *
 * aHash, dHash and pHash are those of Python's imagehash (J. Buchner, 4.3)
 * with its defaults: luma as Pillow's convert("L") has it, made small with
 * Pillow's Lanczos filter in whole numbers, so that equal pixels give equal
 * bits.  pHash-256 is its phash(hash_size=16): the terms of a DCT-II of
 * 64x64 samples, the 16x16 lowest with the constant one, each compared with
 * their median (after C. Zauner, "Implementation and Benchmarking of
 * Perceptual Image Hash Functions", 2010).
 *
 * Codes are bytes whose bits, from the most significant on, go row by row
 * from the top left; as hexadecimal they are imagehash's text form.
 *
 * Pure functions: any thread, no state.
 */
#ifndef DEDUP_IMAGEHASH_H
#define DEDUP_IMAGEHASH_H

#include <stdint.h>

#define IMAGEHASH_SIZE 8 /* bytes, of the codes of 64 bits */
#define PHASH_SIZE 32    /* bytes, of pHash-256 */
#define PHASH_SIDE 64    /* pixels, of what it is made of */
#define PHASH_GRAY (PHASH_SIDE * PHASH_SIDE)

/*
 * The luma, (19595 R + 38470 G + 7471 B + 32768) >> 16, of 8-bit pixels with
 * 3 bands, or 1 that is luma already; row by row without gaps, of any size
 * from 1 x 1 on.
 */
void imagehash_luma(
    const uint8_t *pixels, int width, int height, int bands, uint8_t *ret);

/*
 * Luma brought to exactly to_w x to_h, whatever its aspect: by Lanczos with
 * three lobes, widened for shrinking, along the rows and then the columns,
 * each rounded to 8 bits.
 */
void imagehash_resize(const uint8_t *luma, int width, int height, int to_w,
    int to_h, uint8_t *ret);

/* Of luma of any size: average_hash(), dhash() and phash(). */
void ahash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE]);
void dhash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE]);
void phash_of_luma(
    const uint8_t *luma, int width, int height, uint8_t ret[IMAGEHASH_SIZE]);

/* pHash-256, of luma that was brought to PHASH_SIDE x PHASH_SIDE. */
void phash256_of_gray(const uint8_t gray[PHASH_GRAY], uint8_t ret[PHASH_SIZE]);

#endif
