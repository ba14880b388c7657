/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: the workspace on disk, and the only room that speaks SQL.
 *
 *   griddle.conf   what the user wrote
 *   catalog.db     the catalog: SQLite, WAL, one writer at a time
 *   derived.db     what can be remade: prepared images, vectors
 *   blobs/ab/cd/   original bytes, named by their SHA-256, mode 0444
 *   models/        trained models
 *   quarantine/    what check --repair put aside
 *   tmp/           files in the making; the next writer sees to them
 *   lock           held by the writer (flock)
 *
 * The writer holds the lock and alone checkpoints; readers open read-only and
 * never wait.  That steps around the WAL-reset fault of SQLite before 3.51.3.
 *
 * Errors: ERR_BUSY (another run holds the workspace), ERR_DAMAGED (corrupt,
 * or the disk is full), ERR_FATAL (anything else of SQLite's), ERR_INPUT
 * (what was asked for is not there).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/sha256.h"

struct store;

/*
 * Make the workspace in a folder that is there or can be made; ERR_USAGE
 * when it holds a catalog.  That appears last and in one step, so a making
 * that was cut off can be repeated.  _with: it has these classes.
 */
int store_create(const char *folder, struct err *);
int store_create_with(
    const char *folder, const struct strlist *classes, struct err *);

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * STORE_WRITE takes the lock, or fails with ERR_BUSY naming who has it; takes
 * in what one that was killed had put, and empties tmp/.  Refuses what is not
 * a catalog, or a newer one.
 */
int store_open(
    const char *folder, enum store_mode, struct store **ret, struct err *);
/* Rolls back what was not committed. */
void store_close(struct store *);
DEFINE_CLEANUP(struct store, store_close)

const char *store_folder(const struct store *);
/*
 * Changes are made in transactions.  store_begin() does nothing when one is
 * open.  store_commit() first makes the blobs that were put durable, then
 * the rows: once it returns 0, all of it survives a loss of power.
 */
int store_begin(struct store *, struct err *);
int store_commit(struct store *, struct err *);
void store_rollback(struct store *);
/* Commit if the open transaction is a second old or has many blobs. */
int store_commit_if_due(struct store *, struct err *);

/* ---- blobs ---------------------------------------------------------- */
/*
 * Put bytes into the open transaction's batch; gives their name.  Bytes that
 * are held already are not written again.  1: they are forgotten, and not put.
 */
int blob_put(struct store *, const void *data, size_t len,
    unsigned char ret_sha256[SHA256_SIZE], struct err *);

/* Open one for reading; ERR_DAMAGED when a blob that should be there is not. */
int blob_open(struct store *, const unsigned char sha256[SHA256_SIZE],
    int *ret_fd, struct err *);

/* ---- runs ----------------------------------------------------------- */

/* One row for each start of griddle that changes something. */
int run_begin(
    struct store *, const char *command, const char *args_json, struct err *);
int run_end(struct store *, int status, struct err *);
int64_t run_id(const struct store *); /* of the current one */
/* Add to a count of it: run_count(s, "gather", "fetched", 1). */
int run_count(struct store *, const char *stage, const char *what, int64_t n,
    struct err *);
/* Note what the current run could not take; detail may be NULL. */
int run_failure(struct store *, const char *stage, const char *reason,
    const char *subject, const char *detail, struct err *);

struct run_row {
	int64_t id, started, ended; /* ended 0: not, or killed */
	int status;                 /* -1 while not ended */
	const char *command;
};

/* The newest first; limit 0: all. */
int run_list(struct store *, int64_t limit,
    int (*each)(void *ctx, const struct run_row *, struct err *), void *ctx,
    struct err *);
int run_counts(struct store *, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *what, int64_t n),
    void *ctx, struct err *);
int run_failures(struct store *, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *reason,
	const char *subject, const char *detail),
    void *ctx, struct err *);

/* ---- classes -------------------------------------------------------- */

/* The id of a class, made if it is new. */
int class_id(struct store *, const char *name, int64_t *ret_id, struct err *);
/* In the order of their ids; the caller frees each and the array. */
int class_names(struct store *, char ***ret_names, int64_t **ret_ids,
    size_t *ret_n, struct err *);

#endif
