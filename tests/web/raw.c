/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw: what comes from rawd, byte by byte, for each path.
 *
 * A path may be in any folder: /a/b/endless-body.jpg is endless-body.jpg.
 */
#include "tests/web/raw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/web/paint.h"

#define LARGE_BYTES ((size_t)2 << 20)
#define LARGE_SENT ((size_t)1536 << 10)
#define PNG_TYPE "Content-Type: image/png\r\n"

/* ---- pieces ------------------------------------------------------------- */

const char *
raw_name(const struct raw *r)
{
	const char *slash = strrchr(r->path, '/');

	return slash == NULL ? r->path : slash + 1;
}

/* Each path of each host has a picture of its own. */
void
raw_picture(const struct raw *r, struct buf *b)
{
	char *host CLEANUP(freep) = NULL, *name CLEANUP(freep) = NULL;

	raw_header(r, "Host", &host);
	name = xasprintf("%s%s", host == NULL ? "" : host, r->path);
	made_png(name, 0, b);
}

bool
raw_reply(struct raw *r, const char *head, const void *body, size_t len)
{
	char *text CLEANUP(freep) =
	    xasprintf("HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, len);

	return raw_text(r, text) && raw_send(r, body, len);
}

bool
raw_reply_text(struct raw *r, const char *head, const char *body)
{
	return raw_reply(r, head, body, strlen(body));
}

bool
raw_good(struct raw *r, const char *head)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);

	raw_picture(r, &b);
	return raw_reply(r, head, b.data, b.len);
}

static bool
good_png(struct raw *r)
{
	return raw_good(r, "200 OK\r\nContent-Type: image/png");
}

/* ---- what the head says of a good picture ------------------------------- */

static bool
noai(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "X-Robots-Tag: noimageai");
}

static bool
usage(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "Content-Usage: search=y, train-ai=n");
}

static bool
reserved(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "tdm-reservation: 1");
}

static bool
other_bot(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "X-Robots-Tag: otherbot: noimageai");
}

static bool
cookie(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "Set-Cookie: track=you; Path=/; Max-Age=99999");
}

static bool
as_text(struct raw *r)
{
	return raw_good(r, "200 OK\r\nContent-Type: text/html");
}

static bool
forms(struct raw *r)
{
	static const char page[] = "<!DOCTYPE html><title>Log in</title>"
				   "<form><input name=password></form>";

	return raw_reply(
	    r, "200 OK\r\nContent-Type: image/jpeg", page, sizeof(page) - 1);
}

static bool
truncated(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);

	raw_picture(r, &b);
	return raw_reply(
	    r, "200 OK\r\nContent-Type: image/png", b.data, b.len / 2);
}

static bool
tagged(struct raw *r)
{
	if (raw_header(r, "If-None-Match", NULL))
		return raw_reply(r, "304 Not Modified\r\nETag: \"one\"", "", 0);
	return raw_good(
	    r, "200 OK\r\nContent-Type: image/png\r\nETag: \"one\"");
}

static bool
circle(struct raw *r)
{
	bool there = strcmp(raw_name(r), "loop.jpg") == 0;

	return raw_reply(r,
	    there ? "302 Found\r\nLocation: loop-back.jpg"
		  : "302 Found\r\nLocation: loop.jpg",
	    "", 0);
}

/* It leads away, with what would colour a terminal red. */
static bool
escape(struct raw *r)
{
	return raw_reply(r,
	    "302 Found\r\nLocation: /\x1b[31mred\x1b]0;title\x07.jpg", "", 0);
}

/* No more may be asked for two seconds. */
static bool
rate(struct raw *r)
{
	return raw_good(r,
	    "200 OK\r\nContent-Type: image/png\r\n"
	    "RateLimit: \"default\";r=0;t=2");
}

/* ---- parts -------------------------------------------------------------- */

/* A picture that is large by what stands behind its end. */
static void
large_picture(const struct raw *r, struct buf *b)
{
	static const char more[65536];

	raw_picture(r, b);
	while (b->len < LARGE_BYTES)
		buf_add(b, more, sizeof(more));
}

/*
 * It breaks off when all is asked for; and gives what is missing when only
 * that is, from where it says.
 */
static bool
in_parts(struct raw *r, bool honest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(2 * LARGE_BYTES);
	char *head CLEANUP(freep) = NULL, *range CLEANUP(freep) = NULL;
	size_t from = 0;

	large_picture(r, &b);
	if (raw_header(r, "Range", &range) &&
	    sscanf(range, "bytes=%zu-", &from) == 1 && from < b.len) {
		head = xasprintf("206 Partial Content\r\n" PNG_TYPE
				 "ETag: \"parts\"\r\n"
				 "Content-Range: bytes %zu-%zu/%zu",
		    honest ? from : from + 1, b.len - 1, b.len);
		return raw_reply(r, head, b.data + from, b.len - from);
	}
	head = xasprintf("HTTP/1.1 200 OK\r\n" PNG_TYPE "ETag: \"parts\"\r\n"
			 "Content-Length: %zu\r\n\r\n",
	    b.len);
	return raw_text(r, head) && raw_send(r, b.data, LARGE_SENT) && false;
}

static bool
parts(struct raw *r)
{
	return in_parts(r, true);
}

static bool
wrong_part(struct raw *r)
{
	return in_parts(r, false);
}

/* ---- trouble that passes ------------------------------------------------ */

/* A date two seconds from now. */
static bool
later_date(struct raw *r)
{
	char date[64], *head CLEANUP(freep) = NULL;
	time_t then = time(NULL) + 2;
	struct tm tm;

	if (atomic_fetch_add(&r->state->limited, 1) > 0)
		return good_png(r);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT",
	    gmtime_r(&then, &tm));
	head = xasprintf("429 Too Many Requests\r\nRetry-After: %s", date);
	return raw_reply(r, head, "", 0);
}

static bool
later_seconds(struct raw *r)
{
	if (atomic_fetch_add(&r->state->hurried, 1) > 0)
		return good_png(r);
	return raw_reply(r, "429 Too Many Requests\r\nRetry-After: 2", "", 0);
}

static bool
much_later(struct raw *r)
{
	return raw_reply(
	    r, "503 Service Unavailable\r\nRetry-After: 86400", "", 0);
}

/* It works every other time; the first one fails. */
static bool
flap(struct raw *r)
{
	if (atomic_fetch_add(&r->state->flaps, 1) % 2 == 0)
		return raw_reply(r, "500 Internal Server Error", "", 0);
	return good_png(r);
}

/* ---- the table ---------------------------------------------------------- */

static const struct raw_row table[] = {
	{ "noimageai.png", noai },
	{ "content-usage.png", usage },
	{ "tdm.png", reserved },
	{ "other-bot.png", other_bot },
	{ "cookie.png", cookie },
	{ "as-text.html", as_text },
	{ "log-in.jpg", forms },
	{ "truncated.png", truncated },
	{ "etag.png", tagged },
	{ "429-date.png", later_date },
	{ "429-seconds.png", later_seconds },
	{ "503-day.png", much_later },
	{ "flap.png", flap },
	{ "loop.jpg", circle },
	{ "loop-back.jpg", circle },
	{ "escape.jpg", escape },
	{ "rate.png", rate },
	{ "parts.png", parts },
	{ "wrong-part.png", wrong_part },
	{ "good.png", good_png },
	{ NULL, NULL },
};

static const struct raw_row *
find(const struct raw_row *rows, const char *name)
{
	for (; rows->name != NULL; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

/* robots.txt is another one on some of our addresses: 127.9.9.N. */
static bool
robots(struct raw *r)
{
	static const char forbids[] = "User-agent: griddle\nDisallow: /no/\n"
				      "User-agent: *\nAllow: /\n";
	static const char *const heads[] = {
		NULL,
		"403 Forbidden",
		"500 Internal Server Error",
		"503 Service Unavailable",
		"429 Too Many Requests",
	};
	char *host CLEANUP(freep) = NULL, *to CLEANUP(freep) = NULL;
	unsigned n = 0;

	raw_header(r, "Host", &host);
	if (host == NULL || sscanf(host, "127.9.9.%u:", &n) != 1)
		return raw_reply(r, "404 Not Found", "", 0);
	if (n > 0 && n < ARRAY_SIZE(heads))
		return raw_reply(r, heads[n], "", 0);
	switch (n) {
	case 10:
		return find(raw_bad, "silent.jpg")->answer(r);
	case 11: /* to another authority, whose rules are for this one */
		to = xasprintf(
		    "302 Found\r\nLocation: http://127.9.9.12:%" PRId64
		    "/robots.txt",
		    r->port);
		return raw_reply(r, to, "", 0);
	case 13:
		return find(raw_bad, "endless-body.jpg")->answer(r);
	case 14:
		return raw_reply(
		    r, "301 Moved\r\nLocation: /robots.txt", "", 0);
	case 15:
		return find(raw_bad, "reset.jpg")->answer(r);
	case 16:
		return raw_reply_text(r, "200 OK",
		    "User-agent: *\nContent-Usage: train-ai=n\nAllow: /\n");
	case 17:
		return raw_reply_text(
		    r, "200 OK", "User-agent: *\nCrawl-delay: 1\nAllow: /\n");
	default:
		return raw_reply_text(r, "200 OK", forbids);
	}
}

/* /to/NAME?URL leads there; so one can be led anywhere. */
static bool
redirect(struct raw *r)
{
	const char *to = strchr(r->path, '?');
	char *head CLEANUP(freep) = NULL;

	if (to == NULL)
		return raw_reply(r, "404 Not Found", "", 0);
	head = xasprintf("302 Found\r\nLocation: %s", to + 1);
	return raw_reply(r, head, "", 0);
}

/* /hop/9/NAME leads to /hop/8/NAME, and /hop/0/NAME to /NAME. */
static bool
hop(struct raw *r)
{
	char *head CLEANUP(freep) = NULL;
	unsigned n = 0;

	if (sscanf(r->path, "/hop/%u/", &n) == 1 && n > 0)
		head = xasprintf(
		    "302 Found\r\nLocation: /hop/%u/%s", n - 1, raw_name(r));
	else
		head = xasprintf("302 Found\r\nLocation: /%s", raw_name(r));
	return raw_reply(r, head, "", 0);
}

/* /status/N/NAME is an answer with that status and nothing else. */
static bool
status(struct raw *r)
{
	char *head CLEANUP(freep) = NULL;
	unsigned n = 500;

	sscanf(r->path, "/status/%u/", &n);
	head = xasprintf("%u Because", n);
	return raw_reply(r, head, "", 0);
}

bool
raw_answer(struct raw *r)
{
	const char *name = raw_name(r);
	const struct raw_row *row;

	if (strcmp(r->path, "/robots.txt") == 0)
		return robots(r);
	if (strncmp(r->path, "/to/", 4) == 0)
		return redirect(r);
	if (strncmp(r->path, "/hop/", 5) == 0)
		return hop(r);
	if (strncmp(r->path, "/status/", 8) == 0)
		return status(r);
	row = find(raw_bad, name);
	if (row == NULL)
		row = find(raw_docs, name);
	if (row == NULL)
		row = find(table, name);
	return row == NULL ? raw_reply(r, "404 Not Found", "", 0)
			   : row->answer(r);
}
