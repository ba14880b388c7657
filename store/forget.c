/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a take-down is about: the samples, URLs and documents that go.
 */
#include "store/forget.h"

#include <dirent.h>
#include <string.h>

#include "base/text.h"
#include "store/forget_int.h"
#include "store/hosts.h"

int
forget_image(struct store *s, const char *digits,
    unsigned char ret_sha256[SHA256_SIZE], struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_FORGET_IMAGE, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", digits) < 0 ||
	    (rc = sql_step(s, q, e)) < 0)
		return -1;
	if (rc == 0 && text_from_hex(ret_sha256, SHA256_SIZE, digits))
		return 0;
	if (rc == 0)
		return err_set(e, ERR_INPUT, "no image %s", digits);
	sql_bytes(q, 1, ret_sha256, SHA256_SIZE);
	rc = sql_step(s, q, e);
	if (rc == 1)
		return err_set(e, ERR_INPUT,
		    "several images begin with %s: give more digits", digits);
	return rc;
}

int
forget_has_source(struct store *s, const char *name, bool *ret, struct err *e)
{
	int64_t id;
	int rc = sql_int(s, Q_FORGET_SOURCE_ID, &id, e, "s", name);

	*ret = rc == 1;
	return rc < 0 ? -1 : 0;
}

int
snapshot_forgotten(
    struct store *s, int64_t snapshot_id, int64_t *ret_n, struct err *e)
{
	return sql_int(s, Q_SNAPSHOT_FORGOTTEN, ret_n, e, "i", snapshot_id) < 0
	    ? -1
	    : 0;
}

void
forget_report_release(struct forget_report *r)
{
	strlist_release(&r->snapshots);
	strlist_release(&r->models);
	strlist_release(&r->copies);
}

/* ---- sets of ids -------------------------------------------------- */

void
ids_add(struct ids *ids, int64_t id)
{
	if ((ids->n & (ids->n + 1)) == 0)
		ids->v = xreallocarray(ids->v, 2 * ids->n + 1, sizeof(*ids->v));
	ids->v[ids->n++] = id;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void
ids_sort(struct ids *ids)
{
	size_t i, kept = 0;

	if (ids->n == 0)
		return;
	qsort(ids->v, ids->n, sizeof(*ids->v), by_id);
	for (i = 0; i < ids->n; i++)
		if (kept == 0 || ids->v[kept - 1] != ids->v[i])
			ids->v[kept++] = ids->v[i];
	/* Its room is told by n: leave it a multiple of what it was. */
	ids->v = xreallocarray(ids->v, 2 * kept + 1, sizeof(*ids->v));
	ids->n = kept;
}

bool
ids_has(const struct ids *ids, int64_t id)
{
	return ids->n > 0 &&
	    bsearch(&id, ids->v, ids->n, sizeof(*ids->v), by_id) != NULL;
}

void
ids_release(struct ids *ids)
{
	free(ids->v);
	*ids = (struct ids){ 0 };
}

void
forget_plan_release(struct forget_plan *p)
{
	ids_release(&p->samples);
	ids_release(&p->urls);
	ids_release(&p->documents);
	strlist_release(&p->words);
}

int
ids_of(
    struct store *s, enum query id, int64_t of, struct ids *to, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", of) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		ids_add(to, sqlite3_column_int64(q, 0));
	return rc;
}

/* ---- documents ---------------------------------------------------- */

/* Those of the source, of the URL, or on the host. */
static int
plan_documents(
    struct forget_plan *p, const struct forget_what *what, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_DOCUMENTS, e);
	const char *url;
	bool goes;
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1) {
		char *host CLEANUP(freep) = host_of(sql_text(q, 1));

		url = sql_text(q, 1);
		if (what->kind == FORGET_SOURCE)
			goes = sqlite3_column_int64(q, 2) == p->source;
		else if (what->kind == FORGET_HOST)
			goes = host_is_of(host, what->name);
		else
			goes = what->kind == FORGET_URL &&
			    strcmp(url, what->name) == 0;
		if (!goes || strncmp(url, "forgotten:", 10) == 0)
			continue;
		ids_add(&p->documents, sqlite3_column_int64(q, 0));
		strlist_add(&p->words, url);
	}
	return rc;
}

/* ---- an image or a URL: with all that belongs to it --------------- */

static int
plan_image(struct forget_plan *p, const unsigned char *sha256, struct err *e)
{
	char hex[SHA256_HEX];
	int64_t id;
	int rc;

	text_to_hex(hex, sha256, SHA256_SIZE);
	strlist_add(&p->words, hex);
	if (tombstone_add(p->s, FORGET_IMAGE, sha256, SHA256_SIZE, p->actor,
		p->why, e) < 0)
		return -1;
	rc = sql_int(p->s, Q_FORGET_IMAGE, &id, e, "s", hex);
	if (rc == 1)
		ids_add(&p->samples, id);
	return rc < 0 ? -1 : 0;
}

static int
plan_url(struct forget_plan *p, const char *url, struct err *e)
{
	int64_t id;
	int rc;

	strlist_add(&p->words, url);
	if (tombstone_add(
		p->s, FORGET_URL, url, strlen(url), p->actor, p->why, e) < 0)
		return -1;
	rc = sql_int(p->s, Q_URL_GET, &id, e, "s", url);
	if (rc == 1)
		ids_add(&p->urls, id);
	return rc < 0 ||
		(rc == 1 &&
		    ids_of(p->s, Q_FORGET_SAMPLES_OF, id, &p->samples, e) < 0)
	    ? -1
	    : 0;
}

int
forget_plan_urls(struct forget_plan *p, struct err *e)
{
	struct ids urls CLEANUP(ids_release) = { 0 };
	size_t i, k;
	bool all;

	ids_sort(&p->samples);
	for (i = 0; i < p->samples.n; i++)
		if (ids_of(p->s, Q_FORGET_URLS_OF, p->samples.v[i], &urls, e) <
		    0)
			return -1;
	ids_sort(&urls);
	for (i = 0; i < urls.n; i++) {
		struct ids gave CLEANUP(ids_release) = { 0 };

		if (ids_of(p->s, Q_FORGET_SAMPLES_OF, urls.v[i], &gave, e) < 0)
			return -1;
		for (k = 0, all = true; k < gave.n; k++)
			all = all && ids_has(&p->samples, gave.v[k]);
		if (all)
			ids_add(&p->urls, urls.v[i]);
	}
	return 0;
}

/* ---- a host or a source: what came from nowhere else -------------- */

static int
plan_host_urls(struct forget_plan *p, const char *host, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(p->s, Q_FORGET_URLS, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1)
		if (host_is_of(sql_text(q, 1), host))
			ids_add(&p->urls, sqlite3_column_int64(q, 0));
	return rc;
}

/* Sightings to delete, and the URLs that they are of. */
struct seen {
	struct ids sightings, urls;
};

static void
seen_release(struct seen *g)
{
	ids_release(&g->sightings);
	ids_release(&g->urls);
}

static int
find_sightings(struct forget_plan *p, const struct forget_what *what,
    struct seen *g, struct err *e)
{
	bool by_page = what->kind == FORGET_HOST;
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(
	    p->s, by_page ? Q_FORGET_PAGES : Q_FORGET_SOURCE_SIGHTINGS, e);
	int rc;

	if (q == NULL || (!by_page && sql_bind(p->s, q, e, "i", p->source) < 0))
		return -1;
	while ((rc = sql_step(p->s, q, e)) == 1) {
		char *host CLEANUP(freep) =
		    by_page ? host_of(sql_text(q, 2)) : NULL;

		if (by_page && !host_is_of(host, what->name))
			continue;
		ids_add(&g->sightings, sqlite3_column_int64(q, 0));
		ids_add(&g->urls, sqlite3_column_int64(q, 1));
	}
	return rc;
}

/* A URL that nothing else offered goes with them. */
static int
drop_sightings(struct forget_plan *p, const struct seen *g, struct err *e)
{
	int64_t one;
	size_t i;
	int rc;

	for (i = 0; i < g->sightings.n; i++)
		if (sql_run(
			p->s, Q_FORGET_SIGHTING, e, "i", g->sightings.v[i]) < 0)
			return -1;
	p->report->sightings += (int64_t)g->sightings.n;
	for (i = 0; i < g->urls.n; i++) {
		rc = sql_int(p->s, Q_FORGET_SEEN, &one, e, "i", g->urls.v[i]);
		if (rc < 0)
			return -1;
		if (rc == 0)
			ids_add(&p->urls, g->urls.v[i]);
	}
	return 0;
}

/* Of what the URLs gave, that which no other URL gave. */
static int
plan_samples_of_urls(struct forget_plan *p, struct err *e)
{
	struct ids found CLEANUP(ids_release) = { 0 };
	size_t i, k;
	bool all;

	ids_sort(&p->urls);
	for (i = 0; i < p->urls.n; i++)
		if (ids_of(p->s, Q_FORGET_SAMPLES_OF, p->urls.v[i], &found, e) <
		    0)
			return -1;
	ids_sort(&found);
	for (i = 0; i < found.n; i++) {
		struct ids from CLEANUP(ids_release) = { 0 };

		if (ids_of(p->s, Q_FORGET_URLS_OF, found.v[i], &from, e) < 0)
			return -1;
		for (k = 0, all = true; k < from.n; k++)
			all = all && ids_has(&p->urls, from.v[k]);
		if (all)
			ids_add(&p->samples, found.v[i]);
	}
	return 0;
}

static int
plan_wide(struct forget_plan *p, const struct forget_what *what, struct err *e)
{
	struct seen g CLEANUP(seen_release) = { { 0 }, { 0 } };

	strlist_add(&p->words, what->name);
	if (tombstone_add(p->s, what->kind, what->name, strlen(what->name),
		p->actor, p->why, e) < 0)
		return -1;
	if (what->kind == FORGET_SOURCE &&
	    sql_int(p->s, Q_FORGET_SOURCE_ID, &p->source, e, "s", what->name) <
		0)
		return -1;
	if ((what->kind == FORGET_HOST &&
		(plan_host_urls(p, what->name, e) < 0 ||
		    hosts_forget(p->s, e) < 0)) ||
	    find_sightings(p, what, &g, e) < 0 || drop_sightings(p, &g, e) < 0)
		return -1;
	return plan_samples_of_urls(p, e);
}

/* All of it, in the open transaction. */
int
forget_planned(
    struct forget_plan *p, const struct forget_what *what, struct err *e)
{
	int rc;

	p->mark_urls = what->kind == FORGET_IMAGE || what->kind == FORGET_URL;
	if (what->kind == FORGET_IMAGE)
		rc = plan_image(p, what->sha256, e);
	else if (what->kind == FORGET_URL)
		rc = plan_url(p, what->name, e);
	else
		rc = plan_wide(p, what, e);
	if (rc < 0 || plan_documents(p, what, e) < 0 ||
	    (p->mark_urls && forget_plan_urls(p, e) < 0))
		return -1;
	return forget_rows(p, e) < 0 ? -1 : forget_notes(p, e);
}

/* ---- for the outside ---------------------------------------------- */

/* "catalog.db.version-1", "catalog.db.before-restore" and the like. */
static void
find_copies(const struct store *s, struct strlist *ret)
{
	static const char start[] = "catalog.db.";
	DIR *dir = opendir(s->folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, start, sizeof(start) - 1) == 0)
			strlist_add(ret, entry->d_name);
	if (dir != NULL)
		closedir(dir);
}

int
forget_look(struct store *s, const struct forget_what *what,
    struct forget_report *ret, struct err *e)
{
	struct forget_plan p CLEANUP(
	    forget_plan_release) = { .s = s, .actor = "", .report = ret };
	int rc;

	*ret = (struct forget_report){ 0 };
	if (store_begin(s, e) < 0)
		return -1;
	rc = forget_planned(&p, what, e);
	store_rollback(s);
	find_copies(s, &ret->copies);
	return rc;
}

/* What was overwritten in the files themselves, not only in their logs. */
static int
cut_logs(struct store *s, bool *ret_lingers, struct err *e)
{
	int64_t busy_main = 0, busy_derived = 0;

	if (sql_query_int(
		s, "PRAGMA main.wal_checkpoint(TRUNCATE)", &busy_main, e) < 0 ||
	    sql_query_int(s, "PRAGMA derived.wal_checkpoint(TRUNCATE)",
		&busy_derived, e) < 0)
		return -1;
	*ret_lingers = busy_main != 0 || busy_derived != 0;
	return 0;
}

int
forget_finish(struct store *s, struct forget_report *ret, struct err *e)
{
	int64_t bytes = 0;

	if (store_commit(s, e) < 0 || unlink_drain(s, &bytes, e) < 0)
		return -1;
	find_copies(s, &ret->copies);
	return cut_logs(s, &ret->lingers, e);
}

int
forget_now(struct store *s, const struct forget_what *what, const char *actor,
    const char *why, struct forget_report *ret, struct err *e)
{
	struct forget_plan p CLEANUP(forget_plan_release) = {
		.s = s, .actor = actor, .why = why, .report = ret
	};

	*ret = (struct forget_report){ 0 };
	if (store_commit(s, e) < 0 || sql_script(s, FORGET_OVERWRITE, e) < 0 ||
	    store_begin(s, e) < 0 || forget_planned(&p, what, e) < 0)
		return -1;
	return forget_finish(s, ret, e);
}
