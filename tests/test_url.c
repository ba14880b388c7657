/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as pages write them, and the addresses that they may lead to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <jansson.h>
#include <locale.h>
#include <netinet/in.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "scraper/address.h"
#include "scraper/url.h"
#include "tests/shared.h"

#define BASE "http://example.org/foo/bar?q"
#define WHATWG "web/urltestdata.json"

static void
same(const char *got, const char *want, const char *of)
{
	if ((got == NULL) != (want == NULL) ||
	    (got != NULL && strcmp(got, want) != 0))
		fail_msg("%s: got %s, wanted %s", of, got ? got : "nothing",
		    want ? want : "nothing");
}

static const struct {
	const char *base, *href, *want;
} resolved[] = {
	{ BASE, "http://user@example.org/", NULL },
	{ BASE, "http://@example.org/", NULL },
	{ BASE, "a", "http://example.org/foo/a" },
	{ BASE, "", "http://example.org/foo/bar?q" },
	{ BASE, "#top", "http://example.org/foo/bar?q" },
	{ BASE, "?p=2", "http://example.org/foo/bar?p=2" },
	{ BASE, "/x?a b#c", "http://example.org/x?a%20b" },
	{ BASE, "//H.example:80/x", "http://h.example/x" },
	{ BASE, "  a\tb\n ", "http://example.org/foo/ab" },
	{ BASE, "\\a\\b?c\\d", "http://example.org/a/b?c\\d" },
	{ BASE, "../../../c", "http://example.org/c" },
	{ BASE, "./a/%2E%2e/./b/..", "http://example.org/foo/" },
	{ BASE, "http:a", "http://example.org/foo/a" },
	{ BASE, "https:a", "https://a/" },
	{ BASE, "HTTPS:///a.b/c", "https://a.b/c" },
	{ BASE, "javascript:alert(1)", NULL },
	{ BASE, "data:image/gif;base64,R0", NULL },
	{ BASE, "file:///etc/passwd", NULL },
	{ BASE, "ftp://example.org/", NULL },
	{ BASE, "mailto:a@example.org", NULL },
	{ BASE, "a\x01z", "http://example.org/foo/a%01z" },
	{ NULL, "a", NULL },
	{ NULL, "//example.org/", NULL },
	{ NULL, "http://example.org", "http://example.org/" },
	{ NULL, "http://example.org?x", "http://example.org/?x" },
	{ NULL, "http://H.example:8080/A%7e", "http://h.example:8080/A%7e" },
	{ NULL, "http://example.org:0/", NULL },
	{ NULL, "http://example.org:65536/", NULL },
	{ NULL, "http://exa mple.org/", NULL },
	{ NULL, "http://exa%2fmple.org/", NULL },
	{ NULL, "http://example..org/", NULL },
	{ NULL, "http://a'b.example/", NULL },
	{ NULL, "http://[::127.0.0.1]/", "http://[::7f00:1]/" },
	{ NULL, "http://[1:0:0:2::]/", "http://[1:0:0:2::]/" },
	{ NULL, "http://0x.0x.0/", "http://0.0.0.0/" },
	{ NULL, "http://%31%32%37.1/", "http://127.0.0.1/" },
	{ NULL, "http://a%00b/", NULL },
	{ NULL, "http://h.example:/", "http://h.example/" },
	{ NULL, "http://h.example:00443/", "http://h.example:443/" },
	{ NULL, "https://h.example:00443/", "https://h.example/" },
	{ NULL, "http://h.example/?a=2&b=1&a=1",
	    "http://h.example/?a=2&b=1&a=1" },
	{ NULL, "http://h.example/a//b", "http://h.example/a//b" },
	{ NULL, "http://h.example/?", "http://h.example/?" },
	{ NULL, "http://\xf0\x9f\x92\xa9.example/",
	    "http://xn--ls8h.example/" },
	{ NULL,
	    "http://b\xc3\xbc"
	    "cher.example/\xc3\xbc",
	    "http://xn--bcher-kva.example/%C3%BC" },
	{ NULL, "http://0x7f.1/", "http://127.0.0.1/" },
	{ NULL, "http://2130706433/", "http://127.0.0.1/" },
	{ NULL, "http://127.0.0.1./", "http://127.0.0.1/" },
	{ NULL, "http://256.256.256.256/", NULL },
	{ NULL, "http://1.2.3.4.5/", NULL },
	{ NULL, "http://example.0x1f/", NULL },
	{ NULL, "http://[0:0::1]/", "http://[::1]/" },
	{ NULL, "http://[fe80::1%25eth0]/", NULL },
	{ NULL, "http://[::g]/", NULL },
	{ NULL, "http://h.example/\"<>`{}",
	    "http://h.example/%22%3C%3E%60%7B%7D" },
};

static void
references_are_resolved_as_browsers_do_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(resolved); i++) {
		char *url CLEANUP(freep) =
		    url_resolve(resolved[i].base, resolved[i].href);

		same(url, resolved[i].want, resolved[i].href);
	}
}

static void
what_is_resolved_stays_as_it_is(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(resolved); i++) {
		char *url CLEANUP(freep) = NULL;

		if (resolved[i].want == NULL)
			continue;
		url = url_resolve(NULL, resolved[i].want);
		same(url, resolved[i].want, resolved[i].want);
	}
}

static void
a_url_has_at_most_2048_bytes(void **state)
{
	char long_url[URL_MAX + 2] = "http://example.org/";
	char *url CLEANUP(freep) = NULL;

	(void)state;
	memset(long_url + 19, 'a', URL_MAX - 19);
	url = url_resolve(NULL, long_url);
	assert_non_null(url);
	assert_int_equal(strlen(url), URL_MAX);
	long_url[URL_MAX] = 'a';
	assert_null(url_resolve(NULL, long_url));
}

/* So long that it is not even parsed: the edge is at 8192 bytes. */
static void
what_is_far_too_long_is_refused_at_once(void **state)
{
	char *href CLEANUP(freep) = xmalloc(20001);
	size_t len;

	(void)state;
	for (len = 8180; len <= 20000; len += len < 8200 ? 1 : 1000) {
		memset(href, 'a', len);
		href[len] = 0;
		assert_null(url_resolve(BASE, href));
		if (len >= 8192)
			assert_null(url_parse(BASE, href, len));
	}
}

static void
idn_does_not_depend_on_the_locale(void **state)
{
	char *url CLEANUP(freep) = NULL;

	(void)state;
	setlocale(LC_ALL, "C");
	url = url_resolve(NULL,
	    "http://b\xc3\xbc"
	    "cher.example/");
	same(url, "http://xn--bcher-kva.example/", "in the C locale");
}

static void
a_url_is_taken_apart(void **state)
{
	char *host CLEANUP(freep) = url_host("http://example.org:81/a?b");
	char *bare CLEANUP(freep) = url_host("https://example.org/");

	(void)state;
	assert_string_equal(host, "example.org:81");
	assert_string_equal(bare, "example.org");
	assert_string_equal(url_target("http://example.org:81/a?b"), "/a?b");
}

static void
images_are_told_by_their_ending(void **state)
{
	(void)state;
	assert_true(url_looks_like_image("http://h/a.JPG"));
	assert_true(url_looks_like_image("http://h/a.webp?w=80"));
	assert_false(url_looks_like_image("http://h/a.html?x=.jpg"));
	assert_false(url_looks_like_image("http://h/.jpg/"));
	assert_false(url_looks_like_image("http://h/wiki/File:A.jpg"));
}

static void
arguments_are_read_and_set(void **state)
{
	const char *url = "http://h/p?a=1&ab=2&c=x+y%26";
	char *a CLEANUP(freep) = url_argument(url, "a");
	char *c CLEANUP(freep) = url_argument(url, "c");
	char *set CLEANUP(freep) = url_with_argument(url, "a", "x|y &");
	char *first CLEANUP(freep) = url_with_argument("http://h/", "k", "v");

	(void)state;
	assert_string_equal(a, "1");
	assert_string_equal(c, "x y&");
	assert_null(url_argument(url, "b"));
	assert_string_equal(set, "http://h/p?ab=2&c=x+y%26&a=x%7Cy%20%26");
	assert_string_equal(first, "http://h/?k=v");
}

static void
a_file_has_a_url(void **state)
{
	char *url CLEANUP(freep) = url_of_file("/a b/100%/c#?.jpg");

	(void)state;
	assert_string_equal(url, "file:///a%20b/100%25/c%23%3F.jpg");
}

/* ---- WHATWG's own cases ----------------------------------------------- */

/* What came of all cases. */
struct score {
	int right, failed;
};

static void
check_case(const json_t *o, struct score *score)
{
	const json_t *input = json_object_get(o, "input");
	const json_t *base = json_object_get(o, "base");
	const char *href = json_string_value(json_object_get(o, "href"));
	char *from CLEANUP(freep) = NULL;
	char *want CLEANUP(freep) = NULL;
	char *got CLEANUP(freep) = NULL;

	if (json_is_string(base))
		from = url_parse(
		    NULL, json_string_value(base), json_string_length(base));
	got = url_parse(
	    from, json_string_value(input), json_string_length(input));
	if (json_is_true(json_object_get(o, "failure"))) {
		same(got, NULL, json_string_value(input));
		score->failed++;
	} else if (strncmp(href, "http:", 5) == 0 ||
	    strncmp(href, "https:", 6) == 0) {
		want = xstrndup(href, strcspn(href, "#"));
		same(got, want, json_string_value(input));
		score->right++;
	}
}

/* jansson takes no lone surrogates, of which these cases have some. */
static json_t *
load_cases(void)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(8u << 20);
	char *path CLEANUP(freep) = shared_path(WHATWG);
	struct err e;
	char *p;

	if (file_read(path, &b, &e) < 0)
		return NULL;
	for (p = (char *)b.data; (p = strcasestr(p, "\\ud")) != NULL; p += 6)
		if (strncasecmp(p + 6, "\\ud", 3) == 0)
			p += 6;
		else
			memcpy(p, "\\ufffd", 6);
	return json_loadb((char *)b.data, b.len, JSON_ALLOW_NUL, NULL);
}

/* Under cron there is no locale. */
static void
all_cases_of_whatwg_for_the_web_come_out_exactly(void **state)
{
	struct score score = { 0 };
	json_t *cases = load_cases(), *o;
	size_t i;

	(void)state;
	if (cases == NULL) {
		print_message("no ../shared/data/%s\n", WHATWG);
		skip();
	}
	setlocale(LC_ALL, "C");
	json_array_foreach(cases, i, o)
	{
		if (json_is_object(o))
			check_case(o, &score);
	}
	json_decref(cases);
	print_message("%d exact, %d refused\n", score.right, score.failed);
	assert_true(score.right >= 247);
	assert_true(score.failed >= 267);
}

/* ---- addresses -------------------------------------------------------- */

static void
make(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	if (ss->ss_family == AF_INET6)
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
}

static bool
is_public(const char *text)
{
	struct sockaddr_storage ss;

	make(text, &ss);
	return address_is_public((struct sockaddr *)&ss);
}

static void
private_addresses_are_told_from_public_ones(void **state)
{
	static const char *const private[] = { "0.0.0.0", "10.0.0.1",
		"100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
		"192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
		"198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
		"::127.0.0.1", "fc00::1", "fd00::1", "fe80::1", "ff02::1",
		"2001:db8::1", "2001::1", "3fff::1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "2002:a00:1::1", "100::1", "4000::1" };
	static const char *const public[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1",
		"172.15.255.255", "172.32.0.0", "192.0.1.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2606:4700::1", "2a00:1450::1",
		"2001:4860::8888", "::ffff:1.1.1.1", "64:ff9b::101:101",
		"2002:101:101::" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(private); i++)
		if (is_public(private[i]))
			fail_msg("%s counts as public", private[i]);
	for (i = 0; i < ARRAY_SIZE(public); i++)
		if (!is_public(public[i]))
			fail_msg("%s counts as private", public[i]);
}

static bool
within(const char *network, const char *text)
{
	struct sockaddr_storage ss;
	struct cidr c;
	struct err e;

	make(text, &ss);
	assert_int_equal(cidr_parse(network, &c, &e), 0);
	return cidr_has(&c, (struct sockaddr *)&ss);
}

static void
a_network_holds_its_addresses(void **state)
{
	struct cidr c;
	struct err e;

	(void)state;
	assert_true(within("127.0.0.0/8", "127.9.9.9"));
	assert_false(within("127.0.0.0/8", "128.0.0.1"));
	assert_true(within("10.1.2.3", "10.1.2.3"));
	assert_false(within("10.1.2.3", "10.1.2.2"));
	assert_true(within("192.168.128.0/17", "192.168.200.1"));
	assert_false(within("192.168.128.0/17", "192.168.127.1"));
	assert_true(within("fd00::/8", "fd12::1"));
	assert_false(within("fd00::/8", "fc00::1"));
	assert_true(within("127.0.0.0/8", "::ffff:127.0.0.1"));
	assert_false(within("0.0.0.0/0", "::1"));
	assert_int_equal(cidr_parse("10.0.0.0/33", &c, &e), -1);
	assert_int_equal(cidr_parse("localhost", &c, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_resolved_as_browsers_do_it),
		cmocka_unit_test(what_is_resolved_stays_as_it_is),
		cmocka_unit_test(a_url_has_at_most_2048_bytes),
		cmocka_unit_test(what_is_far_too_long_is_refused_at_once),
		cmocka_unit_test(idn_does_not_depend_on_the_locale),
		cmocka_unit_test(a_url_is_taken_apart),
		cmocka_unit_test(images_are_told_by_their_ending),
		cmocka_unit_test(arguments_are_read_and_set),
		cmocka_unit_test(a_file_has_a_url),
		cmocka_unit_test(
		    all_cases_of_whatwg_for_the_web_come_out_exactly),
		cmocka_unit_test(private_addresses_are_told_from_public_ones),
		cmocka_unit_test(a_network_holds_its_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
