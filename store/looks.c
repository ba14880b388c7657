/* SPDX-License-Identifier: Apache-2.0 */
#include "store/looks.h"

#include <string.h>

#include "store/store_int.h"

/* A view in two columns from ?n on; NULL: there is none. */
static int
bind_view(sqlite3_stmt *q, int n, const struct look_view *v)
{
	if (v == NULL)
		return 0;
	return sqlite3_bind_blob(q, n, v->turned, sizeof(v->turned),
		   SQLITE_STATIC) == SQLITE_OK &&
		sqlite3_bind_blob(q, n + 1, v->gray, sizeof(v->gray),
		    SQLITE_STATIC) == SQLITE_OK
	    ? 0
	    : -1;
}

int
look_put(struct store *s, const unsigned char sha256[SHA256_SIZE],
    const struct look *look, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_LOOK_PUT, e);

	if (q == NULL || sql_bind(s, q, e, "h", sha256) < 0)
		return -1;
	if (bind_view(q, 2, &look->whole) < 0 ||
	    bind_view(q, 4, look->trimmed ? &look->trim : NULL) < 0)
		return sql_err(s, e, "bind");
	return sql_step(s, q, e);
}

/* False where there is none, or one of another size. */
static bool
take_view(sqlite3_stmt *q, int column, struct look_view *ret)
{
	if (sqlite3_column_bytes(q, column) != sizeof(ret->turned) ||
	    sqlite3_column_bytes(q, column + 1) != sizeof(ret->gray))
		return false;
	sql_bytes(q, column, ret->turned[0], sizeof(ret->turned));
	sql_bytes(q, column + 1, ret->gray, sizeof(ret->gray));
	return true;
}

static bool
take_look(sqlite3_stmt *q, struct look *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->trimmed = take_view(q, 3, &ret->trim);
	return take_view(q, 1, &ret->whole);
}

int
look_get(struct store *s, int64_t sample_id, struct look *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_LOOK_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", sample_id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	return rc == 1 && !take_look(q, ret) ? 0 : rc;
}

int
look_each(struct store *s, int64_t after_id,
    int (*each)(
	void *ctx, int64_t sample_id, const struct look *, struct err *),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_LOOK_EACH, e);
	struct look look;
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", after_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (take_look(q, &look) &&
		    each(ctx, sqlite3_column_int64(q, 0), &look, e) < 0)
			return -1;
	return rc;
}
