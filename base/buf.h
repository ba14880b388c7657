/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: bytes that grow up to a cap set where the buffer is made.
 *
 * All that comes from outside is gathered in one of these, so nothing grows
 * without end.  Initialise with BUF_INIT(cap); data is NULL while empty.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "base/err.h"

struct buf {
	unsigned char *data; /* always followed by a 0 that len leaves out */
	size_t len, size;
	size_t cap; /* bytes that it may hold at most */
};

#define BUF_INIT(max) ((struct buf){ .cap = (max) })

/* Free the bytes; the buffer is empty again and keeps its cap. */
void buf_release(struct buf *);

/* Forget the content but keep the memory. */
void buf_clear(struct buf *);

/* Append; -1 when that would pass the cap, and nothing is appended then. */
int buf_add(struct buf *, const void *data, size_t len);
int buf_addf(struct buf *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Room for len more bytes at the end, for reading into; or NULL. */
unsigned char *buf_room(struct buf *, size_t len);

#endif
