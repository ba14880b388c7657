/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stars against what they promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dedup/near.h"
#include "tests/codes.h"

#define FLOOR 50
#define CAP 100000
#define MAX 31
#define CROWD 600

/* Chains: each code is near the one before it, ends are far apart. */
static void
make_chains(struct near_code *codes, uint32_t *seed)
{
	int64_t i;

	for (i = 0; i < CROWD; i++)
		codes[i] = i % 20 == 0 ? random_code(i, seed)
				       : neighbour(&codes[i - 1], i, 18, seed);
}

/* As a stage does it, with whole stars joining again when one comes loose. */
static void
join_all(struct near_index *ix, const struct near_code *codes,
    const int64_t *order, int64_t *keeper)
{
	bool waits[CROWD] = { 0 };
	struct near_star star;
	struct err err;
	size_t i, k, id;
	bool again = true;

	for (i = 0; i < CROWD; i++)
		keeper[i] = -1;
	for (i = 0; i < CROWD; i++) {
		waits[order[i]] = true;
		for (again = true; again;) {
			for (id = 0; id < CROWD && !waits[id]; id++)
				;
			again = id < CROWD;
			if (!again)
				break;
			waits[id] = false;
			assert_int_equal(
			    near_join(ix, &codes[id], MAX, &star, &err), 0);
			keeper[id] = star.keeper;
			assert_int_equal(star.distance,
			    pdq_distance(
				codes[id].bits, codes[star.keeper].bits));
			for (k = 0; k < star.n_loose; k++)
				for (id = 0; id < CROWD; id++)
					if (keeper[id] == star.loose[k])
						waits[id] = true;
			near_star_release(&star);
		}
	}
}

static bool
outranks(const struct near_code *a, const struct near_code *b)
{
	return a->rank != b->rank ? a->rank > b->rank : a->id < b->id;
}

/* Keepers as one finds them who takes the best first. */
static void
best_first(const struct near_code *codes, bool *is_keeper)
{
	bool done[CROWD] = { 0 };
	size_t round, i, best;

	for (round = 0; round < CROWD; round++) {
		for (best = CROWD, i = 0; i < CROWD; i++)
			if (!done[i] &&
			    (best == CROWD ||
				outranks(&codes[i], &codes[best])))
				best = i;
		done[best] = is_keeper[best] = true;
		for (i = 0; i < CROWD; i++)
			if (i != best && is_keeper[i] &&
			    pdq_distance(codes[i].bits, codes[best].bits) <=
				MAX)
				is_keeper[best] = false;
	}
}

static void
every_member_is_near_a_better_keeper_and_keepers_are_apart(void **state)
{
	static struct near_code codes[CROWD];
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	int64_t order[CROWD], keeper[CROWD];
	uint32_t seed = 7;
	size_t i, k, stars = 0;

	(void)state;
	make_chains(codes, &seed);
	for (i = 0; i < CROWD; i++)
		order[i] = (int64_t)i;
	join_all(ix, codes, order, keeper);
	for (i = 0; i < CROWD; i++) {
		const struct near_code *c = &codes[i], *of = &codes[keeper[i]];

		assert_int_equal(keeper[of->id], of->id);
		assert_true(pdq_distance(c->bits, of->bits) <= MAX);
		assert_true(c == of || outranks(of, c));
		stars += c == of;
		for (k = 0; c == of && k < i; k++)
			if (keeper[k] == codes[k].id)
				assert_true(
				    pdq_distance(c->bits, codes[k].bits) > MAX);
	}
	assert_int_equal(near_count(ix), stars);
	assert_in_range(stars, 2 * CROWD / 20, CROWD / 2); /* not chains */
}

static void
keepers_do_not_depend_on_the_order_of_arrival(void **state)
{
	static struct near_code codes[CROWD];
	bool best[CROWD] = { 0 };
	int64_t order[CROWD], keeper[CROWD];
	uint32_t seed = 8;
	size_t i, k, round;

	(void)state;
	make_chains(codes, &seed);
	best_first(codes, best);
	for (i = 0; i < CROWD; i++)
		order[i] = (int64_t)i;
	for (round = 0; round < 5; round++) {
		struct near_index *ix CLEANUP(near_freep) =
		    near_new(FLOOR, CAP);

		for (i = CROWD - 1; i > 0; i--) {
			int64_t other = order[i];

			k = noise(&seed) % (i + 1);
			order[i] = order[k];
			order[k] = other;
		}
		join_all(ix, codes, order, keeper);
		for (i = 0; i < CROWD; i++)
			assert_int_equal(keeper[i] == codes[i].id, best[i]);
	}
}

static void
keepers_that_are_outranked_come_loose_by_id(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	struct near_code c = { .quality = 100 }, middle = c;
	struct near_star star;
	struct err err;
	int64_t id;

	(void)state;
	for (id = 5; id > 0; id--) { /* 32 bits from each other */
		c.id = id;
		memset(c.bits, 0, sizeof(c.bits));
		c.bits[2 * id] = c.bits[2 * id + 1] = 0xff;
		assert_int_equal(near_join(ix, &c, MAX, &star, &err), 0);
		assert_int_equal(star.keeper, id);
		assert_int_equal(star.n_loose, 0);
		near_star_release(&star);
	}
	middle.id = 9;
	middle.rank = 1;
	assert_int_equal(near_join(ix, &middle, MAX, &star, &err), 0);
	assert_int_equal(star.keeper, 9);
	assert_int_equal(star.distance, 0);
	assert_int_equal(star.n_loose, 5);
	for (id = 1; id <= 5; id++)
		assert_int_equal(star.loose[id - 1], id);
	assert_int_equal(near_count(ix), 1);
	near_star_release(&star);
	near_star_release(&star);
	assert_int_equal(near_join(ix, &c, MAX, &star, &err), 0);
	assert_int_equal(star.keeper, 9);
	assert_int_equal(star.distance, 16);
	near_star_release(&star);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_member_is_near_a_better_keeper_and_keepers_are_apart),
		cmocka_unit_test(keepers_do_not_depend_on_the_order_of_arrival),
		cmocka_unit_test(keepers_that_are_outranked_come_loose_by_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
