/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "scraper/fetch_int.h"
#include "scraper/magic.h"

#define HEADERS_MAX ((size_t)64 << 10) /* bytes of all of an answer's */
#define VALUE_MAX 1024                 /* bytes of one that is kept */
#define DRAIN_MAX ((size_t)64 << 10)   /* read of a body nobody wants */

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
	rate_add(&s->rate, name, value, clock_now());
	opt_out_add(&s->opt_out, name, value, ROBOTS_TOKEN);
	if (strcasecmp(name, "etag") == 0) {
		keep_value(&s->etag, value);
	} else if (strcasecmp(name, "last-modified") == 0) {
		keep_value(&s->last_modified, value);
	} else if (strcasecmp(name, "content-type") == 0) {
		keep_charset(s, value);
	} else if (strcasecmp(name, "content-range") == 0) {
		keep_value(&s->range, value);
	} else if (strcasecmp(name, "location") == 0 && s->location == NULL) {
		s->location = xstrdup(value);
	}
}

void
slot_forget_headers(struct slot *s)
{
	free(TAKE(s->etag));
	free(TAKE(s->last_modified));
	free(TAKE(s->location));
	free(TAKE(s->charset));
	free(TAKE(s->range));
	s->opt_out = (struct opt_out){ 0 };
	s->rate = (struct rate){ 0 };
}

/* Are the bytes that come those that were asked for? */
static bool
is_wanted_status(const struct slot *s)
{
	return outcome_of_status(s->status) == FETCH_OK ||
	    (s->resumed && s->status == 206);
}

/* Is there, by the headers, reason not to read the body? */
static bool
is_unwanted(struct slot *s)
{
	curl_off_t len = -1;

	if (!is_wanted_status(s) || s->task->robots_for != NULL)
		return false;
	curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &len);
	s->too_large = len > 0 && (size_t)len > s->body_max - s->body.len;
	s->opted_out = s->task->want == FETCH_IMAGE && s->opt_out.tag.no_images;
	return s->too_large || s->opted_out;
}

/*
 * A connection is kept for the next request to the same host.  libcurl looks
 * at all that are kept to find the oldest when there are too many, so there
 * shall not be: then those go that nothing waits for, and at last any.
 */
static void
keep_or_close(struct slot *s)
{
	const struct fetch *f = s->fetch;
	bool close =
	    f->n_sockets - f->running >= KEPT_CONNECTIONS && !s->host->waiting;

	curl_easy_setopt(s->easy, CURLOPT_FORBID_REUSE, (long)close);
}

/* The end of an answer's head, perhaps of an interim one. */
static bool
on_headers_end(struct slot *s)
{
	keep_or_close(s);
	part_judge(s);
	return !is_unwanted(s);
}

size_t
slot_on_header(char *data, size_t size, size_t n, void *ctx)
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
		slot_forget_headers(s);
		s->status = 0;
		curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->status);
	} else if (*text_trim(line) == 0) {
		return on_headers_end(s) ? len : 0;
	} else if ((colon = strchr(line, ':')) != NULL) {
		*colon = 0;
		take_header(s, text_trim(line), text_trim(colon + 1));
	}
	return len;
}

/* ---- bodies ------------------------------------------------------------- */

static void
count(struct slot *s)
{
	s->fetch->held += s->body.size - s->counted;
	s->counted = s->body.size;
}

/*
 * Is there no memory for these bytes now?  One transfer goes on in any case,
 * so that memory is given back.
 */
static bool
must_pause(struct slot *s, size_t len)
{
	struct fetch *f = s->fetch;

	if (s->task->want != FETCH_IMAGE || f->held + len <= BODIES_MAX)
		return false;
	if (f->foremost == NULL)
		f->foremost = s;
	if (f->foremost == s)
		return false;
	s->next = f->paused;
	f->paused = s;
	return true;
}

/* How many of these bytes go on; 0 ends the transfer. */
static size_t
take_body(struct slot *s, const char *data, size_t len)
{
	bool is_robots = s->task->robots_for != NULL;
	bool is_known = s->body.len >= MAGIC_BYTES;

	if (s->body.len + len > s->body_max) {
		/* The rest of a long robots.txt does not count. */
		if (is_robots)
			buf_add(&s->body, data, s->body_max - s->body.len);
		s->enough = is_robots;
		s->too_large = !is_robots;
		return 0;
	}
	buf_add(&s->body, data, len);
	count(s);
	s->not_image = s->task->want == FETCH_IMAGE && !is_known &&
	    s->body.len >= MAGIC_BYTES &&
	    magic_image(s->body.data, s->body.len) == NULL;
	return s->not_image ? 0 : len;
}

size_t
slot_on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct slot *s = ctx;
	size_t len = size * n;

	if (is_wanted_status(s) && must_pause(s, len))
		return CURL_WRITEFUNC_PAUSE;
	s->body_seen += len;
	if (is_wanted_status(s))
		return take_body(s, data, len);
	/* A short one is read, so that the connection can be used again. */
	s->enough = s->body_seen > DRAIN_MAX;
	return s->enough ? 0 : len;
}
