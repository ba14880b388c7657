/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curate: what people decide about images, as steps of a log that is only
 * ever added to.
 *
 * A step is one row of `op` (who, when, which verb, why) and what it changed:
 * a row for each image and field with the value before and after.  Undo is a
 * step of its own.  All of it stands in the store's open transaction; a step
 * that would change nothing is not noted.  Once one of these has failed the
 * caller rolls back, but for decide_image(), whose ERR_INPUT and ERR_USAGE
 * spoil nothing.
 */
#ifndef STORE_CURATE_H
#define STORE_CURATE_H

#include "base/sha256.h"
#include "store/filter.h"
#include "store/store.h"

/* How a step is made. */
struct op_ask {
	const char *actor;
	const char *note; /* why; or NULL */
	int64_t if_rev;   /* the image's revision as it was seen; 0: any */
	bool new_classes; /* make a class that there is not */
	bool dry_run;     /* count only; rolls back what is not committed */
};

struct op_done {
	int64_t
	    id; /* its number in the log; 0: nothing changed, or a dry run */
	int64_t passed;   /* images that it was about */
	int64_t changed;  /* images that are not as before */
	int64_t copies;   /* of these, copies that went along: see decide() */
	int64_t classes;  /* changes of classes themselves */
	int64_t released; /* images that dedup is to look at again */
};

enum decision {
	DECIDE_LABEL,   /* the class of the value's name */
	DECIDE_UNLABEL, /* what sources claim counts again */
	DECIDE_REJECT,  /* not for splits */
	DECIDE_RESTORE,
	DECIDE_TAG, /* the tag of the value's name */
	DECIDE_UNTAG,
};

/*
 * Decide about every image that passes.  A picture is rejected or restored
 * together with the copies of it that it keeps; whoever stays when its keeper
 * goes is to be grouped again.  ERR_INPUT: the class is not there
 * (or retired), or if_rev is not the image's revision: the message says who
 * changed it, when and to what.  ERR_USAGE: a name that cannot be one; an
 * if_rev for several images.
 */
int decide(struct store *, const struct filter *, enum decision,
    const char *value, const struct op_ask *, struct op_done *, struct err *);

/*
 * The same image by image, as one step: decide_begin(), then the others, then
 * decide_end() with the verb for the log.  An image is named by 4 or more
 * digits of its SHA-256.  ERR_INPUT and ERR_USAGE are about this image only:
 * not there, not the revision, said otherwise before in this step.
 */
struct image_decision {
	const char *image;
	bool has_label;
	const char *label;       /* NULL or "": take the decision back */
	int rejected;            /* 1, 0; -1: as it is */
	const char *const *tags; /* all that it is to have; NULL: as they are */
	size_t n_tags;
	int64_t rev; /* 0: any */
};
int decide_begin(struct store *, struct err *);
int decide_image(struct store *, const struct image_decision *,
    const struct op_ask *, struct err *);
int decide_end(struct store *, const char *verb, const struct op_ask *,
    struct op_done *, struct err *);

/* ---- the log --------------------------------------------------------- */

struct op_row { /* borrowed during the call */
	int64_t id, at, images;
	int64_t undoes, undone_by; /* steps; 0: none */
	const char *actor, *verb, *note;
	/* JSON arrays: some of the labels or tags given; changes of classes. */
	const char *given, *classes;
};

/* The newest first; limit 0: all. */
int op_list(struct store *, int64_t limit,
    int (*each)(void *ctx, const struct op_row *, struct err *), void *ctx,
    struct err *);

#define OP_KEPT_NAMES 3
struct op_undone {
	struct op_done done;
	int64_t step; /* the one that was taken back */
	int64_t kept; /* images that were changed again since, and stay */
	char names[OP_KEPT_NAMES][SHA256_HEX]; /* the first of them */
	int64_t kept_classes;                  /* the same for classes */
};

/*
 * Take back step n; 0: the newest that stands and is not itself an undo.
 * Only what still is as the step left it goes back.  Taking back an undo
 * does the step again.  ERR_INPUT: no such step, or it is taken back already.
 */
int op_undo(struct store *, int64_t n, const struct op_ask *,
    struct op_undone *, struct err *);

#endif
