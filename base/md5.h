/* SPDX-License-Identifier: Apache-2.0 */
/*
 * md5: RFC 1321, only to recognise files by digests that others publish.
 */
#ifndef BASE_MD5_H
#define BASE_MD5_H

#include <stddef.h>

#define MD5_SIZE 16

/* Of all at once; zeros where the system's library forbids MD5. */
void md5_of(const void *data, size_t len, unsigned char out[MD5_SIZE]);

#endif
