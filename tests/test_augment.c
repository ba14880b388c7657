/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Augmentation: what is understood and what is said about what is not; that
 * a copy is decided by its key alone; and that no step goes beyond its range.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "base/text.h"
#include "prep/augment_int.h"

static struct augment
parsed(const char *steps)
{
	struct augment a;
	struct err err = { ERR_NONE, "" };

	if (augment_parse(steps, &a, &err) < 0)
		fail_msg("\"%s\": %s", steps, err.msg);
	return a;
}

static void
refused(const char *steps, const char *said)
{
	struct augment a = { .n = 99 };
	struct err err = { ERR_NONE, "" };

	if (augment_parse(steps, &a, &err) == 0)
		fail_msg("\"%s\" is understood as \"%s\"", steps, a.text);
	assert_int_equal(err.kind, ERR_USAGE);
	if (strstr(err.msg, said) == NULL)
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", steps, err.msg, said);
	assert_int_equal(a.n, 99);
}

/* ---- the language ------------------------------------------------------- */

static void
the_default_is_gentle(void **state)
{
	struct augment_opts *o = opt_new(&augment_group);
	struct augment a = parsed(o->steps);

	(void)state;
	assert_string_equal(a.text,
	    "flip h 50%, rotate -10..10, crop 85..100, brightness -15..15, "
	    "contrast -15..15, saturation -20..20, noise 0..6, "
	    "erase 0..15 30%");
	assert_int_equal(a.n, 8);
	assert_int_equal(a.steps[0].chance, 5000);
	assert_int_equal(a.steps[1].from, -1000);
	assert_int_equal(a.steps[1].chance, 10000);
	assert_int_equal(o->seed, 1);
	opt_free(&augment_group, o);
}

static void
every_way_to_write_a_step_has_one_full_form(void **state)
{
	static const struct {
		const char *written, *full;
	} cases[] = {
		{ "flip h", "flip h" },
		{ "flip v 100%", "flip v" },
		{ "flip h 12.50%", "flip h 12.5%" },
		{ "flip h 0.01%", "flip h 0.01%" },
		{ "rotate 5", "rotate 5..5" },
		{ "rotate -10.50..10", "rotate -10.5..10" },
		{ "rotate -0.05..0", "rotate -0.05..0" },
		{ "rotate -180..180 1%", "rotate -180..180 1%" },
		{ "crop 85..100", "crop 85..100" },
		{ "brightness -0.001..1", "brightness 0..1" },
		{ "contrast 7.054..7.056", "contrast 7.05..7.06" },
		{ "saturation 0..0", "saturation 0..0" },
		{ "hue -3..3", "hue -3..3" },
		{ "blur 0..1.5", "blur 0..1.5" },
		{ "noise 0.25..6", "noise 0.25..6" },
		{ "erase 0..15 30%", "erase 0..15 30%" },
		{ " grayscale\t10% ,\n grayscale", "grayscale 10%, grayscale" },
	};
	struct augment a, again;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		a = parsed(cases[i].written);
		assert_string_equal(a.text, cases[i].full);
		again = parsed(a.text);
		assert_memory_equal(&a, &again, sizeof(a));
	}
}

static void
the_hash_is_of_the_full_form_and_its_version(void **state)
{
	static const char form[] = "griddle augment 1\nflip h";
	struct augment a = parsed("flip  h 100%"), other = parsed("flip v");
	unsigned char expected[SHA256_SIZE];

	(void)state;
	sha256_of(form, sizeof(form) - 1, expected);
	assert_memory_equal(a.hash, expected, SHA256_SIZE);
	assert_memory_not_equal(other.hash, expected, SHA256_SIZE);
}

static void
what_is_wrong_is_named_with_the_mend(void **state)
{
	(void)state;
	refused("flip h, rotat -5..5", "did you mean \"rotate\"?");
	refused("flip h, rotat -5..5", "step \"rotat -5..5\"");
	refused("sharpen", "there are flip, rotate, crop, brightness");
	refused("flip", "flip h|v");
	refused("flip x", "flip h|v");
	refused("flip hv", "flip h|v");
	refused("flip h 50", "a chance may follow, like 30%");
	refused("flip h 0%", "flip h|v");
	refused("flip h 101%", "flip h|v");
	refused("flip h %", "flip h|v");
	refused("flip h 5% 5%", "flip h|v");
	refused("rotate", "rotate A..B");
	refused("rotate 50%", "rotate A..B");
	refused("rotate 10..-10", "rotate A..B");
	refused("rotate -181..0", "from -180 to 180");
	refused("rotate 0..181", "from -180 to 180");
	refused("rotate -10...10", "rotate A..B");
	refused("rotate ..10", "rotate A..B");
	refused("rotate 10..", "rotate A..B");
	refused("rotate nan..nan", "rotate A..B");
	refused("rotate -inf..inf", "rotate A..B");
	refused("crop 0..100", "from 1 to 100");
	refused("noise -1..2", "from 0 to 100");
	refused("blur 0..6", "from 0 to 5");
	refused("erase 0..90", "from 0 to 80");
	refused("grayscale yes", "write it as grayscale");
	refused("grayscale 10% 10%", "write it as grayscale");
	refused("", "empty step");
	refused("flip h,,flip v", "empty step");
	refused("flip h,", "empty step");
	refused(NULL, "empty step");
}

static void
sixteen_long_steps_fit_the_text(void **state)
{
	struct buf steps CLEANUP(buf_release) = BUF_INIT(4096);
	struct augment a;
	int i;

	(void)state;
	for (i = 0; i < AUGMENT_STEPS_MAX; i++)
		buf_addf(&steps, "%sbrightness -99.99..-99.98 99.99%%",
		    i == 0 ? "" : ", ");
	a = parsed((const char *)steps.data);
	assert_string_equal(a.text, (const char *)steps.data);
	buf_addf(&steps, ", flip h");
	refused((const char *)steps.data, "more than 16 steps");
}

/* ---- pictures ----------------------------------------------------------- */

/* Red tells the column, green the row, blue is texture. */
static struct raster
map_of(int w, int h)
{
	struct raster r = raster_new(w, h);
	uint8_t *p = r.px;
	int x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++, p += 3) {
			p[0] = (uint8_t)x;
			p[1] = (uint8_t)y;
			p[2] = (uint8_t)(x * 7 ^ y * 13);
		}
	return r;
}

static struct raster
plain(int w, int h, uint8_t red, uint8_t green, uint8_t blue)
{
	struct raster r = raster_new(w, h);
	size_t i;

	for (i = 0; i < raster_bytes(&r); i += 3) {
		r.px[i] = red;
		r.px[i + 1] = green;
		r.px[i + 2] = blue;
	}
	return r;
}

static bool
same_pixels(const struct raster *a, const struct raster *b)
{
	return a->w == b->w && a->h == b->h &&
	    memcmp(a->px, b->px, raster_bytes(a)) == 0;
}

static void
apply(const char *steps, int64_t copy, struct raster *r)
{
	static const unsigned char image[SHA256_SIZE] = { 0xab, 0xcd };
	struct augment a = parsed(steps);
	unsigned char key[SHA256_SIZE];

	augment_key(&a, image, 1, copy, key);
	augment_apply(&a, key, r);
}

/* ---- what decides a copy ------------------------------------------------ */

#define ALL_STEPS \
	"flip v 50%, rotate -40..40, crop 50..90, brightness -20..20, " \
	"contrast -20..20, saturation -30..30, hue -30..30, blur 0.2..2, " \
	"noise 1..9, erase 2..15, grayscale 20%"

static void
a_copy_is_the_same_on_every_machine(void **state)
{
	struct raster r = map_of(61, 47);
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	(void)state;
	apply(ALL_STEPS, 3, &r);
	sha256_of(r.px, raster_bytes(&r), digest);
	text_to_hex(hex, digest, SHA256_SIZE);
	/* From x86-64, gcc 12, Debian 12. */
	assert_string_equal(hex,
	    "c012732f6429393692f2c1ee8c1fb7fc6e7dff0f8740e31da7308b478623c200");
	raster_release(&r);
}

static void
each_part_of_the_key_decides(void **state)
{
	const struct augment a = parsed("noise 3"), b = parsed("noise 4");
	const unsigned char image[SHA256_SIZE] = { 1 },
			    other[SHA256_SIZE] = { [31] = 1 };
	unsigned char keys[6][SHA256_SIZE];
	size_t i, j;

	(void)state;
	augment_key(&a, image, 1, 1, keys[0]);
	augment_key(&b, image, 1, 1, keys[1]);
	augment_key(&a, other, 1, 1, keys[2]);
	augment_key(&a, image, 2, 1, keys[3]);
	augment_key(&a, image, 1, 2, keys[4]);
	augment_key(&a, image, 257, 1, keys[5]);
	for (i = 0; i < 6; i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(keys[i], keys[j], SHA256_SIZE);
	augment_key(&a, image, 1, 1, keys[1]);
	assert_memory_equal(keys[0], keys[1], SHA256_SIZE);
}

static void
a_chance_comes_true_as_often_as_it_says(void **state)
{
	const struct raster before = map_of(2, 1);
	struct raster r;
	int64_t copy;
	int flipped = 0;

	(void)state;
	for (copy = 1; copy <= 4000; copy++) {
		r = map_of(2, 1);
		apply("flip h 30%", copy, &r);
		flipped += !same_pixels(&r, &before);
		raster_release(&r);
	}
	/* 1200, give or take four deviations of 29. */
	assert_in_range(flipped, 1084, 1316);
	free(before.px);
}

/* ---- how far a step goes ------------------------------------------------ */

static void
sines_are_those_of_the_library(void **state)
{
	int i;

	(void)state;
	for (i = -18000; i <= 18000; i += 37) {
		double x = i * M_PI / 18000;

		assert_true(fabs(augment_sine(i) - sin(x)) < 1e-15);
		assert_true(fabs(augment_cosine(i) - cos(x)) < 1e-15);
	}
	assert_true(augment_sine(0) == 0 && augment_sine(18000) == 0);
}

static void
a_quarter_turn_is_exact_and_clockwise(void **state)
{
	struct raster r = map_of(50, 50), turned = map_of(50, 50);

	(void)state;
	augment_rotate(&r, 0);
	assert_true(same_pixels(&r, &turned));
	augment_rotate(&r, 9000);
	raster_orient(&turned, 6);
	assert_true(same_pixels(&r, &turned));
	raster_release(&r);
	raster_release(&turned);
}

static void
what_comes_free_is_the_mirror_image(void **state)
{
	struct raster r = plain(40, 30, 90, 20, 10), same = r;
	const uint8_t *corner;

	(void)state;
	same.px = memcpy(xmalloc(raster_bytes(&r)), r.px, raster_bytes(&r));
	augment_rotate(&r, 4500);
	assert_true(same_pixels(&r, &same));
	raster_release(&r);
	/* A mark beside the corner shows on both sides of the edge. */
	r = plain(101, 101, 0, 0, 0);
	memset(r.px, 255, 10 * 3);
	augment_rotate(&r, 1000);
	corner = r.px;
	assert_int_equal(corner[0], 0);
	raster_release(&r);
	raster_release(&same);
}

static void
a_crop_keeps_its_share_of_the_area(void **state)
{
	double w, h, area, lowest = 1, highest = 0;
	struct raster r;
	int64_t copy;
	const uint8_t *end;

	(void)state;
	for (copy = 1; copy <= 200; copy++) {
		r = map_of(240, 200);
		apply("crop 40..60", copy, &r);
		assert_true(r.w == 240 && r.h == 200);
		end = r.px + raster_bytes(&r) - 3;
		/* The first and last pixels tell where they were. */
		w = (end[0] - r.px[0] + 1) / 240.0;
		h = (end[1] - r.px[1] + 1) / 200.0;
		area = w * h;
		assert_true(area > 0.38 && area < 0.62);
		assert_true(w / h < 1.37 && h / w < 1.37);
		lowest = area < lowest ? area : lowest;
		highest = area > highest ? area : highest;
		raster_release(&r);
	}
	assert_true(lowest < 0.43 && highest > 0.57);
}

static void
light_and_colour_change_by_what_is_said(void **state)
{
	struct raster r = plain(3, 2, 100, 200, 40);
	int luma;

	(void)state;
	luma = raster_luma(r.px);
	augment_brightness(&r, 5000);
	assert_true(r.px[0] == 150 && r.px[1] == 255 && r.px[2] == 60);
	augment_brightness(&r, -10000);
	assert_true(r.px[0] == 0 && r.px[1] == 0 && r.px[17] == 0);
	raster_release(&r);
	r = plain(3, 2, 100, 200, 40);
	augment_saturation(&r, -10000);
	assert_true(r.px[0] == luma && r.px[1] == luma && r.px[2] == luma);
	augment_contrast(&r, 7000);
	assert_true(r.px[0] == luma); /* the mean stays */
	r.px[0] = r.px[1] = r.px[2] = 0;
	r.px[3] = r.px[4] = r.px[5] =
	    2 * (uint8_t)luma > 255 ? 255 : (uint8_t)(2 * luma);
	augment_contrast(&r, -10000);
	assert_true(r.px[0] == r.px[3] && r.px[3] == r.px[17]);
	raster_release(&r);
}

static void
hue_turns_from_red_to_yellow_and_keeps_the_luma(void **state)
{
	struct raster r = plain(1, 1, 150, 90, 80);
	const int luma = raster_luma(r.px);

	(void)state;
	augment_hue(&r, 4000);
	assert_true(r.px[1] > 100 && r.px[2] < 80);
	assert_in_range(raster_luma(r.px), luma - 1, luma + 1);
	augment_hue(&r, -4000);
	assert_in_range(r.px[0], 148, 152);
	assert_in_range(r.px[1], 88, 92);
	raster_release(&r);
}

static void
noise_has_the_deviation_it_says(void **state)
{
	struct raster r = plain(200, 200, 128, 128, 128);
	double sum = 0, squares = 0, n = (double)raster_bytes(&r);
	size_t i;

	(void)state;
	apply("noise 6", 1, &r);
	for (i = 0; i < raster_bytes(&r); i++) {
		sum += r.px[i] - 128;
		squares += (r.px[i] - 128) * (r.px[i] - 128);
	}
	assert_true(fabs(sum / n) < 0.1);
	assert_true(fabs(sqrt(squares / n) - 6) < 0.1);
	raster_release(&r);
	r = plain(20, 20, 255, 0, 128);
	apply("noise 100", 1, &r);
	assert_int_not_equal(r.px[2], r.px[5]);
	raster_release(&r);
}

static void
blur_spreads_a_point_by_its_deviation(void **state)
{
	struct raster r = plain(41, 41, 0, 0, 0);
	double sum = 0, squares = 0;
	int x, y;

	(void)state;
	/* A wall of 3 x 41 columns, to have enough levels. */
	for (y = 0; y < 41; y++)
		memset(r.px + (y * 41 + 20) * 3, 255, 3);
	augment_blur(&r, 200);
	for (x = 0; x < 41; x++) {
		sum += r.px[(20 * 41 + x) * 3];
		squares += r.px[(20 * 41 + x) * 3] * (x - 20) * (x - 20);
	}
	assert_true(fabs(sum - 255) < 8);
	assert_true(fabs(sqrt(squares / sum) - 2) < 0.1);
	raster_release(&r);
	r = plain(7, 5, 11, 200, 255);
	augment_blur(&r, 500);
	assert_true(r.px[0] == 11 && r.px[1] == 200 && r.px[104] == 255);
	raster_release(&r);
}

static void
what_is_erased_is_a_grey_part_of_that_size(void **state)
{
	struct raster r;
	int64_t copy;
	int grey;
	size_t i;

	(void)state;
	for (copy = 1; copy <= 100; copy++) {
		r = plain(100, 80, 255, 0, 0);
		apply("erase 5..20", copy, &r);
		grey = 0;
		for (i = 0; i < raster_bytes(&r); i += 3) {
			assert_true(r.px[i] == 255 || r.px[i] == 128);
			assert_true(r.px[i + 2] == (r.px[i] == 255 ? 0 : 128));
			grey += r.px[i] == 128;
		}
		assert_in_range(grey, 370, 1650);
		raster_release(&r);
	}
	r = plain(10, 10, 255, 0, 0);
	apply("erase 0", 1, &r);
	for (i = 0; i < raster_bytes(&r); i += 3)
		assert_int_equal(r.px[i], 255);
	raster_release(&r);
}

/* ---- any text, any size ------------------------------------------------- */

/* A random step that is right, of one of the kinds with a range. */
static void
add_random_step(struct buf *text, struct rng *rng)
{
	static const struct {
		const char *name;
		int lowest, highest;
	} steps[] = { { "rotate", -180, 180 }, { "crop", 1, 100 },
		{ "brightness", -100, 100 }, { "contrast", -100, 100 },
		{ "saturation", -100, 100 }, { "hue", -180, 180 },
		{ "blur", 0, 5 }, { "noise", 0, 100 }, { "erase", 0, 80 } };
	const size_t i = rng_below(rng, ARRAY_SIZE(steps));
	const uint64_t span = (uint64_t)(steps[i].highest - steps[i].lowest);
	const int from = steps[i].lowest + (int)rng_below(rng, span + 1);
	const int to =
	    from + (int)rng_below(rng, (uint64_t)(steps[i].highest - from) + 1);

	buf_addf(text, "%s%s %d..%d %d%%", text->len == 0 ? "" : ", ",
	    steps[i].name, from, to, 1 + (int)rng_below(rng, 100));
	if (rng_below(rng, 4) == 0)
		buf_addf(text, ", flip %c", rng_below(rng, 2) ? 'h' : 'v');
}

static void
any_augmentation_keeps_any_size_and_is_repeatable(void **state)
{
	struct rng rng;
	struct raster a, b;
	int i, n, w, h;

	(void)state;
	rng_seed(&rng, 77);
	for (i = 0; i < 400; i++) {
		struct buf text CLEANUP(buf_release) = BUF_INIT(4096);

		for (n = 1 + (int)rng_below(&rng, 6); n > 0; n--)
			add_random_step(&text, &rng);
		w = 1 + (int)rng_below(&rng, i % 2 ? 4 : 60);
		h = 1 + (int)rng_below(&rng, i % 3 ? 50 : 3);
		a = map_of(w, h);
		b = map_of(w, h);
		apply((const char *)text.data, i, &a);
		apply((const char *)text.data, i, &b);
		assert_true(a.w == w && a.h == h);
		assert_true(same_pixels(&a, &b));
		raster_release(&a);
		raster_release(&b);
	}
}

/* Whatever is written, it is refused or has a full form. */
static void
no_text_does_harm(void **state)
{
	static const char letters[] = "flip hrotatecrop0123.5..-%, ,,\t9";
	char text[40];
	struct augment a, again;
	struct err err;
	struct rng rng;
	size_t i, n;
	int turn;

	(void)state;
	rng_seed(&rng, 5);
	for (turn = 0; turn < 20000; turn++) {
		n = rng_below(&rng, sizeof(text));
		for (i = 0; i < n; i++)
			text[i] = letters[rng_below(&rng, sizeof(letters) - 1)];
		text[n] = 0;
		if (turn % 2 == 0)
			memcpy(text, "rotate ", n < 7 ? n : 7);
		if (augment_parse(text, &a, &err) < 0)
			continue;
		again = parsed(a.text);
		assert_memory_equal(&a, &again, sizeof(a));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_gentle),
		cmocka_unit_test(every_way_to_write_a_step_has_one_full_form),
		cmocka_unit_test(the_hash_is_of_the_full_form_and_its_version),
		cmocka_unit_test(what_is_wrong_is_named_with_the_mend),
		cmocka_unit_test(sixteen_long_steps_fit_the_text),
		cmocka_unit_test(a_copy_is_the_same_on_every_machine),
		cmocka_unit_test(each_part_of_the_key_decides),
		cmocka_unit_test(a_chance_comes_true_as_often_as_it_says),
		cmocka_unit_test(sines_are_those_of_the_library),
		cmocka_unit_test(a_quarter_turn_is_exact_and_clockwise),
		cmocka_unit_test(what_comes_free_is_the_mirror_image),
		cmocka_unit_test(a_crop_keeps_its_share_of_the_area),
		cmocka_unit_test(light_and_colour_change_by_what_is_said),
		cmocka_unit_test(
		    hue_turns_from_red_to_yellow_and_keeps_the_luma),
		cmocka_unit_test(noise_has_the_deviation_it_says),
		cmocka_unit_test(blur_spreads_a_point_by_its_deviation),
		cmocka_unit_test(what_is_erased_is_a_grey_part_of_that_size),
		cmocka_unit_test(
		    any_augmentation_keeps_any_size_and_is_repeatable),
		cmocka_unit_test(no_text_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
