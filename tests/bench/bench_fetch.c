/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine alone: a list of URLs fetched to nowhere, with all rules on;
 * beside it the least that libcurl needs for the same, and a server whose
 * answers take a while.
 *
 *	bench_fetch griddle LIST PER_HOST TRANSFERS
 *	bench_fetch bare LIST TRANSFERS
 *	bench_fetch serve PORT DELAY_MS FILE
 *
 * The first two print how many came; tests/bench/measure takes the time.
 */
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "scraper/fetch.h"

#define LIST_MAX ((size_t)64 << 20)
#define WINDOW 4096 /* requests in the engine's queues */
#define EVENTS_MAX 256
#define CLIENTS_MAX 4096

struct list {
	struct buf text;
	char *next;
	int got;
};

static void
list_open(struct list *l, const char *path)
{
	struct err e;

	l->text = BUF_INIT(LIST_MAX);
	if (file_read(path, &l->text, &e) < 0) {
		fprintf(stderr, "bench_fetch: %s\n", e.msg);
		exit(1);
	}
	l->next = (char *)l->text.data;
}

static char *
list_next(struct list *l)
{
	char *line = strsep(&l->next, "\n");

	return line == NULL || *line == 0 ? NULL : line;
}

static int64_t
number(const char *text)
{
	int64_t n = 0;

	if (!text_to_int(text, &n))
		exit(2);
	return n;
}

/* ---- the engine --------------------------------------------------------- */

static int
on_done(void *ctx, struct fetch_result *r, struct err *e)
{
	struct list *l = ctx;

	(void)e;
	l->got += r->outcome == FETCH_OK;
	if (r->outcome != FETCH_OK)
		fprintf(stderr, "%s: %s\n", r->url, outcome_word(r->outcome));
	return 0;
}

static int
run_griddle(struct list *l, int64_t per_host, int64_t transfers)
{
	struct scraper_opts *o = opt_new(&scraper_group);
	struct fetch *f = NULL;
	char *url = list_next(l);
	struct err e;

	strlist_add(&o->allow_private, "127.0.0.0/8");
	o->delay = 0;
	o->per_host = per_host;
	o->max_transfers = transfers;
	if (fetch_new(o, "0", "bench@example.org", &f, &e) < 0)
		return 1;
	while (url != NULL || fetch_busy(f) > 0) {
		for (; url != NULL && fetch_busy(f) < WINDOW;
		     url = list_next(l)) {
			struct fetch_request r = { .want = FETCH_IMAGE,
				.url = url };

			fetch_add(f, &r);
		}
		if (fetch_step(f, NULL, 0, 1000, on_done, l, &e) < 0) {
			fprintf(stderr, "bench_fetch: %s\n", e.msg);
			return 1;
		}
	}
	fetch_free(f);
	opt_free(&scraper_group, o);
	return 0;
}

/* ---- the least ---------------------------------------------------------- */

static size_t
swallow(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * n;
}

static void
bare_start(CURLM *multi, CURL *c, const char *url)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_multi_add_handle(multi, c);
}

static int
run_bare(struct list *l, int64_t transfers)
{
	CURLM *multi = curl_multi_init();
	int running = 0, left, i;
	char *url = NULL;
	CURLMsg *m;

	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 2 * (long)transfers);
	for (i = 0; i < transfers && (url = list_next(l)) != NULL; i++) {
		CURL *c = curl_easy_init();

		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
		curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 65536L);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
		if (getenv("SSL_CERT_FILE") != NULL)
			curl_easy_setopt(
			    c, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
		bare_start(multi, c, url);
	}
	do {
		curl_multi_perform(multi, &running);
		while ((m = curl_multi_info_read(multi, &left)) != NULL) {
			l->got += m->data.result == CURLE_OK;
			curl_multi_remove_handle(multi, m->easy_handle);
			url = list_next(l);
			if (url == NULL) {
				curl_easy_cleanup(m->easy_handle);
				continue;
			}
			bare_start(multi, m->easy_handle, url);
			running++;
		}
		curl_multi_poll(multi, NULL, 0, 100, NULL);
	} while (running > 0);
	curl_multi_cleanup(multi);
	return 0;
}

/* ---- a server that takes its time --------------------------------------- */

/* Answers become due in the order in which their requests came. */
struct answer {
	int fd;
	int64_t due_ms;
	bool is_robots;
};

struct server {
	int epoll, listener;
	int64_t delay_ms;
	struct buf answer;
	struct answer due[CLIENTS_MAX];
	size_t first, n;
};

static void
server_listen(struct server *s, int64_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct epoll_event event = { .events = EPOLLIN };
	int on = 1;

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(s->listener, 4096) < 0)
		exit(1);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	event.data.fd = s->listener;
	epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &event);
}

/* Send all: the clients read. */
static void
server_send(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static void
server_answer(struct server *s, const struct answer *a)
{
	static const char none[] =
	    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

	if (a->is_robots) {
		server_send(a->fd, none, sizeof(none) - 1);
		return;
	}
	server_send(a->fd, s->answer.data, s->answer.len);
}

static void
server_read(struct server *s, int fd)
{
	char request[4096];
	ssize_t n = recv(fd, request, sizeof(request) - 1, 0);

	if (n <= 0 || s->n == CLIENTS_MAX) {
		close(fd);
		return;
	}
	request[n] = 0;
	s->due[(s->first + s->n++) % CLIENTS_MAX] =
	    (struct answer){ fd, clock_ms() + s->delay_ms,
		    strstr(request, " /robots.txt") != NULL };
}

static int
server_timeout_ms(const struct server *s)
{
	int64_t ms;

	if (s->n == 0)
		return -1;
	ms = s->due[s->first].due_ms - clock_ms();
	return ms > 0 ? (int)ms : 0;
}

static int
serve(int64_t port, int64_t delay_ms, const char *path)
{
	struct server *s = xcalloc(1, sizeof(*s));
	struct buf file = BUF_INIT(LIST_MAX);
	struct epoll_event events[EVENTS_MAX], event = { .events = EPOLLIN };
	struct err e;
	int n, i;

	s->delay_ms = delay_ms;
	s->answer = BUF_INIT(LIST_MAX);
	if (file_read(path, &file, &e) < 0)
		return 1;
	/* In one piece, or Nagle's algorithm waits for the second. */
	buf_addf(&s->answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
	    file.len);
	buf_add(&s->answer, file.data, file.len);
	buf_release(&file);
	server_listen(s, port);
	for (;;) {
		n = epoll_wait(
		    s->epoll, events, EVENTS_MAX, server_timeout_ms(s));
		for (i = 0; i < n; i++) {
			if (events[i].data.fd != s->listener) {
				server_read(s, events[i].data.fd);
				continue;
			}
			event.data.fd =
			    accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
			epoll_ctl(
			    s->epoll, EPOLL_CTL_ADD, event.data.fd, &event);
		}
		while (s->n > 0 && server_timeout_ms(s) == 0) {
			server_answer(s, &s->due[s->first]);
			s->first = (s->first + 1) % CLIENTS_MAX;
			s->n--;
		}
	}
}

int
main(int argc, char **argv)
{
	struct list l = { 0 };
	int status = 2;

	if (argc == 5 && strcmp(argv[1], "serve") == 0)
		return serve(number(argv[2]), number(argv[3]), argv[4]);
	if (argc < 4)
		return 2;
	list_open(&l, argv[2]);
	if (strcmp(argv[1], "griddle") == 0 && argc == 5)
		status = run_griddle(&l, number(argv[3]), number(argv[4]));
	else if (strcmp(argv[1], "bare") == 0)
		status = run_bare(&l, number(argv[3]));
	printf("%d\n", l.got);
	buf_release(&l.text);
	return status;
}
