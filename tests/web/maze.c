/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maze: a site without an end, of each kind that crawlers have met, and
 * sitemaps and feeds beside it.  What it says depends on the address alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/web/photos.h"

typedef void room_fn(struct request *, const char *rest, struct buf *);

/* The same port of another loopback address. */
static void
add_other_host(struct request *r, struct buf *b)
{
	const char *port = strchr(request_host(r), ':');

	buf_addf(b, "http://127.0.0.2%s", port == NULL ? "" : port);
}

static void
entrance(struct request *r, const char *rest, struct buf *b)
{
	static const char *const doors[] = { "deep/", "circle/",
		"query?a=0&b=0", "calendar/2026/1", "dry/0",
		"visit?PHPSESSID=1", "rich/0" };
	size_t i;

	(void)rest;
	for (i = 0; i < ARRAY_SIZE(doors); i++)
		buf_addf(
		    b, "<p><a href=\"%s\">%s</a></p>\n", doors[i], doors[i]);
	buf_addf(b, "<a href=\"");
	add_other_host(r, b);
	buf_addf(b, "/gallery/rings/\">another host</a>\n");
}

/* Each folder has two more. */
static void
deep(struct request *r, const char *rest, struct buf *b)
{
	size_t n = strlen(rest);

	(void)r;
	buf_addf(
	    b, "<a href=\"x%zu/\">on</a> <a href=\"y%zu/\">on</a>\n", n, n);
}

/* A link that misses its slash. */
static void
circle(struct request *r, const char *rest, struct buf *b)
{
	(void)r;
	(void)rest;
	buf_addf(b, "<a href=\"round/about/\">on</a>\n");
}

static void
query(struct request *r, const char *rest, struct buf *b)
{
	int64_t a = request_number(r, "a", 0, 0, INT32_MAX);
	int64_t c = request_number(r, "b", 0, 0, INT32_MAX);
	int i;

	(void)rest;
	for (i = 1; i <= 10; i++)
		buf_addf(b,
		    "<a href=\"query?a=%" PRId64 "&amp;b=%" PRId64
		    "\">sort</a>\n",
		    a + i, c + 10 - i);
}

static void
calendar(struct request *r, const char *rest, struct buf *b)
{
	int year = 2026, month = 1;

	(void)r;
	if (sscanf(rest, "%4d/%2d", &year, &month) != 2 || month > 12)
		return;
	buf_addf(b, "<a rel=\"next\" href=\"/maze/calendar/%d/%d\">next</a>\n",
	    month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1);
}

/* Pages of one folder that have only words. */
static void
dry(struct request *r, const char *rest, struct buf *b)
{
	int64_t n = 0;
	int i;

	(void)r;
	if (!text_to_int(rest, &n) || n < 0 || n > INT32_MAX)
		return;
	for (i = 1; i <= 5; i++)
		buf_addf(b, "<a href=\"%" PRId64 "\">on</a>\n", 5 * n + i);
}

/* The same few pages, with another id for each visit. */
static void
visit(struct request *r, const char *rest, struct buf *b)
{
	int64_t id = request_number(r, "PHPSESSID", 0, 0, INT32_MAX);
	int i;

	(void)rest;
	for (i = 1; i <= 3; i++)
		buf_addf(b,
		    "<a href=\"visit?room=%d&amp;PHPSESSID=%" PRId64
		    "\">room</a>\n",
		    i, 3 * id + i);
}

/* Every page has a new picture, by its address. */
static void
rich(struct request *r, const char *rest, struct buf *b)
{
	int64_t n = 0;

	(void)r;
	if (!text_to_int(rest, &n) || n < 0 || n > INT32_MAX)
		return;
	buf_addf(
	    b, "<img src=\"/made/rings/1.png?n=%" PRId64 "\" alt=\"\">\n", n);
	buf_addf(b, "<a href=\"%" PRId64 "\">on</a>\n", 2 * n + 1);
	buf_addf(b, "<a href=\"%" PRId64 "\">on</a>\n", 2 * n + 2);
}

static const struct {
	const char *path;
	room_fn *make;
	bool below;
} rooms[] = {
	{ "", entrance, false },
	{ "deep/", deep, true },
	{ "circle/", circle, true },
	{ "query", query, false },
	{ "calendar/", calendar, true },
	{ "dry/", dry, true },
	{ "visit", visit, false },
	{ "rich/", rich, true },
};

/* ---- XML ---------------------------------------------------------------- */

/* An index that leads to the gallery's sitemap, and to itself for ever. */
static enum MHD_Result
serve_index(struct request *r, int64_t n)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	const char *host = request_host(r);

	buf_addf(&b,
	    "<?xml version=\"1.0\"?>\n<sitemapindex xmlns="
	    "\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	buf_addf(&b, "<sitemap><loc>http://%s/maze/rings.xml</loc></sitemap>\n",
	    host);
	buf_addf(&b,
	    "<sitemap><loc>http://%s/maze/index/%" PRId64
	    ".xml</loc></sitemap>\n</sitemapindex>\n",
	    host, n + 1);
	return reply_text(r, "application/xml", &b);
}

static enum MHD_Result
serve_urls(struct request *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	const char *host = request_host(r);

	buf_addf(&b,
	    "\n<urlset xmlns:image=\"http://www.google.com/schemas/"
	    "sitemap-image/1.1\">\n");
	buf_addf(&b,
	    "<url><loc>http://%s/gallery/rings/page/1</loc></url>\n<url><loc>"
	    "http://%s/maze/</loc><image:image><image:loc>http://%s/made/"
	    "stripes/1.png</image:loc><image:caption>One & only"
	    "</image:caption></image:image></url>\n</urlset>\n",
	    host, host, host);
	return reply_text(r, "text/xml", &b);
}

static enum MHD_Result
serve_news(struct request *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);

	buf_addf(&b,
	    "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/"
	    "\"><channel><title>News</title>\n<item><title>A ring</title><link>"
	    "/gallery/rings/page/2</link><media:content medium=\"image\" url="
	    "\"/made/stripes/2.png\"/></item>\n<item><description>&lt;img src="
	    "'/made/stripes/3.png' alt='three'&gt;</description></item>\n"
	    "</channel></rss>\n");
	return reply_text(r, "application/rss+xml", &b);
}

enum MHD_Result
serve_maze(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	size_t i, len;

	if (strcmp(rest, "index.xml") == 0)
		return serve_index(r, 0);
	if (strncmp(rest, "index/", 6) == 0)
		return serve_index(r, strtol(rest + 6, NULL, 10));
	if (strcmp(rest, "rings.xml") == 0)
		return serve_urls(r);
	if (strcmp(rest, "news.xml") == 0)
		return serve_news(r);
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		len = strlen(rooms[i].path);
		if (strncmp(rest, rooms[i].path, len) != 0 ||
		    (!rooms[i].below && rest[len] != 0))
			continue;
		add_head(&b, "A maze");
		buf_addf(&b, "</head>\n<body>\n");
		rooms[i].make(r, rest + len, &b);
		buf_addf(&b, "</body>\n</html>\n");
		return reply_page(r, &b);
	}
	return reply_status(r, MHD_HTTP_NOT_FOUND);
}
