/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles made byte by byte: which of them is sRGB by what it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "prep/profile_int.h"

#define TAGS 7

enum curve {
	CURVE_SRGB_TABLE,
	CURVE_SRGB_LINE,    /* parametric, type 3 */
	CURVE_SRGB_SHIFTED, /* parametric, type 4, nothing shifted */
	CURVE_GAMMA,        /* a power of 2.2 */
	CURVE_PLAIN,        /* a table of nothing: linear */
};

static const double srgb[3][3] = { { 0.4361, 0.2225, 0.0139 },
	{ 0.3851, 0.7169, 0.0971 }, { 0.1431, 0.0606, 0.7141 } };
static const double adobe[3][3] = { { 0.6097, 0.3111, 0.0195 },
	{ 0.2053, 0.6257, 0.0609 }, { 0.1492, 0.0632, 0.7446 } };

static void
put(struct buf *b, uint32_t n, int size)
{
	uint8_t byte;

	while (size-- > 0) {
		byte = (uint8_t)(n >> (8 * size));
		assert_int_equal(buf_add(b, &byte, 1), 0);
	}
}

static void
put_fixed(struct buf *b, double x)
{
	put(b, (uint32_t)(int32_t)lround(x * 65536), 4);
}

static void
put_curve(struct buf *b, enum curve curve)
{
	static const double line[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
		0.04045, 0, 0 };
	const bool is_line =
	    curve == CURVE_SRGB_LINE || curve == CURVE_SRGB_SHIFTED;
	int i,
	    n = curve == CURVE_SRGB_TABLE ? 1024
	    : curve == CURVE_GAMMA        ? 1
					  : 0;
	double x;

	buf_add(b, is_line ? "para\0\0\0\0" : "curv\0\0\0\0", 8);
	if (is_line) {
		put(b, curve == CURVE_SRGB_LINE ? 3 : 4, 2);
		put(b, 0, 2);
		for (i = 0; i < (curve == CURVE_SRGB_LINE ? 5 : 7); i++)
			put_fixed(b, line[i]);
		return;
	}
	put(b, (uint32_t)n, 4);
	if (curve == CURVE_GAMMA)
		put(b, 0x233, 2);
	for (i = 0; curve == CURVE_SRGB_TABLE && i < n; i++) {
		x = i / 1023.0;
		x = x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
		put(b, (uint32_t)lround(x * 65535), 2);
	}
}

/* A matrix profile with one curve for all three; the seventh tag's name. */
static struct buf
profile_with(const double primaries[3][3], enum curve curve, const char *last)
{
	const char *const names[TAGS] = { "rXYZ", "gXYZ", "bXYZ", "rTRC",
		"gTRC", "bTRC", last };
	struct buf b = BUF_INIT(100000), content = BUF_INIT(100000);
	const uint32_t first = 128 + 4 + 12 * TAGS;
	int i, k;

	for (i = 0; i < 3; i++) {
		buf_add(&content, "XYZ \0\0\0\0", 8);
		for (k = 0; k < 3; k++)
			put_fixed(&content, primaries[i][k]);
	}
	put_curve(&content, curve);
	memset(buf_room(&b, 128), 0, 128);
	b.len = 128;
	memcpy(b.data + 16, "RGB XYZ ", 8);
	put(&b, TAGS, 4);
	for (i = 0; i < TAGS; i++) {
		buf_add(&b, names[i], 4);
		put(&b, first + 20 * (uint32_t)(i < 3 ? i : 3), 4);
		put(&b, i < 3 ? 20 : (uint32_t)content.len - 60, 4);
	}
	buf_add(&b, content.data, content.len);
	buf_release(&content);
	return b;
}

static struct buf
profile(const double primaries[3][3], enum curve curve)
{
	return profile_with(primaries, curve, "desc");
}

static bool
is_srgb(struct buf b)
{
	bool is = profile_is_srgb(b.data, b.len);

	buf_release(&b);
	return is;
}

static void
srgb_is_known_in_all_its_forms(void **state)
{
	(void)state;
	assert_true(is_srgb(profile(srgb, CURVE_SRGB_TABLE)));
	assert_true(is_srgb(profile(srgb, CURVE_SRGB_LINE)));
	assert_true(is_srgb(profile(srgb, CURVE_SRGB_SHIFTED)));
}

static void
another_gamut_or_curve_is_not_srgb(void **state)
{
	(void)state;
	assert_false(is_srgb(profile(adobe, CURVE_SRGB_TABLE)));
	assert_false(is_srgb(profile(srgb, CURVE_GAMMA)));
	assert_false(is_srgb(profile(srgb, CURVE_PLAIN)));
}

static void
a_profile_with_tables_of_its_own_is_not_srgb(void **state)
{
	(void)state;
	assert_false(is_srgb(profile_with(srgb, CURVE_SRGB_LINE, "A2B0")));
}

static void
a_part_of_a_profile_is_not_srgb(void **state)
{
	struct buf whole = profile(srgb, CURVE_SRGB_SHIFTED);
	uint8_t *part;
	size_t len;

	(void)state;
	for (len = 0; len < whole.len; len++) {
		part = xmalloc(len);
		memcpy(part, whole.data, len);
		assert_false(profile_is_srgb(part, len));
		free(part);
	}
	buf_release(&whole);
}

static void
a_profile_fits_pixels_of_its_own_kind(void **state)
{
	struct buf b = profile(srgb, CURVE_SRGB_LINE);

	(void)state;
	assert_true(profile_fits(b.data, b.len, 3));
	assert_false(profile_fits(b.data, b.len, 1));
	assert_false(profile_fits(b.data, b.len, 4));
	assert_false(profile_fits(b.data, 19, 3));
	memcpy(b.data + 16, "GRAY", 4);
	assert_true(profile_fits(b.data, b.len, 1));
	memcpy(b.data + 16, "CMYK", 4);
	assert_true(profile_fits(b.data, b.len, 4));
	assert_false(profile_fits(b.data, b.len, 2));
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(srgb_is_known_in_all_its_forms),
		cmocka_unit_test(another_gamut_or_curve_is_not_srgb),
		cmocka_unit_test(a_profile_with_tables_of_its_own_is_not_srgb),
		cmocka_unit_test(a_part_of_a_profile_is_not_srgb),
		cmocka_unit_test(a_profile_fits_pixels_of_its_own_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
