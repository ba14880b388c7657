/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixels of prepared pictures: many of them, large ones, copies, and
 * transparent ones on a background.
 */
#include "prep/augment_int.h"
#include "tests/pictures.h"

#define MANY 60

struct many {
	struct buf jpeg;
	int next, seen;
	bool done[MANY];
};

static int
next_of_many(void *ctx, struct prep_picture *ret, struct err *e)
{
	struct many *m = ctx;

	(void)e;
	if (m->next == MANY)
		return 0;
	/* Every tenth is broken. */
	assert_int_equal(buf_add(&ret->jpeg, m->jpeg.data,
			     m->next % 10 == 3 ? 50 : m->jpeg.len),
	    0);
	ret->id = m->next++;
	return 1;
}

static int
each_of_many(
    void *ctx, int64_t id, const uint8_t *rgb, int w, int h, struct err *e)
{
	struct many *m = ctx;

	(void)e;
	assert_in_range(id, 0, MANY - 1);
	assert_false(m->done[id]);
	m->done[id] = true;
	m->seen++;
	assert_int_equal(rgb == NULL, id % 10 == 3);
	assert_int_equal(w, id % 10 == 3 ? 0 : 224);
	assert_int_equal(h, w);
	return 0;
}

static void
pixels_of_many_pictures_come_each_with_its_id(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(400, 300), ".png");
	struct visit v = visited(f, &file, DEFAULT_STEPS, false);
	struct many m = { .jpeg = v.jpeg };
	struct err err;

	assert_int_equal(
	    prep_pixels(f->pool, next_of_many, each_of_many, &m, &err), 0);
	assert_int_equal(m.seen, MANY);
	visit_release(&v);
	buf_release(&file);
}

static void
a_large_picture_comes_back_as_well(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(grains(2000, 1500), ".png");
	struct visit v;
	struct pixels p;

	v = visited(f, &file, "autorotate", false);
	assert_int_equal(v.reason, REASON_none);
	assert_true(v.jpeg.len > PROC_REQUEST_MAX);
	p = pixels_of(f, &v.jpeg);
	assert_non_null(p.rgb);
	assert_int_equal(p.w, 2000);
	free(p.rgb);
	visit_release(&v);
	buf_release(&file);
}

/* Colours, of which the right half shows a quarter, on nothing. */
static VipsImage *
faint(VipsInterpretation space)
{
	VipsImage *both[2] = { scene(200, 100), NULL }, *out;

	assert_int_equal(vips_black(&both[1], 200, 100, NULL), 0);
	CHANGE(both[1], vips_linear1, 1.0, 255.0, "uchar", TRUE);
	assert_int_equal(
	    vips_draw_rect1(both[1], 64, 100, 0, 100, 100, "fill", TRUE, NULL),
	    0);
	assert_int_equal(vips_bandjoin(both, &out, 2, NULL), 0);
	g_object_unref(both[0]);
	g_object_unref(both[1]);
	CHANGE(out, vips_colourspace, space);
	return out;
}

static void
transparent_pixels_lie_on_the_recipes_background(void **state)
{
	static const struct {
		const char *suffix;
		VipsInterpretation space;
		int most; /* by which it is off, JPEG and all */
	} cases[] = {
		{ ".png", VIPS_INTERPRETATION_sRGB, 6 },
		{ ".png", VIPS_INTERPRETATION_RGB16, 6 },
		{ ".webp[lossless]", VIPS_INTERPRETATION_sRGB, 6 },
		{ ".tif", VIPS_INTERPRETATION_sRGB, 6 },
	};
	static const uint8_t ground[] = { 0x20, 0x80, 0xe0 };
	struct fixture *f = *state;
	struct visit v, plain, on_white;
	struct pixels p, q;
	struct buf file, clear;
	size_t i, band, at;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		file = saved(scene(200, 100), cases[i].suffix);
		clear = saved(faint(cases[i].space), cases[i].suffix);
		plain = visited(f, &file, "flip h", false);
		v = visited(f, &clear, "background #2080e0, flip h", true);
		assert_int_equal(v.reason, REASON_none);
		p = pixels_of(f, &v.jpeg);
		q = pixels_of(f, &plain.jpeg);
		assert_int_equal(p.w, 200);
		for (band = 0; band < 3; band++) {
			/* The half that shows a quarter is now on the left. */
			at = (80 * 200 + 30) * 3 + band;
			assert_true(abs(p.rgb[at] -
					(64 * q.rgb[at] + 191 * ground[band]) /
					    255) <= cases[i].most);
			at = (80 * 200 + 150) * 3 + band;
			assert_true(
			    abs(p.rgb[at] - q.rgb[at]) <= cases[i].most);
		}
		/* Digest and code are those on white, whatever the recipe. */
		on_white = visited(f, &clear, "flip h", true);
		assert_memory_equal(
		    v.pixel_digest, on_white.pixel_digest, XXH3_SIZE);
		assert_memory_equal(&v.pdq, &on_white.pdq, sizeof(v.pdq));
		free(p.rgb);
		free(q.rgb);
		visit_release(&v);
		visit_release(&plain);
		visit_release(&on_white);
		buf_release(&file);
		buf_release(&clear);
	}
}

static void
grey_and_inks_lie_on_a_coloured_background_as_well(void **state)
{
	static const struct {
		const char *suffix;
		VipsInterpretation space;
		int most;
	} cases[] = {
		{ ".png", VIPS_INTERPRETATION_B_W, 4 },
		/* All four inks together are not quite black. */
		{ ".tif", VIPS_INTERPRETATION_CMYK, 32 },
		{ ".gif", VIPS_INTERPRETATION_sRGB, 4 },
	};
	struct fixture *f = *state;
	struct visit v, twin;
	struct pixels p;
	struct buf file;
	const uint8_t *right;
	VipsImage *image;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		image = faint(VIPS_INTERPRETATION_sRGB);
		/* Nothing at all shows on the right. */
		CHANGE(image, vips_linear, ((double[]){ 1, 1, 1, 255.0 / 191 }),
		    ((double[]){ 0, 0, 0, -64 * 255.0 / 191 }), 4, "uchar",
		    TRUE);
		CHANGE(image, vips_copy, "interpretation",
		    VIPS_INTERPRETATION_sRGB);
		CHANGE(image, vips_colourspace, cases[i].space);
		file = saved(image, cases[i].suffix);
		v = visited(f, &file, "background #2080e0", false);
		assert_int_equal(v.reason, REASON_none);
		assert_true(v.has_alpha);
		twin = visited(f, &file, "background #2080e0", true);
		assert_int_equal(v.jpeg.len, twin.jpeg.len);
		assert_memory_equal(v.jpeg.data, twin.jpeg.data, v.jpeg.len);
		p = pixels_of(f, &v.jpeg);
		right = p.rgb + (50 * 200 + 150) * 3;
		if (abs(right[0] - 0x20) > cases[i].most ||
		    abs(right[1] - 0x80) > cases[i].most ||
		    abs(right[2] - 0xe0) > cases[i].most)
			fail_msg("%s: %02x%02x%02x", cases[i].suffix, right[0],
			    right[1], right[2]);
		free(p.rgb);
		visit_release(&v);
		visit_release(&twin);
		buf_release(&file);
	}
}

/* ---- copies ---- */

static const unsigned char some_key[SHA256_SIZE] = { 1, 2, 3 };

static struct pixels
augmented(struct fixture *f, const struct buf *jpeg, const char *steps)
{
	struct augment augment;
	struct err err = { ERR_NONE, "" };
	struct pixels p = {
		.jpeg = jpeg, .augment = &augment, .key = some_key
	};

	if (augment_parse(steps, &augment, &err) < 0 ||
	    prep_pixels(f->pool, pixels_next, pixels_each, &p, &err) < 0)
		fail_msg("%s", err.msg);
	return p;
}

static void
a_child_augments_as_the_house_does(void **state)
{
	static const char steps[] = "flip h, rotate 5..20, noise 2";
	struct fixture *f = *state;
	struct buf file = saved(scene(400, 300), ".png");
	struct visit v = visited(f, &file, DEFAULT_STEPS, false);
	struct pixels plain = pixels_of(f, &v.jpeg);
	struct pixels got = augmented(f, &v.jpeg, steps);
	struct raster r = { plain.rgb, plain.w, plain.h };
	struct augment augment;
	struct err err;

	assert_int_equal(augment_parse(steps, &augment, &err), 0);
	augment_apply(&augment, some_key, &r);
	assert_int_equal(got.w, 224);
	assert_int_equal(got.h, 224);
	assert_memory_equal(got.rgb, r.px, raster_bytes(&r));
	free(got.rgb);
	raster_release(&r);
	visit_release(&v);
	buf_release(&file);
}

struct copying {
	struct pixels from; /* what pixels_next() takes ctx for */
	struct buf copy;
};

static int
keep_copy(void *ctx, int64_t id, const void *jpeg, size_t len, struct err *e)
{
	struct copying *c = ctx;

	(void)e;
	assert_int_equal(id, 8);
	if (jpeg != NULL)
		assert_int_equal(buf_add(&c->copy, jpeg, len), 0);
	return 0;
}

static struct buf
copied(struct fixture *f, const struct buf *jpeg, const char *steps)
{
	struct augment augment;
	struct err err = { ERR_NONE, "" };
	struct copying c = {
		.from = { .jpeg = jpeg, .augment = &augment, .key = some_key },
		.copy = BUF_INIT(64u << 20)
	};

	if (augment_parse(steps, &augment, &err) < 0 ||
	    prep_copies(f->pool, pixels_next, keep_copy, &c, &err) < 0)
		fail_msg("%s", err.msg);
	return c.copy;
}

static void
a_copy_is_a_jpeg_of_the_same_size(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(400, 300), ".png");
	struct visit v = visited(f, &file, "resize 200x100 fill", false);
	struct buf same = copied(f, &v.jpeg, "rotate 0");
	struct buf flipped = copied(f, &v.jpeg, "flip h");
	struct buf again = copied(f, &v.jpeg, "flip h");

	assert_true(difference(f, &v.jpeg, &same) < 1);
	assert_true(difference(f, &v.jpeg, &flipped) > 5);
	assert_int_equal(flipped.len, again.len);
	assert_memory_equal(flipped.data, again.data, again.len);
	v.jpeg.len = 50;
	buf_release(&again);
	again = copied(f, &v.jpeg, "flip h");
	assert_int_equal(again.len, 0);
	buf_release(&again);
	buf_release(&same);
	buf_release(&flipped);
	visit_release(&v);
	buf_release(&file);
}

static void
a_large_picture_is_copied_as_well(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(grains(2000, 1500), ".png");
	struct visit v = visited(f, &file, "autorotate", false);
	struct buf copy;

	assert_true(v.jpeg.len > PROC_REQUEST_MAX);
	copy = copied(f, &v.jpeg, "rotate 0");
	assert_true(difference(f, &v.jpeg, &copy) < 3);
	buf_release(&copy);
	visit_release(&v);
	buf_release(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(pixels_of_many_pictures_come_each_with_its_id),
		TEST(a_large_picture_comes_back_as_well),
		TEST(transparent_pixels_lie_on_the_recipes_background),
		TEST(grey_and_inks_lie_on_a_coloured_background_as_well),
		TEST(a_child_augments_as_the_house_does),
		TEST(a_copy_is_a_jpeg_of_the_same_size),
		TEST(a_large_picture_is_copied_as_well),
	};

	if (is_worker(argc, argv))
		return prep_worker();
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
