/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Catalogs of older versions are brought up to date, and end as a fresh one
 * is; tests/catalog_N.sql are the schemas as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/check.h"
#include "store/store_int.h"

#define OLDEST 1

struct place {
	char old[64], fresh[64];
	struct err e;
};

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->old, "/tmp/griddle-old-XXXXXX");
	strcpy(p->fresh, "/tmp/griddle-fresh-XXXXXX");
	assert_non_null(mkdtemp(p->old));
	assert_non_null(mkdtemp(p->fresh));
	assert_int_equal(store_create(p->fresh, &p->e), 0);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	nftw(p->old, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	nftw(p->fresh, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static sqlite3 *
open_catalog(const char *folder, const char *name)
{
	char path[256];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static void
run_sql(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
}

/* A catalog as version n made it, with an image that was prepared by it. */
static void
make_old(struct place *p, int version)
{
	struct buf schema CLEANUP(buf_release) = BUF_INIT(1 << 20);
	const char *srcdir = getenv("srcdir");
	char path[512];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/tests/catalog_%d.sql",
	    srcdir == NULL ? "." : srcdir, version);
	if (file_read(path, &schema, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	db = open_catalog(p->old, "catalog.db");
	run_sql(db, (const char *)schema.data);
	run_sql(db,
	    "INSERT INTO class (name) VALUES ('cat');"
	    "INSERT INTO blob (sha256, bytes, added)"
	    " VALUES (zeroblob(32), 3, 1);"
	    "INSERT INTO op (at, actor, verb) VALUES (1, 'me', 'label')");
	/* The first version kept another digest, and names in its log. */
	run_sql(db,
	    version == 1
		? "INSERT INTO sample (blob_id, stage, format, width, height,"
		  " pixel_sha256, pdq, pdq_quality, claimed_id) VALUES"
		  " (1, 'prepared', 'png', 10, 10, zeroblob(32), zeroblob(32),"
		  " 100, 1);"
		  "INSERT INTO change (op_id, sample_id, field, old, new)"
		  " VALUES (1, 1, 'label', NULL, 'cat')"
		: "INSERT INTO sample (blob_id, stage, format, width, height,"
		  " pixel_digest, pdq, pdq_quality, claimed_id) VALUES"
		  " (1, 'prepared', 'png', 10, 10, zeroblob(16), zeroblob(32),"
		  " 100, 1);"
		  "INSERT INTO change (op_id, sample_id, field, old, new)"
		  " VALUES (1, 1, 'label', NULL, 1)");
	sqlite3_close(db);
}

/* All names, types and flags of the columns of all tables, as one text. */
static char *
columns_of(const char *folder)
{
	sqlite3 *db = open_catalog(folder, "catalog.db");
	sqlite3_stmt *q;
	char *text;

	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT group_concat(line, char(10)) FROM (SELECT s.type || ' '"
		" || s.name || ' ' || coalesce(c.name || ' ' || c.type || ' '"
		" || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '-'), '')"
		" AS line FROM sqlite_schema s LEFT JOIN"
		" pragma_table_xinfo(s.name) c WHERE s.name NOT GLOB"
		" 'sqlite_stat*' ORDER BY s.type, s.name, c.name)",
		-1, &q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	text = xstrdup((const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	sqlite3_close(db);
	return text;
}

static int64_t
number_in(const char *folder, const char *name, const char *sql)
{
	sqlite3 *db = open_catalog(folder, name);
	sqlite3_stmt *q;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void
an_old_catalog_becomes_what_a_fresh_one_is(void **state)
{
	struct place *p = *state;
	char *fresh CLEANUP(freep) = columns_of(p->fresh);
	char *migrated CLEANUP(freep) = NULL;
	struct store *s = NULL;
	int version;

	for (version = OLDEST; version < STORE_VERSION; version++) {
		make_old(p, version);
		if (store_open(p->old, STORE_WRITE, &s, &p->e) < 0)
			fail_msg("%s", p->e.msg);
		store_close(s);
		free(migrated);
		migrated = columns_of(p->old);
		assert_string_equal(migrated, fresh);
		assert_int_equal(number_in(p->old, "catalog.db",
				     "SELECT count(*) FROM sample"
				     " WHERE claimed_id = 1"),
		    1);
		/* The log named classes once; ids do not change. */
		assert_int_equal(number_in(p->old, "catalog.db",
				     "SELECT count(*) FROM change WHERE"
				     " new = 1 AND old IS NULL"),
		    1);
		assert_int_equal(
		    number_in(p->old, "catalog.db", "PRAGMA user_version"),
		    STORE_VERSION);
		teardown(state);
		setup(state);
		p = *state;
	}
}

static void
a_copy_of_it_is_kept_as_it_was(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;

	make_old(p, 1);
	assert_int_equal(store_open(p->old, STORE_READ, &s, &p->e), 0);
	store_close(s);
	assert_int_equal(
	    number_in(p->old, "catalog.db.version-1", "PRAGMA user_version"),
	    1);
	assert_int_equal(number_in(p->old, "catalog.db.version-1",
			     "SELECT count(*) FROM sample"),
	    1);
}

/* A reader needs the lock for it, and leaves all as it is without. */
static void
a_catalog_in_use_is_not_migrated(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	char path[128];
	int fd;

	make_old(p, 1);
	snprintf(path, sizeof(path), "%s/lock", p->old);
	fd = open(path, O_RDWR | O_CREAT, 0666);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(store_open(p->old, STORE_READ, &s, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_BUSY);
	close(fd);
	assert_int_equal(
	    number_in(p->old, "catalog.db", "PRAGMA user_version"), 1);
}

static void
a_version_that_never_was_is_refused(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	sqlite3 *db = open_catalog(p->fresh, "catalog.db");

	run_sql(db, "PRAGMA user_version = 0");
	sqlite3_close(db);
	assert_int_equal(store_open(p->fresh, STORE_WRITE, &s, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_DAMAGED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_old_catalog_becomes_what_a_fresh_one_is),
		TEST(a_copy_of_it_is_kept_as_it_was),
		TEST(a_catalog_in_use_is_not_migrated),
		TEST(a_version_that_never_was_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
