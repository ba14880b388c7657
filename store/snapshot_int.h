/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot_int: from candidates (split_load.c) to groups (split_groups.c) to
 * parts (split.c) to rows (snapshot.c).
 */
#ifndef STORE_SNAPSHOT_INT_H
#define STORE_SNAPSHOT_INT_H

#include <jansson.h>

#include "store/snapshot.h"
#include "store/store_int.h"

struct candidate {
	int64_t id;
	size_t class; /* place among the names */
	unsigned char sha256[SHA256_SIZE];
	uint64_t hash;     /* of seed and sample: its place in the order */
	int64_t component; /* of look-alikes */
	size_t group;      /* place of the group, once there are groups */
	int known, part;   /* it had before, it has now; -1: none */
	int known_fold, fold;
	double weight;
};

/* Candidates that stay together. */
struct group {
	size_t from, n;        /* in the candidates */
	uint64_t hash;         /* the least of its members */
	bool seen[PART_COUNT]; /* a member of its components had that part */
	int known_fold;
	int part, fold;
};

struct candidates {
	struct candidate *v;
	size_t n;
	char **names; /* of the classes, with their ids */
	int64_t *ids;
	size_t n_classes;
	struct group *groups;
	size_t n_groups;
	json_t *report;
};

void candidates_release(struct candidates *);

/* split_load.c: who may take part, by id; the report says who may not. */
int candidates_load(struct store *, const struct split_request *,
    struct candidates *, struct err *);

/*
 * split_groups.c: number the groups, and sort candidates by them; what parts
 * they were in.
 */
int candidates_group(struct store *, const struct split_opts *,
    struct candidates *, struct err *);

/*
 * The place of a sample in an order by chance: the first 8 bytes of
 * SHA-256("griddle WHAT NUMBER\n" and its digest), as a number.
 */
uint64_t order_hash(
    const char *what, int64_t number, const unsigned char *sha256);
/* The part of this name, or -1. */
int part_named(const char *name);
/* split_report.c: complete the report. */
void split_report(struct candidates *);

/*
 * split.c: check that there is enough; drop what balance leaves out.
 * Candidates are in no order then.
 */
int split_balance(struct candidates *, const struct split_opts *, struct err *);
/* A part, fold and weight for each; sorted by SHA-256 in the end. */
void split_assign(struct candidates *, const struct split_opts *);

/* split_fill.c: how bins of a class are filled. */
struct bins {
	size_t n;      /* bins of a class */
	double *quota; /* [classes * n]; a bin without any gets nothing */
	int64_t *held; /* the same */
};
/* Where a group goes that most evens out what the bins lack. */
size_t bins_choose(const struct bins *, const struct candidate *, size_t n);
void bins_add(struct bins *, const struct candidate *, size_t n, size_t bin);

#endif
