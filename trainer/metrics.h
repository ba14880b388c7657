/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics: how good a model's answers are, from true labels and
 * probabilities.
 *
 * The answer is the likeliest class.  A ratio of 0 to 0 is undefined: NaN
 * here, null in JSON; means are taken over what is defined.
 */
#ifndef TRAINER_METRICS_H
#define TRAINER_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct class_metrics {
	double precision; /* right among the answers of this class */
	double recall;    /* right among the images of this class */
	double f1;        /* 2 right / (answers + images) */
	int64_t support;  /* images of this class */
};

struct metrics {
	size_t k;
	int64_t n; /* images */
	double accuracy;
	double low, high;              /* of the accuracy, Wilson's at 95 % */
	double balanced_accuracy;      /* mean recall */
	double macro_f1;               /* mean F1 */
	double log_loss;               /* natural log, mean cross-entropy */
	struct class_metrics *classes; /* k */
	int64_t *confusion;            /* k x k; row: truth, column: answer */
};

/* labels n of 0..k-1, p n x k; n may be 0. */
void metrics_init(struct metrics *, const int32_t *labels, const float *p,
    size_t n, size_t k);
void metrics_release(struct metrics *);

/* The class of the greatest of k probabilities, the first of equals. */
size_t likeliest_class(const float *p, size_t k);

/* -log p, with p held above 1e-15; NaN for NaN. */
double cross_entropy(float p);

/*
 * The score interval of Wilson (1927) for a share of `right` in n at 95 %:
 * (right + z^2/2 -+ z sqrt(right (n - right)/n + z^2/4)) / (n + z^2),
 * z = 1.959964.  NaN for n = 0.
 */
void wilson_interval(
    int64_t right, int64_t n, double *ret_low, double *ret_high);

/* A number of such an object: rounded to 4 decimals, null for NaN. */
json_t *metrics_number(double);

/*
 * {"accuracy": x, "interval": [low, high], "balanced_accuracy": x,
 * "macro_f1": x, "log_loss": x, "images": n, "classes": {NAME:
 * {"precision": x, "recall": x, "f1": x, "support": n}}, "confusion": [[n]]},
 * numbers rounded to 4 decimals: dump it with JSON_REAL_PRECISION(9).  The
 * caller owns it.
 */
json_t *metrics_to_json(const struct metrics *, char *const *classes);

/*
 * Back from such an object, which may come from anywhere: from its confusion
 * and log_loss, which determine the rest.  False if they are not those of k
 * classes; nothing is to be released then.
 */
bool metrics_from_json(struct metrics *, const json_t *, size_t k);

#endif
