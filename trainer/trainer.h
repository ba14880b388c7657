/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer: from vectors and labels to a model, and how good it is.
 *
 * Everything here is arithmetic in memory.  Rows are images: a vector of
 * features (features.h), a label, and the part of the split it is in.
 * Training rows alone decide mean, scale and weights; validation rows alone
 * decide when to stop and how strong the penalty is; test rows are looked at
 * by model_evaluate() only.
 */
#ifndef TRAINER_TRAINER_H
#define TRAINER_TRAINER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "trainer/evaluation.h"
#include "trainer/model.h"

struct train_opts {
	int64_t epochs;   /* at most, for each strength of the penalty */
	int64_t batch;    /* images a step */
	double rate;      /* 1: the longest step that is safe by itself */
	double l2;        /* strength of the penalty; < 0: by validation */
	int64_t patience; /* epochs without a better validation loss */
	int64_t seed;
	char *model;         /* "auto" or "softmax", which are the same yet */
	char *class_weights; /* "none" or "balanced" */
	char *features;      /* "auto", "plain" or a backbone's name */
	int64_t augment;     /* changed copies of each training image */
};

/* Section "train". */
extern const struct opt_group train_group;

enum train_part {
	TRAIN_PART_TRAIN,
	TRAIN_PART_VALIDATION,
	TRAIN_PART_TEST,
};

/* All borrowed. */
struct train_data {
	const float *x;        /* n x d, an image a row */
	const int32_t *labels; /* n: 0..k-1 */
	const uint8_t *parts;  /* n: enum train_part */
	size_t n, d, k;
	char *const *classes; /* k names, all different */
	/* k; how much a training row of each class counts, unless the options
	 * say how; or NULL: 1 */
	const float *class_weights;
};

/* What the model's file tells of where it comes from; all borrowed. */
struct train_origin {
	const char *features;     /* vectors_name() */
	const char *backbone;     /* its SHA-256 in hexadecimal; or NULL */
	const char *recipe;       /* name */
	const char *recipe_steps; /* canonical text */
	const char *snapshot;     /* hash */
	const char *griddle;      /* PACKAGE_VERSION */
	const char *augment;      /* canonical text; NULL: no copies */
	const char *augment_hash; /* of it */
	int64_t augment_seed;
};

struct train_progress {
	int strength, strengths; /* of the penalty: which from 1, of how many */
	int64_t epoch, epochs;   /* from 1 */
	double l2;
	double train_loss;             /* with the penalty */
	double val_loss, val_accuracy; /* NaN without validation rows */
};

/* After each epoch; -1 with the error set ends the training with it. */
typedef int train_progress_fn(
    void *ctx, const struct train_progress *, struct err *);

/*
 * Train on the training rows, and fill *model (all zeros before), with its
 * metrics on the validation rows.  Without validation rows every epoch is
 * run, and l2 < 0 means 0.1.  The same data, options and kernels (blas.h)
 * give the same bits.  ERR_INPUT: fewer than two classes, a class without
 * training rows, a number that is not finite, a model too large to write;
 * ERR_FATAL: the loss is not finite, or OpenBLAS fails its self-test; or
 * what fn (may be NULL) sets.
 */
int model_train(struct model *, const struct train_data *,
    const struct train_opts *, const struct train_origin *,
    train_progress_fn *fn, void *ctx, struct err *);

/*
 * Metrics of a model on one part's rows, whose labels are the model's (see
 * model_label()), and more figures unless ret_more is NULL; the caller
 * releases them.  To keep those of the test part,
 * move them to model->test and write the model.  ERR_INPUT: no such rows,
 * other numbers of features or classes, an answer that is not finite.
 */
int model_evaluate(const struct model *, const struct train_data *,
    enum train_part, struct metrics *, struct evaluation *ret_more,
    struct err *);

#endif
