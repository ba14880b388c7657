/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses in one form: the first and last of every special network, and
 * their neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "scraper/address.h"

static struct address
parsed(const char *text)
{
	struct address a;

	if (!address_parse(text, &a))
		fail_msg("%s is no address", text);
	return a;
}

static void
each_special_network_ends_where_the_registry_says(void **state)
{
	static const char *const special[] = { "0.0.0.0", "0.255.255.255",
		"10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.0", "127.255.255.255", "169.254.0.0",
		"169.254.169.254", "169.254.255.255", "172.16.0.0",
		"172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0",
		"192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0",
		"192.168.255.255", "198.18.0.0", "198.19.255.255",
		"198.51.100.0", "198.51.100.255", "203.0.113.0",
		"203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0",
		"255.255.255.255", "::", "::1", "::127.0.0.1",
		"::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:1ff:ffff::1", "2001:db8::1",
		"2001:db8:ffff::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
		"3fff::1", "3fff:fff:ffff::1", "4000::1", "1fff::1", "fc00::1",
		"fd00::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1" };
	static const char *const open[] = { "1.0.0.0", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
		"192.88.98.255", "192.88.100.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
		"198.51.101.0", "203.0.112.255", "203.0.114.0",
		"223.255.255.255", "2000::1", "2001:200::1", "2001:db7:ffff::1",
		"2001:db9::1", "2002:808:808::1", "::ffff:8.8.8.8",
		"64:ff9b::8.8.8.8", "2003::1", "3ffe::1", "3fff:1000::1",
		"2606:4700::1" };
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(special); i++) {
		a = parsed(special[i]);
		if (address_is_global(&a))
			fail_msg("%s counts as public", special[i]);
	}
	for (i = 0; i < ARRAY_SIZE(open); i++) {
		a = parsed(open[i]);
		if (!address_is_global(&a))
			fail_msg("%s counts as special", open[i]);
	}
}

static void
an_address_is_shown_as_in_a_url(void **state)
{
	static const char *const texts[][2] = { { "1.2.3.4", "1.2.3.4" },
		{ "2001:db8:0:0::7", "[2001:db8::7]" },
		{ "::ffff:1.2.3.4", "1.2.3.4" }, { "::1", "[::1]" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]" } };
	static const char *const wrong[] = { "", "1.2.3", "1.2.3.4.5", "0x7f.1",
		"::1%lo", "[::1]", "localhost", "1.2.3.4:80" };
	char buf[ADDRESS_TEXT];
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		a = parsed(texts[i][0]);
		assert_string_equal(address_show(&a, buf), texts[i][1]);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(address_parse(wrong[i], &a));
}

static void
a_network_holds_what_is_in_it_in_one_form(void **state)
{
	struct cidr c;
	struct address a;
	struct err e;

	(void)state;
	assert_int_equal(cidr_parse("10.1.0.0/16", &c, &e), 0);
	a = parsed("10.1.255.255");
	assert_true(cidr_has_address(&c, &a));
	a = parsed("::ffff:10.1.0.1");
	assert_true(cidr_has_address(&c, &a));
	a = parsed("10.2.0.0");
	assert_false(cidr_has_address(&c, &a));
	/* Allowing a network does not allow other ways to it. */
	a = parsed("64:ff9b::10.1.0.1");
	assert_false(cidr_has_address(&c, &a));
	a = parsed("2002:a01:1::");
	assert_false(cidr_has_address(&c, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_special_network_ends_where_the_registry_says),
		cmocka_unit_test(an_address_is_shown_as_in_a_url),
		cmocka_unit_test(a_network_holds_what_is_in_it_in_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
