/* SPDX-License-Identifier: Apache-2.0 */
#include "store/change_sql.h"
#include "store/store_int.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define QUERY(id, sql) [Q_##id] = sql,
const char *const store_queries[Q_COUNT] = {
#include "store/queries.def"
};
#undef QUERY

enum err_kind
sql_kind(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
		return ERR_DAMAGED;
	default:
		return ERR_FATAL;
	}
}

/* The disk's fault, where SQLite says no more than that it cannot. */
static bool
is_disk(int cause)
{
	return cause == ENOSPC || cause == EDQUOT || cause == EROFS ||
	    cause == EFBIG || cause == EIO;
}

int
sql_err(struct store *s, struct err *e, const char *doing)
{
	int rc = sqlite3_errcode(s->db);
	int cause = sqlite3_system_errno(s->db);
	enum err_kind kind = sql_kind(rc);

	if ((rc & 0xff) != SQLITE_CANTOPEN && (rc & 0xff) != SQLITE_IOERR)
		cause = 0;
	return err_set(e, is_disk(cause) ? ERR_DAMAGED : kind,
	    "%s/catalog.db: %s: %s%s%s", s->folder, doing,
	    sqlite3_errmsg(s->db), cause != 0 ? ": " : "",
	    cause != 0 ? strerror(cause) : "");
}

sqlite3_stmt *
sql_get(struct store *s, enum query q, struct err *e)
{
	if (s->stmts[q] == NULL &&
	    sqlite3_prepare_v3(s->db, store_queries[q], -1,
		SQLITE_PREPARE_PERSISTENT, &s->stmts[q], NULL) != SQLITE_OK)
		sql_err(s, e, store_queries[q]);
	return s->stmts[q];
}

static int
bind_one(sqlite3_stmt *q, int i, char type, va_list *ap)
{
	const void *bytes;
	int64_t n;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(q, i, va_arg(*ap, int64_t));
	case 'z':
		n = va_arg(*ap, int64_t);
		return n == 0 ? sqlite3_bind_null(q, i)
			      : sqlite3_bind_int64(q, i, n);
	case 's':
		return sqlite3_bind_text(
		    q, i, va_arg(*ap, const char *), -1, SQLITE_STATIC);
	case 'h':
		return sqlite3_bind_blob(q, i, va_arg(*ap, const void *),
		    SHA256_SIZE, SQLITE_STATIC);
	case 'b':
		bytes = va_arg(*ap, const void *);
		return sqlite3_bind_blob64(
		    q, i, bytes, va_arg(*ap, size_t), SQLITE_STATIC);
	default:
		return sqlite3_bind_null(q, i);
	}
}

static int
bind_all(struct store *s, sqlite3_stmt *q, struct err *e, const char *types,
    va_list *ap)
{
	int i;

	for (i = 0; types[i] != 0; i++)
		if (bind_one(q, i + 1, types[i], ap) != SQLITE_OK)
			return sql_err(s, e, "bind");
	return 0;
}

int
sql_bind(
    struct store *s, sqlite3_stmt *q, struct err *e, const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = bind_all(s, q, e, types, &ap);
	va_end(ap);
	return rc;
}

int
sql_step(struct store *s, sqlite3_stmt *q, struct err *e)
{
	switch (sqlite3_step(q)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_err(s, e, sqlite3_sql(q));
	}
}

int
sql_run(struct store *s, enum query id, struct err *e, const char *types, ...)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	va_list ap;
	int rc;

	if (q == NULL)
		return -1;
	va_start(ap, types);
	rc = bind_all(s, q, e, types, &ap);
	va_end(ap);
	while (rc == 0 && (rc = sql_step(s, q, e)) == 1)
		rc = 0;
	return rc;
}

int
sql_int(struct store *s, enum query id, int64_t *ret, struct err *e,
    const char *types, ...)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	va_list ap;
	int rc;

	if (q == NULL)
		return -1;
	va_start(ap, types);
	rc = bind_all(s, q, e, types, &ap);
	va_end(ap);
	if (rc == 0)
		rc = sql_step(s, q, e);
	if (rc == 1)
		*ret = sqlite3_column_int64(q, 0);
	return rc;
}

int
sql_insert(struct store *s, enum query id, int64_t *ret_id, bool *ret_done,
    struct err *e, const char *types, ...)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	bool done;
	va_list ap;
	int rc;

	if (q == NULL)
		return -1;
	va_start(ap, types);
	rc = bind_all(s, q, e, types, &ap);
	va_end(ap);
	if (rc < 0 || sql_step(s, q, e) < 0)
		return -1;
	done = sqlite3_changes(s->db) > 0;
	if (ret_done != NULL)
		*ret_done = done;
	if (done && ret_id != NULL)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

const char *
sql_text(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

char *
sql_strdup(sqlite3_stmt *q, int column)
{
	const char *text = sql_text(q, column);

	return text == NULL ? NULL : xstrdup(text);
}

void
sql_bytes(sqlite3_stmt *q, int column, unsigned char *out, size_t len)
{
	const void *data = sqlite3_column_blob(q, column);

	memset(out, 0, len);
	if (data != NULL && (size_t)sqlite3_column_bytes(q, column) == len)
		memcpy(out, data, len);
}

int
sql_script(struct store *s, const char *text, struct err *e)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sql_err(s, e, "schema");
	return 0;
}

int
sql_query_int(struct store *s, const char *sql, int64_t *ret, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(q, 0);
		rc = 0;
	} else {
		sql_err(s, e, sql);
	}
	sqlite3_finalize(q);
	return rc;
}
