/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cross: what models say of rows that they were not trained on.
 *
 * The rows are shared out into folds, groups of what looks alike whole and
 * each class by itself; each fold is answered by a model of all the others.
 */
#ifndef TRAINER_CROSS_H
#define TRAINER_CROSS_H

#include "trainer/softmax.h"

struct cross_rows {            /* borrowed */
	const float *x;        /* n x d */
	const int32_t *labels; /* n: 0..k-1 */
	const int64_t *groups; /* n: rows of one number stay together */
	size_t n, d, k;
};

/*
 * fold[n], 0..folds-1: groups in an order by chance (seed), the largest
 * first, each to the fold that has least of its classes.
 */
void cross_folds(
    const struct cross_rows *, int folds, uint64_t seed, int *ret_fold);

/* Called before each fold; -1 with the error set ends it. */
typedef int cross_step_fn(void *ctx, int fold, struct err *);

/*
 * p (n x k): the probabilities of each row by a softmax regression of the
 * rows of the other folds.  The same rows and options give the same bits with
 * the same kernels (blas.h).  ERR_INPUT: the other folds lack a class; else
 * as softmax_fit().
 */
int cross_predict(const struct cross_rows *, const int *fold, int folds,
    const struct softmax_opts *, cross_step_fn *, void *ctx, float *ret_p,
    struct err *);

#endif
