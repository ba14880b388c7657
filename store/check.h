/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: is what the workspace says true?  And how things stand.
 * What is not, store/repair.h mends.
 */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/store.h"

/* Each thing, as one line that names it and its mend; it may not fail. */
typedef void check_line_fn(void *ctx, const char *line);

struct check_conf {
	bool quick;           /* the blobs' bytes are not read */
	bool verbose;         /* note the fault of some SQLites */
	double percent;       /* of the blobs, at random, are; else all: 100 */
	check_line_fn *fault; /* what is wrong */
	check_line_fn *note;  /* what is well to know */
	void *ctx;
};

struct check_counts {
	int64_t blobs, bytes, read, snapshots, faults;
	int64_t lost, orphans; /* no faults: what repair and kill -9 leave */
};

/*
 * Open for checking and reading only, also when derived.db is damaged:
 * *ret_fault says so then (the caller frees), else it is NULL.
 */
int store_open_check(
    const char *folder, struct store **ret, char **ret_fault, struct err *);

/*
 * Verify the catalog (SQLite's integrity check, foreign keys), every blob
 * (there, of its size, read-only and of its SHA-256), that no file under
 * blobs/ is without a row, every snapshot's hash, the models' files, and what
 * is derived.  Reads only; runs beside a writer; stops at a signal.
 */
int store_check(struct store *, const struct check_conf *,
    struct check_counts *ret, struct err *);

/*
 * Is this SQLite one that can damage a WAL database when two connections
 * write (fixed in 3.44.6, 3.50.7 and 3.51.3)?  Its version as x * 1000000 +
 * y * 1000 + z.
 */
bool check_sqlite_is_faulty(int version);

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
