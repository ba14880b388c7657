/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer/features: what a picture's numbers promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features.h"
#include "trainer/features_int.h"

#define AT(rgb, width, y, x) \
	((rgb) + 3 * ((size_t)(y) * (size_t)(width) + (size_t)(x)))

static uint8_t *
flat_picture(int width, int height, uint8_t r, uint8_t g, uint8_t b)
{
	size_t pixels = (size_t)width * (size_t)height;
	uint8_t *rgb = xmalloc(3 * pixels);

	for (size_t i = 0; i < pixels; i++) {
		rgb[3 * i] = r;
		rgb[3 * i + 1] = g;
		rgb[3 * i + 2] = b;
	}
	return rgb;
}

/* Colours, slopes, edges and some disorder, not alike left and right. */
static uint8_t *
busy_picture(int width, int height, unsigned seed)
{
	uint8_t *rgb = flat_picture(width, height, 0, 0, 0);

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			uint8_t *p = AT(rgb, width, y, x);
			int disc = (x - width / 3) * (x - width / 3) +
				(y - height / 2) * (y - height / 2) <
			    width * height / 16;

			seed = seed * 1664525u + 1013904223u;
			p[0] = (uint8_t)(disc ? 220 : 255 * x / width);
			p[1] = (uint8_t)(255 * y / height);
			p[2] = (uint8_t)((x / 7 + y / 5) % 2 * 90 +
			    (int)(seed >> 27));
		}
	return rgb;
}

static float *
vector_of(const uint8_t *rgb, int width, int height)
{
	float *v = xcalloc(features_count(), sizeof(*v));

	features_of(rgb, width, height, v);
	return v;
}

static void
check_range(const float *v)
{
	for (size_t i = 0; i < features_count(); i++) {
		assert_true(isfinite(v[i]));
		assert_true(v[i] >= 0 && v[i] <= 1.0001f);
	}
}

static void
every_size_gives_numbers_from_0_to_1(void **state)
{
	static const int sizes[][2] = { { 8, 8 }, { 8, 300 }, { 301, 9 },
		{ 128, 128 }, { 127, 129 }, { 224, 224 }, { 640, 427 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int w = sizes[i][0], h = sizes[i][1];
		uint8_t *rgb CLEANUP(freep) = busy_picture(w, h, 1);
		float *v CLEANUP(freep) = vector_of(rgb, w, h);

		check_range(v);
	}
}

static void
pictures_of_one_colour_are_fine(void **state)
{
	static const uint8_t colours[][3] = { { 0, 0, 0 }, { 255, 255, 255 },
		{ 255, 0, 0 }, { 0, 0, 1 }, { 128, 128, 128 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(colours); i++) {
		const uint8_t *c = colours[i];
		uint8_t *rgb CLEANUP(freep) =
		    flat_picture(50, 40, c[0], c[1], c[2]);
		float *v CLEANUP(freep) = vector_of(rgb, 50, 40);

		check_range(v);
		for (int j = 0; j < HOG_COUNT; j++)
			assert_true(v[j] == 0);
	}
}

static void
equal_pixels_give_equal_bits_and_others_do_not(void **state)
{
	uint8_t *one CLEANUP(freep) = busy_picture(90, 70, 1);
	uint8_t *same CLEANUP(freep) = busy_picture(90, 70, 1);
	uint8_t *other CLEANUP(freep) = busy_picture(90, 70, 2);
	float *a CLEANUP(freep) = vector_of(one, 90, 70);
	float *b CLEANUP(freep) = vector_of(same, 90, 70);
	float *c CLEANUP(freep) = vector_of(other, 90, 70);
	size_t size = features_count() * sizeof(float);

	(void)state;
	assert_memory_equal(a, b, size);
	assert_memory_not_equal(a, c, size);
}

static void
a_picture_with_every_pixel_doubled_gives_equal_bits(void **state)
{
	enum { SIDE = 150 };
	uint8_t *small CLEANUP(freep) = busy_picture(SIDE, SIDE, 3);
	uint8_t *large CLEANUP(freep) =
	    flat_picture(2 * SIDE, 2 * SIDE, 0, 0, 0);
	float *a CLEANUP(freep) = NULL, *b CLEANUP(freep) = NULL;

	(void)state;
	for (int y = 0; y < 2 * SIDE; y++)
		for (int x = 0; x < 2 * SIDE; x++)
			memcpy(AT(large, 2 * SIDE, y, x),
			    AT(small, SIDE, y / 2, x / 2), 3);
	a = vector_of(small, SIDE, SIDE);
	b = vector_of(large, 2 * SIDE, 2 * SIDE);
	assert_memory_equal(a, b, features_count() * sizeof(float));
}

static void
a_mirror_image_differs_in_layout_alone(void **state)
{
	enum { WIDTH = 200, HEIGHT = 160 };
	uint8_t *rgb CLEANUP(freep) = busy_picture(WIDTH, HEIGHT, 4);
	uint8_t *seen CLEANUP(freep) = flat_picture(WIDTH, HEIGHT, 0, 0, 0);
	float *a CLEANUP(freep) = NULL, *b CLEANUP(freep) = NULL;
	float apart = 0;

	(void)state;
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memcpy(AT(seen, WIDTH, y, x),
			    AT(rgb, WIDTH, y, WIDTH - 1 - x), 3);
	a = vector_of(rgb, WIDTH, HEIGHT);
	b = vector_of(seen, WIDTH, HEIGHT);
	for (size_t i = 0; i < features_count() - LAYOUT_COUNT; i++)
		assert_float_equal(a[i], b[i], 1e-4f);
	for (size_t i = features_count() - LAYOUT_COUNT; i < features_count();
	     i++)
		apart = fmaxf(apart, fabsf(a[i] - b[i]));
	assert_true(apart > 0.1f);
}

static void
a_raster_pixel_is_the_mean_over_its_area(void **state)
{
	/* 192 to 128: each pixel covers one and a half. */
	uint8_t *rgb CLEANUP(freep) = flat_picture(192, 8, 0, 0, 0);
	struct raster *r CLEANUP(freep) = xcalloc(1, sizeof(*r));

	(void)state;
	AT(rgb, 192, 0, 0)
	[0] = 90;
	AT(rgb, 192, 0, 1)
	[0] = 30;
	AT(rgb, 192, 0, 2)
	[0] = 60;
	raster_of(r, rgb, 192, 8);
	assert_float_equal(r->plane[0][0][0], 70.0f / 255, 1e-6f);
	assert_float_equal(r->plane[0][0][1], 50.0f / 255, 1e-6f);
	assert_float_equal(r->plane[0][15][0], 70.0f / 255, 1e-6f);
	assert_true(r->plane[0][16][0] == 0);
	assert_true(r->plane[0][0][2] == 0);
	assert_true(r->plane[1][0][0] == 0);
}

static void
upright_stripes_are_edges_of_one_direction(void **state)
{
	enum { SIDE = 128 };
	uint8_t *rgb CLEANUP(freep) = flat_picture(SIDE, SIDE, 0, 0, 0);
	float *v CLEANUP(freep) = NULL;

	(void)state;
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			memset(AT(rgb, SIDE, y, x), x / 8 % 2 * 200, 3);
	v = vector_of(rgb, SIDE, SIDE);
	/* Gradients point east or west: between the last bin and the first. */
	for (int i = 0; i < HOG_COUNT; i += HOG_BINS) {
		assert_true(v[i] > 0.1f);
		assert_float_equal(v[i], (v[i + HOG_BINS - 1]), 1e-4f);
		for (int b = 1; b < HOG_BINS - 1; b++)
			assert_true(v[i + b] < 1e-4f);
	}
}

static void
pure_red_is_one_bin_of_colour(void **state)
{
	uint8_t *rgb CLEANUP(freep) = flat_picture(64, 64, 255, 0, 0);
	struct raster *r CLEANUP(freep) = xcalloc(1, sizeof(*r));
	float v[COLOUR_COUNT];
	/* The most saturated tint of the first hue, the highest value. */
	int red = (1 + HUE_BINS) * VALUE_BINS + VALUE_BINS - 1;

	(void)state;
	raster_of(r, rgb, 64, 64);
	colour_of(r, v);
	for (int i = 0; i < COLOUR_COUNT; i++) {
		float share = i % COLOUR_BINS == red ? 1 : 0;

		assert_float_equal(v[i], share, 1e-6f);
	}
}

static void
greys_differ_in_value_but_have_no_hue(void **state)
{
	uint8_t *rgb CLEANUP(freep) = flat_picture(64, 64, 127, 127, 127);
	struct raster *r CLEANUP(freep) = xcalloc(1, sizeof(*r));
	float v[COLOUR_COUNT];

	(void)state;
	raster_of(r, rgb, 64, 64);
	colour_of(r, v);
	for (int i = 0; i < COLOUR_COUNT; i++)
		if (i % COLOUR_BINS >= VALUE_BINS)
			assert_true(v[i] == 0);
	assert_true(v[1] > 0.99f);
}

/*
 * Vectors are cached under the name and models are trained on them: if this
 * fails on purpose, FEATURES_NAME must change with it.
 */
static void
plain_1_means_these_numbers(void **state)
{
	static const struct {
		int from, count;
		double sum, moment;
	} parts[] = {
		{ 0, HOG_COUNT, 91.0681, 45.5950 },
		{ HOG_COUNT, COLOUR_COUNT, 39.2319, 18.1829 },
		{ HOG_COUNT + COLOUR_COUNT, LBP_COUNT, 55.8664, 26.3610 },
		{ HOG_COUNT + COLOUR_COUNT + LBP_COUNT, LAYOUT_COUNT, 85.3681,
		    36.6319 },
	};
	uint8_t *rgb CLEANUP(freep) = busy_picture(224, 224, 5);
	float *v CLEANUP(freep) = vector_of(rgb, 224, 224);

	(void)state;
	assert_string_equal(FEATURES_NAME, "plain-1");
	assert_int_equal(features_count(), 1866);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		double sum = 0, moment = 0;

		for (int j = 0; j < parts[i].count; j++) {
			double x = (double)v[parts[i].from + j];

			sum += x;
			moment += x * j / parts[i].count;
		}
		assert_true(fabs(sum - parts[i].sum) < 0.01);
		assert_true(fabs(moment - parts[i].moment) < 0.01);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_gives_numbers_from_0_to_1),
		cmocka_unit_test(pictures_of_one_colour_are_fine),
		cmocka_unit_test(
		    equal_pixels_give_equal_bits_and_others_do_not),
		cmocka_unit_test(
		    a_picture_with_every_pixel_doubled_gives_equal_bits),
		cmocka_unit_test(a_mirror_image_differs_in_layout_alone),
		cmocka_unit_test(a_raster_pixel_is_the_mean_over_its_area),
		cmocka_unit_test(upright_stripes_are_edges_of_one_direction),
		cmocka_unit_test(pure_red_is_one_bin_of_colour),
		cmocka_unit_test(greys_differ_in_value_but_have_no_hue),
		cmocka_unit_test(plain_1_means_these_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
