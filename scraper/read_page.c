/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of HTML pages.
 *
 * libxml2 gives the tags in their order; what is needed of the tree (are we
 * inside a link, a figure, a <picture>?) is kept in struct page.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define RAW_MAX (1u << 20) /* bytes of a script or style that is read */

/* ---- what libxml2 finds ------------------------------------------------- */

/* Only JSON-LD has come through the prescan. */
void
page_script(struct page *p, const char **atts)
{
	(void)atts;
	p->raw = RAW_JSON;
	buf_clear(&p->raw_text);
}

void
page_style(struct page *p, const char **atts)
{
	(void)atts;
	p->raw = RAW_STYLE;
	buf_clear(&p->raw_text);
}

void
page_raw_end(struct page *p, const char **atts)
{
	const struct buf *b = &p->raw_text;

	(void)atts;
	if (p->raw == RAW_JSON && b->len > 0)
		page_json(p, (char *)b->data, b->len);
	if (p->raw == RAW_STYLE && b->len > 0)
		css_each((char *)b->data, page_add_css, p);
	p->raw = RAW_NONE;
}

static const struct {
	const char *name;
	page_fn *start, *end;
} elements[] = {
	{ "a", page_a, page_a_end },
	{ "amp-img", page_img, NULL },
	{ "base", page_base, NULL },
	{ "embed", page_object, NULL },
	{ "figcaption", page_caption, page_caption_end },
	{ "figure", page_figure, page_figure_end },
	{ "h1", page_heading, page_heading_end },
	{ "h2", page_heading, page_heading_end },
	{ "h3", page_heading, page_heading_end },
	{ "h4", page_heading, page_heading_end },
	{ "h5", page_heading, page_heading_end },
	{ "h6", page_heading, page_heading_end },
	{ "image", page_img, NULL },
	{ "img", page_img, NULL },
	{ "input", page_input, NULL },
	{ "link", page_link, NULL },
	{ "meta", page_meta, NULL },
	{ "object", page_object, NULL },
	{ "picture", page_picture, page_picture_end },
	{ "script", page_script, page_raw_end },
	{ "source", page_source, NULL },
	{ "style", page_style, page_raw_end },
	{ "video", page_poster, NULL },
};

static void
on_start(void *ctx, const char *name, const char **atts)
{
	struct page *p = ctx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		if (strcmp(elements[i].name, name) == 0)
			elements[i].start(p, atts);
	if (atts != NULL)
		page_any(p, atts);
}

static void
on_end(void *ctx, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		if (elements[i].end != NULL &&
		    strcmp(elements[i].name, name) == 0)
			elements[i].end(ctx, NULL);
}

/* What passes the caps of these texts is cut. */
static void
on_text(void *ctx, const char *text, int len)
{
	struct page *p = ctx;
	struct page_text *const v[] = { &p->link_text, &p->caption_text,
		&p->heading_text };
	size_t i;

	if (p->raw != RAW_NONE) {
		buf_add(&p->raw_text, text, (size_t)len);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i]->on)
			buf_add(&v[i]->b, text, (size_t)len);
}

/* ---- the end ------------------------------------------------------------ */

/* A picture that is known may get a name and a caption from what comes last. */
static void
enrich(struct doc *d, struct found *f)
{
	struct found *known = NULL;
	size_t i;

	for (i = 0; i < d->n_images && known == NULL; i++)
		if (strcmp(d->images[i].url, f->url) == 0)
			known = &d->images[i];
	if (known == NULL)
		return;
	if (known->title == NULL)
		known->title = TAKE(f->title);
	if (known->caption == NULL)
		known->caption = TAKE(f->caption);
	if (known->author == NULL)
		known->author = TAKE(f->author);
	if (known->licence == NULL && known->licence_url == NULL) {
		known->licence = TAKE(f->licence);
		known->licence_url = TAKE(f->licence_url);
	}
}

static void
add_extras(struct page *p)
{
	struct doc *d = p->doc;
	struct found *f;
	size_t i;

	for (f = p->extras; f < p->extras + p->n_extras; f++) {
		enrich(d, f);
		f->page = p->ask->base == NULL ? NULL : xstrdup(p->ask->base);
		doc_add_image(d, f);
	}
	for (i = 0; i < d->n_images; i++)
		if (d->images[i].title == NULL)
			d->images[i].title = page_file_words(d->images[i].url);
}

/* The canonical address is this page: it need not be read again. */
static void
drop_canonical(struct page *p)
{
	struct doc *d = p->doc;
	size_t i;

	for (i = 0; i < d->n_links && p->canonical != NULL; i++)
		if (strcmp(d->links[i], p->canonical) == 0) {
			free(d->links[i]);
			d->links[i] = d->links[--d->n_links];
			return;
		}
}

static void
page_free(struct page *p)
{
	buf_release(&p->link_text.b);
	buf_release(&p->caption_text.b);
	buf_release(&p->heading_text.b);
	buf_release(&p->raw_text);
	free(p->base);
	free(p->canonical);
	free(p->caption);
	free(p->heading);
	free(p->best.url);
	free(p->link);
	free(p->link_title);
	free(p);
}

static void
parse(struct page *p, char *bytes, size_t len, const char *charset)
{
	static const struct html_handlers handlers = { on_start, on_end,
		on_text };
	char *utf8 CLEANUP(freep) = html_utf8(bytes, &len, charset);

	if (utf8 != NULL) {
		bytes = utf8;
		charset = "UTF-8";
	}
	len = html_prescan(bytes, len, false);
	html_parse(bytes, len, charset, &handlers, p);
}

void
read_page(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	struct page *p = xcalloc(1, sizeof(*p));

	p->ask = ask;
	p->doc = doc;
	p->factor = 1;
	p->base = ask->base == NULL ? NULL : xstrdup(ask->base);
	p->link_text.b = BUF_INIT((size_t)4 * DOC_TEXT_MAX);
	p->caption_text.b = BUF_INIT((size_t)4 * DOC_TEXT_MAX);
	p->heading_text.b = BUF_INIT((size_t)4 * DOC_TEXT_MAX);
	p->raw_text = BUF_INIT(RAW_MAX);
	parse(p, bytes, len, ask->charset);
	page_a_end(p, NULL);
	page_raw_end(p, NULL);
	add_extras(p);
	drop_canonical(p);
	doc_obey(doc, &p->tag);
	doc_obey(doc, &ask->tag);
	page_free(p);
}
