/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index file: what it holds, and that nothing but itself is trusted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/rng.h"
#include "dedup/hamming_file.h"

#define MANY 600
#define OWNERS 900
#define RADIUS 40

struct place {
	char *folder, *path;
	hamming_code codes[MANY];
	struct hamming_origin origin;
};

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");
	struct rng rng;
	size_t i, k;

	p->folder = xasprintf("%s/hamming.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	p->path = xasprintf("%s/derived.mih", p->folder);
	p->origin.mark = 12345;
	memset(p->origin.stamp, 7, sizeof(p->origin.stamp));
	rng_seed(&rng, 8);
	for (i = 0; i < MANY; i++) {
		for (k = 0; k < PDQ_SIZE; k++)
			p->codes[i][k] = (uint8_t)rng_next(&rng);
		if (i % 4 == 0)
			continue;
		memcpy(p->codes[i], p->codes[i - i % 4], PDQ_SIZE);
		for (k = 0; k < 8 * (i % 4 - 1); k++)
			p->codes[i][rng_below(&rng, 32)] ^=
			    (uint8_t)(1u << rng_below(&rng, 8));
	}
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	assert_int_equal(rmdir(p->folder), 0);
	free(p->path);
	free(p->folder);
	free(p);
	return 0;
}

/* Owner i has code i * 7 % MANY, so some codes have two. */
static const uint8_t *
code_of(const struct place *p, size_t owner)
{
	return p->codes[owner * 7 % MANY];
}

static void
add(struct hamming_file *f, const struct place *p, size_t from, size_t to)
{
	struct err e;

	for (; from < to; from++)
		assert_int_equal(
		    hamming_file_add(f, code_of(p, from), from, &e), 0);
}

struct found {
	const struct place *p;
	uint8_t times[MANY][OWNERS];
};

static int
note(void *ctx, size_t query, uint64_t owner, int distance)
{
	struct found *found = ctx;

	assert_in_range(owner, 0, OWNERS - 1);
	assert_int_equal(distance,
	    pdq_distance(found->p->codes[query], code_of(found->p, owner)));
	found->times[query][owner]++;
	return 0;
}

/* It holds these owners and no others. */
static void
holds(const struct hamming_file *f, const struct place *p, size_t from,
    size_t to, size_t without)
{
	static struct found found;
	size_t q, i;
	bool want;
	struct err e;

	found.p = p;
	memset(found.times, 0, sizeof(found.times));
	assert_int_equal(
	    hamming_file_join(f, p->codes, MANY, RADIUS, note, &found, &e), 0);
	for (q = 0; q < MANY; q++)
		for (i = 0; i < OWNERS; i++) {
			want = i >= from && i < to &&
			    (without == 0 || i % without != 0) &&
			    pdq_distance(p->codes[q], code_of(p, i)) <= RADIUS;
			assert_int_equal(found.times[q][i], want);
		}
}

static const char *
opened(struct hamming_file *f, const struct place *p)
{
	const char *why = NULL;
	int64_t mark = 0;
	struct err e;

	assert_int_equal(
	    hamming_file_open(f, p->path, p->origin.stamp, &mark, &why, &e), 0);
	if (why == NULL)
		assert_int_equal(mark, p->origin.mark);
	else
		assert_int_equal(hamming_file_count(f), 0);
	return why;
}

static void
written(struct hamming_file *f, const struct place *p)
{
	struct err e;

	assert_int_equal(
	    hamming_file_write(f, p->path, &p->origin, NULL, NULL, &e), 0);
	assert_int_equal(hamming_file_delta(f), 0);
}

static bool
not_a_third(void *ctx, uint64_t owner)
{
	(void)ctx;
	return owner % 3 != 0;
}

static void
what_is_added_is_found_before_and_after_it_is_written(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct hamming_file *g CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;
	struct err e;

	holds(f, p, 0, 0, 0);
	add(f, p, 0, 500);
	holds(f, p, 0, 500, 0);
	assert_int_equal(hamming_file_delta(f), 500);
	written(f, p);
	holds(f, p, 0, 500, 0);
	assert_null(opened(g, p));
	holds(g, p, 0, 500, 0);
	add(g, p, 500, OWNERS);
	holds(g, p, 0, OWNERS, 0);
	assert_int_equal(hamming_file_count(g), OWNERS);
	written(g, p);
	holds(g, p, 0, OWNERS, 0);
	holds(f, p, 0, 500, 0);
	assert_null(opened(f, p));
	holds(f, p, 0, OWNERS, 0);
	assert_int_equal(
	    hamming_file_write(f, p->path, &p->origin, not_a_third, NULL, &e),
	    0);
	holds(f, p, 0, OWNERS, 3);
	assert_int_equal(hamming_file_count(f), OWNERS - OWNERS / 3);
}

static void
an_owner_that_is_added_again_is_there_once(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;

	add(f, p, 0, 300);
	written(f, p);
	add(f, p, 200, 400);
	add(f, p, 350, 400);
	written(f, p);
	holds(f, p, 0, 400, 0);
	assert_int_equal(hamming_file_count(f), 400);
}

static void
an_empty_index_is_a_file_too(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;

	assert_string_equal(opened(f, p), "is missing");
	written(f, p);
	assert_null(opened(f, p));
	holds(f, p, 0, 0, 0);
}

static void
scribble(const struct place *p, off_t at)
{
	int fd CLEANUP(closep) = open(p->path, O_RDWR);
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x20;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void
a_file_with_any_byte_changed_is_not_trusted(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;
	struct stat st;
	struct rng rng;
	off_t at;
	int i;

	add(f, p, 0, OWNERS);
	written(f, p);
	assert_int_equal(stat(p->path, &st), 0);
	rng_seed(&rng, 1);
	for (i = 0; i < 200; i++) {
		at = i < 128 ? i : (off_t)rng_below(&rng, (uint64_t)st.st_size);
		scribble(p, at);
		if (opened(f, p) == NULL)
			fail_msg("byte %ld was not missed", (long)at);
		scribble(p, at);
	}
	assert_null(opened(f, p));
	holds(f, p, 0, OWNERS, 0);
}

static void
a_file_that_is_cut_or_longer_is_not_trusted(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;
	struct stat st;
	int i;

	add(f, p, 0, OWNERS);
	written(f, p);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(truncate(p->path, st.st_size + 64), 0);
	assert_string_equal(opened(f, p), "is cut short");
	for (i = 15; i >= 0; i--) {
		assert_int_equal(truncate(p->path, st.st_size * i / 16), 0);
		assert_non_null(opened(f, p));
	}
	add(f, p, 0, 10);
	written(f, p);
	assert_null(opened(f, p));
	holds(f, p, 0, 10, 0);
}

static void
a_file_of_another_catalog_or_kind_is_not_trusted(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;
	FILE *other;

	add(f, p, 0, 10);
	written(f, p);
	p->origin.stamp[31] ^= 1;
	assert_string_equal(opened(f, p), "is out of date");
	p->origin.stamp[31] ^= 1;
	assert_null(opened(f, p));
	other = fopen(p->path, "w");
	fprintf(other, "%200s\n", "a letter");
	fclose(other);
	assert_string_equal(opened(f, p), "is something else");
	assert_int_equal(truncate(p->path, 0), 0);
	assert_string_equal(opened(f, p), "is something else");
}

static void
what_cannot_be_written_leaves_all_as_it_was(void **state)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct place *p = *state;
	char *nowhere CLEANUP(freep) = xasprintf("%s/no/file", p->folder);
	struct err e;

	add(f, p, 0, 100);
	written(f, p);
	add(f, p, 100, 200);
	assert_int_equal(
	    hamming_file_write(f, nowhere, &p->origin, NULL, NULL, &e), -1);
	holds(f, p, 0, 200, 0);
	assert_int_equal(hamming_file_delta(f), 100);
	assert_null(opened(f, p));
	holds(f, p, 0, 100, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_added_is_found_before_and_after_it_is_written),
		TEST(an_owner_that_is_added_again_is_there_once),
		TEST(an_empty_index_is_a_file_too),
		TEST(a_file_with_any_byte_changed_is_not_trusted),
		TEST(a_file_that_is_cut_or_longer_is_not_trusted),
		TEST(a_file_of_another_catalog_or_kind_is_not_trusted),
		TEST(what_cannot_be_written_leaves_all_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
