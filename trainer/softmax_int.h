/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fitting shares with predicting, and what the tests look at.
 */
#ifndef TRAINER_SOFTMAX_INT_H
#define TRAINER_SOFTMAX_INT_H

#include "trainer/softmax.h"

/* Memory for one block of rows. */
struct softmax_block {
	size_t rows; /* at most */
	float *z;    /* rows x d: standardised features */
	float *p;    /* rows x k: probabilities */
};

void softmax_block_init(
    struct softmax_block *, const struct softmax *, size_t rows);
void softmax_block_release(struct softmax_block *);

/*
 * Standardise rows index[0..n-1] of x into the block (index NULL: the first
 * n), and find their probabilities.
 */
void softmax_forward(const struct softmax *, struct softmax_block *,
    const float *x, const size_t *index, size_t n);

/*
 * The penalised loss of rows that fit into the block, and its gradient: by
 * weights (d x k) and by bias (k).
 */
double softmax_gradient(const struct softmax *, struct softmax_block *,
    const struct softmax_rows *, double l2, const float *class_weights,
    float *by_weights, float *by_bias);

/*
 * An upper estimate of the loss's curvature (the largest eigenvalue of its
 * Hessian) as batches of so many rows see it.
 */
double softmax_curvature(const struct softmax *, const struct softmax_rows *,
    const struct softmax_opts *);

#endif
