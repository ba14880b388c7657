/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going back to a copy of the catalog.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/backup_int.h"
#include "store/open_int.h"
#include "store/forget.h"
#include "store/repair.h"

/* Move the catalog's log into it; false where it is too damaged for that. */
static bool
settle_catalog(const char *path)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

	sqlite3_busy_timeout(db, 10000);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(
		    db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_OK;
}

/*
 * Keep the catalog of now under another name, by a second link: at no time
 * is there none.  A log that could not be moved into it is kept as well.
 */
static int
keep_present(struct store *s, struct err *e)
{
	char *path CLEANUP(freep) = xasprintf("%s/catalog.db", s->folder);
	char *log CLEANUP(freep) = xasprintf("%s-wal", path);
	char *kept CLEANUP(freep) = xasprintf("%s/" BACKUP_BEFORE, s->folder);
	char *kept_log CLEANUP(freep) = xasprintf("%s-wal", kept);

	if (access(path, F_OK) != 0)
		return 0;
	unlink(kept);
	unlink(kept_log);
	if (!settle_catalog(path) && link(log, kept_log) != 0 &&
	    errno != ENOENT)
		return err_sys(e, ERR_FATAL, "cannot keep %s", log);
	if (link(path, kept) != 0)
		return err_sys(e, ERR_FATAL, "cannot keep %s", path);
	return file_sync_dir(s->folder, e);
}

/* What must stay forgotten: tombstones, with the salt that they go by. */
static const char carry_over[] = "ATTACH ?1 AS before";
static const char carry_tombstones[] =
    "DELETE FROM main.tombstone WHERE"
    " (SELECT salt FROM main.secret) IS NOT (SELECT salt FROM before.secret)"
    "  AND EXISTS (SELECT 1 FROM before.secret);"
    "INSERT OR REPLACE INTO main.secret SELECT * FROM before.secret;"
    "INSERT INTO main.tombstone (kind, digest, at, actor, why)"
    " SELECT kind, digest, at, actor, why FROM before.tombstone"
    "  WHERE true ON CONFLICT DO NOTHING";

static int
attach_before(struct store *s, const char *path)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, carry_over, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
forget_since(struct store *s, struct err *e)
{
	char *kept CLEANUP(freep) = xasprintf("%s/" BACKUP_BEFORE, s->folder);
	struct forget_report report CLEANUP(forget_report_release) = { 0 };
	bool carried;

	if (access(kept, F_OK) != 0)
		return 0;
	if (store_begin(s, e) < 0)
		return -1;
	store_rollback(s); /* ATTACH is not for transactions */
	carried = attach_before(s, kept) == 0 && store_begin(s, e) == 0 &&
	    sqlite3_exec(s->db, carry_tombstones, NULL, NULL, NULL) ==
		SQLITE_OK &&
	    store_commit(s, e) == 0;
	store_rollback(s);
	sqlite3_exec(s->db, "DETACH before", NULL, NULL, NULL);
	if (!carried)
		log_warn("what was forgotten since the backup cannot be read "
			 "from the catalog of before: forget it again");
	if (forget_again(s, &report, e) < 0)
		return -1;
	if (report.images + report.urls > 0)
		log_info("%lld images and %lld URLs were forgotten since, and "
			 "are forgotten again",
		    (long long)report.images, (long long)report.urls);
	return 0;
}

static int
copy_in(const char *from, const char *to, struct err *e)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(from, &db, SQLITE_OPEN_READONLY, NULL);

	rc = rc == SQLITE_OK
	    ? catalog_copy(db, to, e)
	    : err_set(e, sql_kind(rc), "%s: %s", from, sqlite3_errstr(rc));
	sqlite3_close(db);
	return rc;
}

static int
swap(const char *folder, const char *path, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	char *made CLEANUP(freep) = xasprintf("%s/tmp/catalog.db", folder);

	if (store_take_lock(s, e) < 0 || copy_in(path, made, e) < 0 ||
	    keep_present(s, e) < 0)
		return -1;
	return store_put_catalog(s, made, e);
}

int
backup_restore(const char *folder, const char *path, struct err *e)
{
	struct store *s CLEANUP(store_closep) = NULL;
	struct backup_info info;
	char *fault CLEANUP(freep) = NULL;

	if (backup_verify(path, &info, e) < 0 || swap(folder, path, e) < 0 ||
	    store_open_repair(folder, &s, &fault, e) < 0)
		return -1;
	return forget_since(s, e);
}
