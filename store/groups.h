/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups: images that no split parts.
 */
#ifndef STORE_GROUPS_H
#define STORE_GROUPS_H

#include "store/store.h"

/*
 * Note which component of look-alikes an image is in, by the lowest id among
 * them; in the open transaction.
 */
int sample_component(
    struct store *, int64_t id, int64_t component_id, struct err *);

/* An image of a snapshot, as the audit looks at it. */
struct group_code {
	int64_t id;
	unsigned char sha256[32];
	unsigned char pdq[32];
	int pdq_quality;
	int64_t component_id; /* today; its own id where there is none */
	const char *class;    /* in the snapshot; valid during the call */
	int part;             /* enum part */
	int fold;             /* -1: none */
};
int group_codes(struct store *, int64_t snapshot_id,
    int (*each)(void *ctx, const struct group_code *, struct err *), void *ctx,
    struct err *);

#endif
