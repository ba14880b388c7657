/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_catalog FOLDER [IMAGES [SEED [LIKE]]]: a workspace whose catalog is like
 * that of many images gathered, prepared and looked through; rows only, no
 * blobs.  The same seed gives the same catalog.  With LIKE, a workspace in
 * which prep found nothing to do, all images are prepared as it would.
 *
 * Sources were read one after another, so a source's images lie together;
 * hosts and classes are skewed: a few have most.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/store_int.h"

#define BATCH 50000

static uint64_t seed = 1;

/* splitmix64 (Steele, Lea, Flood 2014) of a place and a purpose. */
static uint64_t
hash(sqlite3_value **v)
{
	uint64_t z = (uint64_t)sqlite3_value_int64(v[0]) * 1000003 +
	    (uint64_t)sqlite3_value_int64(v[1]) + seed * 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* pick(i, purpose, n): one of 0 .. n - 1. */
static void
pick(sqlite3_context *c, int n, sqlite3_value **v)
{
	(void)n;
	sqlite3_result_int64(
	    c, (int64_t)(hash(v) % (uint64_t)sqlite3_value_int64(v[2])));
}

/* bytes(i, purpose, n): n bytes, at most 32. */
static void
bytes(sqlite3_context *c, int n, sqlite3_value **v)
{
	uint64_t word[4], z = hash(v);
	int k;

	(void)n;
	for (k = 0; k < 4; k++) {
		z = (z + 1) * 0x2545f4914f6cdd1d;
		word[k] = z ^ (z >> 29);
	}
	sqlite3_result_blob(c, word, sqlite3_value_int(v[2]), SQLITE_TRANSIENT);
}

static void
die(sqlite3 *db, const char *sql)
{
	fprintf(stderr, "make_catalog: %s\n%s\n", sqlite3_errmsg(db), sql);
	exit(1);
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(db, sql);
}

/* What is made once; a name is X and its number. */
static const char rows_once[] =
    "INSERT INTO run (command, args, version, started, ended, status)"
    " VALUES ('gather', '[]', '0', 1, 2, 0);"
    "INSERT INTO class (name) SELECT 'class' || value FROM numbers"
    " WHERE value <= 20;"
    "INSERT INTO source (name, type, fingerprint, crawl, finished)"
    " SELECT 'source' || value, 'list', '', 1, 1 FROM numbers"
    " WHERE value <= 30;"
    "INSERT INTO tag (name) SELECT 'tag' || value FROM numbers"
    " WHERE value <= 10;"
    "INSERT INTO op (at, actor, verb) SELECT value, 'bench', 'label'"
    " FROM numbers WHERE value <= 100;"
    "INSERT INTO size_fence VALUES (1, 100, 3000);";

/*
 * What is made for each image i, in batches between ?1 and ?2 of ?3.  3 % are
 * refused, 8 % duplicates of an image before them, 0.5 % in conflict, 1 %
 * rejected, 10 % decided, 2 % without a claim.
 */
#define EACH " FROM numbers WHERE value BETWEEN ?1 AND ?2"
#define REFUSED "(pick(value, 1, 100) < 3)"
#define FINE(x) "iif(" REFUSED ", NULL, " x ")"
#define SCORE(id) \
	", max(0, min(1, 1.3 - pick(value, " #id " + 50, 1400)" \
	" * pick(value, " #id " + 70, 1000) / 1e6))"
static const char *const rows_each[] = {
	"INSERT INTO blob (id, sha256, bytes, added) SELECT value,"
	" bytes(value, 2, 32), 2000 + pick(value, 3, 1000) *"
	" pick(value, 4, 3000), 1790000000 + value / 4 + 0 * ?3" EACH,
	"INSERT INTO sample (id, blob_id, stage, reason, format, width,"
	" height, frames, pixel_digest, pdq, pdq_quality, warned, visit_rule,"
	" visit_limits, keeper_id, distance, claimed_id, conflict, decided_id,"
	" rejected) SELECT value, value, iif(" REFUSED
	", 'refused', 'prepared'),"
	" iif(" REFUSED ", iif(pick(value, 5, 10) < 7, 'truncated',"
	" 'too_small'), NULL),"
	" CASE WHEN pick(value, 6, 1000) < 850 THEN 'jpeg'"
	"  WHEN pick(value, 6, 1000) < 950 THEN 'png'"
	"  WHEN pick(value, 6, 1000) < 998 THEN 'webp' ELSE 'gif' END,"
	" " FINE("200 + pick(value, 7, 60) * pick(value, 8, 60)") ", " FINE("200 + pick(value, 9, 50) * pick(value, 10, 50)") ", " FINE("1") ", " FINE("bytes(value, 11, 16)") ", " FINE(
	    "bytes(value, 12, 32)") ", " FINE("100 - pick(value, 13, 10) *"
					      " pick(value, 14, 10)") ", pick(value, 15, 200) = 0,"
								      " (SELECT visit_rule FROM mark), (SELECT visit_limits FROM mark),"
								      /* A duplicate's keeper is a few before it and is none itself. */
								      " " FINE(
									  "iif(value % 25 IN (7, 19) AND NOT (pick(value - 3, 1, 100)"
									  " < 3), value - 3, value)") ", " FINE("pick(value, 16, 30)") ","
																       " CASE WHEN pick(value, 17, 1000) < 25 THEN NULL ELSE 1 +"
																       " pick(value, 18, 20) * pick(value, 19, 20) / 20 END,"
																       " pick(value, 17, 1000) < 5, iif(pick(value, 20, 10) = 0, 1 +"
																       " pick(value, 21, 20), NULL), pick(value, 22, 100) = 0 + 0 * ?3" EACH,
	"INSERT INTO quality SELECT value" SCORE(1) SCORE(2) SCORE(3) SCORE(4)
	    SCORE(5) SCORE(6) SCORE(7) SCORE(8) SCORE(9) SCORE(10) SCORE(11)
		EACH " AND NOT " REFUSED " AND ?3 > 0",
	"INSERT INTO url (id, url, host, class_id, state, sample_id, checked,"
	" http_status, etag) SELECT value, 'https://host' ||"
	" (pick(value, 30, 120) * pick(value, 31, 120)) || '.example.org/' ||"
	" printf('%x', pick(value, 32, 1 << 40)) || '/' || value || '.jpg',"
	" 'host' || (pick(value, 30, 120) * pick(value, 31, 120)) ||"
	" '.example.org', 1, 'held', value, 1790000000, 200, '\"' ||"
	" printf('%x', pick(value, 33, 1 << 40)) || '\"'" EACH " AND ?3 > 0",
	"INSERT INTO fetch (url_id, sample_id, run_id, at)"
	" SELECT value, value, 1, 1790000000 + value / 4" EACH " AND ?3 > 0",
	"INSERT INTO sighting (url_id, source_id, run_id, page, class_id,"
	" title, licence, seen) SELECT value, iif(pick(value, 34, 10) < 7,"
	" 1 + (value - 1) * 30 / ?3, 1 + pick(value, 35, 30)), 1,"
	" 'https://example.org/page/' || (value / 20), 1, 'A picture of ' ||"
	" value, CASE pick(value, 36, 12) WHEN 0 THEN 'cc0' WHEN 1 THEN 'pd'"
	"  WHEN 2 THEN 'cc-by' WHEN 3 THEN NULL ELSE 'cc-by-sa' END,"
	" 1790000000" EACH,
	"INSERT INTO sighting (url_id, source_id, run_id, page, class_id,"
	" licence, seen) SELECT value, 1 + pick(value, 37, 30), 1, 'second',"
	" 1, iif(pick(value, 38, 1000) = 0, 'cc-by-nd', 'cc-by'), 1790000000" EACH
	" AND pick(value, 39, 5) = 0 AND ?3 > 0",
	"INSERT INTO sample_tag (sample_id, tag_id) SELECT value, 1 +"
	" pick(value, 40, 10)" EACH " AND pick(value, 41, 50) = 0 AND ?3 > 0",
	"INSERT INTO change (op_id, sample_id, field, old, new) SELECT"
	" 1 + (value - 1) * 100 / ?3, value, 'label', NULL, 'class' || (1 +"
	" pick(value, 21, 20))" EACH " AND pick(value, 20, 10) = 0",
};

static const char rows_last[] =
    "INSERT INTO sample_source SELECT DISTINCT g.source_id, f.sample_id"
    " FROM fetch f JOIN sighting g ON g.url_id = f.url_id;"
    "INSERT INTO sample_licence SELECT DISTINCT"
    " coalesce(g.licence, 'unknown'), f.sample_id"
    " FROM fetch f JOIN sighting g ON g.url_id = f.url_id;"
    "INSERT INTO url (url, host, class_id, state, reason)"
    " SELECT 'https://new.example.org/' || value, 'new.example.org', 1 +"
    " value % 20, iif(value % 4 = 0, 'failed', 'pending'),"
    " iif(value % 4 = 0, 'http_404', NULL) FROM numbers"
    " WHERE value <= (SELECT count(*) / 50 FROM sample)";

/* A table of the numbers, since the library has no generate_series(). */
static void
make_numbers(sqlite3 *db, int64_t n)
{
	char *sql CLEANUP(freep) = xasprintf(
	    "CREATE TEMP TABLE numbers (value INTEGER PRIMARY KEY);"
	    "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r"
	    " WHERE i < %" PRId64 ") INSERT INTO numbers SELECT i FROM r",
	    n < 100 ? 100 : n);

	run(db, sql);
}

static void
make_rows(sqlite3 *db, const char *sql, int64_t images)
{
	sqlite3_stmt *q = NULL;
	int64_t from;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		die(db, sql);
	for (from = 1; from <= images; from += BATCH) {
		int64_t to = from + BATCH - 1;

		sqlite3_bind_int64(q, 1, from);
		sqlite3_bind_int64(q, 2, to < images ? to : images);
		sqlite3_bind_int64(q, 3, images);
		if (sqlite3_step(q) != SQLITE_DONE)
			die(db, sql);
		sqlite3_reset(q);
	}
	sqlite3_finalize(q);
}

/* Indexes and triggers come back at the end: sorting is faster. */
static char *
drop_indexes(sqlite3 *db)
{
	struct buf again = BUF_INIT(1 << 20), drop = BUF_INIT(1 << 20);
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db,
		"SELECT type, name, sql FROM main.sqlite_schema"
		" WHERE sql IS NOT NULL AND type IN ('index', 'trigger')",
		-1, &q, NULL) != SQLITE_OK)
		die(db, "indexes");
	buf_addf(&again, " ");
	while (sqlite3_step(q) == SQLITE_ROW) {
		buf_addf(&drop, "DROP %s %s;", sql_text(q, 0), sql_text(q, 1));
		buf_addf(&again, "%s;", sql_text(q, 2));
	}
	sqlite3_finalize(q);
	run(db, drop.len > 0 ? (const char *)drop.data : "");
	buf_release(&drop);
	return (char *)again.data;
}

static void
fill(sqlite3 *db, int64_t images)
{
	char *indexes CLEANUP(freep) = NULL;
	size_t i;

	sqlite3_create_function(db, "pick", 3,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, pick, NULL, NULL);
	sqlite3_create_function(db, "bytes", 3,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, bytes, NULL, NULL);
	run(db,
	    "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;"
	    "PRAGMA foreign_keys=OFF; PRAGMA cache_size=-1000000;"
	    "PRAGMA ignore_check_constraints=ON;"
	    "PRAGMA locking_mode=EXCLUSIVE");
	make_numbers(db, images);
	run(db, "BEGIN");
	indexes = drop_indexes(db);
	run(db, rows_once);
	for (i = 0; i < ARRAY_SIZE(rows_each); i++)
		make_rows(db, rows_each[i], images);
	run(db, rows_last);
	run(db, indexes);
	run(db, "COMMIT; ANALYZE; PRAGMA journal_mode=WAL");
}

/* What prep goes by, from the mark that it left in `like`, if any. */
static void
make_mark(sqlite3 *db, const char *folder, const char *like)
{
	char *sql CLEANUP(freep) = like == NULL
	    ? xstrdup("CREATE TEMP TABLE mark AS SELECT NULL AS recipe,"
		      " 1 AS visit_rule, 1 AS visit_limits")
	    : xasprintf("ATTACH '%s/derived.db' AS derived;"
			"PRAGMA derived.synchronous=OFF;"
			"PRAGMA derived.cache_size=-400000;"
			"ATTACH '%s/derived.db' AS like;"
			"CREATE TEMP TABLE mark AS SELECT * FROM like.complete",
		  folder, like);

	run(db, sql);
}

/* Rows of nothing for what prep would leave; sorted is faster. */
static const char rows_derived[] =
    "INSERT INTO derived.thumb (sha256, width, height, jpeg)"
    " SELECT sha256, 1, 1, x'' FROM blob ORDER BY sha256;"
    "INSERT INTO derived.prepared (sha256, recipe, width, height, jpeg)"
    " SELECT b.sha256, m.recipe, 1, 1, x'' FROM blob b, mark m"
    " ORDER BY b.sha256";

int
main(int argc, char **argv)
{
	int64_t images = argc > 2 ? strtoll(argv[2], NULL, 10) : 1000000;
	char *path CLEANUP(freep) = NULL;
	struct err e;
	sqlite3 *db;

	if (argc < 2 || argc > 5 || images <= 0) {
		fprintf(stderr,
		    "usage: make_catalog FOLDER [IMAGES [SEED [LIKE]]]\n");
		return 2;
	}
	if (argc > 3)
		seed = strtoull(argv[3], NULL, 10);
	if (store_create(argv[1], &e) < 0) {
		fprintf(stderr, "make_catalog: %s\n", e.msg);
		return 1;
	}
	path = xasprintf("%s/catalog.db", argv[1]);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(db, path);
	/* Set later, it would take the tables that are there. */
	run(db, "PRAGMA temp_store=MEMORY");
	make_mark(db, argv[1], argc > 4 ? argv[4] : NULL);
	fill(db, images);
	if (argc > 4)
		run(db, rows_derived);
	sqlite3_close(db);
	return 0;
}
