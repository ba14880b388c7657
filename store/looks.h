/* SPDX-License-Identifier: Apache-2.0 */
/*
 * looks: how prepared images look to dedup, beside the codes in the catalog.
 *
 * They are kept by content hash in derived.db, and a visit makes again what
 * is missing there.
 */
#ifndef STORE_LOOKS_H
#define STORE_LOOKS_H

#include "store/store.h"

#define LOOK_TURNS 7 /* other than the picture as it is */
#define LOOK_SIDE 48 /* pixels, of the small grey picture */

/* Of one picture. */
struct look_view {
	/* The PDQ of turn i + 1: see pdq_turns_of_rgb() in dedup/pdq.h. */
	unsigned char turned[LOOK_TURNS][32];
	/* Row by row; its aspect is not kept. */
	unsigned char gray[LOOK_SIDE * LOOK_SIDE];
};

struct look {
	struct look_view whole;
	bool trimmed;          /* it has a border, */
	struct look_view trim; /* and this is the picture without it */
};

/*
 * Keep the look of an image; replaces an old one.  It stands in the store's
 * open transaction.
 */
int look_put(struct store *, const unsigned char sha256[SHA256_SIZE],
    const struct look *, struct err *);

/* The look of a prepared sample; 1, 0 when there is none, or -1. */
int look_get(struct store *, int64_t sample_id, struct look *ret, struct err *);

/* Of every prepared sample after after_id that has one, in order. */
int look_each(struct store *, int64_t after_id,
    int (*each)(
	void *ctx, int64_t sample_id, const struct look *, struct err *),
    void *ctx, struct err *);

#endif
