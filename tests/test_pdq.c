/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code against a slow restatement of its definition: in exact mode every
 * operation is rounded to single precision in the order of the reference,
 * and all bits must agree; in wide mode the definition is taken literally in
 * double precision, and the bits must agree that are clear of the median.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dedup/pdq.h"
#include "tests/codes.h"

#define SIDE_MAX 700
#define MARGIN 0.02 /* in the unit of the terms, where noise is about 30 */

/*
 * 8-bit pixels: a mosaic of 12x12 greys, a pattern, and noise; of less
 * contrast with some seeds, so that not every quality is 100.
 */
static uint8_t *
picture(int width, int height, int bands, uint32_t seed)
{
	uint8_t *p = xmalloc((size_t)(width * height * bands)), *out = p;
	uint32_t i, tile[144], state = seed * 2654435761u;
	int x, y, b;

	for (i = 0; i < 144; i++)
		tile[i] = noise(&state) % 140;
	for (y = 0; y < height; y++)
		for (x = 0; x < width; x++)
			for (b = 0; b < bands; b++) {
				i = tile[y * 12 / height * 12 + x * 12 / width];
				i += (uint32_t)(x * y) / 32 * (seed + 1) % 80;
				i = i * (uint32_t)(b + 4) / 6;
				i += noise(&state) % 30;
				*out++ = (uint8_t)(i / (1 + seed % 8));
			}
	return p;
}

static float *
as_luma(const uint8_t *pixels, int n)
{
	float *luma = xcalloc((size_t)n, sizeof(*luma));
	int i;

	for (i = 0; i < n; i++)
		luma[i] = pixels[i];
	return luma;
}

/* ---- the slow restatement --------------------------------------------- */

static double
rounded(double x, bool exact)
{
	return exact ? (double)(float)x : x;
}

static void
slow_mean(double *line, int n, int step, bool exact)
{
	double in[SIDE_MAX], sum = 0;
	int window = (n + 127) / 128, lead = (window + 2) / 2 - 1;
	int i, k, count = 0, left = 0, right = 0;

	for (i = 0; i < n; i++)
		in[i] = line[i * step];
	for (i = 0; i < n; i++) {
		k = i + lead;
		if (!exact) { /* no running sum */
			sum = count = 0;
			left = right = k < window ? 0 : k - window + 1;
		}
		for (; right <= k && right < n; right++, count++)
			sum = rounded(sum + in[right], exact);
		for (; left <= k - window; left++, count--)
			sum = rounded(sum - in[left], exact);
		line[i * step] = rounded(sum / count, exact);
	}
}

static void
slow_small(const float *luma, int w, int h, bool exact, double small[64][64])
{
	double *a CLEANUP(freep) = xcalloc((size_t)(w * h), sizeof(*a));
	int i, j, pass;

	for (i = 0; i < w * h; i++)
		a[i] = (double)luma[i];
	for (pass = 0; pass < 2 && (w != 64 || h != 64); pass++) {
		for (i = 0; i < h; i++)
			slow_mean(a + i * w, w, 1, exact);
		for (j = 0; j < w; j++)
			slow_mean(a + j, h, w, exact);
	}
	for (i = 0; i < 64; i++)
		for (j = 0; j < 64; j++)
			small[i][j] = a[(int)((i + 0.5) * h / 64) * w +
			    (int)((j + 0.5) * w / 64)];
}

static int
slow_step(double u, double v, bool exact)
{
	double d = rounded(rounded(u - v, exact) * 100, exact);

	return abs((int)rounded(d / 255, exact));
}

static int
slow_quality(double small[64][64], bool exact)
{
	int i, j, sum = 0;

	for (i = 0; i < 64; i++)
		for (j = 0; j < 64; j++) {
			if (i < 63)
				sum += slow_step(
				    small[i][j], small[i + 1][j], exact);
			if (j < 63)
				sum += slow_step(
				    small[i][j], small[i][j + 1], exact);
		}
	return sum / 90 > 100 ? 100 : sum / 90;
}

static double
dot(const double *a, int a_step, const double *b, int b_step, bool exact)
{
	double sum = 0;
	int k;

	for (k = 0; k < 64; k++)
		sum = rounded(
		    sum + rounded(a[k * a_step] * b[k * b_step], exact), exact);
	return sum;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct slow {
	int quality;
	double term[256], median;
	char hex[PDQ_HEX];
};

static void
slow_code(const float *luma, int w, int h, bool exact, struct slow *ret)
{
	double small[64][64], matrix[16][64], half[16][64], sorted[256];
	double scale = rounded(sqrt(2.0 / 64), exact);
	unsigned word;
	int i, j;

	slow_small(luma, w, h, exact, small);
	ret->quality = slow_quality(small, exact);
	for (i = 0; i < 16; i++)
		for (j = 0; j < 64; j++)
			matrix[i][j] = rounded(
			    scale * cos(M_PI / 2 / 64 * (i + 1) * (2 * j + 1)),
			    exact);
	for (i = 0; i < 16; i++)
		for (j = 0; j < 64; j++)
			half[i][j] = dot(matrix[i], 1, &small[0][j], 64, exact);
	for (i = 0; i < 16; i++)
		for (j = 0; j < 16; j++)
			ret->term[16 * i + j] =
			    dot(half[i], 1, matrix[j], 1, exact);
	memcpy(sorted, ret->term, sizeof(sorted));
	qsort(sorted, 256, sizeof(*sorted), by_value);
	ret->median = sorted[127];
	for (i = 15; i >= 0; i--) {
		for (word = 0, j = 0; j < 16; j++)
			if (ret->term[16 * i + j] > ret->median)
				word |= 1u << j;
		snprintf(ret->hex + 4 * (15 - i), 5, "%04x", word);
	}
}

/* Both modes against what pdq_of_luma() gave. */
static void
check(const float *luma, int w, int h, const struct pdq *got)
{
	struct slow slow;
	char hex[PDQ_HEX];
	int k, unclear = 0;

	pdq_to_hex(hex, got->bits);
	slow_code(luma, w, h, true, &slow);
	assert_string_equal(hex, slow.hex);
	assert_int_equal(got->quality, slow.quality);

	slow_code(luma, w, h, false, &slow);
	assert_in_range(got->quality + 1, slow.quality, slow.quality + 2);
	for (k = 0; k < 256; k++) {
		bool bit = got->bits[31 - k / 8] >> k % 8 & 1;

		if (fabs(slow.term[k] - slow.median) < MARGIN)
			unclear++;
		else
			assert_int_equal(bit, slow.term[k] > slow.median);
	}
	assert_in_range(unclear, 1, 8); /* the median is its own neighbour */
}

/* ---- the tests -------------------------------------------------------- */

static void
codes_agree_with_the_definition_at_any_size(void **state)
{
	static const int size[][2] = { { 5, 5 }, { 5, 300 }, { 300, 5 },
		{ 7, 9 }, { 63, 65 }, { 64, 64 }, { 64, 65 }, { 100, 77 },
		{ 128, 128 }, { 129, 127 }, { 200, 150 }, { 257, 385 },
		{ 500, 375 }, { 511, 300 }, { 512, 512 }, { 641, 480 },
		{ 30, 700 } };
	struct pdq got;
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		int w = size[i][0], h = size[i][1];
		uint8_t *p CLEANUP(freep) = picture(w, h, 1, i + 1);
		float *luma CLEANUP(freep) = as_luma(p, w * h);

		pdq_of_luma(luma, w, h, &got);
		check(luma, w, h, &got);
	}
}

/* What the header says of pdq_of_rgb(), the slow way. */
static float *
sampled(const uint8_t *pixels, int w, int h, int bands, int out_w, int out_h)
{
	float *luma = xcalloc((size_t)(out_w * out_h), sizeof(*luma)), y;
	const uint8_t *p;
	int i, j;

	for (i = 0; i < out_h; i++)
		for (j = 0; j < out_w; j++) {
			int from_y = (int)floor((double)i * h / out_h);
			int from_x = (int)floor((double)j * w / out_w);

			p = pixels + (from_y * w + from_x) * bands;
			y = (float)p[0];
			if (bands == 3) {
				y = 0.299f * (float)p[0];
				y += 0.587f * (float)p[1];
				y += 0.114f * (float)p[2];
			}
			luma[i * out_w + j] = y;
		}
	return luma;
}

static void
pixels_are_sampled_to_512_when_a_side_is_longer(void **state)
{
	static const struct {
		int w, h, bands, out_w, out_h;
	} c[] = { { 1000, 300, 3, 512, 512 }, { 513, 512, 3, 512, 512 },
		{ 200, 1100, 1, 512, 512 }, { 900, 6, 1, 512, 512 },
		{ 512, 512, 3, 512, 512 }, { 321, 123, 3, 321, 123 },
		{ 64, 64, 3, 64, 64 }, { 64, 64, 1, 64, 64 },
		{ 17, 31, 1, 17, 31 } };
	struct pdq got, luma_got;
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		uint8_t *p CLEANUP(freep) =
		    picture(c[i].w, c[i].h, c[i].bands, i + 40);
		float *luma CLEANUP(freep) = sampled(
		    p, c[i].w, c[i].h, c[i].bands, c[i].out_w, c[i].out_h);

		pdq_of_rgb(p, c[i].w, c[i].h, c[i].bands, &got);
		pdq_of_luma(luma, c[i].out_w, c[i].out_h, &luma_got);
		assert_memory_equal(got.bits, luma_got.bits, PDQ_SIZE);
		assert_int_equal(got.quality, luma_got.quality);
		check(luma, c[i].out_w, c[i].out_h, &got);
	}
}

/* Its bits are rounding errors and nothing else: those of the reference. */
static void
a_flat_picture_has_quality_0(void **state)
{
	static const int size[][2] = { { 5, 64 }, { 64, 64 }, { 200, 150 },
		{ 333, 512 }, { 600, 40 } };
	uint8_t *p CLEANUP(freep) = xmalloc(600 * 600 * 3);
	struct pdq got;
	struct slow slow;
	char hex[PDQ_HEX];
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		int w = size[i][0], h = size[i][1];
		int out_w = w > 512 ? 512 : w, out_h = w > 512 ? 512 : h;
		float *luma CLEANUP(freep) = NULL;

		for (k = 0; k < 600 * 600 * 3; k++)
			p[k] = (uint8_t)(200 - 30 * i - 50 * (k % 3));
		got.quality = -1;
		pdq_of_rgb(p, w, h, 3, &got);
		assert_int_equal(got.quality, 0);
		luma = sampled(p, w, h, 3, out_w, out_h);
		slow_code(luma, out_w, out_h, true, &slow);
		pdq_to_hex(hex, got.bits);
		assert_string_equal(hex, slow.hex);
	}
}

/* Where contrast is near the precision, the order of additions shows. */
static void
faint_pictures_round_as_in_the_reference(void **state)
{
	static const int size[][2] = { { 100, 77 }, { 257, 385 }, { 512, 512 },
		{ 500, 375 } };
	struct pdq got;
	struct slow slow;
	char hex[PDQ_HEX];
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		int w = size[i][0], h = size[i][1];
		uint8_t *p CLEANUP(freep) = picture(w, h, 1, 8);
		float *luma CLEANUP(freep) = as_luma(p, w * h);

		for (k = 0; k < (size_t)(w * h); k++)
			luma[k] = 120.3f + luma[k] / 10000;
		pdq_of_luma(luma, w, h, &got);
		slow_code(luma, w, h, true, &slow);
		pdq_to_hex(hex, got.bits);
		assert_string_equal(hex, slow.hex);
		assert_int_equal(got.quality, slow.quality);
	}
}

static void
a_side_under_5_gives_zeros_of_quality_0(void **state)
{
	static const int size[][2] = { { 4, 100 }, { 100, 4 }, { 1, 1 },
		{ 4, 4 }, { 0, 0 }, { 4, 2000 } };
	static const uint8_t zero[PDQ_SIZE];
	uint8_t *p CLEANUP(freep) = picture(4, 2000, 3, 5);
	float *luma CLEANUP(freep) = as_luma(p, 4 * 2000);
	struct pdq got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		memset(&got, 0xff, sizeof(got));
		pdq_of_rgb(p, size[i][0], size[i][1], 3, &got);
		assert_memory_equal(got.bits, zero, PDQ_SIZE);
		assert_int_equal(got.quality, 0);
		memset(&got, 0xff, sizeof(got));
		pdq_of_luma(luma, size[i][0], size[i][1], &got);
		assert_memory_equal(got.bits, zero, PDQ_SIZE);
		assert_int_equal(got.quality, 0);
	}
}

static void
a_changed_copy_is_near_and_another_picture_far(void **state)
{
	uint8_t *p CLEANUP(freep) = picture(400, 300, 3, 8);
	uint8_t *other CLEANUP(freep) = picture(400, 300, 3, 16);
	uint8_t *half CLEANUP(freep) = xmalloc(200 * 150 * 3);
	uint32_t seed = 1;
	struct pdq a, b, c;
	int i, x, y;

	(void)state;
	for (y = 0; y < 150; y++)
		for (x = 0; x < 200 * 3; x++)
			half[y * 600 + x] =
			    p[(2 * y * 400 + x / 3 * 2) * 3 + x % 3];
	pdq_of_rgb(p, 400, 300, 3, &a);
	pdq_of_rgb(other, 400, 300, 3, &b);
	pdq_of_rgb(half, 200, 150, 3, &c);
	assert_in_range(a.quality, 50, 100);
	assert_in_range(pdq_distance(a.bits, c.bits), 0, 31);
	assert_in_range(pdq_distance(a.bits, b.bits), 52, 256);
	for (i = 0; i < 400 * 300 * 3; i++)
		p[i] = (uint8_t)(p[i] * 3u / 4 + 10 + noise(&seed) % 20);
	pdq_of_rgb(p, 400, 300, 3, &c);
	assert_in_range(pdq_distance(a.bits, c.bits), 0, 31);
}

static void
distance_counts_the_bits_that_differ(void **state)
{
	uint8_t a[PDQ_SIZE], b[PDQ_SIZE];
	uint32_t seed = 11;
	int i, k;

	(void)state;
	for (i = 0; i < PDQ_SIZE; i++)
		a[i] = (uint8_t)noise(&seed);
	assert_int_equal(pdq_distance(a, a), 0);
	memcpy(b, a, sizeof(b));
	for (k = 0; k < PDQ_BITS; k++) {
		b[k * 37 % 256 / 8] ^= (uint8_t)(1 << k * 37 % 8);
		assert_int_equal(pdq_distance(a, b), k + 1);
		assert_int_equal(pdq_distance(b, a), k + 1);
	}
}

static void
text_and_bits_are_one(void **state)
{
	static const char text[] = "d8f8f0cee0f4a84f0637022a078f67f0"
				   "b36e2ed596621e1d33e6339c4e9c9b22";
	uint8_t bits[PDQ_SIZE];
	char out[PDQ_HEX], bad[PDQ_HEX];

	(void)state;
	assert_true(pdq_from_hex(bits, text));
	assert_int_equal(bits[0], 0xd8);
	assert_int_equal(bits[31], 0x22);
	pdq_to_hex(out, bits);
	assert_string_equal(out, text);
	memcpy(bad, text, sizeof(bad));
	bad[63] = '\0';
	assert_false(pdq_from_hex(bits, bad));
	bad[63] = 'g';
	assert_false(pdq_from_hex(bits, bad));
	assert_false(pdq_from_hex(bits, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_agree_with_the_definition_at_any_size),
		cmocka_unit_test(
		    pixels_are_sampled_to_512_when_a_side_is_longer),
		cmocka_unit_test(a_flat_picture_has_quality_0),
		cmocka_unit_test(faint_pictures_round_as_in_the_reference),
		cmocka_unit_test(a_side_under_5_gives_zeros_of_quality_0),
		cmocka_unit_test(
		    a_changed_copy_is_near_and_another_picture_far),
		cmocka_unit_test(distance_counts_the_bits_that_differ),
		cmocka_unit_test(text_and_bits_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
