/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores of made pictures, against values worked out from the definitions
 * in doc/quality.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "base/mem.h"
#include "base/text.h"
#include "prep/quality.h"
#include "prep/raster_int.h"
#include "tests/codes.h"

/* ---- making and looking ----------------------------------------------- */

/* A picture whose pixel (x, y) is what a function says, as 0xRRGGBB. */
typedef uint32_t paint_fn(int x, int y, uint32_t *noise_state);

static void
put(struct raster *r, int x, int y, uint32_t rgb)
{
	uint8_t *p = r->px + ((ptrdiff_t)y * r->w + x) * RASTER_BANDS;

	p[0] = (uint8_t)(rgb >> 16);
	p[1] = (uint8_t)(rgb >> 8);
	p[2] = (uint8_t)rgb;
}

static struct raster
painted(int w, int h, paint_fn *paint)
{
	struct raster r = raster_new(w, h);
	uint32_t state = 7;
	int x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			put(&r, x, y, paint(x, y, &state));
	return r;
}

static void
fill(struct raster *r, int x0, int y0, int x1, int y1, uint32_t rgb)
{
	int x, y;

	for (y = y0; y < y1; y++)
		for (x = x0; x < x1; x++)
			put(r, x, y, rgb);
}

static struct raster
flat(int w, int h, uint32_t rgb)
{
	struct raster r = raster_new(w, h);

	fill(&r, 0, 0, w, h, rgb);
	return r;
}

static uint32_t
grey(int level)
{
	return (uint32_t)level * 0x010101;
}

static uint32_t
colour_noise(int x, int y, uint32_t *state)
{
	(void)x;
	(void)y;
	return noise(state) >> 7 & 0xffffff;
}

static uint32_t
grey_noise(int x, int y, uint32_t *state)
{
	(void)x;
	(void)y;
	return grey(noise(state) >> 9 & 255);
}

/* As it was stored: a JPEG, upright, in full. */
static struct quality_facts
facts_of(const struct raster *r)
{
	return (struct quality_facts){ .width = r->w,
		.height = r->h,
		.orientation = 1,
		.shrink = 1,
		.bands = 3,
		.format = "jpeg" };
}

static struct quality
look(const struct raster *r)
{
	const struct quality_facts facts = facts_of(r);
	struct quality q;

	memset(&q, 0xff, sizeof(q));
	quality_of(r, &facts, &q);
	return q;
}

/* Look, and let go of the picture. */
static struct quality
look_once(struct raster r)
{
	struct quality q = look(&r);

	raster_release(&r);
	return q;
}

static void
expect(const struct quality *q, enum quality_kind kind, double score)
{
	if (!(fabs((double)q->score[kind] - score) < 1e-5))
		fail_msg("%s is %.6f, not %.6f", quality_name(kind),
		    (double)q->score[kind], score);
}

/* What griddle.conf takes for an issue, if it says nothing of it. */
static double
threshold_of(enum quality_kind kind)
{
	struct quality_opts *o = opt_new(&quality_group);
	const double threshold = o->threshold[kind];

	opt_free(&quality_group, o);
	return threshold;
}

static bool
has(const struct quality *q, enum quality_kind kind)
{
	return (double)q->score[kind] < threshold_of(kind);
}

/* ---- the table -------------------------------------------------------- */

static void
every_word_finds_its_kind(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < QUALITY_COUNT; kind++) {
		const char *name = quality_name((enum quality_kind)kind);
		const double threshold = threshold_of((enum quality_kind)kind);

		assert_int_equal(quality_by_name(name), kind);
		assert_true(strlen(quality_text((enum quality_kind)kind)) > 5);
		assert_true(threshold > 0 && threshold < 1);
		assert_int_equal(
		    strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
	}
	assert_int_equal(quality_by_name("sharp"), QUALITY_COUNT);
	assert_int_equal(quality_by_name(""), QUALITY_COUNT);
}

/* ---- colours ---------------------------------------------------------- */

static void
one_grey_is_as_bright_as_it_is(void **state)
{
	int level;

	(void)state;
	for (level = 0; level < 256; level += 5) {
		struct quality q = look_once(flat(70, 50, grey(level)));

		expect(&q, QUALITY_dark, level / 255.0);
		expect(&q, QUALITY_light, 1 - level / 255.0);
		expect(&q, QUALITY_low_information, log2(3) / 10);
		expect(&q, QUALITY_uniform, 0);
		expect(&q, QUALITY_grayscale, 0);
		expect(&q, QUALITY_bordered, 1);
		expect(&q, QUALITY_texty, 1);
		expect(&q, QUALITY_blocky, 1);
	}
}

static void
colours_are_as_bright_as_cleanvision_weighs_them(void **state)
{
	struct quality q = look_once(flat(40, 40, 0xff0000));

	(void)state;
	assert_true(fabs((double)q.score[QUALITY_dark] - sqrt(0.241)) < 1e-3);
	q = look_once(flat(40, 40, 0x00ff00));
	assert_true(fabs((double)q.score[QUALITY_dark] - sqrt(0.691)) < 1e-3);
	q = look_once(flat(40, 40, 0x0000ff));
	assert_true(fabs((double)q.score[QUALITY_dark] - sqrt(0.068)) < 1e-3);
	assert_true(has(&q, QUALITY_dark));
	expect(&q, QUALITY_grayscale, 1);
}

/* Of 10,000 pixels so many white, the others black. */
static struct quality
black_and_white(int whites)
{
	struct raster r = flat(100, 100, 0);

	fill(&r, 0, 0, 100, whites / 100, 0xffffff);
	fill(&r, 0, whites / 100, whites % 100, whites / 100 + 1, 0xffffff);
	return look_once(r);
}

static void
percentiles_lie_between_the_pixels_on_both_sides(void **state)
{
	struct quality q = black_and_white(100);

	/* 99 %: 0.01 from the last black pixel to the first white one. */
	(void)state;
	expect(&q, QUALITY_dark, 0.01);
	q = black_and_white(101);
	expect(&q, QUALITY_dark, 1);
	/* 5 %: 0.95 from the last black pixel to the first white one. */
	q = black_and_white(9500);
	expect(&q, QUALITY_light, 0.05);
	q = black_and_white(9501);
	expect(&q, QUALITY_light, 0);
	expect(&q, QUALITY_uniform, 0.0499);
	assert_true(has(&q, QUALITY_uniform));
	q = black_and_white(5000);
	expect(&q, QUALITY_low_information, log2(6) / 10);
	expect(&q, QUALITY_uniform, 0.5);
	assert_true(has(&q, QUALITY_low_information));
}

static uint32_t
ramp(int x, int y, uint32_t *state)
{
	(void)y;
	(void)state;
	return grey(x & 255);
}

static void
entropy_is_of_all_bands_together(void **state)
{
	struct raster r = painted(256, 16, ramp);
	struct quality_facts facts = facts_of(&r);
	struct quality q = look(&r);

	(void)state;
	expect(&q, QUALITY_low_information, log2(3 * 256) / 10);
	expect(&q, QUALITY_dark, 253 / 255.0);
	expect(&q, QUALITY_light, 1 - 12 / 255.0);
	/* Stored as grey, there is but one band. */
	facts.bands = 1;
	quality_of(&r, &facts, &q);
	expect(&q, QUALITY_low_information, 0.8);
	expect(&q, QUALITY_grayscale, 0);
	raster_release(&r);
	q = look_once(painted(100, 100, colour_noise));
	assert_true((double)q.score[QUALITY_low_information] > 0.95);
}

static void
the_grid_of_samples_misses_no_regular_pattern(void **state)
{
	struct raster r;
	struct quality q;
	int period, x;

	(void)state;
	for (period = 2; period <= 16; period++) {
		r = flat(1000, 700, 0xffffff);
		for (x = 1; x < r.w; x += period)
			fill(&r, x, 0, x + 1, r.h, 0);
		q = look(&r);
		expect(&q, QUALITY_light, 1);
		raster_orient(&r, 6);
		q = look(&r);
		if (!(q.score[QUALITY_light] == 1))
			fail_msg("rows, every %d", period);
		raster_release(&r);
	}
}

/* ---- shape and size --------------------------------------------------- */

static void
the_shape_is_that_of_the_stored_picture(void **state)
{
	struct raster r = painted(64, 64, colour_noise);
	struct quality_facts facts = facts_of(&r);
	struct quality q;

	(void)state;
	facts.width = 1000;
	facts.height = 350;
	quality_of(&r, &facts, &q);
	expect(&q, QUALITY_odd_aspect, 0.35);
	facts.width = 349;
	facts.height = 1000;
	quality_of(&r, &facts, &q);
	expect(&q, QUALITY_odd_aspect, 0.349);
	assert_true(has(&q, QUALITY_odd_aspect));
	expect(&q, QUALITY_odd_size, 1);
	raster_release(&r);
}

static bool
equal(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

/* ---- blurry ----------------------------------------------------------- */

/* From the sums over n pixels of the edges, and the spread of the tones. */
static double
blur_score(double sum, double squares, double n, double spread)
{
	const double b = sqrt(squares / n - sum / n * (sum / n));
	const double tones = 1 - exp(-spread / 100);
	const double score = 1 - exp(-b / 100) + (tones > 0.18 ? tones : 0);

	return score < 1 ? score : 1;
}

static uint32_t
steep_ramp(int x, int y, uint32_t *state)
{
	(void)y;
	(void)state;
	return grey(4 * x);
}

static void
blur_is_measured_at_64_pixels_as_pil_would(void **state)
{
	const double rim = 252, one_tone = sqrt(4096.0 * 4096 / 256 - 256);
	struct quality q = look_once(flat(64, 64, grey(9)));
	double sum, squares;

	/* Of one grey, only the rim is seen, which is copied. */
	(void)state;
	expect(
	    &q, QUALITY_blurry, blur_score(9 * rim, 81 * rim, 4096, one_tone));
	/* An even slope has no edges but its rim: x = 0..63, times 4. */
	q = look_once(painted(64, 64, steep_ramp));
	sum = 2 * 4 * 2016 + 62 * 252;
	squares = 2 * 16 * 85344 + 62 * 252 * 252;
	expect(&q, QUALITY_blurry,
	    blur_score(sum, squares, 4096, sqrt(64.0 * 64 * 64 / 256 - 256)));
	/* A larger even picture is first made smaller. */
	q = look_once(flat(640, 640, grey(9)));
	assert_true(fabs((double)q.score[QUALITY_blurry] -
			blur_score(9 * rim, 81 * rim, 4096, one_tone)) < 1e-3);
}

static uint32_t
slope(int x, int y, uint32_t *state)
{
	(void)state;
	return grey((3 * x + y) / 8);
}

static uint32_t
slope_mixed_up(int x, int y, uint32_t *state)
{
	(void)x;
	(void)y;
	return slope((int)(noise(state) >> 9) % 256,
	    (int)(noise(state) >> 9) % 256, state);
}

static void
a_picture_without_edges_is_blurry(void **state)
{
	struct raster r = painted(256, 256, slope);
	struct quality q = look(&r);

	(void)state;
	assert_true(has(&q, QUALITY_blurry));
	raster_release(&r);
	/* The same tones at other places, four pixels each. */
	r = painted(64, 64, slope_mixed_up);
	raster_resize(&r, 256, 256);
	q = look_once(r);
	assert_false(has(&q, QUALITY_blurry));
}

/* ---- grayscale -------------------------------------------------------- */

/* Greys with the small errors that JPEG makes of them. */
static uint32_t
nearly_grey(int x, int y, uint32_t *state)
{
	const uint32_t n = noise(state);

	(void)x;
	(void)y;
	return grey(4 + (int)(n >> 9) % 240) + (n >> 18) % 5 +
	    ((n >> 21) % 5 << 8);
}

static void
a_grey_picture_is_grey_however_it_is_stored(void **state)
{
	struct raster r = painted(320, 240, nearly_grey);
	struct quality q = look(&r);

	(void)state;
	expect(&q, QUALITY_grayscale, 0);
	fill(&r, 100, 100, 116, 116, 0x802020); /* 0.3 % */
	q = look(&r);
	expect(&q, QUALITY_grayscale, 1);
	raster_release(&r);
	q = look_once(flat(320, 240, 0x807870)); /* sepia */
	expect(&q, QUALITY_grayscale, 1);
}

/* ---- bordered --------------------------------------------------------- */

static struct quality
framed(int left, int right, int top, int bottom, uint32_t rgb)
{
	struct raster r = painted(120, 90, colour_noise);
	uint32_t state = 3;
	int x, y;

	for (y = 0; y < r.h; y++)
		for (x = 0; x < r.w; x++)
			if (x < left || x >= r.w - right || y < top ||
			    y >= r.h - bottom)
				put(&r, x, y, rgb + (noise(&state) >> 9) % 8);
	return look_once(r);
}

static void
bars_and_frames_cost_the_area_they_take(void **state)
{
	struct quality q = framed(0, 0, 15, 15, 0);

	(void)state;
	expect(&q, QUALITY_bordered, 60 / 90.0);
	q = framed(12, 12, 9, 9, 0xf0f0f0);
	expect(&q, QUALITY_bordered, 0.8 * 0.8);
	assert_true(has(&q, QUALITY_bordered));
	q = framed(0, 30, 0, 0, 0x800000);
	expect(&q, QUALITY_bordered, 0.75);
	q = framed(0, 0, 0, 4, 0);
	expect(&q, QUALITY_bordered, 86 / 90.0);
	assert_false(has(&q, QUALITY_bordered));
	q = framed(0, 0, 0, 0, 0);
	expect(&q, QUALITY_bordered, 1);
	q = framed(1, 1, 1, 1, 0);
	expect(&q, QUALITY_bordered, 1);
}

static void
a_thing_on_an_even_ground_has_no_border(void **state)
{
	struct raster r = flat(150, 120, 0xffffff);
	struct quality q;
	int x, y;

	(void)state;
	for (y = -40; y <= 40; y++)
		for (x = -40; x <= 40; x++)
			if (x * x + y * y <= 40 * 40)
				put(&r, 75 + x, 60 + y, 0x305080);
	q = look_once(r);
	expect(&q, QUALITY_bordered, 1);
	/* Nor if it is a small box. */
	r = flat(150, 120, 0xffffff);
	fill(&r, 50, 40, 110, 90, 0x305080);
	q = look_once(r);
	expect(&q, QUALITY_bordered, 1);
}

/* ---- blocky ----------------------------------------------------------- */

static uint32_t
tiles(int x, int y, uint32_t *state)
{
	(void)state;
	return grey((x / 8 + y / 8) % 2 == 0 ? 100 : 110);
}

static double
blockiness(const struct raster *r, const struct quality_facts *facts)
{
	struct quality q;

	quality_of(r, facts, &q);
	return (double)q.score[QUALITY_blocky];
}

static void
blocks_are_steps_between_every_eight_pixels(void **state)
{
	struct raster r = painted(100, 75, tiles);
	struct quality_facts facts = facts_of(&r);
	int o;

	(void)state;
	/* Steps of 10 between the blocks, none inside. */
	assert_true(fabs(blockiness(&r, &facts) - 1 / 11.0) < 1e-6);
	for (o = 1; o <= 8; o++) {
		raster_orient(&r, o);
		facts.orientation = o;
		assert_true(blockiness(&r, &facts) < 0.2);
		raster_orient(&r, orientation_inverse(o));
	}
	/* Counted from the wrong end they are not there. */
	facts.orientation = 3;
	assert_true(blockiness(&r, &facts) > 0.9);
	raster_release(&r);
}

static void
only_pixels_as_a_jpeg_stores_them_are_blocky(void **state)
{
	struct raster r = painted(160, 160, tiles);
	struct quality_facts facts = facts_of(&r);

	(void)state;
	facts.shrink = 2;
	assert_true(equal(blockiness(&r, &facts), 1));
	facts.shrink = 1;
	facts.format = "png";
	assert_true(equal(blockiness(&r, &facts), 1));
	facts.format = NULL;
	assert_true(equal(blockiness(&r, &facts), 1));
	raster_release(&r);
	r = painted(400, 300, grey_noise);
	facts.format = "jpeg";
	assert_true(blockiness(&r, &facts) > 0.95);
	raster_release(&r);
}

/* ---- texty ------------------------------------------------------------ */

/* Letters of 5 x 7 random dots, `size` pixels each, in lines. */
static struct raster
page(int size, uint32_t ink, uint32_t ground)
{
	struct raster r = flat(400, 300, ground);
	uint32_t state = 11, bits;
	int x, y, i;

	for (y = 4; y + 7 * size < r.h; y += 12 * size)
		for (x = 4; x + 6 * size < r.w; x += 7 * size)
			for (i = 0; i < 35; i++) {
				bits = noise(&state);
				if ((bits >> 12) % 5 < 2)
					fill(&r, x + i % 5 * size,
					    y + i / 5 * size,
					    x + (i % 5 + 1) * size,
					    y + (i / 5 + 1) * size, ink);
			}
	return r;
}

static void
a_page_of_text_is_texty(void **state)
{
	struct quality q;
	int size;

	(void)state;
	for (size = 1; size <= 3; size++) {
		q = look_once(page(size, 0, 0xffffff));
		assert_true(has(&q, QUALITY_texty));
		q = look_once(page(size, 0xd0d0d0, 0x202040));
		assert_true(has(&q, QUALITY_texty));
	}
	q = look_once(page(2, grey(100), grey(150))); /* too faint */
	expect(&q, QUALITY_texty, 1);
}

static uint32_t
stripes(int x, int y, uint32_t *state)
{
	(void)y;
	(void)state;
	return x % 5 == 0 ? 0 : 0xffffff;
}

static void
texture_and_stripes_are_not_text(void **state)
{
	struct quality q = look_once(painted(400, 300, stripes));
	struct raster r;

	(void)state;
	expect(&q, QUALITY_texty, 1);
	q = look_once(painted(400, 300, colour_noise));
	expect(&q, QUALITY_texty, 1);
	/* A word on a large plain ground is little text. */
	r = page(1, 0, 0xffffff);
	fill(&r, 0, 24, 400, 300, 0xffffff);
	fill(&r, 100, 0, 400, 30, 0xffffff);
	q = look_once(r);
	assert_false(has(&q, QUALITY_texty));
}

/* ---- placeholder ------------------------------------------------------ */

static void
md5_is_rfc_1321s(void **state)
{
	unsigned char digest[MD5_SIZE];
	char hex[2 * MD5_SIZE + 1];

	(void)state;
	md5_of("", 0, digest);
	text_to_hex(hex, digest, MD5_SIZE);
	assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
	md5_of("message digest", 14, digest);
	text_to_hex(hex, digest, MD5_SIZE);
	assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
}

static void
placeholders_are_known_by_their_bytes(void **state)
{
	static const struct {
		size_t len;
		const char *digest;
	} table[] = {
#define PLACEHOLDER(len, digest, text) { len, digest },
#include "prep/placeholders.def"
#undef PLACEHOLDER
	};
	static const uint8_t other[65536];
	struct raster r = flat(32, 32, 0);
	struct quality_facts facts = facts_of(&r);
	struct quality q;
	size_t i, digits;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		digits = strspn(table[i].digest, "0123456789abcdef");
		assert_true(digits == 32 || digits == 64);
		assert_int_equal(strlen(table[i].digest), digits);
		assert_in_range(table[i].len, 1, sizeof(other));
		assert_false(quality_is_placeholder(other, table[i].len));
	}
	assert_false(quality_is_placeholder(other, 0));
	quality_of(&r, &facts, &q);
	expect(&q, QUALITY_placeholder, 1);
	facts.placeholder = true;
	quality_of(&r, &facts, &q);
	expect(&q, QUALITY_placeholder, 0);
	raster_release(&r);
}

/* ---- all of them ------------------------------------------------------ */

static void
a_picture_of_any_size_has_scores(void **state)
{
	static const int sizes[][2] = { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 3, 3 },
		{ 1, 5000 }, { 5000, 1 }, { 15, 17 }, { 17, 15 }, { 33, 400 },
		{ 4500, 33 }, { 40, 2100 }, { 20000, 3 }, { 257, 64 },
		{ 239, 240 }, { 401, 399 }, { 720, 721 }, { 880, 700 } };
	struct raster r;
	struct quality q;
	size_t i;
	int kind;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		r = painted(sizes[i][0], sizes[i][1], colour_noise);
		q = look(&r);
		for (kind = 0; kind < QUALITY_COUNT; kind++)
			if (!(q.score[kind] >= 0 && q.score[kind] <= 1))
				fail_msg("%d x %d: %s is %f", r.w, r.h,
				    quality_name((enum quality_kind)kind),
				    (double)q.score[kind]);
		raster_release(&r);
	}
}

/* What lies behind the last pixel may be read, but must not count. */
static void
equal_pixels_have_equal_scores(void **state)
{
	static const int sizes[][2] = { { 400, 533 }, { 96, 64 }, { 1, 1 },
		{ 611, 500 }, { 1030, 40 } };
	struct raster r, copy;
	struct quality a, b;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		r = painted(sizes[i][0], sizes[i][1], grey_noise);
		copy = raster_new(r.w, r.h);
		memcpy(copy.px, r.px, raster_bytes(&r));
		memset(r.px + raster_bytes(&r), 0, RASTER_SLACK);
		memset(copy.px + raster_bytes(&r), 255, RASTER_SLACK);
		a = look(&r);
		b = look(&copy);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_memory_equal(r.px, copy.px, raster_bytes(&r));
		raster_release(&r);
		raster_release(&copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_finds_its_kind),
		cmocka_unit_test(one_grey_is_as_bright_as_it_is),
		cmocka_unit_test(
		    colours_are_as_bright_as_cleanvision_weighs_them),
		cmocka_unit_test(
		    percentiles_lie_between_the_pixels_on_both_sides),
		cmocka_unit_test(entropy_is_of_all_bands_together),
		cmocka_unit_test(the_grid_of_samples_misses_no_regular_pattern),
		cmocka_unit_test(the_shape_is_that_of_the_stored_picture),
		cmocka_unit_test(blur_is_measured_at_64_pixels_as_pil_would),
		cmocka_unit_test(a_picture_without_edges_is_blurry),
		cmocka_unit_test(a_grey_picture_is_grey_however_it_is_stored),
		cmocka_unit_test(bars_and_frames_cost_the_area_they_take),
		cmocka_unit_test(a_thing_on_an_even_ground_has_no_border),
		cmocka_unit_test(blocks_are_steps_between_every_eight_pixels),
		cmocka_unit_test(only_pixels_as_a_jpeg_stores_them_are_blocky),
		cmocka_unit_test(a_page_of_text_is_texty),
		cmocka_unit_test(texture_and_stripes_are_not_text),
		cmocka_unit_test(md5_is_rfc_1321s),
		cmocka_unit_test(placeholders_are_known_by_their_bytes),
		cmocka_unit_test(a_picture_of_any_size_has_scores),
		cmocka_unit_test(equal_pixels_have_equal_scores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
