/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/magic.h"

#include <string.h>

#include "base/mem.h"

struct magic {
	size_t at, len;
	const char *bytes, *format;
};

static const struct magic images[] = {
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

static const struct magic archives[] = {
	{ 0, 4, "PK\3\4", "zip" },
	{ 0, 4, "PK\5\6", "zip" }, /* without entries */
	{ 0, 6, "7z\xbc\xaf\x27\x1c", "7z" },
	{ 0, 3, "\x1f\x8b\x08", "gzip" },
	{ 0, 3, "BZh", "bzip2" },
	{ 0, 6, "\xfd\x37zXZ\0", "xz" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "zstd" },
	{ 0, 4, "\x04\x22\x4d\x18", "lz4" },
	{ 257, 5, "ustar", "tar" },
};

static const char *
find(const struct magic *table, size_t n, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (len >= table[i].at + table[i].len &&
		    memcmp(p + table[i].at, table[i].bytes, table[i].len) == 0)
			return table[i].format;
	return NULL;
}

const char *
magic_image(const void *bytes, size_t len)
{
	return find(images, ARRAY_SIZE(images), bytes, len);
}

bool
magic_archive(const void *bytes, size_t len)
{
	return find(archives, ARRAY_SIZE(archives), bytes, len) != NULL;
}
