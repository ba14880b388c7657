/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_int: the parts of opening a workspace, for those that open it to mend
 * it.
 */
#ifndef STORE_OPEN_INT_H
#define STORE_OPEN_INT_H

#include "store/store_int.h"

/* A store without a database yet; let go of its database. */
struct store *store_new(const char *folder);
void store_close_db(struct store *);
#define STORE_NEEDS_MIGRATION 1 /* which a reader cannot do */
int store_open_catalog(struct store *, enum store_mode, struct err *);
int store_attach_derived(struct store *, enum store_mode, struct err *);
/* A catalog, without a log, that was made elsewhere into its place. */
int store_put_catalog(struct store *, const char *made, struct err *);
/* lock.c: be the one writer, on a disk that can take it; empty tmp/. */
int store_take_lock(struct store *, struct err *);

#endif
