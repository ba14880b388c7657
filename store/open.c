/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, opening and closing a workspace, and its transactions.
 */
#include "store/open_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/forget_int.h"
#include "store/schema.inc"

static int
configure(struct store *s, enum store_mode mode, struct err *e)
{
	int on;

	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, 10000);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &on);
	if (mode == STORE_READ) {
		sqlite3_db_config(
		    s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &on);
		return sql_script(s,
		    "PRAGMA query_only=1; PRAGMA cache_size=-16384;"
		    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY",
		    e);
	}
	return sql_script(s,
	    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
	    /* 64 MB, as below: what changes often is copied once. */
	    "PRAGMA wal_autocheckpoint=8192;"
	    "PRAGMA journal_size_limit=67108864;"
	    "PRAGMA cell_size_check=ON;"
	    /* What a step is to change: see curate_int.h. */
	    "CREATE TEMP TABLE picked (sample_id INTEGER NOT NULL,"
	    " field TEXT NOT NULL, value ANY, PRIMARY KEY (sample_id, field))"
	    " STRICT, WITHOUT ROWID;"
	    "CREATE TEMP TABLE picked_class (class_id INTEGER NOT NULL,"
	    " field TEXT NOT NULL, value ANY, PRIMARY KEY (class_id, field))"
	    " STRICT, WITHOUT ROWID",
	    e);
}

/* The version of the catalog, which this program knows. */
static int
check_identity(struct store *s, struct err *e)
{
	int64_t id, version;

	if (sql_query_int(s, "PRAGMA main.application_id", &id, e) < 0 ||
	    sql_query_int(s, "PRAGMA main.user_version", &version, e) < 0)
		return -1;
	if (id != STORE_APPLICATION_ID)
		return err_set(e, ERR_USAGE,
		    "%s/catalog.db is not a griddle catalog", s->folder);
	if (version > STORE_VERSION)
		return err_set(e, ERR_USAGE,
		    "%s/catalog.db was made by a newer griddle (version %lld "
		    "of the catalog; this one knows %d): update griddle",
		    s->folder, (long long)version, STORE_VERSION);
	return (int)version;
}

/* SQLite does not make it: the catalog was opened as one that is there. */
static int
make_derived(const char *path, enum store_mode mode, struct err *e)
{
	int fd;

	if (mode == STORE_READ && access(path, F_OK) != 0)
		return err_set(e, ERR_INPUT,
		    "%s is not there; it can be remade: run griddle prep",
		    path);
	if (mode == STORE_READ)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	close(fd);
	return 0;
}

/*
 * On a file system that nobody can write to, and without a log, the file is
 * all there is; SQLite would want to make a log beside it.
 */
static bool
never_changes(const char *path)
{
	char *log CLEANUP(freep) = xasprintf("%s-wal", path);
	struct statvfs fs;
	struct stat st;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0 &&
	    (stat(log, &st) != 0 || st.st_size == 0);
}

/* What SQLite is to open, for a reader: a path, or a URI that tells more. */
static char *
name_for_reader(const char *path)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4 * PATH_MAX);
	const char *p;

	if (!never_changes(path))
		return xstrdup(path);
	for (p = path; *p != 0; p++)
		if (strchr("%?#", *p) != NULL)
			buf_addf(&b, "%%%02X", (unsigned)*p);
		else
			buf_addf(&b, "%c", *p);
	return xasprintf("file:%s?immutable=1", (const char *)b.data);
}

int
store_attach_derived(struct store *s, enum store_mode mode, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/derived.db", s->folder);
	char *name CLEANUP(freep) = NULL;
	sqlite3_stmt *q = NULL;
	int64_t version;
	int rc;

	if (make_derived(path, mode, e) < 0)
		return -1;
	name = mode == STORE_READ ? name_for_reader(path) : xstrdup(path);
	rc = sqlite3_prepare_v2(s->db, "ATTACH ?1 AS derived", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE)
		sql_err(s, e, "ATTACH derived.db");
	if (rc != SQLITE_DONE ||
	    sql_query_int(s, "PRAGMA derived.user_version", &version, e) < 0)
		return err_wrap(e,
		    "derived.db is damaged; it can be remade: "
		    "remove it and run griddle prep");
	if (mode == STORE_READ)
		return 0;
	if (version == DERIVED_VERSION)
		return 0;
	if (sql_script(s,
		"PRAGMA derived.page_size=8192;"
		"PRAGMA derived.journal_mode=WAL",
		e) < 0)
		return -1;
	return sql_script(s, derived_sql, e);
}

static int
open_db(struct store *s, const char *path, enum store_mode mode, int flags,
    struct err *e)
{
	char *name CLEANUP(freep) =
	    mode == STORE_READ ? name_for_reader(path) : xstrdup(path);

	/* One thread has it, and nobody asks how much memory it takes. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(name, &s->db,
		flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		return sql_err(s, e, "open");
	return configure(s, mode, e);
}

struct store *
store_new(const char *folder)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->folder = xstrdup(folder);
	s->lock_fd = -1;
	s->blobs.tmp_fd = -1;
	s->blobs.folder_fd = -1;
	s->forgets = -1;
	return s;
}

/* Let go of the database, not of the lock. */
void
store_close_db(struct store *s)
{
	size_t i;

	store_rollback(s);
	for (i = 0; i < Q_COUNT; i++) {
		sqlite3_finalize(s->stmts[i]);
		s->stmts[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

/* ---- making ------------------------------------------------------- */

/* A catalog that is put in its place must not find another one's log. */
static int
drop_logs(const struct store *s, struct err *e)
{
	static const char *const ends[] = { "-wal", "-shm" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		char *path CLEANUP(freep) =
		    xasprintf("%s/catalog.db%s", s->folder, ends[i]);

		if (unlink(path) != 0 && errno != ENOENT)
			return err_sys(e, ERR_FATAL, "cannot remove %s", path);
	}
	return 0;
}

/*
 * A making by an older griddle that was killed leaves a database without a
 * table, which goes, and so does its log.
 */
static int
check_empty(struct store *s, const char *path, struct err *e)
{
	int64_t tables = 0;

	if (access(path, F_OK) != 0)
		return 0;
	if (open_db(s, path, STORE_WRITE, SQLITE_OPEN_READWRITE, e) < 0 ||
	    sql_query_int(s, "SELECT count(*) FROM sqlite_schema", &tables, e) <
		0)
		return -1;
	store_close_db(s);
	if (tables > 0)
		return err_set(
		    e, ERR_USAGE, "%s is a workspace already", s->folder);
	return drop_logs(s, e);
}

int
store_put_catalog(struct store *s, const char *made, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/catalog.db", s->folder);
	int fd CLEANUP(closep) = open(made, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return err_sys(e, ERR_FATAL, "cannot sync %s", made);
	if (drop_logs(s, e) < 0)
		return -1;
	if (rename(made, path) != 0)
		return err_sys(e, ERR_FATAL, "cannot rename to %s", path);
	return file_sync_dir(s->folder, e);
}

static int
fill_catalog(struct store *s, const struct strlist *classes, struct err *e)
{
	int64_t id;
	size_t i;

	if (sql_script(s, schema_sql, e) < 0 ||
	    store_attach_derived(s, STORE_WRITE, e) < 0 ||
	    store_begin(s, e) < 0)
		return -1;
	for (i = 0; i < classes->n; i++)
		if (class_id(s, classes->v[i], &id, e) < 0)
			return -1;
	return store_commit(s, e);
}

/* In tmp/, from where it is renamed to its place. */
static int
make_catalog(struct store *s, const struct strlist *classes, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/catalog.db", s->folder);
	char *made CLEANUP(freep) = xasprintf("%s/tmp/catalog.db", s->folder);
	char *log CLEANUP(freep) = xasprintf("%s-wal", made);

	if (check_empty(s, path, e) < 0 ||
	    open_db(s, made, STORE_WRITE,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e) < 0 ||
	    fill_catalog(s, classes, e) < 0)
		return -1;
	store_close_db(s);
	/* Closing moves it into the file, or what hindered it is told here. */
	if (access(log, F_OK) == 0)
		return err_set(e, ERR_DAMAGED,
		    "%s cannot be finished: is the disk full?", made);
	return store_put_catalog(s, made, e);
}

int
store_create_with(
    const char *folder, const struct strlist *classes, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	char *blobs CLEANUP(freep) = xasprintf("%s/blobs", folder);
	char *models CLEANUP(freep) = xasprintf("%s/models", folder);

	if (file_make_dirs(folder, e) < 0 || store_take_lock(s, e) < 0 ||
	    file_make_dirs(blobs, e) < 0 || file_make_dirs(models, e) < 0)
		return -1;
	return make_catalog(s, classes, e);
}

int
store_create(const char *folder, struct err *e)
{
	return store_create_with(folder, &(const struct strlist){ 0 }, e);
}

/* ---- opening ------------------------------------------------------ */

int
store_open_catalog(struct store *s, enum store_mode mode, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/catalog.db", s->folder);
	int version;

	if (mode == STORE_WRITE && store_take_lock(s, e) < 0)
		return -1;
	if (open_db(s, path, mode,
		mode == STORE_WRITE ? SQLITE_OPEN_READWRITE
				    : SQLITE_OPEN_READONLY,
		e) < 0)
		return -1;
	version = check_identity(s, e);
	if (version < 0)
		return -1;
	if (version < STORE_VERSION && mode == STORE_READ)
		return STORE_NEEDS_MIGRATION;
	return store_migrate(s, version, e);
}

static int
open_store(
    const char *folder, enum store_mode mode, struct store **ret, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	int64_t bytes;
	int rc = store_open_catalog(s, mode, e);

	if (rc != 0)
		return rc;
	if (store_attach_derived(s, mode, e) < 0 ||
	    /* What a forgetting that was cut off has left to do. */
	    (mode == STORE_WRITE &&
		(unlink_drain(s, &bytes, e) < 0 || blob_recover(s, e) < 0)))
		return -1;
	*ret = TAKE(s);
	return 0;
}

int
store_open(
    const char *folder, enum store_mode mode, struct store **ret, struct err *e)
{
	struct store *writer = NULL;
	int rc = open_store(folder, mode, ret, e);

	if (rc != STORE_NEEDS_MIGRATION)
		return rc;
	if (open_store(folder, STORE_WRITE, &writer, e) < 0)
		return err_wrap(e, "the catalog is to be brought up to date");
	store_close(writer);
	return open_store(folder, mode, ret, e);
}

/*
 * Let SQLite look at tables that have grown much, at 400 rows of an index;
 * without it nothing is wrong, only slower.
 */
static void
optimize(struct store *s)
{
	sqlite3_exec(s->db,
	    "PRAGMA main.analysis_limit=400; PRAGMA main.optimize", NULL, NULL,
	    NULL);
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_rollback(s);
	if (s->lock_fd >= 0 && s->db != NULL)
		optimize(s);
	store_close_db(s);
	blob_close(s);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->folder);
	free(s);
}

const char *
store_folder(const struct store *s)
{
	return s->folder;
}

int
store_begin(struct store *s, struct err *e)
{
	if (s->in_tx)
		return 0;
	if (sql_script(s, "BEGIN IMMEDIATE", e) < 0)
		return -1;
	s->in_tx = true;
	s->begun_ms = clock_ms();
	return 0;
}

int
store_commit(struct store *s, struct err *e)
{
	if (!s->in_tx)
		return 0;
	if (blob_flush(s, e) < 0 || sql_script(s, "COMMIT", e) < 0) {
		store_rollback(s);
		return -1;
	}
	blob_drop(s);
	s->in_tx = false;
	return 0;
}

void
store_rollback(struct store *s)
{
	blob_drop(s);
	if (s->in_tx)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->in_tx = false;
	s->forgets = -1; /* a salt may have gone with it */
}

int
store_commit_if_due(struct store *s, struct err *e)
{
	if (!s->in_tx ||
	    (s->blobs.n_puts < STORE_BATCH_PUTS &&
		clock_ms() - s->begun_ms < STORE_BATCH_MS))
		return 0;
	return store_commit(s, e);
}
