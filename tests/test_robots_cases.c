/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots.txt: the examples of RFC 9309, what Google's parser is tested for,
 * and the lines that are not of the RFC: Sitemap, Content-Usage and
 * Content-Signal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "scraper/robots.h"

struct robot_case {
	const char *token, *target;
	bool allowed;
};

static void
decide(const char *text, const struct robot_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct robots *r CLEANUP(robots_freep) =
		    robots_parse(text, strlen(text), cases[i].token);

		if (robots_allows(r, cases[i].target) != cases[i].allowed)
			fail_msg("%s for %s with:\n%s", cases[i].target,
			    cases[i].token, text);
	}
}

/* 5.1: four groups, one of two agents, one that is empty. */
static void
the_simple_example_of_the_rfc(void **state)
{
	static const char text[] = "User-Agent: *\n"
				   "Disallow: *.gif$\n"
				   "Disallow: /example/\n"
				   "Allow: /publications/\n"
				   "\n"
				   "User-Agent: foobot\n"
				   "Disallow:/\n"
				   "Allow:/example/page.html\n"
				   "Allow:/example/allowed.gif\n"
				   "\n"
				   "User-Agent: barbot\n"
				   "User-Agent: bazbot\n"
				   "Disallow: /example/page.html\n"
				   "\n"
				   "User-Agent: quxbot\n";
	static const struct robot_case cases[] = {
		{ "other", "/a.gif", false },
		{ "other", "/a.gif?b", true },
		{ "other", "/example/page.html", false },
		{ "other", "/publications/a", true },
		{ "other", "/publications/a.gif", true },
		{ "foobot", "/example/page.html", true },
		{ "foobot", "/example/allowed.gif", true },
		{ "foobot", "/example/other.gif", false },
		{ "foobot", "/", false },
		{ "barbot", "/example/page.html", false },
		{ "barbot", "/example/a.gif", true },
		{ "bazbot", "/example/page.html", false },
		{ "quxbot", "/example/a.gif", true },
	};

	(void)state;
	decide(text, cases, ARRAY_SIZE(cases));
}

/* 5.2 */
static void
the_longest_match_of_the_rfc(void **state)
{
	static const char text[] = "User-Agent: foobot\n"
				   "Allow: /example/page/\n"
				   "Disallow: /example/page/disallowed.gif\n";
	static const struct robot_case cases[] = {
		{ "foobot", "/example/page/", true },
		{ "foobot", "/example/page/disallowed.gif", false },
		{ "foobot", "/example/page/disallowed.gi", true },
		{ "foobot", "/elsewhere", true },
	};

	(void)state;
	decide(text, cases, ARRAY_SIZE(cases));
}

/* 2.2.1: groups of the same token are one; 2.2.2's table of encodings. */
static void
groups_and_encodings_of_the_rfc(void **state)
{
	static const char groups[] = "user-agent: ExampleBot\n"
				     "disallow: /foo\n"
				     "disallow: /bar\n"
				     "user-agent: ExampleBot\n"
				     "disallow: /baz\n";
	static const struct robot_case merged[] = {
		{ "examplebot", "/foo", false },
		{ "examplebot", "/bar", false },
		{ "examplebot", "/baz", false },
		{ "examplebot", "/qux", true },
		{ "example", "/foo", true },
	};
	static const char encodings[] =
	    "User-agent: *\n"
	    "Disallow: /foo/bar?baz=quz\n"
	    "Disallow: /foo/bar?baz=https://foo.bar\n"
	    "Disallow: /foo/bar/\xe3\x83\x84\n"
	    "Disallow: /foo/qux/%E3%83%84\n"
	    "Disallow: /foo/bar/%62%61%7A\n";
	static const struct robot_case encoded[] = {
		{ "a", "/foo/bar?baz=quz", false },
		{ "a", "/foo/bar?baz=https://foo.bar", false },
		{ "a", "/foo/bar/%E3%83%84", false },
		{ "a", "/foo/bar/%e3%83%84", false },
		{ "a", "/foo/qux/\xe3\x83\x84", false },
		{ "a", "/foo/bar/baz", false },
		{ "a", "/foo/bar/%E3%83%85", true },
	};

	(void)state;
	decide(groups, merged, ARRAY_SIZE(merged));
	decide(encodings, encoded, ARRAY_SIZE(encoded));
}

/* 2.2.3's table, and a pattern that asks for the character itself. */
static void
special_characters_of_the_rfc(void **state)
{
	static const char text[] = "User-agent: *\n"
				   "Allow: /$\n"
				   "Allow: /this/*/exactly\n"
				   "Disallow: /path/file-with-a-%2A.html\n"
				   "Disallow: /path/foo-%24\n"
				   "Disallow: /all\n"
				   "Disallow: /this/\n";
	static const struct robot_case cases[] = {
		{ "a", "/", true },
		{ "a", "/this/path/exactly", true },
		{ "a", "/this/exactly", false },
		{ "a", "/path/file-with-a-*.html", false },
		{ "a", "/path/file-with-a-b.html", true },
		{ "a", "/path/foo-$", false },
		{ "a", "/path/foo-", true },
	};

	(void)state;
	decide(text, cases, ARRAY_SIZE(cases));
}

/* A file whose groups are a mess, and who may see /x/y of it. */
static void
groups_as_google_reads_them(void **state)
{
	static const char text[] = "allow: /foo/bar/\n"
				   "\n"
				   "user-agent: FooBot\n"
				   "disallow: /\n"
				   "allow: /x/\n"
				   "user-agent: BarBot\n"
				   "disallow: /\n"
				   "allow: /y/\n"
				   "\n"
				   "\n"
				   "allow: /w/\n"
				   "user-agent: BazBot\n"
				   "\n"
				   "user-agent: FooBot\n"
				   "allow: /z/\n"
				   "disallow: /\n";
	static const struct robot_case cases[] = {
		{ "FooBot", "/x/b", true },
		{ "FooBot", "/z/d", true },
		{ "FooBot", "/y/c", false },
		{ "FooBot", "/foo/bar/", false },
		{ "BarBot", "/y/c", true },
		{ "BarBot", "/w/a", true },
		{ "BarBot", "/z/d", false },
		{ "BazBot", "/z/d", true },
		{ "BazBot", "/y/c", false },
		{ "QuxBot", "/foo/bar/", true },
	};
	static const char between[] = "User-agent: BarBot\n"
				      "Sitemap: https://foo.bar/sitemap\n"
				      "User-agent: *\n"
				      "Disallow: /\n";
	static const struct robot_case both[] = {
		{ "BarBot", "/", false },
		{ "FooBot", "/", false },
	};

	(void)state;
	decide(text, cases, ARRAY_SIZE(cases));
	decide(between, both, ARRAY_SIZE(both));
}

static void
agents_as_google_compares_them(void **state)
{
	static const char spaced[] = "User-agent: * baz\nDisallow: /\n";
	static const char versioned[] =
	    "User-agent: *\nDisallow: /\n"
	    "User-agent: Foo Bar/1.2\nAllow: /x/\nDisallow: /\n";
	static const char starred[] = "User-agent: *baz\nDisallow: /\n";
	static const struct robot_case everybody[] = {
		{ "FooBot", "/", false },
	};
	static const struct robot_case first_word[] = {
		{ "foo", "/x/y", true },
		{ "Foo", "/y", false },
		{ "Bar", "/x/y", false },
	};
	static const struct robot_case nobody[] = {
		{ "FooBot", "/", true },
		{ "baz", "/", true },
	};

	(void)state;
	decide(spaced, everybody, ARRAY_SIZE(everybody));
	decide(versioned, first_word, ARRAY_SIZE(first_word));
	decide(starred, nobody, ARRAY_SIZE(nobody));
}

static void
the_longest_match_as_google_counts_it(void **state)
{
	static const struct {
		const char *rules, *target;
		bool allowed;
	} cases[] = {
		{ "disallow: /x/page.html\nallow: /x/\n", "/x/page.html",
		    false },
		{ "allow: /x/page.html\ndisallow: /x/\n", "/x/page.html",
		    true },
		{ "allow: /x/page.html\ndisallow: /x/\n", "/x/", false },
		{ "disallow: \nallow: \n", "/x/page.html", true },
		{ "disallow: /\nallow: /\n", "/x/page.html", true },
		{ "disallow: /x\nallow: /x/\n", "/x", false },
		{ "disallow: /x\nallow: /x/\n", "/x/", true },
		{ "allow: /page\ndisallow: /*.html\n", "/page.html", false },
		{ "allow: /page\ndisallow: /*.html\n", "/page", true },
		{ "allow: /x/page.\ndisallow: /*.html\n", "/x/page.html",
		    true },
		{ "disallow: /x/page\nallow: /x/p*\n", "/x/page", false },
		{ "disallow: *gif\n", "/a.gif", false },
		{ "disallow: /foo/bar$\nallow: /\n", "/foo/bar", false },
		{ "disallow: /foo/bar$\nallow: /\n", "/foo/bar/", true },
		{ "disallow: /X/\n", "/x/y", true },
		{ "disallow: /foo/bar/\xe3\x83\x84\n", "/foo/bar/%E3%83%84",
		    false },
		{ "disallow: /a%2\n", "/a%2", false },
		{ "disallow: /a%\n", "/a%", false },
		{ "disallow: /*?*=\n", "/a?b=c", false },
		{ "disallow: /a*$\n", "/abc", false },
		{ "disallow: *$\n", "/a", false },
		{ "disallow: /*a*a\n", "/a", true },
		{ "disallow: /*ab$\n", "/abab", false },
		{ "disallow: /a*ab$\n", "/ab", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text CLEANUP(freep) =
		    xasprintf("user-agent: FooBot\n%s", cases[i].rules);
		struct robot_case one = { "FooBot", cases[i].target,
			cases[i].allowed };

		decide(text, &one, 1);
	}
}

/* ---- other records ------------------------------------------------------ */

static void
sitemaps_are_given_out(void **state)
{
	static const char text[] = "Sitemap: https://a.test/1.xml\n"
				   "User-agent: *\n"
				   "sitemap:https://a.test/2.xml # a note\n"
				   "Disallow: /a\n"
				   "Sitemap:\n"
				   "User-agent: other\n"
				   "Disallow: /\n"
				   "SITEMAP: https://a.test/3.xml?a=b:c\n";
	struct robots *r CLEANUP(robots_freep) =
	    robots_parse(text, strlen(text), ROBOTS_TOKEN);

	(void)state;
	assert_string_equal(robots_sitemap(r, 0), "https://a.test/1.xml");
	assert_string_equal(robots_sitemap(r, 1), "https://a.test/2.xml");
	assert_string_equal(robots_sitemap(r, 2), "https://a.test/3.xml?a=b:c");
	assert_null(robots_sitemap(r, 3));
	assert_false(robots_allows(r, "/a"));
}

static void
sitemaps_have_an_end(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(ROBOTS_MAX);
	struct robots *r;
	int i;

	(void)state;
	for (i = 0; i <= ROBOTS_SITEMAPS_MAX; i++)
		buf_addf(&b, "Sitemap: http://a.test/%d\n", i);
	r = robots_parse(b.data, b.len, ROBOTS_TOKEN);
	assert_non_null(robots_sitemap(r, ROBOTS_SITEMAPS_MAX - 1));
	assert_null(robots_sitemap(r, ROBOTS_SITEMAPS_MAX));
	robots_free(r);
}

#define A "User-agent: *\n"

static void
usage_lines_opt_out(void **state)
{
	static const struct {
		const char *text, *target;
		bool out;
	} cases[] = {
		{ A "Disallow: /a\n", "/a", false },
		{ A "Content-Usage: train-ai=n\n", "/a", true },
		{ A "Content-Usage: train-ai=y\n", "/a", false },
		{ A "Content-Usage: search=n\n", "/a", false },
		{ A "Content-Usage: search=y, train-ai=n\n", "/a", true },
		{ A "content-usage : TRAIN-AI=N;x=1\n", "/a", true },
		{ A "Content-Usage: /p/ train-ai=n\n", "/p/x.jpg", true },
		{ A "Content-Usage: /p/ train-ai=n\n", "/q/x.jpg", false },
		{ A "Content-Usage: /*.jpg$ train-ai=n\n", "/q/x.jpg", true },
		{ A "Content-Usage: train-ai=n\n"
		    "Content-Usage: /open/ train-ai=y\n",
		    "/open/a", true },
		{ A "Content-Signal: search=yes,ai-train=no\n", "/a", true },
		{ A "Content-Signal: ai-train=yes\n", "/a", false },
		{ A "Content-Signal: ai-input=no\n", "/a", false },
		{ "Content-Signal: ai-train=no\n" A "Allow: /\n", "/a", true },
		{ "User-agent: x\nContent-Usage: train-ai=n\n" A "Allow: /\n",
		    "/a", false },
		{ A "Content-Usage: train-ai=n\n"
		    "User-agent: griddle\nAllow: /\n",
		    "/a", false },
		{ A "Content-Usage:\nContent-Usage: =n\nContent-Usage: ,\n",
		    "/a", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct robots *r CLEANUP(robots_freep) = robots_parse(
		    cases[i].text, strlen(cases[i].text), ROBOTS_TOKEN);

		if (robots_opts_out(r, cases[i].target) != cases[i].out)
			fail_msg(
			    "%s with:\n%s", cases[i].target, cases[i].text);
	}
}

static void
usage_lines_neither_end_a_group_nor_decide(void **state)
{
	static const char text[] = "User-agent: griddle\n"
				   "Content-Usage: /private train-ai=n\n"
				   "User-agent: other\n"
				   "Disallow: /pri\n";
	static const struct robot_case cases[] = {
		{ "griddle", "/private", false },
		{ "other", "/private", false },
		{ "griddle", "/a", true },
	};

	(void)state;
	decide(text, cases, ARRAY_SIZE(cases));
}

/* ---- limits ------------------------------------------------------------- */

static void
half_a_line_at_the_limit_does_not_count(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(2 * ROBOTS_MAX);
	struct robots *r;

	(void)state;
	buf_addf(&b, A "Disallow: /a\n#");
	while (b.len < ROBOTS_MAX - 13)
		buf_add(&b, "x", 1);
	buf_addf(&b, "\nDisallow: /bc/d\n");
	r = robots_parse(b.data, b.len, ROBOTS_TOKEN);
	assert_false(robots_allows(r, "/a"));
	assert_true(robots_allows(r, "/b"));
	assert_true(robots_allows(r, "/bc/d"));
	robots_free(r);
}

/* 40,000 rules with stars against a long path; a test that hangs fails. */
static void
many_stars_do_not_take_for_ever(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(ROBOTS_MAX);
	struct buf path CLEANUP(buf_release) = BUF_INIT(4096);
	struct robots *r;
	int i;

	(void)state;
	buf_addf(&b, A);
	while (b.len + 32 < ROBOTS_MAX)
		buf_addf(&b, "Allow:*a*aa*b\n");
	buf_addf(&path, "/");
	for (i = 0; i < 2000; i++)
		buf_addf(&path, "a");
	r = robots_parse(b.data, b.len, ROBOTS_TOKEN);
	assert_true(robots_allows(r, (char *)path.data));
	robots_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_simple_example_of_the_rfc),
		cmocka_unit_test(the_longest_match_of_the_rfc),
		cmocka_unit_test(groups_and_encodings_of_the_rfc),
		cmocka_unit_test(special_characters_of_the_rfc),
		cmocka_unit_test(groups_as_google_reads_them),
		cmocka_unit_test(agents_as_google_compares_them),
		cmocka_unit_test(the_longest_match_as_google_counts_it),
		cmocka_unit_test(sitemaps_are_given_out),
		cmocka_unit_test(sitemaps_have_an_end),
		cmocka_unit_test(usage_lines_opt_out),
		cmocka_unit_test(usage_lines_neither_end_a_group_nor_decide),
		cmocka_unit_test(half_a_line_at_the_limit_does_not_count),
		cmocka_unit_test(many_stars_do_not_take_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
