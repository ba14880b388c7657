/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curate_int: from what is picked to a step.
 *
 * Every step is made in the same way: the temporary tables `picked` (image,
 * field, value) and `picked_class` are filled with what is to be; what is so
 * already is dropped; the rest becomes rows of the log, and what the log says
 * is applied.
 */
#ifndef STORE_CURATE_INT_H
#define STORE_CURATE_INT_H

#include "store/curate.h"
#include "store/filter_int.h"

/* Forget what was picked. */
int op_begin(struct store *, struct err *);

/* Make the step of what is picked; undoes is 0 but for an undo. */
int op_end(struct store *, const char *verb, int64_t undoes,
    const struct op_ask *, struct op_done *, struct err *);

/*
 * The class that an image can be given; made and picked if the step may.
 * ERR_INPUT: there is none, or it is retired.
 */
int class_to_give(struct store *, const char *name, const struct op_ask *,
    int64_t *ret_id, struct err *);
/* Make a class that is in use from this step on. */
int class_make(struct store *, const char *name, int64_t *ret_id, struct err *);

/* The one image that 4 or more digits name, and its revision; ERR_INPUT. */
int image_named(struct store *, const char *digits, int64_t *ret_id,
    int64_t *ret_rev, struct err *);

/*
 * ERR_INPUT: say who changed an image that is at revision `rev` since it was
 * seen at another.
 */
int rev_conflict(
    struct store *, int64_t id, int64_t rev, int64_t seen, struct err *);

/* Names of classes and tags; `what` is "class" or "tag". */
int check_name(const char *name, const char *what, struct err *);

#endif
