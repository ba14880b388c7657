/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The border of a backbone: what is believed of a child and of a row, and
 * how a picture is stretched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "trainer/backbone_int.h"

/* ---- answers ------------------------------------------------------------ */

static const struct backbone_use three_numbers = { .side = 8, .count = 3 };

static void
put_answer(struct buf *b, uint32_t failed, uint32_t count, const void *data,
    size_t len)
{
	const struct model_answer head = { failed, count };

	buf_clear(b);
	buf_add(b, &head, sizeof(head));
	buf_add(b, data, len);
}

static void
an_answer_of_an_honest_child_is_taken(void **state)
{
	static const float sent[] = { 1, -2, 3.5f };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);
	struct err e = { 0 };
	const float *x;
	size_t n;

	(void)state;
	put_answer(&b, 0, 3, sent, sizeof(sent));
	assert_int_equal(backbone_numbers(&b, &three_numbers, &x, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(x, sent, sizeof(sent));
}

static void
answers_of_a_child_that_was_taken_over_are_not(void **state)
{
	static const float odd[][3] = { { NAN, 0, 0 }, { 0, INFINITY, 0 },
		{ 0, 0, -INFINITY } };
	static const float fine[4] = { 0 };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);
	struct err e = { 0 };
	const float *x = NULL;
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		put_answer(&b, 0, 3, odd[i], sizeof(odd[i]));
		assert_int_equal(
		    backbone_numbers(&b, &three_numbers, &x, &n, &e), -1);
	}
	for (i = 0; i <= sizeof(fine); i++) {
		put_answer(&b, 0, i == 12 ? 4 : 3, fine, i);
		assert_int_equal(
		    backbone_numbers(&b, &three_numbers, &x, &n, &e), -1);
	}
	put_answer(&b, 0, UINT32_MAX, fine, 12);
	assert_int_equal(backbone_numbers(&b, &three_numbers, &x, &n, &e), -1);
	for (i = 0; i < sizeof(struct model_answer); i++) {
		buf_clear(&b);
		buf_add(&b, fine, i);
		assert_int_equal(
		    backbone_numbers(&b, &three_numbers, &x, &n, &e), -1);
	}
	assert_null(x);
}

static void
what_a_child_says_cannot_steer_a_terminal(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);
	struct err e = { 0 };
	const float *x;
	size_t n;

	(void)state;
	put_answer(&b, 1, 0, "no\x1b[2J\n", 7);
	assert_int_equal(backbone_numbers(&b, &three_numbers, &x, &n, &e), -1);
	assert_string_equal(e.msg, "no\\x1b[2J\\x0a");
}

/* ---- rows --------------------------------------------------------------- */

static int
read_meta(char *meta, struct backbone_use *use)
{
	const struct backbone_row row = { .name = (char[]){ "b" },
		.meta = meta };
	struct err e = { 0 };

	return backbone_use_of(&row, use, &e);
}

#define META(side, std, output, count) \
	(char[]) \
	{ \
		"{\"use\":{\"side\":" side ",\"mean\":[1.0,2.0,3.0]," \
		"\"std\":[4.0,5.0," std "],\"channels_last\":false," \
		"\"output\":\"" output "\",\"count\":" count "}}" \
	}

static void
a_row_is_read_whole_or_not_at_all(void **state)
{
	struct backbone_use use;

	(void)state;
	assert_int_equal(read_meta(META("224", "6.0", "out", "9"), &use), 0);
	assert_int_equal(use.side, 224);
	assert_true(use.mean[2] == 3 && use.std[2] == 6);
	assert_string_equal(use.output, "out");
	assert_int_equal(use.count, 9);
	assert_int_equal(read_meta(META("0", "6.0", "out", "9"), &use), -1);
	assert_int_equal(read_meta(META("9999", "6.0", "out", "9"), &use), -1);
	assert_int_equal(read_meta(META("224", "0.0", "out", "9"), &use), -1);
	assert_int_equal(read_meta(META("224", "6.0", "", "9"), &use), -1);
	assert_int_equal(read_meta(META("224", "6.0", "out", "0"), &use), -1);
	assert_int_equal(
	    read_meta(META("224", "6.0", "out", "99999999"), &use), -1);
	assert_int_equal(read_meta((char[]){ "{}" }, &use), -1);
	assert_int_equal(read_meta((char[]){ "nonsense" }, &use), -1);
}

static void
vectors_made_in_another_way_have_another_name(void **state)
{
	struct backbone_row row = { .name = (char[]){ "b" } };
	struct backbone_use use = { .side = 224,
		.mean = { 1, 2, 3 },
		.std = { 4, 5, 6 },
		.output = "an output with a name that is rather long",
		.count = 9 };
	char *names[5];
	size_t i, j;

	(void)state;
	names[0] = backbone_features(&row, &use);
	use.side = 192;
	names[1] = backbone_features(&row, &use);
	use.mean[1] = nextafter(2, 3);
	names[2] = backbone_features(&row, &use);
	use.output[40] = 'G';
	names[3] = backbone_features(&row, &use);
	row.sha256[0] = 1;
	names[4] = backbone_features(&row, &use);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		/* It has to fit into a model's file. */
		assert_true(strlen(names[i]) <= 64);
		for (j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		free(names[i]);
}

/* ---- stretching --------------------------------------------------------- */

static void
a_picture_of_the_size_is_passed_on_as_it_is(void **state)
{
	uint8_t from[16 * 16 * 3], to[16 * 16 * 3];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 37);
	stretch_to(from, 16, 16, 16, to);
	assert_memory_equal(from, to, sizeof(to));
}

static void
one_colour_stays_that_colour_at_any_size(void **state)
{
	static const int sizes[][2] = { { 8, 8 }, { 7, 1000 }, { 1000, 7 },
		{ 1, 1 }, { 31, 33 }, { 200, 300 } };
	uint8_t to[32 * 32 * 3];
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const size_t n = (size_t)(sizes[i][0] * sizes[i][1] * 3);
		uint8_t *from CLEANUP(freep) = xmalloc(n);

		for (k = 0; k < n; k++)
			from[k] = (uint8_t)(k % 3 == 0 ? 255 : k % 3 * 50);
		stretch_to(from, sizes[i][0], sizes[i][1], 32, to);
		for (k = 0; k < sizeof(to); k++)
			assert_int_equal(to[k], k % 3 == 0 ? 255 : k % 3 * 50);
	}
}

static void
a_ramp_stays_a_ramp(void **state)
{
	uint8_t from[256 * 3], to[32 * 32 * 3];
	int i;

	(void)state;
	for (i = 0; i < 256 * 3; i++)
		from[i] = (uint8_t)(i / 3);
	stretch_to(from, 256, 1, 32, to);
	/* Away from the ends, the mean of eight neighbours. */
	for (i = 1; i < 31; i++)
		assert_true(fabs(to[i * 3] - (i * 8 + 3.5)) <= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_an_honest_child_is_taken),
		cmocka_unit_test(
		    answers_of_a_child_that_was_taken_over_are_not),
		cmocka_unit_test(what_a_child_says_cannot_steer_a_terminal),
		cmocka_unit_test(a_row_is_read_whole_or_not_at_all),
		cmocka_unit_test(vectors_made_in_another_way_have_another_name),
		cmocka_unit_test(a_picture_of_the_size_is_passed_on_as_it_is),
		cmocka_unit_test(one_colour_stays_that_colour_at_any_size),
		cmocka_unit_test(a_ramp_stays_a_ramp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
