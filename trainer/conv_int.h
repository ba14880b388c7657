/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of images that lie nhwc.
 */
#ifndef TRAINER_CONV_INT_H
#define TRAINER_CONV_INT_H

#include "trainer/ops_int.h"

struct conv {
	struct window w;
	int64_t groups, in, out; /* channels: of all, and of all */
};

/* Check a call's shapes. */
int conv_of(const struct call *, struct conv *, struct err *);
bool conv_is_depthwise(const struct conv *);

/*
 * Weights for conv_image(): for each group a matrix of (places x channels of
 * the group) by outputs of the group; depthwise: places x channels.
 */
void conv_pack(const struct conv *, const float *weights, float *to);
/* Run with packed weights. */
int conv_image(const struct call *, const struct conv *, const float *packed,
    struct err *);

/* ---- fast loops, for the processor that is there (conv_fast.c) ---- */

/* Rows of n numbers: add bias (or NULL), cut. */
void fast_finish(float *, size_t rows, size_t n, size_t step, const float *bias,
    const struct act *);
/* One depthwise image.  `zeros` is a row of the input, all 0. */
void fast_depthwise(const struct conv *, const float *in, const float *weights,
    const float *bias, const struct act *, const float *zeros, float *out);

#endif
