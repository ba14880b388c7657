/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 9309, section by section, and X-Robots-Tag.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "scraper/robots.h"
#include "scraper/robots_tag.h"
#include "tests/shared.h"

#define CORPUS "web/robots/tests_data.tar.gz"

/* G: a group that names us; A: one for everybody. */
#define G "User-agent: griddle\n"
#define A "User-agent: *\n"

static const struct {
	const char *section, *text, *target;
	bool allowed;
} table[] = {
	{ "2.1", "", "/a", true },
	{ "2.1", "Disallow: /a\n", "/a", true },
	{ "2.1", A "Disallow: /a", "/a", false },
	{ "2.1", A "Disallow: /a\n", "/", true },
	{ "2.2", A "# note\nDisallow: /a # note\n", "/a/b", false },
	{ "2.2", A "Disallow: /a#b\n", "/a", false },
	{ "2.2", "user-AGENT:*\rdisallow:/a\r", "/a", false },
	{ "2.2", "User-agent: *\r\nDisallow: /a\r\n", "/a", false },
	{ "2.2", "\xef\xbb\xbf" A "Disallow: /a\n", "/a", false },
	{ "2.2", " User-agent : * \n\tDisallow\t:\t/a \n", "/a", false },
	{ "2.2.1", "User-agent: GRIDDLE\nDisallow: /a\n", "/a", false },
	{ "2.2.1", "User-agent: griddle/1.0\nDisallow: /a\n", "/a", false },
	{ "2.2.1", "User-agent: griddlebot\nDisallow: /a\n", "/a", true },
	{ "2.2.1", "User-agent: grid\nDisallow: /a\n", "/a", true },
	{ "2.2.1", A "Disallow: /a\n" G "Disallow: /b\n", "/a", true },
	{ "2.2.1", G "Disallow: /a\n" A "Disallow: /\n" G "Disallow: /b\n",
	    "/b", false },
	{ "2.2.1", G "Disallow: /a\n" A "Disallow: /\n" G "Disallow: /b\n",
	    "/c", true },
	{ "2.2.1", "User-agent: x\n" G "User-agent: y\nDisallow: /a\n", "/a",
	    false },
	{ "2.2.1", A "Disallow: /a\n" A "Disallow: /b\n", "/b", false },
	{ "2.2.1", G "\n" A "Disallow: /a\n", "/a", false },
	{ "2.2.1", G "Allow: /\n" A "Disallow: /\n", "/a", true },
	{ "2.2.2", A "Disallow: /\nAllow: /a\n", "/a", true },
	{ "2.2.2", A "Allow: /a\nDisallow: /\n", "/b", false },
	{ "2.2.2", A "Allow: /a\nDisallow: /a\n", "/a", true },
	{ "2.2.2", A "Disallow: /a\nAllow: /a\n", "/a", true },
	{ "2.2.2", A "Allow: /a\nDisallow: /a/b\n", "/a/b", false },
	{ "2.2.2", A "Disallow:\n", "/a", true },
	{ "2.2.2", A "Disallow: /A\n", "/a", true },
	{ "2.2.2", A "Disallow: /\n", "/robots.txt", true },
	{ "2.2.2", A "Disallow: private/\n", "/private/x", false },
	{ "2.2.2", A "Disallow: /\xc3\xbc\n", "/%C3%BC", false },
	{ "2.2.2", A "Disallow: /%c3%bc\n", "/%C3%BC", false },
	{ "2.2.2", A "Disallow: /%7Ea\n", "/~a", false },
	{ "2.2.2", A "Disallow: /~a\n", "/%7ea", false },
	{ "2.2.2", A "Disallow: /a%2Fb\n", "/a/b", true },
	{ "2.2.2", A "Disallow: /a%2Fb\n", "/a%2fb", false },
	{ "2.2.2", A "Disallow: /a%zz\n", "/a%zz", false },
	{ "2.2.2", A "Disallow: /a?\n", "/a?x=1", false },
	{ "2.2.3", A "Disallow: *.gif\n", "/a.gif?x", false },
	{ "2.2.3", A "Disallow: /*.gif$\n", "/a.gif?x", true },
	{ "2.2.3", A "Disallow: /*.gif$\n", "/a.gif.gif", false },
	{ "2.2.3", A "Disallow: /a$\n", "/a", false },
	{ "2.2.3", A "Disallow: /a$\n", "/ab", true },
	{ "2.2.3", A "Disallow: /a$b\n", "/a$bc", false },
	{ "2.2.3", A "Disallow: /a*b*c\n", "/axbxxc", false },
	{ "2.2.3", A "Disallow: /a*b*c\n", "/axcxxb", true },
	{ "2.2.3", A "Disallow: /a**b\n", "/ab", false },
	{ "2.2.3", A "Disallow: /a%2A\n", "/a*", false },
	{ "2.2.3", A "Disallow: /a%2A\n", "/ab", true },
	{ "2.2.3", A "Disallow: /a%24\n", "/a$b", false },
	{ "2.2.3", A "Allow: /$\nDisallow: /\n", "/", true },
	{ "2.2.3", A "Allow: /$\nDisallow: /\n", "/a", false },
	{ "2.2.4", A "Sitemap: http://h/s\nDisallow: /a\n", "/a", false },
	{ "2.2.4", A "Crawl-delay: 5\n" G "Disallow: /a\n", "/a", false },
	{ "2.2.4", A "Content-Signal: ai-train=no\nDisallow: /a\n", "/a",
	    false },
	{ "2.3.1.5", A "nonsense\n: x\nDisallow /b\nDisallow: /a\n", "/a",
	    false },
};

static void
the_rfc_is_kept(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct robots *r CLEANUP(robots_freep) = robots_parse(
		    table[i].text, strlen(table[i].text), ROBOTS_TOKEN);

		if (robots_allows(r, table[i].target) != table[i].allowed)
			fail_msg("%s: %s with:\n%s", table[i].section,
			    table[i].target, table[i].text);
	}
}

static void
an_answer_decides_what_holds(void **state)
{
	static const struct {
		long status;
		bool allows, unreachable;
	} answers[] = {
		{ 200, false, false },
		{ 204, false, false },
		{ 301, false, true },
		{ 400, true, false },
		{ 401, true, false },
		{ 403, true, false },
		{ 404, true, false },
		{ 410, true, false },
		{ 429, false, true },
		{ 500, false, true },
		{ 503, false, true },
		{ 0, false, true },
	};
	static const char text[] = A "Disallow: /\n";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		struct robots *r CLEANUP(robots_freep) = robots_of_answer(
		    answers[i].status, text, sizeof(text) - 1, ROBOTS_TOKEN);

		assert_int_equal(robots_allows(r, "/a"), answers[i].allows);
		assert_int_equal(robots_unreachable(r), answers[i].unreachable);
	}
}

static double
delay_of(const char *text)
{
	struct robots *r CLEANUP(robots_freep) =
	    robots_parse(text, strlen(text), ROBOTS_TOKEN);

	return robots_crawl_delay(r);
}

static void
crawl_delay_is_read(void **state)
{
	(void)state;
	assert_true(delay_of(A "Crawl-delay: 2.5\n") == 2.5);
	assert_true(delay_of(A "Crawl-delay: 9\n" G "Disallow:\n") == 0);
	assert_true(delay_of(A "Crawl-delay: -1\n") == 0);
	assert_true(delay_of(A "Crawl-delay: soon\n") == 0);
	assert_true(delay_of(A "Disallow: /\n") == 0);
}

static void
the_first_half_megabyte_counts(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4 * ROBOTS_MAX);
	struct robots *r;

	(void)state;
	buf_addf(&b, A "Disallow: /first\n");
	while (b.len < ROBOTS_MAX)
		buf_addf(&b, "# %01000d\n", 0);
	buf_addf(&b, "\nDisallow: /last\n");
	r = robots_parse(b.data, b.len, ROBOTS_TOKEN);
	assert_false(robots_allows(r, "/first"));
	assert_true(robots_allows(r, "/last"));
	robots_free(r);
}

static void
stars_do_not_take_for_ever(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4 * ROBOTS_MAX);
	struct buf path CLEANUP(buf_release) = BUF_INIT(4 * ROBOTS_MAX);
	struct robots *r;
	int i;

	(void)state;
	buf_addf(&b, A "Disallow: /");
	for (i = 0; i < 500; i++)
		buf_addf(&b, "*a");
	buf_addf(&b, "b\n");
	buf_addf(&path, "/");
	for (i = 0; i < 2000; i++)
		buf_addf(&path, "a");
	r = robots_parse(b.data, b.len, ROBOTS_TOKEN);
	assert_true(robots_allows(r, (char *)path.data));
	robots_free(r);
}

static void
try_file(const unsigned char *text, size_t len)
{
	struct robots *r CLEANUP(robots_freep) =
	    robots_parse(text, len, ROBOTS_TOKEN);

	robots_allows(r, "/");
	robots_allows(r, "/a/b.jpg?c=d");
	assert_true(robots_crawl_delay(r) >= 0);
	assert_true(robots_allows(r, "/robots.txt"));
}

/* Members of the corpus follow each other as tar has them, all but names. */
static void
real_files_are_parsed_without_trouble(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(256u << 20);
	char *path CLEANUP(freep) = shared_path(CORPUS);
	char *command CLEANUP(freep) = xasprintf("gzip -dc '%s'", path);
	size_t at, len, got, n = 0;
	FILE *tar;

	(void)state;
	if (access(path, R_OK) != 0) {
		print_message("no %s\n", path);
		skip();
	}
	tar = popen(command, "r");
	assert_non_null(tar);
	while ((got = fread(buf_room(&b, 65536), 1, 65536, tar)) > 0)
		b.len += got;
	pclose(tar);
	for (at = 0; at + 512 <= b.len; at += 512 + (len + 511) / 512 * 512) {
		len = strtoul((char *)b.data + at + 124, NULL, 8);
		if (b.data[at] == 0 || at + 512 + len > b.len)
			break;
		try_file(b.data + at + 512, len);
		n++;
	}
	assert_true(n > 4000);
}

static void
tags(const char *value, bool no_images, bool no_links)
{
	struct robots_tag tag = { 0 };

	robots_tag_add(&tag, value, ROBOTS_TOKEN);
	if (tag.no_images != no_images || tag.no_links != no_links)
		fail_msg("X-Robots-Tag: %s", value);
}

static void
robots_tags_are_obeyed(void **state)
{
	(void)state;
	tags("", false, false);
	tags("noindex", true, false);
	tags("NoAI, NoImageAI", true, false);
	tags("all, nofollow", false, true);
	tags("none", true, true);
	tags("otherbot: noindex, noai", false, false);
	tags("griddle: noindex", true, false);
	tags("otherbot: noindex, griddle: nofollow", false, true);
	tags("max-image-preview: none, noai", true, false);
	tags("unavailable_after: Friday, 25 Jun 2010 15:00:00 PST", false,
	    false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfc_is_kept),
		cmocka_unit_test(an_answer_decides_what_holds),
		cmocka_unit_test(crawl_delay_is_read),
		cmocka_unit_test(the_first_half_megabyte_counts),
		cmocka_unit_test(stars_do_not_take_for_ever),
		cmocka_unit_test(real_files_are_parsed_without_trouble),
		cmocka_unit_test(robots_tags_are_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
