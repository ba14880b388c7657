/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/format_int.h"

#include <string.h>

#include "base/mem.h"

struct magic {
	enum format format; /* FORMAT_NONE: known, and not opened */
	size_t at;
	const char *bytes;
	size_t len;
};

#define MAGIC(format, at, bytes) \
	{ \
		format, at, bytes, sizeof(bytes) - 1 \
	}

static const struct magic magics[] = {
	MAGIC(FORMAT_JPEG, 0, "\xff\xd8\xff"),
	MAGIC(FORMAT_PNG, 0, "\x89PNG\r\n\x1a\n"),
	MAGIC(FORMAT_GIF, 0, "GIF87a"),
	MAGIC(FORMAT_GIF, 0, "GIF89a"),
	MAGIC(FORMAT_TIFF, 0, "II*\0"),
	MAGIC(FORMAT_TIFF, 0, "MM\0*"),
	MAGIC(FORMAT_TIFF, 0, "II+\0"),
	MAGIC(FORMAT_TIFF, 0, "MM\0+"),
	MAGIC(FORMAT_AVIF, 4, "ftypavif"),
	MAGIC(FORMAT_AVIF, 4, "ftypavis"),
	MAGIC(FORMAT_HEIF, 4, "ftyphei"),
	MAGIC(FORMAT_HEIF, 4, "ftyphev"),
	MAGIC(FORMAT_HEIF, 4, "ftypmif1"),
	MAGIC(FORMAT_HEIF, 4, "ftypmsf1"),
	MAGIC(FORMAT_JXL, 0, "\xff\x0a"),
	MAGIC(FORMAT_JXL, 0, "\0\0\0\x0cJXL "),
	/* Known kinds that are never opened. */
	MAGIC(FORMAT_NONE, 0, "BM"),
	MAGIC(FORMAT_NONE, 0, "\0\0\0\x0cjP  "),
	MAGIC(FORMAT_NONE, 0, "\xff\x4f\xff\x51"),
	MAGIC(FORMAT_NONE, 0, "\0\0\1\0"),
	MAGIC(FORMAT_NONE, 0, "\0\0\2\0"),
	MAGIC(FORMAT_NONE, 0, "8BPS"),
	MAGIC(FORMAT_NONE, 0, "%PDF-"),
	MAGIC(FORMAT_NONE, 0, "\x76\x2f\x31\x01"),
	MAGIC(FORMAT_NONE, 0, "#?RADIANCE"),
	MAGIC(FORMAT_NONE, 0, "<svg"),
};

static const char *const names[FORMAT_COUNT] = {
	[FORMAT_NONE] = NULL,
	[FORMAT_JPEG] = "jpeg",
	[FORMAT_PNG] = "png",
	[FORMAT_GIF] = "gif",
	[FORMAT_WEBP] = "webp",
	[FORMAT_TIFF] = "tiff",
	[FORMAT_HEIF] = "heif",
	[FORMAT_AVIF] = "avif",
	[FORMAT_JXL] = "jxl",
};

const char *
format_name(enum format f)
{
	return names[f];
}

uint32_t
formats_of(const struct strlist *list)
{
	uint32_t set = 0;
	unsigned f;

	for (f = FORMAT_NONE + 1; f < FORMAT_COUNT; f++)
		if (strlist_has(list, names[f]))
			set |= 1u << f;
	return set;
}

bool
formats_need_plugins(uint32_t formats)
{
	return (formats &
		   (1u << FORMAT_HEIF | 1u << FORMAT_AVIF |
		       1u << FORMAT_JXL)) != 0;
}

static bool
has(const uint8_t *data, size_t len, size_t at, const char *bytes, size_t n)
{
	return len >= at + n && memcmp(data + at, bytes, n) == 0;
}

/* The root element may come after a declaration and comments. */
static bool
is_svg(const uint8_t *data, size_t len)
{
	return has(data, len, 0, "<?xml", 5) &&
	    memmem(data, len < 1024 ? len : 1024, "<svg", 4) != NULL;
}

enum format
format_of(const uint8_t *data, size_t len, enum prep_reason *ret)
{
	const struct magic *m;

	*ret = REASON_not_an_image;
	if (has(data, len, 0, "RIFF", 4) && has(data, len, 8, "WEBP", 4))
		return FORMAT_WEBP;
	for (m = magics; m < magics + ARRAY_SIZE(magics); m++) {
		if (!has(data, len, m->at, m->bytes, m->len))
			continue;
		if (m->format == FORMAT_NONE)
			*ret = REASON_unsupported_format;
		return m->format;
	}
	if (is_svg(data, len))
		*ret = REASON_unsupported_format;
	return FORMAT_NONE;
}

/* ---- numbers in the two orders ---- */

static uint32_t
big16(const uint8_t *p)
{
	return (uint32_t)(p[0] << 8 | p[1]);
}

static uint32_t
big32(const uint8_t *p)
{
	return big16(p) << 16 | big16(p + 2);
}

static uint32_t
little16(const uint8_t *p)
{
	return (uint32_t)(p[1] << 8 | p[0]);
}

static uint32_t
little32(const uint8_t *p)
{
	return little16(p + 2) << 16 | little16(p);
}

/* ---- JPEG (ITU-T T.81, annex B) ---- */

#define M_SOF0 0xc0
#define M_SOI 0xd8
#define M_EOI 0xd9
#define M_SOS 0xda
#define M_DQT 0xdb

/*
 * The next segment at *at: its marker, with *ret_body at what follows the
 * length; moves past it.  -1 when the bytes end first or are no marker.
 */
static int
jpeg_segment(const uint8_t *data, size_t len, size_t *at, size_t *ret_body)
{
	size_t size;
	int marker;

	while (*at + 1 < len && data[*at] == 0xff && data[*at + 1] == 0xff)
		(*at)++;
	if (*at + 4 > len || data[*at] != 0xff)
		return -1;
	marker = data[*at + 1];
	size = big16(data + *at + 2);
	if (size < 2 || size + 2 > len - *at)
		return -1;
	*ret_body = *at + 4;
	*at += size + 2;
	return marker;
}

static bool
jpeg_is_cut_off(const uint8_t *data, size_t len)
{
	static const uint8_t end[] = { 0xff, M_EOI };
	size_t at = 2, body;
	int marker;

	while ((marker = jpeg_segment(data, len, &at, &body)) >= 0)
		if (marker == M_SOS)
			return memmem(data + at, len - at, end, sizeof(end)) ==
			    NULL;
	return at + 1 >= len || (data[at] == 0xff && data[at + 1] >= M_SOF0);
}

bool
format_jpeg_size(const uint8_t *data, size_t len, int *ret_w, int *ret_h)
{
	size_t at = 2, body = 0;
	int marker;

	if (len < 4 || data[0] != 0xff || data[1] != M_SOI ||
	    data[len - 2] != 0xff || data[len - 1] != M_EOI)
		return false;
	while ((marker = jpeg_segment(data, len, &at, &body)) >= 0)
		if (marker == M_SOF0 || marker == M_SOS)
			break;
	if (marker != M_SOF0 || at - body < 6 || data[body] != 8)
		return false;
	*ret_h = (int)big16(data + body + 1);
	*ret_w = (int)big16(data + body + 3);
	return true;
}

bool
format_jpeg_table(
    const uint8_t *data, size_t len, const uint8_t **ret, size_t *ret_len)
{
	size_t at = 2, body = 0;
	int marker;

	while ((marker = jpeg_segment(data, len, &at, &body)) >= 0)
		if (marker == M_DQT || marker == M_SOS)
			break;
	if (marker != M_DQT || at == body)
		return false;
	*ret = data + body;
	*ret_len = at - body;
	return true;
}

/* ---- PNG (ISO/IEC 15948): chunks up to IEND ---- */

static bool
png_is_cut_off(const uint8_t *data, size_t len)
{
	size_t at = 8;
	uint32_t size;

	while (len - at >= 12) {
		size = big32(data + at);
		if (memcmp(data + at + 4, "IEND", 4) == 0)
			return false;
		if (size > len - at - 12)
			return true;
		at += 12 + size;
	}
	return true;
}

static bool
png_is_text(const uint8_t *type)
{
	return memcmp(type, "zTXt", 4) == 0 || memcmp(type, "iTXt", 4) == 0 ||
	    memcmp(type, "tEXt", 4) == 0;
}

size_t
format_drop_png_text(uint8_t *data, size_t len)
{
	size_t at = 8, to = 8, whole;

	while (len - at >= 12) {
		whole = 12 + (size_t)big32(data + at);
		if (whole > len - at)
			break;
		if (!png_is_text(data + at + 4)) {
			if (to != at)
				memmove(data + to, data + at, whole);
			to += whole;
		}
		at += whole;
	}
	memmove(data + to, data + at, len - at);
	return to + len - at;
}

/* ---- GIF (89a specification): blocks up to the trailer ---- */

static size_t
gif_colours(uint8_t flags)
{
	return (flags & 0x80) == 0 ? 0 : (size_t)3 << ((flags & 7) + 1);
}

/* Past the sub-blocks that start at `at`; len when they do not end. */
static size_t
gif_skip(const uint8_t *data, size_t len, size_t at)
{
	while (at < len && data[at] != 0)
		at += (size_t)data[at] + 1;
	return at < len ? at + 1 : len;
}

static bool
gif_is_cut_off(const uint8_t *data, size_t len)
{
	size_t at;

	if (len < 13)
		return true;
	at = 13 + gif_colours(data[10]);
	while (at < len) {
		if (data[at] == ';')
			return false;
		if (data[at] == '!')
			at = gif_skip(data, len, at + 2);
		else if (data[at] == ',' && len - at > 10)
			at = gif_skip(
			    data, len, at + 11 + gif_colours(data[at + 9]));
		else
			return data[at] == ',';
	}
	return true;
}

/* ---- TIFF 6.0: where the first page's directory and pixels lie ---- */

#define TAG_STRIP_OFFSETS 273
#define TAG_STRIP_SIZES 279
#define TAG_TILE_OFFSETS 324
#define TAG_TILE_SIZES 325
#define TYPE_SHORT 3
#define CLASSIC 42 /* the version; 43 has wider offsets */

struct tiff {
	const uint8_t *data;
	size_t len;
	bool big;
};

/* Reads beyond the end give the largest number, which is beyond it too. */
static uint32_t
tiff16(const struct tiff *t, size_t at)
{
	if (t->len < 2 || at > t->len - 2)
		return UINT32_MAX;
	return (t->big ? big16 : little16)(t->data + at);
}

static uint32_t
tiff32(const struct tiff *t, size_t at)
{
	if (t->len < 4 || at > t->len - 4)
		return UINT32_MAX;
	return (t->big ? big32 : little32)(t->data + at);
}

/* Number i of a directory entry's values. */
static uint32_t
tiff_value(const struct tiff *t, size_t entry, uint32_t i)
{
	const bool is_short = tiff16(t, entry + 2) == TYPE_SHORT;
	const size_t size = is_short ? 2 : 4;
	const uint32_t count = tiff32(t, entry + 4);
	size_t at = entry + 8;

	if (count > 4 / size)
		at = tiff32(t, at);
	at += i * size;
	return is_short ? tiff16(t, at) : tiff32(t, at);
}

/* Do the values of an entry lie within the file? */
static bool
tiff_entry_is_whole(const struct tiff *t, size_t entry)
{
	static const uint8_t sizes[] = { 1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4,
		8 };
	const uint32_t type = tiff16(t, entry + 2);
	const uint64_t size = (uint64_t)tiff32(t, entry + 4) *
	    (type < sizeof(sizes) ? sizes[type] : 1);

	return size <= 4 || tiff32(t, entry + 8) + size <= t->len;
}

static bool
tiff_is_cut_off(const uint8_t *data, size_t len)
{
	const struct tiff t = { data, len, data[0] == 'M' };
	const size_t dir = tiff32(&t, 4);
	const uint32_t n = tiff16(&t, dir);
	size_t entry, offsets = 0, sizes = 0;
	uint32_t i, tag, count;

	if (tiff16(&t, 2) != CLASSIC)
		return false;
	if (n > 0xffff || dir + 2 + 12 * (size_t)n > len)
		return true;
	for (entry = dir + 2; entry < dir + 2 + 12 * (size_t)n; entry += 12) {
		if (!tiff_entry_is_whole(&t, entry))
			return true;
		tag = tiff16(&t, entry);
		if (tag == TAG_STRIP_OFFSETS || tag == TAG_TILE_OFFSETS)
			offsets = entry;
		if (tag == TAG_STRIP_SIZES || tag == TAG_TILE_SIZES)
			sizes = entry;
	}
	if (offsets == 0 || sizes == 0)
		return false;
	count = tiff32(&t, offsets + 4);
	for (i = 0; i < count && i < len; i++)
		if ((uint64_t)tiff_value(&t, offsets, i) +
			tiff_value(&t, sizes, i) >
		    len)
			return true;
	return false;
}

/*
 * ISO base media files (ISO/IEC 14496-12), which HEIF, AVIF and packed JPEG
 * XL are: boxes up to the end.  A bare JPEG XL stream has none to tell by.
 */
static bool
boxes_are_cut_off(const uint8_t *data, size_t len)
{
	size_t at = 0;
	uint64_t size;

	while (len - at >= 8) {
		size = big32(data + at);
		if (size == 0)
			return false;
		if (size == 1 && len - at >= 16)
			size = (uint64_t)big32(data + at + 8) << 32 |
			    big32(data + at + 12);
		if (size < 8 || size > len - at)
			return true;
		at += size;
	}
	return at < len;
}

static bool
webp_is_cut_off(const uint8_t *data, size_t len)
{
	return len < 20 || (uint64_t)little32(data + 4) + 8 > len;
}

bool
format_is_cut_off(enum format f, const uint8_t *data, size_t len)
{
	switch (f) {
	case FORMAT_JPEG:
		return jpeg_is_cut_off(data, len);
	case FORMAT_PNG:
		return png_is_cut_off(data, len);
	case FORMAT_GIF:
		return gif_is_cut_off(data, len);
	case FORMAT_WEBP:
		return webp_is_cut_off(data, len);
	case FORMAT_TIFF:
		return tiff_is_cut_off(data, len);
	case FORMAT_HEIF:
	case FORMAT_AVIF:
		return boxes_are_cut_off(data, len);
	case FORMAT_JXL:
		return data[0] == 0 && boxes_are_cut_off(data, len);
	default:
		return false;
	}
}
