/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs, with what each could not take; and classes.
 */
#include "store/store_int.h"

#include "base/clock.h"

int
run_begin(
    struct store *s, const char *command, const char *args_json, struct err *e)
{
	if (store_begin(s, e) < 0 ||
	    sql_int(s, Q_RUN_ADD, &s->run_id, e, "sssi", command, args_json,
		PACKAGE_VERSION, clock_now()) < 0)
		return -1;
	return store_commit(s, e);
}

int
run_end(struct store *s, int status, struct err *e)
{
	if (store_begin(s, e) < 0 ||
	    sql_run(s, Q_RUN_END, e, "iii", s->run_id, clock_now(),
		(int64_t)status) < 0)
		return -1;
	return store_commit(s, e);
}

int
run_count(struct store *s, const char *stage, const char *what, int64_t n,
    struct err *e)
{
	if (n == 0)
		return 0;
	return sql_run(s, Q_RUN_COUNT, e, "issi", s->run_id, stage, what, n);
}

int
run_failure(struct store *s, const char *stage, const char *reason,
    const char *subject, const char *detail, struct err *e)
{
	return sql_run(s, Q_RUN_FAILURE, e, "issss", s->run_id, stage, reason,
	    subject, detail);
}

int
run_list(struct store *s, int64_t limit,
    int (*each)(void *ctx, const struct run_row *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RUN_LIST, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "i", limit == 0 ? (int64_t)-1 : limit) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct run_row row = {
			.id = sqlite3_column_int64(q, 0),
			.started = sqlite3_column_int64(q, 1),
			.ended = sqlite3_column_int64(q, 2),
			.status = sqlite3_column_type(q, 3) == SQLITE_NULL
			    ? -1
			    : sqlite3_column_int(q, 3),
			.command = sql_text(q, 4),
		};

		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}

int
run_counts(struct store *s, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *what, int64_t n),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RUN_COUNTS, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", run_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sql_text(q, 1),
			sqlite3_column_int64(q, 2)) < 0)
			return -1;
	return rc;
}

int
run_failures(struct store *s, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *reason,
	const char *subject, const char *detail),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RUN_FAILURES, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", run_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sql_text(q, 1), sql_text(q, 2),
			sql_text(q, 3)) < 0)
			return -1;
	return rc;
}

int
class_id(struct store *s, const char *name, int64_t *ret_id, struct err *e)
{
	int rc = sql_int(s, Q_CLASS_ID, ret_id, e, "s", name);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (sql_run(s, Q_CLASS_ADD, e, "s", name) < 0)
		return -1;
	return sql_int(s, Q_CLASS_ID, ret_id, e, "s", name) < 0 ? -1 : 0;
}

int
class_names(struct store *s, char ***ret_names, int64_t **ret_ids,
    size_t *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_CLASS_LIST, e);
	char **names = NULL;
	int64_t *ids = NULL;
	size_t n = 0;
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		names = xreallocarray(names, n + 1, sizeof(*names));
		ids = xreallocarray(ids, n + 1, sizeof(*ids));
		ids[n] = sqlite3_column_int64(q, 0);
		names[n++] = sql_strdup(q, 1);
	}
	*ret_names = names;
	*ret_ids = ids;
	*ret_n = n;
	return rc;
}

int64_t
run_id(const struct store *s)
{
	return s->run_id;
}
