/* SPDX-License-Identifier: Apache-2.0 */
#include "store/check.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/snapshot.h"
#include "store/store_int.h"

struct check {
	struct store *s;
	bool quick;
	check_fault_fn *fault;
	void *ctx;
	struct check_counts *counts;
};

static void report(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
report(struct check *c, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	c->counts->faults++;
	c->fault(c->ctx, line);
}

/* Rows of a pragma, but for the "ok" of one that found nothing. */
static int
check_pragma(struct check *c, const char *sql, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(c->s->db, sql, -1, &q, NULL) != SQLITE_OK)
		return sql_err(c->s, e, sql);
	while ((rc = sql_step(c->s, q, e)) == 1)
		if (strcmp(sql_text(q, 0), "ok") != 0)
			report(c, "catalog.db: %s", sql_text(q, 0));
	sqlite3_finalize(q);
	return rc;
}

static int
hash_file(int fd, unsigned char digest[SHA256_SIZE])
{
	struct sha256 *h CLEANUP(sha256_freep) = sha256_new();
	unsigned char piece[65536];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0)
		sha256_add(h, piece, (size_t)got);
	if (got < 0)
		return -1;
	sha256_end(TAKE(h), digest);
	return 0;
}

static void
check_blob(struct check *c, const unsigned char *sha256, int64_t bytes)
{
	char *path CLEANUP(freep) = blob_path(c->s, sha256);
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char digest[SHA256_SIZE];
	struct stat st;

	c->counts->blobs++;
	c->counts->bytes += bytes;
	if (fd < 0 || fstat(fd, &st) != 0)
		report(c, "%s: missing", path);
	else if (st.st_size != bytes)
		report(c, "%s: %lld bytes, not %lld", path,
		    (long long)st.st_size, (long long)bytes);
	else if (!c->quick &&
	    (hash_file(fd, digest) < 0 ||
		memcmp(digest, sha256, SHA256_SIZE) != 0))
		report(c, "%s: its bytes are not those of its name", path);
}

static int
check_blobs(struct check *c, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(c->s, Q_BLOB_LIST, e);
	unsigned char sha256[SHA256_SIZE];
	int rc = -1;

	while (q != NULL && (rc = sql_step(c->s, q, e)) == 1) {
		sql_bytes(q, 0, sha256, SHA256_SIZE);
		check_blob(c, sha256, sqlite3_column_int64(q, 1));
		if (stop_check(e) < 0)
			return -1;
	}
	return rc;
}

static int
check_snapshot(void *ctx, const struct snapshot *n, struct err *e)
{
	struct check *c = ctx;
	char hash[SHA256_HEX];

	c->counts->snapshots++;
	if (snapshot_rehash(c->s, n, hash, e) < 0)
		return -1;
	if (strcmp(hash, n->hash) != 0)
		report(c,
		    "snapshot %s: its rows are not those it was named "
		    "by",
		    n->name);
	return 0;
}

int
store_check(struct store *s, bool quick, check_fault_fn *fault, void *ctx,
    struct check_counts *ret, struct err *e)
{
	struct check c = { s, quick, fault, ctx, ret };

	*ret = (struct check_counts){ 0 };
	if (check_pragma(&c,
		quick ? "PRAGMA main.quick_check"
		      : "PRAGMA main.integrity_check",
		e) < 0 ||
	    check_pragma(&c, "PRAGMA main.foreign_key_check", e) < 0 ||
	    check_blobs(&c, e) < 0)
		return -1;
	return snapshot_list(s, check_snapshot, &c, e);
}

int
status_classes(struct store *s,
    int (*each)(void *ctx, const struct status_class *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_CLASS_BALANCE, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1)
		each(ctx,
		    &(struct status_class){
			.name = sql_text(q, 0),
			.images = sqlite3_column_int64(q, 1),
			.refused = sqlite3_column_int64(q, 2),
			.duplicates = sqlite3_column_int64(q, 3),
			.usable = sqlite3_column_int64(q, 4),
		    });
	return rc;
}

int
status_sources(struct store *s,
    int (*each)(void *ctx, const struct status_source *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SOURCE_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1)
		each(ctx,
		    &(struct status_source){
			.name = sql_text(q, 0),
			.type = sql_text(q, 1),
			.finished = sqlite3_column_int64(q, 2),
			.open = sqlite3_column_int(q, 3) != 0,
			.urls = sqlite3_column_int64(q, 4),
			.images = sqlite3_column_int64(q, 5),
		    });
	return rc;
}

int
status_urls(struct store *s,
    int (*each)(void *ctx, const char *state, int64_t n), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_URL_STATES, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1)
		each(ctx, sql_text(q, 0), sqlite3_column_int64(q, 1));
	return rc;
}
