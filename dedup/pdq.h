/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdq: a code of 256 bits that changes little when a picture changes little.
 *
 * PDQ as published by Facebook (ThreatExchange, "The TMK+PDQF Video-Hashing
 * Algorithm and the PDQ Image-Hashing Algorithm", 2019): luma is blurred by
 * two passes of a box filter and decimated to 64x64, the 16x16 lowest terms
 * of its DCT-II without the constant ones are compared with their median.
 * Arithmetic is single precision in the order of the reference, so equal
 * pixels give the reference's bits (as long as the compiler does not fuse
 * multiply and add: -ffp-contract=off).
 *
 * Unrelated photographs are about 128 bits apart; up to 31 is a match where
 * both have quality 50 or more.  Below that the bits are noise.
 *
 * Pure functions: any thread, no state.
 */
#ifndef DEDUP_PDQ_H
#define DEDUP_PDQ_H

#include <stdbool.h>
#include <stdint.h>

#define PDQ_BITS 256
#define PDQ_SIZE 32                /* bytes */
#define PDQ_HEX (2 * PDQ_SIZE + 1) /* with the final 0 */
#define PDQ_SIDE_MIN 5             /* a shorter side has no code */
#define PDQ_SIDE_MAX 512           /* longer sides are sampled down */

/*
 * The code is one number of 256 bits, most significant byte first: the term
 * of vertical frequency i + 1 and horizontal frequency j + 1 (i, j from 0) is
 * bit 16 * i + j, counted from the least significant bit of bits[31].  So
 * the bytes in order, as hexadecimal, are the text form of the reference.
 */
struct pdq {
	uint8_t bits[PDQ_SIZE];
	int quality; /* 0 flat .. 100: how much there is to see */
};

/*
 * The code of a picture given as luma, 0.299 R + 0.587 G + 0.114 B in single
 * precision, finite and within 0..255, row by row from the top without gaps.
 * Where a side is longer than 512, the caller has first sampled both sides to
 * 512 as pdq_of_rgb() does; else the code is another than the reference's.
 * A side under 5 gives all zeros, quality 0.
 */
void pdq_of_luma(const float *luma, int width, int height, struct pdq *ret);

/*
 * The code of 8-bit pixels: `bands` 3 (R, G, B) or 1 (grey, which is its own
 * luma), interleaved, row by row from the top without gaps.  If either side
 * is longer than 512, both are sampled to exactly 512 (nearest neighbour,
 * source floor(i * side / 512), aspect not kept), as the reference does.
 *
 * For the reference's own bits of a file, feed the decoder's plain output
 * at full size: no shrink on load, no colour profile applied, an alpha band
 * dropped and not blended, no turn by EXIF orientation.  A picture that is
 * turned has quite another code; the rest moves it by a few bits.
 */
void pdq_of_rgb(
    const uint8_t *pixels, int width, int height, int bands, struct pdq *ret);

/*
 * The eight turns of a picture.  Turn t is what EXIF orientation t + 1 asks
 * a viewer to do with it: 0 nothing, 1 mirror left and right, 2 rotate by
 * 180 degrees, 3 mirror top and bottom, 4 transpose (mirror along the
 * diagonal from the top left), 5 rotate by 90 degrees clockwise, 6 mirror
 * along the other diagonal, 7 rotate by 270 degrees clockwise.  The
 * reference calls them original, flipy, rotate 180, flipx, flip +1, rotate
 * 270 (it counts the other way round), flip -1 and rotate 90.
 */
#define PDQ_TURNS 8

/*
 * pdq_of_rgb() of the picture in ret, and what it would be, but for the
 * rounding of other sums, of each of its turns; turned[0] is the code
 * itself.  All eight are of one transform, as the reference's dihedral codes.
 */
void pdq_turns_of_rgb(const uint8_t *pixels, int width, int height, int bands,
    struct pdq *ret, uint8_t turned[PDQ_TURNS][PDQ_SIZE]);

/* The turn that undoes it. */
int pdq_turn_back(int turn);

/* In how many bits two codes differ, 0..256. */
int pdq_distance(const uint8_t a[PDQ_SIZE], const uint8_t b[PDQ_SIZE]);

/* The text form: 64 digits, lower case. */
void pdq_to_hex(char out[PDQ_HEX], const uint8_t bits[PDQ_SIZE]);
/* Read it back; false, with bits undefined, for anything else. */
bool pdq_from_hex(uint8_t bits[PDQ_SIZE], const char *hex);

#endif
