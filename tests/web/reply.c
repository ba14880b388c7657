/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply: every answer leaves through finish(), which notes it in the log
 * and the counter before the first byte is sent.  So a client that has its
 * answer finds its own line in the log.
 */
#include "tests/web/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/web/cond.h"
#include "tests/web/paint.h"

#define TARGETS_MAX 100000 /* that are counted one by one */
#define OTHERS "(others)"

bool
web_nap(struct web *web, int64_t ms)
{
	int64_t slice;

	/* Short naps, so that the server stops soon when it is asked to. */
	for (; ms > 0 && !atomic_load(&web->stopping); ms -= slice) {
		slice = ms < 50 ? ms : 50;
		usleep((useconds_t)slice * 1000);
	}
	return !atomic_load(&web->stopping);
}

static void
count(struct web *web, json_t *counts, const char *target, uint64_t n)
{
	json_t *old;

	pthread_mutex_lock(&web->lock);
	old = json_object_get(counts, target);
	if (old == NULL && json_object_size(counts) >= TARGETS_MAX) {
		target = OTHERS;
		old = json_object_get(counts, target);
	}
	n += (uint64_t)json_integer_value(old);
	json_object_set_new(counts, target, json_integer((json_int_t)n));
	pthread_mutex_unlock(&web->lock);
}

static const char *
request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

/* Which of the headers that nobody should have sent us came. */
static const char *
secrets(const struct request *r)
{
	bool cookie = request_header(r, "Cookie") != NULL;
	bool auth = request_header(r, "Authorization") != NULL;

	if (cookie)
		return auth ? "cookie,authorization" : "cookie";
	return auth ? "authorization" : "-";
}

/*
 * One line of the log, by one write: lines of threads never mix.  When it
 * came and when its answer was ready, in milliseconds: the client has had
 * to wait at least that long.
 */
static void
note(struct request *r, unsigned status, const char *size)
{
	const char *agent = request_header(r, "User-Agent");
	char *line CLEANUP(freep) = NULL, *name CLEANUP(freep) = NULL;

	count(r->web, r->web->asked, r->target, 1);
	if (r->web->log_fd < 0)
		return;
	name = text_safe(agent == NULL ? "-" : agent);
	line =
	    xasprintf("%s\t%s\t%u\t%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s\t%s\n",
		r->method, r->target, status, size, name, r->came_ms,
		clock_ms(), request_host(r), secrets(r));
	if (write(r->web->log_fd, line, strlen(line)) < 0)
		perror("webd: log");
}

static void
add(struct MHD_Response *answer, const char *name, const char *value)
{
	if (value != NULL)
		MHD_add_response_header(answer, name, value);
}

/* size: the bytes of the body, or MHD_SIZE_UNKNOWN. */
static enum MHD_Result
finish(struct request *r, const struct head *h, unsigned status,
    struct MHD_Response *answer, uint64_t size)
{
	char number[32], date[HTTP_DATE_SIZE];
	enum MHD_Result result;

	if (answer == NULL)
		return MHD_NO;
	if (status != MHD_HTTP_NOT_MODIFIED)
		add(answer, "Content-Type", h->type);
	add(answer, "ETag", h->etag);
	add(answer, "Location", h->location);
	add(answer, "MediaWiki-API-Error", h->error);
	if (h->modified != 0)
		add(answer, "Last-Modified", http_date(date, h->modified));
	if (h->status == MHD_HTTP_OK && (h->etag != NULL || h->modified != 0))
		add(answer, "Accept-Ranges", "bytes");
	if (h->retry_after_s > 0) {
		snprintf(number, sizeof(number), "%d", h->retry_after_s);
		add(answer, "Retry-After", number);
	}
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add(answer, "Allow", "GET, HEAD");
	if (strcmp(r->method, "HEAD") == 0)
		size = 0;
	snprintf(number, sizeof(number), "%" PRIu64, size);
	web_nap(r->web, r->web->conf.delay_ms);
	note(r, status, size == MHD_SIZE_UNKNOWN ? "-" : number);
	result = MHD_queue_response(r->conn, status, answer);
	MHD_destroy_response(answer);
	return result;
}

static struct MHD_Response *
nothing(void)
{
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

/* 304 or 416, which have no body. */
static enum MHD_Result
finish_without(
    struct request *r, const struct head *h, enum cond cond, uint64_t size)
{
	struct MHD_Response *answer = nothing();
	char range[40];

	if (cond == COND_UNCHANGED)
		return finish(r, h, MHD_HTTP_NOT_MODIFIED, answer, 0);
	snprintf(range, sizeof(range), "bytes */%" PRIu64, size);
	add(answer, "Content-Range", range);
	return finish(r, h, MHD_HTTP_RANGE_NOT_SATISFIABLE, answer, 0);
}

static enum MHD_Result
finish_part(struct request *r, const struct head *h,
    struct MHD_Response *answer, uint64_t from, uint64_t len, uint64_t size)
{
	char range[80];

	snprintf(range, sizeof(range), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
	    from, from + len - 1, size);
	if (answer != NULL)
		add(answer, "Content-Range", range);
	return finish(r, h, MHD_HTTP_PARTIAL_CONTENT, answer, len);
}

enum MHD_Result
reply_bytes(struct request *r, const struct head *h, struct buf *b)
{
	uint64_t from = 0, len = b->len, size = b->len;
	enum cond cond = cond_judge(r, h, size, &from, &len);
	struct MHD_Response *answer;

	if (cond == COND_UNCHANGED || cond == COND_NOT_SATISFIED) {
		buf_release(b);
		return finish_without(r, h, cond, size);
	}
	if (cond == COND_PART) {
		answer = MHD_create_response_from_buffer(
		    len, b->data + from, MHD_RESPMEM_MUST_COPY);
		buf_release(b);
		return finish_part(r, h, answer, from, len, size);
	}
	answer = MHD_create_response_from_buffer(b->len, b->data,
	    b->data == NULL ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
	b->data = NULL;
	b->len = b->size = 0;
	return finish(r, h, h->status, answer, size);
}

enum MHD_Result
reply_file(struct request *r, const struct head *h, int fd, uint64_t size)
{
	uint64_t from = 0, len = size;
	enum cond cond = cond_judge(r, h, size, &from, &len);
	struct MHD_Response *answer;

	if (cond == COND_UNCHANGED || cond == COND_NOT_SATISFIED) {
		close(fd);
		return finish_without(r, h, cond, size);
	}
	answer = MHD_create_response_from_fd_at_offset64(len, fd, from);
	if (cond == COND_PART)
		return finish_part(r, h, answer, from, len, size);
	return finish(r, h, h->status, answer, size);
}

enum MHD_Result
reply_text(struct request *r, const char *type, struct buf *b)
{
	char etag[24];
	struct head h = { .status = MHD_HTTP_OK, .type = type, .etag = etag };

	snprintf(etag, sizeof(etag), "\"%016" PRIx64 "\"",
	    b->len == 0 ? 0 : fnv1a(b->data, b->len));
	return reply_bytes(r, &h, b);
}

enum MHD_Result
reply_page(struct request *r, struct buf *b)
{
	return reply_text(r, "text/html; charset=utf-8", b);
}

static const char *
meaning(unsigned status)
{
	switch (status) {
	case MHD_HTTP_FORBIDDEN:
		return "Forbidden";
	case MHD_HTTP_NOT_FOUND:
		return "Not found";
	case MHD_HTTP_METHOD_NOT_ALLOWED:
		return "Method not allowed";
	case MHD_HTTP_GONE:
		return "Gone";
	case MHD_HTTP_SERVICE_UNAVAILABLE:
		return "Not just now";
	default:
		return "Something went wrong";
	}
}

enum MHD_Result
reply_status(struct request *r, unsigned status)
{
	struct head h = { .status = status,
		.type = "text/html; charset=utf-8" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	buf_addf(&b, "<!DOCTYPE html>\n<title>%u %s</title>\n<h1>%s</h1>\n",
	    status, meaning(status), meaning(status));
	return reply_bytes(r, &h, &b);
}

enum MHD_Result
reply_redirect(struct request *r, const char *location)
{
	struct head h = { .status = MHD_HTTP_FOUND, .location = location };

	return finish(r, &h, h.status, nothing(), 0);
}

struct stream {
	struct web *web;
	fill_fn *fill;
	uint64_t sent;
	char target[];
};

static ssize_t
stream_fill(void *cls, uint64_t at, char *out, size_t max)
{
	struct stream *s = cls;
	ssize_t n = s->fill(s->web, at, out, max);

	if (n > 0)
		s->sent += (uint64_t)n;
	return n;
}

static void
stream_free(void *cls)
{
	struct stream *s = cls;

	count(s->web, s->web->sent, s->target, s->sent);
	free(s);
}

enum MHD_Result
reply_stream(
    struct request *r, const struct head *h, uint64_t size, fill_fn *fill)
{
	size_t len = strlen(r->target) + 1;
	struct stream *s = xcalloc(1, sizeof(*s) + len);
	struct MHD_Response *answer;

	s->web = r->web;
	s->fill = fill;
	memcpy(s->target, r->target, len);
	answer = MHD_create_response_from_callback(
	    size, 16384, stream_fill, s, stream_free);
	if (answer == NULL)
		free(s);
	return finish(r, h, h->status, answer, size);
}

static bool
is_host(const char *s)
{
	return strspn(s,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789.:-[]") == strlen(s) &&
	    *s != 0;
}

const char *
request_host(const struct request *r)
{
	const char *host = request_header(r, "Host");

	return host != NULL && is_host(host) ? host : "127.0.0.1";
}

const char *
request_arg(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(
	    r->conn, MHD_GET_ARGUMENT_KIND, name);
}

int64_t
request_number(const struct request *r, const char *name, int64_t def,
    int64_t least, int64_t most)
{
	const char *text = request_arg(r, name);
	int64_t n;

	if (text == NULL || !text_to_int(text, &n))
		return def;
	return n < least ? least : n > most ? most : n;
}
