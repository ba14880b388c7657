/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spider traps: addresses that lead nowhere, and what is remembered to see
 * that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "scraper/trap.h"
#include "scraper/url.h"

#define NOW INT64_C(1780000000) /* in 2026 */

static void
session_ids_are_cut(void **state)
{
	static const struct {
		const char *url, *clean;
	} v[] = {
		{ "http://h/a;jsessionid=1F2/b;x=1?y=2",
		    "http://h/a/b;x=1?y=2" },
		{ "http://h/?PHPSESSID=1&a=2&utm_source=x&b=3&fbclid=4",
		    "http://h/?a=2&b=3" },
		{ "http://h/?utm_source=x", "http://h/" },
		{ "http://h/?ASPSESSIONIDQRST=1&b", "http://h/?b" },
		{ "http://h/?sid=0123456789abcdef&x=1", "http://h/?x=1" },
		{ "http://h/?sid=42", "http://h/?sid=42" },
		{ "http://h/?b=2&a=1&&b=2", "http://h/?b=2&a=1&&b=2" },
		{ "http://h/?", "http://h/?" },
		{ "http://h/a?utm_=1&asset=2", "http://h/a?utm_=1&asset=2" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		char *clean CLEANUP(freep) = trap_clean(v[i].url);

		assert_string_equal(clean, v[i].clean);
	}
}

static void
some_addresses_are_traps_by_their_shape(void **state)
{
	static const struct {
		const char *target;
		enum trap_rule rule;
	} v[] = {
		{ "/", TRAP_NONE },
		{ "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t", TRAP_NONE },
		{ "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u", TRAP_DEEP },
		{ "/a/b/a/b", TRAP_NONE },
		{ "/x/a/b/a/b/a", TRAP_REPEATS },
		{ "/a/a/a", TRAP_REPEATS },
		{ "/2024/01/01/01", TRAP_NONE },
		{ "/a//b//c//d", TRAP_NONE },
		{ "/?a&b&c&d&e&f&g&h", TRAP_NONE },
		{ "/?a&b&c&d&e&f&g&h&i", TRAP_ARGUMENTS },
		{ "/events/2031-05", TRAP_CALENDAR },
		{ "/events/2031/5/3", TRAP_CALENDAR },
		{ "/events/2027/05", TRAP_NONE },
		{ "/events/1907/05", TRAP_NONE },
		{ "/cal?month=5&year=2101", TRAP_CALENDAR },
		{ "/cal?month=5&year=2025", TRAP_NONE },
		{ "/photo/9031-50", TRAP_NONE },
		{ "/photo/99031-05", TRAP_NONE },
		{ "/photo/20310505", TRAP_NONE },
	};
	char url[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		snprintf(url, sizeof(url), "http://h.test%s", v[i].target);
		if (trap_shape(url, NOW) != v[i].rule)
			fail_msg(
			    "%s is %s", url, trap_text(trap_shape(url, NOW)));
	}
}

/* How many of n addresses are admitted; %d in the pattern is the number. */
static int
admitted(struct trap *t, const char *pattern, int n, int64_t share, bool next)
{
	char url[200];
	int i, good = 0;

	for (i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), pattern, i);
#pragma GCC diagnostic pop
		good += trap_admit(t, url, NOW, share, next) == TRAP_NONE;
	}
	return good;
}

static void
a_path_has_so_many_queries(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();

	(void)state;
	assert_int_equal(admitted(t, "http://h/a?x=%d&y=1", 500, 0, false), 64);
	assert_int_equal(admitted(t, "http://h/a?x=%d&y=1", 500, 0, false), 64);
	assert_int_equal(admitted(t, "http://h/b?x=%d&y=1", 10, 0, false), 10);
	assert_int_equal(admitted(t, "http://h/c?id=%d", 5000, 0, false), 1000);
	assert_int_equal(admitted(t, "http://h/d/%d", 5000, 0, false), 5000);
	/* The pages that carry one on are one after the other. */
	assert_int_equal(admitted(t, "http://h/e?p=%d&y=1", 500, 0, true), 500);
}

static void
a_host_has_its_share(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();

	(void)state;
	assert_int_equal(admitted(t, "http://a/%d", 100, 30, false), 30);
	assert_int_equal(trap_admit(t, "http://a/x", NOW, 30, true), TRAP_HOST);
	assert_int_equal(admitted(t, "http://a/%d", 100, 30, false), 30);
	assert_int_equal(admitted(t, "http://b/%d", 100, 30, false), 30);
	assert_int_equal(admitted(t, "http://b:8080/%d", 100, 30, false), 30);
}

static void
a_section_without_new_images_is_given_up(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();
	int i;

	(void)state;
	for (i = 0; i < TRAP_STALE_PAGES - 1; i++)
		trap_read(t, "http://h/blog/2/x?y", false);
	assert_false(trap_is_stale(t, "http://h/blog/2/1"));
	trap_read(t, "http://h/blog/2/", true);
	for (i = 0; i < TRAP_STALE_PAGES; i++)
		trap_read(t, "http://h/blog/z", false);
	assert_true(trap_is_stale(t, "http://h/blog/new"));
	assert_false(trap_is_stale(t, "http://h/blog/2/1"));
	assert_int_equal(
	    trap_admit(t, "http://h/blog/new", NOW, 0, true), TRAP_STALE);
	assert_false(trap_is_stale(t, "http://h/blogs/"));
	assert_false(trap_is_stale(t, "http://h/blog"));
	assert_false(trap_is_stale(t, "http://i/blog/"));
	/* Late answers do not wake it. */
	trap_read(t, "http://h/blog/z", true);
	assert_true(trap_is_stale(t, "http://h/blog/new"));
}

/* A maze may make a new folder for each page. */
static void
so_is_what_is_around_it_later(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();
	char url[80];
	int i;

	(void)state;
	for (i = 0; i < TRAP_STALE_FOLDER; i++) {
		assert_false(trap_is_stale(t, "http://h/a/new/1"));
		snprintf(url, sizeof(url), "http://h/a/%d/x", i);
		trap_read(t, url, false);
	}
	assert_true(trap_is_stale(t, "http://h/a/new/1"));
	for (; i < TRAP_STALE_HOST; i++) {
		assert_false(trap_is_stale(t, "http://h/new/1"));
		snprintf(url, sizeof(url), "http://h/%d/a/x", i);
		trap_read(t, url, false);
	}
	assert_true(trap_is_stale(t, "http://h/new/1"));
	assert_false(trap_is_stale(t, "http://i/new/1"));
}

static void
pictures_are_new_once(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();
	char url[40];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(url, sizeof(url), "http://h/%d.jpg", i);
		assert_true(trap_new_image(t, url));
		assert_false(trap_new_image(t, url));
	}
	assert_false(trap_new_image(t, "http://h/17.jpg"));
}

static void
a_rule_is_told_once_of_a_section(void **state)
{
	struct trap *t CLEANUP(trap_freep) = trap_new();
	char *section CLEANUP(freep) = trap_section("http://h/a/b/c/d?e/f");
	char *root CLEANUP(freep) = trap_section("http://h/a?b/c");

	(void)state;
	assert_string_equal(section, "http://h/a/b/");
	assert_string_equal(root, "http://h/");
	assert_true(trap_tell(t, TRAP_DEEP, "http://h/a/b"));
	assert_false(trap_tell(t, TRAP_DEEP, "http://h/a/c"));
	assert_true(trap_tell(t, TRAP_STALE, "http://h/a/c"));
	assert_true(trap_tell(t, TRAP_DEEP, "http://h/b/c"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_ids_are_cut),
		cmocka_unit_test(some_addresses_are_traps_by_their_shape),
		cmocka_unit_test(a_path_has_so_many_queries),
		cmocka_unit_test(a_host_has_its_share),
		cmocka_unit_test(a_section_without_new_images_is_given_up),
		cmocka_unit_test(so_is_what_is_around_it_later),
		cmocka_unit_test(pictures_are_new_once),
		cmocka_unit_test(a_rule_is_told_once_of_a_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
