/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Components against a naive search, by both ways of joining.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dedup/audit.h"
#include "dedup/components.h"
#include "dedup/hamming_int.h"
#include "tests/codes.h"

#define CROWD 700

static const int distances[] = { 0, 2, 14, 15, 31, 51, 70 };

/* `n` bits of a code turned over, all different ones. */
static void
turn(uint8_t *bits, int n, uint32_t *seed)
{
	bool turned[PDQ_BITS] = { 0 };
	uint32_t bit;

	while (n > 0) {
		bit = (noise(seed) >> 8) % PDQ_BITS;
		if (turned[bit])
			continue;
		turned[bit] = true;
		bits[bit / 8] ^= (uint8_t)(1u << bit % 8);
		n--;
	}
}

/* A tenth alone, the others in chains and clusters of all widths. */
static void
make(struct component_code *codes, size_t n, uint32_t *seed)
{
	struct near_code fresh;
	size_t i;

	for (i = 0; i < n; i++) {
		codes[i].place = i;
		if (i % 10 == 0) {
			fresh = random_code(0, seed);
			memcpy(codes[i].bits, fresh.bits, PDQ_SIZE);
			continue;
		}
		memcpy(codes[i].bits,
		    codes[i % 3 == 0 ? i - 1 : i - i % 10].bits, PDQ_SIZE);
		turn(codes[i].bits, (int)(noise(seed) % 60), seed);
	}
}

/* The lowest place of each component, by looking at all pairs over again. */
static void
naive(const struct component_code *codes, size_t n, int max, size_t *lowest)
{
	bool changed = true;
	size_t i, k;

	for (i = 0; i < n; i++)
		lowest[i] = i;
	while (changed) {
		changed = false;
		for (i = 0; i < n; i++)
			for (k = 0; k < i; k++)
				if (lowest[i] != lowest[k] &&
				    pdq_distance(
					codes[i].bits, codes[k].bits) <= max) {
					lowest[i] = lowest[k] =
					    lowest[i] < lowest[k] ? lowest[i]
								  : lowest[k];
					changed = true;
				}
	}
}

struct pieces {
	struct components *c;
	const struct component_code *codes;
	size_t pairs;
};

static size_t
group_of(void *ctx, size_t place)
{
	const struct pieces *p = ctx;

	return components_of(p->c, p->codes[place].place);
}

static int
join_pair(void *ctx, size_t a, size_t b, int distance)
{
	struct pieces *p = ctx;

	(void)distance;
	p->pairs++;
	components_join(p->c, p->codes[a].place, p->codes[b].place);
	return 0;
}

/* By pieces, however few they are; how many pairs were shown. */
static size_t
join_pieces(
    struct components *c, const struct component_code *codes, size_t n, int max)
{
	hamming_code *bits = xcalloc(n + 1, sizeof(*bits));
	struct pieces p = { c, codes, 0 };
	struct err e;
	size_t i;

	for (i = 0; i < n; i++)
		memcpy(bits[i], codes[i].bits, PDQ_SIZE);
	assert_int_equal(hamming_self_by_pieces(
			     bits, n, max, NULL, group_of, join_pair, &p, &e),
	    0);
	free(bits);
	return p.pairs;
}

static void
agree(struct components *c, const size_t *lowest, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (components_of(c, i) != lowest[i])
			fail_msg("%zu is with %zu, not %zu", i,
			    components_of(c, i), lowest[i]);
}

static void
both_ways_give_the_components_of_a_naive_search(void **state)
{
	static struct component_code codes[CROWD];
	static size_t lowest[CROWD];
	struct components *c;
	uint32_t seed = 7;
	struct err e;
	size_t i;

	(void)state;
	make(codes, CROWD, &seed);
	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		naive(codes, CROWD, distances[i], lowest);
		c = components_new(CROWD);
		assert_int_equal(components_join_near(
				     c, codes, CROWD, CROWD, distances[i], &e),
		    0);
		agree(c, lowest, CROWD);
		components_free(c);
		if (distances[i] > 51)
			continue;
		c = components_new(CROWD);
		join_pieces(c, codes, CROWD, distances[i]);
		agree(c, lowest, CROWD);
		components_free(c);
	}
}

static void
a_pair_at_the_very_distance_is_joined_and_one_bit_further_is_not(void **state)
{
	struct component_code codes[2] = { { .place = 0 }, { .place = 1 } };
	struct near_code fresh;
	struct components *c;
	uint32_t seed = 11;
	int bits, round;

	(void)state;
	for (round = 0; round < 3; round++)
		for (bits = 51; bits <= 52; bits++) {
			fresh = random_code(0, &seed);
			memcpy(codes[0].bits, fresh.bits, PDQ_SIZE);
			codes[1] = codes[0];
			codes[1].place = 1;
			turn(codes[1].bits, bits, &seed);
			c = components_new(2);
			join_pieces(c, codes, 2, 51);
			assert_int_equal(
			    components_of(c, 1), bits == 51 ? 0 : 1);
			components_free(c);
		}
}

static void
chains_are_followed_to_their_ends(void **state)
{
	static struct component_code chain[500];
	struct components *c;
	struct near_code fresh;
	uint32_t seed = 3;
	struct err e;
	size_t i;

	(void)state;
	fresh = random_code(0, &seed);
	memcpy(chain[0].bits, fresh.bits, PDQ_SIZE);
	for (i = 1; i < ARRAY_SIZE(chain); i++) {
		chain[i] = chain[i - 1];
		chain[i].place = i;
		turn(chain[i].bits, 51, &seed);
	}
	assert_true(pdq_distance(chain[0].bits, chain[499].bits) > 51);
	c = components_new(ARRAY_SIZE(chain));
	assert_int_equal(components_join_near(c, chain, ARRAY_SIZE(chain),
			     ARRAY_SIZE(chain), 51, &e),
	    0);
	assert_int_equal(components_of(c, 499), 0);
	components_free(c);
}

static void
a_crowd_of_copies_is_one_component(void **state)
{
	static struct component_code codes[6000];
	struct components *c;
	struct near_code fresh;
	uint32_t seed = 5;
	size_t i;

	(void)state;
	fresh = random_code(0, &seed);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		codes[i].place = i;
		memcpy(codes[i].bits, fresh.bits, PDQ_SIZE);
		if (i % 3 != 0)
			turn(codes[i].bits, 1 + (int)(i % 25), &seed);
	}
	c = components_new(ARRAY_SIZE(codes));
	/* Of 18 million pairs that meet in most of 16 pieces. */
	assert_true(join_pieces(c, codes, ARRAY_SIZE(codes), 51) < 100000000);
	for (i = 0; i < ARRAY_SIZE(codes); i++)
		assert_int_equal(components_of(c, i), 0);
	components_free(c);
}

static void
only_pairs_with_a_new_code_are_looked_for(void **state)
{
	static struct component_code codes[CROWD];
	static size_t lowest[CROWD];
	struct components *c;
	uint32_t seed = 9;
	struct err e;
	size_t i, k, n_new = 100;

	(void)state;
	make(codes, CROWD, &seed);
	naive(codes, CROWD, 51, lowest);
	c = components_new(CROWD);
	for (i = n_new; i < CROWD; i++)
		for (k = n_new; k < i; k++)
			if (pdq_distance(codes[i].bits, codes[k].bits) <= 51)
				components_join(c, i, k);
	assert_int_equal(
	    components_join_near(c, codes, CROWD, n_new, 51, &e), 0);
	agree(c, lowest, CROWD);
	components_free(c);
}

static void
nothing_and_one_are_no_pair(void **state)
{
	struct component_code one = { .place = 0 };
	struct components *c = components_new(1);
	struct err e;

	(void)state;
	assert_int_equal(components_join_near(c, &one, 0, 0, 51, &e), 0);
	assert_int_equal(components_join_near(c, &one, 1, 1, 51, &e), 0);
	join_pieces(c, &one, 0, 51);
	assert_int_equal(components_of(c, 0), 0);
	components_free(c);
}

/* ---- the audit --------------------------------------------------------- */

static void
the_closest_pair_apart_is_that_of_a_naive_search(void **state)
{
	static struct component_code made[CROWD];
	static struct audit_code codes[CROWD];
	struct audit_pair pair;
	uint32_t seed = 21;
	struct err e;
	size_t i, k;
	int best = PDQ_BITS + 1, d;

	(void)state;
	make(made, CROWD, &seed);
	for (i = 0; i < CROWD; i++) {
		memcpy(codes[i].bits, made[i].bits, PDQ_SIZE);
		codes[i].part = (int)(noise(&seed) >> 8) % 3;
		codes[i].excused = i % 50 == 0 ? (int64_t)i / 100 + 1 : 0;
		for (k = 0; k < i; k++) {
			d = pdq_distance(codes[i].bits, codes[k].bits);
			if (codes[i].part != codes[k].part &&
			    (codes[i].excused == 0 ||
				codes[i].excused != codes[k].excused) &&
			    d < best)
				best = d;
		}
	}
	assert_int_equal(audit_closest(codes, CROWD, &pair, &e), 1);
	assert_int_equal(pair.distance, best);
	assert_int_not_equal(codes[pair.a].part, codes[pair.b].part);
	assert_int_equal(
	    pdq_distance(codes[pair.a].bits, codes[pair.b].bits), best);
}

static void
one_part_has_no_pair_apart(void **state)
{
	struct audit_code codes[2] = { 0 };
	struct audit_pair pair;
	struct err e;

	(void)state;
	assert_int_equal(audit_closest(codes, 2, &pair, &e), 0);
	assert_int_equal(audit_closest(codes, 0, &pair, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    both_ways_give_the_components_of_a_naive_search),
		cmocka_unit_test(
		    a_pair_at_the_very_distance_is_joined_and_one_bit_further_is_not),
		cmocka_unit_test(chains_are_followed_to_their_ends),
		cmocka_unit_test(a_crowd_of_copies_is_one_component),
		cmocka_unit_test(only_pairs_with_a_new_code_are_looked_for),
		cmocka_unit_test(nothing_and_one_are_no_pair),
		cmocka_unit_test(
		    the_closest_pair_apart_is_that_of_a_naive_search),
		cmocka_unit_test(one_part_has_no_pair_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
