/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each step is a script that brings the catalog from one version to the next
 * and says so in user_version, in one transaction.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "store/migrations.inc"
#include "store/store_int.h"

/* By the version that each starts from. */
static const char *const steps[STORE_VERSION] = {
	[1] = migrate_2_sql,
};

static int
copy_database(struct store *s, const char *path, struct err *e)
{
	sqlite3 *to = NULL;
	sqlite3_backup *copy = NULL;
	int rc = sqlite3_open(path, &to);

	if (rc == SQLITE_OK)
		copy = sqlite3_backup_init(to, "main", s->db, "main");
	if (copy != NULL) {
		sqlite3_backup_step(copy, -1);
		sqlite3_backup_finish(copy);
		rc = sqlite3_errcode(to);
	}
	if (rc != SQLITE_OK || copy == NULL)
		err_set(e, ERR_DAMAGED, "%s: cannot copy the catalog: %s", path,
		    sqlite3_errmsg(to));
	sqlite3_close(to);
	return rc == SQLITE_OK && copy != NULL ? 0 : -1;
}

/* What is there from a try that was cut off is made again. */
static int
back_up(struct store *s, int version, struct err *e)
{
	char *path CLEANUP(freep) =
	    xasprintf("%s/catalog.db.version-%d", s->folder, version);
	char *partial CLEANUP(freep) =
	    xasprintf("%s/tmp/catalog.db.version-%d", s->folder, version);

	if (copy_database(s, partial, e) < 0)
		return -1;
	if (rename(partial, path) != 0)
		return err_sys(e, ERR_DAMAGED, "%s", path);
	if (file_sync_dir(s->folder, e) < 0)
		return -1;
	log_info("bringing the catalog from version %d to %d; as it was, it "
		 "is kept in %s",
	    version, STORE_VERSION, path);
	return 0;
}

int
store_migrate(struct store *s, int version, struct err *e)
{
	if (version >= STORE_VERSION)
		return 0;
	if (version < 1)
		return err_set(e, ERR_DAMAGED,
		    "%s/catalog.db says that it is of version %d, which there "
		    "never was: restore a backup",
		    s->folder, version);
	if (back_up(s, version, e) < 0)
		return -1;
	for (; version < STORE_VERSION; version++)
		if (sql_script(s, steps[version], e) < 0)
			return err_wrap(e,
			    "the catalog cannot be brought to version %d",
			    version + 1);
	return 0;
}
