/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: copies of the catalog, and going back to one.
 *
 * A copy is one file that holds the catalog as it was at one moment, whoever
 * writes meanwhile.  Blobs are files that never change: copied after the
 * catalog, by any program, they are all that the copy speaks of.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

struct backup_info {
	int64_t version, images, bytes; /* bytes: of the file itself */
};

/*
 * Copy the catalog into a file: written beside it, checked, durable, and
 * renamed.  For a reader too.  ERR_USAGE when it is there, unless `force`.
 */
int backup_make(struct store *, const char *path, bool force,
    struct backup_info *ret, struct err *);

/* Is it whole, and a catalog that this program can open? */
int backup_verify(const char *path, struct backup_info *ret, struct err *);

#define BACKUP_BEFORE "catalog.db.before-restore"

/*
 * Put a copy in the catalog's place; the catalog of now is kept beside it as
 * BACKUP_BEFORE.  What was forgotten since stays forgotten, as far as the
 * catalog of now can be read.  ERR_BUSY while another run holds the
 * workspace.
 */
int backup_restore(const char *folder, const char *path, struct err *);

#endif
