/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "scraper/gather_queue.h"
#include "store/forget.h"
#include "store/hosts.h"
#include "store/store_int.h"

struct place {
	char folder[64];
	struct store *s;
	struct frontier_source source;
	struct err e;
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->folder, sizeof(p->folder), "/tmp/griddle-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	assert_int_equal(store_create(p->folder, &p->e), 0);
	assert_int_equal(store_open(p->folder, STORE_WRITE, &p->s, &p->e), 0);
	assert_int_equal(run_begin(p->s, "test", "[]", &p->e), 0);
	assert_int_equal(store_begin(p->s, &p->e), 0);
	assert_int_equal(frontier_begin(p->s, "web", "page", "f", 1000, false,
			     &p->source, &p->e),
	    0);
	*state = p;
	return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	store_close(p->s);
	nftw(p->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static int64_t
number(struct place *p, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(sql_query_int(p->s, sql, &n, &p->e), 0);
	return n;
}

static int64_t
sight(struct place *p, const char *host, int n, int64_t priority)
{
	char url[80];
	struct sighting sight = {
		.url = url, .host = host, .priority = priority
	};
	int64_t id;
	bool is_new;

	snprintf(url, sizeof(url), "http://%s/%d", host, n);
	assert_int_equal(
	    frontier_sight(p->s, &p->source, &sight, &id, &is_new, &p->e), 0);
	return id;
}

/* ---- what waits --------------------------------------------------------- */

static struct queue
new_queue(struct queue_hosts *hosts)
{
	return (struct queue){
		.what = { 0, 0, clock_now() }, .all = hosts, .bins_max = 64
	};
}

/* Takes one and gives its host, or NULL. */
static struct queue_host *
next(struct place *p, struct queue *q, char *url, size_t size)
{
	struct queue_item item;
	int rc = queue_next(q, p->s, true, &item, &p->e);

	assert_true(rc >= 0);
	if (rc == 0)
		return NULL;
	snprintf(url, size, "%s", item.url);
	free(item.url);
	return item.host;
}

static void
hosts_take_turns_however_many_urls_one_has(void **state)
{
	struct place *p = *state;
	struct queue_hosts hosts = { .room = 100 };
	struct queue q = new_queue(&hosts);
	int i, of_b = 0, of_c = 0;
	char url[80];

	for (i = 0; i < 500; i++)
		sight(p, "a", i, 0);
	for (i = 0; i < 5; i++) {
		sight(p, "b", i, 0);
		sight(p, "c", i, 0);
	}
	for (i = 0; i < 15; i++) {
		assert_non_null(next(p, &q, url, sizeof(url)));
		of_b += strncmp(url, "http://b/", 9) == 0;
		of_c += strncmp(url, "http://c/", 9) == 0;
	}
	assert_int_equal(of_b, 5);
	assert_int_equal(of_c, 5);
	queue_release(&q);
	queue_hosts_release(&hosts);
}

static void
a_host_that_gives_nothing_back_does_not_fill_the_room(void **state)
{
	struct place *p = *state;
	struct queue_hosts hosts = { .room = 100 };
	struct queue q = new_queue(&hosts);
	struct queue_host *h;
	char url[80];
	int i, taken = 0;

	for (i = 0; i < 500; i++)
		sight(p, "slow", i, 0);
	while (taken < 500 && next(p, &q, url, sizeof(url)) != NULL)
		taken++;
	assert_in_range(taken, 1, 50);
	/* There is room for others, and for it once something came. */
	sight(p, "other", 1, 0);
	queue_refresh(&q);
	h = next(p, &q, url, sizeof(url));
	assert_non_null(h);
	assert_string_equal(url, "http://other/1");
	queue_release(&q);
	queue_hosts_release(&hosts);
}

static void
each_url_is_taken_once_in_a_run_and_higher_priority_first(void **state)
{
	struct place *p = *state;
	struct queue_hosts hosts = { .room = 10000 };
	struct queue q = new_queue(&hosts);
	struct queue_host *h;
	char url[80];
	int i, n = 0;

	for (i = 0; i < 40; i++)
		sight(p, "h", i, i == 30 ? 5 : i == 31 ? -1 : 0);
	for (n = 0; (h = next(p, &q, url, sizeof(url))) != NULL; n++) {
		if (n == 0)
			assert_string_equal(url, "http://h/30");
		if (n == 39)
			assert_string_equal(url, "http://h/31");
		queue_done(&hosts, h);
		if (n % 10 == 0)
			queue_refresh(&q);
	}
	assert_int_equal(n, 40);
	/* What comes later is found, and nothing twice. */
	sight(p, "h", 100, 0);
	sight(p, "a", 1, 0);
	queue_refresh(&q);
	for (n = 0; next(p, &q, url, sizeof(url)) != NULL; n++)
		;
	assert_int_equal(n, 2);
	queue_release(&q);
	queue_hosts_release(&hosts);
}

static void
what_failed_in_this_run_waits_for_a_later_one(void **state)
{
	struct place *p = *state;
	struct queue_hosts hosts = { .room = 100 };
	struct queue q = new_queue(&hosts);
	int64_t id = sight(p, "h", 1, 0);
	char url[80];

	assert_int_equal(
	    frontier_image_failed(p->s, id, "timed_out", 0, false, 1, &p->e),
	    0);
	assert_null(next(p, &q, url, sizeof(url)));
	q.what.now += 10;
	queue_refresh(&q);
	assert_non_null(next(p, &q, url, sizeof(url)));
	queue_release(&q);
	queue_hosts_release(&hosts);
}

/* ---- documents ---------------------------------------------------------- */

static int64_t
want(struct place *p, const char *url)
{
	struct frontier_document d;
	int64_t id;

	assert_int_equal(frontier_want(p->s, &p->source, url, 0, 0, &p->e), 0);
	assert_int_equal(
	    frontier_next_document(p->s, &p->source, 0, &d, &p->e), 1);
	id = d.id;
	frontier_document_release(&d);
	return id;
}

static enum frontier_due
due_now(struct place *p, int64_t id)
{
	struct frontier_document d;
	enum frontier_due due;

	assert_int_equal(
	    frontier_next_document(p->s, &p->source, id - 1, &d, &p->e), 1);
	assert_int_equal(d.id, id);
	due = d.due;
	frontier_document_release(&d);
	return due;
}

static void
next_crawl(struct place *p)
{
	assert_int_equal(frontier_finish(p->s, &p->source, &p->e), 0);
	assert_int_equal(frontier_begin(p->s, "web", "page", "f", 1000, true,
			     &p->source, &p->e),
	    0);
	p->source.force = false;
}

static void
see(struct place *p, int64_t id, bool changed)
{
	assert_int_equal(frontier_document_done(
			     p->s, &p->source, id, NULL, NULL, changed, &p->e),
	    0);
}

static void
a_document_is_visited_as_often_as_it_changes(void **state)
{
	struct place *p = *state;
	int64_t id = want(p, "http://h/"), was, i;

	see(p, id, true);
	assert_int_equal(number(p, "SELECT every FROM document"), 1000);
	see(p, id, false);
	assert_int_equal(number(p, "SELECT every FROM document"), 1400);
	see(p, id, true);
	assert_int_equal(number(p, "SELECT every FROM document"), 1120);
	for (i = 0; i < 5; i++)
		see(p, id, true);
	assert_int_equal(number(p, "SELECT every FROM document"), 1000);
	for (i = 0; i < 50; i++)
		see(p, id, false);
	assert_int_equal(number(p, "SELECT every FROM document"), 30 * 86400);
	was = number(p, "SELECT changed FROM document");
	assert_true(was > 0 && was <= clock_now());
}

static void
one_that_is_not_due_rests_and_its_links_are_wanted(void **state)
{
	struct place *p = *state;
	int64_t id = want(p, "http://h/"), n;

	assert_int_equal(due_now(p, id), DOCUMENT_DUE);
	assert_int_equal(
	    frontier_want(p->s, &p->source, "http://h/2", 1, id, &p->e), 0);
	see(p, id, true);
	see(p, id + 1, true);
	next_crawl(p);
	want(p, "http://h/");
	assert_int_equal(due_now(p, id), DOCUMENT_RESTS);
	p->source.force = true;
	assert_int_equal(due_now(p, id), DOCUMENT_DUE);
	assert_int_equal(
	    frontier_document_rest(p->s, &p->source, id, &p->e), 0);
	assert_int_equal(frontier_documents(p->s, &p->source, &n, &p->e), 0);
	assert_int_equal(n, 2);
}

static bool
fail_it(struct place *p, int64_t id, bool permanent, bool keep)
{
	bool left;

	assert_int_equal(
	    frontier_document_failed(p->s, &p->source, id, "server_error",
		permanent, 900, keep, &left, &p->e),
	    0);
	return left;
}

static void
what_may_pass_is_tried_by_three_runs_later_each_time(void **state)
{
	struct place *p = *state;
	int64_t id = want(p, "http://h/"), due[2];
	static const char sql[] = "SELECT due FROM document";

	assert_true(fail_it(p, id, false, false));
	due[0] = number(p, sql) - clock_now();
	assert_int_equal(due_now(p, id), DOCUMENT_WAITS);
	assert_true(fail_it(p, id, false, false));
	due[1] = number(p, sql) - clock_now();
	assert_true(due[1] > due[0] + 800);
	assert_false(fail_it(p, id, false, false));
	next_crawl(p);
	want(p, "http://h/");
	assert_int_equal(due_now(p, id), DOCUMENT_GIVEN_UP);
	see(p, id, true);
	assert_int_equal(number(p, "SELECT tries FROM document"), 0);
}

static void
what_is_gone_is_given_up_at_once_but_for_a_seed(void **state)
{
	struct place *p = *state;
	int64_t id = want(p, "http://h/");

	assert_true(fail_it(p, id, true, true));
	assert_false(fail_it(p, id, true, false));
}

/* ---- hosts -------------------------------------------------------------- */

static void
what_is_known_of_a_host_is_kept_and_can_be_forgotten(void **state)
{
	struct place *p = *state;
	struct host_known h = { .robots = BUF_INIT(100),
		.robots_status = 200,
		.robots_at = 7,
		.paused_until = 9,
		.failures = 2 };
	struct forget_report report = { 0 };

	buf_add(&h.robots, "Allow: /", 8);
	assert_int_equal(hosts_save(p->s, "http://a.test", &h, &p->e), 0);
	buf_release(&h.robots);
	h.robots_at = 0;
	h.failures = 3;
	assert_int_equal(hosts_save(p->s, "http://a.test", &h, &p->e), 0);
	assert_int_equal(hosts_load(p->s, "http://b.test", &h, &p->e), 0);
	assert_int_equal(hosts_load(p->s, "http://a.test", &h, &p->e), 1);
	assert_int_equal(h.robots.len, 8);
	assert_int_equal(h.robots_at, 7);
	assert_int_equal(h.failures, 3);
	buf_release(&h.robots);
	assert_int_equal(store_commit(p->s, &p->e), 0);
	assert_int_equal(
	    forget_now(p->s,
		&(struct forget_what){ .kind = FORGET_HOST, .name = "a.test" },
		"test", NULL, &report, &p->e),
	    0);
	forget_report_release(&report);
	assert_int_equal(number(p, "SELECT count(*) FROM host"), 0);
}

/* ---- after kill -9 ------------------------------------------------------ */

static void
reopen(struct place *p)
{
	store_close(p->s);
	p->s = NULL;
	assert_int_equal(store_open(p->folder, STORE_WRITE, &p->s, &p->e), 0);
}

/* A file as a run that was killed leaves it. */
static void
leave(struct place *p, int64_t url_id, const char *url, const char *bytes,
    const char *said)
{
	unsigned char sha256[SHA256_SIZE];
	char digest[BLOB_URL_HEX], hex[SHA256_HEX];
	char *path;
	size_t i;
	int fd;

	sha256_of(said, strlen(said), sha256);
	for (i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
	blob_url_digest(url, digest);
	path = xasprintf("%s/tmp/put-1-%lld-%s-%s", p->folder,
	    (long long)url_id, digest, hex);
	fd = open(path, O_WRONLY | O_CREAT, 0444);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	close(fd);
	free(path);
}

static void
what_had_come_is_taken_in_and_nothing_else(void **state)
{
	struct place *p = *state;
	int64_t whole = sight(p, "h", 1, 0), torn = sight(p, "h", 2, 0);
	int64_t other = sight(p, "h", 3, 0);

	assert_int_equal(store_commit(p->s, &p->e), 0);
	leave(p, whole, "http://h/1", "abc", "abc");
	leave(p, torn, "http://h/2", "ab", "abd");
	leave(p, other, "http://elsewhere/3", "abe", "abe");
	reopen(p);
	assert_int_equal(number(p, "SELECT count(*) FROM sample"), 1);
	assert_int_equal(
	    number(p,
		"SELECT count(*) FROM url u JOIN fetch f"
		" ON f.url_id = u.id AND f.run_id = 1"
		" WHERE u.state = 'held' AND u.url = 'http://h/1'"),
	    1);
	assert_int_equal(number(p,
			     "SELECT n FROM run_count"
			     " WHERE what = 'recovered'"),
	    1);
	reopen(p);
	assert_int_equal(number(p, "SELECT count(*) FROM fetch"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hosts_take_turns_however_many_urls_one_has),
		TEST(a_host_that_gives_nothing_back_does_not_fill_the_room),
		TEST(each_url_is_taken_once_in_a_run_and_higher_priority_first),
		TEST(what_failed_in_this_run_waits_for_a_later_one),
		TEST(a_document_is_visited_as_often_as_it_changes),
		TEST(one_that_is_not_due_rests_and_its_links_are_wanted),
		TEST(what_may_pass_is_tried_by_three_runs_later_each_time),
		TEST(what_is_gone_is_given_up_at_once_but_for_a_seed),
		TEST(what_is_known_of_a_host_is_kept_and_can_be_forgotten),
		TEST(what_had_come_is_taken_in_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
