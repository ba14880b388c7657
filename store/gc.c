/* SPDX-License-Identifier: Apache-2.0 */
#include "store/gc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/check_int.h"

#define LINE_MAX_BYTES 512
/* Compacting writes all that is kept: only where a quarter is free. */
#define COMPACT_SHARE 4
#define COMPACT_FROM (1 << 20)

struct gc {
	struct store *s;
	const struct gc_conf *conf;
	struct gc_report *report;
};

static void say(struct gc *g, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
say(struct gc *g, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	g->conf->line(g->conf->ctx, line);
}

/* ---- files -------------------------------------------------------- */

static int
sweep(void *ctx, const struct stray *stray, struct err *e)
{
	struct gc *g = ctx;

	if (!stray->named || stray->age_s < g->conf->grace_s)
		return 0;
	say(g, "%s: no image is of these bytes", stray->path);
	if (!g->conf->dry_run && unlink(stray->path) != 0)
		return err_sys(e, ERR_FATAL, "cannot remove %s", stray->path);
	g->report->files++;
	g->report->bytes += stray->bytes;
	return 0;
}

/* ---- derived rows ------------------------------------------------- */

/* Rows in portions, so that no transaction is large. */
static int
drop(struct gc *g, enum query id, const unsigned char *recipe, struct err *e)
{
	int gone;

	do {
		if (stop_check(e) < 0 || store_begin(g->s, e) < 0 ||
		    (recipe == NULL ? sql_run(g->s, id, e, "")
				    : sql_run(g->s, id, e, "h", recipe)) < 0)
			return -1;
		gone = sqlite3_changes(g->s->db);
		if (store_commit(g->s, e) < 0)
			return -1;
	} while (gone > 0);
	return 0;
}

static bool
is_kept(const struct gc *g, const unsigned char *recipe)
{
	size_t i;

	for (i = 0; i < g->conf->n_recipes; i++)
		if (memcmp(g->conf->recipes[i], recipe, SHA256_SIZE) == 0)
			return true;
	return false;
}

/* The first recipe of the statement that is not kept: 1, 0 or -1. */
static int
next_recipe(struct gc *g, enum query list, size_t *skip,
    unsigned char recipe[SHA256_SIZE], int64_t *rows, int64_t *bytes,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(g->s, list, e);
	size_t seen = 0;
	int rc = -1;

	while (q != NULL && (rc = sql_step(g->s, q, e)) == 1) {
		sql_bytes(q, 0, recipe, SHA256_SIZE);
		if (is_kept(g, recipe) || seen++ < *skip)
			continue;
		*rows = sqlite3_column_int64(q, 1);
		*bytes = sqlite3_column_int64(q, 2);
		return 1;
	}
	return rc;
}

/* In a dry run they stay, and are stepped over. */
static int
sweep_recipes(struct gc *g, enum query list, enum query drop_some,
    const char *what, struct err *e)
{
	unsigned char recipe[SHA256_SIZE];
	char hex[SHA256_HEX];
	int64_t rows = 0, bytes = 0;
	size_t skip = 0;
	int rc;

	while (
	    (rc = next_recipe(g, list, &skip, recipe, &rows, &bytes, e)) == 1) {
		text_to_hex(hex, recipe, SHA256_SIZE);
		say(g,
		    "derived.db: %lld %s by a recipe that nothing names "
		    "(%.12s)",
		    (long long)rows, what, hex);
		g->report->rows += rows;
		g->report->bytes += g->conf->dry_run ? bytes : 0;
		if (g->conf->dry_run)
			skip++;
		else if (drop(g, drop_some, recipe, e) < 0)
			return -1;
	}
	return rc;
}

static int
sweep_strays(struct gc *g, struct err *e)
{
	static const struct {
		enum query count, drop;
		const char *what;
	} tables[] = {
		{ Q_STRAY_PREPARED, Q_STRAY_PREPARED_DROP, "prepared images" },
		{ Q_STRAY_VECTOR, Q_STRAY_VECTOR_DROP, "vectors" },
		{ Q_STRAY_THUMB, Q_STRAY_THUMB_DROP, "thumbnails" },
		{ Q_STRAY_LOOK, Q_STRAY_LOOK_DROP, "looks" },
	};
	int64_t n, bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		sqlite3_stmt *q CLEANUP(sql_resetp) =
		    sql_get(g->s, tables[i].count, e);

		if (q == NULL || sql_step(g->s, q, e) < 0)
			return -1;
		n = sqlite3_column_int64(q, 0);
		bytes = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
		if (n == 0)
			continue;
		say(g, "derived.db: %lld %s of images that are not held",
		    (long long)n, tables[i].what);
		g->report->rows += n;
		g->report->bytes += g->conf->dry_run ? bytes : 0;
		if (!g->conf->dry_run && drop(g, tables[i].drop, NULL, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- space -------------------------------------------------------- */

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* VACUUM writes all that is kept once more, and then into the file. */
static bool
has_room(const struct store *s, int64_t kept)
{
	struct statvfs fs;

	return statvfs(s->folder, &fs) == 0 &&
	    (int64_t)fs.f_bavail * (int64_t)fs.f_frsize > 2 * kept;
}

static int
compact(struct gc *g, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/derived.db", g->s->folder);
	char *tmp CLEANUP(freep) = xasprintf("%s/tmp", g->s->folder);
	int64_t page, pages, spare, before = size_of(path), busy;

	if (sql_query_int(g->s, "PRAGMA derived.page_size", &page, e) < 0 ||
	    sql_query_int(g->s, "PRAGMA derived.page_count", &pages, e) < 0 ||
	    sql_query_int(g->s, "PRAGMA derived.freelist_count", &spare, e) < 0)
		return -1;
	if (spare * page < COMPACT_FROM || spare < pages / COMPACT_SHARE)
		return 0;
	g->report->cramped = !has_room(g->s, (pages - spare) * page);
	if (g->report->cramped)
		return 0;
	/* Not in memory, and on this disk: there is room for it here. */
	setenv("SQLITE_TMPDIR", tmp, 1);
	if (sql_script(g->s,
		"PRAGMA temp_store=FILE; VACUUM derived;"
		"PRAGMA temp_store=MEMORY",
		e) < 0 ||
	    sql_query_int(
		g->s, "PRAGMA derived.wal_checkpoint(TRUNCATE)", &busy, e) < 0)
		return -1;
	g->report->compacted = true;
	g->report->bytes += before - size_of(path);
	return 0;
}

static int
tidy(struct gc *g, struct err *e)
{
	int64_t busy;

	if (compact(g, e) < 0 ||
	    sql_script(g->s, "PRAGMA analysis_limit=400; PRAGMA optimize", e) <
		0)
		return -1;
	return sql_query_int(
	    g->s, "PRAGMA main.wal_checkpoint(TRUNCATE)", &busy, e);
}

int
gc_run(struct store *s, const struct gc_conf *conf, struct gc_report *ret,
    struct err *e)
{
	struct gc g = { s, conf, ret };

	*ret = (struct gc_report){ 0 };
	if (store_commit(s, e) < 0 || strays_walk(s, sweep, &g, e) < 0 ||
	    sweep_strays(&g, e) < 0 ||
	    sweep_recipes(&g, Q_RECIPE_PREPARED, Q_RECIPE_PREPARED_DROP,
		"prepared images", e) < 0 ||
	    sweep_recipes(
		&g, Q_RECIPE_VECTOR, Q_RECIPE_VECTOR_DROP, "vectors", e) < 0)
		return -1;
	return conf->dry_run ? 0 : tidy(&g, e);
}
