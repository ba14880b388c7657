/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha256: FIPS 180-4 SHA-256, the name of every blob.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#include "base/mem.h"

#define SHA256_SIZE 32
#define SHA256_HEX (2 * SHA256_SIZE + 1) /* with the final 0 */

struct sha256; /* a digest in the making */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *, const void *data, size_t len);
/* Give the digest of all that was added, and free. */
void sha256_end(struct sha256 *, unsigned char out[SHA256_SIZE]);
void sha256_free(struct sha256 *);
DEFINE_CLEANUP(struct sha256, sha256_free)

/* All at once; the other by one that was made for many and stays as it was. */
void sha256_of(const void *data, size_t len, unsigned char out[SHA256_SIZE]);
void sha256_with(struct sha256 *, const void *data, size_t len,
    unsigned char out[SHA256_SIZE]);

#endif
