/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step_words: one step of a recipe as it is written.
 */
#ifndef PREP_STEP_WORDS_INT_H
#define PREP_STEP_WORDS_INT_H

#include "base/buf.h"
#include "prep/recipe.h"

/*
 * Read a step from its words.  ERR_USAGE names it, what is wrong with it and
 * what would be right.
 */
int step_read(const char *text, struct step *ret, struct err *);

/*
 * Append its full form, which step_read() reads to the same step.  It is
 * part of a recipe's hash, so it never changes.
 */
void step_show(struct buf *, const struct step *);

/*
 * ERR_USAGE: a list of steps ("recipe") has one of a name that is none of
 * `names`, which end with NULL; with the one that may have been meant.
 */
int step_unknown(const char *list, const char *text, const char *name,
    const char *const *names, struct err *);

#endif
