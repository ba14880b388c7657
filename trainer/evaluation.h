/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluation: figures of answers, each with its interval.
 *
 * What a confusion matrix does not tell: how the probabilities rank and how
 * far they can be believed.  Intervals are of 95 %, by the percentiles of a
 * bootstrap over the images (Efron, 1979), with the same draws each time.
 */
#ifndef TRAINER_EVALUATION_H
#define TRAINER_EVALUATION_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* labels n of 0..k-1, p n x k with rows that sum to 1; borrowed. */
struct answers {
	const int32_t *labels;
	const float *p;
	size_t n, k;
};

/*
 * balanced_accuracy, macro_f1: means over the classes that have one;
 * weighted_f1: mean by images.
 * mcc: Matthews' correlation, for many classes (Gorodkin, 2004).
 * log_loss: mean cross-entropy, natural log.
 * brier: mean squared distance of the probabilities from the truth, summed
 * over the classes: 0..2 (Brier, 1950).
 * ece: expected calibration error of the likeliest class in 15 bins of equal
 * width (Naeini et al., 2015).
 * roc_auc, pr_auc: means over the classes, each against the rest, of the area
 * under the ROC curve, ties counting half, and of the average precision.
 */
enum figure_kind {
#define FIGURE(name, text) FIGURE_##name,
#include "trainer/evaluation.def"
#undef FIGURE
	FIGURE_KINDS
};

/* "roc_auc"; and "ROC area". */
const char *figure_name(enum figure_kind);
const char *figure_text(enum figure_kind);

struct figure { /* NaN where it is undefined */
	double value, low, high;
};

#define RELIABILITY_BINS 15

struct reliability { /* of the answers whose p is in one bin */
	int64_t n;
	double p;     /* mean */
	double right; /* share */
};

struct evaluation {
	size_t k;
	struct figure figures[FIGURE_KINDS];
	double *roc_auc, *pr_auc; /* k, each class against the rest */
	struct reliability reliability[RELIABILITY_BINS];
};

void evaluation_init(struct evaluation *, const struct answers *);
void evaluation_release(struct evaluation *);

/*
 * Add to the object of metrics_to_json(): every figure by its name, unless
 * that is there already; "intervals": {NAME: [low, high]}; "reliability":
 * [{"images": n, "p": x, "right": x}], of the bins that are not empty; and
 * "roc_auc" and "pr_auc" of each class.
 */
void evaluation_add_json(
    const struct evaluation *, char *const *classes, json_t *figures);

#endif
