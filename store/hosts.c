/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hosts.h"

#include "store/forget_int.h"

#define ROBOTS_MAX ((size_t)1 << 20)

int
hosts_load(
    struct store *s, const char *origin, struct host_known *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_HOST_GET, e);
	int len, rc;

	*ret = (struct host_known){ .robots = BUF_INIT(ROBOTS_MAX) };
	if (q == NULL || sql_bind(s, q, e, "s", origin) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc != 1)
		return rc;
	len = sqlite3_column_bytes(q, 0);
	if (len > 0 && (size_t)len <= ROBOTS_MAX)
		buf_add(&ret->robots, sqlite3_column_blob(q, 0), (size_t)len);
	ret->robots_status = sqlite3_column_int64(q, 1);
	ret->robots_at = sqlite3_column_int64(q, 2);
	ret->paused_until = sqlite3_column_int64(q, 3);
	ret->failures = sqlite3_column_int64(q, 4);
	return 1;
}

int
hosts_save(struct store *s, const char *origin, const struct host_known *h,
    struct err *e)
{
	if (h->robots_at == 0)
		return sql_run(s, Q_HOST_PUT, e, "sii", origin, h->paused_until,
		    h->failures);
	return sql_run(s, Q_HOST_PUT_ROBOTS, e, "siibii", origin,
	    h->paused_until, h->failures,
	    h->robots.len == 0 ? "" : (const void *)h->robots.data,
	    h->robots.len, h->robots_status, h->robots_at);
}

/* Rows of either table, by the host or origin that they name. */
static int
drop_forgotten(struct store *s, enum query each, enum query drop, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, each, e);
	struct strlist found CLEANUP(strlist_release) = { 0 };
	int64_t tombstone;
	size_t i;
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		if (forget_knows_url(s, sql_text(q, 0), &tombstone, e) < 0)
			return -1;
		if (tombstone != 0)
			strlist_add(&found, sql_text(q, 0));
	}
	for (i = 0; rc == 0 && i < found.n; i++)
		rc = sql_run(s, drop, e, "s", found.v[i]);
	return rc;
}

int
hosts_forget(struct store *s, struct err *e)
{
	return drop_forgotten(s, Q_FORGET_HOSTS, Q_FORGET_HOST_ROW, e) < 0
	    ? -1
	    : drop_forgotten(s, Q_FORGET_RUN_HOSTS, Q_FORGET_RUN_HOST, e);
}

int
run_host_add(struct store *s, const struct run_host *h, struct err *e)
{
	return sql_run(s, Q_RUN_HOST_ADD, e, "isiiiiii", s->run_id, h->host,
	    h->requests, h->fetched, h->failed, h->bytes, h->p50_ms, h->p95_ms);
}

static int64_t
number_or_none(sqlite3_stmt *q, int column)
{
	return sqlite3_column_type(q, column) == SQLITE_NULL
	    ? -1
	    : sqlite3_column_int64(q, column);
}

int
run_hosts(struct store *s, int64_t run_id, int64_t limit,
    int (*each)(void *ctx, const struct run_host *), void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RUN_HOSTS, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "ii", run_id, limit == 0 ? (int64_t)-1 : limit) <
		0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct run_host h = {
			.host = sql_text(q, 0),
			.requests = sqlite3_column_int64(q, 1),
			.fetched = sqlite3_column_int64(q, 2),
			.failed = sqlite3_column_int64(q, 3),
			.bytes = sqlite3_column_int64(q, 4),
			.p50_ms = number_or_none(q, 5),
			.p95_ms = number_or_none(q, 6),
		};

		if (each(ctx, &h) < 0)
			return -1;
	}
	return rc;
}

int
run_reasons(struct store *s, int64_t run_id,
    int (*each)(void *ctx, const char *stage, const char *reason, int64_t n),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_RUN_REASONS, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", run_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sql_text(q, 1),
			sqlite3_column_int64(q, 2)) < 0)
			return -1;
	return rc;
}
