/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rawd: a server that breaks HTTP on purpose, byte by byte, which no library
 * would do for us.  One thread a connection; what is asked for decides what
 * comes, by the table of raw.c.  Its log is webd's.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/web/raw.h"

#define BACKLOG 256
#define THREADS_MAX 400
#define ENDLESS_S 60 /* nothing here goes on for longer */

struct server {
	int fd, log_fd, stop_fd;
	int64_t port;
	atomic_bool stopping;
	atomic_int threads;
	struct raw_state state;
};

struct connection {
	struct server *server;
	int fd;
};

/* ---- sending ------------------------------------------------------------ */

bool
raw_send(struct raw *r, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		if (atomic_load(r->stopping) ||
		    clock_ms() - r->came_ms > ENDLESS_S * 1000)
			return false;
		n = send(r->fd, p, len, MSG_NOSIGNAL);
		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
		r->sent += (uint64_t)n;
	}
	return true;
}

bool
raw_text(struct raw *r, const char *text)
{
	return raw_send(r, text, strlen(text));
}

/* Wait; false when the client is gone or we are to stop. */
bool
raw_wait(struct raw *r, int64_t ms)
{
	struct pollfd fds = { .fd = r->fd, .events = POLLRDHUP };
	int64_t end_ms = clock_ms() + ms, now_ms;

	while ((now_ms = clock_ms()) < end_ms) {
		if (atomic_load(r->stopping) ||
		    poll(&fds, 1, end_ms - now_ms < 50 ? 5 : 50) != 0)
			return false;
	}
	return true;
}

/* ---- a request ---------------------------------------------------------- */

/* The address that the client came to, IPv4 inside IPv6 as IPv4. */
static void
name_local(int fd, char *ret, socklen_t size)
{
	struct sockaddr_storage addr = { 0 };
	struct sockaddr_in *in = (void *)&addr;
	struct sockaddr_in6 *in6 = (void *)&addr;
	socklen_t len = sizeof(addr);
	const char *mapped = "::ffff:";
	const void *bytes = &in6->sin6_addr;

	snprintf(ret, size, "-");
	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return;
	if (addr.ss_family == AF_INET)
		bytes = &in->sin_addr;
	inet_ntop(addr.ss_family, bytes, ret, size);
	len = (socklen_t)strlen(mapped);
	if (strncmp(ret, mapped, len) == 0 && strchr(ret, '.') != NULL)
		memmove(ret, ret + len, strlen(ret + len) + 1);
}

static char *
safe_header(const struct raw *r, const char *name)
{
	char *value CLEANUP(freep) = NULL;

	raw_header(r, name, &value);
	return text_safe(value == NULL ? "-" : value);
}

/* A line as webd's, head and body as one size, and behind it the address
   that was asked. */
static void
note(struct server *s, const struct raw *r)
{
	char *path CLEANUP(freep) = text_safe(r->path);
	char *agent CLEANUP(freep) = safe_header(r, "User-Agent");
	char *host CLEANUP(freep) = safe_header(r, "Host");
	char *line CLEANUP(freep) = NULL, local[INET6_ADDRSTRLEN];
	bool cookie = raw_header(r, "Cookie", NULL);
	bool auth = raw_header(r, "Authorization", NULL);

	if (s->log_fd < 0)
		return;
	name_local(r->fd, local, sizeof(local));
	line = xasprintf("GET\t%s\t-\t%" PRIu64 "\t%s\t%" PRId64 "\t%" PRId64
			 "\t%s\t%s\t%s\n",
	    path, r->sent, agent, r->came_ms, clock_ms(), host,
	    cookie && auth ? "cookie,authorization"
		: cookie   ? "cookie"
		: auth     ? "authorization"
			   : "-",
	    local);
	if (write(s->log_fd, line, strlen(line)) < 0)
		perror("rawd: log");
}

/* The value of a header of the request, which the caller frees. */
bool
raw_header(const struct raw *r, const char *name, char **ret)
{
	char *key CLEANUP(freep) = xasprintf("\r\n%s:", name);
	const char *p = strcasestr(r->head, key);

	if (p == NULL)
		return false;
	p += strlen(key);
	p += strspn(p, " \t");
	if (ret != NULL)
		*ret = xstrndup(p, strcspn(p, "\r\n"));
	return true;
}

/* Read a request's head; false when none comes. */
static bool
read_head(struct raw *r)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < sizeof(r->head)) {
		if (!raw_readable(r))
			return false;
		n = recv(r->fd, r->head + len, sizeof(r->head) - 1 - len, 0);
		if (n <= 0)
			return false;
		if (len == 0)
			r->came_ms = clock_ms();
		len += (size_t)n;
		r->head[len] = 0;
		if (strstr(r->head, "\r\n\r\n") != NULL)
			return true;
	}
	return false;
}

bool
raw_readable(struct raw *r)
{
	struct pollfd fds = { .fd = r->fd, .events = POLLIN };
	int64_t end_ms = clock_ms() + ENDLESS_S * 1000;

	while (!atomic_load(r->stopping) && clock_ms() < end_ms)
		if (poll(&fds, 1, 50) != 0)
			return true;
	return false;
}

static bool
parse_head(struct raw *r)
{
	const char *p = r->head + strcspn(r->head, " ");
	size_t len;

	if (*p != ' ')
		return false;
	len = strcspn(++p, " \r\n");
	if (len >= sizeof(r->path))
		return false;
	memcpy(r->path, p, len);
	r->path[len] = 0;
	return true;
}

/* An answer, and no more of them where it leaves the client confused. */
static void
converse(struct server *s, int fd)
{
	struct raw *r = xcalloc(1, sizeof(*r));
	bool go_on = true;

	r->fd = fd;
	r->port = s->port;
	r->stopping = &s->stopping;
	r->state = &s->state;
	while (go_on && read_head(r) && parse_head(r)) {
		r->sent = 0;
		go_on = raw_answer(r);
		note(s, r);
	}
	free(r);
}

static void *
serve(void *cls)
{
	struct connection *c = cls;

	converse(c->server, c->fd);
	close(c->fd);
	atomic_fetch_sub(&c->server->threads, 1);
	free(c);
	return NULL;
}

static void
take(struct server *s, int fd)
{
	struct connection *c;
	pthread_t thread;

	if (atomic_fetch_add(&s->threads, 1) >= THREADS_MAX) {
		atomic_fetch_sub(&s->threads, 1);
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->server = s;
	c->fd = fd;
	if (pthread_create(&thread, NULL, serve, c) != 0) {
		atomic_fetch_sub(&s->threads, 1);
		close(fd);
		free(c);
		return;
	}
	pthread_detach(thread);
}

/* ---- the server --------------------------------------------------------- */

static int
listen_on(const char *ip, int64_t port, struct err *e)
{
	struct sockaddr_storage addr = { 0 };
	struct sockaddr_in *in = (void *)&addr;
	struct sockaddr_in6 *in6 = (void *)&addr;
	int one = 1, fd;

	if (inet_pton(AF_INET, ip, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, ip, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
	} else {
		return err_set(e, ERR_USAGE, "not an address: %s", ip);
	}
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, ERR_FATAL, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		close(fd);
		return err_sys(e, ERR_FATAL, "cannot listen on %s", ip);
	}
	return fd;
}

/* sin_port and sin6_port stand in the same place. */
static int64_t
port_of(int fd)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);

	getsockname(fd, (struct sockaddr *)&addr, &len);
	return ntohs(((struct sockaddr_in *)(void *)&addr)->sin_port);
}

static void *
wait_for_signal(void *cls)
{
	struct server *s = cls;
	sigset_t stop;
	int sig;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigwait(&stop, &sig);
	atomic_store(&s->stopping, true);
	return NULL;
}

static void
run(struct server *s)
{
	struct pollfd fds = { .fd = s->fd, .events = POLLIN };
	int fd;

	while (!atomic_load(&s->stopping)) {
		if (poll(&fds, 1, 50) <= 0)
			continue;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			take(s, fd);
	}
	while (atomic_load(&s->threads) > 0)
		usleep(1000);
}

static int
start(struct server *s, const char *port_file, struct err *e)
{
	pthread_t thread;
	sigset_t stop;
	char line[16];

	/* Blocked before any thread is made, so that only sigwait sees it. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	if (pthread_create(&thread, NULL, wait_for_signal, s) != 0)
		return err_set(e, ERR_FATAL, "no thread");
	s->port = port_of(s->fd);
	snprintf(line, sizeof(line), "%" PRId64 "\n", s->port);
	if (port_file != NULL &&
	    file_replace(port_file, line, strlen(line), e) < 0)
		return -1;
	run(s);
	pthread_join(thread, NULL);
	return 0;
}

static const struct option options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "bind", required_argument, NULL, 'b' },
	{ "log", required_argument, NULL, 'l' },
	{ "port-file", required_argument, NULL, 'f' },
	{ 0 },
};

int
main(int argc, char **argv)
{
	const char *ip = "127.0.0.1", *log = NULL, *port_file = NULL;
	struct server s = { .log_fd = -1 };
	struct err e = { 0 };
	int64_t port = 0;
	int letter;

	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (letter) {
		case 'p':
			if (!text_to_int(optarg, &port))
				return 2;
			break;
		case 'b':
			ip = optarg;
			break;
		case 'l':
			log = optarg;
			break;
		case 'f':
			port_file = optarg;
			break;
		default:
			fputs("usage: rawd [--bind ADDR] [--port N]"
			      " [--port-file FILE] [--log FILE]\n",
			    stderr);
			return 2;
		}
	if (log != NULL)
		s.log_fd =
		    open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	s.fd = listen_on(ip, port, &e);
	if (s.fd < 0 || start(&s, port_file, &e) < 0) {
		fprintf(stderr, "rawd: %s\n", e.msg);
		return 1;
	}
	close(s.fd);
	closep(&s.log_fd);
	return 0;
}
