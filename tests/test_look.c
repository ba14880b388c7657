/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a visit leaves for dedup: codes with and without a border, of all
 * turns, and what the file's compression has lost.
 */
#include "tests/pictures.h"

#include "prep/border_int.h"
#include "prep/look_int.h"
#include "tests/rasters.h"

/* A picture in the middle of one that is of a colour. */
static VipsImage *
framed(VipsImage *image, int left, int top, double level)
{
	VipsArrayDouble *ground = vips_array_double_newv(1, level);

	CHANGE(image, vips_embed, left, top,
	    vips_image_get_width(image) + 2 * left,
	    vips_image_get_height(image) + 2 * top, "extend",
	    VIPS_EXTEND_BACKGROUND, "background", ground);
	vips_area_unref(VIPS_AREA(ground));
	return image;
}

static struct visit
looked_at(struct fixture *f, VipsImage *image, const char *suffix)
{
	struct buf file CLEANUP(buf_release) = saved(image, suffix);
	struct visit v = visited(f, &file, DEFAULT_STEPS, true);

	assert_int_equal(v.reason, REASON_none);
	return v;
}

static void
the_code_without_a_border_is_that_of_the_picture(void **state)
{
	static const struct {
		int left, top;
		double level;
		const char *suffix;
	} cases[] = { { 12, 12, 255, ".png" }, { 30, 30, 0, ".jpg[Q=90]" },
		{ 40, 40, 120, ".jpg[Q=40]" }, { 0, 50, 0, ".jpg[Q=75]" },
		{ 90, 0, 255, ".jpg[Q=75]" } };
	struct visit plain CLEANUP(visit_release) =
	    looked_at(*state, scene(500, 400), ".png");
	size_t i;

	assert_false(plain.look.trimmed);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct visit v CLEANUP(visit_release) = looked_at(*state,
		    framed(scene(500, 400), cases[i].left, cases[i].top,
			cases[i].level),
		    cases[i].suffix);

		assert_true(v.look.trimmed);
		assert_true(
		    pdq_distance(v.trim_pdq.bits, plain.pdq.bits) <= 16);
		assert_true(
		    pdq_distance(v.trim_pdq.bits, plain.pdq.bits) <= 16);
		assert_true(v.trim_pdq.quality >= 50);
	}
}

static void
a_border_of_three_per_cent_is_none(void **state)
{
	struct raster r CLEANUP(raster_release) = noisy(400, 400, 7);
	struct box b;

	(void)state;
	assert_false(border_inside(&r, &b));
	fill(&r, 0, 0, 11, 400, 0xffffff);
	assert_false(border_inside(&r, &b));
	fill(&r, 0, 0, 12, 400, 0xffffff);
	assert_true(border_inside(&r, &b));
	assert_int_equal(b.x, 12);
	assert_int_equal(b.y, 0);
	assert_int_equal(b.w, 388);
	assert_int_equal(b.h, 400);
}

static void
frames_in_frames_of_other_colours_are_taken_off(void **state)
{
	struct raster r CLEANUP(raster_release) = noisy(300, 200, 9);
	struct raster inner CLEANUP(raster_release) = noisy(240, 120, 3);
	struct box b;
	int y;

	(void)state;
	fill(&r, 0, 0, 300, 200, 0x000000);
	fill(&r, 20, 30, 280, 170, 0xffee00);
	for (y = 0; y < inner.h; y++)
		memcpy(r.px + ((40 + y) * r.w + 30) * RASTER_BANDS,
		    inner.px + y * inner.w * RASTER_BANDS,
		    (size_t)inner.w * RASTER_BANDS);
	assert_true(border_inside(&r, &b));
	assert_int_equal(b.x, 30);
	assert_int_equal(b.y, 40);
	assert_int_equal(b.w, 240);
	assert_int_equal(b.h, 120);
}

static void
what_is_almost_nothing_is_no_picture_in_a_frame(void **state)
{
	struct raster r CLEANUP(raster_release) = noisy(100, 100, 4);
	struct box b;

	(void)state;
	fill(&r, 0, 0, 100, 40, 0xffffff);
	fill(&r, 0, 60, 100, 100, 0xffffff);
	assert_false(border_inside(&r, &b));
	fill(&r, 0, 0, 100, 100, 0xffffff);
	assert_false(border_inside(&r, &b));
}

/* Stored in any way, it is the same upright picture. */
static void
the_turned_codes_are_those_of_turned_pictures(void **state)
{
	struct visit plain CLEANUP(visit_release) =
	    looked_at(*state, scene(500, 400), ".png");
	VipsImage *image = scene(500, 400);

	CHANGE(image, vips_rot, VIPS_ANGLE_D90);
	{
		struct visit v CLEANUP(visit_release) =
		    looked_at(*state, image, ".png");

		/* Turn 5 is the fifth but the first of eight. */
		assert_true(
		    pdq_distance(plain.look.whole.turned[4], v.pdq.bits) <= 24);
		assert_true(
		    pdq_distance(v.look.whole.turned[6], plain.pdq.bits) <= 24);
	}
}

static void
facts_that_are_not_asked_for_are_not_given(void **state)
{
	struct fixture *f = *state;
	struct buf file CLEANUP(buf_release) =
	    saved(scene(300, 200), ".jpg[Q=80]");
	struct visit v = visited(f, &file, DEFAULT_STEPS, false);
	const struct look none = { .trimmed = false };

	assert_memory_equal(&v.look, &none, sizeof(none));
	assert_int_equal(v.compression, 0);
	visit_release(&v);
}

static void
compression_is_told_by_the_file(void **state)
{
	static const struct {
		const char *suffix;
		int low, high;
	} cases[] = { { ".png", 100, 100 }, { ".tif", 100, 100 },
		{ ".webp[lossless=true]", 100, 100 }, { ".webp[Q=80]", 1, 99 },
		{ ".jpg[Q=100]", 99, 99 }, { ".jpg[Q=95]", 94, 96 },
		{ ".jpg[Q=75]", 74, 76 }, { ".jpg[Q=50]", 49, 51 },
		{ ".jpg[Q=30]", 29, 31 }, { ".jpg[Q=10]", 9, 11 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct visit v CLEANUP(visit_release) =
		    looked_at(*state, scene(200, 200), cases[i].suffix);

		if (v.compression < cases[i].low ||
		    v.compression > cases[i].high)
			fail_msg("%s: %d", cases[i].suffix, v.compression);
	}
}

static void
tables_that_are_cut_off_are_not_read(void **state)
{
	static const uint8_t whole[] = { 0xff, 0xd8, 0xff, 0xdb, 0, 67, 0 };
	uint8_t file[200];
	size_t len;

	(void)state;
	memset(file, 1, sizeof(file));
	memcpy(file, whole, sizeof(whole));
	assert_int_equal(compression_of(FORMAT_JPEG, file, 2 + 69), 99);
	for (len = 0; len < 2 + 69; len++)
		assert_true(compression_of(FORMAT_JPEG, file, len) < 99);
	file[5] = 2; /* tables of no bytes */
	assert_true(compression_of(FORMAT_JPEG, file, sizeof(file)) < 99);
	memcpy(file, "RIFF\xff\0\0\0WEBPANMF\xff\xff\xff\xff", 20);
	for (len = 0; len < 60; len++)
		assert_true(compression_of(FORMAT_WEBP, file, len) < 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_code_without_a_border_is_that_of_the_picture),
		cmocka_unit_test(a_border_of_three_per_cent_is_none),
		cmocka_unit_test(
		    frames_in_frames_of_other_colours_are_taken_off),
		cmocka_unit_test(
		    what_is_almost_nothing_is_no_picture_in_a_frame),
		TEST(the_turned_codes_are_those_of_turned_pictures),
		TEST(facts_that_are_not_asked_for_are_not_given),
		TEST(compression_is_told_by_the_file),
		cmocka_unit_test(tables_that_are_cut_off_are_not_read),
	};

	if (is_worker(argc, argv))
		return image_worker(argv);
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
