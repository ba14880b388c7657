/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WHATWG URL parser (section 4.4) for http and https.  Both schemes are
 * special, so a backslash is a slash and there is always a host; the states
 * of the standard fall together into the few steps below.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/url_int.h"

#define IN_USER URL_IN_PATH "/:;=@[\\]|"
#define ENCODED_MAX ((size_t)4 * HREF_MAX)

void
url_parts_release(struct url_parts *u)
{
	free(u->user);
	free(u->host);
	free(u->path);
	free(u->query);
	*u = (struct url_parts){ .port = -1 };
}

void
url_encode(struct buf *b, const char *s, size_t len, const char *set)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; len > 0; p++, len--)
		if (*p <= ' ' || *p >= 0x7f || strchr(set, *p) != NULL)
			buf_addf(b, "%%%02X", *p);
		else
			buf_add(b, p, 1);
}

static char *
encoded(const char *s, size_t len, const char *set)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(ENCODED_MAX);

	url_encode(&b, s, len, set);
	return xstrdup(b.data == NULL ? "" : (char *)b.data);
}

static bool
is_slash(const char *p, const char *end)
{
	return p < end && (*p == '/' || *p == '\\');
}

/* The first of these characters, or the end. */
static const char *
find(const char *p, const char *end, const char *set)
{
	while (p < end && (*p == 0 || strchr(set, *p) == NULL))
		p++;
	return p;
}

/* ---- the path ----------------------------------------------------------- */

/* 1 for ".", 2 for "..", also percent-encoded; 0 for any other segment. */
static int
dots(const char *s, size_t len)
{
	int n = 0;

	while (len > 0 && n < 3) {
		if (*s == '.') {
			s++;
			len--;
		} else if (len >= 3 && strncasecmp(s, "%2e", 3) == 0) {
			s += 3;
			len -= 3;
		} else {
			return 0;
		}
		n++;
	}
	return n < 3 ? n : 0;
}

static void
shorten(struct buf *path)
{
	while (path->len > 0 && path->data[path->len - 1] != '/')
		path->data[--path->len] = 0;
	if (path->len > 0)
		path->data[--path->len] = 0;
}

/*
 * The path state: add what is at p to the path so far, which has no slash at
 * its end; returns where the path ends.
 */
static const char *
parse_path(struct buf *path, const char *p, const char *end)
{
	const char *stop;
	int n;

	for (;; p = stop + 1) {
		stop = find(p, end, "/\\?#");
		n = dots(p, (size_t)(stop - p));
		if (n == 2)
			shorten(path);
		if (n == 0 || !is_slash(stop, end))
			buf_add(path, "/", 1);
		if (n == 0)
			url_encode(path, p, (size_t)(stop - p), URL_IN_PATH);
		if (!is_slash(stop, end))
			return stop;
	}
}

/* ---- the authority ------------------------------------------------------ */

static bool
parse_port(struct url_parts *u, const char *p, const char *end)
{
	long port = 0;

	if (p == end)
		return true;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		port = port * 10 + (*p - '0');
		if (port > 65535)
			return false;
	}
	u->port = port == (u->secure ? 443 : 80) ? -1 : port;
	return true;
}

static void
parse_user(struct url_parts *u, const char *p, const char *end)
{
	const char *colon = find(p, end, ":");
	char *name CLEANUP(freep) = encoded(p, (size_t)(colon - p), IN_USER);
	char *word CLEANUP(freep) = NULL;

	u->has_user = true;
	if (colon < end)
		word = encoded(colon + 1, (size_t)(end - colon) - 1, IN_USER);
	if (word != NULL && *word != 0)
		u->user = xasprintf("%s:%s", name, word);
	else if (*name != 0)
		u->user = TAKE(name);
}

static const char *
host_end(const char *p, const char *end)
{
	bool inside = false;

	for (; p < end && (inside || *p != ':'); p++)
		if (*p == '[' || *p == ']')
			inside = *p == '[';
	return p;
}

/* Behind the slashes; *p comes to the end of it. */
static bool
parse_authority(struct url_parts *u, const char **p, const char *end)
{
	const char *stop, *at, *colon;

	while (is_slash(*p, end))
		++*p;
	stop = find(*p, end, "/\\?#");
	at = memrchr(*p, '@', (size_t)(stop - *p));
	if (at != NULL) {
		parse_user(u, *p, at);
		*p = at + 1;
	}
	colon = host_end(*p, stop);
	u->host = url_host_parse(*p, (size_t)(colon - *p));
	*p = stop;
	return u->host != NULL &&
	    (colon == stop || parse_port(u, colon + 1, stop));
}

/* ---- all of it ---------------------------------------------------------- */

/* Length of "http" in "http:..."; 0 without a scheme. */
static size_t
scheme_len(const char *p, const char *end)
{
	const char *s = p;

	if (s == end || !isalpha((unsigned char)*s))
		return 0;
	while (s < end &&
	    (isalnum((unsigned char)*s) || *s == '+' || *s == '-' || *s == '.'))
		s++;
	return s < end && *s == ':' ? (size_t)(s - p) : 0;
}

static bool
is_web(const char *p, size_t len, bool *ret_secure)
{
	*ret_secure = len == 5;
	return (len == 4 && strncasecmp(p, "http", 4) == 0) ||
	    (len == 5 && strncasecmp(p, "https", 5) == 0);
}

static void
copy_base(struct url_parts *u, struct url_parts *from)
{
	u->secure = from->secure;
	u->has_user = from->has_user;
	u->user = TAKE(from->user);
	u->host = TAKE(from->host);
	u->port = from->port;
}

/* The path and query at p; the path grows from what is kept of the base. */
static void
parse_rest(
    struct url_parts *u, struct buf *path, const char *p, const char *end)
{
	p = parse_path(path, p, end);
	u->path = xstrdup((char *)path->data);
	if (p < end && *p == '?') {
		struct buf b CLEANUP(buf_release) = BUF_INIT(ENCODED_MAX);

		buf_add(&b, "?", 1);
		url_encode(&b, p + 1, (size_t)(find(p, end, "#") - p) - 1,
		    URL_IN_QUERY);
		u->query = xstrdup((char *)b.data);
	}
}

/* The relative state, without a host of its own. */
static void
parse_relative(
    struct url_parts *u, struct url_parts *base, const char *p, const char *end)
{
	struct buf path CLEANUP(buf_release) = BUF_INIT(ENCODED_MAX);

	copy_base(u, base);
	if (is_slash(p, end)) {
		parse_rest(u, &path, p + 1, end);
	} else if (p < end && *p != '?' && *p != '#') {
		buf_addf(&path, "%s", base->path);
		shorten(&path);
		parse_rest(u, &path, p, end);
	} else {
		if (p == end || *p == '#')
			u->query = TAKE(base->query);
		else
			parse_rest(u, &path, p, end);
		free(u->path);
		u->path = TAKE(base->path);
	}
}

/* Cut C0 controls and spaces around it, tabs and line breaks anywhere. */
static char *
clean(const char *href, size_t len, size_t *ret_len)
{
	const char *end = href + len;
	char *text = xmalloc(len + 1), *out = text;

	while (href < end && (unsigned char)*href <= ' ')
		href++;
	while (href < end && (unsigned char)end[-1] <= ' ')
		end--;
	for (; href < end; href++)
		if (*href != '\t' && *href != '\n' && *href != '\r')
			*out++ = *href;
	*out = 0;
	*ret_len = (size_t)(out - text);
	return text;
}

static bool
parse_absolute(struct url_parts *u, const char *p, const char *end)
{
	struct buf path CLEANUP(buf_release) = BUF_INIT(ENCODED_MAX);

	if (!parse_authority(u, &p, end))
		return false;
	parse_rest(u, &path, p + is_slash(p, end), end);
	return true;
}

bool
url_parts_parse(
    struct url_parts *u, const char *base, const char *href, size_t len)
{
	struct url_parts from CLEANUP(url_parts_release) = { .port = -1 };
	char *text CLEANUP(freep) = clean(href, len, &len);
	const char *p = text, *end = text + len;
	size_t scheme = scheme_len(p, end);

	*u = (struct url_parts){ .port = -1 };
	if (scheme > 0 && !is_web(p, scheme, &u->secure))
		return false;
	if (base != NULL &&
	    (strncmp(base, "http", 4) != 0 ||
		!url_parts_parse(&from, NULL, base, strlen(base))))
		base = NULL;
	if (scheme > 0) {
		p += scheme + 1;
		if (base == NULL || from.secure != u->secure ||
		    (is_slash(p, end) && is_slash(p + 1, end)))
			return parse_absolute(u, p, end);
	}
	if (base == NULL)
		return false;
	u->secure = from.secure;
	if (is_slash(p, end) && is_slash(p + 1, end))
		return parse_absolute(u, p, end);
	parse_relative(u, &from, p, end);
	return true;
}

char *
url_parts_text(const struct url_parts *u)
{
	char port[24] = "";

	if (u->port >= 0)
		snprintf(port, sizeof(port), ":%ld", u->port);
	return xasprintf("%s://%s%s%s%s%s%s", u->secure ? "https" : "http",
	    u->user == NULL ? "" : u->user, u->user == NULL ? "" : "@", u->host,
	    port, u->path, u->query == NULL ? "" : u->query);
}
