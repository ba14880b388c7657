/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each step of a recipe makes of known pixels, and what all of them
 * keep to in any order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/rasters.h"

static void
apply(const char *steps, struct raster *r)
{
	struct recipe parsed = recipe(steps);

	steps_apply(&parsed, r, 1);
}

static uint32_t
rgb_at(const struct raster *r, int x, int y)
{
	const uint8_t *p = at(r, x, y);

	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static void
expect_size(const struct raster *r, int w, int h)
{
	if (r->w != w || r->h != h)
		fail_msg("%d x %d, not %d x %d", r->w, r->h, w, h);
}

/* A row of grey pixels. */
static struct raster
greys(int n, const uint8_t *levels)
{
	struct raster r = raster_new(n, 1);
	int i;

	for (i = 0; i < n * RASTER_BANDS; i++)
		r.px[i] = levels[i / RASTER_BANDS];
	return r;
}

static void
expect_greys(const struct raster *r, int n, const uint8_t *levels)
{
	int i;

	assert_int_equal(r->w, n);
	for (i = 0; i < n; i++)
		if (rgb_at(r, i, 0) != levels[i] * 0x10101u)
			fail_msg("pixel %d is %06x, not %02x", i,
			    rgb_at(r, i, 0), levels[i]);
}

/* ---- trim ------------------------------------------------------------- */

/* Noise on a border of any colour, `left`, `top` ... pixels of it. */
static struct raster
framed(int left, int top, int right, int bottom, uint32_t rgb)
{
	struct raster r = flat(100, 80, 0), inner;
	int y;

	fill(&r, 0, 0, 100, 80, rgb);
	inner = noisy(100 - left - right, 80 - top - bottom, 4);
	for (y = 0; y < inner.h; y++)
		memcpy(r.px + ((top + y) * 100 + left) * RASTER_BANDS,
		    at(&inner, 0, y), (size_t)inner.w * RASTER_BANDS);
	raster_release(&inner);
	return r;
}

static void
a_border_of_any_colour_is_cut_from_every_side(void **state)
{
	static const uint32_t colours[] = { 0, 0xffffff, 0x808080, 0x1060f0 };
	static const int borders[][4] = { { 10, 5, 20, 7 }, { 0, 12, 0, 12 },
		{ 13, 0, 13, 0 }, { 1, 1, 1, 1 }, { 0, 0, 0, 0 },
		{ 0, 0, 0, 30 }, { 35, 30, 36, 29 } };
	struct raster r, whole;
	size_t colour, i;

	(void)state;
	for (colour = 0; colour < ARRAY_SIZE(colours); colour++)
		for (i = 0; i < ARRAY_SIZE(borders); i++) {
			const int *b = borders[i];

			r = framed(b[0], b[1], b[2], b[3], colours[colour]);
			whole = noisy(100 - b[0] - b[2], 80 - b[1] - b[3], 4);
			apply("trim", &r);
			expect_size(&r, whole.w, whole.h);
			assert_memory_equal(
			    r.px, whole.px, raster_bytes(&whole));
			raster_release(&r);
			raster_release(&whole);
		}
}

static void
small_differences_do_not_stop_trimming_and_large_ones_do(void **state)
{
	static const struct {
		const char *steps;
		int off, count; /* levels, and of how many pixels of 64 */
		bool trimmed;
	} cases[] = {
		{ "trim", 10, 64, true },
		{ "trim", 11, 64, false },
		{ "trim", 30, 2, true },
		{ "trim", 30, 3, false },
		{ "trim", 31, 1, false },
		{ "trim 0", 0, 0, true },
		{ "trim 0", 1, 1, false },
		{ "trim 80", 200, 1, true },
	};
	struct raster r;
	size_t i;
	int x;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = flat(64, 64, 200);
		fill(&r, 0, 16, 64, 64, 0);
		/* The second line, for the corners give the colour. */
		for (x = 0; x < cases[i].count; x++)
			fill(&r, x, 1, x + 1, 2,
			    (uint32_t)(200 - cases[i].off) * 0x10101u);
		/* Below, so that the border is that above. */
		for (x = 0; x < 64; x += 2)
			fill(&r, x, 16, x + 1, 64, 0xff00ffu);
		apply(cases[i].steps, &r);
		if (r.h != (cases[i].trimmed ? 48 : 63))
			fail_msg("case %zu: %d x %d", i, r.w, r.h);
		raster_release(&r);
	}
}

static void
a_uniform_picture_stays_and_a_quarter_of_a_side_is_left(void **state)
{
	struct raster r = flat(50, 30, 77);

	(void)state;
	apply("trim 80", &r);
	expect_size(&r, 50, 30);
	raster_release(&r);
	r = flat(81, 40, 255);
	fill(&r, 78, 3, 79, 4, 0);
	apply("trim", &r);
	/* 21 = ceil(81 / 4), moved inwards from the edge. */
	expect_size(&r, 21, 10);
	assert_int_equal(rgb_at(&r, 78 - (81 - 21), 3), 0);
	raster_release(&r);
	r = flat(1, 1, 3);
	apply("trim", &r);
	expect_size(&r, 1, 1);
	raster_release(&r);
}

static void
trimming_turns_with_the_picture(void **state)
{
	struct raster upright = framed(9, 4, 21, 13, 0xeeeeee), r;
	int o;

	(void)state;
	apply("trim", &upright);
	for (o = 1; o <= 8; o++) {
		r = framed(9, 4, 21, 13, 0xeeeeee);
		raster_orient(&r, o);
		apply("trim", &r);
		raster_orient(&r, orientation_inverse(o));
		expect_size(&r, 70, 63);
		assert_memory_equal(r.px, upright.px, raster_bytes(&r));
		raster_release(&r);
	}
	raster_release(&upright);
}

/* ---- crop ------------------------------------------------------------- */

static void
a_box_is_cut_out_by_percents(void **state)
{
	static const struct {
		const char *steps;
		int x, y, w, h;
	} cases[] = {
		/* of 200 x 50 */
		{ "crop box 0:0:100:90", 0, 0, 200, 45 },
		{ "crop box 0:0:100:100", 0, 0, 200, 50 },
		{ "crop box 10:20:30:40", 20, 10, 60, 20 },
		{ "crop box 99.9:99.9:0.1:0.1", 199, 49, 1, 1 },
		{ "crop box 0:0:0.1:0.1", 0, 0, 1, 1 },
		{ "crop box 33.3:0:33.3:100", 67, 0, 66, 50 },
	};
	struct raster whole = noisy(200, 50, 8), r;
	size_t i;
	int y;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = copy_of(&whole);
		apply(cases[i].steps, &r);
		expect_size(&r, cases[i].w, cases[i].h);
		for (y = 0; y < r.h; y++)
			assert_memory_equal(at(&r, 0, y),
			    at(&whole, cases[i].x, cases[i].y + y),
			    (size_t)r.w * RASTER_BANDS);
		raster_release(&r);
	}
	raster_release(&whole);
}

/* A grey strip with one bright thing from x on; where the window begins. */
static int
start_with(const char *steps, int x, uint32_t rgb)
{
	struct raster r = flat(600, 200, 120);
	int start, i;

	for (i = 0; i < 600; i++)
		fill(&r, i, 190, i + 1, 200, (uint32_t)(i << 8 | i % 251));
	fill(&r, x, 60, x + 60, 120, rgb);
	apply(steps, &r);
	assert_int_equal(r.w, r.h);
	start = (int)(rgb_at(&r, 0, 195) >> 8);
	raster_release(&r);
	return start;
}

static void
attention_puts_in_the_middle_what_draws_the_eye(void **state)
{
	static const uint32_t colours[] = { 0xe03020, 0xd8a080, 0x6b4230,
		0x20c0ff };
	size_t i;
	int x, start;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(colours); i++)
		for (x = 100; x <= 440; x += 85) {
			start = start_with("crop attention 1:1", x, colours[i]);
			/* Within a sixteenth of the picture. */
			if (abs(start + 100 - (x + 30)) > 600 / 16)
				fail_msg(
				    "%06x at %d: %d", colours[i], x, start);
		}
}

static void
skin_draws_the_eye_more_than_other_colours_as_strong(void **state)
{
	/* Each beside its negative in Cb and Cr: as light and as strong. */
	static const uint32_t skins[][2] = { { 0xe0ac90, 0xa0cae6 },
		{ 0x8d5a42, 0x4a7b9c }, { 0x5c3a2a, 0x2e4f66 } };
	struct raster r;
	size_t i;
	int x, y, side;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(skins); i++)
		for (side = 0; side < 2; side++) {
			r = flat(600, 200, 120);
			fill(&r, 100, 60, 160, 120, skins[i][side]);
			fill(&r, 440, 60, 500, 120, skins[i][!side]);
			raster_find_attention(&r, 200, 200, &x, &y);
			assert_int_equal(x < 200, side == 0);
			raster_release(&r);
		}
}

static void
attention_turns_with_the_picture(void **state)
{
	struct raster r = flat(600, 200, 120);
	int x, y, x2, y2;

	(void)state;
	fill(&r, 400, 60, 460, 140, 0xd8a080);
	raster_find_attention(&r, 200, 200, &x, &y);
	raster_orient(&r, 6);
	raster_find_attention(&r, 200, 200, &x2, &y2);
	assert_int_equal(x2, 0);
	assert_true(abs(y2 - x) <= 600 / 64);
	raster_release(&r);
}

/* ---- pad -------------------------------------------------------------- */

static void
padding_continues_the_picture_as_asked(void **state)
{
	static const uint8_t row[] = { 10, 20, 30 };
	static const struct {
		const char *across, *down;
		uint8_t levels[9];
	} cases[] = {
		{ "pad white 9:1", "pad white 1:9",
		    { 255, 255, 255, 10, 20, 30, 255, 255, 255 } },
		{ "pad black 9:1", "pad black 1:9",
		    { 0, 0, 0, 10, 20, 30, 0, 0, 0 } },
		{ "pad mean 9:1", "pad mean 1:9",
		    { 20, 20, 20, 10, 20, 30, 20, 20, 20 } },
		{ "pad edge 9:1", "pad edge 1:9",
		    { 10, 10, 10, 10, 20, 30, 30, 30, 30 } },
		{ "pad mirror 9:1", "pad mirror 1:9",
		    { 30, 20, 10, 10, 20, 30, 30, 20, 10 } },
	};
	struct raster r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = greys(3, row);
		apply(cases[i].across, &r);
		expect_size(&r, 9, 1);
		expect_greys(&r, 9, cases[i].levels);
		raster_release(&r);
		r = greys(3, row);
		raster_orient(&r, 6);
		apply(cases[i].down, &r);
		expect_size(&r, 1, 9);
		raster_orient(&r, 8);
		expect_greys(&r, 9, cases[i].levels);
		raster_release(&r);
	}
}

static void
a_mirror_goes_there_and_back(void **state)
{
	static const uint8_t row[] = { 1, 2 };
	struct raster r = greys(2, row);

	(void)state;
	raster_extend(&r, 10, 1, true);
	/* Four on each side: 1 2 2 1, the two, 2 1 1 2 of it. */
	expect_greys(&r, 10, (const uint8_t[]){ 1, 2, 2, 1, 1, 2, 2, 1, 1, 2 });
	raster_crop(&r, 4, 0, 2, 1);
	expect_greys(&r, 2, row);
	raster_extend(&r, 2, 1, true);
	expect_greys(&r, 2, row);
	raster_release(&r);
}

static void
a_mean_is_rounded_in_each_band(void **state)
{
	struct raster r = flat(2, 2, 0);
	uint8_t mean[RASTER_BANDS];

	(void)state;
	fill(&r, 0, 0, 1, 2, 0x01ff02);
	raster_mean(&r, mean);
	assert_memory_equal(mean, "\x01\x80\x01", 3);
	raster_release(&r);
}

/* ---- tone ------------------------------------------------------------- */

/* Of 200 pixels: 2 at 0, 2 at 40, 192 at 90, 2 at 140, 2 at 255. */
static struct raster
dull(void)
{
	struct raster r = flat(200, 1, 90);

	fill(&r, 0, 0, 2, 1, 0);
	fill(&r, 2, 0, 4, 1, 0x282828);
	fill(&r, 4, 0, 6, 1, 0x8c8c8c);
	fill(&r, 6, 0, 8, 1, 0xffffff);
	return r;
}

static void
contrast_is_stretched_to_all_but_a_hundredth_at_each_end(void **state)
{
	/* 40 becomes 0, 140 becomes 255, 90 half of it. */
	static const uint8_t after[] = { 0, 0, 0, 0, 255, 255, 255, 255, 128 };
	struct raster r = dull();

	(void)state;
	apply("normalise", &r);
	raster_crop(&r, 0, 0, 9, 1);
	expect_greys(&r, 9, after);
	raster_release(&r);
	/* All bands by the same line: 20 below the end stays 20 parts. */
	r = dull();
	fill(&r, 8, 0, 9, 1, 0x5a3c78);
	apply("normalise", &r);
	assert_int_equal(rgb_at(&r, 8, 0), 0x8033cc);
	raster_release(&r);
}

static void
a_flat_picture_is_not_stretched(void **state)
{
	struct raster r = flat(10, 10, 100);

	(void)state;
	fill(&r, 0, 0, 5, 10, 115 * 0x10101);
	apply("normalise", &r);
	assert_int_equal(rgb_at(&r, 0, 0), 115 * 0x10101);
	assert_int_equal(rgb_at(&r, 9, 9), 100 * 0x10101);
	fill(&r, 0, 0, 5, 10, 116 * 0x10101);
	apply("normalise", &r);
	assert_int_equal(rgb_at(&r, 0, 0), 0xffffff);
	assert_int_equal(rgb_at(&r, 9, 9), 0);
	raster_release(&r);
}

static void
sharpening_adds_what_a_blur_takes(void **state)
{
	/* A step from 100 to 180: the blur takes 80 * {1, 5, 11, 15} / 16,
	 * so that it is off by 5 and 25 on both sides. */
	static const uint8_t row[] = { 100, 100, 100, 100, 180, 180, 180, 180 };
	static const uint8_t by_100[] = { 100, 100, 95, 75, 205, 185, 180,
		180 };
	static const uint8_t by_50[] = { 100, 100, 97, 87, 193, 183, 180, 180 };
	static const uint8_t by_300[] = { 100, 100, 85, 25, 255, 195, 180,
		180 };
	struct raster r = greys(8, row);

	(void)state;
	apply("sharpen 100", &r);
	expect_greys(&r, 8, by_100);
	raster_release(&r);
	r = greys(8, row);
	apply("sharpen", &r);
	expect_greys(&r, 8, by_50);
	raster_release(&r);
	r = greys(8, row);
	raster_orient(&r, 6);
	apply("sharpen 300", &r);
	raster_orient(&r, 8);
	expect_greys(&r, 8, by_300);
	raster_release(&r);
}

static void
sharpening_leaves_flat_parts_and_colours(void **state)
{
	struct raster r = flat(12, 12, 0);
	const uint8_t *p;

	(void)state;
	fill(&r, 0, 0, 6, 12, 0x804020);
	fill(&r, 6, 0, 12, 12, 0xa06040);
	apply("sharpen 100", &r);
	assert_int_equal(rgb_at(&r, 0, 0), 0x804020);
	assert_int_equal(rgb_at(&r, 11, 11), 0xa06040);
	p = at(&r, 6, 5);
	assert_true(p[0] > 0xa0);
	assert_int_equal(p[0] - p[1], 0x40);
	assert_int_equal(p[1] - p[2], 0x20);
	raster_release(&r);
}

/* ---- resize ----------------------------------------------------------- */

static void
only_shrink_enlarges_nothing(void **state)
{
	static const struct {
		const char *steps;
		int w, h;
	} cases[] = {
		/* of 300 x 100 */
		{ "only-shrink, resize 60", 60, 20 },
		{ "only-shrink, resize 600", 300, 100 },
		{ "only-shrink, resize 301x99", 297, 99 },
		{ "only-shrink, resize 301x101", 300, 100 },
		{ "only-shrink, resize 60 fill", 60, 60 },
		{ "only-shrink, resize 200 fill", 100, 100 },
		{ "only-shrink, resize 400x100 fill", 300, 75 },
		{ "only-shrink, resize 900x100 fill", 300, 33 },
		{ "only-shrink, resize 60 stretch", 60, 60 },
		{ "only-shrink, resize 200 stretch", 100, 100 },
		{ "only-shrink, resize 300x50 stretch", 300, 50 },
		{ "only-shrink, resize 600x100 stretch", 300, 50 },
		{ "resize 600, only-shrink", 600, 200 },
		{ "resize 600, only-shrink, resize 900", 600, 200 },
		{ "only-shrink, pad white 1:1", 300, 300 },
	};
	struct raster r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = noisy(300, 100, 3);
		apply(cases[i].steps, &r);
		if (r.w != cases[i].w || r.h != cases[i].h)
			fail_msg("%s: %d x %d", cases[i].steps, r.w, r.h);
		raster_release(&r);
	}
}

static void
a_small_picture_stands_in_only_where_nothing_is_lost(void **state)
{
	static const struct {
		const char *steps;
		int w, h;
		bool enough;
	} cases[] = {
		{ "trim, resize 224", 896, 896, true },
		{ "trim, resize 224", 892, 892, false },
		{ "trim, crop smart 1:1, resize 224", 1200, 892, false },
		{ "crop box 0:0:50:50, resize 224", 448, 448, true },
		{ "crop box 0:0:50:50, resize 224", 446, 446, false },
		{ "crop attention 1:1, resize 224", 512, 224, true },
		{ "crop attention 1:1, resize 224", 512, 223, false },
		{ "only-shrink, resize 224", 224, 100, true },
		{ "only-shrink, resize 224", 223, 100, false },
		{ "normalise, resize 224", 512, 512, true },
		{ "resize 224, sharpen", 512, 512, true },
		{ "sharpen, resize 224", 512, 512, false },
		{ "sharpen, resize 224", 5000, 5000, true },
		{ "background black, autorotate, resize 9", 50, 50, true },
		{ "pad mirror 1:1, resize 300", 300, 100, true },
		{ "only-shrink", 512, 512, false },
	};
	struct recipe steps;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		steps = recipe(cases[i].steps);
		if (steps_can_start_from(&steps, cases[i].w, cases[i].h, 1) !=
		    cases[i].enough)
			fail_msg("%s from %d x %d", cases[i].steps, cases[i].w,
			    cases[i].h);
	}
}

/* ---- background ------------------------------------------------------- */

static void
what_lies_on_white_and_on_black_lies_on_any_colour(void **state)
{
	/* Opaque, half of 0x40, and nothing. */
	struct raster white = greys(3, (const uint8_t[]){ 0x33, 0xa0, 255 });
	struct raster black = greys(3, (const uint8_t[]){ 0x33, 0x20, 0 });

	(void)state;
	raster_put_on(&white, &black, 0x0080ff);
	assert_int_equal(rgb_at(&white, 0, 0), 0x333333);
	assert_int_equal(rgb_at(&white, 1, 0), 0x2060a0);
	assert_int_equal(rgb_at(&white, 2, 0), 0x0080ff);
	raster_release(&white);
	raster_release(&black);
}

/* ---- any recipe ------------------------------------------------------- */

static uint32_t
up_to(uint32_t *state, uint32_t n)
{
	return (uint32_t)(noise(state) % n);
}

static void
add_shape(struct buf *b, uint32_t *state)
{
	const uint32_t w = 1 + up_to(state, 10);

	buf_addf(b, " %u:%u", w, 1 + up_to(state, 10));
}

static void
add_step(struct buf *b, uint32_t *state, bool first)
{
	static const char *const crops[] = { "centre", "smart", "attention" };
	static const char *const pads[] = { "white", "black", "mean", "edge",
		"mirror" };
	static const char *const ways[] = { "fit", "fill", "stretch" };
	static const char *const plain[] = { "autorotate", "grayscale",
		"normalise", "only-shrink", "flip h", "flip v", "trim",
		"sharpen" };
	const uint32_t x = up_to(state, 100), y = up_to(state, 100);

	switch (up_to(state, first ? 9 : 8)) {
	case 0:
		buf_addf(b, "crop %s", crops[up_to(state, 3)]);
		add_shape(b, state);
		break;
	case 1:
		buf_addf(b, "crop box %u:%u.5:%u:%u.5", x, y,
		    1 + up_to(state, 100 - x), up_to(state, 100 - y));
		break;
	case 2:
		buf_addf(b, "pad %s", pads[up_to(state, 5)]);
		add_shape(b, state);
		break;
	case 3:
		buf_addf(b, "resize %ux%u %s", 1 + up_to(state, 90),
		    1 + up_to(state, 90), ways[up_to(state, 3)]);
		break;
	case 4:
		buf_addf(b, "rotate %u.%02u", up_to(state, 360), x);
		break;
	case 5:
		buf_addf(b, "trim %u", up_to(state, 81));
		break;
	case 6:
		buf_addf(b, "sharpen %u", 1 + up_to(state, 300));
		break;
	case 7:
		buf_addf(b, "%s", plain[up_to(state, ARRAY_SIZE(plain))]);
		break;
	default:
		buf_addf(b, "background #%06x",
		    up_to(state, 4096) << 12 | up_to(state, 4096));
		break;
	}
}

static void
any_steps_in_any_order_give_a_picture_of_bounded_size(void **state)
{
	struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
	struct recipe steps, again;
	uint32_t random = 2026, n, i;
	struct raster r, twin;
	int round, o;

	(void)state;
	for (round = 0; round < 400; round++) {
		buf_clear(&text);
		n = 1 + up_to(&random, RECIPE_STEPS_MAX);
		for (i = 0; i < n; i++) {
			buf_addf(&text, "%s", i == 0 ? "" : ", ");
			add_step(&text, &random, i == 0);
		}
		steps = recipe((const char *)text.data);
		again = recipe(steps.text);
		assert_memory_equal(&steps, &again, sizeof(steps));
		r = noisy(1 + (int)up_to(&random, 60),
		    1 + (int)up_to(&random, 60), random);
		twin = copy_of(&r);
		o = 1 + (int)up_to(&random, 8);
		steps_apply(&steps, &r, o);
		steps_apply(&again, &twin, o);
		assert_in_range(r.w, 1, RECIPE_SIDE_MAX);
		assert_in_range(r.h, 1, RECIPE_SIDE_MAX);
		assert_int_equal(raster_bytes(&r), raster_bytes(&twin));
		assert_memory_equal(r.px, twin.px, raster_bytes(&r));
		raster_release(&r);
		raster_release(&twin);
	}
}

static void
the_largest_pictures_stay_within_bounds(void **state)
{
	static const char *const recipes[] = {
		"resize 4096x100 stretch, pad mirror 1:10",
		"resize 4096x100 stretch, pad mean 1:1, sharpen, normalise",
		"resize 100x4096 stretch, pad edge 10:1, trim",
	};
	struct raster r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(recipes); i++) {
		r = noisy(60, 40, 6);
		apply(recipes[i], &r);
		assert_in_range(r.w, 1, RECIPE_SIDE_MAX);
		assert_in_range(r.h, 1, RECIPE_SIDE_MAX);
		raster_release(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_border_of_any_colour_is_cut_from_every_side),
		cmocka_unit_test(
		    small_differences_do_not_stop_trimming_and_large_ones_do),
		cmocka_unit_test(
		    a_uniform_picture_stays_and_a_quarter_of_a_side_is_left),
		cmocka_unit_test(trimming_turns_with_the_picture),
		cmocka_unit_test(a_box_is_cut_out_by_percents),
		cmocka_unit_test(
		    attention_puts_in_the_middle_what_draws_the_eye),
		cmocka_unit_test(
		    skin_draws_the_eye_more_than_other_colours_as_strong),
		cmocka_unit_test(attention_turns_with_the_picture),
		cmocka_unit_test(padding_continues_the_picture_as_asked),
		cmocka_unit_test(a_mirror_goes_there_and_back),
		cmocka_unit_test(a_mean_is_rounded_in_each_band),
		cmocka_unit_test(
		    contrast_is_stretched_to_all_but_a_hundredth_at_each_end),
		cmocka_unit_test(a_flat_picture_is_not_stretched),
		cmocka_unit_test(sharpening_adds_what_a_blur_takes),
		cmocka_unit_test(sharpening_leaves_flat_parts_and_colours),
		cmocka_unit_test(only_shrink_enlarges_nothing),
		cmocka_unit_test(
		    a_small_picture_stands_in_only_where_nothing_is_lost),
		cmocka_unit_test(
		    what_lies_on_white_and_on_black_lies_on_any_colour),
		cmocka_unit_test(
		    any_steps_in_any_order_give_a_picture_of_bounded_size),
		cmocka_unit_test(the_largest_pictures_stay_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
