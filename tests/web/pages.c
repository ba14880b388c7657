/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages: the gallery, written as people write such pages.
 *
 * A picture stands in its page in one of seven ways, by its number in the
 * class, so that a reader of pages meets all of them.
 */
#include "tests/web/photos.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define PER_PAGE ((size_t)12)
#define SMALL "?w=80" /* the same bytes under another address */
#define N_WAYS ARRAY_SIZE(ways)

struct page {
	struct buf *b;
	const char *class;
	const char *base; /* of <base href>, or NULL */
	const char *host;
	const struct photo *photos; /* of the class */
	size_t n_photos;
	size_t number, n_pages; /* from 1 */
};

/* Writes the picture as it stands inside its <figure>. */
typedef void way_fn(const struct page *, const struct photo *);

static void
alt(const struct page *page, const struct photo *p)
{
	buf_addf(page->b, " alt=\"");
	add_html(page->b, p->title);
	buf_addf(page->b, "\"");
}

static void
way_plain(const struct page *page, const struct photo *p)
{
	buf_addf(page->b, "<img src=\"%s\"", p->url);
	alt(page, p);
	buf_addf(page->b, ">");
}

static void
way_srcset(const struct page *page, const struct photo *p)
{
	buf_addf(page->b, "<img src=\"%s" SMALL "\"\n    srcset=\"", p->url);
	buf_addf(page->b, "%s" SMALL " 80w, %s 640w\"", p->url, p->url);
	buf_addf(page->b, " sizes=\"(max-width: 600px) 80px, 640px\"");
	alt(page, p);
	buf_addf(page->b, ">");
}

static void
way_picture(const struct page *page, const struct photo *p)
{
	buf_addf(page->b,
	    "<picture>\n    <source type=\"%s\" srcset=\"%s\""
	    ">\n    <img src=\"%s" SMALL "\"",
	    image_type(p->path), p->url, p->url);
	alt(page, p);
	buf_addf(page->b, ">\n  </picture>");
}

static void
way_lazy(const struct page *page, const struct photo *p)
{
	buf_addf(page->b,
	    "<img class=\"lazy\" src=\"/static/blank.gif\""
	    " data-src=\"%s\"",
	    p->url);
	alt(page, p);
	buf_addf(page->b, " loading=lazy>");
}

static void
way_relative(const struct page *page, const struct photo *p)
{
	if (page->base != NULL)
		buf_addf(
		    page->b, "<img src=\"%s\"", p->url + strlen(page->base));
	else
		buf_addf(page->b, "<IMG SRC='../../..%s'", p->url);
	alt(page, p);
	buf_addf(page->b, "/>");
}

static void
way_thumb(const struct page *page, const struct photo *p)
{
	buf_addf(
	    page->b, "<a href=\"%s\"><img src=\"%s" SMALL "\"", p->url, p->url);
	alt(page, p);
	buf_addf(page->b, " width=80></a>");
}

/* The page shows it small, and its head names the large one. */
static void
way_head(const struct page *page, const struct photo *p)
{
	buf_addf(page->b, "<img src=\"%s" SMALL "\"", p->url);
	alt(page, p);
	buf_addf(page->b, ">");
}

static way_fn *const ways[] = { way_plain, way_srcset, way_picture, way_lazy,
	way_relative, way_thumb, way_head };

static size_t
first_of(const struct page *page)
{
	return (page->number - 1) * PER_PAGE;
}

static size_t
end_of(const struct page *page)
{
	size_t end = page->number * PER_PAGE;

	return end < page->n_photos ? end : page->n_photos;
}

static void
add_page_url(struct buf *b, const char *class, size_t number)
{
	buf_addf(b, "/gallery/");
	add_url(b, class);
	if (number > 0)
		buf_addf(b, "/page/%zu", number);
	else
		buf_addf(b, "/");
}

void
add_head(struct buf *b, const char *title)
{
	buf_addf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
	buf_addf(b, "<meta charset=\"utf-8\">\n<title>");
	add_html(b, title);
	buf_addf(b, " - The loopback album</title>\n");
}

static void
album_head(const struct page *page)
{
	size_t i;

	add_head(page->b, page->class);
	if (page->base != NULL)
		buf_addf(page->b, "<base href=\"%s\">\n", page->base);
	for (i = first_of(page); i < end_of(page); i++)
		if (ways[i % N_WAYS] == way_head)
			buf_addf(page->b,
			    "<meta property=\"og:image\""
			    " content=\"http://%s%s\">\n",
			    page->host, page->photos[i].url);
	if (page->number < page->n_pages) {
		buf_addf(page->b, "<link rel=\"next\" href=\"");
		add_page_url(page->b, page->class, page->number + 1);
		buf_addf(page->b, "\">\n");
	}
	buf_addf(page->b, "</head>\n<body>\n<h1>");
	add_html(page->b, page->class);
	buf_addf(page->b, "</h1>\n");
}

/* Where a gatherer should not go. */
static void
add_links_out(struct buf *b)
{
	buf_addf(b, "<a href=\"http://offsite.invalid/\">a friend</a> and ");
	buf_addf(b, "<a href=\"/private/secret.html\">the members</a>");
}

static void
album_foot(const struct page *page)
{
	struct buf *b = page->b;

	buf_addf(b, "<p class=\"pages\">Page %zu of %zu.", page->number,
	    page->n_pages);
	if (page->number < page->n_pages) {
		buf_addf(b, " <a rel=\"next\" href=\"");
		add_page_url(b, page->class, page->number + 1);
		buf_addf(b, "\">More &rarr;</a>");
	}
	buf_addf(b, "</p>\n<hr>\n<p>See also ");
	add_links_out(b);
	buf_addf(b, ".</p>\n</body>\n</html>\n");
}

static void
album(const struct page *page)
{
	const struct photo *p;
	size_t i;

	album_head(page);
	for (i = first_of(page); i < end_of(page); i++) {
		p = &page->photos[i];
		buf_addf(page->b, "<figure>\n  ");
		ways[i % N_WAYS](page, p);
		buf_addf(page->b, "\n  <figcaption>");
		add_html(page->b, p->title);
		buf_addf(
		    page->b, ", number %zu</figcaption>\n</figure>\n", i + 1);
	}
	album_foot(page);
}

/* The first page of a class: where its album begins, and no pictures. */
static void
contents(const struct page *page)
{
	struct buf *b = page->b;
	size_t i;

	add_head(b, page->class);
	buf_addf(b, "</head>\n<body>\n<h1>");
	add_html(b, page->class);
	buf_addf(b, "</h1>\n<p>%zu pictures on %zu pages.</p>\n<ul>\n",
	    page->n_photos, page->n_pages);
	for (i = 1; i <= page->n_pages; i++) {
		buf_addf(
		    b, "  <li><a%s href=\"", i == 1 ? " rel=\"next\"" : "");
		add_page_url(b, page->class, i);
		buf_addf(b, "\">Page %zu</a></li>\n", i);
	}
	buf_addf(b, "</ul>\n<p><img src=\"/private/secret.png\" alt=\"\">");
	buf_addf(b, " <a href=\"/gallery/\">All albums</a>, ");
	add_links_out(b);
	buf_addf(b, ".</p>\n</body>\n</html>\n");
}

/* rest: what follows the class: "/" or "/page/N". */
static enum MHD_Result
serve_class(struct request *r, const struct photos *photos, const char *class,
    const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	struct buf base CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	struct page page = { .b = &b, .class = class };
	int64_t number;

	page.photos = photos_of(photos, class, &page.n_photos);
	page.n_pages = (page.n_photos + PER_PAGE - 1) / PER_PAGE;
	page.host = request_host(r);
	if (page.n_photos == 0)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	if (strcmp(rest, "/") == 0) {
		contents(&page);
		return reply_page(r, &b);
	}
	if (strncmp(rest, "/page/", 6) != 0 ||
	    !text_to_int(rest + 6, &number) || number < 1 ||
	    (uint64_t)number > page.n_pages)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	page.number = (size_t)number;
	if (number % 2 == 0) {
		buf_addf(&base, photos->made ? "/made/" : "/img/");
		add_url(&base, class);
		buf_addf(&base, "/");
		page.base = (const char *)base.data;
	}
	album(&page);
	return reply_page(r, &b);
}

static enum MHD_Result
serve_albums(struct request *r, const struct photos *photos)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	size_t i;

	add_head(&b, "All albums");
	buf_addf(&b, "</head>\n<body>\n<h1>All albums</h1>\n<ul>\n");
	for (i = 0; i < photos->n; i++) {
		if (i > 0 &&
		    strcmp(photos->v[i].class, photos->v[i - 1].class) == 0)
			continue;
		buf_addf(&b, "  <li><a href=\"");
		add_page_url(&b, photos->v[i].class, 0);
		buf_addf(&b, "\">");
		add_html(&b, photos->v[i].class);
		buf_addf(&b, "</a></li>\n");
	}
	buf_addf(&b, "</ul>\n</body>\n</html>\n");
	return reply_page(r, &b);
}

enum MHD_Result
serve_gallery(struct request *r, const char *rest)
{
	char *class CLEANUP(freep) = xstrndup(rest, strcspn(rest, "/"));
	struct photos photos CLEANUP(photos_release) = { 0 };
	struct err e = { 0 };

	if (photos_load(r->web, &photos, &e) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	if (*rest == 0)
		return serve_albums(r, &photos);
	return serve_class(r, &photos, class, rest + strlen(class));
}

/* The front door. */
enum MHD_Result
serve_album(struct request *r, const char *rest)
{
	return serve_gallery(r, rest);
}
