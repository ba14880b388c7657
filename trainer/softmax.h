/* SPDX-License-Identifier: Apache-2.0 */
/*
 * softmax: multinomial logistic regression on standardised features.
 *
 * p = softmax(z W + b), z = clip((x - mean) * scale, -6, 6) (Bishop, 2006,
 * section 4.3.4).  Six deviations cut nothing from features that are near to
 * normal, and keep one that was rare in training, whose deviation is tiny,
 * from deciding alone.  W and b minimise the mean cross-entropy plus l2/2
 * times the squares of W, and are found by mini-batches with Nesterov's
 * momentum (Sutskever et al., 2013).
 */
#ifndef TRAINER_SOFTMAX_H
#define TRAINER_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SOFTMAX_CLIP 6.0f

struct softmax {
	size_t k;       /* classes */
	size_t d;       /* features */
	float *mean;    /* d */
	float *scale;   /* d: 1 / standard deviation; 0 where constant */
	float *weights; /* d x k, a feature a row */
	float *bias;    /* k */
};

/* All zeros, which gives every class the same probability. */
void softmax_init(struct softmax *, size_t k, size_t d);
void softmax_release(struct softmax *);

/*
 * Probabilities p (n x k) of raw features x (n x d).  Where numbers overflow
 * a row of p is NaN, so that it cannot pass for an answer.  How many rows go
 * in one call may change the last bit.
 */
void softmax_predict(
    const struct softmax *, const float *x, size_t n, float *p);

/* Some rows of a matrix of features, all borrowed. */
struct softmax_rows {
	const float *x;        /* the whole matrix, d columns */
	const int32_t *labels; /* of the whole matrix: 0..k-1 */
	const size_t *index;   /* which rows these are */
	size_t n;
};

/* Mean and scale from these rows alone; a constant feature will not count. */
void softmax_standardise(struct softmax *, const struct softmax_rows *);

/* Cross-entropy (natural log, mean over the rows) and share of right ones. */
struct softmax_score {
	double loss, accuracy;
};
/* class_weights as below; both NaN where there are no rows. */
struct softmax_score softmax_score(const struct softmax *,
    const struct softmax_rows *, const float *class_weights);

struct softmax_opts {
	int64_t epochs;
	int64_t batch;              /* rows a step, at most */
	double rate;                /* 1: the longest step safe by itself */
	double l2;                  /* >= 0 */
	int64_t patience;           /* epochs without less validation loss */
	uint64_t seed;              /* for the order of rows */
	const float *class_weights; /* k, borrowed; NULL: all 1 */
};

struct softmax_epoch {
	int64_t epoch; /* from 1 */
	double l2;
	double train_loss;         /* with the penalty, mean over the epoch */
	double val_loss, accuracy; /* NaN without validation rows */
};

/* Called after each epoch; -1 with the error set ends the fit with it. */
typedef int softmax_epoch_fn(
    void *ctx, const struct softmax_epoch *, struct err *);

/*
 * Standardise by and fit to the training rows, from zero weights.  The
 * weights kept are those of the epoch with the least loss on the validation
 * rows (which may be none: then the last), given in *ret_val_loss.  The same
 * input gives the same bits with the same kernels (see blas.h).  ERR_FATAL
 * when a loss or weight is not finite; the callback, or NULL, may fail it.
 */
int softmax_fit(struct softmax *, const struct softmax_rows *train,
    const struct softmax_rows *val, const struct softmax_opts *,
    softmax_epoch_fn *, void *ctx, double *ret_val_loss, struct err *);

#endif
