/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xxh3: XXH3 with 128 bits (the xxHash specification, 0.1.1), in its
 * canonical byte order.  Some 20 times faster than SHA-256, and as unlikely
 * to confuse two things by chance; but whoever wants to can make two that it
 * confuses.  So names of bytes are SHA-256, and this is for what has been
 * looked at anyway.
 */
#ifndef BASE_XXH3_H
#define BASE_XXH3_H

#include <stddef.h>

#define XXH3_SIZE 16

/* Of two pieces as if they were one. */
void xxh3_of(const void *head, size_t head_len, const void *data, size_t len,
    unsigned char out[XXH3_SIZE]);

#endif
