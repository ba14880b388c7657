/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/magic.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	size_t at, len;
	const char *bytes, *format;
} table[] = {
	{ 0, 3, "\xff\xd8\xff", "jpeg" },
	{ 0, 8, "\x89PNG\r\n\x1a\n", "png" },
	{ 0, 6, "GIF87a", "gif" },
	{ 0, 6, "GIF89a", "gif" },
	{ 8, 4, "WEBP", "webp" },
	{ 0, 4, "II*\0", "tiff" },
	{ 0, 4, "MM\0*", "tiff" },
	/* ISO 14496-12: the major brand of a file type box. */
	{ 4, 8, "ftypavif", "avif" },
	{ 4, 8, "ftypavis", "avif" },
	{ 4, 8, "ftypheic", "heif" },
	{ 4, 8, "ftypheix", "heif" },
	{ 4, 8, "ftypheim", "heif" },
	{ 4, 8, "ftypheis", "heif" },
	{ 4, 8, "ftypmif1", "heif" },
};

const char *
magic_image(const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (len >= table[i].at + table[i].len &&
		    memcmp(p + table[i].at, table[i].bytes, table[i].len) == 0)
			return table[i].format;
	return NULL;
}
