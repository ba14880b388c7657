/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gc: remove what nothing can reach any more.
 *
 * That is files under blobs/ which no image is of, when they are older than
 * the grace; what was derived by recipes that neither griddle.conf nor a
 * model names; what was derived of images that are not held.  Then the space
 * in derived.db is given back, if it is much, and SQLite looks at its
 * indexes anew.
 */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "store/store.h"

struct gc_conf {
	const unsigned char (*recipes)[SHA256_SIZE]; /* to keep */
	size_t n_recipes;
	int64_t grace_s;
	bool dry_run;
	/* Each thing that goes (or would), as a line; it may not fail. */
	void (*line)(void *ctx, const char *line);
	void *ctx;
};

struct gc_report {
	int64_t files, rows;
	int64_t bytes;  /* freed on disk, but in a dry run: that could be */
	bool compacted; /* derived.db was made smaller */
	bool cramped;   /* it was not, for want of room to do so */
};

int gc_run(struct store *, const struct gc_conf *, struct gc_report *ret,
    struct err *);

#endif
