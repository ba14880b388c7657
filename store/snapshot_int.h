/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot_int: from candidates to parts (split.c) to rows (snapshot.c).
 */
#ifndef STORE_SNAPSHOT_INT_H
#define STORE_SNAPSHOT_INT_H

#include "store/snapshot.h"
#include "store/store_int.h"

struct candidate {
	int64_t id, class;
	unsigned char sha256[SHA256_SIZE];
	uint64_t hash; /* of seed and sample: its place in the order */
	int part;      /* -1: not known yet */
};

struct candidates {
	struct candidate *v;
	size_t n;
	char **names; /* of the classes, with their ids */
	int64_t *ids;
	size_t n_classes;
};

/* The name of a class among them. */
const char *candidates_class(const struct candidates *, int64_t class);

/*
 * Give each candidate a part and drop those that balance leaves out; sorted
 * by SHA-256 in the end.  A part that is set already stays.
 */
int split_candidates(
    struct candidates *, const struct split_opts *, struct err *);

#endif
