/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of feeds: RSS 0.9x to 2.0 and RDF with Media RSS, and Atom
 * (RFC 4287).  An entry's page is a link; its pictures come from enclosures,
 * from media elements, and from the HTML in its texts.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/feed_int.h"
#include "scraper/html_int.h"
#include "scraper/licence.h"
#include "scraper/page_int.h"
#include "scraper/url.h"
#include "scraper/xml_int.h"

static bool
is_entry(const char *name)
{
	return strcmp(name, "item") == 0 || strcmp(name, "entry") == 0;
}

/* Relative to xml:base, else to the feed. */
static char *
resolve(const struct feed *f, const char *href)
{
	const char *base =
	    f->n_bases == 0 ? f->ask->base : f->bases[f->n_bases - 1].url;

	return href == NULL ? NULL : url_resolve(base, href);
}

static void
push_base(struct feed *f, const char *href)
{
	char *url = href == NULL ? NULL : resolve(f, href);

	if (url != NULL && f->n_bases < BASES_MAX) {
		f->bases[f->n_bases].url = TAKE(url);
		f->bases[f->n_bases++].depth = f->depth;
	}
	free(url);
}

static void
pop_base(struct feed *f)
{
	while (f->n_bases > 0 && f->bases[f->n_bases - 1].depth >= f->depth)
		free(f->bases[--f->n_bases].url);
}

/* ---- media -------------------------------------------------------------- */

/* Is it a picture, by its type, its medium or its name? */
static bool
is_picture(const char *url, const char **atts)
{
	const char *type = xml_attribute(atts, "type");
	const char *medium = xml_attribute(atts, "medium");

	if (type != NULL && *type != 0)
		return strncasecmp(type, "image/", 6) == 0;
	if (medium != NULL)
		return strcasecmp(medium, "image") == 0;
	return url_looks_like_image(url);
}

static double
width_of(const char **atts)
{
	const char *text = xml_attribute(atts, "width");
	double n;

	return text != NULL && text_to_real(text, &n) ? n : 0;
}

static bool
is_small(const char **atts)
{
	return furniture_number(xml_attribute(atts, "width")) ||
	    furniture_number(xml_attribute(atts, "height"));
}

/* In a group all are forms of one picture: the widest stays. */
static void
add_medium(struct feed *f, const char **atts, const char *href, bool thumb)
{
	char *url CLEANUP(freep) = resolve(f, href);
	struct medium *m = &f->media[f->n_media];
	double width = width_of(atts);

	if (url == NULL || !f->in_entry || furniture_url(url) ||
	    is_small(atts) || f->n_media == MEDIA_MAX ||
	    (!thumb && !is_picture(url, atts)))
		return;
	if (f->in_group && !thumb && f->n_media > f->group) {
		m = &f->media[f->n_media - 1];
		doc_cover(f->doc, width > m->width ? m->url : url);
		if (width <= m->width)
			return;
		free(m->url);
	} else {
		f->n_media++;
	}
	*m = (struct medium){ TAKE(url), width, thumb };
}

static void
start_media(struct feed *f, const char *name, const char **atts)
{
	if (strcmp(name, "media:group") == 0) {
		f->in_group = true;
		f->group = f->n_media;
	} else if (strcmp(name, "media:content") == 0 ||
	    strcmp(name, "enclosure") == 0) {
		add_medium(f, atts, xml_attribute(atts, "url"), false);
	} else if (strcmp(name, "media:thumbnail") == 0) {
		add_medium(f, atts, xml_attribute(atts, "url"), true);
	} else if (strcmp(name, "itunes:image") == 0) {
		add_medium(f, atts, xml_attribute(atts, "href"), true);
	}
}

/* ---- links -------------------------------------------------------------- */

static void
set_link(struct feed *f, char *url)
{
	if (f->in_entry && f->link == NULL)
		f->link = TAKE(url);
	free(url);
}

/* Atom's, which RSS uses too for paging (RFC 5005). */
static void
start_link(struct feed *f, const char **atts)
{
	const char *rel = xml_attribute(atts, "rel");
	const char *href = xml_attribute(atts, "href");
	char *url = resolve(f, href);

	if (url == NULL)
		return;
	if (rel == NULL || strcasecmp(rel, "alternate") == 0) {
		set_link(f, TAKE(url));
	} else if (strcasecmp(rel, "enclosure") == 0) {
		add_medium(f, atts, href, false);
	} else if (strcasecmp(rel, "next") == 0 && !f->in_entry) {
		doc_add_link(f->doc, url, true);
	} else if (strcasecmp(rel, "license") == 0 && f->licence_url == NULL) {
		f->licence_url = TAKE(url);
	}
	free(url);
}

/* ---- texts -------------------------------------------------------------- */

static void
begin_entry(struct feed *f)
{
	feed_entry_release(f);
	f->in_entry = true;
}

/* An element of XHTML, as text again, for the reader of pages. */
static void
put_tag(struct feed *f, const char *name, const char **atts)
{
	const char *p;

	if (strncmp(name, "xhtml:", 6) == 0)
		name += 6;
	buf_addf(&f->text, "<%s", name);
	for (; *atts != NULL; atts += 2) {
		buf_addf(&f->text, " %s=\"", atts[0]);
		for (p = atts[1]; *p != 0; p++)
			if (*p == '"' || *p == '&')
				buf_addf(&f->text, "&#%d;", *p);
			else
				buf_add(&f->text, p, 1);
		buf_addf(&f->text, "\"");
	}
	buf_addf(&f->text, ">");
}

static bool
is_html(const char *name)
{
	static const char *const names[] = { "description", "summary",
		"content", "content:encoded" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
on_start(void *ctx, const char *name, const char **atts)
{
	struct feed *f = ctx;
	const char *type;

	f->depth++;
	if (f->markup > 0) {
		put_tag(f, name, atts);
		return;
	}
	push_base(f, xml_attribute(atts, "xml:base"));
	buf_clear(&f->text);
	if (is_entry(name)) {
		begin_entry(f);
	} else if (strcmp(name, "link") == 0) {
		start_link(f, atts);
	} else if (is_html(name)) {
		type = xml_attribute(atts, "type");
		if (type != NULL && strcasecmp(type, "xhtml") == 0)
			f->markup = f->depth;
	} else {
		start_media(f, name, atts);
	}
}

static void
end_html(struct feed *f)
{
	if (f->in_entry && f->text.len > 0 && f->html.len > 0)
		buf_addf(&f->html, "\n");
	if (f->in_entry)
		buf_add(&f->html, f->text.data, f->text.len);
}

/* The first of its kind counts. */
static void
keep(char **to, const char *text)
{
	if (*to == NULL)
		*to = html_text(text);
}

static void
end_text(struct feed *f, const char *name)
{
	const char *text = (char *)f->text.data;

	if (f->text.len == 0)
		return;
	if (strcmp(name, "link") == 0)
		set_link(f, resolve(f, text));
	else if (strcmp(name, "title") == 0)
		keep(&f->title, text);
	else if (strcmp(name, "media:title") == 0)
		keep(&f->media_title, text);
	else if (strcmp(name, "media:description") == 0)
		keep(&f->media_text, text);
	else if (strcmp(name, "dc:creator") == 0 ||
	    strcmp(name, "media:credit") == 0 || strcmp(name, "name") == 0)
		keep(&f->author, text);
	else if (strcmp(name, "cc:license") == 0 && f->licence_url == NULL)
		f->licence_url = resolve(f, text);
}

static void
on_end(void *ctx, const char *name)
{
	struct feed *f = ctx;

	if (f->markup > 0 && f->depth > f->markup) {
		buf_addf(&f->text, "</%s>",
		    name + (strncmp(name, "xhtml:", 6) == 0 ? 6 : 0));
		f->depth--;
		return;
	}
	f->markup = 0;
	if (is_html(name))
		end_html(f);
	else if (f->in_entry)
		end_text(f, name);
	if (strcmp(name, "media:group") == 0)
		f->in_group = false;
	if (is_entry(name))
		feed_entry_end(f);
	buf_clear(&f->text);
	pop_base(f);
	f->depth--;
}

/* In XHTML a text's "<" must be one again. */
static void
on_text(void *ctx, const char *text, size_t len)
{
	struct feed *f = ctx;
	size_t i;

	if (f->markup == 0) {
		buf_add(&f->text, text, len);
		return;
	}
	for (i = 0; i < len; i++)
		if (text[i] == '<' || text[i] == '&')
			buf_addf(&f->text, "&#%d;", text[i]);
		else
			buf_add(&f->text, &text[i], 1);
}

void
read_feed(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	static const struct xml_handlers handlers = { on_start, on_end,
		on_text };
	struct feed f = { .ask = ask, .doc = doc };

	f.text = BUF_INIT(HTML_MAX);
	f.html = BUF_INIT(HTML_MAX);
	xml_parse(bytes, len, ask->charset, &handlers, &f, doc);
	feed_entry_release(&f);
	f.depth = 0;
	pop_base(&f);
	buf_release(&f.text);
	buf_release(&f.html);
	doc_obey(doc, &ask->tag);
}
