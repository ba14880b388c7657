/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scraper/url_int.h"

#define HOST_MAX 253 /* RFC 1035 */

static void
curl_freep(char **s)
{
	curl_free(*s);
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

/*
 * Names that a resolver and libcurl take as they are: no characters but those
 * of host names and the underscore, no empty label.
 */
static bool
is_host_name(const char *host)
{
	const char *p;

	for (p = host; *p != 0; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-._", *p))
			return false;
	return *host != '.' && strstr(host, "..") == NULL &&
	    strlen(host) <= HOST_MAX;
}

char *
url_parse(const char *base, const char *href, size_t len)
{
	struct url_parts u CLEANUP(url_parts_release) = { .port = -1 };

	if (len >= HREF_MAX || !url_parts_parse(&u, base, href, len))
		return NULL;
	return url_parts_text(&u);
}

char *
url_resolve(const char *base, const char *href)
{
	struct url_parts u CLEANUP(url_parts_release) = { .port = -1 };
	size_t len = strnlen(href, HREF_MAX);
	char *url CLEANUP(freep) = NULL;

	if (len == HREF_MAX || !url_parts_parse(&u, base, href, len) ||
	    u.has_user || u.port == 0 ||
	    (*u.host != '[' && !is_host_name(u.host)))
		return NULL;
	url = url_parts_text(&u);
	return strlen(url) > URL_MAX ? NULL : TAKE(url);
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

char *
url_decode(const char *text)
{
	int len;
	char *plain CLEANUP(curl_freep) =
	    curl_easy_unescape(NULL, text, 0, &len);

	return plain == NULL || strlen(plain) != (size_t)len ? NULL
							     : xstrdup(plain);
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
	url_encode(&b, path, strlen(path), URL_IN_PATH "%");
	return xstrdup((const char *)b.data);
}
