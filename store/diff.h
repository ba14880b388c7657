/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff: what changed from one snapshot to another.
 */
#ifndef STORE_DIFF_H
#define STORE_DIFF_H

#include "store/snapshot.h"

enum diff_kind {
	DIFF_SAME,
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_MOVED,      /* to another part */
	DIFF_RELABELLED, /* and perhaps moved as well */
	DIFF_COUNT,
};
extern const char *const diff_names[DIFF_COUNT];

struct diff_side {
	const char *class; /* NULL: it is not there */
	enum part part;
};

struct diff_entry { /* valid during the call */
	unsigned char sha256[SHA256_SIZE];
	enum diff_kind kind;
	struct diff_side old, new;
};

/* Each image of either snapshot, by SHA-256. */
int snapshot_diff(struct store *, int64_t old_id, int64_t new_id,
    int (*each)(void *ctx, const struct diff_entry *, struct err *), void *ctx,
    struct err *);

#endif
