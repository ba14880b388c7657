/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine does as time goes by: bodies that broke off, hosts in
 * trouble, hosts that ask for patience, what is known from earlier runs,
 * secrets, and figures; against servers that follow a script.
 */
#include "tests/fetch_place.h"

#include <sys/mman.h>

#include "base/rng.h"
#include "scraper/fetch_rate.h"
#include "scraper/heap.h"
#include "scraper/opt_out.h"

/* ---- a server with a script --------------------------------------------- */

#define ASKED_MAX 256

/* Shared with the server's processes. */
struct record {
	int n, at_once, most_at_once; /* the last two: see takes_a_while() */
	struct {
		int64_t at_ms;
		char text[1024];
	} asked[ASKED_MAX];
};

/* Answer the nth request, from 0; the connection is closed then. */
typedef void script_fn(int fd, const char *request, int nth);

static struct record *counts; /* of the server that was started last */

struct scripted {
	pid_t pid;
	int port;
	struct record *record;
};

static void
say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void
scripted_answer(struct record *r, script_fn *script, int fd)
{
	char request[1024];
	ssize_t n = read(fd, request, sizeof(request) - 1);
	int nth = __atomic_fetch_add(&r->n, 1, __ATOMIC_SEQ_CST);

	if (n <= 0 || nth >= ASKED_MAX)
		_exit(0);
	request[n] = 0;
	r->asked[nth].at_ms = clock_ms();
	memcpy(r->asked[nth].text, request, (size_t)n + 1);
	script(fd, request, nth);
	shutdown(fd, SHUT_WR);
	while (read(fd, request, sizeof(request)) > 0)
		;
	_exit(0);
}

static void
scripted_serve(struct record *r, script_fn *script, int listener)
{
	int fd;

	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (child() == 0)
			scripted_answer(r, script, fd);
		close(fd);
	}
	_exit(0);
}

static void
scripted_start(struct scripted *s, script_fn *script)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	s->record = mmap(NULL, sizeof(*s->record), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(s->record, MAP_FAILED);
	counts = s->record;
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	s->port = ntohs(addr.sin_port);
	s->pid = child();
	if (s->pid == 0)
		scripted_serve(s->record, script, fd);
	close(fd);
}

static void
scripted_stop(struct scripted *s)
{
	int status;

	kill(s->pid, SIGKILL);
	waitpid(s->pid, &status, 0);
	munmap(s->record, sizeof(*s->record));
}

static bool
asked(const struct scripted *s, int nth, const char *text)
{
	return nth < s->record->n &&
	    strcasestr(s->record->asked[nth].text, text) != NULL;
}

static int64_t
pause_before(const struct scripted *s, int nth)
{
	return s->record->asked[nth].at_ms - s->record->asked[nth - 1].at_ms;
}

static void
add_to(struct fetch *f, const struct scripted *s, const char *host, int id,
    enum fetch_want want)
{
	char url[128];

	snprintf(url, sizeof(url), "http://%s:%d/%d.png", host, s->port, id);
	add(f, id, url, want);
}

#define PNG "\x89PNG\r\n\x1a\n12345678"
#define OK_IMAGE \
	"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 16\r\n"

/* An engine that asks for no robots.txt. */
static struct scraper_opts *
bold(void)
{
	struct scraper_opts *o = brave();

	o->robots = false;
	return o;
}

struct place {
	struct scraper_opts *o;
	struct fetch *f;
	struct scripted s;
};

static void
place_start(struct place *p, script_fn *script)
{
	scripted_start(&p->s, script);
	p->f = engine(p->o);
}

static void
place_stop(struct place *p)
{
	fetch_free(p->f);
	scripted_stop(&p->s);
	opt_free(&scraper_group, p->o);
}

/* ---- bodies that broke off ---------------------------------------------- */

#define WHOLE (3u << 20)
#define HALF (2u << 20)

static unsigned char
byte_at(size_t i)
{
	return i < 16 ? (unsigned char)PNG[i] : (unsigned char)(i * 31 >> 7);
}

static void
send_bytes(int fd, size_t from, size_t to)
{
	unsigned char *bytes = xmalloc(to - from);
	size_t i, sent = 0;
	ssize_t n;

	for (i = from; i < to; i++)
		bytes[i - from] = byte_at(i);
	for (; sent < to - from; sent += (size_t)n) {
		n = send(fd, bytes + sent, to - from - sent, MSG_NOSIGNAL);
		if (n <= 0)
			break;
	}
	free(bytes);
}

static void
send_whole(int fd, const char *validator, size_t until)
{
	char head[256];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n%s\r\n\r\n", WHOLE,
	    validator);
	say(fd, head);
	send_bytes(fd, 0, until);
}

static size_t
range_start(const char *request)
{
	const char *p = strcasestr(request, "Range: bytes=");

	return p == NULL ? 0 : (size_t)strtoul(p + 13, NULL, 10);
}

static void
send_rest(int fd, size_t claimed, size_t from)
{
	char head[256];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: %zu\r\n"
	    "ETag: \"one\"\r\nContent-Range: bytes %zu-%u/%u\r\n\r\n",
	    (size_t)WHOLE - from, claimed, WHOLE - 1, WHOLE);
	say(fd, head);
	send_bytes(fd, from, WHOLE);
}

static void
goes_on(int fd, const char *request, int nth)
{
	if (nth == 0)
		send_whole(fd, "ETag: \"one\"", HALF);
	else
		send_rest(fd, range_start(request), range_start(request));
}

static void
starts_anew(int fd, const char *request, int nth)
{
	(void)request;
	send_whole(fd, nth == 0 ? "ETag: \"one\"" : "ETag: \"two\"",
	    nth == 0 ? HALF : WHOLE);
}

/* Its 206 starts elsewhere. */
static void
lies_about_the_range(int fd, const char *request, int nth)
{
	if (nth == 0)
		send_whole(fd, "ETag: \"one\"", HALF);
	else if (nth == 1)
		send_rest(
		    fd, range_start(request) - 5, range_start(request) - 5);
	else
		send_whole(fd, "ETag: \"one\"", WHOLE);
}

static void
cannot_go_on(int fd, const char *request, int nth)
{
	(void)request;
	if (nth == 0)
		send_whole(fd, "ETag: \"one\"", HALF);
	else if (nth == 1)
		say(fd,
		    "HTTP/1.1 416 Range Not Satisfiable\r\n"
		    "Content-Range: bytes */99\r\nContent-Length: 0\r\n\r\n");
	else
		send_whole(fd, "ETag: \"two\"", WHOLE);
}

/* It promised one byte too many, and admits it. */
static void
has_no_more(int fd, const char *request, int nth)
{
	char head[200];

	if (nth == 0) {
		send_whole(fd, "ETag: \"one\"", HALF);
		return;
	}
	snprintf(head, sizeof(head),
	    "HTTP/1.1 416 Range Not Satisfiable\r\n"
	    "Content-Range: bytes */%zu\r\nContent-Length: 4\r\n\r\nNone",
	    range_start(request));
	say(fd, head);
}

static void
has_a_weak_tag(int fd, const char *request, int nth)
{
	(void)request;
	send_whole(fd, "ETag: W/\"one\"", nth == 0 ? HALF : WHOLE);
}

static void
has_an_old_date(int fd, const char *request, int nth)
{
	if (nth == 0)
		send_whole(
		    fd, "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT", HALF);
	else
		send_rest(fd, range_start(request), range_start(request));
}

static size_t whole_bytes;
static bool whole_is_right;

static int
note_whole(void *ctx, struct fetch_result *r, struct err *e)
{
	size_t i;

	whole_bytes = r->body->len;
	whole_is_right = true;
	for (i = 0; i < r->body->len; i++)
		whole_is_right &= r->body->data[i] == byte_at(i);
	return note(ctx, r, e);
}

static void
a_body_that_broke_off_is_gone_on_with(void **state)
{
	static const struct {
		const char *what;
		script_fn *script;
		const char *if_range; /* NULL: no range is asked for */
		int requests;
		size_t bytes;
	} table[] = {
		{ "a server that can", goes_on, "If-Range: \"one\"", 2, WHOLE },
		{ "by a date", has_an_old_date,
		    "If-Range: Sat, 01 Jan 2022 00:00:00 GMT", 2, WHOLE },
		{ "a thing that has changed", starts_anew, "If-Range: \"one\"",
		    2, WHOLE },
		{ "a part that does not fit", lies_about_the_range,
		    "If-Range: \"one\"", 3, WHOLE },
		{ "a server that cannot", cannot_go_on, "If-Range: \"one\"", 3,
		    WHOLE },
		{ "a thing that was whole", has_no_more, "If-Range: \"one\"", 2,
		    HALF },
		{ "a weak tag", has_a_weak_tag, NULL, 2, WHOLE },
	};
	struct place p;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		p.o = bold();
		p.o->retries = 3;
		p.o->max_bytes = 8 << 20;
		place_start(&p, table[i].script);
		add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_IMAGE);
		whole_bytes = 0;
		while (fetch_busy(p.f) > 0)
			assert_int_equal(
			    fetch_step(p.f, NULL, 0, 500, note_whole, NULL, &e),
			    0);
		came(0, FETCH_OK, table[i].what);
		assert_int_equal(seen[0].status, 200);
		if (whole_bytes != table[i].bytes || !whole_is_right)
			fail_msg("%s: %zu bytes", table[i].what, whole_bytes);
		assert_int_equal(p.s.record->n, table[i].requests);
		assert_true(asked(&p.s, 1, "\r\nRange: bytes=") ==
		    (table[i].if_range != NULL));
		if (table[i].if_range != NULL)
			assert_true(asked(&p.s, 1, table[i].if_range));
		assert_false(asked(&p.s, 2, "\r\nRange:"));
		place_stop(&p);
	}
}

/* ---- hosts in trouble, and hosts that ask for patience ------------------ */

static void
recovers_after_six(int fd, const char *request, int nth)
{
	(void)request;
	if (nth > 0 && nth <= 6)
		say(fd,
		    "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n");
	else
		say(fd, OK_IMAGE "\r\n" PNG);
}

static void
a_host_that_keeps_failing_is_let_alone_for_a_while(void **state)
{
	struct place p = { .o = bold() };
	int i;

	(void)state;
	p.o->per_host = 1;
	p.o->snooze = 1;
	place_start(&p, recovers_after_six);
	for (i = 0; i < 10; i++)
		add_to(p.f, &p.s, "127.0.0.1", i, FETCH_IMAGE);
	finish(p.f, 20);
	assert_int_equal(p.s.record->n, 10);
	/* The first is fine, five fail, one finds out that it still does. */
	for (i = 0; i < 10; i++)
		came(i, i == 0 || i > 6 ? FETCH_OK : FETCH_SERVER_ERROR,
		    "a host with a bad minute");
	assert_true(pause_before(&p.s, 6) >= 990);
	assert_true(pause_before(&p.s, 7) >= 1990);
	place_stop(&p);
}

static void
never_recovers(int fd, const char *request, int nth)
{
	(void)request;
	say(fd,
	    nth == 0 ? OK_IMAGE "\r\n" PNG
		     : "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n");
}

static void
a_host_that_does_not_come_back_is_left_to_the_next_run(void **state)
{
	struct place p = { .o = bold() };
	int i;

	(void)state;
	p.o->per_host = 1;
	p.o->snooze = 0;
	place_start(&p, never_recovers);
	for (i = 0; i < 20; i++)
		add_to(p.f, &p.s, "127.0.0.1", i, FETCH_IMAGE);
	finish(p.f, 20);
	assert_int_equal(p.s.record->n, 6);
	came(5, FETCH_SERVER_ERROR, "the fifth failure");
	came(6, FETCH_HOST_DOWN, "the one after");
	came(19, FETCH_HOST_DOWN, "the last");
	place_stop(&p);
}

static void
has_none_left(int fd, const char *request, int nth)
{
	(void)request;
	say(fd,
	    nth == 0 ? OK_IMAGE "RateLimit: \"default\";r=0;t=1\r\n\r\n" PNG
		     : OK_IMAGE "RateLimit: \"a\";r=7;t=9\r\n\r\n" PNG);
}

static void
a_host_that_has_none_left_is_asked_later(void **state)
{
	struct place p = { .o = bold() };

	(void)state;
	p.o->per_host = 1;
	place_start(&p, has_none_left);
	add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_IMAGE);
	add_to(p.f, &p.s, "127.0.0.1", 1, FETCH_IMAGE);
	add_to(p.f, &p.s, "127.0.0.1", 2, FETCH_IMAGE);
	finish(p.f, 10);
	came(2, FETCH_OK, "the last");
	assert_true(pause_before(&p.s, 1) >= 990);
	place_stop(&p);
}

static void
the_ways_to_ask_for_patience_are_understood(void **state)
{
	static const struct {
		const char *name, *value;
		int64_t wait_s;
	} table[] = {
		{ "Retry-After", "120", 120 },
		{ "retry-after", "99999999", RATE_WAIT_MAX_S },
		{ "Retry-After", "Thu, 01 Jan 1970 00:20:00 GMT", 200 },
		{ "Retry-After", "Thu, 01 Jan 1970 00:00:01 GMT", 0 },
		{ "Retry-After", "soon", 0 },
		{ "RateLimit", "\"default\";r=0;t=30", 30 },
		{ "RateLimit", "\"a;r=0\";r=5;t=30", 0 },
		{ "RateLimit", "\"default\";t=30;r=1", 0 },
		{ "RateLimit", "limit=10, remaining=0, reset=40", 40 },
		{ "RateLimit", "limit=10, remaining=3, reset=40", 0 },
		{ "RateLimit", "nonsense;;;\"", 0 },
		{ "X-RateLimit-Reset", "50", 0 },
	};
	struct rate r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		r = (struct rate){ 0 };
		rate_add(&r, table[i].name, table[i].value, 1000);
		if (rate_wait_s(&r) != table[i].wait_s)
			fail_msg("%s: %s", table[i].name, table[i].value);
	}
	r = (struct rate){ 0 };
	rate_add(&r, "X-RateLimit-Remaining", "0", 2000000000);
	rate_add(&r, "X-RateLimit-Reset", "2000000077", 2000000000);
	assert_int_equal(rate_wait_s(&r), 77);
	rate_add(&r, "X-RateLimit-Remaining", "1", 2000000000);
	assert_int_equal(rate_wait_s(&r), 0);
}

/* ---- opting out --------------------------------------------------------- */

static const struct {
	const char *headers;
	enum outcome outcome;
	const char *said;
} opt_outs[] = {
	{ "", FETCH_OK, "" },
	{ "Content-Usage: search=y, train-ai=n\r\n", FETCH_OPTED_OUT,
	    "content-usage: search=y, train-ai=n" },
	{ "Content-Usage: train-ai=y\r\n", FETCH_OK,
	    "content-usage: train-ai=y" },
	{ "Content-Usage: note=\"train-ai=n, train-ai=n\"\r\n", FETCH_OK,
	    "content-usage: note=\"train-ai=n, train-ai=n\"" },
	{ "tdm-reservation: 1\r\n", FETCH_OPTED_OUT, "tdm-reservation: 1" },
	{ "tdm-reservation: 0\r\n", FETCH_OK, "tdm-reservation: 0" },
	{ "X-Robots-Tag: noai\r\nTDM-Reservation: 0\r\n", FETCH_OPTED_OUT,
	    "x-robots-tag: noai; tdm-reservation: 0" },
};

static void
opts_out(int fd, const char *request, int nth)
{
	size_t which = (size_t)(strstr(request, "/")[1] - '0');

	(void)nth;
	say(fd, OK_IMAGE);
	say(fd, opt_outs[which].headers);
	say(fd, "\r\n" PNG);
}

static void
headers_that_opt_out_are_obeyed_and_kept(void **state)
{
	struct place p = { .o = bold() };
	struct opt_out o = { 0 };
	char lengthy[400];
	size_t i;

	(void)state;
	place_start(&p, opts_out);
	for (i = 0; i < ARRAY_SIZE(opt_outs); i++)
		add_to(p.f, &p.s, "127.0.0.1", (int)i, FETCH_IMAGE);
	finish(p.f, 10);
	for (i = 0; i < ARRAY_SIZE(opt_outs); i++) {
		came((int)i, opt_outs[i].outcome, opt_outs[i].headers);
		assert_string_equal(seen[i].opt_out, opt_outs[i].said);
	}
	place_stop(&p);
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = 0;
	opt_out_add(&o, "Content-Usage", lengthy, "griddle");
	assert_int_equal(strlen(o.text), OPT_OUT_TEXT);
	opt_out_add(&o, "Content-Usage", "train-ai=n", "griddle");
	assert_true(o.tag.no_images);
	assert_int_equal(strlen(o.text), OPT_OUT_TEXT);
}

/* ---- secrets ------------------------------------------------------------ */

static int elsewhere; /* the port of the second host, or 0: to a password */

static void
sends_elsewhere(int fd, const char *request, int nth)
{
	char answer[256];

	(void)request;
	(void)nth;
	snprintf(answer, sizeof(answer),
	    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
	    "Connection: close\r\nLocation: http://%s127.0.0.1:%d/b.png\r\n\r\n",
	    elsewhere == 0 ? "me:word@" : "", elsewhere == 0 ? 9 : elsewhere);
	say(fd, answer);
}

static void
is_fine(int fd, const char *request, int nth)
{
	(void)request;
	(void)nth;
	say(fd, OK_IMAGE "\r\n" PNG);
}

static void
a_secret_does_not_follow_a_redirect(void **state)
{
	struct place p = { .o = bold() };
	struct fetch_request r = { .want = FETCH_IMAGE,
		.authorization = "Bearer s3cret" };
	struct scripted second;
	char url[64];

	(void)state;
	scripted_start(&second, is_fine);
	elsewhere = second.port;
	place_start(&p, sends_elsewhere);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/a.png", p.s.port);
	r.url = url;
	fetch_add(p.f, &r);
	finish(p.f, 10);
	came(0, FETCH_OK, "redirected");
	assert_true(asked(&p.s, 0, "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_int_equal(second.record->n, 1);
	assert_false(asked(&second, 0, "s3cret"));
	assert_false(asked(&second, 0, "cookie"));
	place_stop(&p);
	scripted_stop(&second);
}

static void
a_redirect_to_an_address_with_a_password_is_refused(void **state)
{
	struct place p = { .o = bold() };

	(void)state;
	elsewhere = 0;
	place_start(&p, sends_elsewhere);
	add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_IMAGE);
	finish(p.f, 10);
	came(0, FETCH_CREDENTIALS, "a password in a Location");
	assert_int_equal(p.s.record->n, 1);
	place_stop(&p);
}

/* ---- between runs ------------------------------------------------------- */

struct notebook {
	struct fetch_known known;
	bool has;
	int loads, saves, robots_saved;
};

static int
load(void *ctx, const char *origin, struct fetch_known *ret, struct err *e)
{
	struct notebook *n = ctx;

	(void)e;
	assert_non_null(strstr(origin, "http://127.0.0.1:"));
	n->loads++;
	if (!n->has)
		return 0;
	buf_add(&ret->robots, n->known.robots.data, n->known.robots.len);
	ret->robots_status = n->known.robots_status;
	ret->robots_at = n->known.robots_at;
	ret->paused_until = n->known.paused_until;
	ret->failures = n->known.failures;
	return 1;
}

static int
save(void *ctx, const char *origin, const struct fetch_known *k, struct err *e)
{
	struct notebook *n = ctx;

	(void)e;
	(void)origin;
	n->saves++;
	n->has = true;
	n->known.paused_until = k->paused_until;
	n->known.failures = k->failures;
	if (k->robots_at == 0)
		return 0;
	n->robots_saved++;
	n->known.robots_at = k->robots_at;
	n->known.robots_status = k->robots_status;
	buf_clear(&n->known.robots);
	buf_add(&n->known.robots, k->robots.data, k->robots.len);
	return 0;
}

#define FORBIDS "User-agent: *\nDisallow: /1\n"

static void
has_robots(int fd, const char *request, int nth)
{
	(void)nth;
	if (strstr(request, "/robots.txt") == NULL)
		say(fd, OK_IMAGE "\r\n" PNG);
	else
		say(fd, "HTTP/1.0 200 OK\r\n\r\n" FORBIDS);
}

static void
has_lost_robots(int fd, const char *request, int nth)
{
	(void)nth;
	if (strstr(request, "/robots.txt") == NULL)
		say(fd, OK_IMAGE "\r\n" PNG);
	else
		say(fd, "HTTP/1.0 500 Oh\r\n\r\n");
}

/* Two images, one of them forbidden. */
static void
run_with(struct notebook *n, script_fn *script, enum outcome first,
    enum outcome second, int requests)
{
	const struct fetch_memory memory = { n, load, save };
	struct place p = { .o = brave() };

	place_start(&p, script);
	fetch_remember(p.f, &memory);
	add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_IMAGE);
	add_to(p.f, &p.s, "127.0.0.1", 1, FETCH_IMAGE);
	finish(p.f, 10);
	came(0, first, "the allowed");
	came(1, second, "the forbidden");
	assert_int_equal(p.s.record->n, requests);
	place_stop(&p);
}

static void
robots_txt_is_kept_between_runs(void **state)
{
	struct notebook n = { .known.robots = BUF_INIT(4096) };

	(void)state;
	run_with(&n, has_robots, FETCH_OK, FETCH_ROBOTS_DENIED, 2);
	assert_int_equal(n.robots_saved, 1);
	assert_int_equal(n.known.robots_status, 200);
	assert_string_equal((char *)n.known.robots.data, FORBIDS);
	assert_true(clock_now() - n.known.robots_at < 30);
	/* Within a day nobody asks. */
	run_with(&n, has_robots, FETCH_OK, FETCH_ROBOTS_DENIED, 1);
	n.known.robots_at -= 86400 - 100;
	run_with(&n, has_robots, FETCH_OK, FETCH_ROBOTS_DENIED, 1);
	assert_int_equal(n.robots_saved, 1);
	n.known.robots_at -= 200;
	run_with(&n, has_robots, FETCH_OK, FETCH_ROBOTS_DENIED, 2);
	assert_int_equal(n.robots_saved, 2);
	assert_int_equal(n.loads, 4);
	buf_release(&n.known.robots);
}

static void
the_last_good_robots_txt_holds_for_a_month(void **state)
{
	struct notebook n = { .known.robots = BUF_INIT(4096), .has = true };

	(void)state;
	buf_add(&n.known.robots, FORBIDS, strlen(FORBIDS));
	n.known.robots_status = 200;
	n.known.robots_at = clock_now() - 29 * 86400;
	run_with(&n, has_lost_robots, FETCH_OK, FETCH_ROBOTS_DENIED, 2);
	n.known.robots_at = clock_now() - 31 * 86400;
	run_with(&n, has_lost_robots, FETCH_ROBOTS_UNREACHABLE,
	    FETCH_ROBOTS_UNREACHABLE, 1);
	assert_int_equal(n.robots_saved, 0);
	buf_release(&n.known.robots);
}

static void
asks_for_an_hour(int fd, const char *request, int nth)
{
	(void)request;
	(void)nth;
	say(fd,
	    "HTTP/1.1 429 Enough\r\nRetry-After: 3600\r\n"
	    "Content-Length: 0\r\n\r\n");
}

static void
patience_that_was_asked_for_lasts_into_the_next_run(void **state)
{
	struct notebook n = { .known.robots = BUF_INIT(4096), .has = true };
	const struct fetch_memory memory = { &n, load, save };
	struct place p = { .o = bold() };
	int run;

	(void)state;
	place_start(&p, asks_for_an_hour);
	for (run = 0; run < 2; run++) {
		fetch_remember(p.f, &memory);
		add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_IMAGE);
		finish(p.f, 10);
		came(0, run == 0 ? FETCH_TOO_MANY_REQUESTS : FETCH_HOST_PAUSED,
		    "a host that asked for an hour");
		assert_in_range(seen[0].retry_after_s, 3500, 3600);
		assert_int_equal(p.s.record->n, 1);
		fetch_free(p.f);
		p.f = engine(p.o);
	}
	assert_in_range(n.known.paused_until - clock_now(), 3500, 3600);
	place_stop(&p);
	buf_release(&n.known.robots);
}

/* ---- limits ------------------------------------------------------------- */

/* Counts those that wait, up to before their answers. */
static void
takes_a_while(int fd, const char *request, int nth)
{
	int now = __atomic_add_fetch(&counts->at_once, 1, __ATOMIC_SEQ_CST);

	(void)request;
	(void)nth;
	if (now > counts->most_at_once)
		counts->most_at_once = now;
	usleep(100000);
	__atomic_sub_fetch(&counts->at_once, 1, __ATOMIC_SEQ_CST);
	say(fd, OK_IMAGE "\r\n" PNG);
}

static void
names_of_one_address_share_a_limit(void **state)
{
	struct place p = { .o = bold() };
	char host[32];
	int i;

	(void)state;
	place_start(&p, takes_a_while);
	for (i = 0; i < 40; i++) {
		snprintf(host, sizeof(host), "n%d.localhost", i);
		add_to(p.f, &p.s, host, i, FETCH_IMAGE);
	}
	finish(p.f, 20);
	for (i = 0; i < 40; i++)
		came(i, FETCH_OK, "one of many names");
	assert_in_range(p.s.record->most_at_once, 2, 8);
	place_stop(&p);
}

static void
documents_wait_while_readers_are_behind(void **state)
{
	struct place p = { .o = bold() };
	struct err e;
	int i;

	(void)state;
	place_start(&p, is_fine);
	fetch_hold(p.f, true);
	add_to(p.f, &p.s, "127.0.0.1", 0, FETCH_DOCUMENT);
	add_to(p.f, &p.s, "127.0.0.2", 1, FETCH_DOCUMENT);
	add_to(p.f, &p.s, "127.0.0.1", 2, FETCH_IMAGE);
	for (i = 0; i < 20 && fetch_busy(p.f) > 2; i++)
		assert_int_equal(
		    fetch_step(p.f, NULL, 0, 100, note, NULL, &e), 0);
	came(2, FETCH_OK, "an image");
	assert_int_equal(p.s.record->n, 1);
	fetch_hold(p.f, false);
	finish(p.f, 10);
	came(0, FETCH_OK, "a document");
	came(1, FETCH_OK, "a document of a host with nothing else");
	place_stop(&p);
}

/* ---- figures ------------------------------------------------------------ */

static int
sum(void *ctx, const char *origin, const struct fetch_stats *own, struct err *e)
{
	struct fetch_stats *all = ctx;

	(void)e;
	assert_non_null(strstr(origin, "http://127.0.0."));
	assert_true(own->p50_ms >= 75);
	assert_true(own->p95_ms >= own->p50_ms);
	all->requests += own->requests;
	all->fetched += own->fetched;
	all->failed += own->failed;
	all->bytes += own->bytes;
	all->p50_ms++;
	return 0;
}

static void
takes_a_while_or_is_gone(int fd, const char *request, int nth)
{
	if (strstr(request, "/9.png") == NULL) {
		takes_a_while(fd, request, nth);
		return;
	}
	usleep(100000);
	say(fd, "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
}

static void
figures_of_hosts_add_up(void **state)
{
	struct place p = { .o = bold() };
	struct fetch_stats all = { 0 }, total;
	struct err e;
	char host[32];
	int i;

	(void)state;
	place_start(&p, takes_a_while_or_is_gone);
	for (i = 0; i < 10; i++) {
		snprintf(host, sizeof(host), "127.0.0.%d", i % 3 + 1);
		add_to(p.f, &p.s, host, i, FETCH_IMAGE);
	}
	assert_int_equal(fetch_state(p.f).hosts_waiting, 3);
	finish(p.f, 20);
	assert_int_equal(fetch_each_host(p.f, sum, &all, &e), 0);
	total = fetch_stats(p.f);
	assert_int_equal(all.p50_ms, 3);
	assert_int_equal(all.requests, 10);
	assert_int_equal(all.fetched, 9);
	assert_int_equal(all.failed, 1);
	assert_int_equal(all.bytes, 9 * 16);
	assert_int_equal(total.requests, 10);
	assert_int_equal(total.bytes, 9 * 16);
	assert_true(total.p50_ms >= 75);
	assert_int_equal(fetch_state(p.f).hosts_waiting, 0);
	place_stop(&p);
}

/* ---- the heap ----------------------------------------------------------- */

static void
the_heap_gives_the_earliest_first(void **state)
{
	struct heap_item items[500] = { 0 }, *first;
	struct heap h = { 0 };
	int64_t last = -1;
	struct rng rng;
	size_t i, n = 0;

	(void)state;
	rng_seed(&rng, 1);
	for (i = 0; i < 5000; i++) {
		struct heap_item *one = &items[rng_below(&rng, 500)];

		if (rng_below(&rng, 3) == 0)
			heap_remove(&h, one);
		else
			heap_put(
			    &h, one, (int64_t)rng_below(&rng, 100), (int64_t)i);
	}
	for (i = 0; i < 500; i++)
		n += items[i].place != 0;
	assert_int_equal(h.n, n);
	while ((first = heap_first(&h)) != NULL) {
		assert_true(first->due_ms * 10000 + first->turn > last);
		last = first->due_ms * 10000 + first->turn;
		heap_remove(&h, first);
		n--;
	}
	assert_int_equal(n, 0);
	heap_release(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_broke_off_is_gone_on_with),
		cmocka_unit_test(
		    a_host_that_keeps_failing_is_let_alone_for_a_while),
		cmocka_unit_test(
		    a_host_that_does_not_come_back_is_left_to_the_next_run),
		cmocka_unit_test(a_host_that_has_none_left_is_asked_later),
		cmocka_unit_test(the_ways_to_ask_for_patience_are_understood),
		cmocka_unit_test(headers_that_opt_out_are_obeyed_and_kept),
		cmocka_unit_test(a_secret_does_not_follow_a_redirect),
		cmocka_unit_test(
		    a_redirect_to_an_address_with_a_password_is_refused),
		cmocka_unit_test(robots_txt_is_kept_between_runs),
		cmocka_unit_test(the_last_good_robots_txt_holds_for_a_month),
		cmocka_unit_test(
		    patience_that_was_asked_for_lasts_into_the_next_run),
		cmocka_unit_test(names_of_one_address_share_a_limit),
		cmocka_unit_test(documents_wait_while_readers_are_behind),
		cmocka_unit_test(figures_of_hosts_add_up),
		cmocka_unit_test(the_heap_gives_the_earliest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
