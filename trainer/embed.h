/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: the vectors of a snapshot's images.
 *
 * A vector is made once for an image, a recipe and a kind of features, and
 * kept in the store; a second training reads it back.
 */
#ifndef TRAINER_EMBED_H
#define TRAINER_EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "store/store.h"

/* Gets the pixels of image i: interleaved 8-bit RGB, borrowed. */
typedef int embed_each_fn(void *ctx, size_t i, const uint8_t *rgb, int width,
    int height, struct err *);

/*
 * Where pixels come from, which is not this room's business: gives each of
 * the n prepared images to `each`, in any order.
 */
typedef int embed_pixels_fn(void *source,
    const unsigned char (*sha256)[SHA256_SIZE], size_t n, embed_each_fn *each,
    void *ctx, struct err *);

/* The rows of a snapshot, sorted by SHA-256; owned. */
struct dataset {
	float *x; /* n x d */
	int32_t *labels;
	uint8_t *parts; /* enum train_part */
	unsigned char (*sha256)[SHA256_SIZE];
	size_t n, d, k;
	char **classes; /* k, sorted by name */
};
void dataset_release(struct dataset *);

/*
 * Load a snapshot under a recipe (its hash), making the vectors that are
 * missing; store_commit() keeps those.  ERR_INPUT where an image has no
 * prepared pixels.
 */
int dataset_load(struct store *, int64_t snapshot_id,
    const unsigned char recipe[32], embed_pixels_fn *, void *source,
    struct dataset *ret, struct err *);

#endif
