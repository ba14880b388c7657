/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frontier: sources and their documents.
 */
#include "store/frontier.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/forget_int.h"

/* The source's row, if it has one: 1, 0 or -1. */
static int
source_get(struct store *s, const char *name, const char *fingerprint,
    int64_t every, struct frontier_source *ret, bool *ret_changed,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SOURCE_GET, e);
	bool same;
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", name) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc != 1)
		return rc;
	same = strcmp(sql_text(q, 1), fingerprint) == 0;
	*ret_changed = !same;
	ret->id = sqlite3_column_int64(q, 0);
	ret->crawl = sqlite3_column_int64(q, 2);
	ret->resumed = sqlite3_column_int(q, 3) != 0 && same;
	ret->finished = sqlite3_column_int64(q, 4);
	ret->due = ret->resumed || !same || ret->finished == 0 ||
	    clock_now() - sqlite3_column_int64(q, 5) >= every;
	return 1;
}

int
frontier_begin(struct store *s, const char *name, const char *type,
    const char *fingerprint, int64_t every, bool force,
    struct frontier_source *ret, struct err *e)
{
	bool changed = false;
	int64_t tombstone;
	int rc;

	*ret = (struct frontier_source){ .every = every, .force = force };
	if (tombstone_find(
		s, FORGET_SOURCE, name, strlen(name), &tombstone, e) < 0)
		return -1;
	if (tombstone != 0) {
		log_warn("source \"%s\" was forgotten for good: it is left out",
		    name);
		return 0;
	}
	rc = source_get(s, name, fingerprint, every, ret, &changed, e);
	if (rc < 0)
		return -1;
	ret->due = ret->due || force || rc == 0;
	if (!ret->due || ret->resumed)
		return 0;
	if (store_begin(s, e) < 0)
		return -1;
	if (rc == 0 &&
	    sql_int(s, Q_SOURCE_ADD, &ret->id, e, "ss", name, type) < 0)
		return -1;
	/* What its documents mean may be another now: read all of them. */
	if (changed && sql_run(s, Q_DOCUMENT_FORGET, e, "i", ret->id) < 0)
		return -1;
	return sql_int(s, Q_SOURCE_CRAWL, &ret->crawl, e, "issi", ret->id, type,
		   fingerprint, clock_now()) < 0
	    ? -1
	    : 0;
}

int
frontier_finish(
    struct store *s, const struct frontier_source *source, struct err *e)
{
	return sql_run(s, Q_SOURCE_FINISH, e, "ii", source->id, clock_now());
}

void
frontier_document_release(struct frontier_document *d)
{
	free(d->url);
	free(d->etag);
	free(d->last_modified);
	*d = (struct frontier_document){ 0 };
}

int
frontier_want(struct store *s, const struct frontier_source *source,
    const char *url, int64_t depth, int64_t from_id, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = NULL;
	int64_t id, tombstone;

	if (forget_knows_url(s, url, &tombstone, e) < 0)
		return -1;
	if (tombstone != 0)
		return tombstone_note(s, "gather", tombstone, e);
	q = sql_get(s, Q_DOCUMENT_WANT, e);
	if (q == NULL ||
	    sql_bind(s, q, e, "isii", source->id, url, depth, source->crawl) <
		0 ||
	    sql_step(s, q, e) < 0)
		return -1;
	id = sqlite3_column_int64(q, 0);
	s->new_documents += sqlite3_column_int(q, 1);
	/* To its end, so that the row is there. */
	if (sql_step(s, q, e) < 0)
		return -1;
	if (from_id == 0)
		return 0;
	return sql_run(s, Q_DOCUMENT_LINK, e, "ii", from_id, id);
}

int64_t
frontier_new_documents(const struct store *s)
{
	return s->new_documents;
}

/* Of a row of DOCUMENT_NEXT.  Runs that begin a little early are in time. */
static enum frontier_due
due_of(const struct frontier_source *source, sqlite3_stmt *q)
{
	bool read = sqlite3_column_int(q, 7) != 0;
	bool failed = sqlite3_column_int(q, 8) != 0;
	int64_t left = sqlite3_column_int64(q, 6) - clock_now();

	if (source->force || left <= 0)
		return DOCUMENT_DUE;
	if (failed)
		return sqlite3_column_int64(q, 5) < FRONTIER_TRIES
		    ? DOCUMENT_WAITS
		    : DOCUMENT_GIVEN_UP;
	return read && left > source->every / 4 ? DOCUMENT_RESTS : DOCUMENT_DUE;
}

int
frontier_next_document(struct store *s, const struct frontier_source *source,
    int64_t after_id, struct frontier_document *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_DOCUMENT_NEXT, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "iii", source->id, source->crawl, after_id) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		*ret = (struct frontier_document){
			.id = sqlite3_column_int64(q, 0),
			.url = sql_strdup(q, 1),
			.etag = sql_strdup(q, 2),
			.last_modified = sql_strdup(q, 3),
			.depth = sqlite3_column_int64(q, 4),
			.tries = sqlite3_column_int64(q, 5),
			.due = due_of(source, q),
		};
	return rc;
}

int
frontier_documents(struct store *s, const struct frontier_source *source,
    int64_t *ret_n, struct err *e)
{
	return sql_int(s, Q_DOCUMENT_COUNT, ret_n, e, "ii", source->id,
		   source->crawl) < 0
	    ? -1
	    : 0;
}

int
frontier_document_done(struct store *s, const struct frontier_source *source,
    int64_t document_id, const char *etag, const char *last_modified,
    bool changed, struct err *e)
{
	return sql_run(s, Q_DOCUMENT_DONE, e, "iiiiss", document_id,
	    (int64_t)changed, clock_now(), source->every, etag, last_modified);
}

int
frontier_document_place(struct store *s, int64_t document_id, const char *etag,
    const char *last_modified, struct err *e)
{
	return sql_run(
	    s, Q_DOCUMENT_PLACE, e, "iss", document_id, etag, last_modified);
}

static int
want_linked(struct store *s, const struct frontier_source *source,
    int64_t document_id, struct err *e)
{
	return sql_run(
	    s, Q_DOCUMENT_WANT_LINKED, e, "ii", document_id, source->crawl);
}

int
frontier_document_same(struct store *s, const struct frontier_source *source,
    int64_t document_id, struct err *e)
{
	if (want_linked(s, source, document_id, e) < 0)
		return -1;
	return sql_run(s, Q_DOCUMENT_SAME, e, "iiii", document_id, (int64_t)0,
	    clock_now(), source->every);
}

int
frontier_document_rest(struct store *s, const struct frontier_source *source,
    int64_t document_id, struct err *e)
{
	if (want_linked(s, source, document_id, e) < 0)
		return -1;
	return sql_run(s, Q_DOCUMENT_REST, e, "i", document_id);
}

static int
tries_of(struct store *s, int64_t document_id, int64_t *ret, struct err *e)
{
	return sql_int(s, Q_DOCUMENT_TRIES, ret, e, "i", document_id) < 0 ? -1
									  : 0;
}

int
frontier_document_failed(struct store *s, const struct frontier_source *source,
    int64_t document_id, const char *reason, bool permanent, int64_t retry_s,
    bool keep, bool *ret_left, struct err *e)
{
	int64_t counts = permanent ? FRONTIER_TRIES : 1, tries = 0;

	if (tries_of(s, document_id, &tries, e) < 0)
		return -1;
	*ret_left = keep || tries + counts < FRONTIER_TRIES;
	if (!*ret_left && !permanent &&
	    want_linked(s, source, document_id, e) < 0)
		return -1;
	return sql_run(s, Q_DOCUMENT_FAILED, e, "isiiii", document_id, reason,
	    clock_now(), retry_s, counts, (int64_t) !*ret_left);
}
