/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver against a name server of its own on loopback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "scraper/resolve.h"

/* ---- a name server ------------------------------------------------------ */

#define CLASS_IN 1
#define TYPE_A 1
#define TYPE_AAAA 28
#define SERVFAIL 2
#define NXDOMAIN 3

struct server {
	pid_t pid;
	char address[32];
	struct record {
		int asked; /* questions of type A */
		int fail;  /* with SERVFAIL */
	} * record;
};

/* "three.example" -> the name as dots write it; its length in the packet. */
static size_t
read_name(const unsigned char *p, size_t len, char *name, size_t size)
{
	size_t at = 0, out = 0;

	while (at < len && p[at] != 0 && out + p[at] + 2 < size) {
		memcpy(name + out, p + at + 1, p[at]);
		out += p[at];
		name[out++] = '.';
		at += (size_t)p[at] + 1;
	}
	name[out > 0 ? out - 1 : 0] = 0;
	return at + 1;
}

static size_t
add_answer(unsigned char *p, int type, uint32_t ttl, unsigned char last)
{
	static const unsigned char v6[16] = { 0x20, 0x01, 0x07, 0xf8 };
	size_t len = type == TYPE_A ? 4 : 16;
	unsigned char head[12] = { 0xc0, 12, 0, (unsigned char)type, 0,
		CLASS_IN, (unsigned char)(ttl >> 24),
		(unsigned char)(ttl >> 16), (unsigned char)(ttl >> 8),
		(unsigned char)ttl, 0, (unsigned char)len };

	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), v6, len);
	if (type == TYPE_A)
		memcpy(p + sizeof(head), "\xc0\x21\xc4", 3);
	p[sizeof(head) + len - 1] = last;
	return sizeof(head) + len;
}

/* What comes back, in place; 0: silence. */
static size_t
answer(struct record *r, unsigned char *p, size_t len)
{
	char name[256];
	size_t at = 12 + read_name(p + 12, len - 12, name, sizeof(name));
	int type = p[at + 1];
	bool has = strstr(name, "good") != NULL;

	r->asked += type == TYPE_A;
	p[2] |= 0x80;
	p[3] = 0x80;
	memset(p + 6, 0, 6);
	at += 4;
	if (strstr(name, "silent") != NULL)
		return 0;
	if (strstr(name, "missing") != NULL)
		p[3] |= NXDOMAIN;
	else if (r->fail || strstr(name, "broken") != NULL)
		p[3] |= SERVFAIL;
	else if (has && (type == TYPE_A || strstr(name, "both") != NULL)) {
		p[7] = 1;
		at += add_answer(
		    p + at, type, strstr(name, "long") != NULL ? 86400 : 1, 1);
	}
	return at;
}

static void
serve(struct record *r, int fd)
{
	unsigned char packet[1024];
	struct sockaddr_in from;
	socklen_t size;
	ssize_t n;

	for (;;) {
		size = sizeof(from);
		n = recvfrom(
		    fd, packet, 512, 0, (struct sockaddr *)&from, &size);
		if (n < 17)
			_exit(0);
		n = (ssize_t)answer(r, packet, (size_t)n);
		if (n > 0)
			sendto(fd, packet, (size_t)n, 0,
			    (struct sockaddr *)&from, size);
	}
}

static void
server_start(struct server *s)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	s->record = mmap(NULL, sizeof(*s->record), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d",
	    ntohs(addr.sin_port));
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(s->record, fd);
	}
	close(fd);
}

static void
server_stop(struct server *s)
{
	int status;

	kill(s->pid, SIGKILL);
	waitpid(s->pid, &status, 0);
	munmap(s->record, sizeof(*s->record));
}

/* ---- asking ------------------------------------------------------------- */

struct got {
	int n;
	size_t addresses;
	bool failed, stale;
	int64_t kept_ms;
	char text[RESOLVED_MAX][ADDRESS_TEXT];
};

static void
note(void *data, const struct resolved *r)
{
	struct got *g = data;
	size_t i;

	g->n++;
	g->addresses = r->n;
	g->failed = r->failed;
	g->stale = r->stale;
	g->kept_ms = r->until_ms - clock_ms();
	for (i = 0; i < r->n; i++)
		address_show(&r->v[i], g->text[i]);
}

static struct resolver *
resolver_on(const struct server *s, int64_t keep_min_ms)
{
	struct resolver_conf conf = { .servers = s->address,
		.patience_ms = 250,
		.tries = 2,
		.keep_min_ms = keep_min_ms };
	struct resolver *r = NULL;
	struct err e;

	assert_int_equal(resolver_new(&conf, &r, &e), 0);
	return r;
}

static void
wait_for(struct resolver *r, const struct got *g, int n)
{
	int64_t end_ms = clock_ms() + 10000;
	struct pollfd fd = { .fd = resolver_fd(r), .events = POLLIN };

	while (g->n < n) {
		assert_true(clock_ms() < end_ms);
		poll(&fd, 1, resolver_timeout_ms(r));
		resolver_step(r);
	}
}

static struct got
ask(struct resolver *r, const char *name)
{
	struct got g = { 0 };

	resolver_ask(r, name, note, &g);
	wait_for(r, &g, 1);
	assert_int_equal(g.n, 1);
	return g;
}

/* ---- the contract ------------------------------------------------------- */

static void
addresses_are_kept_as_long_as_the_server_says(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	g = ask(r, "good.example");
	assert_int_equal(g.addresses, 1);
	assert_string_equal(g.text[0], "192.33.196.1");
	/* One second is raised to a minute, a day is cut to an hour. */
	assert_in_range(g.kept_ms, 59000, 60000);
	g = ask(r, "long.good.example");
	assert_in_range(g.kept_ms, 3599000, 3600000);
	assert_int_equal(s.record->asked, 2);
	ask(r, "GOOD.example");
	assert_int_equal(s.record->asked, 2);
	assert_int_equal(resolver_stats(r).asked, 2);
	assert_int_equal(resolver_stats(r).none, 0);
	resolver_free(r);
	server_stop(&s);
}

static void
both_kinds_of_address_come(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	g = ask(r, "both.good.example");
	assert_int_equal(g.addresses, 2);
	assert_true(strcmp(g.text[0], "[2001:7f8::1]") == 0 ||
	    strcmp(g.text[1], "[2001:7f8::1]") == 0);
	resolver_free(r);
	server_stop(&s);
}

static void
that_there_is_no_name_is_remembered(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	g = ask(r, "missing.example");
	assert_int_equal(g.addresses, 0);
	assert_false(g.failed);
	assert_in_range(g.kept_ms, 59000, 60000);
	ask(r, "missing.example");
	assert_int_equal(s.record->asked, 1);
	g = ask(r, "empty.example");
	assert_int_equal(g.addresses, 0);
	assert_false(g.failed);
	assert_int_equal(resolver_stats(r).none, 2);
	resolver_free(r);
	server_stop(&s);
}

static void
servers_that_fail_or_are_silent_are_told_from_no_such_name(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	g = ask(r, "broken.example");
	assert_true(g.failed);
	assert_true(g.kept_ms < 10000);
	g = ask(r, "silent.example");
	assert_true(g.failed);
	assert_int_equal(resolver_stats(r).failed, 2);
	resolver_free(r);
	server_stop(&s);
}

static void
what_was_said_before_is_served_when_servers_fail(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 1);
	g = ask(r, "good.example");
	assert_int_equal(g.addresses, 1);
	assert_false(g.stale);
	poll(NULL, 0, 1100);
	s.record->fail = 1;
	g = ask(r, "good.example");
	assert_int_equal(g.addresses, 1);
	assert_string_equal(g.text[0], "192.33.196.1");
	assert_true(g.stale);
	assert_false(g.failed);
	resolver_free(r);
	server_stop(&s);
}

static void
those_who_ask_at_once_share_a_lookup(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g = { 0 };
	int i;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	for (i = 0; i < 50; i++)
		resolver_ask(r, "good.example", note, &g);
	assert_int_equal(g.n, 0);
	wait_for(r, &g, 50);
	assert_int_equal(g.n, 50);
	assert_int_equal(s.record->asked, 1);
	resolver_free(r);
	server_stop(&s);
}

static void
more_names_than_lookups_at_once_are_all_answered(void **state)
{
	struct resolver_conf conf = { .at_once = 3 };
	struct resolver *r = NULL;
	struct got g = { 0 };
	struct server s;
	char name[32];
	struct err e;
	int i;

	(void)state;
	server_start(&s);
	conf.servers = s.address;
	assert_int_equal(resolver_new(&conf, &r, &e), 0);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "good%d.example", i);
		resolver_ask(r, name, note, &g);
	}
	wait_for(r, &g, 100);
	assert_int_equal(s.record->asked, 100);
	resolver_free(r);
	server_stop(&s);
}

static void
names_with_a_meaning_of_their_own_ask_nobody(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		const char *first;
	} table[] = {
		{ "localhost", 2, "127.0.0.1" },
		{ "LOCALHOST.", 2, "127.0.0.1" },
		{ "a.localhost", 2, "127.0.0.1" },
		{ "192.0.2.7", 1, "192.0.2.7" },
		{ "2001:db8::7", 1, "[2001:db8::7]" },
		{ "nothing.invalid", 0, "" },
		{ "invalid.", 0, "" },
	};
	struct server s;
	struct resolver *r;
	struct got g;
	size_t i;

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		g = ask(r, table[i].name);
		assert_int_equal(g.addresses, table[i].n);
		assert_false(g.failed);
		assert_string_equal(g.text[0], table[i].first);
	}
	assert_int_equal(s.record->asked, 0);
	g = ask(r, "goodlocalhost");
	assert_string_equal(g.text[0], "192.33.196.1");
	resolver_free(r);
	server_stop(&s);
}

/* Nobody listens there: refused at once. */
static void
without_a_server_lookups_fail_and_say_so(void **state)
{
	struct resolver_conf conf = {
		.servers = "127.0.0.1:1", .patience_ms = 250, .tries = 2
	};
	struct resolver *r = NULL;
	struct got g;
	struct err e;

	(void)state;
	assert_int_equal(resolver_new(&conf, &r, &e), 0);
	g = ask(r, "good.example");
	assert_true(g.failed);
	assert_int_equal(ask(r, "localhost").addresses, 2);
	resolver_free(r);
	conf.servers = "no address";
	assert_int_equal(resolver_new(&conf, &r, &e), 0);
	g = ask(r, "good.example");
	assert_true(g.failed);
	resolver_free(r);
}

static void
those_who_wait_can_be_dropped(void **state)
{
	struct server s;
	struct resolver *r;
	struct got g = { 0 };

	(void)state;
	server_start(&s);
	r = resolver_on(&s, 0);
	resolver_ask(r, "silent.example", note, &g);
	resolver_step(r);
	resolver_free(r);
	assert_int_equal(g.n, 0);
	server_stop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_kept_as_long_as_the_server_says),
		cmocka_unit_test(both_kinds_of_address_come),
		cmocka_unit_test(that_there_is_no_name_is_remembered),
		cmocka_unit_test(
		    servers_that_fail_or_are_silent_are_told_from_no_such_name),
		cmocka_unit_test(
		    what_was_said_before_is_served_when_servers_fail),
		cmocka_unit_test(those_who_ask_at_once_share_a_lookup),
		cmocka_unit_test(
		    more_names_than_lookups_at_once_are_all_answered),
		cmocka_unit_test(names_with_a_meaning_of_their_own_ask_nobody),
		cmocka_unit_test(without_a_server_lookups_fail_and_say_so),
		cmocka_unit_test(those_who_wait_can_be_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
