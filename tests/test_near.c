/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of codes against a naive scan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "dedup/near.h"
#include "tests/codes.h"
#include "tests/shared.h"

#define FLOOR 50
#define CAP 100000

static const struct near_code *
naive_find(const struct near_code *codes, size_t n, const bool *gone,
    const struct near_code *query, int max, int *ret_distance)
{
	const struct near_code *best = NULL;
	size_t i;
	int d;

	for (i = 0; i < n && query->quality >= FLOOR; i++) {
		d = pdq_distance(codes[i].bits, query->bits);
		if ((gone != NULL && gone[i]) || codes[i].quality < FLOOR ||
		    codes[i].id == query->id || d > max)
			continue;
		if (best == NULL || d < *ret_distance ||
		    (d == *ret_distance && codes[i].id < best->id)) {
			best = &codes[i];
			*ret_distance = d;
		}
	}
	return best;
}

static void
add(struct near_index *ix, const struct near_code *c)
{
	struct err err;

	assert_int_equal(near_add(ix, c, &err), 0);
}

static void
agrees(const struct near_index *ix, const struct near_code *codes, size_t n,
    const bool *gone, const struct near_code *query, int max)
{
	int want_distance = -1, distance = -1;
	const struct near_code *want =
	    naive_find(codes, n, gone, query, max, &want_distance);
	int64_t id = -1;

	assert_int_equal(
	    near_find(ix, query, max, &id, &distance), want != NULL);
	assert_int_equal(id, want == NULL ? -1 : want->id);
	assert_int_equal(distance, want_distance);
}

/* ---- the index -------------------------------------------------------- */

static void
an_empty_index_finds_nothing(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	uint32_t seed = 1;
	struct near_code c = random_code(1, &seed);
	int64_t id = 77;
	int distance = 77;

	(void)state;
	assert_false(near_find(ix, &c, 256, &id, &distance));
	assert_int_equal(id, 77);
	assert_int_equal(distance, 77);
	assert_false(near_remove(ix, 1));
	assert_int_equal(near_count(ix), 0);
	near_free(NULL);
}

/* 997 codes in no order of ids: centres, and others near or equal to them. */
#define MANY 997

static void
make_many(struct near_code *codes, uint32_t *seed)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		int64_t id = (int64_t)(i * 613 % MANY);

		codes[i] = i < 100
		    ? random_code(id, seed)
		    : neighbour(&codes[i % 100], id, (uint32_t)i % 45, seed);
		if (i % 11 == 0)
			codes[i].quality = FLOOR - 1;
		else if (i % 5 == 0)
			codes[i].quality = FLOOR;
	}
}

static void
the_nearest_is_that_of_a_naive_scan(void **state)
{
	static const int max[] = { 0, 1, 20, 31, 51, 110, 128, 200, 256 };
	static struct near_code codes[MANY];
	static bool gone[MANY];
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	struct near_code query;
	uint32_t seed = 2;
	size_t i, k, round;

	(void)state;
	make_many(codes, &seed);
	for (i = 0; i < MANY; i++)
		add(ix, &codes[i]);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 200; i++)
			for (k = 0; k < ARRAY_SIZE(max); k++) {
				query = neighbour(
				    &codes[i], -5, (uint32_t)i % 30, &seed);
				agrees(ix, codes, MANY, gone, &query, max[k]);
				query = random_code(-5, &seed);
				agrees(ix, codes, MANY, gone, &query, max[k]);
				agrees(
				    ix, codes, MANY, gone, &codes[i], max[k]);
			}
		for (i = round; i < MANY; i += 3) {
			bool there = !gone[i] && codes[i].quality >= FLOOR;

			assert_int_equal(near_remove(ix, codes[i].id), there);
			gone[i] = true;
		}
	}
	assert_int_equal(near_count(ix), 0);
}

static void
among_equals_the_lowest_id_is_found(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	uint32_t seed = 3;
	struct near_code c = random_code(0, &seed);
	int64_t id;
	int distance;

	(void)state;
	for (c.id = 300; c.id > 100; c.id--)
		add(ix, &c);
	c.id = 1000;
	assert_true(near_find(ix, &c, 0, &id, &distance));
	assert_int_equal(id, 101);
	assert_int_equal(distance, 0);
	assert_true(near_remove(ix, 101));
	assert_true(near_find(ix, &c, 256, &id, &distance));
	assert_int_equal(id, 102);
}

static void
the_farthest_allowed_distance_still_counts(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	uint32_t seed = 4;
	struct near_code c = random_code(1, &seed), far = c;
	int64_t id;
	int distance, i;

	(void)state;
	add(ix, &c);
	far.id = 2;
	for (i = 0; i < 4; i++) /* 32 bits, all in the first half */
		far.bits[i] ^= 0xff;
	assert_false(near_find(ix, &far, 31, &id, &distance));
	assert_true(near_find(ix, &far, 32, &id, &distance));
	assert_int_equal(distance, 32);
}

static void
a_code_under_the_floor_matches_nothing(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, CAP);
	uint32_t seed = 5;
	struct near_code c = random_code(1, &seed);
	struct near_star star;
	struct err err;
	int64_t id;
	int distance;

	(void)state;
	c.quality = FLOOR - 1;
	add(ix, &c);
	assert_int_equal(near_count(ix), 0);
	c.quality = FLOOR;
	add(ix, &c);
	assert_int_equal(near_count(ix), 1);
	c.id = 2;
	assert_true(near_find(ix, &c, 31, &id, &distance));
	c.quality = FLOOR - 1;
	assert_false(near_find(ix, &c, 256, &id, &distance));
	assert_int_equal(near_join(ix, &c, 31, &star, &err), 0);
	assert_int_equal(star.keeper, 2);
	assert_int_equal(star.n_loose, 0);
	assert_int_equal(near_count(ix), 1);
	near_star_release(&star);
}

static void
a_full_index_says_so_and_stays_as_it_is(void **state)
{
	struct near_index *ix CLEANUP(near_freep) = near_new(FLOOR, 3);
	uint32_t seed = 6;
	struct near_code c = { 0 };
	struct near_star star;
	struct err err = { 0 };
	int64_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		c = random_code(i, &seed);
		add(ix, &c);
	}
	c = neighbour(&c, 9, 5, &seed);
	c.rank = 1000;
	assert_int_equal(near_join(ix, &c, 31, &star, &err), 0);
	assert_int_equal(star.n_loose, 1); /* this one makes room itself */
	near_star_release(&star);
	c = random_code(10, &seed);
	assert_int_equal(near_add(ix, &c, &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_int_equal(near_join(ix, &c, 31, &star, &err), -1);
	assert_int_equal(near_count(ix), 3);
}

/* ---- codes of real pictures ------------------------------------------- */

/* How many codes were read; 0, with a line that says so, without the file. */
static size_t
load(const char *name, struct near_code *codes, size_t max)
{
	char *folder CLEANUP(freep) = shared_path("hashes/pdq");
	char *path CLEANUP(freep) = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "r");
	char line[100];
	size_t n = 0;

	if (f == NULL) {
		print_message("no %s here: skipped\n", path);
		return 0;
	}
	while (n < max && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		codes[n] = (struct near_code){ .id = (int64_t)n };
		codes[n].quality = 100;
		assert_true(pdq_from_hex(codes[n++].bits, line));
	}
	fclose(f);
	return n;
}

static void
needles_are_found_in_the_haystack_as_by_a_naive_scan(void **state)
{
	static const int max[] = { 0, 16, 31, 51, 100 };
	static struct near_code hay[2000], needle[200];
	struct near_index *ix;
	size_t i, k, n, n_needles;

	(void)state;
	n = load("haystack.txt", hay, ARRAY_SIZE(hay));
	n_needles = load("needles.txt", needle, ARRAY_SIZE(needle));
	if (n == 0 || n_needles == 0)
		skip();
	assert_int_equal(n, 1350);
	assert_int_equal(n_needles, 100);
	ix = near_new(FLOOR, CAP);
	for (i = 0; i < n; i++)
		add(ix, &hay[i]);
	for (k = 0; k < ARRAY_SIZE(max); k++) {
		for (i = 0; i < n_needles; i++) {
			needle[i].id = -1;
			agrees(ix, hay, n, NULL, &needle[i], max[k]);
		}
		for (i = 0; i < n; i++)
			agrees(ix, hay, n, NULL, &hay[i], max[k]);
	}
	near_free(ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_index_finds_nothing),
		cmocka_unit_test(the_nearest_is_that_of_a_naive_scan),
		cmocka_unit_test(among_equals_the_lowest_id_is_found),
		cmocka_unit_test(the_farthest_allowed_distance_still_counts),
		cmocka_unit_test(a_code_under_the_floor_matches_nothing),
		cmocka_unit_test(a_full_index_says_so_and_stays_as_it_is),
		cmocka_unit_test(
		    needles_are_found_in_the_haystack_as_by_a_naive_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
