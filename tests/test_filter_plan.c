/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which index each filter, sort and stage goes by, as SQLite plans it; a
 * lost index fails here and not in front of a person with a million images.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/samples.h"
#include "tests/filter_place.h"

/* More than any term may leave before it is taken for frequent. */
#define MANY 6000

/* Frequent: class1, source1, licence cc0, host h1; rare: number 2 of each. */
static const char many[] =
    "INSERT INTO run (command, args, version, started)"
    " VALUES ('t', '[]', '0', 1);"
    "INSERT INTO class (name) VALUES ('class1'), ('class2');"
    "INSERT INTO source (name, type, fingerprint)"
    " VALUES ('source1', 'list', ''), ('source2', 'list', '');"
    "INSERT INTO tag (name) VALUES ('tag1'), ('tag2');"
    "CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);"
    "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r"
    " WHERE i < @@) INSERT INTO n SELECT i FROM r;"
    "INSERT INTO blob SELECT i, randomblob(32), i, i FROM n;"
    "INSERT INTO sample (id, blob_id, stage, reason, format, width, height,"
    " pixel_digest, pdq, pdq_quality, keeper_id, claimed_id) SELECT i, i,"
    " iif(i % 50, 'prepared', 'refused'), iif(i % 50, NULL, 'truncated'),"
    " 'png', i, i, randomblob(16), randomblob(32), i % 100,"
    " iif(i % 50, iif(i % 50 = 7, i - 1, i), NULL), 1 + (i % 500 = 0)"
    " FROM n;"
    "INSERT INTO quality SELECT i, i % 9 / 9.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1"
    " FROM n;"
    "INSERT INTO sample_tag SELECT 1 + (i % 500 = 0), i FROM n;"
    "INSERT INTO url (id, url, host, state, sample_id) SELECT i, 'u' || i,"
    " 'h' || (1 + (i % 500 = 0)), 'held', i FROM n;"
    "INSERT INTO fetch SELECT i, i, 1, 1 FROM n;"
    "INSERT INTO sighting (url_id, source_id, run_id, licence, seen)"
    " SELECT i, 1 + (i % 500 = 0), 1, iif(i % 500, 'cc0', 'pd'), 1 FROM n;";

static int
setup_many(void **state)
{
	const char *count = strstr(many, "@@");
	char *sql CLEANUP(freep) = NULL;

	if (setup(state) < 0)
		return -1;
	sql = xasprintf("%.*s%d%s", (int)(count - many), many, MANY, count + 2);
	run_sql(*state, sql);
	return 0;
}

static char *
plan_of(struct place *p, const char *filter, const struct list_order *order)
{
	struct filter *f CLEANUP(filter_freep) = words(p, filter);
	char *text;

	if (filter_explain(p->s, f, order, &text, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return text;
}

static void
has(const char *what, const char *plan, const char *line)
{
	if (strstr(plan, line) == NULL)
		fail_msg("%s: no \"%s\" in\n%s", what, line, plan);
}

static void
has_not(const char *what, const char *plan, const char *line)
{
	if (strstr(plan, line) != NULL)
		fail_msg("%s: \"%s\" in\n%s", what, line, plan);
}

/* By id, anywhere in the list: begins with `line`, and sorts nothing. */
static void
page_by(struct place *p, const char *filter, const char *line)
{
	static const char *const after[] = { NULL, "id:n:3000" };
	char *plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(after); i++) {
		plan = plan_of(
		    p, filter, &(struct list_order){ NULL, 200, after[i] });
		has(filter, plan, line);
		has_not(filter, plan, "TEMP B-TREE");
		free(plan);
	}
}

static void
what_is_frequent_is_read_in_the_order_of_ids(void **state)
{
	/* Without a place to begin, "SCAN s": in that order, too. */
	static const char by_id[] = "FROM sample s WHERE";
	struct place *p = *state;

	page_by(p, "", by_id);
	page_by(p, "label=class1", "USING INDEX sample_label (label_id=?");
	page_by(p, "source=source1", "d USING PRIMARY KEY (source_id=?");
	page_by(p, "licence=cc0", "d USING PRIMARY KEY (licence=?");
	page_by(p, "host=h1", "USING COVERING INDEX url_host (host=?");
	page_by(p, "tag=tag1", "d USING PRIMARY KEY (tag_id=?");
	page_by(
	    p, "format=png", "USING COVERING INDEX sample_format (format=?");
	page_by(p, "stage=prepared", by_id);
	page_by(p, "width>5", by_id);
	page_by(p, "label=class1 source=source1 dup=no rejected=no",
	    "d USING PRIMARY KEY (source_id=?");
}

static void
what_is_rare_is_where_a_page_begins(void **state)
{
	static const struct {
		const char *filter, *line;
	} rare[] = {
		{ "label=class2", "INDEX sample_label (label_id=?" },
		{ "source=source2", "d USING PRIMARY KEY (source_id=?" },
		{ "licence=pd", "d USING PRIMARY KEY (licence=?" },
		{ "host=h2", "COVERING INDEX url_host (host=?" },
		{ "tag=tag2", "d USING PRIMARY KEY (tag_id=?" },
		{ "stage=refused", "INDEX sample_unprepared" },
		{ "reason=truncated", "INDEX sample_reason (reason=?" },
		{ "format=gif", "INDEX sample_format (format=?" },
		{ "width>5990", "INDEX sample_width (width>?" },
		{ "height<=5", "INDEX sample_height (height<?" },
		{ "pdq_quality=5", "INDEX sample_pdq_quality (pdq_quality=?" },
		{ "bytes>5990", "INDEX blob_bytes (bytes>?" },
		{ "added=1970-01-02", "INDEX blob_added (added>? AND added<?" },
		{ "dup=yes", "INDEX sample_duplicate" },
		{ "conflict=yes", "INDEX sample_conflict" },
		{ "rejected=yes", "INDEX sample_rejected" },
		{ "decided=yes", "INDEX sample_decided" },
		{ "warned=yes", "INDEX sample_warned" },
		{ "aaaa", "sqlite_autoindex_blob_1 (sha256>? AND sha256<?" },
		{ "group=aaaa", "INDEX sample_keeper (keeper_id=?" },
		{ "dark<0.3", "INDEX quality_dark" },
		{ "issue=bordered", "INDEX quality_bordered" },
		{ "label=class1 host=h2", "COVERING INDEX url_host (host=?" },
		{ "source=source1 width>5990", "sample_width (width>?" },
		{ "host=h2,h3", "COVERING INDEX url_host (host=?" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rare); i++) {
		char *page CLEANUP(freep) = plan_of(
		    p, rare[i].filter, &(struct list_order){ .limit = 200 });
		char *wide CLEANUP(freep) = plan_of(p, rare[i].filter,
		    &(struct list_order){ "-width", 200, NULL });
		char *count CLEANUP(freep) = plan_of(p, rare[i].filter, NULL);

		has(rare[i].filter, page, rare[i].line);
		has(rare[i].filter, wide, rare[i].line);
		has(rare[i].filter, count, rare[i].line);
		has_not(rare[i].filter, page, "SCAN s\n");
		has_not(rare[i].filter, count, "SCAN s\n");
	}
}

static void
every_sort_has_an_index_that_a_page_goes_on_in(void **state)
{
	static const struct {
		const char *sort, *at, *line;
	} sorts[] = {
		{ "added", "added:i5:5", "INDEX blob_added (added" },
		{ "-bytes", "-bytes:i5:5", "INDEX blob_bytes (bytes" },
		{ "width", "width:i5:5", "INDEX sample_width (width" },
		{ "-height", "-height:i5:5", "INDEX sample_height (height" },
		{ "pdq_quality", "pdq_quality:i5:5",
		    "INDEX sample_pdq_quality (pdq_quality" },
		{ "label", "label:i1:5", "INDEX sample_label (label_id" },
		{ "-label", "-label:n:5", "INDEX sample_label (label_id=?" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sorts); i++) {
		char *first CLEANUP(freep) = plan_of(p, "label=class1",
		    &(struct list_order){ sorts[i].sort, 200, NULL });
		char *later CLEANUP(freep) = plan_of(p, "",
		    &(struct list_order){ sorts[i].sort, 200, sorts[i].at });

		has_not(sorts[i].sort, first, "TEMP B-TREE");
		has_not(sorts[i].sort, later, "TEMP B-TREE");
		has(sorts[i].sort, later, sorts[i].line);
	}
}

static void
counts_are_read_from_indexes(void **state)
{
	static const char *const filters[] = { "", "label=class1",
		"stage=prepared dup=no", "label=class1 rejected=no" };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(filters); i++) {
		char *plan CLEANUP(freep) = plan_of(p, filters[i], NULL);

		has(filters[i], plan, "COVERING INDEX");
	}
}

/* ---- what the stages and status ask for ------------------------------- */

static char *
plan_of_query(struct place *p, enum query q)
{
	char *text;

	if (sql_explain(p->s, store_queries[q], &text, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return text;
}

static void
stages_with_nothing_to_do_read_no_table_of_samples(void **state)
{
	static const struct {
		enum query q;
		const char *name, *line;
	} queries[] = {
		{ Q_PREP_NEXT, "PREP_NEXT", "s USING INTEGER PRIMARY KEY" },
		{ Q_PREP_COUNT, "PREP_COUNT", "s USING INTEGER PRIMARY KEY" },
		{ Q_PREP_NEXT_WAITING, "PREP_NEXT_WAITING",
		    "INDEX sample_waiting" },
		{ Q_PREP_COUNT_WAITING, "PREP_COUNT_WAITING",
		    "INDEX sample_waiting" },
		{ Q_UNGROUPED, "UNGROUPED", "INDEX sample_ungrouped" },
		{ Q_QUEUE_HOST, "QUEUE_HOST",
		    "INDEX url_waiting (class_id=? AND host>?)" },
		{ Q_QUEUE_PRIORITY, "QUEUE_PRIORITY",
		    "INDEX url_waiting (class_id=? AND host=?" },
		{ Q_QUEUE_URLS, "QUEUE_URLS",
		    "INDEX url_waiting (class_id=? AND host=?"
		    " AND priority=? AND id>?)" },
		{ Q_URL_WAITING, "URL_WAITING", "INDEX url_waiting" },
		{ Q_CLASS_HELD, "CLASS_HELD",
		    "COVERING INDEX sample_counts (decided_id=? AND"
		    " claimed_id=?" },
		{ Q_CLASS_BALANCE, "CLASS_BALANCE",
		    "SCAN sample USING COVERING INDEX sample_counts" },
		{ Q_URL_STATES, "URL_STATES", "INDEX url_unheld" },
		{ Q_SOURCE_LIST, "SOURCE_LIST",
		    "g USING COVERING INDEX sighting_source (source_id=?" },
		{ Q_SAMPLE_CLAIMS, "SAMPLE_CLAIMS", "f USING PRIMARY KEY" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(queries); i++) {
		char *plan CLEANUP(freep) = plan_of_query(p, queries[i].q);

		has(queries[i].name, plan, queries[i].line);
		if (queries[i].q != Q_SOURCE_LIST) /* s is a source there */
			has_not(queries[i].name, plan, "SCAN s\n");
		has_not(queries[i].name, plan, "SCAN sample\n");
		has_not(queries[i].name, plan, "AUTOMATIC");
	}
}

/* ---- what prep need not look for again -------------------------------- */

static int64_t
to_prepare(struct place *p, int64_t rule)
{
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	const struct sample_visit v = { .recipe = recipe, .rule = rule };
	struct sample_ref ref = { 0 };
	int64_t n = -1;
	int rc;

	if (sample_count_to_prepare(p->s, &v, &n, &p->e) < 0 ||
	    (rc = sample_next_to_prepare(p->s, &v, 0, &ref, &p->e)) < 0)
		fail_msg("%s", p->e.msg);
	assert_int_equal(rc, n > 0);
	return n;
}

static int64_t
complete_up_to(struct place *p)
{
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	int64_t up_to = 0, none = 0;

	assert_true(sql_int(p->s, Q_PREP_COMPLETE, &up_to, &p->e, "hii", recipe,
			none, none) >= 0);
	return up_to;
}

static void
what_was_all_prepared_is_looked_for_when_something_changes(void **state)
{
	struct place *p = *state;

	run_sql(p,
	    "INSERT INTO derived.thumb SELECT id, sha256, 1, 1, x'' FROM blob;"
	    "INSERT INTO derived.look SELECT id, sha256, zeroblob(224), x'',"
	    " NULL, NULL FROM blob;"
	    "INSERT INTO derived.prepared SELECT id, sha256, zeroblob(32), 1,"
	    " 1, x'' FROM blob");
	assert_int_equal(complete_up_to(p), 0);
	assert_int_equal(to_prepare(p, 0), 0);
	assert_int_equal(complete_up_to(p), MANY);
	assert_int_equal(to_prepare(p, 0), 0);
	assert_int_equal(to_prepare(p, 1), MANY);

	run_sql(p,
	    "INSERT INTO blob VALUES (9000, zeroblob(32), 1, 1);"
	    "INSERT INTO sample (id, blob_id) VALUES (9000, 9000);");
	assert_int_equal(to_prepare(p, 0), 1);
	run_sql(p,
	    "UPDATE sample SET stage = 'refused', reason = 'truncated'"
	    " WHERE id = 9000");
	assert_int_equal(to_prepare(p, 0), 0);
	assert_int_equal(complete_up_to(p), 9000);
	run_sql(p,
	    "UPDATE sample SET stage = 'fetched', reason = NULL"
	    " WHERE id = 9000");
	assert_int_equal(to_prepare(p, 0), 1);

	run_sql(p, "DELETE FROM derived.thumb WHERE id = 7");
	assert_int_equal(complete_up_to(p), 0);
	assert_int_equal(to_prepare(p, 0), 2);
	run_sql(p, "DELETE FROM derived.look WHERE id = 9");
	assert_int_equal(to_prepare(p, 0), 3);
}

static void
a_visit_by_another_rule_ends_what_was_known_of_all(void **state)
{
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	const struct sample_visit other = { .recipe = recipe, .rule = 2 };
	struct place *p = *state;

	run_sql(p,
	    "INSERT INTO derived.complete SELECT zeroblob(32), 0, 0, 6000, id,"
	    " started FROM run");
	assert_int_equal(complete_up_to(p), MANY);
	assert_int_equal(
	    sample_refused(p->s, 5, &other, "truncated", &p->e), 0);
	assert_int_equal(complete_up_to(p), 0);
}

/* As after a backup of the catalog came back beside a newer derived.db. */
static void
what_was_prepared_beside_another_catalog_is_not_believed(void **state)
{
	struct place *p = *state;

	run_sql(p,
	    "INSERT INTO derived.complete SELECT zeroblob(32), 0, 0, 6000, id,"
	    " started FROM run");
	assert_int_equal(complete_up_to(p), MANY);
	run_sql(p, "UPDATE run SET started = started + 1");
	assert_int_equal(complete_up_to(p), 0);
	assert_int_equal(to_prepare(p, 0), MANY - MANY / 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_many, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_frequent_is_read_in_the_order_of_ids),
		TEST(what_is_rare_is_where_a_page_begins),
		TEST(every_sort_has_an_index_that_a_page_goes_on_in),
		TEST(counts_are_read_from_indexes),
		TEST(stages_with_nothing_to_do_read_no_table_of_samples),
		TEST(
		    what_was_all_prepared_is_looked_for_when_something_changes),
		TEST(a_visit_by_another_rule_ends_what_was_known_of_all),
		TEST(what_was_prepared_beside_another_catalog_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
