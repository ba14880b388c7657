/* SPDX-License-Identifier: Apache-2.0 */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/rng.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/backbones.h"
#include "store/check_int.h"
#include "store/forget.h"
#include "store/snapshot.h"

#define PAGE 256 /* blobs looked at between two looks at the catalog */
#define LINE_MAX_BYTES 512

void
check_fault(struct check *c, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	c->counts->faults++;
	c->conf->fault(c->conf->ctx, line);
}

void
check_note(struct check *c, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (c->conf->note != NULL)
		c->conf->note(c->conf->ctx, line);
}

/* ---- the catalog -------------------------------------------------- */

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
			check_fault(c,
			    "catalog.db: %s: griddle check --repair, or "
			    "griddle backup --restore",
			    sql_text(q, 0));
	sqlite3_finalize(q);
	return rc;
}

static int
check_keys(struct check *c, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(c->s->db, "PRAGMA main.foreign_key_check", -1,
		&q, NULL) != SQLITE_OK)
		return sql_err(c->s, e, "foreign_key_check");
	while ((rc = sql_step(c->s, q, e)) == 1)
		check_fault(c,
		    "catalog.db: row %lld of %s names a row of %s that is not "
		    "there: griddle backup --restore",
		    (long long)sqlite3_column_int64(q, 1), sql_text(q, 0),
		    sql_text(q, 2));
	sqlite3_finalize(q);
	return rc;
}

static int
check_rows(struct check *c, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(c->s, Q_CHECK_LOST, e);
	int64_t queue = 0, bare = 0, chained = 0, again;

	if (q == NULL || sql_step(c->s, q, e) < 0 ||
	    sql_int(c->s, Q_CHECK_QUEUE, &queue, e, "") < 0 ||
	    sql_int(c->s, Q_CHECK_NO_SAMPLE, &bare, e, "") < 0 ||
	    sql_int(c->s, Q_CHECK_KEEPERS, &chained, e, "") < 0)
		return -1;
	if (chained > 0)
		check_fault(c,
		    "catalog.db: %lld images are copies of what is not kept "
		    "itself: griddle dedup --anew",
		    (long long)chained);
	c->counts->lost = sqlite3_column_int64(q, 0);
	again = sqlite3_column_int64(q, 1);
	if (bare > 0)
		check_fault(c,
		    "catalog.db: %lld blobs without a sample: griddle backup "
		    "--restore",
		    (long long)bare);
	if (c->counts->lost > 0)
		check_note(c,
		    "%lld images are lost until their bytes come back; %lld "
		    "of them can be asked for again: griddle gather, and "
		    "griddle add for files",
		    (long long)c->counts->lost, (long long)again);
	if (queue > 0)
		check_note(c,
		    "%lld files of forgotten images are still to be removed: "
		    "the next run that writes does it",
		    (long long)queue);
	return 0;
}

/* ---- blobs -------------------------------------------------------- */

static void
check_blob(struct check *c, const struct blob_row *row)
{
	char *path CLEANUP(freep) = blob_path(c->s, row->sha256);
	enum blob_state state;
	bool read = !c->conf->quick &&
	    (c->conf->percent >= 100 ||
		(double)rng_below(&c->rng, 1u << 20) * 100 <
		    c->conf->percent * (1u << 20));
	int64_t id;
	struct err e = { 0 };

	c->counts->blobs++;
	c->counts->bytes += row->bytes;
	c->counts->read += read;
	state = blob_look(path, row, read);
	/* A writer may have forgotten it meanwhile. */
	if (state == BLOB_FINE ||
	    (state == BLOB_MISSING &&
		sql_int(c->s, Q_BLOB_ID, &id, &e, "h", row->sha256) == 0))
		return;
	check_fault(
	    c, "%s: %s: griddle check --repair", path, blob_state_text(state));
}

static int
check_blobs(struct check *c, struct err *e)
{
	struct blob_row rows[PAGE];
	struct progress bar;
	int64_t after = 0, total = 0;
	size_t n, i;

	if (sql_int(c->s, Q_CHECK_COUNT, &total, e, "") < 0)
		return -1;
	progress_start(&bar, "check", total);
	do {
		if (blob_page(c->s, after, rows, PAGE, &n, e) < 0)
			return -1;
		for (i = 0; i < n; i++) {
			check_blob(c, &rows[i]);
			after = rows[i].id;
			bar.done++;
			bar.bytes = c->counts->bytes;
			bar.failed = c->counts->faults;
			progress_step(&bar);
			if (stop_check(e) < 0) {
				progress_end(&bar);
				return -1;
			}
		}
	} while (n == PAGE);
	progress_end(&bar);
	return 0;
}

/* ---- snapshots and models ----------------------------------------- */

static int
check_snapshot(void *ctx, const struct snapshot *n, struct err *e)
{
	struct check *c = ctx;
	char hash[SHA256_HEX];
	int64_t forgotten = 0;

	c->counts->snapshots++;
	if (stop_check(e) < 0 ||
	    snapshot_forgotten(c->s, n->id, &forgotten, e) < 0 ||
	    snapshot_rehash(c->s, n, hash, e) < 0)
		return -1;
	if (forgotten > 0)
		check_note(c,
		    "snapshot %s holds %lld forgotten images: its hash cannot "
		    "be made again",
		    n->name, (long long)forgotten);
	else if (strcmp(hash, n->hash) != 0)
		check_fault(c,
		    "snapshot %s: its rows are not those it was named by: "
		    "griddle backup --restore, or griddle split anew",
		    n->name);
	return 0;
}

static int
check_model(void *ctx, const struct model_row *m, struct err *e)
{
	struct check *c = ctx;
	char *path CLEANUP(freep) = xasprintf("%s/%s", c->s->folder, m->path);
	struct stat st;

	(void)e;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		check_fault(c,
		    "model %s: %s is missing or empty: copy it back, or "
		    "griddle train %s",
		    m->name, path, m->snapshot);
	return 0;
}

static int
check_backbone(void *ctx, const struct backbone_row *b, struct err *e)
{
	struct check *c = ctx;
	char *path CLEANUP(freep) = backbone_path(c->s, b->name);
	struct stat st;

	(void)e;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size != b->bytes)
		check_fault(c,
		    "backbone %s: %s is missing or of another size: copy it "
		    "back, or griddle backbone remove %s and import it again",
		    b->name, path, b->name);
	return 0;
}

/* ---- all of it ---------------------------------------------------- */

bool
check_sqlite_is_faulty(int version)
{
	int minor = version / 1000;

	if (version < 3007000 || version >= 3051003)
		return false;
	return !(minor == 3050 && version >= 3050007) &&
	    !(minor == 3044 && version >= 3044006);
}

int
store_check(struct store *s, const struct check_conf *conf,
    struct check_counts *ret, struct err *e)
{
	struct check c = { .s = s, .conf = conf, .counts = ret };

	*ret = (struct check_counts){ 0 };
	rng_seed(&c.rng, (uint64_t)clock_ms());
	if (check_pragma(&c,
		conf->quick ? "PRAGMA main.quick_check"
			    : "PRAGMA main.integrity_check",
		e) < 0 ||
	    check_keys(&c, e) < 0 || check_rows(&c, e) < 0 ||
	    check_blobs(&c, e) < 0 || check_files(&c, e) < 0 ||
	    snapshot_list(s, check_snapshot, &c, e) < 0 ||
	    model_list(s, check_model, &c, e) < 0 ||
	    backbone_list(s, check_backbone, &c, e) < 0 ||
	    check_derived(&c, e) < 0)
		return -1;
	if (conf->verbose &&
	    check_sqlite_is_faulty(sqlite3_libversion_number()))
		check_note(&c,
		    "SQLite %s can damage a catalog that two processes write; "
		    "griddle's one writer at a time steps around that",
		    sqlite3_libversion());
	return 0;
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
