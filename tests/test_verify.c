/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verify step on pictures made for it: waves of many frequencies, which
 * can be seen through any window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "dedup/verify.h"
#include "tests/codes.h"

#define SIDE VERIFY_SIDE
#define WAVES 40

struct scene {
	double across[WAVES], down[WAVES], phase[WAVES], height[WAVES];
};

static double
some(uint32_t *seed, double most)
{
	return (noise(seed) >> 8) % 10000 / 10000.0 * most;
}

static struct scene
scene_of(uint32_t seed)
{
	struct scene s;
	int i;

	for (i = 0; i < WAVES; i++) {
		s.across[i] = some(&seed, 24) - 12;
		s.down[i] = some(&seed, 24) - 12;
		s.phase[i] = some(&seed, 6);
		s.height[i] = 30 / (1 + hypot(s.across[i], s.down[i]) / 4);
	}
	return s;
}

/* From x, y (-1..1) on, so large, rotated by an angle in radians. */
static void
look_at(const struct scene *s, double x0, double y0, double size, double angle,
    uint8_t *ret)
{
	double x, y, u, v, sum;
	int i, j, k;

	for (i = 0; i < SIDE; i++)
		for (j = 0; j < SIDE; j++) {
			x = (2 * j + 1 - SIDE) / (double)SIDE * size;
			y = (2 * i + 1 - SIDE) / (double)SIDE * size;
			u = x0 + cos(angle) * x - sin(angle) * y;
			v = y0 + sin(angle) * x + cos(angle) * y;
			sum = 128;
			for (k = 0; k < WAVES; k++)
				sum += s->height[k] *
				    sin(s->across[k] * u + s->down[k] * v +
					s->phase[k]);
			*ret++ = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
		}
}

/* As raster_orient() does it, by walking over the turned picture. */
static void
turn(const uint8_t *from, int by, uint8_t *to)
{
	const int last = SIDE - 1;
	int x, y;

	for (y = 0; y < SIDE; y++)
		for (x = 0; x < SIDE; x++) {
			const int at[8][2] = { { x, y }, { last - x, y },
				{ last - x, last - y }, { x, last - y },
				{ y, x }, { y, last - x },
				{ last - y, last - x }, { last - y, x } };

			to[y * SIDE + x] = from[at[by][1] * SIDE + at[by][0]];
		}
}

static void
a_picture_is_like_itself_in_every_turn(void **state)
{
	const struct scene s = scene_of(1);
	uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
	int by, other;

	(void)state;
	look_at(&s, 0, 0, 1, 0, a);
	for (by = 0; by < 8; by++) {
		turn(a, by, b);
		assert_true(verify_likeness(a, b, by) > 0.999);
		for (other = 0; other < 8; other++)
			if (other != by)
				assert_true(
				    verify_likeness(a, b, other) < VERIFY_LIKE);
	}
}

static void
crops_shifts_and_small_rotations_are_followed(void **state)
{
	static const struct {
		double x, y, size, angle;
	} cases[] = { { 0, 0, 0.95, 0 }, { 0, 0, 0.9, 0 }, { 0, 0, 1.1, 0 },
		{ 0.05, -0.04, 1, 0 }, { 0.05, 0.05, 0.93, 0 },
		{ 0, 0, 1, 0.035 }, { 0, 0, 1, -0.07 } };
	uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
	struct scene s;
	uint32_t seed;
	size_t i;

	(void)state;
	for (seed = 1; seed < 6; seed++) {
		s = scene_of(seed);
		look_at(&s, 0, 0, 1, 0, a);
		for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			look_at(&s, cases[i].x, cases[i].y, cases[i].size,
			    cases[i].angle, b);
			assert_true(verify_likeness(a, b, 0) > 0.92);
			assert_true(verify_likeness(b, a, 0) > 0.92);
		}
	}
}

static void
tones_and_noise_do_not_matter(void **state)
{
	const struct scene s = scene_of(9);
	uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
	uint32_t seed = 4;
	int i;

	(void)state;
	look_at(&s, 0, 0, 1, 0, a);
	for (i = 0; i < SIDE * SIDE; i++)
		b[i] = (uint8_t)(40 + a[i] / 2 + (int)(noise(&seed) % 9));
	assert_true(verify_likeness(a, b, 0) > 0.95);
}

static void
other_pictures_are_not_alike(void **state)
{
	uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
	struct scene s;
	uint32_t seed;

	(void)state;
	for (seed = 20; seed < 40; seed++) {
		s = scene_of(seed);
		look_at(&s, 0, 0, 1, 0, a);
		s = scene_of(seed + 100);
		look_at(&s, 0, 0, 1, 0, b);
		assert_true(verify_likeness(a, b, 0) < 0.8);
	}
}

/* Two shirts, one ground: all is alike but what is printed on them. */
static void
what_differs_in_the_middle_only_is_seen(void **state)
{
	const struct scene one = scene_of(50), other = scene_of(51);
	uint8_t a[SIDE * SIDE], b[SIDE * SIDE], print[SIDE * SIDE];
	int x, y;

	(void)state;
	look_at(&one, 0, 0, 0.2, 0, a); /* large, smooth forms */
	memcpy(b, a, sizeof(b));
	look_at(&other, 0, 0, 1, 0, print);
	for (y = SIDE / 4; y < SIDE * 3 / 4; y++)
		for (x = SIDE / 4; x < SIDE * 3 / 4; x++)
			b[y * SIDE + x] = print[y * SIDE + x];
	assert_true(verify_likeness(a, b, 0) < VERIFY_LIKE);
}

static void
what_is_of_one_grey_is_like_nothing(void **state)
{
	const struct scene s = scene_of(2);
	uint8_t a[SIDE * SIDE], flat[SIDE * SIDE];

	(void)state;
	look_at(&s, 0, 0, 1, 0, a);
	memset(flat, 90, sizeof(flat));
	assert_true(verify_likeness(a, flat, 0) == 0);
	assert_true(verify_likeness(flat, a, 5) == 0);
	assert_true(verify_likeness(flat, flat, 0) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_is_like_itself_in_every_turn),
		cmocka_unit_test(crops_shifts_and_small_rotations_are_followed),
		cmocka_unit_test(tones_and_noise_do_not_matter),
		cmocka_unit_test(other_pictures_are_not_alike),
		cmocka_unit_test(what_differs_in_the_middle_only_is_seen),
		cmocka_unit_test(what_is_of_one_grey_is_like_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
