/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of HTML pages.
 *
 * libxml2 gives the tags in their order; what is needed of the tree (are we
 * inside a link, a figure, a <picture>?) is kept in struct page.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/read.h"
#include "scraper/robots.h"
#include "scraper/url.h"

#define SOCIAL_MAX 64    /* pictures that are offered for sharing */
#define FORMS_MAX 100000 /* addresses of pictures that are looked at */
#define SCORE_ODD 0.25   /* for formats that not every decoder reads */

/* Of the forms of one picture, the best so far. */
struct best {
	char *url; /* resolved */
	double score;
};

struct page {
	const struct read_ask *ask;
	struct doc *doc;
	struct robots_tag tag;
	char *base;
	bool has_base, has_og;
	bool in_picture, in_caption;
	int64_t forms; /* looked at */
	struct best best;
	char *link; /* a link to an image file that we are inside of */
	char *link_title;
	struct buf text; /* of that link, or of the caption */
	char *caption;
	int figures;   /* that we are inside of */
	size_t first;  /* image of the outermost figure */
	double factor; /* of scores, by the type that is being looked at */
	char *social[SOCIAL_MAX];
	size_t n_social;
};

/* ---- pictures ----------------------------------------------------------- */

static bool
is_best(const struct page *p, const char *url)
{
	return p->best.url != NULL && strcmp(url, p->best.url) == 0;
}

/* An empty src means the page itself; drawings (SVG) are not taken. */
static bool
may_be_picture(const struct page *p, const char *url)
{
	size_t len = strcspn(url, "?");

	if (p->ask->base != NULL && strcmp(url, p->ask->base) == 0)
		return false;
	return len < 4 || strncasecmp(url + len - 4, ".svg", 4) != 0;
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

static void
add_image(struct page *p, char *url, const char *title)
{
	struct found f = { .url = url, .title = doc_text(title) };

	f.page = p->ask->base == NULL ? NULL : xstrdup(p->ask->base);
	doc_add_image(p->doc, &f);
}

/*
 * What is offered for sharing has no name of its own: it comes last, so that
 * the same picture with a name comes first.
 */
static void
add_social(struct page *p, const char *href)
{
	char *url = url_resolve(p->base, href);

	if (url != NULL && p->n_social < SOCIAL_MAX)
		p->social[p->n_social++] = TAKE(url);
	free(url);
}

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

static void
start_img(struct page *p, const char **atts)
{
	const char *src = html_attribute(atts, "src");
	const char *srcset = html_attribute(atts, "srcset");
	const char *title = html_attribute(atts, "alt");

	p->factor = 1;
	if (consider_lazy(p, atts)) {
		cover_src(p, src);
	} else {
		if (srcset != NULL)
			srcset_each(srcset, consider, p);
		if (src != NULL)
			consider(p, src, 0);
	}
	if (title == NULL || *title == 0)
		title = html_attribute(atts, "title");
	if (p->best.url == NULL)
		return;
	if (p->link != NULL) {
		/* A thumbnail: the link leads to the picture itself. */
		if (strcmp(p->link, p->best.url) != 0)
			doc_cover(p->doc, p->best.url);
		if (p->link_title == NULL)
			p->link_title = doc_text(title);
	} else {
		add_image(p, TAKE(p->best.url), title);
	}
	free(TAKE(p->best.url));
}

static void
start_picture(struct page *p, const char **atts)
{
	(void)atts;
	free(TAKE(p->best.url));
	p->in_picture = true;
}

static void
end_picture(struct page *p)
{
	free(TAKE(p->best.url));
	p->in_picture = false;
}

static void
start_source(struct page *p, const char **atts)
{
	static const char *const plain[] = { "jpeg", "jpg", "png", "webp",
		"gif" };
	const char *type = html_attribute(atts, "type");
	const char *srcset = html_attribute(atts, "srcset");
	size_t i;

	if (!p->in_picture)
		return; /* of a video */
	p->factor = type == NULL ? 1 : SCORE_ODD;
	for (i = 0; i < ARRAY_SIZE(plain) && type != NULL; i++)
		if (strncasecmp(type, "image/", 6) == 0 &&
		    strcasecmp(type + 6, plain[i]) == 0)
			p->factor = 1;
	if (!consider_lazy(p, atts) && srcset != NULL)
		srcset_each(srcset, consider, p);
}

/* ---- links -------------------------------------------------------------- */

/* Is the word among those of the rel attribute? */
static bool
has_rel(const char **atts, const char *word)
{
	const char *rel = html_attribute(atts, "rel");
	size_t len = strlen(word), n;

	while (rel != NULL && *rel != 0) {
		n = strcspn(rel, " \t\n\f\r");
		if (n == len && strncasecmp(rel, word, len) == 0)
			return true;
		rel += n + strspn(rel + n, " \t\n\f\r");
	}
	return false;
}

static void
add_link(struct page *p, const char **atts, const char *url)
{
	if (p->ask->base != NULL && strcmp(url, p->ask->base) == 0)
		return;
	if (!has_rel(atts, "nofollow"))
		doc_add_link(p->doc, url, has_rel(atts, "next"));
}

static void
end_a(struct page *p)
{
	char *title;

	if (p->link == NULL)
		return;
	title = p->link_title == NULL ? doc_text((char *)p->text.data)
				      : TAKE(p->link_title);
	add_image(p, TAKE(p->link), title);
	free(title);
	if (!p->in_caption)
		buf_clear(&p->text);
}

static void
start_a(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	char *url;

	end_a(p);
	url = href == NULL ? NULL : url_resolve(p->base, href);
	if (url != NULL && url_looks_like_image(url)) {
		p->link = url;
		p->link_title = doc_text(html_attribute(atts, "title"));
		if (!p->in_caption)
			buf_clear(&p->text);
		return;
	}
	if (url != NULL)
		add_link(p, atts, url);
	free(url);
}

static void
start_link(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	char *url;

	if (href != NULL && has_rel(atts, "image_src"))
		add_social(p, href);
	if (href == NULL || !has_rel(atts, "next"))
		return;
	url = url_resolve(p->base, href);
	if (url != NULL)
		add_link(p, atts, url);
	free(url);
}

/* Only the first counts. */
static void
start_base(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	char *url;

	if (p->has_base || href == NULL)
		return;
	p->has_base = true;
	url = url_resolve(p->base, href);
	if (url != NULL) {
		free(p->base);
		p->base = url;
	}
}

static bool
is_social_image(struct page *p, const char *name)
{
	if (strcasecmp(name, "og:image") == 0 ||
	    strcasecmp(name, "og:image:url") == 0)
		return p->has_og = true;
	/* The same picture by https; behind og:image it is nothing new. */
	if (strcasecmp(name, "og:image:secure_url") == 0)
		return !p->has_og;
	return strcasecmp(name, "twitter:image") == 0 ||
	    strcasecmp(name, "twitter:image:src") == 0;
}

static void
start_meta(struct page *p, const char **atts)
{
	const char *content = html_attribute(atts, "content");
	const char *name = html_attribute(atts, "property");

	if (name == NULL)
		name = html_attribute(atts, "name");
	if (name == NULL || content == NULL)
		return;
	if (strcasecmp(name, "robots") == 0 ||
	    strcasecmp(name, ROBOTS_TOKEN) == 0)
		robots_tag_add(&p->tag, content, ROBOTS_TOKEN);
	if (is_social_image(p, name))
		add_social(p, content);
}

/* ---- figures ------------------------------------------------------------ */

static void
start_figure(struct page *p, const char **atts)
{
	(void)atts;
	if (p->figures++ == 0)
		p->first = p->doc->n_images;
}

/* The caption names those of its pictures that have no name yet. */
static void
end_figure(struct page *p)
{
	size_t i;

	if (p->figures == 0 || --p->figures > 0)
		return;
	for (i = p->first; i < p->doc->n_images; i++)
		if (p->doc->images[i].title == NULL)
			p->doc->images[i].title = doc_text(p->caption);
	free(TAKE(p->caption));
}

static void
start_caption(struct page *p, const char **atts)
{
	(void)atts;
	p->in_caption = true;
	buf_clear(&p->text);
}

static void
end_caption(struct page *p)
{
	if (p->in_caption && p->figures > 0 && p->caption == NULL)
		p->caption = doc_text((char *)p->text.data);
	p->in_caption = false;
	buf_clear(&p->text);
}

/* ---- all together ------------------------------------------------------- */

static const struct {
	const char *name;
	void (*start)(struct page *, const char **atts);
	void (*end)(struct page *);
} elements[] = {
	{ "a", start_a, end_a },
	{ "amp-img", start_img, NULL },
	{ "base", start_base, NULL },
	{ "figcaption", start_caption, end_caption },
	{ "figure", start_figure, end_figure },
	{ "image", start_img, NULL },
	{ "img", start_img, NULL },
	{ "link", start_link, NULL },
	{ "meta", start_meta, NULL },
	{ "picture", start_picture, end_picture },
	{ "source", start_source, NULL },
};

static void
on_start(void *ctx, const char *name, const char **atts)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		if (strcmp(elements[i].name, name) == 0)
			elements[i].start(ctx, atts);
}

static void
on_end(void *ctx, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		if (elements[i].end != NULL &&
		    strcmp(elements[i].name, name) == 0)
			elements[i].end(ctx);
}

static void
on_text(void *ctx, const char *text, int len)
{
	struct page *p = ctx;

	if (p->in_caption || p->link != NULL)
		buf_add(&p->text, text, (size_t)len);
}

/* What the page, or HTTP for it, asks us not to take. */
static void
obey(struct page *p)
{
	struct doc *d = p->doc;

	if (p->tag.no_images || p->ask->tag.no_images)
		while (d->n_images > 0)
			found_release(&d->images[--d->n_images]);
	if (p->tag.no_links || p->ask->tag.no_links) {
		while (d->n_links > 0)
			free(d->links[--d->n_links]);
		while (d->n_next > 0)
			free(d->next[--d->n_next]);
	}
}

void
read_page(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	static const struct html_handlers handlers = { on_start, on_end,
		on_text };
	struct page p = { .ask = ask, .doc = doc, .factor = 1 };
	size_t i;

	p.text = BUF_INIT((size_t)4 * DOC_TEXT_MAX);
	p.base = ask->base == NULL ? NULL : xstrdup(ask->base);
	html_prescan(bytes, len);
	html_parse(bytes, len, ask->charset, &handlers, &p);
	end_a(&p);
	for (i = 0; i < p.n_social; i++)
		add_image(&p, p.social[i], NULL);
	obey(&p);
	free(p.caption);
	free(p.base);
	free(p.best.url);
	free(p.link_title);
	buf_release(&p.text);
}
