/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, opening and closing a workspace, and its transactions.
 */
#include "store/store_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/schema.inc"

/* linux/magic.h has some of them only. */
#define NFS_MAGIC 0x6969
#define SMB_MAGIC 0x517b
#define SMB2_MAGIC 0xfe534d42
#define CIFS_MAGIC 0xff534d42

#define NEEDS_MIGRATION 1 /* what a reader cannot do */

/* WAL needs shared memory between processes of one machine. */
static int
refuse_network(const char *folder, struct err *e)
{
	struct statfs fs;
	unsigned long type;

	if (statfs(folder, &fs) != 0)
		return err_sys(e, ERR_FATAL, "%s", folder);
	type = (unsigned long)fs.f_type & 0xffffffff;
	if (type == NFS_MAGIC || type == SMB_MAGIC || type == SMB2_MAGIC ||
	    type == CIFS_MAGIC)
		return err_set(e, ERR_USAGE,
		    "%s is on a network file system, where SQLite cannot "
		    "keep a catalog safe: choose a local folder",
		    folder);
	return 0;
}

static int
take_lock(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/lock", s->folder);
	char holder[32] = "";
	ssize_t got;

	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (s->lock_fd < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, ERR_FATAL, "%s", path);
		got = read(s->lock_fd, holder, sizeof(holder) - 1);
		holder[got > 0 ? got : 0] = 0;
		return err_set(e, ERR_BUSY,
		    "%s: another run holds the workspace (process %.*s)",
		    s->folder, (int)strcspn(holder, "\n"), holder);
	}
	/* For people only: the kernel knows who holds it. */
	snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
	if (ftruncate(s->lock_fd, 0) != 0 ||
	    pwrite(s->lock_fd, holder, strlen(holder), 0) < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	return 0;
}

static int
empty_tmp(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/tmp", s->folder);
	struct dirent *entry;
	DIR *dir;

	if (file_make_dirs(path, e) < 0)
		return -1;
	dir = opendir(path);
	if (dir == NULL)
		return err_sys(e, ERR_FATAL, "%s", path);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return 0;
}

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
		    "PRAGMA query_only=1;"
		    "PRAGMA temp_store=MEMORY",
		    e);
	}
	return sql_script(s,
	    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
	    "PRAGMA journal_size_limit=67108864;"
	    "PRAGMA cell_size_check=ON",
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

static int
attach_derived(struct store *s, enum store_mode mode, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/derived.db", s->folder);
	sqlite3_stmt *q = NULL;
	int64_t version;
	int rc;

	if (make_derived(path, mode, e) < 0)
		return -1;
	rc = sqlite3_prepare_v2(s->db, "ATTACH ?1 AS derived", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC);
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
open_db(struct store *s, enum store_mode mode, int flags, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/catalog.db", s->folder);

	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return sql_err(s, e, "open");
	return configure(s, mode, e);
}

static struct store *
store_new(const char *folder)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->folder = xstrdup(folder);
	s->lock_fd = -1;
	return s;
}

/* A making that was killed leaves a database without a table: go on. */
static int
check_empty(struct store *s, struct err *e)
{
	int64_t tables;

	if (sql_query_int(s, "SELECT count(*) FROM sqlite_schema", &tables, e) <
	    0)
		return -1;
	if (tables > 0)
		return err_set(
		    e, ERR_USAGE, "%s is a workspace already", s->folder);
	return 0;
}

int
store_create(const char *folder, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	char *blobs CLEANUP(freep) = xasprintf("%s/blobs", folder);
	char *models CLEANUP(freep) = xasprintf("%s/models", folder);

	if (file_make_dirs(folder, e) < 0 || refuse_network(folder, e) < 0 ||
	    take_lock(s, e) < 0)
		return -1;
	if (file_make_dirs(blobs, e) < 0 || file_make_dirs(models, e) < 0 ||
	    empty_tmp(s, e) < 0 ||
	    open_db(s, STORE_WRITE, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		e) < 0 ||
	    check_empty(s, e) < 0 || sql_script(s, schema_sql, e) < 0 ||
	    attach_derived(s, STORE_WRITE, e) < 0)
		return -1;
	/* SQLite syncs its files, but not the names of new ones. */
	return file_sync_dir(folder, e);
}

static int
open_store(
    const char *folder, enum store_mode mode, struct store **ret, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	int version;

	if (mode == STORE_WRITE &&
	    (refuse_network(folder, e) < 0 || take_lock(s, e) < 0 ||
		empty_tmp(s, e) < 0))
		return -1;
	if (open_db(s, mode,
		mode == STORE_WRITE ? SQLITE_OPEN_READWRITE
				    : SQLITE_OPEN_READONLY,
		e) < 0)
		return -1;
	version = check_identity(s, e);
	if (version < 0)
		return -1;
	if (version < STORE_VERSION && mode == STORE_READ)
		return NEEDS_MIGRATION;
	if (store_migrate(s, version, e) < 0 || attach_derived(s, mode, e) < 0)
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

	if (rc != NEEDS_MIGRATION)
		return rc;
	if (open_store(folder, STORE_WRITE, &writer, e) < 0)
		return err_wrap(e, "the catalog is to be brought up to date");
	store_close(writer);
	return open_store(folder, mode, ret, e);
}

void
store_close(struct store *s)
{
	size_t i;

	if (s == NULL)
		return;
	store_rollback(s);
	for (i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(s->stmts[i]);
	sqlite3_close(s->db);
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
}

int
store_commit_if_due(struct store *s, struct err *e)
{
	if (!s->in_tx ||
	    (s->n_puts < STORE_BATCH_PUTS &&
		clock_ms() - s->begun_ms < STORE_BATCH_MS))
		return 0;
	return store_commit(s, e);
}
