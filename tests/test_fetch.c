/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against a web of its own on loopback (tests/web): each hostile
 * thing ends in its named reason, and what must not be asked never is.
 */
#include "tests/fetch_place.h"

/* ---- hostile things --------------------------------------------------- */

static const struct {
	const char *name;
	enum outcome outcome;
} hostile[] = {
	{ "broken.png", FETCH_OK }, /* for prep to find out */
	{ "endless.jpg", FETCH_TOO_LARGE },
	{ "slow.jpg", FETCH_TOO_SLOW },
	{ "missing.jpg", FETCH_GONE },
	{ "gone.jpg", FETCH_GONE },
	{ "liar.jpg", FETCH_NOT_AN_IMAGE },
	{ "honest-liar.txt", FETCH_OK },
	{ "huge.jpg", FETCH_TOO_LARGE },
	{ "short.jpg", FETCH_INCOMPLETE },
	{ "error500.jpg", FETCH_SERVER_ERROR },
	{ "redirect.jpg", FETCH_OK },
	{ "loop.jpg", FETCH_REDIRECT_LOOP },
	{ "private-redirect.jpg", FETCH_PRIVATE_ADDRESS },
	{ "empty.jpg", FETCH_EMPTY },
	{ "bomb.gif", FETCH_OK },
	{ "good.png", FETCH_OK },
};

static void
each_hostile_thing_ends_in_its_reason(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	char path[128];
	size_t i;

	(void)state;
	web_start(&w, no_args);
	o->per_host = 16;
	for (i = 0; i < ARRAY_SIZE(hostile); i++) {
		snprintf(path, sizeof(path), "/hostile/%s", hostile[i].name);
		add_path(f, &w, (int64_t)i, path, FETCH_IMAGE);
	}
	finish(f, 12);
	for (i = 0; i < ARRAY_SIZE(hostile); i++)
		came((int)i, hostile[i].outcome, hostile[i].name);
	assert_non_null(strstr(seen[10].final_url, "/hostile/good.png"));
	assert_int_equal(logged(&w, "/hostile/redirect.jpg"), 1);
	assert_int_equal(logged(&w, "griddle/" VERSION_HERE " (+" CONTACT ")"),
	    logged(&w, "GET"));
	fetch_free(f);
	get(&w, o, "/sent");
	came(0, FETCH_OK, "/sent");
	/* Of 300 MiB the server gave no more than buffers hold. */
	assert_non_null(strstr(seen[0].body, "huge.jpg\": "));
	assert_true(atoll(strstr(seen[0].body, "huge.jpg\": ") + 11) < 8 << 20);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
what_may_pass_is_tried_again(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	int64_t start_ms = clock_ms();

	(void)state;
	web_start(&w, no_args);
	o->retries = 2;
	add_path(f, &w, 0, "/hostile/flaky.jpg", FETCH_IMAGE);
	add_path(f, &w, 1, "/hostile/missing.jpg", FETCH_IMAGE);
	finish(f, 20);
	came(0, FETCH_OK, "flaky.jpg");
	came(1, FETCH_GONE, "missing.jpg");
	/* Retry-After: 1, twice */
	assert_true(seen[0].at_ms - start_ms >= 2000);
	assert_int_equal(logged(&w, "flaky.jpg"), 3);
	assert_int_equal(logged(&w, "missing.jpg"), 1);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
what_has_not_changed_is_not_sent_again(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f;
	struct fetch_request again = { .id = 1, .want = FETCH_DOCUMENT };
	char url[128], etag[128];

	(void)state;
	web_start(&w, no_args);
	get(&w, o, "/gallery/rings/page/1");
	came(0, FETCH_OK, "the page");
	assert_true(seen[0].etag[0] == '"');
	snprintf(etag, sizeof(etag), "%s", seen[0].etag);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/gallery/rings/page/1",
	    w.port);
	f = engine(o);
	again.url = url;
	again.etag = etag;
	fetch_add(f, &again);
	finish(f, 10);
	came(1, FETCH_NOT_MODIFIED, "the page again");
	assert_int_equal(seen[1].bytes, 0);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

/* ---- addresses -------------------------------------------------------- */

/* All of them are this machine, where webd listens: see the control. */
static const char *const disguises[] = { "127.0.0.1", "2130706433", "0x7f.1",
	"0177.0.0.1", "127.1", "localhost", "127.0.0.1.", "0.0.0.0" };

static void
ask_disguises(const struct web *w, struct scraper_opts *o)
{
	struct fetch *f CLEANUP(fetch_freep) = engine(o);
	char url[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(disguises); i++) {
		snprintf(url, sizeof(url), "http://%s:%d/counter", disguises[i],
		    w->port);
		add(f, (int64_t)i, url, FETCH_DOCUMENT);
	}
	finish(f, 10);
}

static void
private_addresses_are_refused_in_any_dress(void **state)
{
	static const char *const args[] = { "--bind", "0.0.0.0", NULL };
	struct web w;
	struct scraper_opts *o = brave();
	size_t i;

	(void)state;
	web_start(&w, args);
	strlist_add(&o->allow_private, "0.0.0.0/32");
	ask_disguises(&w, o);
	for (i = 0; i < ARRAY_SIZE(disguises); i++)
		came((int)i, FETCH_OK, disguises[i]);
	strlist_release(&o->allow_private);
	i = (size_t)logged(&w, "GET");
	ask_disguises(&w, o);
	assert_int_equal(logged(&w, "GET"), i);
	for (i = 0; i < ARRAY_SIZE(disguises); i++)
		came((int)i, FETCH_PRIVATE_ADDRESS, disguises[i]);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

/* A public address, but no packet leaves: the refusal comes before. */
static void
without_a_contact_the_public_web_is_not_asked(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = NULL;
	struct err e;

	(void)state;
	assert_int_equal(fetch_new(o, VERSION_HERE, NULL, &f, &e), 0);
	memset(seen, 0, sizeof(seen));
	add(f, 0, "http://192.31.196.1/", FETCH_DOCUMENT);
	finish(f, 5);
	came(0, FETCH_NO_CONTACT, "a public address");
	fetch_free(f);
	opt_free(&scraper_group, o);
}

static void
only_web_addresses_are_opened(void **state)
{
	static const char *const urls[] = { "file:///etc/passwd",
		"ftp://127.0.0.1/", "gopher://127.0.0.1/", "nonsense" };
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(urls); i++)
		add(f, (int64_t)i, urls[i], FETCH_DOCUMENT);
	finish(f, 5);
	for (i = 0; i < ARRAY_SIZE(urls); i++)
		came((int)i, FETCH_BAD_URL, urls[i]);
	add(f, 0, "http://user:word@127.0.0.1/", FETCH_DOCUMENT);
	memset(seen, 0, sizeof(seen));
	finish(f, 5);
	came(0, FETCH_CREDENTIALS, "an address with a password");
	assert_int_equal(fetch_stats(f).requests, 0);
	fetch_free(f);
	opt_free(&scraper_group, o);
}

static void
a_proxy_of_the_environment_is_not_used(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();

	(void)state;
	web_start(&w, no_args);
	setenv("http_proxy", "http://127.0.0.1:9/", 1);
	setenv("all_proxy", "http://127.0.0.1:9/", 1);
	get(&w, o, "/counter");
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	came(0, FETCH_OK, "without the proxy");
	opt_free(&scraper_group, o);
	web_stop(&w);
}

/* ---- robots and politeness -------------------------------------------- */

static void
what_robots_txt_forbids_is_never_asked(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);

	(void)state;
	web_start(&w, no_args);
	add_path(f, &w, 0, "/private/secret.png", FETCH_IMAGE);
	add_path(f, &w, 1, "/hostile/good.png", FETCH_IMAGE);
	finish(f, 10);
	came(0, FETCH_ROBOTS_DENIED, "the forbidden");
	came(1, FETCH_OK, "the allowed");
	assert_int_equal(logged(&w, "/private/"), 0);
	assert_int_equal(logged(&w, "/robots.txt"), 1);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
the_answer_for_robots_txt_decides(void **state)
{
	static const struct {
		const char *status;
		enum outcome outcome;
	} answers[] = {
		{ "404", FETCH_OK },
		{ "403", FETCH_OK },
		{ "429", FETCH_ROBOTS_UNREACHABLE },
		{ "503", FETCH_ROBOTS_UNREACHABLE },
	};
	struct web w;
	struct scraper_opts *o = brave();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		const char *const args[] = { "--robots-status",
			answers[i].status, NULL };

		web_start(&w, args);
		get(&w, o, "/counter");
		came(0, answers[i].outcome, answers[i].status);
		assert_int_equal(
		    logged(&w, "/counter"), answers[i].outcome == FETCH_OK);
		web_stop(&w);
	}
	opt_free(&scraper_group, o);
}

static void
robots_can_be_switched_off(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();

	(void)state;
	web_start(&w, no_args);
	o->robots = false;
	get(&w, o, "/private/secret.html");
	came(0, FETCH_OK, "the forbidden");
	assert_int_equal(logged(&w, "/robots.txt"), 0);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
write_file(const char *path, const char *text)
{
	struct err e;

	assert_int_equal(file_replace(path, text, strlen(text), &e), 0);
}

/* Requests to a host start one delay after the other, robots.txt too. */
static void
check_pauses(const char *const *args, struct scraper_opts *o, int64_t ms)
{
	struct web w;
	struct fetch *f = engine(o);
	int64_t start_ms = clock_ms();
	char path[64];
	int i;

	web_start(&w, args);
	start_ms = clock_ms();
	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/made/rings/%d.png", i);
		add_path(f, &w, i, path, FETCH_IMAGE);
	}
	finish(f, 20);
	for (i = 0; i < 4; i++) {
		came(i, FETCH_OK, "a picture");
		assert_true(seen[i].at_ms - start_ms >= (i + 1) * ms - 5);
	}
	fetch_free(f);
	web_stop(&w);
}

static void
the_delay_is_kept_per_host(void **state)
{
	struct scraper_opts *o = brave();

	(void)state;
	o->delay = 0.3;
	check_pauses(no_args, o, 300);
	opt_free(&scraper_group, o);
}

static void
crawl_delay_is_kept_up_to_a_limit(void **state)
{
	char *file CLEANUP(freep) =
	    xasprintf("/tmp/test_fetch.%ld.robots", (long)getpid());
	const char *const args[] = { "--robots", file, NULL };
	struct scraper_opts *o = brave();

	(void)state;
	write_file(file, "User-agent: *\nCrawl-delay: 1000\nDisallow:\n");
	o->crawl_delay_max = 0.4;
	/* It is known only after the first request. */
	check_pauses(args, o, 300);
	unlink(file);
	opt_free(&scraper_group, o);
}

static void
hosts_do_not_wait_for_each_other(void **state)
{
	static const char *const args[] = { "--bind", "0.0.0.0", NULL };
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	int64_t start_ms;
	char url[64];
	int i;

	(void)state;
	web_start(&w, args);
	o->delay = 1;
	start_ms = clock_ms();
	for (i = 0; i < 10; i++) {
		snprintf(url, sizeof(url), "http://127.0.0.%d:%d/counter",
		    i + 1, w.port);
		add(f, i, url, FETCH_DOCUMENT);
	}
	finish(f, 10);
	for (i = 0; i < 10; i++)
		came(i, FETCH_OK, "a host");
	/* One after the other would take 10 pauses. */
	assert_true(clock_ms() - start_ms < 9000);
	assert_int_equal(logged(&w, "/robots.txt"), 10);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

/* ---- hosts that are not there ----------------------------------------- */

static void
a_dead_host_is_not_asked_for_ever(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	int i;

	(void)state;
	o->retries = 1;
	for (i = 0; i < 100; i++)
		add(f, i, "http://127.0.0.1:1/a", FETCH_IMAGE);
	finish(f, 20);
	for (i = 0; i < 100; i++)
		came(i, FETCH_CONNECT_FAILED, "a dead port");
	assert_true(fetch_stats(f).requests <= 2);
	fetch_free(f);
	o->robots = false;
	o->retries = 0;
	f = engine(o);
	for (i = 0; i < 100; i++)
		add(f, i, "http://127.0.0.1:1/a", FETCH_IMAGE);
	finish(f, 20);
	came(0, FETCH_CONNECT_FAILED, "a dead port");
	came(99, FETCH_HOST_DOWN, "after five failures");
	fetch_free(f);
	opt_free(&scraper_group, o);
}

static void
a_name_that_is_not_there_is_said_so(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);

	(void)state;
	add(f, 0, "http://nothing.invalid/", FETCH_DOCUMENT);
	finish(f, 30);
	came(0, FETCH_DNS_FAILED, "nothing.invalid");
	fetch_free(f);
	opt_free(&scraper_group, o);
}

/* ---- servers that webd is too honest to be ---------------------------- */

/* Answers each connection with the same bytes, then closes. */
struct rude {
	pid_t pid;
	int port;
};

static void
rude_serve(int listener, const char *answer, size_t len, bool endless)
{
	char request[4096];
	int fd;

	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(0);
		if (read(fd, request, sizeof(request)) < 0)
			_exit(1);
		do {
			if (send(fd, answer, len, MSG_NOSIGNAL) < 0)
				break;
		} while (endless);
		shutdown(fd, SHUT_WR);
		while (read(fd, request, sizeof(request)) > 0)
			;
		close(fd);
	}
}

static void
rude_start(struct rude *r, const char *answer, bool endless)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	r->port = ntohs(addr.sin_port);
	r->pid = child();
	if (r->pid == 0)
		rude_serve(fd, answer, strlen(answer), endless);
	close(fd);
}

static void
rude_stop(struct rude *r)
{
	int status;

	kill(r->pid, SIGKILL);
	waitpid(r->pid, &status, 0);
}

#define PNG_START "\x89PNG\r\n\x1a\n12345678"
#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

static const struct {
	const char *what, *answer;
	bool endless;
	enum outcome outcome;
} rude_table[] = {
	{ "HTTP/0.9", "<img src=x>", false, FETCH_BAD_HEADERS },
	{ "silence", "", false, FETCH_INCOMPLETE },
	{ "endless headers", "HTTP/1.1 200 OK\r\nA: b\r\n", true,
	    FETCH_BAD_HEADERS },
	{ "an endless header line", "HTTP/1.1 200 OK A: bbbbbbbbbbbbbbbbbbb",
	    true, FETCH_BAD_HEADERS },
	{ "endless 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n", true,
	    FETCH_BAD_HEADERS },
	{ "a redirect to nowhere",
	    "HTTP/1.1 302 Found\r\n"
	    "Location: ftp://x/\r\n\r\n",
	    false, FETCH_BAD_URL },
	{ "a redirect without a place", "HTTP/1.1 302 Found\r\n\r\n", false,
	    FETCH_BAD_HEADERS },
	{ "a 304 that was not asked for", "HTTP/1.1 304 Not Modified\r\n\r\n",
	    false, FETCH_BAD_HEADERS },
	{ "a part that was not asked for",
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: 16\r\n"
	    "Content-Range: bytes 0-15/99\r\n\r\n" PNG_START,
	    false, FETCH_INCOMPLETE },
	{ "an opted-out image", OK_HEAD "X-Robots-Tag: noai\r\n\r\n" PNG_START,
	    false, FETCH_OPTED_OUT },
	{ "an image that others are not to have",
	    OK_HEAD "X-Robots-Tag: other: noai\r\n\r\n" PNG_START, false,
	    FETCH_OK },
	{ "an endless image", OK_HEAD "\r\n" PNG_START, true, FETCH_TOO_LARGE },
	{ "a lying length",
	    OK_HEAD "Content-Length: 9999999999\r\n\r\n" PNG_START, false,
	    FETCH_TOO_LARGE },
	{ "seven bytes", OK_HEAD "\r\n\x89PNG\r\n\x1a", false,
	    FETCH_NOT_AN_IMAGE },
	{ "too many requests",
	    "HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\n\r\n", false,
	    FETCH_TOO_MANY_REQUESTS },
};

static void
answers_that_are_not_http_are_survived(void **state)
{
	struct scraper_opts *o = brave();
	struct rude r;
	struct fetch *f;
	char url[64];
	size_t i;

	(void)state;
	o->robots = false;
	for (i = 0; i < ARRAY_SIZE(rude_table); i++) {
		rude_start(&r, rude_table[i].answer, rude_table[i].endless);
		f = engine(o);
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/a.png", r.port);
		add(f, 0, url, FETCH_IMAGE);
		finish(f, 10);
		came(0, rude_table[i].outcome, rude_table[i].what);
		fetch_free(f);
		rude_stop(&r);
	}
	assert_int_equal(seen[0].retry_after_s, 3600);
	opt_free(&scraper_group, o);
}

/* A host that asks for an hour gets it: nothing else of it is asked. */
static void
a_long_retry_after_ends_the_run_for_its_host(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	struct rude r;
	char url[64];
	int i;

	(void)state;
	o->robots = false;
	o->per_host = 1;
	o->retries = 2;
	rude_start(&r, rude_table[14].answer, false);
	for (i = 0; i < 10; i++) {
		snprintf(
		    url, sizeof(url), "http://127.0.0.1:%d/%d.png", r.port, i);
		add(f, i, url, FETCH_IMAGE);
	}
	finish(f, 10);
	for (i = 0; i < 10; i++) {
		came(i, FETCH_TOO_MANY_REQUESTS, "a busy host");
		assert_int_equal(seen[i].retry_after_s, 3600);
	}
	assert_int_equal(fetch_stats(f).requests, 1);
	fetch_free(f);
	rude_stop(&r);
	opt_free(&scraper_group, o);
}

/* ---- the loop --------------------------------------------------------- */

static void
many_requests_are_each_done_once(void **state)
{
	static const char *const args[] = { "--bind", "0.0.0.0", NULL };
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f;
	char url[96];
	int i;

	(void)state;
	/* The server paints each picture, slowly on a busy machine. */
	o->timeout = 300;
	o->connect_timeout = 300;
	o->low_speed = 0;
	f = engine(o);
	web_start(&w, args);
	for (i = 0; i < 600; i++) {
		snprintf(url, sizeof(url),
		    "http://127.0.0.%d:%d/made/rings/%d.png", i % 40 + 1,
		    w.port, i % 20);
		add(f, i, url, FETCH_IMAGE);
	}
	assert_int_equal(fetch_busy(f), 600);
	finish(f, 300);
	for (i = 0; i < 600; i++)
		came(i, FETCH_OK, "one of many");
	assert_int_equal(fetch_stats(f).requests, 640);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
other_descriptors_wake_the_loop(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	struct pollfd fd = { .events = POLLIN };
	int64_t start_ms = clock_ms();
	int ends[2];
	struct err e;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	fd.fd = ends[0];
	assert_int_equal(fetch_step(f, &fd, 1, 5000, note, NULL, &e), 0);
	assert_true(clock_ms() - start_ms < 4000);
	assert_int_equal(fd.revents, POLLIN);
	close(ends[0]);
	close(ends[1]);
	fetch_free(f);
	opt_free(&scraper_group, o);
}

static void
requests_in_hand_can_be_dropped(void **state)
{
	struct web w;
	struct scraper_opts *o = brave();
	struct fetch *f = engine(o);
	struct err e;
	int i;

	(void)state;
	web_start(&w, no_args);
	for (i = 0; i < 50; i++)
		add_path(f, &w, i, "/hostile/slow.jpg", FETCH_IMAGE);
	for (i = 0; i < 5; i++)
		assert_int_equal(
		    fetch_step(f, NULL, 0, 100, note, NULL, &e), 0);
	fetch_free(f);
	opt_free(&scraper_group, o);
	web_stop(&w);
}

static void
networks_of_allow_private_are_checked(void **state)
{
	struct scraper_opts *o = brave();
	struct fetch *f = NULL;
	struct err e;

	(void)state;
	strlist_add(&o->allow_private, "home");
	assert_int_equal(fetch_new(o, VERSION_HERE, CONTACT, &f, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "home"));
	opt_free(&scraper_group, o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hostile_thing_ends_in_its_reason),
		cmocka_unit_test(what_may_pass_is_tried_again),
		cmocka_unit_test(what_has_not_changed_is_not_sent_again),
		cmocka_unit_test(private_addresses_are_refused_in_any_dress),
		cmocka_unit_test(without_a_contact_the_public_web_is_not_asked),
		cmocka_unit_test(only_web_addresses_are_opened),
		cmocka_unit_test(a_proxy_of_the_environment_is_not_used),
		cmocka_unit_test(what_robots_txt_forbids_is_never_asked),
		cmocka_unit_test(the_answer_for_robots_txt_decides),
		cmocka_unit_test(robots_can_be_switched_off),
		cmocka_unit_test(the_delay_is_kept_per_host),
		cmocka_unit_test(crawl_delay_is_kept_up_to_a_limit),
		cmocka_unit_test(hosts_do_not_wait_for_each_other),
		cmocka_unit_test(a_dead_host_is_not_asked_for_ever),
		cmocka_unit_test(a_name_that_is_not_there_is_said_so),
		cmocka_unit_test(answers_that_are_not_http_are_survived),
		cmocka_unit_test(a_long_retry_after_ends_the_run_for_its_host),
		cmocka_unit_test(many_requests_are_each_done_once),
		cmocka_unit_test(other_descriptors_wake_the_loop),
		cmocka_unit_test(requests_in_hand_can_be_dropped),
		cmocka_unit_test(networks_of_allow_private_are_checked),
	};
	char path[4096];

	if (!webd_path(path, sizeof(path))) {
		print_message("1..0 # SKIP no %s\n", path);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
