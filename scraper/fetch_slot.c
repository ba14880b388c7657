/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include "scraper/fetch_int.h"
#include "scraper/read.h"
#include "scraper/url.h"

#define KEEP_MAX ((size_t)1 << 20) /* memory that a free slot keeps */
#define LOW_SPEED_S 15

/* Room for 100 kB blocks costs page faults with each transfer. */
#define RECEIVE_BUFFER 65536L

/* ---- sockets ------------------------------------------------------------ */

/* Judge the address that a connection is about to be made to. */
static curl_socket_t
open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct slot *s = ctx;
	enum outcome verdict = FETCH_PRIVATE_ADDRESS;
	struct address address;
	int fd;

	(void)purpose;
	if (address_of(&addr->addr, &address))
		verdict = fetch_judge(s->fetch, &address);
	s->refused_private |= verdict == FETCH_PRIVATE_ADDRESS;
	s->refused_contact |= verdict == FETCH_NO_CONTACT;
	if (verdict != FETCH_OK)
		return CURL_SOCKET_BAD;
	fd =
	    socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	loop_forget(s->fetch, fd);
	s->sockets++;
	s->fetch->n_sockets++;
	return fd;
}

/* The connection may outlive the slot that opened it. */
static int
close_socket(void *ctx, curl_socket_t fd)
{
	struct fetch *f = ctx;

	f->n_sockets--;
	loop_forget(f, fd);
	return close(fd);
}

/* ---- the handle --------------------------------------------------------- */

static void
set_rules(struct slot *s)
{
	const char *ca_file = s->fetch->opts->ca_file;
	CURL *c = s->easy;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* No name is looked up by libcurl but by mistake. */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	/* 7.88 takes an HTTP/2 stream that was reset for a complete one. */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* With a CAPATH, 7.88 parses the bundle again for each connection. */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	if (ca_file == NULL)
		ca_file = getenv("SSL_CERT_FILE");
	if (ca_file != NULL && *ca_file != 0)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
}

static void
set_limits(struct slot *s)
{
	const struct scraper_opts *o = s->fetch->opts;
	int64_t window = o->timeout / 4;

	if (window < 2)
		window = 2;
	if (window > LOW_SPEED_S)
		window = LOW_SPEED_S;
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT, (long)o->timeout);
	curl_easy_setopt(
	    s->easy, CURLOPT_CONNECTTIMEOUT, (long)o->connect_timeout);
	curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_LIMIT, (long)o->low_speed);
	curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_TIME, (long)window);
}

static void
set_callbacks(struct slot *s)
{
	CURL *c = s->easy;

	curl_easy_setopt(c, CURLOPT_PRIVATE, s);
	curl_easy_setopt(c, CURLOPT_USERAGENT, s->fetch->agent);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, s->fetch);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, slot_on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, slot_on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
}

/* A free slot, made when there is none yet; NULL: libcurl gives no handle. */
struct slot *
slot_get(struct fetch *f, struct err *e)
{
	struct slot *s = f->free_slots;

	if (s != NULL) {
		f->free_slots = s->next;
		s->next = NULL;
		return s;
	}
	s = xcalloc(1, sizeof(*s));
	s->fetch = f;
	s->easy = curl_easy_init();
	if (s->easy == NULL) {
		free(s);
		err_set(e, ERR_FATAL, "libcurl gives no handle");
		return NULL;
	}
	set_rules(s);
	set_limits(s);
	set_callbacks(s);
	f->slots[f->n_slots++] = s;
	return s;
}

void
slot_free(struct slot *s)
{
	slot_clear(s);
	curl_easy_cleanup(s->easy);
	buf_release(&s->body);
	free(s);
}

/* Some memory is free again: those that wait for it may look. */
void
slot_wake_paused(struct fetch *f)
{
	struct slot *s, *next;

	for (s = TAKE(f->paused); s != NULL; s = next) {
		next = s->next;
		s->next = NULL;
		curl_easy_pause(s->easy, CURLPAUSE_CONT);
	}
}

static void
leave_paused(struct slot *s)
{
	struct slot **at = &s->fetch->paused;

	while (*at != NULL && *at != s)
		at = &(*at)->next;
	if (*at == s)
		*at = s->next;
}

/* Make it free for the next. */
void
slot_clear(struct slot *s)
{
	struct slot empty = { .fetch = s->fetch, .easy = s->easy };
	struct fetch *f = s->fetch;

	slot_forget_headers(s);
	if (s->host != NULL && s->host->unresolve != NULL)
		f->unresolve =
		    curl_slist_append(f->unresolve, s->host->unresolve);
	/* libcurl must not see lists that are no more. */
	if (s->headers != NULL || s->resolve != NULL) {
		curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, NULL);
		curl_easy_setopt(s->easy, CURLOPT_RESOLVE, NULL);
	}
	curl_slist_free_all(s->headers);
	curl_slist_free_all(s->resolve);
	task_free(s->task);
	f->held -= s->counted;
	if (s->body.size > KEEP_MAX)
		buf_release(&s->body);
	buf_clear(&s->body);
	empty.body = s->body;
	if (f->foremost == s)
		f->foremost = NULL;
	leave_paused(s);
	*s = empty;
}

static void
add_header(struct slot *s, const char *name, const char *value)
{
	char *line CLEANUP(freep) = NULL;

	if (value == NULL || strpbrk(value, "\r\n") != NULL)
		return;
	line = xasprintf("%s: %s", name, value);
	s->headers = curl_slist_append(s->headers, line);
}

/* Is the task still, or again, where its authorization is for? */
static bool
is_at_home(const struct task *t)
{
	size_t len = url_origin_len(t->url);

	return t->home != NULL && strlen(t->home) == len &&
	    strncmp(t->home, t->url, len) == 0;
}

/* Either the value of Authorization, or a header of another name. */
static void
add_authorization(struct slot *s, const char *value)
{
	size_t name = value == NULL ? 0 : strcspn(value, ": ");

	if (name == 0 || value[name] != ':')
		add_header(s, "Authorization", value);
	else if (strpbrk(value, "\r\n") == NULL)
		s->headers = curl_slist_append(s->headers, value);
}

/* A form goes nowhere but to where it is for. */
static void
set_method(struct slot *s, const struct task *t)
{
	if (t->post != NULL && is_at_home(t))
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, t->post);
	else
		curl_easy_setopt(s->easy, CURLOPT_HTTPGET, 1L);
}

static void
set_headers(struct slot *s, const struct task *t)
{
	part_ask(s);
	if (s->headers == NULL) {
		add_header(s, "If-None-Match", t->etag);
		add_header(s, "If-Modified-Since", t->last_modified);
	} else {
		s->asked_part = true;
	}
	if (is_at_home(t))
		add_authorization(s, t->authorization);
	if (s->headers != NULL && t->want == FETCH_IMAGE)
		s->headers =
		    curl_slist_append(s->headers, s->fetch->for_images->data);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER,
	    s->headers == NULL && t->want == FETCH_IMAGE ? s->fetch->for_images
							 : s->headers);
}

/*
 * libcurl's table of names is searched from end to end with each connection
 * that ends, so each name leaves it with the transfer that it came for.
 */
static void
set_addresses(struct slot *s, const struct host *h)
{
	s->resolve = TAKE(s->fetch->unresolve);
	if (h->resolve != NULL)
		s->resolve = curl_slist_append(s->resolve, h->resolve);
	if (s->resolve != NULL)
		curl_easy_setopt(s->easy, CURLOPT_RESOLVE, s->resolve);
}

int
slot_start(struct slot *s, struct task *t, struct host *h, struct place *p,
    struct err *e)
{
	struct fetch *f = s->fetch;

	s->task = t;
	s->host = h;
	s->place = p;
	s->body_max =
	    t->want == FETCH_IMAGE ? (size_t)f->opts->max_bytes : DOCUMENT_MAX;
	if (t->robots_for != NULL)
		s->body_max = ROBOTS_MAX;
	s->body.cap = s->body_max;
	set_headers(s, t);
	set_method(s, t);
	set_addresses(s, h);
	curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING,
	    t->want == FETCH_IMAGE ? NULL : "");
	curl_easy_setopt(s->easy, CURLOPT_URL, t->url);
	f->running++;
	if (curl_multi_add_handle(f->multi, s->easy) != CURLM_OK)
		return err_set(e, ERR_FATAL, "libcurl takes no handle");
	return 0;
}
