/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a file's compression has lost, by what the file says of it.
 */
#include "prep/look_int.h"

#include <string.h>

#define LOSSLESS 100
#define UNKNOWN 80    /* of formats whose quantisers are not looked for */
#define JPEG_BEST 99  /* it rounds, whatever its tables */
#define STANDARD 3685 /* sum of the luma table in Annex K of the standard */
#define TABLE 64

/*
 * libjpeg scales the standard tables: by 5000 / q percent up to quality 50,
 * by 200 - 2 q above.  The first table that is there is the luma's.
 */
static int
quality_of_sum(int sum)
{
	const int percent = (100 * sum + STANDARD / 2) / STANDARD;
	const int quality = percent <= 100 ? (200 - percent + 1) / 2
					   : (5000 + percent / 2) / percent;

	return quality < 1 ? 1 : quality > JPEG_BEST ? JPEG_BEST : quality;
}

static int
of_jpeg(const uint8_t *data, size_t len)
{
	const uint8_t *table = NULL;
	size_t n = 0, i;
	int sum = 0;
	bool wide;

	if (!format_jpeg_table(data, len, &table, &n))
		return UNKNOWN;
	wide = table[0] >> 4 != 0;
	if (n < (size_t)(1 + TABLE * (wide ? 2 : 1)))
		return UNKNOWN;
	table++;
	for (i = 0; i < TABLE; i++)
		sum += wide ? table[2 * i] << 8 | table[2 * i + 1] : table[i];
	return quality_of_sum(sum);
}

static uint32_t
little32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

/* Is the first picture of a WebP file in its lossless format? */
static bool
is_lossless_webp(const uint8_t *data, size_t len)
{
	size_t at = 12, size;

	while (len > at && len - at >= 8) {
		if (memcmp(data + at, "VP8L", 4) == 0)
			return true;
		if (memcmp(data + at, "VP8 ", 4) == 0)
			return false;
		size = little32(data + at + 4);
		if (memcmp(data + at, "ANMF", 4) == 0)
			size = 16; /* a frame's chunks are inside of it */
		if (size >= len - at - 8)
			break;
		at += 8 + size + size % 2;
	}
	return false;
}

int
compression_of(enum format format, const uint8_t *file, size_t len)
{
	switch (format) {
	case FORMAT_JPEG:
		return of_jpeg(file, len);
	case FORMAT_PNG:
	case FORMAT_GIF:
	case FORMAT_TIFF:
		return LOSSLESS;
	case FORMAT_WEBP:
		return is_lossless_webp(file, len) ? LOSSLESS : UNKNOWN;
	default:
		return UNKNOWN;
	}
}
