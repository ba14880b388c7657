/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quality scores in the catalog: what filters, counts and lists make of
 * them under thresholds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "prep/quality.h"
#include "store/filter.h"
#include "store/samples.h"
#include "store/store_int.h"

struct place {
	char folder[64];
	struct store *s;
	struct err e;
	int64_t images;
};

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	double half[SCORE_COUNT];
	int i;

	strcpy(p->folder, "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	assert_int_equal(store_create(p->folder, &p->e), 0);
	assert_int_equal(store_open(p->folder, STORE_WRITE, &p->s, &p->e), 0);
	for (i = 0; i < SCORE_COUNT; i++)
		half[i] = 0.5;
	store_set_thresholds(p->s, half);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->s);
	nftw(p->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

/* One more prepared image, all fine but for one score. */
static void
hold(struct place *p, int side, enum score low, double score)
{
	const unsigned char recipe[SHA256_SIZE] = { 0 };
	const struct sample_visit by = { .recipe = recipe };
	struct sample_facts facts = { .format = "png",
		.width = side,
		.height = side,
		.frames = 1,
		.pdq_quality = 100 };
	char *sql CLEANUP(freep) = NULL;
	int i;

	for (i = 0; i < SCORE_COLUMNS; i++)
		facts.scores[i] = i == (int)low ? score : 1;
	p->images++;
	sql = xasprintf("INSERT INTO blob (sha256, bytes, added)"
			" VALUES (randomblob(32), 3, 1);"
			"INSERT INTO sample (blob_id) VALUES (%lld)",
	    (long long)p->images);
	assert_int_equal(store_begin(p->s, &p->e), 0);
	assert_int_equal(sql_script(p->s, sql, &p->e), 0);
	if (sample_prepared(p->s, p->images, &by, &facts, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	assert_int_equal(store_commit(p->s, &p->e), 0);
}

static int64_t
count(struct place *p, const char *term)
{
	struct filter *filter CLEANUP(filter_freep) = NULL;
	int64_t n;

	if (filter_parse(&term, 1, &filter, &p->e) < 0 ||
	    sample_count(p->s, filter, &n, &p->e) < 0)
		fail_msg("%s", p->e.msg);
	return n;
}

static void
scores_are_the_ones_that_prep_gives(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SCORE_COUNT; i++)
		assert_int_not_equal(
		    quality_by_name(score_name(i)), QUALITY_COUNT);
	assert_int_equal((int)SCORE_COUNT, (int)QUALITY_COUNT);
}

static void
an_issue_is_a_score_below_its_threshold(void **state)
{
	struct place *p = *state;
	double none[SCORE_COUNT] = { 0 };

	hold(p, 100, SCORE_dark, 0.4);
	hold(p, 100, SCORE_dark, 0.5);
	hold(p, 100, SCORE_blurry, 0.1);
	assert_int_equal(count(p, "issue=dark"), 1);
	assert_int_equal(count(p, "!issue=dark"), 2);
	assert_int_equal(count(p, "issue=dark,blurry"), 2);
	assert_int_equal(count(p, "issue=any"), 2);
	assert_int_equal(count(p, "dark<0.45"), 1);
	assert_int_equal(count(p, "dark>=0.5"), 2);
	store_set_thresholds(p->s, none);
	assert_int_equal(count(p, "issue=any"), 0);
}

static int
add_line(void *ctx, const char *key, int64_t n)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s %lld;", key, (long long)n);
	return 0;
}

static int
add_json(void *ctx, const char *json, struct err *e)
{
	(void)e;
	strncat(ctx, strstr(json, "\"issues\""), 30);
	return 0;
}

static void
issues_are_counted_and_listed_worst_first(void **state)
{
	struct place *p = *state;
	struct filter *all CLEANUP(filter_freep) = NULL;
	char text[400] = "";

	hold(p, 100, SCORE_dark, 0.4);
	hold(p, 100, SCORE_blurry, 0.3);
	hold(p, 100, SCORE_dark, 0.2);
	assert_int_equal(filter_parse(NULL, 0, &all, &p->e), 0);
	assert_int_equal(
	    sample_count_by(p->s, all, "issue", add_line, text, &p->e), 0);
	assert_string_equal(text, "dark 2;blurry 1;");
	text[0] = 0;
	assert_int_equal(
	    sample_list(p->s, all,
		&(struct list_order){ .sort = "blurry", .limit = 1 }, add_json,
		text, NULL, &p->e),
	    0);
	assert_non_null(strstr(text, "[\"blurry\"]"));
}

/*
 * CleanVision's rule: sizes 100 to 140 have their quartiles at 110 and 130,
 * so 50 and 190 are where it ends.
 */
static void
a_size_is_odd_when_it_is_beyond_the_fences(void **state)
{
	static const int sides[] = { 100, 105, 110, 115, 120, 125, 130, 135,
		140, 110, 130, 51, 189 };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < 11; i++)
		hold(p, sides[i], SCORE_COLUMNS, 0);
	assert_int_equal(count(p, "issue=odd_size"), 0);
	assert_int_equal(sample_fence_sizes(p->s, &p->e), 0);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	hold(p, 51, SCORE_COLUMNS, 0);
	hold(p, 189, SCORE_COLUMNS, 0);
	assert_int_equal(count(p, "issue=odd_size"), 0);
	hold(p, 49, SCORE_COLUMNS, 0);
	hold(p, 191, SCORE_COLUMNS, 0);
	assert_int_equal(count(p, "issue=odd_size"), 2);
	assert_int_equal(count(p, "odd_size>=0.99"), 1);
}

static void
a_filter_says_which_issues_there_are(void **state)
{
	struct place *p = *state;
	struct filter *filter;
	const char *term = "issue=ugly";

	assert_int_equal(filter_parse(&term, 1, &filter, &p->e), -1);
	assert_int_equal(p->e.kind, ERR_USAGE);
	assert_non_null(strstr(p->e.msg, "griddle config quality"));
	term = "dark<bright";
	assert_int_equal(filter_parse(&term, 1, &filter, &p->e), -1);
	assert_non_null(strstr(p->e.msg, "is not a number of dark"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_the_ones_that_prep_gives),
		TEST(an_issue_is_a_score_below_its_threshold),
		TEST(issues_are_counted_and_listed_worst_first),
		TEST(a_size_is_odd_when_it_is_beyond_the_fences),
		TEST(a_filter_says_which_issues_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
