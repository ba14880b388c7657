/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair: what check finds, mended as far as that can be done.
 *
 * Nothing that a person decided is ever deleted, and no byte is: a damaged
 * blob goes to quarantine/, its sample is lost until the URL gives the same
 * bytes again, and keeps its labels meanwhile.
 */
#ifndef STORE_REPAIR_H
#define STORE_REPAIR_H

#include "store/check.h"

#define REPAIR_BEFORE "catalog.db.before-repair"

struct repair_counts {
	int64_t images, decided, changes, urls, lost;
};

struct repair_report {
	struct repair_counts before, after;
	int64_t mended; /* lines told */
};

/*
 * Open for repair_run(), putting a damaged derived.db aside; *ret_fault says
 * what was wrong with it (the caller frees), or is NULL.
 */
int store_open_repair(
    const char *folder, struct store **ret, char **ret_fault, struct err *);

/*
 * Tell each thing that is done as a line.  The catalog is first copied to
 * REPAIR_BEFORE.  ERR_DAMAGED when the catalog itself is beyond a repair.
 */
int repair_run(struct store *, check_line_fn *, void *ctx,
    struct repair_report *ret, struct err *);

#endif
