/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage: from the catalog through visits and back into the catalog, in
 * small transactions.
 */
#include "prep/prep.h"

#include <string.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "store/samples.h"
#include "store/store.h"

#define BATCH_ROWS 256
#define IN_HAND 512 /* more than a pool has children */

/* What is known of an image whose visit is not over. */
struct waiting {
	bool used;
	struct sample_ref sample;
};

struct stage {
	struct store *store;
	const struct recipe *recipe;
	int64_t after_id; /* the last that was taken */
	struct waiting waiting[IN_HAND];
	struct prep_stats stats;
	struct progress progress;
	int rows;            /* in the open transaction */
	int64_t prepared_to_count, refused_to_count;
};

