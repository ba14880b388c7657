/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void
buf_release(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->size = 0;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = 0;
}

unsigned char *
buf_room(struct buf *b, size_t len)
{
	size_t size;

	if (len > b->cap || b->len > b->cap - len)
		return NULL;
	if (b->len + len + 1 > b->size) {
		size = b->size < 256 ? 256 : b->size;
		while (size < b->len + len + 1)
			size += size / 2;
		b->data = xreallocarray(b->data, size, 1);
		b->data[b->len] = 0;
		b->size = size;
	}
	return b->data + b->len;
}

int
buf_add(struct buf *b, const void *data, size_t len)
{
	unsigned char *room = buf_room(b, len);

	if (room == NULL)
		return -1;
	if (len != 0)
		memcpy(room, data, len);
	b->len += len;
	b->data[b->len] = 0;
	return 0;
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	char *text CLEANUP(freep) = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return n < 0 ? -1 : buf_add(b, text, (size_t)n);
}
