/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "scraper/fetch_int.h"
#include "scraper/magic.h"
#include "scraper/read.h"

#define HEADERS_MAX ((size_t)64 << 10) /* bytes of all of an answer's */
#define VALUE_MAX 1024                 /* bytes of one that is kept */
#define DRAIN_MAX ((size_t)64 << 10)   /* read of a body nobody wants */
#define KEEP_MAX ((size_t)1 << 20)     /* memory that a free slot keeps */
#define LOW_SPEED_S 15
#define RETRY_AFTER_MAX 86400

/* Room for 100 kB blocks costs page faults with each transfer. */
#define RECEIVE_BUFFER 65536L

/* ---- addresses ---------------------------------------------------------- */

/* Judge the address that a connection is about to be made to. */
static curl_socket_t
open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct slot *s = ctx;
	const struct fetch *f = s->fetch;
	bool allowed = false;
	size_t i;
	int fd;

	(void)purpose;
	for (i = 0; i < f->n_allow && !allowed; i++)
		allowed = cidr_has(&f->allow[i], &addr->addr);
	if (!allowed && !address_is_public(&addr->addr)) {
		s->refused_private = true;
		return CURL_SOCKET_BAD;
	}
	if (!allowed && !f->has_contact) {
		s->refused_contact = true;
		return CURL_SOCKET_BAD;
	}
	fd =
	    socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
	if (fd >= 0)
		s->sockets++;
	return fd;
}

/* ---- headers ------------------------------------------------------------ */

static void
keep_value(char **to, const char *value)
{
	free(*to);
	*to = *value != 0 && strlen(value) <= VALUE_MAX &&
		text_is_utf8(value, strlen(value))
	    ? xstrdup(value)
	    : NULL;
}

/* "text/html; charset=UTF-8" */
static void
keep_charset(struct slot *s, const char *type)
{
	char *charset CLEANUP(freep) = NULL;
	const char *p = strcasestr(type, "charset=");
	size_t len;

	if (p == NULL)
		return;
	p += strlen("charset=");
	p += *p == '"';
	len = strspn(p,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_.:");
	charset = xstrndup(p, len);
	keep_value(&s->charset, charset);
}

static void
take_header(struct slot *s, const char *name, const char *value)
{
	if (strcasecmp(name, "etag") == 0) {
		keep_value(&s->etag, value);
	} else if (strcasecmp(name, "last-modified") == 0) {
		keep_value(&s->last_modified, value);
	} else if (strcasecmp(name, "content-type") == 0) {
		keep_charset(s, value);
	} else if (strcasecmp(name, "x-robots-tag") == 0) {
		robots_tag_add(&s->tag, value, ROBOTS_TOKEN);
	} else if (strcasecmp(name, "location") == 0 && s->location == NULL) {
		s->location = xstrdup(value);
	}
}

static void
forget_headers(struct slot *s)
{
	free(TAKE(s->etag));
	free(TAKE(s->last_modified));
	free(TAKE(s->location));
	free(TAKE(s->charset));
	s->tag = (struct robots_tag){ 0 };
}

/* Is there, by the headers, reason not to read the body? */
static bool
is_unwanted(struct slot *s)
{
	curl_off_t len = -1;

	if (outcome_of_status(s->status) != FETCH_OK ||
	    s->task->robots_for != NULL)
		return false;
	curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &len);
	s->too_large = len > 0 && (size_t)len > s->body_max;
	s->opted_out = s->task->want == FETCH_IMAGE && s->tag.no_images;
	return s->too_large || s->opted_out;
}

static size_t
on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct slot *s = ctx;
	size_t len = size * n;
	char *line CLEANUP(freep) = xstrndup(data, len);
	char *colon;

	s->header_bytes += len;
	if (s->header_bytes > HEADERS_MAX) {
		s->bad_headers = true;
		return 0;
	}
	if (strncasecmp(line, "HTTP/", 5) == 0) {
		/* Of an interim answer, or the one that counts. */
		forget_headers(s);
		s->status = 0;
		curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->status);
	} else if (*text_trim(line) == 0) {
		return is_unwanted(s) ? 0 : len;
	} else if ((colon = strchr(line, ':')) != NULL) {
		*colon = 0;
		take_header(s, text_trim(line), text_trim(colon + 1));
	}
	return len;
}

/* ---- bodies ------------------------------------------------------------- */

/* How many of these bytes go on; 0 ends the transfer. */
static size_t
take_body(struct slot *s, const char *data, size_t len)
{
	bool is_robots = s->task->robots_for != NULL;

	if (s->body.len + len > s->body_max) {
		/* The rest of a long robots.txt does not count. */
		if (is_robots)
			buf_add(&s->body, data, s->body_max - s->body.len);
		s->enough = is_robots;
		s->too_large = !is_robots;
		return 0;
	}
	buf_add(&s->body, data, len);
	s->not_image = s->task->want == FETCH_IMAGE &&
	    s->body.len >= MAGIC_BYTES &&
	    magic_image(s->body.data, s->body.len) == NULL;
	return s->not_image ? 0 : len;
}

static size_t
on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct slot *s = ctx;
	size_t len = size * n;

	s->body_seen += len;
	s->fetch->stats.bytes += (int64_t)len;
	if (outcome_of_status(s->status) == FETCH_OK)
		return take_body(s, data, len);
	/* A short one is read, so that the connection can be used again. */
	s->enough = s->body_seen > DRAIN_MAX;
	return s->enough ? 0 : len;
}

/* ---- the handle --------------------------------------------------------- */

static void
set_rules(struct slot *s)
{
	CURL *c = s->easy;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* A lookup that hangs must not hold up the end of the program. */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	/* 7.88 takes an HTTP/2 stream that was reset for a complete one. */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* With a CAPATH, 7.88 parses the bundle again for each connection. */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
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

int
slot_init(struct fetch *f, struct slot *s, struct err *e)
{
	s->fetch = f;
	s->easy = curl_easy_init();
	if (s->easy == NULL)
		return err_set(e, ERR_FATAL, "libcurl gives no handle");
	set_rules(s);
	set_limits(s);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_USERAGENT, f->agent);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
	return 0;
}

void
slot_release(struct slot *s)
{
	slot_clear(s);
	buf_release(&s->body);
	curl_easy_cleanup(s->easy);
}

void
slot_clear(struct slot *s)
{
	struct slot empty = { .fetch = s->fetch, .easy = s->easy };

	curl_slist_free_all(s->headers);
	forget_headers(s);
	task_free(s->task);
	if (s->body.size > KEEP_MAX)
		buf_release(&s->body);
	buf_clear(&s->body);
	empty.body = s->body;
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

int
slot_start(struct slot *s, struct task *t, struct host *h, struct err *e)
{
	s->task = t;
	s->host = h;
	s->body_max = t->want == FETCH_IMAGE ? (size_t)s->fetch->opts->max_bytes
					     : DOCUMENT_MAX;
	if (t->robots_for != NULL)
		s->body_max = ROBOTS_MAX;
	s->body.cap = s->body_max;
	add_header(s, "If-None-Match", t->etag);
	add_header(s, "If-Modified-Since", t->last_modified);
	if (t->want == FETCH_IMAGE)
		add_header(s, "Accept",
		    "image/webp,image/png,image/jpeg,"
		    "image/gif,*/*;q=0.5");
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING,
	    t->want == FETCH_IMAGE ? NULL : "");
	curl_easy_setopt(s->easy, CURLOPT_URL, t->url);
	if (curl_multi_add_handle(s->fetch->multi, s->easy) != CURLM_OK)
		return err_set(e, ERR_FATAL, "libcurl takes no handle");
	s->fetch->stats.requests++;
	return 0;
}

/* ---- what came of it ---------------------------------------------------- */

static enum outcome
outcome_of_timeout(const struct slot *s)
{
	curl_off_t named = 0, sent = 0, total = 0;

	curl_easy_getinfo(s->easy, CURLINFO_NAMELOOKUP_TIME_T, &named);
	curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &total);
	if (sent == 0)
		return named == 0 ? FETCH_DNS_FAILED : FETCH_CONNECT_FAILED;
	/* Of the two watches, which one has rung? */
	return total >= s->fetch->opts->timeout * 1000000 - 100000
	    ? FETCH_TIMED_OUT
	    : FETCH_TOO_SLOW;
}

static enum outcome
outcome_of_error(const struct slot *s, CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		/* The URL is one of ours, so this is HTTP/0.9. */
		return s->sockets > 0 ? FETCH_BAD_HEADERS : FETCH_BAD_URL;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FETCH_DNS_FAILED;
	case CURLE_COULDNT_CONNECT:
		return FETCH_CONNECT_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return outcome_of_timeout(s);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return FETCH_TLS_FAILED;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		return FETCH_INCOMPLETE;
	case CURLE_OUT_OF_MEMORY: /* one endless header line */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	default:
		return FETCH_BAD_HEADERS;
	}
}

static enum outcome
outcome_of_body(const struct slot *s)
{
	enum outcome o = outcome_of_status(s->status);

	if (s->status == 304)
		return s->task->etag != NULL || s->task->last_modified != NULL
		    ? FETCH_NOT_MODIFIED
		    : FETCH_BAD_HEADERS;
	if (o == FETCH_OK && s->body.len == 0)
		return FETCH_EMPTY;
	/* Fewer bytes than the callback waits for. */
	if (o == FETCH_OK && s->task->want == FETCH_IMAGE &&
	    magic_image(s->body.data, s->body.len) == NULL)
		return FETCH_NOT_AN_IMAGE;
	return o;
}

enum outcome
slot_outcome(struct slot *s, CURLcode code)
{
	if (s->sockets == 0 && s->refused_private)
		return FETCH_PRIVATE_ADDRESS;
	if (s->sockets == 0 && s->refused_contact)
		return FETCH_NO_CONTACT;
	if (s->bad_headers)
		return FETCH_BAD_HEADERS;
	if (s->opted_out)
		return FETCH_OPTED_OUT;
	if (s->too_large)
		return FETCH_TOO_LARGE;
	if (s->not_image)
		return FETCH_NOT_AN_IMAGE;
	if (code != CURLE_OK && !s->enough)
		return outcome_of_error(s, code);
	return outcome_of_body(s);
}

bool
slot_is_redirect(const struct slot *s, enum outcome outcome)
{
	return outcome == FETCH_BAD_HEADERS && s->location != NULL &&
	    !s->bad_headers &&
	    (s->status == 301 || s->status == 302 || s->status == 303 ||
		s->status == 307 || s->status == 308);
}

int64_t
slot_retry_after_s(const struct slot *s)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds < 0)
		return 0;
	return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : seconds;
}
