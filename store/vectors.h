/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vectors: what a network made of prepared images, kept for the next time.
 * For the embed stage and export.
 */
#ifndef STORE_VECTORS_H
#define STORE_VECTORS_H

#include "store/store.h"

/* A prepared image, or one of its copies that were changed at random. */
struct picture_ref {
	unsigned char sha256[SHA256_SIZE];
	int64_t copy; /* from 1; 0: the prepared image itself */
};

/* Keep, or append to buf, a vector of n 32-bit floats; get: 1, 0 or -1. */
int vector_put(struct store *, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], const char *features, const float *,
    size_t n, struct err *);
int vector_get(struct store *, const unsigned char sha256[SHA256_SIZE],
    const unsigned char recipe[32], const char *features, float *ret, size_t n,
    struct err *);

#endif
