/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed: bytes of a file that may be packed by gzip (RFC 1952, members one
 * after the other), which is told by how it begins; in constant memory.
 */
#ifndef SCRAPER_PACKED_H
#define SCRAPER_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct packed;

/* Of a descriptor, which becomes its own; or of bytes that stay. */
struct packed *packed_of_fd(int fd);
struct packed *packed_of_bytes(const char *bytes, size_t len);
void packed_free(struct packed *);
DEFINE_CLEANUP(struct packed, packed_free)

/*
 * At most room bytes more, unpacked; *ret 0 is the end.  ERR_INPUT: it is
 * damaged, broken off, or unpacks to more than 300 times its size.
 */
int packed_read(
    struct packed *, void *to, size_t room, size_t *ret, struct err *);

/* Go to a place, if that can be done without reading. */
bool packed_seek(struct packed *, int64_t at);

#endif
