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
 * Weights for conv_image(), in conv_packed() numbers: for each group a packed
 * matrix of (places x channels of the group) by outputs of the group;
 * depthwise: places x channels.
 */
size_t conv_packed(const struct conv *);
void conv_pack(const struct conv *, const float *weights, float *to);
/* Run with packed weights. */
int conv_image(const struct call *, const struct conv *, const float *packed,
    struct err *);

/* ---- fast loops, for the processor that is there (conv_fast.c) ---- */

/*
 * A matrix of inner x n, a row after the other, as fast_product() wants it,
 * in fast_packed() numbers; columns are made up to whole vectors.
 */
size_t fast_packed(int64_t inner, int64_t n);
void fast_pack(const float *matrix, int64_t inner, int64_t n, float *to);
/* Rows of `inner` numbers times a packed matrix, plus bias (or NULL), cut. */
void fast_product(const float *a, int64_t rows, int64_t a_step, int64_t inner,
    const float *packed, int64_t n, const float *bias, const struct act *,
    float *to, int64_t step);
/* Rows of n numbers: add bias (or NULL), cut. */
void fast_finish(float *, size_t rows, size_t n, size_t step, const float *bias,
    const struct act *);
/* One depthwise image.  `zeros` is a row of the input, all 0. */
void fast_depthwise(const struct conv *, const float *in, const float *weights,
    const float *bias, const struct act *, const float *zeros, float *out);

#endif
