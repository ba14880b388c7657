/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: is what the workspace says true?  And how things stand.
 */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/store.h"

/* Each thing that is wrong, as one line; it may not fail. */
typedef void check_fault_fn(void *ctx, const char *fault);

struct check_counts {
	int64_t blobs, bytes, snapshots, faults;
};

/*
 * Verify the catalog (SQLite's integrity check, foreign keys), every blob
 * (there, of its size and, unless quick, of its SHA-256) and every
 * snapshot's hash.  Reads only; runs beside a writer.
 */
int store_check(struct store *, bool quick, check_fault_fn *, void *ctx,
    struct check_counts *ret, struct err *);

struct status_class { /* borrowed during the call */
	const char *name;
	int64_t images, refused, duplicates, usable;
};
int status_classes(struct store *,
    int (*each)(void *ctx, const struct status_class *), void *ctx,
    struct err *);

struct status_source {
	const char *name, *type;
	int64_t finished; /* 0: never */
	bool open;        /* interrupted */
	int64_t urls, images;
};
int status_sources(struct store *,
    int (*each)(void *ctx, const struct status_source *), void *ctx,
    struct err *);

/* URLs by state. */
int status_urls(struct store *,
    int (*each)(void *ctx, const char *state, int64_t n), void *ctx,
    struct err *);

#endif
