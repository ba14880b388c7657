/* SPDX-License-Identifier: Apache-2.0 */
#include "store/repair.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/backup_int.h"
#include "store/check_int.h"

#define PAGE 256
#define LINE_MAX_BYTES 512

struct repair {
	struct store *s;
	check_line_fn *line;
	void *ctx;
	struct repair_report *report;
	char *aside; /* the folder quarantine/ */
};

static void say(struct repair *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
say(struct repair *r, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	r->report->mended++;
	r->line(r->ctx, line);
}

static int
count(struct store *s, struct repair_counts *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_REPAIR_COUNTS, e);

	if (q == NULL || sql_step(s, q, e) < 0)
		return -1;
	*ret = (struct repair_counts){
		.images = sqlite3_column_int64(q, 0),
		.decided = sqlite3_column_int64(q, 1),
		.changes = sqlite3_column_int64(q, 2),
		.urls = sqlite3_column_int64(q, 3),
		.lost = sqlite3_column_int64(q, 4),
	};
	return 0;
}

/* ---- the catalog -------------------------------------------------- */

static int
is_whole(struct store *s, bool *ret, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(s->db, "PRAGMA main.integrity_check(1)", -1, &q,
		NULL) == SQLITE_OK &&
	    (rc = sql_step(s, q, e)) == 1) {
		*ret = strcmp(sql_text(q, 0), "ok") == 0;
		rc = 0;
	} else {
		sql_err(s, e, "integrity_check");
		rc = -1;
	}
	sqlite3_finalize(q);
	return rc;
}

/* Indexes can be made again of their tables; tables of nothing here. */
static int
mend_catalog(struct repair *r, struct err *e)
{
	bool whole;

	if (is_whole(r->s, &whole, e) < 0)
		return -1;
	if (whole)
		return 0;
	if (sql_script(r->s, "REINDEX main", e) < 0 ||
	    is_whole(r->s, &whole, e) < 0 || !whole)
		return err_set(e, ERR_DAMAGED,
		    "%s/catalog.db is damaged beyond its indexes: griddle "
		    "backup --restore FILE goes back to a backup",
		    r->s->folder);
	say(r, "catalog.db: its indexes were made anew");
	return 0;
}

/* ---- blobs -------------------------------------------------------- */

/* Out of the way, under its own name or one with a number. */
static int
put_aside(struct repair *r, const char *path, struct err *e)
{
	const char *name = strrchr(path, '/') + 1;
	char *to = xasprintf("%s/%s", r->aside, name);
	int n, rc;

	for (n = 1; access(to, F_OK) == 0; n++) {
		free(to);
		to = xasprintf("%s/%s.%d", r->aside, name, n);
	}
	rc = file_make_dirs(r->aside, e);
	if (rc == 0 && rename(path, to) != 0 && errno != ENOENT)
		rc = err_sys(e, ERR_FATAL, "cannot move %s", path);
	free(to);
	return rc < 0 ? -1 : file_sync_dir(r->aside, e);
}

/* Its sample waits for the bytes, and its URLs are asked again. */
static int
lose(struct repair *r, const struct blob_row *row, const char *path,
    enum blob_state state, struct err *e)
{
	char hex[SHA256_HEX];
	int64_t sample, urls;

	text_to_hex(hex, row->sha256, SHA256_SIZE);
	if (state != BLOB_MISSING && put_aside(r, path, e) < 0)
		return -1;
	if (store_begin(r->s, e) < 0 ||
	    sql_int(r->s, Q_SAMPLE_OF_BLOB, &sample, e, "i", row->id) < 0 ||
	    sql_run(r->s, Q_GROUP_FORGET, e, "i", sample) < 0 ||
	    sql_run(r->s, Q_SAMPLE_LOST, e, "i", sample) < 0 ||
	    sql_run(r->s, Q_URL_AGAIN, e, "i", sample) < 0)
		return -1;
	urls = sqlite3_changes(r->s->db);
	say(r,
	    "image %.12s: %s: %sit is lost until one of %lld URLs gives it "
	    "again",
	    hex, blob_state_text(state),
	    state == BLOB_MISSING ? "" : "moved to quarantine/; ",
	    (long long)urls);
	return store_commit(r->s, e);
}

static int
mend_blob(struct repair *r, const struct blob_row *row, struct err *e)
{
	char *path CLEANUP(freep) = blob_path(r->s, row->sha256);
	enum blob_state state = blob_look(path, row, true);

	switch (state) {
	case BLOB_FINE:
		return 0;
	case BLOB_WRITABLE:
		if (chmod(path, 0444) != 0)
			return err_sys(e, ERR_FATAL, "%s", path);
		say(r, "%s: made read-only", path);
		return 0;
	case BLOB_UNREADABLE: /* the disk, or who we are: not its bytes */
		return err_set(e, ERR_DAMAGED,
		    "%s cannot be read: is it another user's, or the disk "
		    "failing?",
		    path);
	case BLOB_MISSING:
	case BLOB_OTHER_SIZE:
	case BLOB_OTHER_BYTES:
		break;
	}
	return lose(r, row, path, state, e);
}

static int
mend_blobs(struct repair *r, struct err *e)
{
	struct blob_row rows[PAGE];
	struct progress bar;
	int64_t after = 0, total = 0;
	int rc = 0;
	size_t n, i;

	if (sql_int(r->s, Q_CHECK_COUNT, &total, e, "") < 0)
		return -1;
	progress_start(&bar, "repair", total);
	do {
		rc = blob_page(r->s, after, rows, PAGE, &n, e);
		for (i = 0; rc == 0 && i < n; i++) {
			after = rows[i].id;
			bar.done++;
			progress_step(&bar);
			rc = stop_check(e) < 0 ? -1 : mend_blob(r, &rows[i], e);
		}
	} while (rc == 0 && n == PAGE);
	progress_end(&bar);
	return rc;
}

static int
mend_stray(void *ctx, const struct stray *stray, struct err *e)
{
	struct repair *r = ctx;

	if (stray->named)
		return 0; /* what gc is for */
	if (put_aside(r, stray->path, e) < 0)
		return -1;
	say(r, "%s: not a blob: moved to quarantine/", stray->path);
	return 0;
}

/* ---- derived ------------------------------------------------------ */

/* Rows in portions, so that no transaction is large. */
static int
drop(struct repair *r, enum query id, const char *what, struct err *e)
{
	int64_t n = 0;
	int gone;

	do {
		if (stop_check(e) < 0 || store_begin(r->s, e) < 0 ||
		    sql_run(r->s, id, e, "") < 0)
			return -1;
		gone = sqlite3_changes(r->s->db);
		n += gone;
		if (store_commit(r->s, e) < 0)
			return -1;
	} while (gone > 0);
	if (n > 0)
		say(r, "derived.db: %lld %s dropped", (long long)n, what);
	return 0;
}

static int
mend_derived(struct repair *r, struct err *e)
{
	static const struct {
		enum query drop;
		const char *what;
	} tables[] = {
		{ Q_STRAY_PREPARED_DROP, "prepared images of no image" },
		{ Q_STRAY_VECTOR_DROP, "vectors of no image" },
		{ Q_STRAY_THUMB_DROP, "thumbnails of no image" },
		{ Q_STRAY_LOOK_DROP, "looks of no image" },
		{ Q_BROKEN_PREPARED_DROP, "damaged prepared images" },
		{ Q_BROKEN_THUMB_DROP, "damaged thumbnails" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		if (drop(r, tables[i].drop, tables[i].what, e) < 0)
			return -1;
	return 0;
}

int
repair_run(struct store *s, check_line_fn *line, void *ctx,
    struct repair_report *ret, struct err *e)
{
	char *aside CLEANUP(freep) = xasprintf("%s/quarantine", s->folder);
	struct repair r = { s, line, ctx, ret, aside };

	*ret = (struct repair_report){ 0 };
	if (store_commit(s, e) < 0 || catalog_backup(s, REPAIR_BEFORE, e) < 0 ||
	    mend_catalog(&r, e) < 0 || count(s, &ret->before, e) < 0 ||
	    mend_blobs(&r, e) < 0 || strays_walk(s, mend_stray, &r, e) < 0 ||
	    mend_derived(&r, e) < 0)
		return -1;
	return count(s, &ret->after, e);
}
