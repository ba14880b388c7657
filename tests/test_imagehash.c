/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codes of Python's imagehash, against its own values and, for pictures
 * made here, against what imagehash 4.3 with Pillow gave for the same pixels.
 */
#include "tests/plain.h"

#include "base/text.h"
#include "dedup/imagehash.h"
#include "tests/codes.h"

static void
check_code(const uint8_t *code, const char *expected)
{
	char hex[2 * IMAGEHASH_SIZE + 1];

	text_to_hex(hex, code, IMAGEHASH_SIZE);
	assert_string_equal(hex, expected);
}

static void
codes_are_those_of_imagehash(void **state)
{
	char *path CLEANUP(freep) =
	    plain_path("hashes/imagehash/imagehash.png");
	struct plain p = plain_of(path);
	uint8_t *luma CLEANUP(freep) = NULL;
	uint8_t code[IMAGEHASH_SIZE];

	(void)state;
	luma = xmalloc((size_t)p.w * (size_t)p.h);
	imagehash_luma(p.rgb, p.w, p.h, 3, luma);
	free(p.rgb);
	ahash_of_luma(luma, p.w, p.h, code);
	check_code(code, "ffd7918181c9ffff");
	phash_of_luma(luma, p.w, p.h, code);
	check_code(code, "ba8c84536bd3c366");
	dhash_of_luma(luma, p.w, p.h, code);
	check_code(code, "0026273b2b19550e");
}

static void
luma_rounds_as_pillow_does(void **state)
{
	static const uint8_t rgb[][3] = { { 0, 0, 0 }, { 255, 255, 255 },
		{ 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 1, 2, 3 },
		{ 200, 100, 50 } };
	static const uint8_t expected[] = { 0, 255, 76, 150, 29, 2, 124 };
	uint8_t luma[ARRAY_SIZE(rgb)];

	(void)state;
	imagehash_luma(rgb[0], ARRAY_SIZE(rgb), 1, 3, luma);
	assert_memory_equal(luma, expected, sizeof(expected));
}

/* A size of its own is left as it is; one grey stays that grey. */
static void
resizing_keeps_what_is_even(void **state)
{
	uint8_t in[37 * 23], out[64 * 64];
	uint32_t seed = 3;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)noise(&seed);
	imagehash_resize(in, 37, 23, 37, 23, out);
	assert_memory_equal(in, out, sizeof(in));
	memset(in, 201, sizeof(in));
	imagehash_resize(in, 37, 23, 64, 64, out);
	for (i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 201);
	imagehash_resize(in, 1, 1, 8, 8, out);
	for (i = 0; i < 64; i++)
		assert_int_equal(out[i], 201);
	imagehash_resize(in, 37, 23, 1, 1, out);
	assert_int_equal(out[0], 201);
}

/* Smooth, with some noise, by whole numbers alone. */
static void
make_picture(uint8_t *px, int w, int h, uint32_t seed)
{
	int x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			*px++ = (uint8_t)((uint32_t)(x * 160 / w +
					      (y * 7 / h) % 3 * 25) +
			    noise(&seed) % 40);
}

#include "tests/imagehash_values.h"

static void
made_pictures_have_the_codes_that_imagehash_gave(void **state)
{
	const struct imagehash_value *v;
	uint8_t code[IMAGEHASH_SIZE], gray[PHASH_GRAY], wide[PHASH_SIZE];
	char hex[2 * PHASH_SIZE + 1];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(imagehash_values); i++) {
		uint8_t *px CLEANUP(freep) = NULL;

		v = &imagehash_values[i];
		px = xmalloc((size_t)v->w * (size_t)v->h);
		make_picture(px, v->w, v->h, (uint32_t)i + 1);
		ahash_of_luma(px, v->w, v->h, code);
		check_code(code, v->ahash);
		dhash_of_luma(px, v->w, v->h, code);
		check_code(code, v->dhash);
		phash_of_luma(px, v->w, v->h, code);
		check_code(code, v->phash);
		imagehash_resize(px, v->w, v->h, PHASH_SIDE, PHASH_SIDE, gray);
		phash256_of_gray(gray, wide);
		text_to_hex(hex, wide, PHASH_SIZE);
		assert_string_equal(hex, v->phash256);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_imagehash),
		cmocka_unit_test(luma_rounds_as_pillow_does),
		cmocka_unit_test(resizing_keeps_what_is_even),
		cmocka_unit_test(
		    made_pictures_have_the_codes_that_imagehash_gave),
	};

	(void)argc;
	if (vips_init(argv[0]) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
