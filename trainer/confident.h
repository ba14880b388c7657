/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confident: which labels are probably wrong, by confident learning
 * (Northcutt, Jiang and Chuang, 2021), pruned by noise rate.
 *
 * The probabilities have to be out of sample: from models that never saw the
 * row or what looks like it (cross.h).  What is found is for a person to look
 * at: some labels are only ambiguous.
 */
#ifndef TRAINER_CONFIDENT_H
#define TRAINER_CONFIDENT_H

#include <stdbool.h>

#include "trainer/evaluation.h"

/*
 * How many rows with a label (row) truly are of a class (column), k x k, so
 * that each row sums to the label's count.  A row of answers counts for the
 * class whose probability reaches that class's threshold: the mean of its
 * probability over the rows that are labelled with it; for the likeliest
 * class of all where several do, and for none where none does.
 */
void confident_joint(const struct answers *, int64_t *ret_joint);

/*
 * suspect[n]: of each label and other class, as many rows as the joint has,
 * those where the other class's probability exceeds the label's the most; at
 * least one row of each label is left, and a row whose likeliest class is its
 * label is never a suspect.
 */
void confident_suspects(const struct answers *, bool *ret_suspect);

#endif
