/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_int: the parts of check (check.c, check_files.c), and what repair
 * and gc share with them.
 */
#ifndef STORE_CHECK_INT_H
#define STORE_CHECK_INT_H

#include "base/rng.h"
#include "store/check.h"
#include "store/store_int.h"

struct check {
	struct store *s;
	const struct check_conf *conf;
	struct check_counts *counts;
	struct rng rng;
};
void check_fault(struct check *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void check_note(struct check *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Files without a row, and what is left in tmp/. */
int check_files(struct check *, struct err *);
/* Rows of derived.db, if it is attached. */
int check_derived(struct check *, struct err *);

/* ---- blobs ------------------------------------------------------------ */

struct blob_row {
	int64_t id, bytes;
	unsigned char sha256[SHA256_SIZE];
};
/* The next rows, of at most max, whose bytes should be there. */
int blob_page(struct store *, int64_t after_id, struct blob_row *, size_t max,
    size_t *ret_n, struct err *);

enum blob_state {
	BLOB_FINE,
	BLOB_MISSING,
	BLOB_OTHER_SIZE,
	BLOB_UNREADABLE,
	BLOB_OTHER_BYTES,
	BLOB_WRITABLE, /* by anyone; its bytes are right, as far as read */
};
enum blob_state blob_look(
    const char *path, const struct blob_row *, bool read_it);
/* "its bytes are not those of its name" */
const char *blob_state_text(enum blob_state);
/* Does a file have the bytes that this digest is of?  1, 0, or -1. */
int file_has_digest(int fd, const unsigned char *sha256);

/* ---- files ------------------------------------------------------------ */

struct stray {
	const char *path;
	bool named; /* as a blob is, and where it should be */
	unsigned char sha256[SHA256_SIZE]; /* if so */
	int64_t age_s, bytes;
};
/* Each file under blobs/ that the catalog has no row for. */
int strays_walk(struct store *,
    int (*each)(void *ctx, const struct stray *, struct err *), void *ctx,
    struct err *);
#define STRAY_AGE_S 86400 /* younger ones may be work in progress */

#endif
