/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api: what Wikimedia Commons' api.php answers about the files of a
 * category, as far as a gatherer of images asks it.
 *
 * Classes are the categories.  The shape follows answers recorded from
 * MediaWiki: pages by number (formatversion 1) or as a list (2), `continue`
 * to be copied into the next request, errors with status 200.
 */
#include "tests/web/photos.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define FIRST_PAGEID 10001
#define LIMIT_MAX 500

static const char type_json[] = "application/json; charset=utf-8";

struct ask {
	struct request *r;
	const struct photos *photos;
	const char *host;
	const char *iiprop;
	bool v2;
	int64_t width;             /* of thumbnails; 0: none wanted */
	const struct photo *files; /* of the category, NULL: none */
	size_t n_files;
	size_t first, end;           /* the batch */
	size_t info_first, info_end; /* that get their imageinfo now */
};

static enum MHD_Result
reply_json(
    struct request *r, const struct head *h, json_t *answer, size_t flags)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	char *text CLEANUP(freep) = json_dumps(answer, JSON_COMPACT | flags);

	json_decref(answer);
	if (text == NULL || buf_addf(&b, "%s", text) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return reply_bytes(r, h, &b);
}

static enum MHD_Result
reply_error(
    struct request *r, const char *code, const char *info, int retry_after_s)
{
	struct head h = { .status = MHD_HTTP_OK, .type = type_json };
	json_t *o = json_pack("{s:{s:s, s:s}, s:s}", "error", "code", code,
	    "info", info, "servedby", "webd");

	h.error = code;
	h.retry_after_s = retry_after_s;
	return reply_json(r, &h, o, 0);
}

/* Does it name griddle and, in parentheses, somebody to write to? */
static bool
is_polite(const struct request *r)
{
	const char *agent =
	    MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "User-Agent");
	const char *open, *at, *close;

	if (agent == NULL || strstr(agent, "griddle/") == NULL)
		return false;
	open = strchr(agent, '(');
	close = open == NULL ? NULL : strchr(open, ')');
	if (close == NULL)
		return false;
	at = strpbrk(open, "@");
	if (at == NULL || at > close)
		at = strstr(open, "://");
	return at != NULL && at < close;
}

static enum MHD_Result
refuse(struct request *r)
{
	struct head h = { .status = MHD_HTTP_FORBIDDEN,
		.type = "text/plain; charset=utf-8" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	buf_addf(&b,
	    "Please set a user-agent that says who you are and how"
	    " to reach you, and respect our robot policy.\n");
	return reply_bytes(r, &h, &b);
}

/* "File:" and the path, written as a title: unique, as titles are. */
static char *
title_of(const struct photo *p, bool for_url)
{
	char *title = xasprintf("File:%s", p->path);
	char *c;

	title[5] = (char)toupper((unsigned char)title[5]);
	for (c = title; *c != 0; c++)
		if (*c == '/' || *c == '_' || *c == ' ')
			*c = for_url ? '_' : ' ';
	return title;
}

/* The first letter's case is free, and an underscore is a space. */
static bool
same_category(const char *class, const char *name)
{
	if (tolower((unsigned char)*class) != tolower((unsigned char)*name))
		return false;
	for (class ++, name++; *class != 0 && *name != 0; class ++, name++)
		if ((*class == '_' ? ' ' : *class) !=
		    (*name == '_' ? ' ' : *name))
			return false;
	return *class == *name;
}

/* One of the words between bars? */
static bool
has(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = list; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		if (strncmp(p, word, len) == 0 &&
		    (p[len] == '|' || p[len] == 0))
			return true;
	}
	return false;
}

static void
put(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static void
put_meta(json_t *meta, const char *key, const char *value, bool hidden)
{
	json_t *o = json_pack(
	    "{s:s, s:s}", "value", value, "source", "commons-desc-page");

	if (hidden)
		put(o, "hidden", json_string(""));
	put(meta, key, o);
}

static json_t *
metadata(const struct ask *a, const struct photo *p)
{
	static const char *const people[] = { "Ada", "Bela", "Chidi" };
	size_t i = (size_t)(p - a->photos->v);
	const char *who = people[i % ARRAY_SIZE(people)];
	const char *url;
	const char *licence = photo_licence(a->r->web, i, &url);
	struct buf about CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	char *artist CLEANUP(freep) =
	    xasprintf("<a href=\"//%s/wiki/User:%s\" title=\"User:%s\">%s</a>",
		a->host, who, who, who);
	json_t *meta = json_object();

	buf_addf(&about, "<p>");
	add_html(&about, p->title);
	buf_addf(&about, ", seen <i>nearby</i> &amp; kept</p>");
	put_meta(meta, "ImageDescription", (const char *)about.data, false);
	put_meta(meta, "Artist", artist, false);
	put_meta(meta, "Credit",
	    "<span class=\"int-own-work\" lang=\"en\">"
	    "Own work</span>",
	    false);
	put_meta(meta, "LicenseShortName", licence, true);
	put_meta(meta, "UsageTerms", licence, true);
	put_meta(meta, "AttributionRequired",
	    url != NULL && strstr(url, "/by") ? "true" : "false", true);
	put_meta(meta, "Restrictions", "", true);
	if (url != NULL)
		put_meta(meta, "LicenseUrl", url, true);
	return meta;
}

static void
put_url(const struct ask *a, json_t *o, const char *key, const char *path,
    const char *rest)
{
	put(o, key, json_sprintf("http://%s%s%s", a->host, path, rest));
}

static void
put_urls(const struct ask *a, const struct photo *p,
    const struct photo_facts *f, json_t *info)
{
	char *title CLEANUP(freep) = title_of(p, true);
	struct buf page CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	int64_t width = a->width, height = f->height;
	char query[24] = "";

	add_url(&page, title + 5);
	put_url(a, info, "url", p->url, "");
	put_url(
	    a, info, "descriptionurl", "/wiki/File:", (const char *)page.data);
	if (width == 0)
		return;
	/* A thumbnail is never larger than the picture. */
	if (width >= (int64_t)f->width) {
		width = f->width;
	} else {
		height = height * width / f->width;
		snprintf(query, sizeof(query), "?w=%d", (int)width);
	}
	put_url(a, info, "thumburl", p->url, query);
	put(info, "thumbwidth", json_integer(width));
	put(info, "thumbheight", json_integer(height));
}

static json_t *
imageinfo(const struct ask *a, const struct photo *p)
{
	json_t *info = json_object();
	struct photo_facts f;
	struct err e = { 0 };

	/* A file that has just gone keeps its page and loses its figures. */
	photo_facts(a->r->web, p, &f, &e);
	if (has(a->iiprop, "size")) {
		put(info, "size", json_integer((json_int_t)f.bytes));
		put(info, "width", json_integer(f.width));
		put(info, "height", json_integer(f.height));
	}
	if (has(a->iiprop, "url"))
		put_urls(a, p, &f, info);
	if (has(a->iiprop, "sha1"))
		put(info, "sha1", json_string(f.sha1));
	if (has(a->iiprop, "mime"))
		put(info, "mime", json_string(image_type(p->path)));
	if (has(a->iiprop, "extmetadata"))
		put(info, "extmetadata", metadata(a, p));
	return json_pack("[o]", info);
}

static json_t *
pages(const struct ask *a)
{
	json_t *all = a->v2 ? json_array() : json_object();
	json_t *page;
	char key[24];
	size_t i, id;

	for (i = a->first; i < a->end; i++) {
		const struct photo *p = &a->files[i];
		char *title CLEANUP(freep) = title_of(p, false);

		id = (size_t)(p - a->photos->v) + FIRST_PAGEID;
		page = json_pack("{s:i, s:i, s:s, s:s}", "pageid", (int)id,
		    "ns", 6, "title", title, "imagerepository", "local");
		if (i >= a->info_first && i < a->info_end)
			put(page, "imageinfo", imageinfo(a, p));
		snprintf(key, sizeof(key), "%zu", id);
		if (a->v2)
			json_array_append_new(all, page);
		else
			put(all, key, page);
	}
	return all;
}

/* Where the next batch starts: "file|SORTKEY|PAGEID". */
static json_t *
position(const struct ask *a, size_t i)
{
	const struct photo *p = &a->files[i];
	char *hex CLEANUP(freep) = xmalloc(2 * strlen(p->path) + 1);

	text_to_hex(hex, (const unsigned char *)p->path, strlen(p->path));
	return json_sprintf(
	    "file|%s|%zu", hex, (size_t)(p - a->photos->v) + FIRST_PAGEID);
}

/*
 * Imageinfo that did not fit comes first, with the same batch again; then
 * the next batch.
 */
static json_t *
continuation(const struct ask *a)
{
	char *title CLEANUP(freep) = NULL;
	json_t *o;

	if (a->info_end < a->end) {
		title = title_of(&a->files[a->info_end], true);
		o = json_pack("{s:s+, s:s}", "iicontinue", title + 5,
		    "|20260101000000", "continue", "||");
		if (a->first > 0)
			put(o, "gcmcontinue", position(a, a->first));
		return o;
	}
	if (a->end == a->n_files)
		return NULL;
	return json_pack("{s:o, s:s}", "gcmcontinue", position(a, a->end),
	    "continue", "gcmcontinue||");
}

static enum MHD_Result
answer(const struct ask *a)
{
	struct head h = { .status = MHD_HTTP_OK, .type = type_json };
	json_t *o = json_object(), *next;

	next = a->n_files == 0 ? NULL : continuation(a);
	if (a->n_files == 0 || a->info_end == a->end)
		put(o, "batchcomplete", a->v2 ? json_true() : json_string(""));
	if (next != NULL)
		put(o, "continue", next);
	if (a->n_files > 0)
		put(o, "query", json_pack("{s:o}", "pages", pages(a)));
	return reply_json(a->r, &h, o, a->v2 ? 0 : JSON_ENSURE_ASCII);
}

static size_t
lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Where the request says to go on; false when it says nonsense. */
static bool
find_place(struct ask *a)
{
	const char *batch = request_arg(a->r, "gcmcontinue");
	const char *info = request_arg(a->r, "iicontinue");
	int64_t limit = request_number(a->r, "gcmlimit", 10, 1, LIMIT_MAX);
	int64_t most = a->r->web->conf.imageinfo_max, id;
	const char *bar;
	size_t before;

	if (a->n_files == 0)
		return true;
	before = (size_t)(a->files - a->photos->v);
	if (batch != NULL) {
		bar = strrchr(batch, '|');
		if (bar == NULL || !text_to_int(bar + 1, &id) ||
		    id < (int64_t)before + FIRST_PAGEID ||
		    id >= (int64_t)(before + a->n_files) + FIRST_PAGEID)
			return false;
		a->first = (size_t)(id - FIRST_PAGEID) - before;
	}
	a->end = lesser(a->n_files, a->first + (size_t)limit);
	a->info_first = a->first;
	while (info != NULL && a->info_first < a->end) {
		char *title CLEANUP(freep) =
		    title_of(&a->files[a->info_first], true);

		if (strncmp(title + 5, info, strlen(title + 5)) == 0 &&
		    info[strlen(title + 5)] == '|')
			break;
		a->info_first++;
	}
	a->info_end = a->end;
	if (most != 0)
		a->info_end = lesser(a->end, a->info_first + (size_t)most);
	return a->info_first < a->end;
}

static enum MHD_Result
members(struct ask *a)
{
	const char *title = request_arg(a->r, "gcmtitle");
	size_t i;

	if (title == NULL)
		return reply_error(a->r, "gcmmissingparam",
		    "The parameter \"gcmtitle\" is required.", 0);
	if (strncasecmp(title, "Category:", 9) != 0 || title[9] == 0)
		return reply_error(a->r, "gcminvalidcategory",
		    "The category name you entered is not valid.", 0);
	for (i = 0; i < a->photos->n && a->files == NULL; i++)
		if (same_category(a->photos->v[i].class, title + 9))
			a->files = photos_of(
			    a->photos, a->photos->v[i].class, &a->n_files);
	if (!find_place(a))
		return reply_error(a->r, "badcontinue",
		    "Pass the value that the previous answer gave.", 0);
	return answer(a);
}

static const char *
arg_or(const struct request *r, const char *name, const char *def)
{
	const char *value = request_arg(r, name);

	return value == NULL ? def : value;
}

/* All that is served here: what a list must have among its words. */
static const char *const needed[][2] = {
	{ "format", "json" },
	{ "action", "query" },
	{ "generator", "categorymembers" },
	{ "gcmtype", "file" },
	{ "prop", "imageinfo" },
};

enum MHD_Result
serve_api(struct request *r, const char *rest)
{
	struct photos photos CLEANUP(photos_release) = { 0 };
	struct ask a = { .r = r, .photos = &photos };
	struct err e = { 0 };
	size_t i;

	(void)rest;
	if (!is_polite(r))
		return refuse(r);
	if (r->web->conf.maxlag_once && !atomic_exchange(&r->web->lagged, true))
		return reply_error(r, "maxlag",
		    "Waiting for a database server: 7.3 seconds lagged.", 1);
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!has(arg_or(r, needed[i][0], ""), needed[i][1]))
			return reply_error(r, "badvalue",
			    "Only the files of a category, as JSON.", 0);
	if (photos_load(r->web, &photos, &e) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	a.host = request_host(r);
	a.v2 = strcmp(arg_or(r, "formatversion", "1"), "2") == 0;
	a.iiprop = arg_or(r, "iiprop", "timestamp|user");
	a.width = request_number(r, "iiurlwidth", 0, 0, 10000);
	return members(&a);
}
