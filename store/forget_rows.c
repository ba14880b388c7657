/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking the rows of what is forgotten, and what notes tell of it.
 */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/forget_int.h"

/* ---- urls and documents ------------------------------------------- */

static int
forget_url(struct forget_plan *p, int64_t id, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_URL_SIGHTINGS, e);
	sqlite3_stmt *text CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_URL_TEXT, e);
	const char *url;
	int rc;

	if (q == NULL || text == NULL || sql_bind(p->s, text, e, "i", id) < 0 ||
	    sql_bind(p->s, q, e, "i", id) < 0 ||
	    (rc = sql_step(p->s, text, e)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	url = sql_text(text, 0);
	strlist_add(&p->words, url);
	if (p->mark_urls &&
	    tombstone_add(
		p->s, FORGET_URL, url, strlen(url), p->actor, p->why, e) < 0)
		return -1;
	while ((rc = sql_step(p->s, q, e)) == 1)
		p->report->sightings++;
	p->report->urls++;
	if (rc < 0 || sql_run(p->s, Q_FORGET_FETCH, e, "i", id) < 0)
		return -1;
	sqlite3_reset(text); /* before its row goes */
	return sql_run(p->s, Q_FORGET_URL, e, "i", id);
}

/* What URLs that go gave and others gave too: its claims may be others now. */
static int
detach(struct forget_plan *p, struct ids *ret_stay, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_SAMPLES_OF, e);
	size_t i;
	int rc = 0;

	if (q == NULL)
		return -1;
	for (i = 0; rc == 0 && i < p->urls.n; i++) {
		if (sql_bind(p->s, q, e, "i", p->urls.v[i]) < 0)
			return -1;
		while ((rc = sql_step(p->s, q, e)) == 1)
			if (!ids_has(&p->samples, sqlite3_column_int64(q, 0)))
				ids_add(ret_stay, sqlite3_column_int64(q, 0));
		sqlite3_reset(q);
	}
	ids_sort(ret_stay);
	return rc;
}

/* ---- samples ------------------------------------------------------ */

static int
add_names(struct store *s, enum query id, int64_t sample, struct strlist *to,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", sample) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (!strlist_has(to, sql_text(q, 0)))
			strlist_add(to, sql_text(q, 0));
	return rc;
}

/* URLs that gave it and stay, since they gave others too. */
static int
loosen_urls(struct forget_plan *p, int64_t id, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_URLS_OF, e);
	struct ids urls CLEANUP(ids_release) = { 0 };
	size_t i;
	int rc;

	if (q == NULL || sql_bind(p->s, q, e, "i", id) < 0)
		return -1;
	while ((rc = sql_step(p->s, q, e)) == 1)
		ids_add(&urls, sqlite3_column_int64(q, 0));
	for (i = 0; rc == 0 && i < urls.n; i++)
		rc = sql_run(p->s, Q_URL_FAILED, e, "isszii", urls.v[i],
		    "refused", "forgotten", (int64_t)0, clock_now(),
		    (int64_t)0);
	return rc < 0 ? -1 : sql_run(p->s, Q_FORGET_FETCHES_OF, e, "i", id);
}

/* Its row, and its blob's, become a stub. */
static int
make_stub(struct forget_plan *p, int64_t id, const unsigned char *sha256,
    int64_t blob, struct err *e)
{
	unsigned char digest[SHA256_SIZE];

	if (tombstone_add(p->s, FORGET_IMAGE, sha256, SHA256_SIZE, p->actor,
		p->why, e) < 0 ||
	    tombstone_digest(
		p->s, FORGET_IMAGE, sha256, SHA256_SIZE, digest, e) < 0 ||
	    sql_run(p->s, Q_FORGET_SAMPLE, e, "i", id) < 0 ||
	    sql_run(p->s, Q_FORGET_STUB, e, "ih", blob, digest) < 0)
		return -1;
	return sql_run(p->s, Q_UNLINK_ADD, e, "hi", sha256, clock_now());
}

static int
forget_sample(struct forget_plan *p, int64_t id, struct err *e)
{
	static const enum query clear[] = { Q_GROUP_FORGET, Q_FORGET_COMPONENT,
		Q_FORGET_QUALITY, Q_FORGET_TAGS, Q_FORGET_PAIRS,
		Q_FORGET_PREDICTIONS };
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(p->s, Q_FORGET_BLOB, e);
	unsigned char sha256[SHA256_SIZE];
	char hex[SHA256_HEX];
	int64_t blob, keeper = 0;
	size_t i;
	int rc;

	if (q == NULL || sql_bind(p->s, q, e, "i", id) < 0 ||
	    (rc = sql_step(p->s, q, e)) < 0)
		return -1;
	if (rc == 0)
		return 0; /* a stub already */
	sql_bytes(q, 0, sha256, SHA256_SIZE);
	p->report->bytes += sqlite3_column_int64(q, 1);
	blob = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	text_to_hex(hex, sha256, SHA256_SIZE);
	strlist_add(&p->words, hex);
	p->report->images++;
	if (sql_int(p->s, Q_SAMPLE_KEEPER, &keeper, e, "i", id) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(clear); i++)
		if (sql_run(p->s, clear[i], e, "i", id) < 0)
			return -1;
	if (add_names(p->s, Q_FORGET_SNAPSHOTS, id, &p->report->snapshots, e) <
		0 ||
	    add_names(p->s, Q_FORGET_MODELS, id, &p->report->models, e) < 0 ||
	    loosen_urls(p, id, e) < 0)
		return -1;
	if (make_stub(p, id, sha256, blob, e) < 0)
		return -1;
	/* Its claims counted for the one that was kept. */
	return keeper == 0 ? 0 : sample_claim(p->s, keeper, e);
}

int
forget_rows(struct forget_plan *p, struct err *e)
{
	struct ids stay CLEANUP(ids_release) = { 0 };
	size_t i;

	ids_sort(&p->samples);
	ids_sort(&p->urls);
	if (detach(p, &stay, e) < 0)
		return -1;
	for (i = 0; i < p->urls.n; i++)
		if (forget_url(p, p->urls.v[i], e) < 0)
			return -1;
	for (i = 0; i < p->samples.n; i++)
		if (forget_sample(p, p->samples.v[i], e) < 0)
			return -1;
	for (i = 0; i < stay.n; i++)
		if (sample_claim(p->s, stay.v[i], e) < 0)
			return -1;
	for (i = 0; i < p->documents.n; i++)
		if (sql_run(
			p->s, Q_FORGET_DOCUMENT, e, "i", p->documents.v[i]) < 0)
			return -1;
	p->report->documents += (int64_t)p->documents.n;
	return p->source == 0
	    ? 0
	    : sql_run(p->s, Q_FORGET_SOURCE, e, "i", p->source);
}

/* ---- notes -------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One of the words, or the first digits of one that is a SHA-256? */
static bool
tells(const struct forget_plan *p, const char *text)
{
	size_t i, len = strlen(text);

	if (bsearch(&text, p->words.v, p->words.n, sizeof(char *), by_text))
		return true;
	if (len < 4 || len >= SHA256_HEX ||
	    strspn(text, "0123456789abcdef") != len)
		return false;
	for (i = 0; i < p->words.n; i++)
		if (strncmp(p->words.v[i], text, len) == 0)
			return true;
	return false;
}

static int
blank_failures(struct forget_plan *p, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(p->s, Q_FORGET_FAILURES, e);
	struct ids found CLEANUP(ids_release) = { 0 };
	size_t i;
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1)
		if (tells(p, sql_text(q, 1)))
			ids_add(&found, sqlite3_column_int64(q, 0));
	for (i = 0; rc == 0 && i < found.n; i++)
		rc = sql_run(p->s, Q_FORGET_FAILURE, e, "i", found.v[i]);
	return rc;
}

/* The arguments of a run without what they told; NULL: they tell nothing. */
static char *
blank_arguments(const struct forget_plan *p, const char *text)
{
	json_t *args = json_loads(text, 0, NULL), *word;
	bool changed = false;
	char *ret = NULL;
	size_t i;

	json_array_foreach(args, i, word)
	{
		if (!json_is_string(word) || !tells(p, json_string_value(word)))
			continue;
		json_array_set_new(args, i, json_string("forgotten"));
		changed = true;
	}
	if (changed)
		ret = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	return ret;
}

static int
blank_runs(struct forget_plan *p, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(p->s, Q_FORGET_RUNS, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(p->s, q, e)) == 1) {
		char *args CLEANUP(freep) = blank_arguments(p, sql_text(q, 1));

		if (args != NULL &&
		    sql_run(p->s, Q_FORGET_RUN, e, "is",
			sqlite3_column_int64(q, 0), args) < 0)
			return -1;
	}
	return rc;
}

int
forget_notes(struct forget_plan *p, struct err *e)
{
	if (p->words.n == 0)
		return 0;
	qsort(p->words.v, p->words.n, sizeof(char *), by_text);
	return blank_failures(p, e) < 0 ? -1 : blank_runs(p, e);
}
