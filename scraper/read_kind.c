/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a document is, by its bytes: servers call feeds and sitemaps whatever
 * they like.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/xml_int.h"

#define CHUNK ((size_t)256 << 10)

static const struct {
	const char *root;
	enum read_kind kind;
} roots[] = {
	{ "urlset", READ_SITEMAP },
	{ "sitemapindex", READ_SITEMAP },
	{ "rss", READ_FEED },
	{ "feed", READ_FEED },
	{ "RDF", READ_FEED },
	{ "channel", READ_FEED },
};

static enum read_kind
kind_of_root(const char *name, size_t len)
{
	const char *colon = memchr(name, ':', len);
	size_t i;

	if (colon != NULL) {
		len -= (size_t)(colon - name) + 1;
		name = colon + 1;
	}
	for (i = 0; i < ARRAY_SIZE(roots); i++)
		if (strlen(roots[i].root) == len &&
		    strncasecmp(roots[i].root, name, len) == 0)
			return roots[i].kind;
	return READ_HTML;
}

static bool
starts(const char *p, const char *end, const char *text)
{
	return (size_t)(end - p) >= strlen(text) &&
	    strncasecmp(p, text, strlen(text)) == 0;
}

enum read_kind
read_kind_of(const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len, *name;

	if (starts(p, end, "\xef\xbb\xbf"))
		p += 3;
	for (;;) {
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (starts(p, end, "http://") || starts(p, end, "https://"))
			return READ_LINES;
		if (starts(p, end, "<?"))
			p = html_behind(p, end, "?>");
		else if (starts(p, end, "<!--"))
			p = html_behind(p, end, "-->");
		else if (starts(p, end, "<!DOCTYPE"))
			p = html_behind(p, end,
			    memchr(p, '[', strcspn(p, ">")) ? "]>" : ">");
		else
			break;
		if (p == NULL)
			return READ_HTML;
	}
	if (p == end || *p != '<')
		return READ_HTML;
	for (name = ++p;
	     p < end && !isspace((unsigned char)*p) && *p != '>' && *p != '/';
	     p++)
		;
	return kind_of_root(name, (size_t)(p - name));
}

/* ---- gzip --------------------------------------------------------------- */

/* Unpack on; Z_OK while there is more to do. */
static int
unpack(z_stream *z, struct buf *out, size_t packed, struct doc *doc)
{
	size_t room = UNPACKED_MAX - out->len;
	unsigned char *to;
	int rc;

	room = room < CHUNK ? room : CHUNK;
	to = room == 0 ? NULL : buf_room(out, room);
	if (to == NULL) {
		doc->truncated = true;
		return Z_STREAM_END;
	}
	z->next_out = to;
	z->avail_out = (uInt)room;
	rc = inflate(z, Z_NO_FLUSH);
	out->len += room - z->avail_out;
	if (out->len > (1u << 20) && out->len / UNPACKED_RATIO > packed) {
		doc_fail(doc, "it unpacks to more than %d times its size",
		    UNPACKED_RATIO);
		return Z_DATA_ERROR;
	}
	if (rc == Z_STREAM_END && z->avail_in > 0) /* another member */
		rc = inflateReset(z);
	return rc;
}

bool
read_gunzip(const char *bytes, size_t len, struct buf *out, struct doc *doc)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes,
		.avail_in = (uInt)len };
	int rc = inflateInit2(&z, 15 + 16);

	while (rc == Z_OK)
		rc = unpack(&z, out, len, doc);
	inflateEnd(&z);
	buf_add(out, "", 0);
	if (out->len == 0 && doc->error == NULL)
		doc_fail(doc, "it is no gzip file");
	return doc->error == NULL;
}

/* ---- reading ------------------------------------------------------------ */

static void
read_as(const struct read_ask *ask, enum read_kind kind, char *bytes,
    size_t len, struct doc *doc)
{
	static void (*const readers[])(
	    const struct read_ask *, char *, size_t, struct doc *) = {
		[READ_HTML] = read_page,
		[READ_SITEMAP] = read_sitemap,
		[READ_FEED] = read_feed,
		[READ_LINES] = read_lines,
	};

	readers[kind](ask, bytes, len, doc);
}

/* Unpack it if need be, and read it if it is of one of these kinds. */
static void
read_some(const struct read_ask *ask, char *bytes, size_t len, unsigned kinds,
    struct doc *doc)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(UNPACKED_MAX + 1);
	enum read_kind kind;

	if (len >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) {
		if (!read_gunzip(bytes, len, &b, doc))
			return;
		bytes = (char *)b.data;
		len = b.len;
	}
	kind = read_kind_of(bytes, len);
	if (kinds >> kind & 1)
		read_as(ask, kind, bytes, len, doc);
	else
		doc_fail(doc, "it is no %s",
		    kinds >> READ_SITEMAP & 1 ? "sitemap" : "feed");
}

void
read_web(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	read_some(ask, bytes, len, ~0u, doc);
}

/* Sitemaps may be feeds, too (sitemaps.org). */
void
read_only_sitemap(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	read_some(ask, bytes, len,
	    1u << READ_SITEMAP | 1u << READ_LINES | 1u << READ_FEED, doc);
}

void
read_only_feed(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	read_some(ask, bytes, len, 1u << READ_FEED, doc);
}
