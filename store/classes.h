/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classes: made, renamed, merged and retired, each as a step of the log (see
 * store/curate.h, whose rules hold here too).
 *
 * A class is never deleted.  One that is retired is in no split and cannot be
 * given.  What sources claim of a class that is merged into another counts
 * for that one, now and later; what they said is kept, so that undo can part
 * them again.
 */
#ifndef STORE_CLASSES_H
#define STORE_CLASSES_H

#include "store/curate.h"

/* Make classes; those that are there and in use are passed over. */
int classes_add(struct store *, const char *const *names, size_t n,
    const struct op_ask *, struct op_done *, struct err *);
/* ERR_INPUT: no such class, or the new name is another's. */
int class_rename(struct store *, const char *name, const char *to,
    const struct op_ask *, struct op_done *, struct err *);
/* Labels and claims of the one become those of the other; it is retired. */
int class_merge(struct store *, const char *name, const char *into,
    const struct op_ask *, struct op_done *, struct err *);
/* ERR_INPUT: no such class; restoring one that is merged. */
int classes_retire(struct store *, const char *const *names, size_t n,
    bool retire, const struct op_ask *, struct op_done *, struct err *);

struct class_row {                 /* borrowed during the call */
	const char *name, *merged; /* merged into; or NULL */
	bool retired;
	int64_t images;
};
int classes_each(struct store *,
    int (*each)(void *ctx, const struct class_row *, struct err *), void *ctx,
    struct err *);

/*
 * What has become of a name: 1 when it is a class in use; 0 when not, then
 * *ret_now is the class that it is now, for the caller to free, or NULL when
 * it is retired; -1.  A name that never was is taken for one in use.
 */
int class_became(
    struct store *, const char *name, char **ret_now, struct err *);

#endif
