/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prepare stage: from the catalog and back into it.
 */
#include "tests/prep_place.h"

#include <signal.h>

#include "base/stop.h"

static struct buf
cut_off(struct buf file)
{
	file.len /= 2;
	return file;
}

static struct buf
text(const char *s)
{
	struct buf b = BUF_INIT(1000);

	assert_int_equal(buf_addf(&b, "%s", s), 0);
	return b;
}

struct codes {
	int n;
	struct sample_code code[16];
};

static int
add_code(void *ctx, const struct sample_code *code, struct err *e)
{
	struct codes *codes = ctx;

	(void)e;
	assert_true(codes->n < 16);
	codes->code[codes->n++] = *code;
	return 0;
}

static struct codes
codes_of(struct place *p)
{
	struct codes codes;

	memset(&codes, 0, sizeof(codes));
	assert_int_equal(sample_codes(p->s, add_code, &codes, &p->e), 0);
	return codes;
}

/* Words of the reasons of this run, sorted by the store. */
static int
add_reason(void *ctx, const char *stage, const char *reason,
    const char *subject, const char *detail)
{
	(void)detail;
	assert_string_equal(stage, "prep");
	assert_int_equal(strlen(subject), 2 * SHA256_SIZE);
	return buf_addf(ctx, "%s ", reason);
}

static void
expect_reasons(struct place *p, const char *words)
{
	struct buf got CLEANUP(buf_release) = BUF_INIT(1000);

	buf_addf(&got, "%s", "");
	assert_int_equal(run_failures(p->s, 1, add_reason, &got, &p->e), 0);
	assert_string_equal((const char *)got.data, words);
}

static bool
is_prepared(struct place *p, const unsigned char *sha256)
{
	struct buf jpeg CLEANUP(buf_release) = BUF_INIT(1u << 20);

	return prepared_get(p->s, sha256, p->recipe.hash, &jpeg, &p->e) == 1;
}

static void
what_is_new_is_prepared_or_refused_once(void **state)
{
	struct place *p = *state;
	unsigned char good[SHA256_SIZE], bad[SHA256_SIZE];
	struct codes codes;
	struct prep_stats stats;
	int i;

	hold(p, saved(scene(300, 200), ".png"), good);
	hold(p, text("no image"), NULL);
	hold(p, saved(scene(220, 330), ".jpg"), NULL);
	hold(p, cut_off(saved(scene(100, 150), ".jpg")), bad);
	hold(p, saved(scene(90, 90), ".webp"), NULL);
	stats = run(p);
	assert_int_equal(stats.prepared, 3);
	assert_int_equal(stats.refused, 2);
	expect_reasons(p, "not_an_image truncated ");
	assert_true(is_prepared(p, good));
	assert_false(is_prepared(p, bad));
	codes = codes_of(p);
	assert_int_equal(codes.n, 3);
	assert_int_equal(codes.code[0].pixels, 300 * 200);
	assert_int_equal(codes.code[1].pixels, 220 * 330);
	for (i = 0; i < 3; i++)
		assert_true(codes.code[i].pdq_quality > 50);

	stats = run(p);
	assert_int_equal(stats.prepared + stats.refused, 0);
}

static void
another_recipe_prepares_again_and_leaves_the_facts(void **state)
{
	struct place *p = *state;
	unsigned char sha256[SHA256_SIZE];
	struct codes before, after;
	int64_t n;

	hold(p, saved(scene(300, 200), ".png"), sha256);
	hold(p, text("no image"), NULL);
	run(p);
	before = codes_of(p);
	assert_int_equal(recipe_parse("resize 40", &p->recipe, &p->e), 0);
	assert_false(is_prepared(p, sha256));
	assert_int_equal(
	    prep_count_waiting(p->s, p->opts, &p->recipe, &n, &p->e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(run(p).prepared, 1);
	assert_true(is_prepared(p, sha256));
	after = codes_of(p);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(run(p).prepared, 0);
}

static void
a_blob_that_is_gone_does_not_stop_the_run(void **state)
{
	struct place *p = *state;
	unsigned char sha256[SHA256_SIZE];
	char hex[SHA256_HEX], path[256];
	struct prep_stats stats;

	hold(p, saved(scene(300, 200), ".png"), sha256);
	hold(p, saved(scene(200, 200), ".png"), NULL);
	text_to_hex(hex, sha256, SHA256_SIZE);
	snprintf(path, sizeof(path), "%s/blobs/%.2s/%.2s/%s", p->folder, hex,
	    hex + 2, hex);
	assert_int_equal(unlink(path), 0);
	stats = run(p);
	assert_int_equal(stats.prepared, 1);
	assert_int_equal(stats.refused, 1);
	expect_reasons(p, "unreadable ");
}

static void
a_limit_that_is_relaxed_brings_back_what_it_refused(void **state)
{
	struct place *p = *state;
	struct prep_stats stats;

	hold(p, saved(scene(300, 20), ".png"), NULL);
	hold(p, text("no image"), NULL);
	stats = run(p);
	assert_int_equal(stats.refused, 2);
	expect_reasons(p, "not_an_image too_small ");
	stats = run(p);
	assert_int_equal(stats.refused + stats.prepared, 0);
	p->opts->min_side = 10;
	p->opts->max_aspect = 100;
	stats = run(p);
	assert_int_equal(stats.prepared, 1);
	assert_int_equal(stats.refused, 1);
	/* The old failures stay in the log. */
	expect_reasons(p, "not_an_image not_an_image too_small ");
}

static int64_t
number(struct place *p, const char *sql)
{
	int64_t n;

	assert_int_equal(sql_query_int(p->s, sql, &n, &p->e), 0);
	return n;
}

static void
run_sql(struct place *p, const char *sql)
{
	assert_int_equal(store_begin(p->s, &p->e), 0);
	assert_int_equal(sql_script(p->s, sql, &p->e), 0);
	assert_int_equal(store_commit(p->s, &p->e), 0);
}

static void
what_is_derived_is_made_again_where_it_is_missing(void **state)
{
	struct place *p = *state;
	struct buf thumb CLEANUP(buf_release) = BUF_INIT(1 << 20);
	struct buf again CLEANUP(buf_release) = BUF_INIT(1 << 20);
	unsigned char sha256[SHA256_SIZE];

	hold(p, saved(scene(900, 600), ".jpg"), sha256);
	hold(p, saved(scene(200, 200), ".png"), NULL);
	run(p);
	assert_int_equal(thumb_get(p->s, sha256, &thumb, &p->e), 1);
	assert_int_equal(number(p,
			     "SELECT width * 1000 + height FROM derived.thumb"
			     " WHERE width > height"),
	    256170);
	run_sql(p, "DELETE FROM derived.thumb WHERE width > height");
	assert_int_equal(run(p).prepared, 1);
	assert_int_equal(thumb_get(p->s, sha256, &again, &p->e), 1);
	assert_int_equal(thumb.len, again.len);
	assert_memory_equal(thumb.data, again.data, thumb.len);
}

static void
a_visit_by_an_older_rule_is_repeated(void **state)
{
	struct place *p = *state;

	hold(p, saved(scene(300, 200), ".png"), NULL);
	run(p);
	assert_int_equal(number(p, "SELECT count(*) FROM quality"), 1);
	run_sql(p,
	    "DELETE FROM quality; UPDATE sample SET visit_rule = 0,"
	    " keeper_id = id, distance = 0");
	assert_int_equal(run(p).prepared, 1);
	assert_int_equal(number(p, "SELECT count(*) FROM quality"), 1);
	/* The same pixels stay in their group. */
	assert_int_equal(
	    number(p, "SELECT count(*) FROM sample WHERE keeper_id = id"), 1);
	run_sql(p, "UPDATE sample SET visit_rule = 0, pdq = zeroblob(32)");
	assert_int_equal(run(p).prepared, 1);
	assert_int_equal(
	    number(p, "SELECT count(*) FROM sample WHERE keeper_id = id"), 0);
}

static void
a_keeper_that_is_refused_dissolves_its_group(void **state)
{
	struct place *p = *state;

	hold(p, saved(scene(300, 200), ".png"), NULL);
	hold(p, saved(scene(200, 200), ".png"), NULL);
	run(p);
	run_sql(p,
	    "UPDATE sample SET keeper_id = 1, distance = 0;"
	    "UPDATE sample SET visit_rule = 0");
	p->opts->max_pixels = 50000;
	assert_int_equal(run(p).refused, 1);
	assert_int_equal(
	    number(p, "SELECT count(*) FROM sample WHERE keeper_id > 0"), 0);
}

static void
more_than_a_batch_is_prepared_in_one_run(void **state)
{
	struct place *p = *state;
	int i;

	for (i = 0; i < 300; i++)
		hold(p, saved(scene(40 + i, 40), ".png"), NULL);
	p->opts->max_aspect = 100;
	assert_int_equal(run(p).prepared, 300);
	assert_int_equal(run(p).prepared, 0);
}

/* The last test: a signal cannot be taken back. */
static void
a_signal_stops_the_run_and_keeps_what_is_done(void **state)
{
	struct place *p = *state;
	struct prep_stats stats;
	int64_t n;

	hold(p, saved(scene(300, 200), ".png"), NULL);
	stop_install();
	raise(SIGTERM);
	assert_int_equal(
	    prep_run(p->s, p->opts, &p->recipe, &stats, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_STOPPED);
	assert_int_equal(
	    prep_count_waiting(p->s, p->opts, &p->recipe, &n, &p->e), 0);
	assert_int_equal(n + stats.prepared, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_new_is_prepared_or_refused_once),
		TEST(another_recipe_prepares_again_and_leaves_the_facts),
		TEST(a_limit_that_is_relaxed_brings_back_what_it_refused),
		TEST(what_is_derived_is_made_again_where_it_is_missing),
		TEST(a_visit_by_an_older_rule_is_repeated),
		TEST(a_keeper_that_is_refused_dissolves_its_group),
		TEST(a_blob_that_is_gone_does_not_stop_the_run),
		TEST(more_than_a_batch_is_prepared_in_one_run),
		TEST(a_signal_stops_the_run_and_keeps_what_is_done),
	};

	if (is_worker(argc, argv))
		return prep_worker();
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
