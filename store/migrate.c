/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each step is a script that brings the catalog from one version to the next
 * and says so in user_version, in one transaction.
 */
#include "base/log.h"
#include "store/backup_int.h"
#include "store/migrations.inc"

/* By the version that each starts from. */
static const char *const steps[STORE_VERSION] = {
	[1] = migrate_2_sql,
	[2] = migrate_3_sql,
};

/* What is there from a try that was cut off is made again. */
static int
back_up(struct store *s, int version, struct err *e)
{
	char *name CLEANUP(freep) = xasprintf("catalog.db.version-%d", version);

	if (catalog_backup(s, name, e) < 0)
		return -1;
	log_info("bringing the catalog from version %d to %d; as it was, it "
		 "is kept in %s/%s",
	    version, STORE_VERSION, s->folder, name);
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
