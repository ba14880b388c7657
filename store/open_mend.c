/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening for check and repair, which put up with a derived.db that is
 * damaged.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/check.h"
#include "store/forget_int.h"
#include "store/open_int.h"
#include "store/repair.h"

/* Attach what is derived; its fault, which the caller frees, or NULL. */
static char *
try_derived(struct store *s, enum store_mode mode)
{
	struct err why = { 0 };
	sqlite3_stmt *q = NULL;
	char *fault = NULL;

	if (store_attach_derived(s, mode, &why) < 0) {
		sqlite3_exec(s->db, "DETACH derived", NULL, NULL, NULL);
		return xstrdup(why.msg);
	}
	if (sqlite3_prepare_v2(s->db, "PRAGMA derived.quick_check(1)", -1, &q,
		NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		fault = xasprintf("derived.db: %s", sqlite3_errmsg(s->db));
	else if (strcmp(sql_text(q, 0), "ok") != 0)
		fault = xasprintf("derived.db: %s", sql_text(q, 0));
	sqlite3_finalize(q);
	return fault;
}

int
store_open_check(
    const char *folder, struct store **ret, char **ret_fault, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	int rc = store_open_catalog(s, STORE_READ, e);

	if (rc < 0)
		return -1;
	if (rc == STORE_NEEDS_MIGRATION)
		return err_set(e, ERR_USAGE,
		    "%s/catalog.db is of an older version: any other command "
		    "brings it up to date",
		    folder);
	*ret_fault = try_derived(s, STORE_READ);
	*ret = TAKE(s);
	return 0;
}

/* Into quarantine/, with a number that is free; -wal and -shm go with it. */
static int
put_derived_aside(struct store *s, struct err *e)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char *folder CLEANUP(freep) = xasprintf("%s/quarantine", s->folder);
	int64_t now = clock_now();
	size_t i;

	if (file_make_dirs(folder, e) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		char *from CLEANUP(freep) =
		    xasprintf("%s/derived.db%s", s->folder, ends[i]);
		char *to CLEANUP(freep) = xasprintf(
		    "%s/derived.db.%lld%s", folder, (long long)now, ends[i]);

		if (rename(from, to) != 0 && errno != ENOENT)
			return err_sys(e, ERR_FATAL, "cannot move %s", from);
	}
	return file_sync_dir(s->folder, e);
}

int
store_open_repair(
    const char *folder, struct store **ret, char **ret_fault, struct err *e)
{
	struct store *s CLEANUP(store_closep) = store_new(folder);
	int64_t bytes;

	if (store_open_catalog(s, STORE_WRITE, e) < 0)
		return -1;
	*ret_fault = try_derived(s, STORE_WRITE);
	if (*ret_fault != NULL) {
		sqlite3_exec(s->db, "DETACH derived", NULL, NULL, NULL);
		if (put_derived_aside(s, e) < 0 ||
		    store_attach_derived(s, STORE_WRITE, e) < 0)
			return -1;
	}
	if (unlink_drain(s, &bytes, e) < 0)
		return -1;
	*ret = TAKE(s);
	return 0;
}
