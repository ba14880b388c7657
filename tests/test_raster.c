/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain loops over pixels against slow restatements, and what each step
 * of a recipe does to sizes and corners.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rasters.h"

/* ---- turning ---------------------------------------------------------- */

/* Where the stored picture's corners lie when it is upright (EXIF 2.32). */
static void
an_orientation_moves_the_corners_as_exif_says(void **state)
{
	/* The corner (0: top left, then clockwise) that comes to top left,
	 * and the one that comes to top right. */
	static const int corners[9][2] = { { 0 }, { 0, 1 }, { 1, 0 }, { 2, 3 },
		{ 3, 2 }, { 0, 3 }, { 3, 0 }, { 2, 1 }, { 1, 2 } };
	static const int xs[] = { 0, 6, 6, 0 }, ys[] = { 0, 0, 4, 4 };
	struct raster r = noisy(7, 5, 1), turned;
	int o, left, right;

	(void)state;
	for (o = 1; o <= 8; o++) {
		turned = copy_of(&r);
		raster_orient(&turned, o);
		assert_int_equal(turned.w, o < 5 ? 7 : 5);
		left = corners[o][0];
		right = corners[o][1];
		assert_memory_equal(
		    at(&turned, 0, 0), at(&r, xs[left], ys[left]), 3);
		assert_memory_equal(at(&turned, turned.w - 1, 0),
		    at(&r, xs[right], ys[right]), 3);
		raster_orient(&turned, orientation_inverse(o));
		assert_int_equal(turned.w, 7);
		assert_memory_equal(turned.px, r.px, raster_bytes(&r));
		raster_release(&turned);
	}
	raster_release(&r);
}

static void
quarter_turns_lose_nothing(void **state)
{
	static const int orientations[] = { 1, 6, 3, 8 };
	struct raster r = noisy(9, 4, 2), a, b;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		a = copy_of(&r);
		b = copy_of(&r);
		raster_rotate(&a, 9000 * i);
		raster_orient(&b, orientations[i]);
		assert_int_equal(a.w, b.w);
		assert_memory_equal(a.px, b.px, raster_bytes(&a));
		raster_release(&a);
		raster_release(&b);
	}
	raster_release(&r);
}

static void
other_turns_are_clockwise_on_white(void **state)
{
	struct raster r = flat(60, 40, 0);
	int w = 60, h = 40;

	(void)state;
	fill(&r, 45, 0, 60, 15, 0xff0000); /* top right */
	rotated_size(4500, &w, &h);
	raster_rotate(&r, 4500);
	assert_int_equal(r.w, w);
	assert_int_equal(r.h, h);
	assert_in_range(r.w, 71, 72); /* 100 / sqrt(2) */
	assert_in_range(r.h, 71, 72);
	assert_memory_equal(at(&r, 0, 0), "\xff\xff\xff", 3);
	assert_memory_equal(at(&r, 35, 35), "\0\0\0", 3);
	/* The top right corner is now the rightmost. */
	assert_memory_equal(at(&r, 60, 42), "\xff\0\0", 3);
	assert_memory_equal(at(&r, 60, 28), "\xff\xff\xff", 3);
	raster_release(&r);
}

/* ---- resizing --------------------------------------------------------- */

static double
kernel(double x)
{
	x = fabs(x);
	if (x < 1)
		return 1.5 * x * x * x - 2.5 * x * x + 1;
	return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

/* One output sample by the definition, in both directions at once. */
static double
sample(const struct raster *r, int w, int h, int x, int y, int band)
{
	const double sx = (double)r->w / w, sy = (double)r->h / h;
	const double fx = sx > 1 ? sx : 1, fy = sy > 1 ? sy : 1;
	double sum = 0, all = 0, row, wide, k;
	int i, j;

	for (j = 0; j < r->h; j++) {
		k = kernel((j + 0.5 - (y + 0.5) * sy) / fy);
		if (k == 0)
			continue;
		row = wide = 0;
		for (i = 0; i < r->w; i++) {
			double k2 = kernel((i + 0.5 - (x + 0.5) * sx) / fx);

			row += k2 * at(r, i, j)[band];
			wide += k2;
		}
		sum += k * row / wide;
		all += k;
	}
	sum /= all;
	return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}

static void
resizing_is_cubic_convolution_over_all_source_pixels(void **state)
{
	static const int sizes[][4] = { { 31, 17, 13, 7 }, { 13, 29, 40, 31 },
		{ 50, 3, 7, 9 }, { 1, 1, 5, 5 }, { 2, 40, 1, 1 },
		{ 64, 64, 32, 64 }, { 37, 41, 36, 40 }, { 200, 5, 3, 5 } };
	struct raster from, to;
	size_t i;
	int x, y, band;
	double off;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const int *s = sizes[i];

		from = noisy(s[0], s[1], (uint32_t)i);
		to = copy_of(&from);
		raster_resize(&to, s[2], s[3]);
		assert_int_equal(to.w, s[2]);
		assert_int_equal(to.h, s[3]);
		for (y = 0; y < to.h; y++)
			for (x = 0; x < to.w; x++)
				for (band = 0; band < 3; band++) {
					off = sample(&from, to.w, to.h, x, y,
						  band) -
					    at(&to, x, y)[band];
					/* Weights have 15 bits. */
					assert_true(fabs(off) < 0.55);
				}
		raster_release(&from);
		raster_release(&to);
	}
}

static void
a_flat_picture_stays_flat_at_every_size(void **state)
{
	struct raster r;
	int grey, side;
	size_t i;

	(void)state;
	for (grey = 0; grey < 256; grey += 15)
		for (side = 1; side < 200; side += 33) {
			r = flat(61, 47, (uint8_t)grey);
			raster_resize(&r, side, 200 - side);
			for (i = 0; i < raster_bytes(&r); i++)
				assert_int_equal(r.px[i], grey);
			raster_release(&r);
		}
}

static void
a_reduced_copy_holds_means(void **state)
{
	struct raster r = noisy(40, 30, 9);
	struct raster small = raster_reduced(&r, 4, 3);
	int x, y, sum = 0;

	(void)state;
	for (y = 10; y < 20; y++)
		for (x = 20; x < 30; x++)
			sum += at(&r, x, y)[1];
	assert_in_range(at(&small, 2, 1)[1], sum / 100, sum / 100 + 1);
	raster_release(&r);
	raster_release(&small);
}

/* The first pixel of part i of n: the first whose middle is in it. */
static int
part_start(int i, int side, int n)
{
	int x = 0;

	while ((2 * x + 1) * n < 2 * i * side)
		x++;
	return x;
}

/* The blue of what a pixel of a copy stands for: is it the rounded mean? */
static void
assert_mean(const struct raster *r, const struct raster *copy, int x, int y)
{
	const int left = part_start(x, r->w, copy->w);
	const int right = part_start(x + 1, r->w, copy->w);
	const int bottom = part_start(y + 1, r->h, copy->h);
	int i, j, sum = 0, n = 0;

	for (j = part_start(y, r->h, copy->h); j < bottom; j++)
		for (i = left; i < right; i++, n++)
			sum += at(r, i, j)[2];
	assert_in_range(at(copy, x, y)[2], (2 * sum + n - 1) / (2 * n),
	    (2 * sum + n) / (2 * n));
}

static void
each_pixel_counts_once_in_a_reduced_copy(void **state)
{
	static const int sides[][2] = { { 1, 1 }, { 7, 5 }, { 16, 16 },
		{ 33, 40 }, { 90, 61 }, { 181, 97 } };
	struct raster r = noisy(181, 97, 4), copy;
	size_t i;
	int x, y;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sides); i++) {
		copy = raster_reduced(&r, sides[i][0], sides[i][1]);
		for (y = 0; y < copy.h; y++)
			for (x = 0; x < copy.w; x++)
				assert_mean(&r, &copy, x, y);
		raster_release(&copy);
	}
	raster_release(&r);
}

/* ---- looking ---------------------------------------------------------- */

static void
the_window_with_the_detail_is_found(void **state)
{
	struct raster r;
	uint32_t noise_state = 5;
	int start, x, y;

	(void)state;
	for (start = 0; start <= 500; start += 100) {
		r = flat(600, 200, 230);
		for (y = 40; y < 160; y += 4)
			for (x = start; x < start + 100; x += 4)
				fill(&r, x, y, x + 4, y + 4,
				    noise(&noise_state));
		raster_find_detail(&r, 200, 200, &x, &y);
		assert_int_equal(y, 0);
		assert_true(x <= start + 10 && x + 200 >= start + 90);
		raster_orient(&r, 6);
		raster_find_detail(&r, 200, 200, &x, &y);
		assert_int_equal(x, 0);
		assert_true(y <= start + 10 && y + 200 >= start + 90);
		raster_release(&r);
	}
}

static void
without_detail_the_middle_is_taken(void **state)
{
	struct raster r = flat(333, 100, 128);
	int x, y;

	(void)state;
	raster_find_detail(&r, 100, 100, &x, &y);
	assert_in_range(x, 110, 123);
	assert_int_equal(y, 0);
	raster_find_detail(&r, 333, 100, &x, &y);
	assert_int_equal(x, 0);
	raster_release(&r);
}

/* ---- steps ------------------------------------------------------------ */

static void
each_step_gives_the_size_it_promises(void **state)
{
	static const struct {
		const char *steps;
		int w, h;
	} cases[] = {
		/* of 300 x 100, stored in orientation 6 */
		{ "autorotate", 100, 300 },
		{ "grayscale", 300, 100 },
		{ "crop centre 1:1", 100, 100 },
		{ "crop smart 1:1", 100, 100 },
		{ "crop centre 5:1", 300, 60 },
		{ "crop smart 1:2", 50, 100 },
		{ "rotate 90", 100, 300 },
		{ "rotate 30", 310, 237 },
		{ "flip h", 300, 100 },
		{ "pad white 1:1", 300, 300 },
		{ "pad black 6:1", 600, 100 },
		{ "pad black 3:1", 300, 100 },
		{ "resize 60", 60, 20 },
		{ "resize 600", 600, 200 },
		{ "resize 60x10", 30, 10 },
		{ "resize 60 fill", 60, 60 },
		{ "resize 60x20 fill", 60, 20 },
		{ "resize 50x70 stretch", 50, 70 },
		{ "resize 1", 1, 1 },
		{ "autorotate, crop smart 1:1, resize 224", 224, 224 },
		{ "resize 4096, pad white 1:10", 410, 4096 },
		{ "resize 4096 stretch, rotate 45", 4096, 4096 },
	};
	struct recipe steps;
	struct raster r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		steps = recipe(cases[i].steps);
		r = noisy(300, 100, 3);
		steps_apply(&steps, &r, 6);
		if (r.w != cases[i].w || r.h != cases[i].h)
			fail_msg("%s: %d x %d", cases[i].steps, r.w, r.h);
		raster_release(&r);
	}
}

/* Red, green; blue, white: each step's corners as rgb nibbles. */
static void
steps_go_the_right_way(void **state)
{
	static const struct {
		const char *steps;
		uint32_t corners[4]; /* top left, right, bottom left, right */
	} cases[] = {
		{ "flip h", { 0x00ff00, 0xff0000, 0xffffff, 0x0000ff } },
		{ "flip v", { 0x0000ff, 0xffffff, 0xff0000, 0x00ff00 } },
		{ "rotate 90", { 0x0000ff, 0xff0000, 0xffffff, 0x00ff00 } },
		{ "rotate 180", { 0xffffff, 0x0000ff, 0x00ff00, 0xff0000 } },
		{ "rotate 270", { 0x00ff00, 0xffffff, 0xff0000, 0x0000ff } },
		{ "grayscale", { 0x4c4c4c, 0x969696, 0x1d1d1d, 0xffffff } },
		{ "pad black 2:1", { 0, 0, 0, 0 } },
		{ "pad white 2:1", { 0xffffff, 0xffffff, 0xffffff, 0xffffff } },
		{ "resize 10", { 0xff0000, 0x00ff00, 0x0000ff, 0xffffff } },
	};
	struct recipe steps;
	struct raster r;
	size_t i;
	int corner;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = flat(40, 40, 255);
		fill(&r, 0, 0, 20, 20, 0xff0000);
		fill(&r, 20, 0, 40, 20, 0x00ff00);
		fill(&r, 0, 20, 20, 40, 0x0000ff);
		steps = recipe(cases[i].steps);
		steps_apply(&steps, &r, 1);
		for (corner = 0; corner < 4; corner++) {
			const uint32_t rgb = cases[i].corners[corner];
			const uint8_t *p = at(&r, corner % 2 == 0 ? 0 : r.w - 1,
			    corner < 2 ? 0 : r.h - 1);

			if (p[0] != rgb >> 16 || p[1] != (rgb >> 8 & 255) ||
			    p[2] != (rgb & 255))
				fail_msg("%s: corner %d is %02x%02x%02x",
				    cases[i].steps, corner, p[0], p[1], p[2]);
		}
		raster_release(&r);
	}
}

static void
a_small_picture_stands_in_only_if_no_step_enlarges_it(void **state)
{
	static const struct {
		const char *steps;
		int w, h;
		bool enough;
	} cases[] = {
		{ "resize 224", 512, 512, true },
		{ "resize 224", 224, 100, true },
		{ "resize 224", 223, 100, false },
		{ "resize 224 fill", 300, 223, false },
		{ "resize 224 stretch", 300, 224, true },
		{ "autorotate, resize 100x400", 400, 100, true },
		{ "autorotate, resize 400x100 stretch", 400, 100, false },
		{ "crop centre 1:1, resize 600", 1000, 512, false },
		{ "pad white 1:1, resize 600", 1000, 512, true },
		{ "rotate 45, resize 600", 512, 512, true },
		{ "resize 100, resize 900", 512, 512, true },
		{ "crop centre 1:1", 2000, 2000, false },
		{ "crop centre 1:1", 4096, 2000, true },
	};
	struct recipe steps;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		steps = recipe(cases[i].steps);
		if (steps_can_start_from(&steps, cases[i].w, cases[i].h, 6) !=
		    cases[i].enough)
			fail_msg("%s from %d x %d", cases[i].steps, cases[i].w,
			    cases[i].h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_orientation_moves_the_corners_as_exif_says),
		cmocka_unit_test(quarter_turns_lose_nothing),
		cmocka_unit_test(other_turns_are_clockwise_on_white),
		cmocka_unit_test(
		    resizing_is_cubic_convolution_over_all_source_pixels),
		cmocka_unit_test(a_flat_picture_stays_flat_at_every_size),
		cmocka_unit_test(a_reduced_copy_holds_means),
		cmocka_unit_test(each_pixel_counts_once_in_a_reduced_copy),
		cmocka_unit_test(the_window_with_the_detail_is_found),
		cmocka_unit_test(without_detail_the_middle_is_taken),
		cmocka_unit_test(each_step_gives_the_size_it_promises),
		cmocka_unit_test(steps_go_the_right_way),
		cmocka_unit_test(
		    a_small_picture_stands_in_only_if_no_step_enlarges_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
