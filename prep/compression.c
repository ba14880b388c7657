/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a file's compression has lost, by what the file says of it.
 */
#include "prep/look_int.h"

#include <string.h>

#define LOSSLESS 100
#define UNKNOWN 80   /* of formats whose quantisers are not looked for */
#define JPEG_BEST 99 /* it rounds, whatever its tables */
#define TABLE 64

/* The luma table in Annex K of ITU-T T.81, in any order. */
static const uint8_t standard[TABLE] = { 16, 11, 10, 16, 24, 40, 51, 61, 12, 12,
	14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
	51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81,
	104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112,
	100, 103, 99 };

/* What libjpeg makes of it for a quality, summed up. */
static int
sum_at(int quality)
{
	const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
	int i, n, sum = 0;

	for (i = 0; i < TABLE; i++) {
		n = (standard[i] * percent + 50) / 100;
		sum += n < 1 ? 1 : n > 255 ? 255 : n;
	}
	return sum;
}

/* The quality whose table is the nearest; the finer of two. */
static int
quality_of_sum(int sum)
{
	int quality = 1;

	while (quality < JPEG_BEST &&
	    sum_at(quality) + sum_at(quality + 1) > 2 * sum)
		quality++;
	return quality;
}

/* The first table that is there is the luma's. */
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
