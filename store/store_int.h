/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_int: how this room speaks to SQLite.
 *
 * Every statement is named in queries.def, prepared once, and bound.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <sqlite3.h>

#include "store/blob_int.h"
#include "store/scores.h"
#include "store/store.h"

#define QUERY(id, sql) Q_##id,
enum query {
#include "store/queries.def"
	Q_COUNT
};
#undef QUERY

extern const char *const store_queries[Q_COUNT];

#define STORE_APPLICATION_ID 0x47524444 /* "GRDD" */
#define STORE_VERSION 3                 /* user_version of the catalog */
#define DERIVED_VERSION 4

struct store {
	char *folder;
	sqlite3 *db;
	sqlite3_stmt *stmts[Q_COUNT];
	int lock_fd; /* -1 for a reader */
	bool in_tx;
	int64_t begun_ms;
	int64_t run_id; /* of the run that run_begin() noted */
	struct blobs blobs;
	int64_t new_documents; /* wanted for the first time; frontier.c */
	double thresholds[SCORE_COUNT];
	int forgets; /* -1: not looked yet; 0: nothing is forgotten; 1 */
	unsigned char salt[SHA256_SIZE]; /* of tombstones, if any */
};

/* What a result code of SQLite means to us. */
enum err_kind sql_kind(int rc);
/* The error of the last call on this connection, behind `doing`. */
int sql_err(struct store *, struct err *, const char *doing);

/* A named statement, ready to bind.  Reset it when done with its rows. */
sqlite3_stmt *sql_get(struct store *, enum query, struct err *);

static inline void
sql_resetp(sqlite3_stmt **q)
{
	if (*q != NULL) {
		sqlite3_reset(*q);
		sqlite3_clear_bindings(*q);
	}
}

/*
 * Bind ?1, ?2 ... by a letter each: i int64_t, s const char * (may be NULL),
 * h a SHA-256 (32 bytes), b const void * and size_t, 0 NULL (no argument),
 * z int64_t where 0 stands for NULL.  Texts are borrowed until the reset.
 */
int sql_bind(
    struct store *, sqlite3_stmt *, struct err *, const char *types, ...);

/* 1 for a row, 0 for no more, -1 for an error. */
int sql_step(struct store *, sqlite3_stmt *, struct err *);

/* Bind, step to the end, reset. */
int sql_run(struct store *, enum query, struct err *, const char *types, ...);

/* Bind and give the first column of the first row: 1, 0 (no row, *ret is
 * untouched) or -1. */
int sql_int(struct store *, enum query, int64_t *ret, struct err *,
    const char *types, ...);

/*
 * Bind, step to the end, reset: an INSERT.  *ret_id becomes the row's, when
 * *ret_done says that there is one; either may be NULL.
 */
int sql_insert(struct store *, enum query, int64_t *ret_id, bool *ret_done,
    struct err *, const char *types, ...);

/* A column as a borrowed text, or NULL; as a new one. */
const char *sql_text(sqlite3_stmt *, int column);
char *sql_strdup(sqlite3_stmt *, int column);
/* A blob column of exactly len bytes; zeros if it is not. */
void sql_bytes(sqlite3_stmt *, int column, unsigned char *out, size_t len);

/* Several statements without parameters, such as a schema. */
int sql_script(struct store *, const char *text, struct err *);

/* The number that a statement of its own gives, such as a pragma. */
int sql_query_int(struct store *, const char *sql, int64_t *ret, struct err *);

/* migrate.c: up to date, a version at a time, after a copy of it was made. */
int store_migrate(struct store *, int version, struct err *);

/* samples.c: what follows from the sightings of a sample; its keeper's, too. */
int sample_claim(struct store *, int64_t sample_id, struct err *);

#endif
