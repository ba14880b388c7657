/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks in derived.db: what is put there comes back, for the samples that
 * are prepared, in order; and what the catalog has beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/looks.h"
#include "store/samples.h"
#include "tests/filter_place.h"

static void
sha256_name(int id, unsigned char sha256[SHA256_SIZE])
{
	memset(sha256, 0, SHA256_SIZE);
	sha256[0] = (unsigned char)id;
}

static struct look
some_look(int seed, bool trimmed)
{
	struct look look;

	memset(&look, 0, sizeof(look));
	memset(&look.whole, seed, sizeof(look.whole));
	look.whole.turned[6][31] = 99;
	look.trimmed = trimmed;
	if (trimmed)
		memset(&look.trim, seed + 100, sizeof(look.trim));
	return look;
}

/* Sample `id` with facts and, if there is one, its look. */
static void
prepare(struct place *p, int id, const struct look *look)
{
	struct sample_facts facts = { .format = "jpeg",
		.width = 10,
		.height = 10,
		.frames = 1,
		.pdq_quality = 100,
		.trimmed = look != NULL && look->trimmed,
		.trim_quality = look != NULL && look->trimmed ? 77 : 0,
		.compression = 60 + id };
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	const struct sample_visit by = { .recipe = recipe };
	unsigned char sha256[SHA256_SIZE];
	char *sql CLEANUP(freep) = NULL;

	sha256_name(id, sha256);
	sql = xasprintf("INSERT INTO blob VALUES (%d, x'%02x%062d', 1, 1);"
			"INSERT INTO sample (id, blob_id) VALUES (%d, %d)",
	    id, (unsigned)id, 0, id, id);
	run_sql(p, sql);
	memset(facts.phash, id, sizeof(facts.phash));
	memset(facts.trim_pdq, id + 1, sizeof(facts.trim_pdq));
	assert_int_equal(sample_prepared(p->s, id, &by, &facts, &p->e), 0);
	if (look != NULL)
		assert_int_equal(look_put(p->s, sha256, look, &p->e), 0);
}

static void
a_look_comes_back_as_it_was_put(void **state)
{
	struct place *p = *state;
	const struct look plain = some_look(3, false),
			  trim = some_look(4, true);
	struct look got;

	prepare(p, 1, &plain);
	prepare(p, 2, &trim);
	prepare(p, 3, NULL);
	assert_int_equal(look_get(p->s, 1, &got, &p->e), 1);
	assert_memory_equal(&got, &plain, sizeof(got));
	assert_int_equal(look_get(p->s, 2, &got, &p->e), 1);
	assert_memory_equal(&got, &trim, sizeof(got));
	assert_int_equal(look_get(p->s, 3, &got, &p->e), 0);
	assert_int_equal(look_get(p->s, 4, &got, &p->e), 0);
}

static void
another_look_takes_its_place(void **state)
{
	struct place *p = *state;
	const struct look before = some_look(3, true),
			  after = some_look(8, false);
	unsigned char sha256[SHA256_SIZE];
	struct look got;

	prepare(p, 1, &before);
	sha256_name(1, sha256);
	assert_int_equal(look_put(p->s, sha256, &after, &p->e), 0);
	assert_int_equal(look_get(p->s, 1, &got, &p->e), 1);
	assert_memory_equal(&got, &after, sizeof(got));
}

static void
one_of_another_size_is_none(void **state)
{
	struct place *p = *state;
	const struct look look = some_look(3, false);
	struct look got;

	prepare(p, 1, &look);
	run_sql(p, "UPDATE derived.look SET gray = zeroblob(100)");
	assert_int_equal(look_get(p->s, 1, &got, &p->e), 0);
}

struct ids {
	int64_t id[8];
	size_t n;
};

static int
add_id(void *ctx, int64_t id, const struct look *look, struct err *e)
{
	struct ids *ids = ctx;

	(void)look;
	if (id == 5)
		return err_set(e, ERR_FATAL, "stopped");
	ids->id[ids->n++] = id;
	return 0;
}

static void
those_of_prepared_samples_come_in_order(void **state)
{
	struct place *p = *state;
	const struct look look = some_look(3, false);
	struct ids ids = { .n = 0 };

	prepare(p, 3, &look);
	prepare(p, 1, &look);
	prepare(p, 2, NULL);
	prepare(p, 4, &look);
	run_sql(p,
	    "UPDATE sample SET stage = 'refused', reason = 'truncated'"
	    " WHERE id = 4");
	assert_int_equal(look_each(p->s, 0, add_id, &ids, &p->e), 0);
	assert_int_equal(ids.n, 2);
	assert_int_equal(ids.id[0], 1);
	assert_int_equal(ids.id[1], 3);
	ids.n = 0;
	assert_int_equal(look_each(p->s, 1, add_id, &ids, &p->e), 0);
	assert_int_equal(ids.n, 1);
	prepare(p, 5, &look);
	assert_int_equal(look_each(p->s, 0, add_id, &ids, &p->e), -1);
	assert_string_equal(p->e.msg, "stopped");
}

struct found {
	struct sample_code code[4];
	size_t n;
};

static int
add_code(void *ctx, const struct sample_code *code, struct err *e)
{
	struct found *found = ctx;

	(void)e;
	found->code[found->n++] = *code;
	return 0;
}

static void
the_codes_of_a_sample_are_in_the_catalog(void **state)
{
	struct place *p = *state;
	const struct look plain = some_look(3, false),
			  trim = some_look(4, true);
	struct found found = { .n = 0 };
	unsigned char same[32];

	prepare(p, 1, &plain);
	prepare(p, 2, &trim);
	assert_int_equal(sample_codes(p->s, add_code, &found, &p->e), 0);
	assert_int_equal(found.n, 2);
	memset(same, 1, sizeof(same));
	assert_memory_equal(found.code[0].phash, same, sizeof(same));
	assert_false(found.code[0].trimmed);
	assert_int_equal(found.code[0].compression, 61);
	memset(same, 3, sizeof(same));
	assert_true(found.code[1].trimmed);
	assert_memory_equal(found.code[1].trim_pdq, same, sizeof(same));
	assert_int_equal(found.code[1].trim_quality, 77);
	assert_int_equal(found.code[1].compression, 62);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_look_comes_back_as_it_was_put),
		TEST(another_look_takes_its_place),
		TEST(one_of_another_size_is_none),
		TEST(those_of_prepared_samples_come_in_order),
		TEST(the_codes_of_a_sample_are_in_the_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
