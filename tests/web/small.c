/* SPDX-License-Identifier: Apache-2.0 */
/*
 * small: robots.txt, what it forbids, the placeholder, the counters and the
 * lists of addresses.
 */
#include "tests/web/photos.h"

#include <string.h>

#include "base/file.h"
#include "tests/web/paint.h"

static const unsigned char blank_gif[] = { 'G', 'I', 'F', '8', '9', 'a', 1, 0,
	1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xf9, 4, 1, 0, 0, 0, 0,
	0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b };

static const char robots_txt[] =
    "# Be welcome, but stay out of the members' corner.\n"
    "User-agent: *\n"
    "Allow: /\n"
    "Disallow: /private/\n";

enum MHD_Result
serve_robots(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	const char *file = r->web->conf.robots_file;
	struct err e = { 0 };

	(void)rest;
	if (r->web->conf.robots_status != 0)
		return reply_status(r, (unsigned)r->web->conf.robots_status);
	if (file == NULL)
		buf_addf(&b, "%s", robots_txt);
	else if (file_read(file, &b, &e) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return reply_text(r, "text/plain; charset=utf-8", &b);
}

enum MHD_Result
serve_private(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMAGE_MAX);

	if (strcmp(rest, "secret.png") == 0) {
		made_png("secret", 0, &b);
		return reply_text(r, "image/png", &b);
	}
	if (strcmp(rest, "secret.html") != 0)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	buf_addf(&b,
	    "<!DOCTYPE html>\n<title>Members only</title>\n"
	    "<h1>Members only</h1>\n"
	    "<img src=\"secret.png\" alt=\"Not for robots\">\n");
	return reply_page(r, &b);
}

enum MHD_Result
serve_static(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	if (strcmp(rest, "blank.gif") != 0)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	buf_add(&b, blank_gif, sizeof(blank_gif));
	return reply_text(r, "image/gif", &b);
}

/* One pair a line, so that grep can read it too. */
static enum MHD_Result
serve_counts(struct request *r, json_t *counts)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "application/json" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	char *text CLEANUP(freep) = NULL;

	pthread_mutex_lock(&r->web->lock);
	text = json_dumps(counts, JSON_INDENT(1) | JSON_SORT_KEYS);
	pthread_mutex_unlock(&r->web->lock);
	if (text == NULL || buf_addf(&b, "%s\n", text) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return reply_bytes(r, &h, &b);
}

enum MHD_Result
serve_counter(struct request *r, const char *rest)
{
	(void)rest;
	return serve_counts(r, r->web->asked);
}

enum MHD_Result
serve_sent(struct request *r, const char *rest)
{
	(void)rest;
	return serve_counts(r, r->web->sent);
}

struct list {
	struct buf *b;
	const char *host;
	const struct web *web;
};

/* RFC 4180: doubled quotes inside quotes. */
static void
add_csv(struct buf *b, const char *text)
{
	buf_addf(b, "\"");
	for (; *text != 0; text++)
		buf_add(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buf_addf(b, "\"");
}

static void
add_csv_line(const struct list *l, const struct photo *p, size_t i)
{
	const char *url, *licence = photo_licence(l->web, i, &url);

	buf_addf(l->b, "http://%s%s,", l->host, p->url);
	add_csv(l->b, p->class);
	buf_addf(l->b, ",");
	add_csv(l->b, licence);
	buf_addf(l->b, "\r\n");
}

static void
add_json_line(const struct list *l, const struct photo *p, size_t i)
{
	const char *url, *licence = photo_licence(l->web, i, &url);
	json_t *line = json_pack("{s:s++, s:s, s:s}", "url", "http://", l->host,
	    p->url, "label", p->class, "licence", licence);
	char *text CLEANUP(freep) = json_dumps(line, JSON_COMPACT);

	if (text != NULL)
		buf_addf(l->b, "%s\n", text);
	json_decref(line);
}

static enum MHD_Result
serve_all(struct request *r, const struct list *l, const struct photos *photos,
    bool csv)
{
	size_t i;

	if (csv)
		buf_addf(l->b, "url,label,licence\r\n");
	for (i = 0; i < photos->n; i++)
		if (csv)
			add_csv_line(l, &photos->v[i], i);
		else
			add_json_line(l, &photos->v[i], i);
	return reply_text(r, csv ? "text/csv" : "application/jsonl", l->b);
}

/* rest: all.csv, all.jsonl or CLASS.txt */
enum MHD_Result
serve_list(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	struct photos photos CLEANUP(photos_release) = { 0 };
	struct list l = { &b, request_host(r), r->web };
	const char *dot = strrchr(rest, '.');
	char *class CLEANUP(freep) = NULL;
	const struct photo *p;
	struct err e = { 0 };
	size_t n, i;

	if (photos_load(r->web, &photos, &e) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	if (strcmp(rest, "all.csv") == 0 || strcmp(rest, "all.jsonl") == 0)
		return serve_all(r, &l, &photos, rest[4] == 'c');
	if (dot == NULL || strcmp(dot, ".txt") != 0)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	class = xstrndup(rest, (size_t)(dot - rest));
	p = photos_of(&photos, class, &n);
	if (n == 0)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	for (i = 0; i < n; i++)
		buf_addf(&b, "http://%s%s\n", l.host, p[i].url);
	return reply_text(r, "text/plain; charset=utf-8", &b);
}
