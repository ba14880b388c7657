/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdq_int: the blur of PDQ, row by row.
 *
 * Rows go in from the top; what comes out is the 64x64 picture that is
 * transformed.  Only a few rows are in memory at a time.
 */
#ifndef DEDUP_PDQ_INT_H
#define DEDUP_PDQ_INT_H

#include "base/mem.h"

#define PDQ_SMALL 64

struct pdq_blur;

/* For a picture of this size, sides 5 or longer. */
struct pdq_blur *pdq_blur_new(int width, int height);
void pdq_blur_free(struct pdq_blur *);
DEFINE_CLEANUP(struct pdq_blur, pdq_blur_free)

/* Where the next row, `width` floats, is to be written ... */
float *pdq_blur_row(struct pdq_blur *);
/* ... and this says that it has been; `height` times. */
void pdq_blur_step(struct pdq_blur *);

/* After the last row: the small picture. */
void pdq_blur_end(struct pdq_blur *, float ret_small[PDQ_SMALL][PDQ_SMALL]);

#endif
