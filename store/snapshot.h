/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: immutable versions of the dataset, and the models made of them.
 *
 * A snapshot's manifest is JSON Lines: one header line (classes, seed,
 * shares, balance), then one line for each sample, sorted by its SHA-256.
 * The SHA-256 of those bytes is the snapshot's hash.
 *
 * Only the keeper of a group of look-alikes can be in a snapshot, so a group
 * never crosses parts.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/opt.h"
#include "store/store.h"

struct split_opts {
	int64_t train, val, test; /* shares in percent; together 100 */
	char *balance;            /* "down": as many as the smallest class */
	int64_t seed;
	int64_t minimum; /* usable samples that each class needs */
};
extern const struct opt_group split_group;

enum part { PART_TRAIN, PART_VAL, PART_TEST, PART_COUNT };
extern const char *const part_names[PART_COUNT];

struct snapshot {
	int64_t id, created;
	char *name;
	char hash[SHA256_HEX];
	char *options; /* JSON */
};
void snapshot_release(struct snapshot *);

/*
 * Freeze what is labelled with one of these classes (none: with any) and
 * usable now.  Each class is shared out by itself (stratified).  A sample
 * that the newest snapshot with this seed and these shares knew keeps its
 * part, so growth never reshuffles; the others go, in the order of
 * hash(seed, sample), to the part that lacks most.
 *
 * name NULL: the first digits of the hash.  When an equal snapshot is there
 * it is given back, and *ret_new is false.  ERR_INPUT: fewer than two
 * classes, or a class under the minimum; the message says which.
 */
int snapshot_make(struct store *, const struct split_opts *,
    const struct strlist *classes, const char *name, struct snapshot *ret,
    bool *ret_new, struct err *);

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
};
/* Its samples, sorted by SHA-256. */
int snapshot_rows(struct store *, int64_t snapshot_id,
    int (*each)(void *ctx, const struct snapshot_row *, struct err *),
    void *ctx, struct err *);

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
