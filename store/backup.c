/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/stop.h"
#include "store/backup_int.h"
#include "store/forget.h"

#define PAGES_A_STEP 4096

/* ---- copying ------------------------------------------------------ */

static int
db_err(sqlite3 *db, int rc, const char *path, struct err *e)
{
	return err_set(e, sql_kind(rc), "%s: %s", path,
	    db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(db));
}

/* All pages, in one transaction of the source, looking at stop. */
static int
copy_pages(sqlite3 *from, sqlite3 *to, const char *path, struct err *e)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
	int rc = SQLITE_OK, stopped = 0;

	if (copy == NULL)
		return db_err(to, sqlite3_errcode(to), path, e);
	while (rc == SQLITE_OK && stopped == 0) {
		rc = sqlite3_backup_step(copy, PAGES_A_STEP);
		stopped = stop_check(e);
	}
	sqlite3_backup_finish(copy);
	if (rc == SQLITE_DONE)
		return 0;
	return stopped < 0 ? -1 : db_err(to, rc, path, e);
}

/* One file of its own, without a log beside it. */
static int
settle(sqlite3 *db, const char *path, struct err *e)
{
	int rc =
	    sqlite3_exec(db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_err(db, rc, path, e);
}

int
catalog_copy(sqlite3 *from, const char *path, struct err *e)
{
	sqlite3 *to = NULL;
	int fd CLEANUP(closep) = -1;
	int rc;

	unlink(path);
	rc = sqlite3_open(path, &to);
	/* A transaction that is open keeps it one moment's. */
	if (rc != SQLITE_OK)
		rc = db_err(to, rc, path, e);
	else if (sqlite3_exec(from,
		     "SAVEPOINT copy; SELECT 1 FROM"
		     " sqlite_schema",
		     NULL, NULL, NULL) != SQLITE_OK)
		rc = db_err(from, sqlite3_errcode(from), path, e);
	else {
		rc = copy_pages(from, to, path, e);
		sqlite3_exec(from, "RELEASE copy", NULL, NULL, NULL);
		if (rc == 0)
			rc = settle(to, path, e);
	}
	sqlite3_close(to);
	if (rc < 0) {
		unlink(path);
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || fsync(fd) != 0
	    ? err_sys(e, ERR_FATAL, "cannot sync %s", path)
	    : 0;
}

int
catalog_backup(struct store *s, const char *name, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/%s", s->folder, name);
	char *partial CLEANUP(freep) = xasprintf("%s/tmp/%s", s->folder, name);

	if (catalog_copy(s->db, partial, e) < 0)
		return err_wrap(e, "cannot copy the catalog");
	if (rename(partial, path) != 0)
		return err_sys(e, ERR_FATAL, "cannot rename to %s", path);
	return file_sync_dir(s->folder, e);
}

/* ---- looking at a copy -------------------------------------------- */

static int
number(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return rc == SQLITE_ROW ? 0 : -1;
}

/* "ok" is the one row of a file that is. */
static bool
is_whole(sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	bool ok;

	ok = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &q, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(q, 0), "ok") == 0;
	sqlite3_finalize(q);
	return ok;
}

static int
look(sqlite3 *db, const char *path, struct backup_info *ret, struct err *e)
{
	int64_t id = 0;

	if (number(db, "PRAGMA application_id", &id) < 0 ||
	    number(db, "PRAGMA user_version", &ret->version) < 0)
		return err_set(e, ERR_DAMAGED,
		    "%s cannot be read as a catalog: %s", path,
		    sqlite3_errmsg(db));
	if (id != STORE_APPLICATION_ID || ret->version < 1)
		return err_set(
		    e, ERR_USAGE, "%s is not a griddle catalog", path);
	if (ret->version > STORE_VERSION)
		return err_set(e, ERR_USAGE,
		    "%s was made by a newer griddle (version %lld of the "
		    "catalog; this one knows %d): update griddle",
		    path, (long long)ret->version, STORE_VERSION);
	if (!is_whole(db))
		return err_set(
		    e, ERR_DAMAGED, "%s is damaged: take another backup", path);
	return number(db,
		   "SELECT count(*) FROM sample"
		   " WHERE stage <> 'forgotten'",
		   &ret->images) < 0
	    ? db_err(db, sqlite3_errcode(db), path, e)
	    : 0;
}

int
backup_verify(const char *path, struct backup_info *ret, struct err *e)
{
	sqlite3 *db = NULL;
	struct stat st;
	int rc;

	*ret = (struct backup_info){ 0 };
	if (stat(path, &st) != 0)
		return err_sys(e, ERR_INPUT, "%s", path);
	ret->bytes = st.st_size;
	rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	rc = rc == SQLITE_OK ? look(db, path, ret, e) : db_err(db, rc, path, e);
	sqlite3_close(db);
	return rc;
}

/* ---- making one --------------------------------------------------- */

static int
sync_folder_of(const char *path, struct err *e)
{
	char *folder CLEANUP(freep) = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (slash == NULL)
		return file_sync_dir(".", e);
	slash[slash == folder] = 0;
	return file_sync_dir(folder, e);
}

static int
there_already(const char *path, struct err *e)
{
	return err_set(e, ERR_USAGE,
	    "%s is there already: --force replaces it, if it is a file", path);
}

int
backup_make(struct store *s, const char *path, bool force,
    struct backup_info *ret, struct err *e)
{
	char *partial CLEANUP(freep) =
	    xasprintf("%s.%ld.partial", path, (long)getpid());
	struct stat st;
	int rc;

	if (lstat(path, &st) == 0 && (!force || !S_ISREG(st.st_mode)))
		return there_already(path, e);
	if (catalog_copy(s->db, partial, e) < 0)
		return -1;
	if (backup_verify(partial, ret, e) < 0) {
		unlink(partial);
		return -1;
	}
	rc = renameat2(
	    AT_FDCWD, partial, AT_FDCWD, path, force ? 0 : RENAME_NOREPLACE);
	/* Some file systems have no such rename. */
	if (rc != 0 && errno == EINVAL && !force)
		rc = rename(partial, path);
	if (rc != 0) {
		rc = errno == EEXIST
		    ? there_already(path, e)
		    : err_sys(e, ERR_FATAL, "cannot rename to %s", path);
		unlink(partial);
		return rc;
	}
	return sync_folder_of(path, e);
}
