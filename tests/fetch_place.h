/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_place: an engine on loopback, and the webs that it is let loose on.
 */
#ifndef TESTS_FETCH_PLACE_H
#define TESTS_FETCH_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "scraper/fetch.h"

#define VERSION_HERE "9.9"
#define CONTACT "test@example.org"
#define RESULTS_MAX 1024
#define ARGS_MAX 16

/* ---- a web ------------------------------------------------------------ */

struct web {
	char folder[64], log[96], port_file[96];
	pid_t pid;
	int port;
};

static inline bool
webd_path(char *path, size_t size)
{
	const char *dir = getenv("builddir");

	snprintf(path, size, "%s/tests/web/webd", dir == NULL ? "." : dir);
	return access(path, X_OK) == 0;
}

static inline int
read_port(const struct web *w)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(64);
	struct err e;

	return file_read(w->port_file, &b, &e) < 0 || b.len == 0
	    ? 0
	    : atoi((char *)b.data);
}

/* A process that ends with this one, also when a test has failed. */
static inline pid_t
child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* args end with NULL. */
static inline void
web_start(struct web *w, const char *const *args)
{
	char path[4096];
	char *argv[ARGS_MAX] = { path, (char *)"--port-file", w->port_file,
		(char *)"--log", w->log };
	int n = 5, tries;

	snprintf(w->folder, sizeof(w->folder), "/tmp/test_fetch.XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->log, sizeof(w->log), "%s/log", w->folder);
	snprintf(w->port_file, sizeof(w->port_file), "%s/port", w->folder);
	assert_true(webd_path(path, sizeof(path)));
	while (*args != NULL)
		argv[n++] = (char *)*args++;
	w->pid = child();
	if (w->pid == 0) {
		execv(path, argv);
		_exit(127);
	}
	for (tries = 0; tries < 200; tries++) {
		w->port = read_port(w);
		if (w->port != 0)
			return;
		usleep(50000);
	}
	fail_msg("webd does not listen");
}

static inline void
web_stop(struct web *w)
{
	int status;

	kill(w->pid, SIGTERM);
	waitpid(w->pid, &status, 0);
	unlink(w->log);
	unlink(w->port_file);
	rmdir(w->folder);
}

/* How often a text stands in the log. */
static inline int
logged(const struct web *w, const char *text)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(16u << 20);
	const char *p;
	struct err e;
	int n = 0;

	assert_int_equal(file_read(w->log, &b, &e), 0);
	for (p = (char *)b.data; p != NULL && (p = strstr(p, text)) != NULL;
	     p++)
		n++;
	return n;
}

/* ---- running the engine ----------------------------------------------- */

struct seen {
	int n;
	enum outcome outcome;
	long status;
	size_t bytes;
	int64_t at_ms, retry_after_s;
	char final_url[256], etag[128], body[512], opt_out[256];
};

static struct seen seen[RESULTS_MAX];

static inline int
note(void *ctx, struct fetch_result *r, struct err *e)
{
	struct seen *s = &seen[r->id];
	size_t len = r->body->len;

	(void)ctx;
	(void)e;
	s->n++;
	s->outcome = r->outcome;
	s->status = r->status;
	s->bytes = len;
	s->at_ms = clock_ms();
	s->retry_after_s = r->retry_after_s;
	snprintf(s->final_url, sizeof(s->final_url), "%s", r->final_url);
	snprintf(s->etag, sizeof(s->etag), "%s", r->etag ? r->etag : "");
	snprintf(
	    s->opt_out, sizeof(s->opt_out), "%s", r->opt_out ? r->opt_out : "");
	if (len >= sizeof(s->body))
		len = sizeof(s->body) - 1;
	if (len > 0)
		memcpy(s->body, r->body->data, len);
	s->body[len] = 0;
	return 0;
}

/* Options for a quick and brave engine on loopback. */
static inline struct scraper_opts *
brave(void)
{
	struct scraper_opts *o = opt_new(&scraper_group);

	strlist_add(&o->allow_private, "127.0.0.0/8");
	o->delay = 0;
	o->timeout = 8;
	o->connect_timeout = 2;
	o->retries = 0;
	o->max_bytes = 1 << 20;
	return o;
}

static inline struct fetch *
engine(const struct scraper_opts *o)
{
	struct fetch *f = NULL;
	struct err e;

	if (fetch_new(o, VERSION_HERE, CONTACT, &f, &e) < 0)
		fail_msg("%s", e.msg);
	memset(seen, 0, sizeof(seen));
	return f;
}

static inline void
add(struct fetch *f, int64_t id, const char *url, enum fetch_want want)
{
	struct fetch_request r = { .id = id, .url = url, .want = want };

	fetch_add(f, &r);
}

static inline void
add_path(struct fetch *f, const struct web *w, int64_t id, const char *path,
    enum fetch_want want)
{
	char url[512];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", w->port, path);
	add(f, id, url, want);
}

/* Until nothing is in hand; fails after so many seconds. */
static inline void
finish(struct fetch *f, int seconds)
{
	int64_t end_ms = clock_ms() + 1000 * seconds;
	struct err e;

	while (fetch_busy(f) > 0) {
		if (fetch_step(f, NULL, 0, 500, note, NULL, &e) < 0)
			fail_msg("%s", e.msg);
		if (clock_ms() > end_ms)
			fail_msg("not finished after %d s", seconds);
	}
}

static inline void
came(int id, enum outcome want, const char *what)
{
	if (seen[id].n != 1)
		fail_msg("%s: done %d times", what, seen[id].n);
	if (seen[id].outcome != want)
		fail_msg("%s: %s, not %s", what, outcome_word(seen[id].outcome),
		    outcome_word(want));
}

__attribute__((unused)) static const char *const no_args[] = { NULL };

/* One document, with an engine of its own. */
static inline void
get(const struct web *w, struct scraper_opts *o, const char *path)
{
	struct fetch *f CLEANUP(fetch_freep) = engine(o);

	add_path(f, w, 0, path, FETCH_DOCUMENT);
	finish(f, 20);
}

#endif
