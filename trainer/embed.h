/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: the vectors of a snapshot's images.
 *
 * A vector is made once for an image, a recipe and a kind of features, and
 * kept in the store; a second training reads it back.  So it is for copies of
 * training images that were changed at random (augmented).
 */
#ifndef TRAINER_EMBED_H
#define TRAINER_EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "store/samples.h"
#include "trainer/vectors.h"

/* Gets the pixels of image i: interleaved 8-bit RGB, borrowed. */
typedef int embed_each_fn(void *ctx, size_t i, const uint8_t *rgb, int width,
    int height, struct err *);

/*
 * Where pixels come from, which is not this room's business: gives each of
 * the n pictures to `each`, in any order.
 */
typedef int embed_pixels_fn(void *source, const struct picture_ref *, size_t n,
    embed_each_fn *each, void *ctx, struct err *);

/* How many copies each training image is to have, and which. */
struct embed_copies {
	int64_t n;
	unsigned char augment[SHA256_SIZE]; /* the augmentation's hash */
	int64_t seed;
};

/*
 * The rows of a snapshot, sorted by SHA-256; owned.  The copies of an image
 * follow it, with its label, part and SHA-256: who shares rows out anew, by
 * folds say, keeps those of one SHA-256 together.
 */
struct dataset {
	float *x; /* n x d */
	int32_t *labels;
	uint8_t *parts; /* enum train_part */
	unsigned char (*sha256)[SHA256_SIZE];
	int32_t *copies; /* from 1; 0: the image itself */
	size_t n, d, k;
	char **classes;       /* k, sorted by name */
	float *class_weights; /* k: of training rows, by the snapshot */
};
void dataset_release(struct dataset *);

/*
 * Load a snapshot under a recipe (its hash), making the vectors that are
 * missing; store_commit() keeps those.  copies NULL: none.  ERR_INPUT where
 * an image has no prepared pixels.
 */
int dataset_load(struct store *, int64_t snapshot_id,
    const unsigned char recipe[32], struct vectors *,
    const struct embed_copies *, embed_pixels_fn *, void *source,
    struct dataset *ret, struct err *);

#endif
