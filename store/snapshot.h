/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: immutable versions of the dataset, and the models made of them.
 *
 * A snapshot's manifest is JSON Lines: one header line (classes, seed,
 * shares, balance, folds, filter, recipe), then one line for each sample,
 * sorted by its SHA-256: its class and part, and where they say something
 * its fold and weight.  The SHA-256 of those bytes is the snapshot's hash.
 *
 * Only the keeper of a star of duplicates can be in a snapshot; keepers that
 * may look alike all the same, or come from one page, are in the same part.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/opt.h"
#include "store/filter.h"

struct split_opts {
	int64_t train, val, test; /* shares in percent; together 100 */
	char *balance; /* "down": as many as the smallest class; "up", "none" */
	int64_t seed;
	int64_t folds;   /* in place of train and val; 0: none */
	int64_t minimum; /* usable samples that each class needs */
};
extern const struct opt_group split_group;

enum part { PART_TRAIN, PART_VAL, PART_TEST, PART_COUNT };
extern const char *const part_names[PART_COUNT];

struct snapshot {
	int64_t id, created;
	char *name;
	char hash[SHA256_HEX];
	char *options; /* JSON: the manifest's header */
	char *report;  /* JSON: what was left out, and why; groups; counts */
};
void snapshot_release(struct snapshot *);

struct split_request {
	const struct split_opts *opts;
	const struct strlist *classes; /* none or NULL: any */
	const struct filter *filter;   /* NULL: all samples */
	const struct strlist *terms; /* the filter's, for the header; or NULL */
	const char *recipe;          /* canonical steps; or NULL */
	const unsigned char *recipe_hash;
	const char *name; /* NULL: the first digits of the hash */
};

/*
 * Freeze what is labelled with one of these classes, passes and is usable
 * now.  Groups of what may look alike go whole to one part, so that each
 * class is shared out by itself (stratified).  A group of which any sample
 * had a part in an earlier snapshot with this seed and these shares keeps it
 * (its samples disagree: test before val before train), so growth never
 * reshuffles; the others go to where their classes lack most.
 *
 * When an equal snapshot is there it is given back, and *ret_new is false.
 * ERR_INPUT: fewer than two classes, or a class under the minimum; the
 * message says which.
 */
int snapshot_make(struct store *, const struct split_request *,
    struct snapshot *ret, bool *ret_new, struct err *);

/* By name or prefix of the hash; NULL: the newest.  1, 0 or -1. */
int snapshot_get(
    struct store *, const char *name, struct snapshot *ret, struct err *);

int snapshot_list(struct store *,
    int (*each)(void *ctx, const struct snapshot *, struct err *), void *ctx,
    struct err *);

struct snapshot_row {
	int64_t sample_id;
	unsigned char sha256[SHA256_SIZE];
	const char *class;
	enum part part;
	int fold;      /* -1: none */
	double weight; /* 1 unless balanced up */
};
/* Its samples, sorted by SHA-256. */
int snapshot_rows(struct store *, int64_t snapshot_id,
    int (*each)(void *ctx, const struct snapshot_row *, struct err *),
    void *ctx, struct err *);

/* How many of each class and part, by class. */
int snapshot_counts(struct store *, int64_t snapshot_id,
    int (*each)(void *ctx, const char *class, enum part, int64_t n), void *ctx,
    struct err *);

/* The hash of the manifest as its rows give it now, for check. */
int snapshot_rehash(struct store *, const struct snapshot *,
    char ret_hash[SHA256_HEX], struct err *);

/* ---- models --------------------------------------------------------- */

struct model_row { /* texts are JSON where they say so; may be NULL */
	char *name, *path, *snapshot;
	char *options, *validation, *test; /* JSON */
	int64_t created;
};
void model_row_release(struct model_row *);

int model_add(struct store *, const struct model_row *, int64_t snapshot_id,
    struct err *);
/* Record what the test part said of it. */
int model_tested(
    struct store *, const char *name, const char *test_json, struct err *);
/* NULL: the newest.  1, 0 or -1. */
int model_get(
    struct store *, const char *name, struct model_row *ret, struct err *);
int model_list(struct store *,
    int (*each)(void *ctx, const struct model_row *, struct err *), void *ctx,
    struct err *);
/* Was a model trained on this snapshot with these options (JSON)? */
int model_exists(struct store *, int64_t snapshot_id, const char *options,
    bool *ret, struct err *);

#endif
