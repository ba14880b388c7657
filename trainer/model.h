/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: a trained model, all that is needed to use it, and its file.
 *
 * The file is JSON of one key a line: "format" ("griddle-model"), "version"
 * (1), the texts and objects below by their names, and at the end the arrays
 * "mean", "scale", "weights" (d x k, a feature after the other) and "bias",
 * numbers with the 9 digits that bring a float back to the bit.
 */
#ifndef TRAINER_MODEL_H
#define TRAINER_MODEL_H

#include <jansson.h>

#include "trainer/metrics.h"
#include "trainer/softmax.h"

enum {
	MODEL_VERSION = 1,
	MODEL_CLASSES_MAX = 10000,
	MODEL_CLASS_NAME_MAX = 255, /* bytes */
	MODEL_FEATURES_MAX = 1000000,
	/* Weights and confusion matrix together: what fits into the file. */
	MODEL_NUMBERS_MAX = 20000000,
	MODEL_FILE_MAX = 256 << 20, /* bytes */
};

struct model {
	struct softmax softmax; /* k classes, d features */
	char **classes;         /* k names; their order is that of labels */
	char *features;         /* what the vectors are: vectors_name() */
	char *recipe;           /* name of the recipe of the pixels */
	char *recipe_steps;     /* and its canonical text */
	char *snapshot;         /* hash of the snapshot trained on */
	char *griddle;          /* version of the program */
	char *blas;             /* blas_core() at the time */
	json_t *options;        /* object: what was trained with */
	struct metrics validation;
	struct metrics test; /* k = 0: not evaluated yet */
};

void model_release(struct model *);

/* The label of a class by its name; -1 if the model does not know it. */
int64_t model_label(const struct model *, const char *class_name);

/*
 * May vectors of this name and length go in?  ERR_INPUT with the
 * difference.
 */
int model_check_features(
    const struct model *, const char *features, size_t d, struct err *);

/*
 * Probabilities p (k, summing to 1) of one raw vector (d).  ERR_INPUT when
 * the model's numbers and the vector's give none.
 */
int model_predict(
    const struct model *, const float *features, float *p, struct err *);

/* Write the file in one step; it may not pass MODEL_FILE_MAX. */
int model_write(const struct model *, const char *path, struct err *);

/*
 * Fill a model, all zeros before, from a file that may be anyone's: sizes
 * agree, numbers are finite, class names differ.  ERR_INPUT with the path
 * and what is wrong.
 */
int model_read(struct model *, const char *path, struct err *);

#endif
