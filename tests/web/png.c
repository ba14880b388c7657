/* SPDX-License-Identifier: Apache-2.0 */
/*
 * png: the simplest writer of PNG files (ISO/IEC 15948) that compresses.
 */
#include "tests/web/paint.h"

#include <string.h>
#include <zlib.h>

#include "base/mem.h"

static void
put_u32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

static void
add_chunk(struct buf *b, const char *type, const void *data, uint32_t len)
{
	unsigned char word[4];
	uLong crc;

	put_u32(word, len);
	buf_add(b, word, 4);
	buf_add(b, type, 4);
	buf_add(b, data, len);
	crc = crc32(0, (const Bytef *)type, 4);
	if (len > 0)
		crc = crc32(crc, data, len);
	put_u32(word, (uint32_t)crc);
	buf_add(b, word, 4);
}

/* Each row as the difference to the pixel on the left: filter type 1. */
static unsigned char *
filtered(const struct picture *p, size_t *ret_len)
{
	size_t row = (size_t)p->width * 3, x, y;
	unsigned char *out = xmalloc((row + 1) * p->height), *to = out;
	const uint8_t *from = p->rgb;

	for (y = 0; y < p->height; y++, from += row) {
		*to++ = 1;
		for (x = 0; x < row; x++)
			*to++ = (unsigned char)(from[x] -
			    (x < 3 ? 0 : from[x - 3]));
	}
	*ret_len = (row + 1) * p->height;
	return out;
}

void
picture_png(const struct picture *p, struct buf *b)
{
	unsigned char head[13] = { [8] = 8, [9] = 2 };
	unsigned char *packed CLEANUP(freep) = NULL;
	unsigned char *rows CLEANUP(freep) = NULL;
	uLongf packed_len;
	size_t len;

	rows = filtered(p, &len);
	packed_len = compressBound(len);
	packed = xmalloc(packed_len);
	/* Fails only for want of room, of which there is enough. */
	compress2(packed, &packed_len, rows, len, 1);
	put_u32(head, p->width);
	put_u32(head + 4, p->height);
	buf_add(b, "\x89PNG\r\n\x1a\n", 8);
	add_chunk(b, "IHDR", head, sizeof(head));
	add_chunk(b, "IDAT", packed, (uint32_t)packed_len);
	add_chunk(b, "IEND", NULL, 0);
}
