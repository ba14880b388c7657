/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visits to pictures that are made here: what is used comes out right
 * whatever the file's format, depth, colours and orientation.
 */
#include "tests/pictures.h"

static void
assert_close(struct fixture *f, const struct buf *file,
    const struct visit *plain, double most)
{
	struct visit v = visited(f, file, DEFAULT_STEPS, false);
	double off;

	assert_int_equal(v.reason, REASON_none);
	off = difference(f, &v.jpeg, &plain->jpeg);
	if (off > most)
		fail_msg("off by %.2f, more than %.2f", off, most);
	visit_release(&v);
}

/* Save in many ways; all must come out as the plain picture does. */
static void
every_format_and_depth_gives_the_same_picture(void **state)
{
	struct fixture *f = *state;
	struct buf plain_file = saved(scene(320, 260), ".png");
	struct visit plain = visited(f, &plain_file, DEFAULT_STEPS, true);
	static const struct {
		const char *suffix;
		double most;
	} cases[] = {
		{ ".png[interlace]", 0 },
		{ ".webp[lossless]", 0 },
		{ ".tif", 0 },
		{ ".tif[tile,compression=deflate]", 0 },
		{ ".tif[bigtiff]", 0 },
		{ ".jpg[Q=98,subsample-mode=off]", 1 },
		{ ".jpg[Q=98,interlace]", 1.5 },
		{ ".webp[Q=95]", 3 },
		{ ".png[palette,dither=0]", 4 },
		{ ".gif", 6 },
	};
	struct buf file;
	size_t i;

	assert_int_equal(plain.reason, REASON_none);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		file = saved(scene(320, 260), cases[i].suffix);
		assert_close(f, &file, &plain, cases[i].most);
		buf_release(&file);
	}
	file = saved(scene_in(320, 260, VIPS_INTERPRETATION_RGB16), ".png");
	assert_close(f, &file, &plain, 0);
	buf_release(&file);
	buf_release(&plain_file);
	visit_release(&plain);
}

/* By their options only; a fixture's pool does not go by them yet. */
static void
formats_that_take_plug_ins_are_read_when_they_are_named(void **state)
{
	static const struct {
		const char *suffix;
		double most;
		enum prep_reason half;
	} cases[] = {
		{ ".heic[Q=80]", 8, REASON_truncated },
		{ ".avif[Q=80]", 8, REASON_truncated },
		{ ".jxl[Q=95]", 3, REASON_undecodable },
	};
	char *names[] = { (char *)"png", (char *)"heif", (char *)"avif",
		(char *)"jxl" };
	struct fixture *f = *state;
	struct buf file = saved(scene(320, 260), ".png");
	struct visit plain = visited(f, &file, DEFAULT_STEPS, true);
	size_t i;

	buf_release(&file);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refusal(f, saved(scene(320, 260), cases[i].suffix),
		    REASON_unsupported_format);
	f->opts.formats = (struct strlist){ names, ARRAY_SIZE(names) };
	f->pool = replace_pool(f);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		file = saved(scene(320, 260), cases[i].suffix);
		assert_close(f, &file, &plain, cases[i].most);
		file.len /= 2;
		expect_refusal(f, file, cases[i].half);
	}
	expect_refusal(
	    f, saved(scene(320, 260), ".gif"), REASON_unsupported_format);
	visit_release(&plain);
}

static void
grey_pictures_come_out_grey(void **state)
{
	struct fixture *f = *state;
	struct buf eight, as_rgb, sixteen, with_alpha;
	struct visit v, rgb;
	VipsImage *image;

	eight = saved(scene_in(200, 100, VIPS_INTERPRETATION_B_W), ".png");
	image = scene_in(200, 100, VIPS_INTERPRETATION_B_W);
	CHANGE(image, vips_colourspace, VIPS_INTERPRETATION_sRGB);
	as_rgb = saved(image, ".png");
	sixteen = saved(scene_in(200, 100, VIPS_INTERPRETATION_GREY16), ".png");
	image = scene_in(200, 100, VIPS_INTERPRETATION_B_W);
	CHANGE(image, vips_addalpha);
	with_alpha = saved(image, ".png");
	v = visited(f, &eight, DEFAULT_STEPS, true);
	rgb = visited(f, &as_rgb, DEFAULT_STEPS, true);

	assert_int_equal(v.reason, REASON_none);
	assert_int_equal(v.bands, 1);
	assert_int_equal(rgb.bands, 3);
	assert_memory_equal(v.pixel_digest, rgb.pixel_digest, XXH3_SIZE);
	assert_close(f, &as_rgb, &v, 0);
	assert_close(f, &sixteen, &v, 1);
	assert_close(f, &with_alpha, &v, 0);
	visit_release(&v);
	visit_release(&rgb);
	buf_release(&eight);
	buf_release(&as_rgb);
	buf_release(&sixteen);
	buf_release(&with_alpha);
}

static void
inks_come_out_as_the_colours_they_print(void **state)
{
	struct fixture *f = *state;
	struct buf plain_file = saved(scene(200, 200), ".png");
	struct buf inks =
	    saved(scene_in(200, 200, VIPS_INTERPRETATION_CMYK), ".jpg[Q=98]");
	struct buf inks_tiff =
	    saved(scene_in(200, 200, VIPS_INTERPRETATION_CMYK), ".tif");
	struct visit plain = visited(f, &plain_file, DEFAULT_STEPS, false);
	struct visit v = visited(f, &inks, DEFAULT_STEPS, false);

	assert_int_equal(v.bands, 4);
	assert_false(v.has_alpha);
	/* Bright blue and green cannot be printed; inverted would be 100. */
	assert_close(f, &inks, &plain, 30);
	assert_close(f, &inks_tiff, &v, 1);
	visit_release(&plain);
	visit_release(&v);
	buf_release(&plain_file);
	buf_release(&inks);
	buf_release(&inks_tiff);
}

static struct buf
saved_in_p3(const char *suffix)
{
	VipsImage *image = scene(200, 200);

	CHANGE(image, vips_icc_transform, "p3", "input_profile", "srgb");
	return saved(image, suffix);
}

static void
a_profile_is_applied_and_a_plain_one_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct buf plain_file = saved(scene(200, 200), ".png");
	struct buf srgb = saved(scene(200, 200), ".png[profile=srgb]");
	struct buf p3 = saved_in_p3(".png[profile=p3]");
	struct buf p3_bare = saved_in_p3(".png[strip]");
	struct visit plain = visited(f, &plain_file, DEFAULT_STEPS, true);
	struct visit tagged = visited(f, &srgb, DEFAULT_STEPS, true);
	struct visit bare = visited(f, &p3_bare, DEFAULT_STEPS, true);

	assert_false(plain.has_profile);
	assert_true(tagged.has_profile);
	assert_memory_equal(plain.pixel_digest, tagged.pixel_digest, XXH3_SIZE);
	assert_close(f, &p3, &plain, 2);
	assert_true(difference(f, &bare.jpeg, &plain.jpeg) > 5);
	visit_release(&plain);
	visit_release(&tagged);
	visit_release(&bare);
	buf_release(&plain_file);
	buf_release(&srgb);
	buf_release(&p3);
	buf_release(&p3_bare);
}

/* One colour in the space of a profile, which it carries. */
static VipsImage *
patch(const int rgb[3], const char *profile)
{
	VipsImage *image;

	assert_int_equal(vips_black(&image, 64, 64, "bands", 3, NULL), 0);
	CHANGE(image, vips_linear, ((double[]){ 1, 1, 1 }),
	    ((double[]){ rgb[0], rgb[1], rgb[2] }), 3, "uchar", TRUE);
	CHANGE(image, vips_copy, "interpretation", VIPS_INTERPRETATION_sRGB);
	CHANGE(image, vips_icc_transform, profile, "input_profile", "srgb",
	    "intent", VIPS_INTENT_PERCEPTUAL);
	return image;
}

/* What Little CMS makes of it; inks do not come back as they were. */
static void
srgb_of(const int rgb[3], const char *profile, uint8_t ret[3])
{
	VipsImage *image = patch(rgb, profile);
	VipsPel *px;

	CHANGE(image, vips_icc_transform, "srgb", "embedded", TRUE, "intent",
	    VIPS_INTENT_PERCEPTUAL);
	px = vips_image_write_to_memory(image, NULL);
	memcpy(ret, px, 3);
	g_free(px);
	g_object_unref(image);
}

static void
colours_of_wide_gamuts_and_inks_come_out_within_two_levels(void **state)
{
	static const int colours[][3] = { { 128, 128, 128 }, { 180, 140, 120 },
		{ 90, 110, 100 }, { 230, 60, 40 } };
	static const struct {
		const char *profile, *suffix;
	} files[] = { { "p3", ".png" }, { "p3", ".jpg[Q=98]" },
		{ "p3", ".webp[lossless]" }, { "cmyk", ".tif" },
		{ "cmyk", ".jpg[Q=98]" } };
	struct fixture *f = *state;
	uint8_t right[3];
	struct buf file;
	struct visit v;
	struct pixels p;
	size_t i, k, band;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		for (k = 0; k < ARRAY_SIZE(colours); k++) {
			srgb_of(colours[k], files[i].profile, right);
			file = saved(patch(colours[k], files[i].profile),
			    files[i].suffix);
			v = visited(f, &file, "resize 32", false);
			assert_true(v.has_profile);
			p = pixels_of(f, &v.jpeg);
			for (band = 0; band < 3; band++)
				if (abs(p.rgb[band] - right[band]) > 2)
					fail_msg("%s in %s: %d, not %d",
					    files[i].profile, files[i].suffix,
					    p.rgb[band], right[band]);
			free(p.rgb);
			visit_release(&v);
			buf_release(&file);
		}
}

/* The scene with its right half transparent. */
static VipsImage *
half_clear(VipsInterpretation space)
{
	VipsImage *both[2] = { scene(200, 100), NULL }, *out;

	assert_int_equal(vips_black(&both[1], 200, 100, NULL), 0);
	assert_int_equal(
	    vips_draw_rect1(both[1], 255, 0, 0, 100, 100, "fill", TRUE, NULL),
	    0);
	assert_int_equal(vips_bandjoin(both, &out, 2, NULL), 0);
	g_object_unref(both[0]);
	g_object_unref(both[1]);
	CHANGE(out, vips_colourspace, space);
	return out;
}

static void
what_is_transparent_becomes_white(void **state)
{
	static const struct {
		const char *suffix;
		VipsInterpretation space;
	} cases[] = {
		{ ".png", VIPS_INTERPRETATION_sRGB },
		{ ".png", VIPS_INTERPRETATION_B_W },
		{ ".png", VIPS_INTERPRETATION_RGB16 },
		{ ".webp[lossless]", VIPS_INTERPRETATION_sRGB },
		{ ".tif", VIPS_INTERPRETATION_sRGB },
		{ ".tif", VIPS_INTERPRETATION_CMYK },
		{ ".gif", VIPS_INTERPRETATION_sRGB },
	};
	struct fixture *f = *state;
	struct pixels p;
	struct visit v;
	struct buf file;
	size_t i;
	const uint8_t *right, *left;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		file = saved(half_clear(cases[i].space), cases[i].suffix);
		v = visited(f, &file, "grayscale", false);
		assert_int_equal(v.reason, REASON_none);
		assert_true(v.has_alpha);
		p = pixels_of(f, &v.jpeg);
		assert_int_equal(p.w, 200);
		left = p.rgb + (50 * 200 + 50) * 3;
		right = p.rgb + (50 * 200 + 150) * 3;
		assert_in_range(left[0], 40, 200);
		assert_in_range(right[0], 253, 255);
		free(p.rgb);
		visit_release(&v);
		buf_release(&file);
	}
}

/* The scene as it has to be stored to look upright in an orientation. */
static struct buf
stored(int orientation, const char *suffix)
{
	static const VipsAngle turns[] = { 0, VIPS_ANGLE_D0, VIPS_ANGLE_D0,
		VIPS_ANGLE_D180, VIPS_ANGLE_D180, VIPS_ANGLE_D90,
		VIPS_ANGLE_D270, VIPS_ANGLE_D270, VIPS_ANGLE_D90 };
	static const bool flips[] = { 0, 0, 1, 0, 1, 1, 0, 1, 0 };
	VipsImage *image = scene(320, 200);

	CHANGE(image, vips_rot, turns[orientation]);
	if (flips[orientation])
		CHANGE(image, vips_flip, VIPS_DIRECTION_HORIZONTAL);
	vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
	return saved(image, suffix);
}

static void
all_eight_orientations_give_the_same_picture(void **state)
{
	static const char steps[] = "autorotate, crop smart 1:1, resize 96";
	struct fixture *f = *state;
	struct buf file, photo;
	struct visit first = { 0 }, v;
	int o;

	for (o = 1; o <= 8; o++) {
		file = stored(o, ".tif");
		v = visited(f, &file, steps, true);
		assert_int_equal(v.reason, REASON_none);
		assert_int_equal(v.orientation, o);
		assert_int_equal(v.stored_w, o < 5 ? 320 : 200);
		assert_int_equal(v.width, 320);
		assert_int_equal(v.height, 200);
		buf_release(&file);
		if (o == 1) {
			first = v;
			continue;
		}
		assert_memory_equal(
		    v.pixel_digest, first.pixel_digest, XXH3_SIZE);
		assert_memory_equal(&v.pdq, &first.pdq, sizeof(v.pdq));
		assert_int_equal(v.jpeg.len, first.jpeg.len);
		assert_memory_equal(v.jpeg.data, first.jpeg.data, v.jpeg.len);
		visit_release(&v);
		photo = stored(o, ".jpg[Q=98,subsample-mode=off]");
		v = visited(f, &photo, steps, true);
		assert_int_equal(v.orientation, o);
		assert_true(difference(f, &v.jpeg, &first.jpeg) < 1.5);
		visit_release(&v);
		buf_release(&photo);
	}
	visit_release(&first);
}

static void
without_autorotate_it_stays_as_it_is_stored(void **state)
{
	struct fixture *f = *state;
	struct buf turned = stored(6, ".tif"), file;
	struct visit v = visited(f, &turned, "resize 100x160", true);
	VipsImage *bare = scene(320, 200);
	struct visit expected;

	CHANGE(bare, vips_rot, VIPS_ANGLE_D270);
	file = saved(bare, ".png");
	expected = visited(f, &file, "resize 100x160", true);
	assert_int_equal(v.jpeg_w, 100);
	assert_int_equal(v.jpeg_h, 160);
	assert_int_equal(v.jpeg.len, expected.jpeg.len);
	assert_memory_equal(v.jpeg.data, expected.jpeg.data, v.jpeg.len);
	visit_release(&v);
	visit_release(&expected);
	buf_release(&turned);
	buf_release(&file);
}

static void
the_same_file_gives_the_same_bytes_with_and_without_facts(void **state)
{
	static const char *const steps[] = { DEFAULT_STEPS,
		"autorotate, resize 900", "grayscale, flip h",
		"crop smart 2:3, autorotate, rotate 12, resize 50" };
	struct fixture *f = *state;
	struct buf file = saved(scene(2100, 1500), ".jpg[Q=80]");
	struct visit a, b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		a = visited(f, &file, steps[i], true);
		b = visited(f, &file, steps[i], false);
		assert_int_equal(a.reason, REASON_none);
		assert_int_equal(a.jpeg.len, b.jpeg.len);
		assert_memory_equal(a.jpeg.data, b.jpeg.data, a.jpeg.len);
		visit_release(&a);
		visit_release(&b);
	}
	buf_release(&file);
}

static void
facts_do_not_depend_on_the_recipe(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(2100, 1500), ".jpg[Q=80]");
	struct visit small = visited(f, &file, "resize 100", true);
	struct visit large = visited(f, &file, "resize 2000", true);

	assert_memory_equal(small.pixel_digest, large.pixel_digest, XXH3_SIZE);
	assert_memory_equal(&small.pdq, &large.pdq, sizeof(small.pdq));
	assert_int_equal(large.jpeg_w, 2000);
	visit_release(&small);
	visit_release(&large);
	buf_release(&file);
}

/* Not from what was shrunk for the facts. */
static void
a_large_picture_is_made_from_all_pixels(void **state)
{
	struct fixture *f = *state;
	struct buf photo = saved(grains(1100, 1100), ".jpg[Q=98]");
	struct buf exact = saved(grains(1100, 1100), ".png");
	struct visit a = visited(f, &photo, "resize 900", true);
	struct visit b = visited(f, &exact, "resize 900", true);

	assert_true(difference(f, &a.jpeg, &b.jpeg) < 5);
	visit_release(&a);
	visit_release(&b);
	buf_release(&photo);
	buf_release(&exact);
}

static bool
holds(const struct buf *b, const char *what)
{
	return memmem(b->data, b->len, what, strlen(what)) != NULL;
}

/* The pixels of a JPEG as they are, for comparison. */
static struct buf
as_png(const struct buf *jpeg)
{
	VipsImage *image = NULL;

	assert_int_equal(
	    vips_jpegload_buffer(jpeg->data, jpeg->len, &image, NULL), 0);
	return saved(image, ".png[strip]");
}

static void
a_jpeg_is_shrunk_only_while_both_sides_stay_512_or_longer(void **state)
{
	static const struct {
		int w, h;
		bool shrunk;
	} cases[] = { { 600, 2000, false }, { 2000, 600, false },
		{ 1023, 1024, false }, { 1024, 1024, true } };
	struct fixture *f = *state;
	struct visit a, b;
	struct buf jpeg, png;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		jpeg = saved(scene(cases[i].w, cases[i].h), ".jpg");
		png = as_png(&jpeg);
		a = visited(f, &jpeg, DEFAULT_STEPS, true);
		b = visited(f, &png, DEFAULT_STEPS, true);
		assert_int_equal(cases[i].shrunk,
		    memcmp(a.pixel_digest, b.pixel_digest, XXH3_SIZE) != 0);
		assert_true(pdq_distance(a.pdq.bits, b.pdq.bits) <= 10);
		visit_release(&a);
		visit_release(&b);
		buf_release(&jpeg);
		buf_release(&png);
	}
}

/* ITU-T T.81: the first quantiser, and each band's sampling. */
static void
a_prepared_picture_is_of_quality_95_with_full_chroma(void **state)
{
	struct fixture *f = *state;
	struct buf file = saved(scene(200, 200), ".png");
	struct visit v = visited(f, &file, DEFAULT_STEPS, false);
	const uint8_t *dqt = memmem(v.jpeg.data, v.jpeg.len, "\xff\xdb", 2);
	const uint8_t *sof =
	    memmem(v.jpeg.data, v.jpeg.len, "\xff\xc0\0\x11\x08", 5);

	assert_non_null(dqt);
	assert_non_null(sof);
	assert_int_equal(dqt[5], 2);
	assert_int_equal(sof[11], 0x11);
	assert_int_equal(sof[14], 0x11);
	assert_int_equal(sof[17], 0x11);
	visit_release(&v);
	buf_release(&file);
}

static void
a_prepared_picture_has_no_metadata(void **state)
{
	struct fixture *f = *state;
	struct buf file;
	struct visit v;
	VipsImage *image = scene(200, 200);

	vips_image_set_string(image, "exif-ifd0-Artist", "A. N. Other");
	vips_image_set_int(image, VIPS_META_ORIENTATION, 3);
	file = saved(image, ".jpg[profile=srgb]");
	assert_true(holds(&file, "Other"));
	assert_true(holds(&file, "ICC_PROFILE"));
	v = visited(f, &file, DEFAULT_STEPS, false);
	assert_int_equal(v.reason, REASON_none);
	assert_false(holds(&v.jpeg, "Other"));
	assert_false(holds(&v.jpeg, "Exif"));
	assert_false(holds(&v.jpeg, "ICC_PROFILE"));
	visit_release(&v);
	buf_release(&file);
}

/* Noise on the right of a flat picture. */
static void
a_smart_crop_keeps_what_there_is_to_see(void **state)
{
	struct fixture *f = *state;
	VipsImage *image;
	struct buf file;
	struct visit v;
	struct pixels p;
	int i, dark = 0;

	assert_int_equal(vips_gaussnoise(&image, 100, 100, "mean", 100.0,
			     "sigma", 50.0, "seed", 1, NULL),
	    0);
	CHANGE(image, vips_cast_uchar);
	CHANGE(
	    image, vips_embed, 200, 0, 300, 100, "extend", VIPS_EXTEND_WHITE);
	file = saved(image, ".png");
	v = visited(f, &file, "crop smart 1:1", false);
	p = pixels_of(f, &v.jpeg);
	assert_int_equal(p.w, 100);
	for (i = 0; i < 100 * 100; i++)
		dark += p.rgb[3 * i] < 200;
	assert_true(dark > 8000);
	free(p.rgb);
	visit_release(&v);
	v = visited(f, &file, "crop centre 1:1", false);
	p = pixels_of(f, &v.jpeg);
	assert_true(p.rgb[3 * 5050] > 250);
	free(p.rgb);
	visit_release(&v);
	buf_release(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_format_and_depth_gives_the_same_picture),
		TEST(formats_that_take_plug_ins_are_read_when_they_are_named),
		TEST(grey_pictures_come_out_grey),
		TEST(inks_come_out_as_the_colours_they_print),
		TEST(a_profile_is_applied_and_a_plain_one_changes_nothing),
		TEST(
		    colours_of_wide_gamuts_and_inks_come_out_within_two_levels),
		TEST(what_is_transparent_becomes_white),
		TEST(all_eight_orientations_give_the_same_picture),
		TEST(without_autorotate_it_stays_as_it_is_stored),
		TEST(the_same_file_gives_the_same_bytes_with_and_without_facts),
		TEST(facts_do_not_depend_on_the_recipe),
		TEST(a_large_picture_is_made_from_all_pixels),
		TEST(a_jpeg_is_shrunk_only_while_both_sides_stay_512_or_longer),
		TEST(a_prepared_picture_is_of_quality_95_with_full_chroma),
		TEST(a_prepared_picture_has_no_metadata),
		TEST(a_smart_crop_keeps_what_there_is_to_see),
	};

	if (is_worker(argc, argv))
		return image_worker(argv);
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
