/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <locale.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

#define HREF_MAX 8192 /* before cleaning: white space may be cut */
#define HOST_MAX 253  /* RFC 1035 */

/* What must be percent-encoded besides controls, space and non-ASCII. */
#define IN_PATH "\"<>`{}^"
#define IN_QUERY "\"<>'"

DEFINE_CLEANUP(CURLU, curl_url_cleanup)

static void
curl_freep(char **s)
{
	curl_free(*s);
}

/*
 * A copy without the fragment, white space around it, tabs and line breaks
 * anywhere, and with slashes for backslashes before the query.  NULL when
 * other control characters are left.
 */
static char *
clean(const char *href)
{
	const char *end = href + strnlen(href, HREF_MAX);
	char *text, *out;
	bool in_query = false;

	while (href < end && (unsigned char)*href <= ' ')
		href++;
	while (href < end && (unsigned char)end[-1] <= ' ')
		end--;
	out = text = xmalloc((size_t)(end - href) + 1);
	for (; href < end && *href != '#'; href++) {
		if (*href == '\t' || *href == '\n' || *href == '\r')
			continue;
		if ((unsigned char)*href < ' ' || *href == 0x7f) {
			free(text);
			return NULL;
		}
		in_query = in_query || *href == '?';
		*out++ = *href == '\\' && !in_query ? '/' : *href;
	}
	*out = 0;
	return text;
}

/* Length of "http" in "http:..."; 0 without a scheme (RFC 3986, 3.1). */
static size_t
scheme_len(const char *s)
{
	const char *p = s;

	if (!isalpha((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)*p) || (*p != 0 && strchr("+-.", *p)))
		p++;
	return *p == ':' ? (size_t)(p - s) : 0;
}

static bool
is_web_scheme(const char *s, size_t len)
{
	return (len == 4 && strncasecmp(s, "http", 4) == 0) ||
	    (len == 5 && strncasecmp(s, "https", 5) == 0);
}

size_t
url_origin_len(const char *url)
{
	const char *host = strchr(url, ':') + 3;

	return (size_t)(host - url) + strcspn(host, "/?");
}

const char *
url_target(const char *url)
{
	return url + url_origin_len(url);
}

/* How much of base stays in front of this relative reference. */
static size_t
kept_of_base(const char *base, const char *ref)
{
	size_t origin = url_origin_len(base);
	size_t path = origin + strcspn(base + origin, "?");

	if (*ref == '/')
		return origin;
	if (*ref == '?')
		return path;
	if (*ref == 0)
		return strlen(base);
	while (path > origin && base[path - 1] != '/')
		path--;
	return path;
}

static char *
absolute(const char *base, const char *ref)
{
	size_t len = scheme_len(ref), slashes;
	const char *rest;
	bool same;

	if (base != NULL && !is_web_scheme(base, scheme_len(base)))
		base = NULL;
	if (len > 0 && !is_web_scheme(ref, len))
		return NULL;
	rest = len > 0 ? ref + len + 1 : ref;
	slashes = strspn(rest, "/");
	/* "http:a" is "a" where base is of http, too. */
	same = base != NULL && len > 0 && scheme_len(base) == len &&
	    strncasecmp(base, ref, len) == 0;
	if (len > 0 && (slashes >= 2 || !same))
		return xasprintf("%.*s://%s", (int)len, ref, rest + slashes);
	if (base == NULL)
		return NULL;
	if (slashes >= 2)
		return xasprintf(
		    "%.*s://%s", (int)scheme_len(base), base, rest + slashes);
	return xasprintf("%.*s%s%s", (int)kept_of_base(base, rest), base,
	    *rest == '/' || *rest == 0 || *rest == '?' ||
		    *url_target(base) == '/'
		? ""
		: "/",
	    rest);
}

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

/* RFC 3986, 5.2.4, in place; the path starts with a slash. */
static void
remove_dot_segments(char *path)
{
	char *out = path;
	const char *in = path;
	size_t len;
	int n;

	while (*in != 0) {
		len = 1 + strcspn(in + 1, "/");
		n = dots(in + 1, len - 1);
		if (n == 2)
			while (out > path && *--out != '/')
				;
		if (n == 0) {
			memmove(out, in, len);
			out += len;
		} else if (in[len] == 0) {
			*out++ = '/';
		}
		in += len;
	}
	*out = 0;
}

static void
add_encoded(struct buf *b, const char *s, size_t len, const char *set)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; len > 0; p++, len--)
		if (*p <= ' ' || *p >= 0x7f || strchr(set, *p) != NULL)
			buf_addf(b, "%%%02X", *p);
		else
			buf_add(b, p, 1);
}

/* The text of a URL whose path and query are clean; the host is as it was. */
static char *
encode(const char *url)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)4 * HREF_MAX);
	size_t origin = url_origin_len(url), len;
	const char *rest = url + origin;
	char *path CLEANUP(freep) = NULL;

	len = strcspn(rest, "?");
	path = len == 0 ? xstrdup("/") : xstrndup(rest, len);
	remove_dot_segments(path);
	buf_add(&b, url, origin);
	add_encoded(&b, path, strlen(path), IN_PATH);
	add_encoded(&b, rest + len, strlen(rest + len), IN_QUERY);
	return b.data == NULL ? NULL : xstrdup((const char *)b.data);
}

/* One form for each IPv6 address; the brackets stay. */
static char *
ipv6_form(const char *host)
{
	char *inner CLEANUP(freep) = xstrndup(host + 1, strlen(host) - 2);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (inet_pton(AF_INET6, inner, &addr) != 1)
		return NULL;
	inet_ntop(AF_INET6, &addr, text, sizeof(text));
	return xasprintf("[%s]", text);
}

static bool
ends_in_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot == NULL ? host : dot + 1;
	size_t hex = strncmp(last, "0x", 2) == 0 ? 2 : 0;

	return strspn(last + hex, hex ? "0123456789abcdef" : "0123456789") ==
	    strlen(last + hex);
}

/*
 * A name in lower case.  What a resolver could take for an address must be
 * one: four decimal numbers, the form that libcurl gives to all others.
 */
static char *
name_form(const char *host)
{
	char *name CLEANUP(freep) = xstrdup(host);
	struct in_addr addr;
	size_t len = strlen(name);
	char *p;

	for (p = name; *p != 0; p++) {
		*p = (char)tolower((unsigned char)*p);
		if (!isalnum((unsigned char)*p) && !strchr("-._", *p))
			return NULL;
	}
	if (len == 0 || len > HOST_MAX || *name == '.' ||
	    strstr(name, "..") != NULL)
		return NULL;
	if (name[len - 1] == '.') {
		name[len - 1] = 0;
		if (!ends_in_number(name))
			name[len - 1] = '.';
	}
	if (ends_in_number(name) && inet_pton(AF_INET, name, &addr) != 1)
		return NULL;
	return TAKE(name);
}

static bool
is_ascii(const char *s)
{
	while (*s != 0 && (unsigned char)*s < 0x80)
		s++;
	return *s == 0;
}

/*
 * libcurl's IDNA speaks the charset of the locale, which under cron is
 * ASCII: so for this call it is UTF-8.
 */
static char *
idna_host(CURLU *u)
{
	char *host CLEANUP(curl_freep) = NULL;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before;
	CURLUcode rc;

	if (utf8 == (locale_t)0)
		return NULL;
	before = uselocale(utf8);
	rc = curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE);
	uselocale(before);
	freelocale(utf8);
	return rc == CURLUE_OK ? name_form(host) : NULL;
}

static char *
ascii_host(CURLU *u)
{
	char *host CLEANUP(curl_freep) = NULL;

	if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return NULL;
	if (!is_ascii(host))
		return idna_host(u);
	return *host == '[' ? ipv6_form(host) : name_form(host);
}

static bool
has_zone_or_port_0(CURLU *u)
{
	char *zone CLEANUP(curl_freep) = NULL;
	char *port CLEANUP(curl_freep) = NULL;

	if (curl_url_get(u, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK)
		return true;
	return curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_OK &&
	    strcmp(port, "0") == 0;
}

/* Take it apart, judge the host, and put it together again. */
static char *
through_parser(const char *text)
{
	CURLU *u CLEANUP(curl_url_cleanupp) = curl_url();
	char *host CLEANUP(freep) = NULL;
	char *url CLEANUP(curl_freep) = NULL;

	if (u == NULL ||
	    curl_url_set(u, CURLUPART_URL, text,
		CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) != CURLUE_OK ||
	    has_zone_or_port_0(u))
		return NULL;
	host = ascii_host(u);
	if (host == NULL ||
	    curl_url_set(u, CURLUPART_HOST, host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_URL, &url, CURLU_NO_DEFAULT_PORT) !=
		CURLUE_OK ||
	    strlen(url) > URL_MAX)
		return NULL;
	return xstrdup(url);
}

char *
url_resolve(const char *base, const char *href)
{
	char *ref CLEANUP(freep) = NULL;
	char *text CLEANUP(freep) = NULL;
	char *encoded CLEANUP(freep) = NULL;

	if (strnlen(href, HREF_MAX) == HREF_MAX)
		return NULL;
	ref = clean(href);
	text = ref == NULL ? NULL : absolute(base, ref);
	encoded = text == NULL ? NULL : encode(text);
	return encoded == NULL ? NULL : through_parser(encoded);
}

char *
url_host(const char *url)
{
	const char *host = strchr(url, ':') + 3;

	return xstrndup(host, (size_t)(url_target(url) - host));
}

bool
url_looks_like_image(const char *url)
{
	static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".png",
		".gif", ".webp", ".avif", ".tif", ".tiff", ".heic" };
	const char *path = url_target(url);
	size_t len = strcspn(path, "?"), i, n;
	const char *name = path + len;

	while (name > path && name[-1] != '/')
		name--;
	/* "/wiki/File:Cat.jpg" is a page about the file. */
	if (memchr(name, ':', (size_t)(path + len - name)) != NULL)
		return false;
	for (i = 0; i < ARRAY_SIZE(endings); i++) {
		n = strlen(endings[i]);
		if (len > n && strncasecmp(path + len - n, endings[i], n) == 0)
			return true;
	}
	return false;
}

static bool
is_named(const char *argument, const char *name)
{
	size_t len = strlen(name);

	return strncmp(argument, name, len) == 0 &&
	    (argument[len] == '=' || argument[len] == '&' ||
		argument[len] == 0);
}

/* The first argument of the query, or the end of the text. */
static const char *
first_argument(const char *url)
{
	const char *query = strchr(url, '?');

	return query == NULL ? url + strlen(url) : query + 1;
}

/* The one behind it. */
static const char *
next_argument(const char *p)
{
	p += strcspn(p, "&");
	return *p == '&' ? p + 1 : p;
}

char *
url_argument(const char *url, const char *name)
{
	char *value CLEANUP(freep) = NULL;
	char *plain CLEANUP(curl_freep) = NULL;
	const char *p = first_argument(url);
	char *c;

	while (*p != 0 && !is_named(p, name))
		p = next_argument(p);
	if (*p == 0)
		return NULL;
	p += strlen(name);
	p += *p == '=';
	value = xstrndup(p, strcspn(p, "&"));
	for (c = value; *c != 0; c++)
		if (*c == '+')
			*c = ' ';
	plain = curl_easy_unescape(NULL, value, 0, NULL);
	return plain == NULL ? NULL : xstrdup(plain);
}

char *
url_with_argument(const char *url, const char *name, const char *value)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)4 * HREF_MAX);
	char *escaped CLEANUP(curl_freep) = curl_easy_escape(NULL, value, 0);
	const char *p = first_argument(url);
	char mark = '?';

	if (escaped == NULL)
		return NULL;
	buf_add(&b, url, strcspn(url, "?"));
	for (; *p != 0; p = next_argument(p)) {
		if (is_named(p, name) || *p == '&')
			continue;
		buf_add(&b, &mark, 1);
		buf_add(&b, p, strcspn(p, "&"));
		mark = '&';
	}
	if (buf_addf(&b, "%c%s=%s", mark, name, escaped) < 0 || b.len > URL_MAX)
		return NULL;
	return xstrdup((const char *)b.data);
}

char *
url_of_file(const char *path)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)4 * HREF_MAX);

	buf_addf(&b, "file://");
	add_encoded(&b, path, strlen(path), IN_PATH "?#%");
	return xstrdup((const char *)b.data);
}
