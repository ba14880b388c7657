/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dataset: what the commands about snapshots share.
 */
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include "cli/cli.h"
#include "store/snapshot.h"

/*
 * The stage split (cli.h): of the request name, filter and terms are looked
 * at; NULL: without any.
 */
int stage_split(
    struct cli *, const struct split_request *, bool chatty, struct err *);

/* The snapshot of this name or the newest (NULL); ERR_INPUT: there is none. */
int dataset_find(
    struct cli *, const char *name, struct snapshot *ret, struct err *);

/* Add to each part's count the images that it has. */
int dataset_parts(const struct cli *, const struct snapshot *,
    int64_t parts[PART_COUNT], struct err *);

struct dataset_image {
	char sha256[SHA256_HEX];
	char *class;
	int part, fold; /* fold -1: none */
};

/* The closest two images from different parts or folds. */
struct dataset_pair {
	int distance; /* -1: there are no two */
	struct dataset_image a, b;
};
void dataset_pair_release(struct dataset_pair *);

/*
 * Look for the closest pair among codes that mean something.  Groups that
 * the split had to cut are passed over, as its report tells of them.
 */
int dataset_closest(struct cli *, const struct snapshot *,
    struct dataset_pair *ret, struct err *);

/* The same, and ERR_FATAL when it is no further apart than dedup.probable. */
int dataset_audit(struct cli *, const struct snapshot *,
    struct dataset_pair *ret, struct err *);

/*
 * What a split left out, as words ("12 duplicates, 3 refused"); the caller
 * frees.  NULL: nothing, or it is not known.
 */
char *dataset_left_out(const json_t *report);

#endif
