/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/rng: the numbers are the published ones, and fair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

static void
numbers_are_those_of_the_authors(void **state)
{
	/* What xoshiro256** gives from the state 1, 2, 3, 4. */
	static const uint64_t first[] = { 11520, 0, 1509978240,
		1215971899390074240 };
	struct rng rng = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		assert_true(rng_next(&rng) == first[i]);
	rng_seed(&rng, 1234567); /* splitmix64's well-known first output */
	assert_true(rng.state[0] == UINT64_C(6457827717110365317));
}

static void
a_digest_is_the_state(void **state)
{
	unsigned char digest[32] = { 1, [8] = 2, [16] = 3, [24] = 4, [31] = 0 };
	struct rng rng;

	(void)state;
	rng_seed_digest(&rng, digest);
	assert_true(rng_next(&rng) == 11520);
	digest[7] = 0xfe;
	rng_seed_digest(&rng, digest);
	assert_true(rng.state[0] == UINT64_C(0xfe00000000000001));
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = 0;
	rng_seed_digest(&rng, digest);
	assert_true(rng_next(&rng) != rng_next(&rng));
}

static void
low_numbers_are_no_likelier_than_high_ones(void **state)
{
	/* Of 2^64 a bare remainder would give the lowest third twice. */
	const uint64_t third = UINT64_C(1) << 62;
	struct rng rng;
	int low = 0;

	(void)state;
	rng_seed(&rng, 1);
	for (int i = 0; i < 3000; i++) {
		uint64_t x = rng_below(&rng, 3 * third);

		assert_true(x < 3 * third);
		low += x < third;
	}
	assert_in_range(low, 900, 1100);
}

static void
a_shuffle_keeps_every_index_and_the_seed_decides(void **state)
{
	size_t a[50], b[50], times[50] = { 0 }, fixed = 0;
	struct rng rng, same;

	(void)state;
	rng_seed(&rng, 5);
	rng_seed(&same, 5);
	for (size_t i = 0; i < 50; i++)
		a[i] = b[i] = i;
	rng_shuffle(&rng, a, 50);
	rng_shuffle(&same, b, 50);
	assert_memory_equal(a, b, sizeof(a));
	for (size_t i = 0; i < 50; i++) {
		times[a[i]]++;
		fixed += a[i] == i;
	}
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(times[i], 1);
	assert_true(fixed < 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_authors),
		cmocka_unit_test(a_digest_is_the_state),
		cmocka_unit_test(low_numbers_are_no_likelier_than_high_ones),
		cmocka_unit_test(
		    a_shuffle_keeps_every_index_and_the_seed_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
