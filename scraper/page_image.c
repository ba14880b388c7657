/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define SCORE_ODD 0.25 /* for formats that not every decoder reads */

static bool
is_best(const struct page *p, const char *url)
{
	return p->best.url != NULL && strcmp(url, p->best.url) == 0;
}

/* An empty src means the page itself. */
static bool
may_be_picture(const struct page *p, const char *url)
{
	return (p->ask->base == NULL || strcmp(url, p->ask->base) != 0) &&
	    !furniture_url(url);
}

/* One form; the worse of two is remembered as a lesser form. */
static void
consider(void *ctx, const char *href, double score)
{
	struct page *p = ctx;
	char *url CLEANUP(freep) = NULL;

	if (strncasecmp(href, "data:", 5) == 0)
		return;
	if (p->forms++ == FORMS_MAX)
		p->doc->truncated = true;
	if (p->forms > FORMS_MAX)
		return;
	url = url_resolve(p->base, href);
	if (url == NULL || !may_be_picture(p, url))
		return;
	score *= p->factor;
	if (p->best.url != NULL && !is_best(p, url))
		doc_cover(p->doc, score <= p->best.score ? url : p->best.url);
	if (p->best.url != NULL && score <= p->best.score)
		return;
	free(p->best.url);
	p->best.url = TAKE(url);
	p->best.score = score;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

void
page_add_image(struct page *p, char *url, const char *title)
{
	struct found f = { .url = url, .title = doc_text(title) };

	if (furniture_url(url)) {
		free(f.title);
		free(url);
		return;
	}
	f.page = copy(p->ask->base);
	f.caption = copy(p->heading);
	doc_add_image(p->doc, &f);
}

void
page_add_extra(struct page *p, const char *href, struct found *f)
{
	bool is_data = strncasecmp(href, "data:", 5) == 0;

	f->url = is_data ? NULL : url_resolve(p->base, href);
	if (f->url == NULL || !may_be_picture(p, f->url) ||
	    p->n_extras == EXTRAS_MAX) {
		found_release(f);
		return;
	}
	p->extras[p->n_extras++] = *f;
	*f = (struct found){ 0 };
}

/* ---- lazy loading ------------------------------------------------------- */

/* Where lazy loading by script keeps the address, plain or as a srcset. */
static const struct {
	const char *name;
	bool is_set;
} lazy[] = {
	{ "data-srcset", true },
	{ "data-lazy-srcset", true },
	{ "data-src", false },
	{ "data-original", false },
	{ "data-lazy-src", false },
	{ "data-lazy", false },
	{ "data-lazyload", false },
	{ "data-hi-res-src", false },
	{ "data-full-src", false },
};

/* Consider all that lazy loading would; was there anything? */
static bool
consider_lazy(struct page *p, const char **atts)
{
	const char *value;
	bool any = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lazy); i++) {
		value = html_attribute(atts, lazy[i].name);
		/* "data-lazy=true" is no address. */
		if (value == NULL || strpbrk(value, "./") == NULL)
			continue;
		any = true;
		if (lazy[i].is_set)
			srcset_each(value, consider, p);
		else
			consider(p, value, 0);
	}
	return any;
}

/* Scripts replace the src of lazy images: it is only a lesser form. */
static void
cover_src(struct page *p, const char *src)
{
	char *url = src == NULL ? NULL : url_resolve(p->base, src);

	if (url != NULL && !is_best(p, url))
		doc_cover(p->doc, url);
	free(url);
}

/* ---- <img> and <picture> ------------------------------------------------ */

static const char *
title_of(const char **atts)
{
	static const char *const names[] = { "alt", "title", "aria-label" };
	const char *title;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		title = html_attribute(atts, names[i]);
		if (title != NULL && title[strspn(title, " \t\r\n")] != 0)
			return title;
	}
	return NULL;
}

/* The best that was considered is in its place here. */
static void
take_best(struct page *p, const char *title)
{
	if (p->best.url == NULL)
		return;
	if (p->link != NULL) {
		/* A thumbnail: the link leads to the picture itself. */
		if (strcmp(p->link, p->best.url) != 0)
			doc_cover(p->doc, p->best.url);
		if (p->link_title == NULL)
			p->link_title = doc_text(title);
	} else {
		page_add_image(p, TAKE(p->best.url), title);
	}
	free(TAKE(p->best.url));
}

void
page_img(struct page *p, const char **atts)
{
	const char *src = html_attribute(atts, "src");
	const char *srcset = html_attribute(atts, "srcset");

	if (src == NULL)
		src = html_attribute(atts, "href"); /* of SVG's <image> */
	if (src == NULL)
		src = html_attribute(atts, "xlink:href");
	p->factor = 1;
	if (consider_lazy(p, atts)) {
		cover_src(p, src);
	} else if (p->in_picture || srcset != NULL || !furniture_size(atts)) {
		if (srcset != NULL)
			srcset_each(srcset, consider, p);
		if (src != NULL)
			consider(p, src, 0);
	}
	take_best(p, title_of(atts));
}

void
page_picture(struct page *p, const char **atts)
{
	(void)atts;
	free(TAKE(p->best.url));
	p->in_picture = true;
}

void
page_picture_end(struct page *p, const char **atts)
{
	(void)atts;
	free(TAKE(p->best.url));
	p->in_picture = false;
}

static double
factor_of(const char *type)
{
	static const char *const plain[] = { "jpeg", "jpg", "png", "webp",
		"gif" };
	size_t i;

	if (type == NULL)
		return 1;
	for (i = 0; i < ARRAY_SIZE(plain); i++)
		if (strncasecmp(type, "image/", 6) == 0 &&
		    strcasecmp(type + 6, plain[i]) == 0)
			return 1;
	return SCORE_ODD;
}

void
page_source(struct page *p, const char **atts)
{
	const char *srcset = html_attribute(atts, "srcset");

	if (!p->in_picture)
		return; /* of a video */
	p->factor = factor_of(html_attribute(atts, "type"));
	if (!consider_lazy(p, atts) && srcset != NULL)
		srcset_each(srcset, consider, p);
}

/* ---- other elements ----------------------------------------------------- */

/* A picture with one form, in its place. */
static void
take_one(struct page *p, const char *href, const char **atts)
{
	p->factor = 1;
	if (href != NULL && !furniture_size(atts))
		consider(p, href, 0);
	take_best(p, title_of(atts));
}

void
page_poster(struct page *p, const char **atts)
{
	take_one(p, html_attribute(atts, "poster"), atts);
}

void
page_input(struct page *p, const char **atts)
{
	const char *type = html_attribute(atts, "type");

	if (type != NULL && strcasecmp(type, "image") == 0)
		take_one(p, html_attribute(atts, "src"), atts);
}

/* <object data> and <embed src>, by their type or the name of the file. */
void
page_object(struct page *p, const char **atts)
{
	const char *type = html_attribute(atts, "type");
	const char *href = html_attribute(atts, "data");
	char *url CLEANUP(freep) = NULL;

	if (href == NULL)
		href = html_attribute(atts, "src");
	url = href == NULL ? NULL : url_resolve(p->base, href);
	if (url != NULL &&
	    (type != NULL ? strncasecmp(type, "image/", 6) == 0
			  : url_looks_like_image(url)))
		take_one(p, href, atts);
}

/* The forms of a <link rel=preload as=image>, which has no place. */
static void
add_srcset(struct page *p, const char *srcset)
{
	struct best before = p->best;
	struct found f = { 0 };

	p->best = (struct best){ 0 };
	p->factor = 1;
	srcset_each(srcset, consider, p);
	if (p->best.url != NULL)
		page_add_extra(p, p->best.url, &f);
	free(p->best.url);
	p->best = before;
}

void
page_add_css(void *ctx, const char *href)
{
	struct page *p = ctx;
	char *url CLEANUP(freep) = url_resolve(p->base, href);
	struct found f = { 0 };

	/* A sheet also names fonts, filters and further sheets. */
	if (url != NULL && url_looks_like_image(url))
		page_add_extra(p, href, &f);
}

/* One of the attributes that may stand on any element. */
static void
any_attribute(
    struct page *p, const char **atts, const char *name, const char *value)
{
	static const char *const plain[] = { "background", "data-background",
		"data-background-image", "data-bg" };
	static const char *const where[] = { "content", "href", "data" };
	struct found f = { 0 };
	size_t i;

	if (strcmp(name, "style") == 0)
		css_each(value, page_add_css, p);
	else if (strcmp(name, "imagesrcset") == 0)
		add_srcset(p, value);
	else if (strcmp(name, "itemprop") == 0 &&
	    (strcasecmp(value, "image") == 0 ||
		strcasecmp(value, "contentUrl") == 0)) {
		for (i = 0; i < ARRAY_SIZE(where); i++)
			if (html_attribute(atts, where[i]) != NULL)
				page_add_extra(
				    p, html_attribute(atts, where[i]), &f);
	}
	for (i = 0; i < ARRAY_SIZE(plain); i++)
		if (strcmp(name, plain[i]) == 0 && strchr(value, '(') != NULL)
			css_each(value, page_add_css, p);
		else if (strcmp(name, plain[i]) == 0 && strpbrk(value, "./"))
			page_add_extra(p, value, &f);
}

void
page_any(struct page *p, const char **atts)
{
	const char **a;

	for (a = atts; a != NULL && *a != NULL; a += 2)
		if (a[1] != NULL && strchr("bdis", **a) != NULL)
			any_attribute(p, atts, a[0], a[1]);
}
