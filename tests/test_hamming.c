/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins of codes, each way of them, against holding all against all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/rng.h"
#include "dedup/hamming_int.h"
#include "tests/shared.h"

#define MANY 700

/* How often each pair was shown, and whether at the right distance. */
struct shown {
	const hamming_code *a, *b;
	size_t n_b;
	uint8_t *times; /* [a * n_b + b] */
	bool self;
};

static int
show(void *ctx, size_t a, size_t b, int distance)
{
	struct shown *s = ctx;

	assert_int_equal(distance, pdq_distance(s->a[a], s->b[b]));
	if (s->self)
		assert_true(a < b);
	s->times[a * s->n_b + b]++;
	return 0;
}

static void
check(const struct shown *s, size_t n_a, int radius, const char *how)
{
	size_t a, b;
	bool want;

	for (a = 0; a < n_a; a++)
		for (b = 0; b < s->n_b; b++) {
			want = (!s->self || a < b) &&
			    pdq_distance(s->a[a], s->b[b]) <= radius;
			if (s->times[a * s->n_b + b] != want)
				fail_msg("%s: %zu and %zu, %d apart, shown %d "
					 "times for %d",
				    how, a, b, pdq_distance(s->a[a], s->b[b]),
				    s->times[a * s->n_b + b], radius);
		}
	memset(s->times, 0, n_a * s->n_b);
}

static void
turn_bits(uint8_t *bits, uint64_t n, struct rng *rng)
{
	uint64_t bit;

	for (; n > 0; n--) {
		bit = rng_below(rng, PDQ_BITS);
		bits[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* A few families of codes at all distances, equal ones among them. */
static void
make(hamming_code *codes, size_t n, uint64_t seed)
{
	struct rng rng;
	size_t i, k;

	rng_seed(&rng, seed);
	for (i = 0; i < n; i++)
		if (i < 20 || rng_below(&rng, 3) == 0) {
			for (k = 0; k < PDQ_SIZE; k++)
				codes[i][k] = (uint8_t)rng_next(&rng);
		} else {
			memcpy(codes[i], codes[rng_below(&rng, i)], PDQ_SIZE);
			turn_bits(codes[i], rng_below(&rng, 70), &rng);
		}
}

/* Changes in few pieces only, which pigeonholes are sensitive to. */
static void
make_lumped(hamming_code *codes, size_t n, uint64_t seed)
{
	struct rng rng;
	size_t i, k, first;

	rng_seed(&rng, seed);
	memset(codes, 0, n * sizeof(*codes));
	for (i = 1; i < n; i++) {
		memcpy(codes[i], codes[rng_below(&rng, i)], PDQ_SIZE);
		first = rng_below(&rng, PDQ_SIZE);
		for (k = 0; k < rng_below(&rng, 8); k++)
			codes[i][(first + k) % PDQ_SIZE] ^=
			    (uint8_t)rng_next(&rng);
	}
}

static void
self_joins(const hamming_code *codes, size_t n, int radius)
{
	uint8_t *times CLEANUP(freep) = xcalloc(n * n + 1, 1);
	struct shown s = { codes, codes, n, times, true };
	struct err e;
	int kind;

	for (kind = 0; kind < HAMMING_LOOPS; kind++) {
		if (hamming_scan_of(kind) == NULL)
			continue;
		assert_int_equal(hamming_self_by_pieces(codes, n, radius,
				     hamming_scan_of(kind), NULL, show, &s, &e),
		    0);
		check(&s, n, radius, "by pieces");
	}
	assert_int_equal(
	    hamming_one_by_one(codes, n, codes, n, radius, show, &s, &e), 0);
	check(&s, n, radius, "one by one");
	assert_int_equal(hamming_self_join(codes, n, radius, show, &s, &e), 0);
	check(&s, n, radius, "itself");
}

static void
all_pairs_of_codes_are_shown_once_at_any_radius(void **state)
{
	static hamming_code codes[MANY];
	int radius;

	(void)state;
	make(codes, MANY, 1);
	for (radius = 0; radius <= 64; radius++)
		self_joins(codes, 250, radius);
	self_joins(codes, MANY, 31);
	self_joins(codes, MANY, 51);
	make_lumped(codes, MANY, 2);
	for (radius = 0; radius <= 64; radius += 3)
		self_joins(codes, 250, radius);
	self_joins(codes, MANY, 31);
	self_joins(codes, 1, 31);
	self_joins(codes, 0, 31);
}

static void
joins(const hamming_code *queries, size_t n_queries, const hamming_code *codes,
    size_t n, int radius)
{
	struct hamming_sorted sorted CLEANUP(hamming_sorted_release) = { 0 };
	uint8_t *times CLEANUP(freep) = xcalloc(n_queries * n + 1, 1);
	struct shown s = { queries, codes, n, times, false };
	const struct hamming_sorted *how;
	struct err e;
	int kind;

	hamming_sort(&sorted, codes, n);
	for (kind = 0; kind < 2 * HAMMING_LOOPS; kind++) {
		if (hamming_scan_of(kind / 2) == NULL)
			continue;
		how = kind % 2 == 0 ? NULL : &sorted;
		assert_int_equal(
		    hamming_by_pieces(queries, n_queries, codes, n, how, radius,
			hamming_scan_of(kind / 2), show, &s, &e),
		    0);
		check(&s, n_queries, radius, "by pieces");
	}
	assert_int_equal(hamming_one_by_one(queries, n_queries, codes, n,
			     radius, show, &s, &e),
	    0);
	check(&s, n_queries, radius, "one by one");
	assert_int_equal(
	    hamming_join(queries, n_queries, codes, n, radius, show, &s, &e),
	    0);
	check(&s, n_queries, radius, "join");
	assert_int_equal(hamming_join_sorted(
			     queries, n_queries, &sorted, radius, show, &s, &e),
	    0);
	check(&s, n_queries, radius, "sorted");
}

static void
all_codes_near_a_query_are_shown_once_at_any_radius(void **state)
{
	static hamming_code codes[MANY];
	int radius;

	(void)state;
	make(codes, MANY, 3);
	for (radius = 0; radius <= 64; radius += 4)
		joins(codes, 40, codes + 40, 200, radius);
	joins(codes, 10, codes + 10, MANY - 10, 31);
	joins(codes + 10, MANY - 10, codes, 10, 31);
	joins(codes, 5, codes + 5, 20, 120);
	joins(codes, 5, codes + 5, 20, 256);
	joins(codes, 0, codes, 5, 31);
	joins(codes, 5, codes, 0, 31);
	make_lumped(codes, MANY, 4);
	joins(codes, 300, codes + 300, MANY - 300, 31);
}

/* More queries than keys / 4: the other order of loops. */
static void
many_queries_find_what_few_do(void **state)
{
	const size_t n = 20000, few = 100;
	hamming_code *queries CLEANUP(freep) = xcalloc(n, sizeof(*queries));
	hamming_code *codes CLEANUP(freep) = xcalloc(few, sizeof(*codes));

	(void)state;
	make(queries, n, 5);
	memcpy(codes, queries + 500, few * sizeof(*codes));
	joins(queries, n, codes, few, 31);
}

static int
stop_at_ten(void *ctx, size_t a, size_t b, int distance)
{
	(void)a;
	(void)b;
	(void)distance;
	return ++*(int *)ctx == 10;
}

static void
a_join_ends_when_no_more_is_wanted(void **state)
{
	static hamming_code codes[MANY];
	struct err e;
	int n = 0;

	(void)state;
	assert_int_equal(
	    hamming_self_join(codes, MANY, 31, stop_at_ten, &n, &e), 1);
	assert_int_equal(n, 10);
	n = 0;
	assert_int_equal(hamming_self_by_pieces(
			     codes, MANY, 31, NULL, NULL, stop_at_ten, &n, &e),
	    1);
	assert_int_equal(n, 10);
	n = 0;
	assert_int_equal(hamming_join(codes, 5, codes + 5, MANY - 5, 31,
			     stop_at_ten, &n, &e),
	    1);
	assert_int_equal(n, 10);
	n = 0;
	assert_int_equal(hamming_by_pieces(codes, 5, codes + 5, MANY - 5, NULL,
			     31, NULL, stop_at_ten, &n, &e),
	    1);
	assert_int_equal(n, 10);
}

static void
shares_sum_up_to_more_than_the_radius(void **state)
{
	int share[HAMMING_PIECES], radius, sum, i;

	(void)state;
	for (radius = 0; radius <= PDQ_BITS; radius++) {
		hamming_shares(radius, share);
		for (sum = i = 0; i < HAMMING_PIECES; i++)
			sum += share[i];
		assert_int_equal(sum, radius + 1);
	}
}

/* ---- published codes ----------------------------------------------------- */

static size_t
read_codes(const char *name, hamming_code *ret, size_t most)
{
	struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
	char *path CLEANUP(freep) = shared_path(name);
	struct err e;
	size_t n = 0;
	char *line, *end;

	if (access(path, R_OK) != 0)
		skip();
	assert_int_equal(file_read(path, &text, &e), 0);
	for (line = (char *)text.data; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		*end = 0;
		assert_true(n < most);
		assert_true(pdq_from_hex(ret[n++], line));
	}
	return n;
}

static void
needles_are_found_in_the_haystack_as_by_a_scan(void **state)
{
	static hamming_code needles[100], hay[1350];
	size_t n, n_hay;
	int radius;

	(void)state;
	n = read_codes("hashes/pdq/needles.txt", needles, 100);
	n_hay = read_codes("hashes/pdq/haystack.txt", hay, 1350);
	assert_int_equal(n, 100);
	assert_int_equal(n_hay, 1350);
	for (radius = 0; radius <= 64; radius += 8)
		joins(needles, n, hay, n_hay, radius);
	self_joins(hay, n_hay, 31);
	self_joins(hay, n_hay, 51);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    all_pairs_of_codes_are_shown_once_at_any_radius),
		cmocka_unit_test(
		    all_codes_near_a_query_are_shown_once_at_any_radius),
		cmocka_unit_test(many_queries_find_what_few_do),
		cmocka_unit_test(a_join_ends_when_no_more_is_wanted),
		cmocka_unit_test(shares_sum_up_to_more_than_the_radius),
		cmocka_unit_test(
		    needles_are_found_in_the_haystack_as_by_a_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
