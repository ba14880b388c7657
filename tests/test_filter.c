/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What filters mean, key by key, and that pages of a list fit together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "tests/filter_place.h"

#define DAY_1 1793491200 /* 2026-11-01 00:00 UTC */

/*
 * Seven images.  1 and 2 are prepared, pancakes; 3 duplicates 1; 4 was
 * refused; 5 waits; 6 is in conflict; 7 is decided against its claim.
 */
static const char names[] =
    "INSERT INTO run (command, args, version, started)"
    " VALUES ('t', '[]', '0', 1);"
    "INSERT INTO class (name) VALUES ('pancake'), ('crepe');"
    "INSERT INTO source (name, type, fingerprint)"
    " VALUES ('blog', 'page', ''), ('mine', 'folder', '');"
    "INSERT INTO tag (name) VALUES ('nice'), ('odd');"
    "INSERT INTO op (at, actor, verb) VALUES (1, 'me', 'label');";

/* A blob whose SHA-256 begins so. */
static void
add_blob(struct place *p, int id, const char *head, int bytes, int64_t added)
{
	char *sql CLEANUP(freep) = xasprintf(
	    "INSERT INTO blob (id, sha256, bytes, added) VALUES"
	    " (%d, x'%s%.*s', %d, %lld)",
	    id, head, (int)(64 - strlen(head)),
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    bytes, (long long)added);

	run_sql(p, sql);
}

static void
add_seven(struct place *p)
{
	int64_t day = DAY_1;

	run_sql(p, names);
	add_blob(p, 1, "aaaa11", 100, day - 1);
	add_blob(p, 2, "aaaa12", 200, day);
	add_blob(p, 3, "aaab", 300, day + 86399);
	add_blob(p, 4, "bbbb", 400, day + 86400);
	add_blob(p, 5, "cccc", 500, day + 90000);
	add_blob(p, 6, "dddd", 600, day + 3 * 86400);
	add_blob(p, 7, "ffff", 700, day + 4 * 86400);
	run_sql(p,
	    "INSERT INTO sample (id, blob_id, stage, reason, format, width,"
	    " height, pixel_digest, pdq, pdq_quality, warned, keeper_id,"
	    " claimed_id, conflict, decided_id, rejected) VALUES"
	    " (1, 1, 'prepared', NULL, 'png', 300, 200, zeroblob(16),"
	    "  zeroblob(32), 90, 0, 1, 1, 0, NULL, 0),"
	    " (2, 2, 'prepared', NULL, 'jpeg', 301, 100, zeroblob(16),"
	    "  zeroblob(32), 50, 1, 2, 1, 0, NULL, 1),"
	    " (3, 3, 'prepared', NULL, 'jpeg', 300, 300, zeroblob(16),"
	    "  zeroblob(32), 10, 0, 1, 2, 0, NULL, 0),"
	    " (4, 4, 'refused', 'truncated', 'gif', NULL, NULL, NULL, NULL,"
	    "  NULL, 0, NULL, 2, 0, NULL, 0),"
	    " (5, 5, 'fetched', NULL, NULL, NULL, NULL, NULL, NULL,"
	    "  NULL, 0, NULL, NULL, 0, NULL, 0),"
	    " (6, 6, 'prepared', NULL, 'png', 40, 30, zeroblob(16),"
	    "  zeroblob(32), 10, 0, 6, NULL, 1, NULL, 0),"
	    " (7, 7, 'prepared', NULL, 'png', 50, 30, zeroblob(16),"
	    "  zeroblob(32), 10, 0, 7, 1, 0, 2, 0);"
	    "INSERT INTO quality SELECT id, iif(id = 1, 0.1, 0.9), 1, 1, 1,"
	    " iif(id < 3, 0.2, 0.8), 1, 1, 1, 1, 1, 1 FROM sample"
	    " WHERE stage = 'prepared';"
	    "INSERT INTO sample_tag (sample_id, tag_id)"
	    " VALUES (1, 1), (6, 1), (6, 2);"
	    /* 2 was seen by both sources, and before it was fetched. */
	    "INSERT INTO url (id, url, host, state, sample_id) VALUES"
	    " (1, 'u1', 'a.org', 'held', 1), (2, 'u2', 'b.org', 'held', 2),"
	    " (3, 'u3', 'a.org', 'held', 1), (4, 'u4', '', 'held', 4);"
	    "INSERT INTO fetch VALUES (1, 1, 1, 1), (3, 1, 1, 1);"
	    "INSERT INTO sighting (url_id, source_id, run_id, licence, seen)"
	    " VALUES (1, 1, 1, 'cc0', 1), (2, 1, 1, NULL, 1),"
	    " (2, 2, 1, 'cc-by', 1), (3, 1, 1, 'cc-by', 1),"
	    " (4, 2, 1, NULL, 1);"
	    "INSERT INTO fetch VALUES (2, 2, 1, 1), (4, 4, 1, 1);");
}

static int
add_id(void *ctx, int64_t id, struct err *e)
{
	char *text = ctx;

	(void)e;
	sprintf(text + strlen(text), "%s%lld", *text ? " " : "", (long long)id);
	return 0;
}

/* The list, the count and the plain WHERE clause say the same. */
static void
passes(struct place *p, const char *filter, const char *ids)
{
	struct filter *f CLEANUP(filter_freep) = words(p, filter);
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;
	char *sql CLEANUP(freep) = NULL;
	char text[256] = "", where[256] = "";
	int64_t n, listed = 0;
	size_t i;

	if (sample_ids(p->s, f, &(struct list_order){ 0 }, add_id, text, NULL,
		&p->e) < 0 ||
	    sample_count(p->s, f, &n, &p->e) < 0)
		fail_msg("%s: %s", filter, p->e.msg);
	if (strcmp(text, ids) != 0)
		fail_msg("%s: %s, not %s", filter, text, ids);
	for (i = 0; text[i] != 0; i++)
		listed += text[i] == ' ';
	listed += text[0] != 0;
	if (n != listed)
		fail_msg("%s: %lld counted", filter, (long long)n);
	sql = xasprintf("SELECT s.id FROM sample s JOIN blob b"
			" ON b.id = s.blob_id WHERE 1%s ORDER BY s.id",
	    filter_sql(f));
	q = filter_prepare(p->s, sql, f, &p->e);
	assert_non_null(q);
	while (sql_step(p->s, q, &p->e) == 1)
		add_id(where, sqlite3_column_int64(q, 0), &p->e);
	assert_string_equal(where, ids);
}

static void
names_are_equal_or_not(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "", "1 2 3 4 5 6 7");
	passes(p, "label=pancake", "1 2");
	passes(p, "label=crepe", "3 4 7");
	passes(p, "label=crepe,none", "3 4 5 6 7");
	passes(p, "label=none", "5 6");
	passes(p, "!label=pancake", "3 4 5 6 7");
	passes(p, "label=waffle", "");
	passes(p, "!label=waffle", "1 2 3 4 5 6 7");
	passes(p, "stage=prepared", "1 2 3 6 7");
	passes(p, "stage=refused", "4");
	passes(p, "stage=refused,fetched", "4 5");
	passes(p, "stage=refused,prepared", "1 2 3 4 6 7");
	passes(p, "!stage=prepared", "4 5");
	passes(p, "reason=truncated", "4");
	passes(p, "!reason=truncated", "1 2 3 5 6 7");
	passes(p, "format=png", "1 6 7");
	passes(p, "format=png,gif", "1 4 6 7");
	passes(p, "!format=png", "2 3 4 5");
	passes(p, "tag=nice", "1 6");
	passes(p, "tag=nice,odd", "1 6");
	passes(p, "tag=nice tag=odd", "6");
	passes(p, "!tag=nice", "2 3 4 5 7");
	passes(p, "tag=none", "");
}

static void
where_an_image_is_from_is_all_that_sightings_say(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "source=blog", "1 2");
	passes(p, "source=mine", "2 4");
	passes(p, "source=blog,mine", "1 2 4");
	passes(p, "source=blog source=mine", "2");
	passes(p, "!source=blog", "3 4 5 6 7");
	passes(p, "source=nobody", "");
	passes(p, "host=a.org", "1");
	passes(p, "host=a.org,b.org", "1 2");
	passes(p, "host=", "4");
	passes(p, "!host=a.org", "2 3 4 5 6 7");
	passes(p, "licence=cc0", "1");
	passes(p, "licence=cc-by", "1 2");
	passes(p, "licence=cc0,cc-by", "1 2");
	passes(p, "licence=unknown", "2 4");
	passes(p, "!licence=unknown", "1 3 5 6 7");
	run_sql(p, "DELETE FROM sighting WHERE url_id = 3");
	passes(p, "licence=cc-by", "2");
	passes(p, "source=blog", "1 2");
	run_sql(p, "DELETE FROM fetch WHERE url_id = 1");
	passes(p, "source=blog", "2");
	passes(p, "licence=cc0", "");
	run_sql(p,
	    "INSERT INTO sighting (url_id, source_id, run_id, seen)"
	    " VALUES (3, 2, 1, 1)");
	passes(p, "source=mine", "1 2 4");
}

static void
what_is_not_known_compares_with_nothing_and_negation_has_it(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "width>300", "2");
	passes(p, "width>=300", "1 2 3");
	passes(p, "width=300", "1 3");
	passes(p, "width<300", "6 7");
	passes(p, "width<=300", "1 3 6 7");
	passes(p, "!width>300", "1 3 4 5 6 7");
	passes(p, "!width<=300", "2 4 5");
	passes(p, "height=30,300", "3 6 7");
	passes(p, "bytes>=600", "6 7");
	passes(p, "!bytes>=600", "1 2 3 4 5");
	passes(p, "pdq_quality=10", "3 6 7");
	passes(p, "pdq_quality>10 pdq_quality<90", "2");
	passes(p, "dark<0.5", "1");
	passes(p, "dark>=0.5", "2 3 6 7");
	passes(p, "!dark<0.5", "2 3 4 5 6 7");
	passes(p, "blurry<=0.2", "1 2");
	passes(p, "issue=dark", "1");
	passes(p, "issue=dark,blurry", "1 2");
	passes(p, "issue=any", "1 2");
	passes(p, "!issue=any", "3 4 5 6 7");
	passes(p, "!issue=blurry", "3 4 5 6 7");
}

static void
a_date_is_a_whole_day(void **state)
{
	struct place *p = *state;

	setenv("TZ", "UTC", 1);
	tzset();
	add_seven(p);
	passes(p, "added=2026-11-01", "2 3");
	passes(p, "added<2026-11-01", "1");
	passes(p, "added<=2026-11-01", "1 2 3");
	passes(p, "added>2026-11-01", "4 5 6 7");
	passes(p, "added>=2026-11-01", "2 3 4 5 6 7");
	passes(p, "!added=2026-11-01", "1 4 5 6 7");
	passes(p, "added=2026-11-01,2026-11-02", "2 3 4 5");
	setenv("TZ", "EET-2", 1); /* two hours ahead */
	tzset();
	passes(p, "added=2026-11-01", "1 2");
	unsetenv("TZ");
	tzset();
}

static void
yes_and_no_are_each_others_rest(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "dup=yes", "3");
	passes(p, "dup=no", "1 2 4 5 6 7");
	passes(p, "!dup=yes", "1 2 4 5 6 7");
	passes(p, "dup=yes,no", "1 2 3 4 5 6 7");
	passes(p, "conflict=yes", "6");
	passes(p, "conflict=no", "1 2 3 4 5 7");
	passes(p, "rejected=yes", "2");
	passes(p, "!rejected=yes", "1 3 4 5 6 7");
	passes(p, "decided=yes", "7");
	passes(p, "decided=no", "1 2 3 4 5 6");
	passes(p, "warned=yes", "2");
	passes(p, "!warned=no", "2");
}

static void
digits_name_images_and_their_groups(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "aaaa", "1 2");
	passes(p, "aaaa1", "1 2");
	passes(p, "aaaa11", "1");
	passes(p, "!aaaa", "3 4 5 6 7");
	passes(p, "sha256=bbbb,ffff", "4 7");
	passes(p, "ffff0", "7");
	passes(p, "eeee", "");
	passes(p, "group=aaab", "1 3");
	passes(p, "group=aaaa", "1 2 3");
	passes(p, "group=bbbb", "");
	passes(p, "!group=aaab", "2 4 5 6 7");
}

static void
all_terms_must_hold(void **state)
{
	struct place *p = *state;

	add_seven(p);
	passes(p, "label=pancake source=mine", "2");
	passes(p, "source=blog host=b.org", "2");
	passes(p, "host=b.org bytes>100 licence=cc-by", "2");
	passes(p, "issue=blurry format=png tag=nice", "1");
	passes(p, "stage=prepared dup=no rejected=no", "1 6 7");
	passes(p, "aaaa issue=dark", "1");
}

/* ---- pages ------------------------------------------------------------ */

static void
ordered(struct place *p, const char *sort, const char *ids)
{
	struct filter *f CLEANUP(filter_freep) = words(p, "");
	char text[256] = "";

	if (sample_ids(p->s, f, &(struct list_order){ .sort = sort }, add_id,
		text, NULL, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	if (strcmp(text, ids) != 0)
		fail_msg("%s: %s, not %s", sort, text, ids);
}

static void
what_has_no_key_comes_last_and_equals_by_id(void **state)
{
	struct place *p = *state;

	add_seven(p);
	ordered(p, NULL, "1 2 3 4 5 6 7");
	ordered(p, "-id", "7 6 5 4 3 2 1");
	ordered(p, "added", "1 2 3 4 5 6 7");
	ordered(p, "-added", "7 6 5 4 3 2 1");
	ordered(p, "width", "6 7 1 3 2 4 5");
	ordered(p, "-width", "2 3 1 7 6 5 4");
	ordered(p, "height", "6 7 2 1 3 4 5");
	ordered(p, "-bytes", "7 6 5 4 3 2 1");
	ordered(p, "pdq_quality", "3 6 7 2 1 4 5");
	ordered(p, "label", "1 2 3 4 7 5 6");
	ordered(p, "-label", "7 4 3 2 1 6 5");
	ordered(p, "dark", "1 2 3 6 7 4 5");
	ordered(p, "-dark", "7 6 3 2 1 5 4");
	ordered(p, "odd_size", "1 2 3 4 5 6 7");
}

/* Many rows that share few keys, some without one. */
static void
add_many(struct place *p, int from, int to)
{
	char *sql CLEANUP(freep) = xasprintf(
	    "WITH RECURSIVE r (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM r"
	    " WHERE i < %d) INSERT INTO blob (id, sha256, bytes, added)"
	    " SELECT i, randomblob(32), 1 + i %% 5, i %% 3 FROM r;"
	    "INSERT INTO sample (id, blob_id, width, height, pdq_quality,"
	    " conflict) SELECT id, id, iif(id %% 4, id %% 7, NULL), id %% 2,"
	    " NULL, id %% 2 FROM blob WHERE id >= %d;"
	    "INSERT INTO quality SELECT id, (id %% 9) / 9.0, 1, 1, 1, 1, 1, 1,"
	    " 1, 1, 1, 1 FROM sample WHERE id >= %d AND id %% 3;",
	    from, to, from, from);

	run_sql(p, sql);
}

struct seen {
	char ids[1000];
	int n;
};

static int
see_once(void *ctx, int64_t id, struct err *e)
{
	struct seen *seen = ctx;

	(void)e;
	if (seen->ids[id])
		fail_msg("%lld is listed twice", (long long)id);
	seen->ids[id] = 1;
	seen->n++;
	return 0;
}

/* Read pages of 7, with 100 more images after the third one. */
static int
read_pages(struct place *p, const char *filter, const char *sort, bool insert)
{
	struct filter *f CLEANUP(filter_freep) = words(p, filter);
	struct seen seen = { "", 0 };
	char *after = NULL, *next;
	int pages = 0, before;

	do {
		before = seen.n;
		if (sample_ids(p->s, f, &(struct list_order){ sort, 7, after },
			see_once, &seen, &next, &p->e) < 0)
			fail_msg("%s", p->e.msg);
		free(after);
		after = next;
		assert_true(seen.n - before <= 7);
		if (next != NULL)
			assert_int_equal(seen.n - before, 7);
		if (++pages == 3 && insert)
			add_many(p, 301, 400);
	} while (next != NULL);
	return seen.n;
}

static void
pages_have_every_image_once(void **state)
{
	static const char *const sorts[] = { "id", "-id", "added", "-added",
		"width", "-width", "height", "-bytes", "pdq_quality",
		"-pdq_quality", "label", "dark", "-dark", "odd_size" };
	struct place *p = *state;
	size_t i;

	add_many(p, 1, 300);
	for (i = 0; i < ARRAY_SIZE(sorts); i++) {
		assert_int_equal(read_pages(p, "", sorts[i], false), 300);
		assert_int_equal(
		    read_pages(p, "conflict=yes", sorts[i], false), 150);
		assert_int_equal(
		    read_pages(p, "bytes=1,2", sorts[i], false), 120);
	}
}

/* Those that were there come once; of new ones, those behind the page. */
static void
images_added_between_pages_neither_double_nor_hide_others(void **state)
{
	struct place *p = *state;

	add_many(p, 1, 300);
	assert_int_equal(read_pages(p, "", "id", true), 400);
	run_sql(p,
	    "DELETE FROM quality WHERE sample_id > 300;"
	    "DELETE FROM sample WHERE id > 300; DELETE FROM blob WHERE id > 300");
	assert_in_range(read_pages(p, "", "width", true), 300, 400);
	run_sql(p,
	    "DELETE FROM quality WHERE sample_id > 300;"
	    "DELETE FROM sample WHERE id > 300; DELETE FROM blob WHERE id > 300");
	assert_in_range(read_pages(p, "", "-dark", true), 300, 400);
}

static void
an_image_that_a_term_finds_twice_is_listed_once(void **state)
{
	struct place *p = *state;

	add_seven(p);
	assert_int_equal(read_pages(p, "host=a.org", "id", false), 1);
	assert_int_equal(read_pages(p, "host=a.org,b.org", "-bytes", false), 2);
	assert_int_equal(read_pages(p, "source=blog,mine", "width", false), 3);
}

static void
a_cursor_of_another_sort_is_refused(void **state)
{
	static const char *const wrong[] = { "", "x", "width", "width:", "id",
		"width:i3", "width:i3:", "width:ix:3", "-width:i3:3",
		"height:i3:3", "width:q3:3", "width:i3:3:3" };
	struct place *p = *state;
	struct filter *f CLEANUP(filter_freep) = words(p, "");
	char text[64] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(
		    sample_ids(p->s, f,
			&(struct list_order){ "width", 1, wrong[i] }, add_id,
			text, NULL, &p->e),
		    -1);
		assert_int_equal(p->e.kind, ERR_USAGE);
	}
}

struct line {
	char text[400];
};

static int
add_line(void *ctx, const char *key, int64_t n)
{
	struct line *line = ctx;

	sprintf(line->text + strlen(line->text), "%s %lld;", key, (long long)n);
	return 0;
}

static void
counts(struct place *p, const char *filter, const char *by, const char *lines)
{
	struct filter *f CLEANUP(filter_freep) = words(p, filter);
	struct line line = { "" };

	if (sample_count_by(p->s, f, by, add_line, &line, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	if (strcmp(line.text, lines) != 0)
		fail_msg("%s by %s: %s, not %s", filter, by, line.text, lines);
}

static void
counts_by_a_key_are_of_what_passes(void **state)
{
	struct place *p = *state;

	add_seven(p);
	counts(p, "", "label", "crepe 3;none 2;pancake 2;");
	counts(p, "stage=prepared", "label", "crepe 2;pancake 2;none 1;");
	counts(p, "", "stage", "prepared 5;fetched 1;refused 1;");
	counts(p, "!label=none", "stage", "prepared 4;refused 1;");
	counts(p, "", "reason", "truncated 1;");
	counts(p, "format=gif", "reason", "truncated 1;");
	counts(p, "", "format", "png 3;jpeg 2;gif 1;unknown 1;");
	counts(p, "dup=no", "format", "png 3;gif 1;jpeg 1;unknown 1;");
	counts(p, "", "source", "blog 2;mine 2;");
	counts(p, "host=a.org", "source", "blog 1;");
	counts(p, "", "licence", "cc-by 2;unknown 2;cc0 1;");
	counts(p, "source=mine", "licence", "unknown 2;cc-by 1;");
	counts(p, "", "host", " 1;a.org 1;b.org 1;");
	counts(p, "source=blog,mine", "host", " 1;a.org 1;b.org 1;");
	counts(p, "", "issue", "blurry 2;dark 1;");
	counts(p, "width=301", "issue", "blurry 1;");
	counts(p, "host=a.org", "issue", "blurry 1;dark 1;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_equal_or_not),
		TEST(where_an_image_is_from_is_all_that_sightings_say),
		TEST(
		    what_is_not_known_compares_with_nothing_and_negation_has_it),
		TEST(a_date_is_a_whole_day),
		TEST(yes_and_no_are_each_others_rest),
		TEST(digits_name_images_and_their_groups),
		TEST(all_terms_must_hold),
		TEST(what_has_no_key_comes_last_and_equals_by_id),
		TEST(pages_have_every_image_once),
		TEST(images_added_between_pages_neither_double_nor_hide_others),
		TEST(an_image_that_a_term_finds_twice_is_listed_once),
		TEST(a_cursor_of_another_sort_is_refused),
		TEST(counts_by_a_key_are_of_what_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
