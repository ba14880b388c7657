/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export: a snapshot's prepared images as files for other programs.
 *
 * The folder is written as DIR.partial and renamed in the end, so DIR is
 * there whole or not at all; a DIR.partial that was left behind is replaced
 * by the next export.  griddle-export.json in it tells what it was made of,
 * and that it is griddle's own: nothing else is ever removed.
 *
 * The same snapshot, recipe and copies give the same tree, byte for byte.
 */
#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include "store/samples.h"
#include "store/snapshot.h"

#define EXPORT_ABOUT "griddle-export.json"

/* Gets picture i as a JPEG, borrowed. */
typedef int export_each_fn(
    void *ctx, size_t i, const void *jpeg, size_t len, struct err *);
/* Gives each of the n copies to `each`, in any order. */
typedef int export_copies_fn(void *source, const struct picture_ref *, size_t n,
    export_each_fn *each, void *ctx, struct err *);

struct export_request {
	const char *dir;
	const char *format; /* "imagefolder" */
	bool force;         /* replace DIR if it is an earlier export */
	unsigned char recipe[SHA256_SIZE];
	const char *about; /* text of griddle-export.json */
	int64_t copies;    /* of each training image; from: */
	export_copies_fn *make_copies;
	void *source;
};

struct export_stats {
	int64_t files, copies, classes; /* files: copies as well */
};

/*
 * ERR_USAGE: no such format, DIR is there, names of classes that cannot be
 * kept apart; ERR_INPUT: images are not prepared by the recipe; ERR_BUSY:
 * another export writes there; ERR_STOPPED after a signal.
 */
int export_snapshot(struct store *, const struct snapshot *,
    const struct export_request *, struct export_stats *ret, struct err *);

#endif
