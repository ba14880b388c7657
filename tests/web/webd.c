/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webd: options, the table of what is served, start and stop.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/web/photos.h"

static const struct {
	const char *path;
	handler_fn *serve;
	bool below; /* whatever comes behind the path is served too */
} table[] = {
	{ "/img/", serve_image, true },
	{ "/made/", serve_made, true },
	{ "/gallery/", serve_gallery, true },
	{ "/", serve_album, false },
	{ "/w/api.php", serve_api, false },
	{ "/lists/", serve_list, true },
	{ "/recorded/", serve_recorded, true },
	{ "/hostile/", serve_hostile, true },
	{ "/trap/", serve_trap, true },
	{ "/private/", serve_private, true },
	{ "/static/", serve_static, true },
	{ "/robots.txt", serve_robots, false },
	{ "/counter", serve_counter, false },
	{ "/sent", serve_sent, false },
	{ "/maze/", serve_maze, true },
};

/* The command line and what follows from it. */
struct call {
	struct web_conf conf;
	const char *bind, *log, *port_file;
	const char *cert, *key; /* PEM files; NULL: without TLS */
	int64_t port;
};

static enum MHD_Result
dispatch(struct request *r)
{
	size_t i, len;

	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0 &&
	    strcmp(r->path, "/recorded/token") != 0)
		return reply_status(r, MHD_HTTP_METHOD_NOT_ALLOWED);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		len = strlen(table[i].path);
		if (strncmp(r->path, table[i].path, len) == 0 &&
		    (table[i].below || r->path[len] == 0))
			return table[i].serve(r, r->path + len);
	}
	return reply_status(r, MHD_HTTP_NOT_FOUND);
}

/* MHD gives the target as it came only here, before it decodes it. */
static void *
request_new(void *cls, const char *target, struct MHD_Connection *conn)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->web = cls;
	r->conn = conn;
	r->target = text_safe(target);
	r->came_ms = clock_ms();
	return r;
}

static void
request_end(void *cls, struct MHD_Connection *conn, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *r = *state;

	(void)cls;
	(void)conn;
	(void)why;
	if (r == NULL)
		return;
	free(r->target);
	free(r);
	*state = NULL;
}

static enum MHD_Result
access_handler(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
	struct request *r = *state;

	(void)cls;
	(void)conn;
	(void)version;
	(void)upload;
	if (*upload_len > 0) {
		*upload_len = 0; /* a body is read and forgotten */
		return MHD_YES;
	}
	if (!r->seen) {
		r->seen = true;
		return MHD_YES;
	}
	r->method = method;
	r->path = url;
	return dispatch(r);
}

/*
 * Whatever we are bound to, strangers are not served; but in a network
 * namespace that is cut off there are none (--anyone).
 */
static enum MHD_Result
admit(void *cls, const struct sockaddr *addr, socklen_t len)
{
	const struct web *web = cls;
	const struct sockaddr_in *in = (const void *)addr;

	if (web->conf.anyone)
		return MHD_YES;
	if (addr->sa_family != AF_INET || len < sizeof(*in))
		return MHD_NO;
	return ntohl(in->sin_addr.s_addr) >> 24 == 127 ? MHD_YES : MHD_NO;
}

/* "::" is both families; the flags of MHD that this needs, or -1. */
static int
parse_address(
    const char *ip, int64_t port, struct sockaddr_storage *ret, struct err *e)
{
	struct sockaddr_in *in = (void *)ret;
	struct sockaddr_in6 *in6 = (void *)ret;

	*ret = (struct sockaddr_storage){ 0 };
	if (inet_pton(AF_INET, ip, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		return 0;
	}
	if (inet_pton(AF_INET6, ip, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		return MHD_USE_DUAL_STACK;
	}
	return err_set(e, ERR_USAGE, "not an address: %s", ip);
}

/* A PEM file, with a zero byte behind it, as MHD wants it. */
static int
read_pem(const char *path, struct buf *b, struct err *e)
{
	if (path == NULL)
		return 0;
	if (file_read(path, b, e) < 0)
		return -1;
	buf_add(b, "", 1);
	return 0;
}

static struct MHD_Daemon *
listen_on(struct web *web, const struct call *c, struct err *e)
{
	struct buf cert CLEANUP(buf_release) = BUF_INIT(1 << 20);
	struct buf key CLEANUP(buf_release) = BUF_INIT(1 << 20);
	struct sockaddr_storage addr;
	struct MHD_Daemon *d;
	int flags = parse_address(c->bind, c->port, &addr, e);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_END, 0, NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (flags < 0 || read_pem(c->cert, &cert, e) < 0 ||
	    read_pem(c->key, &key, e) < 0)
		return NULL;
	if (c->cert != NULL) {
		flags |= MHD_USE_TLS;
		tls[0].option = MHD_OPTION_HTTPS_MEM_CERT;
		tls[0].ptr_value = cert.data;
		tls[1].ptr_value = key.data;
	}
	flags |= MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION;
	d = MHD_start_daemon((unsigned)flags, 0, admit, web, access_handler,
	    web, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
	    MHD_OPTION_URI_LOG_CALLBACK, request_new, web,
	    MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_CONNECTION_TIMEOUT,
	    120u, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (d == NULL)
		err_sys(e, ERR_FATAL, "cannot listen on %s port %" PRId64,
		    c->bind, c->port);
	return d;
}

static int
announce(struct MHD_Daemon *d, const struct call *call, struct err *e)
{
	unsigned port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
	char line[16];

	if (call->port_file == NULL) {
		printf("%s://%s:%u/\n", call->cert == NULL ? "http" : "https",
		    call->bind, port);
		fflush(stdout);
		return 0;
	}
	snprintf(line, sizeof(line), "%u\n", port);
	return file_replace(call->port_file, line, strlen(line), e);
}

/* Serve until SIGTERM or SIGINT. */
static int
serve(struct web *web, const struct call *call, struct err *e)
{
	struct photos photos;
	struct MHD_Daemon *d;
	sigset_t stop;
	int sig, result;

	if (photos_load(web, &photos, e) < 0)
		return -1;
	photos_release(&photos); /* only to know that there is such a tree */
	/* Blocked before any thread is made, so that only sigwait sees it. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	d = listen_on(web, call, e);
	if (d == NULL)
		return -1;
	result = announce(d, call, e);
	if (result == 0)
		sigwait(&stop, &sig);
	atomic_store(&web->stopping, true);
	MHD_stop_daemon(d);
	return result;
}

static const struct option options[] = { { "port", required_argument, NULL,
					     'p' },
	{ "bind", required_argument, NULL, 'b' },
	{ "root", required_argument, NULL, 'r' },
	{ "log", required_argument, NULL, 'l' },
	{ "port-file", required_argument, NULL, 'f' },
	{ "delay", required_argument, NULL, 'd' },
	{ "recorded", required_argument, NULL, 'A' },
	{ "robots", required_argument, NULL, 'R' },
	{ "robots-status", required_argument, NULL, 'S' },
	{ "maxlag-once", no_argument, NULL, 'm' },
	{ "imageinfo-max", required_argument, NULL, 'i' },
	{ "made", required_argument, NULL, 'n' },
	{ "licence", required_argument, NULL, 'L' },
	{ "tls-cert", required_argument, NULL, 'C' },
	{ "tls-key", required_argument, NULL, 'K' },
	{ "anyone", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' }, { 0 } };

static const char usage[] =
    "usage: webd [--port N] [--bind ADDR] [--port-file FILE] [--log FILE]\n"
    "            [--root DIR] [--made N] [--delay MS] [--licence NAME]\n"
    "            [--robots FILE] [--robots-status N] [--maxlag-once]\n"
    "            [--imageinfo-max N] [--tls-cert FILE --tls-key FILE]\n"
    "            [--recorded DIR] [--anyone]\n";

static bool
number(const char *text, int64_t most, int64_t *ret)
{
	return text_to_int(text, ret) && *ret >= 0 && *ret <= most;
}

static bool
set(struct call *c, int letter, const char *value)
{
	switch (letter) {
	case 'p':
		return number(value, 65535, &c->port);
	case 'd':
		return number(value, 600000, &c->conf.delay_ms);
	case 'S':
		return number(value, 599, &c->conf.robots_status) &&
		    c->conf.robots_status >= 200;
	case 'i':
		return number(value, 500, &c->conf.imageinfo_max);
	case 'n':
		return number(value, 100000, &c->conf.made);
	case 'm':
		return c->conf.maxlag_once = true;
	case 'b':
		return (c->bind = value) != NULL;
	case 'r':
		return (c->conf.root = value) != NULL;
	case 'l':
		return (c->log = value) != NULL;
	case 'f':
		return (c->port_file = value) != NULL;
	case 'R':
		return (c->conf.robots_file = value) != NULL;
	case 'C':
		return (c->cert = value) != NULL;
	case 'K':
		return (c->key = value) != NULL;
	case 'a':
		return c->conf.anyone = true;
	case 'A':
		return (c->conf.recorded = value) != NULL;
	case 'L':
		return (c->conf.licence = value) != NULL;
	default:
		return false;
	}
}

int
main(int argc, char **argv)
{
	struct call call = { .bind = "127.0.0.1", .conf.made = 20 };
	struct web web = { .log_fd = -1 };
	struct err e = { 0 };
	int letter, result;

	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (letter == 'h') {
			fputs(usage, stdout);
			return 0;
		} else if (!set(&call, letter, optarg))
			break;
	if (letter != -1 || optind < argc ||
	    (call.cert == NULL) != (call.key == NULL)) {
		fputs(usage, stderr);
		return 2;
	}
	web.conf = call.conf;
	if (call.log != NULL)
		web.log_fd = open(
		    call.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (call.log != NULL && web.log_fd < 0) {
		perror(call.log);
		return 1;
	}
	pthread_mutex_init(&web.lock, NULL);
	web.asked = json_object();
	web.sent = json_object();
	result = serve(&web, &call, &e);
	if (result < 0)
		fprintf(stderr, "webd: %s\n", e.msg);
	json_decref(web.asked);
	json_decref(web.sent);
	pthread_mutex_destroy(&web.lock);
	closep(&web.log_fd);
	return result < 0 ? err_exit_status(&e) : 0;
}
