/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_int: copies of the catalog for whoever is about to change much.
 */
#ifndef STORE_BACKUP_INT_H
#define STORE_BACKUP_INT_H

#include "store/backup.h"
#include "store/store_int.h"

/* A whole database into a new file, durable but for its name. */
int catalog_copy(sqlite3 *from, const char *path, struct err *);

/*
 * The catalog of now into a file of this name beside it, in one step; one
 * that is there is replaced.  For the writer.
 */
int catalog_backup(struct store *, const char *name, struct err *);

#endif
