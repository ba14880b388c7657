/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify: do two pictures whose codes are near show the same?
 *
 * Two small grey pictures are laid over each other as well as they go, and
 * how well they go is what counts.  The alignment is an affine one, found by
 * Gauss-Newton steps on the correlation (Evangelidis and Psarakis,
 * "Parametric Image Alignment Using Enhanced Correlation Coefficient
 * Maximization", IEEE TPAMI 30(10), 2008); so crops and scales of up to some
 * 10 %, narrow borders, and rotations by a few degrees are followed.
 *
 * Two shirts on the same ground go well in all but the print.  So likeness
 * is the mean of two correlations: of the pictures, and of what is left of
 * them without their local means.
 *
 * Pure functions: any thread, no state.
 */
#ifndef DEDUP_VERIFY_H
#define DEDUP_VERIFY_H

#include <stdint.h>

#define VERIFY_SIDE 48 /* pixels; LOOK_SIDE of store/looks.h */

/*
 * From here on, pictures whose codes are 32 to 51 apart are the same.  By
 * tests/bench/transforms.sh: of changed copies in that range 97 of 100 are
 * above it, and of pairs of other photographs none.
 */
#define VERIFY_LIKE 0.9

/*
 * How like b is a that was turned by `turn` (0..7, as in dedup/pdq.h), from
 * 0 (nothing in common, or a picture of one grey) to 1.  Both are
 * VERIFY_SIDE x VERIFY_SIDE, 8 bits, row by row, of the whole picture
 * whatever its aspect.
 */
double verify_likeness(const uint8_t *a, const uint8_t *b, int turn);

#endif
