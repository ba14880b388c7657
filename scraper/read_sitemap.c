/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of sitemaps (sitemaps.org, with Google's image extension), and
 * of what names them: robots.txt.  Namespaces are not looked at closely,
 * since many are wrong.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/licence.h"
#include "scraper/url.h"
#include "scraper/xml_int.h"

#define URLS_MAX 50000 /* in a sitemap */
#define SITEMAP "sitemap:"

struct sitemap {
	const struct read_ask *ask;
	struct doc *doc;
	struct buf text;
	char *page;         /* <loc> of the entry */
	struct found image; /* that is being described */
	bool in_image, is_text;
	int urls;
};

/* Where the text of an element goes. */
static char **
image_field(struct sitemap *s, const char *name)
{
	static const struct {
		const char *name;
		size_t at;
	} fields[] = {
		{ "image:loc", offsetof(struct found, url) },
		{ "image:title", offsetof(struct found, title) },
		{ "image:caption", offsetof(struct found, caption) },
		{ "image:license", offsetof(struct found, licence_url) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields) && s->in_image; i++)
		if (strcmp(name, fields[i].name) == 0 ||
		    strcmp(name, fields[i].name + strlen("image:")) == 0)
			return (
			    char **)(void *)((char *)&s->image + fields[i].at);
	return NULL;
}

static void
on_start(void *ctx, const char *name, const char **atts)
{
	struct sitemap *s = ctx;

	(void)atts;
	buf_clear(&s->text);
	if (strcmp(name, "sitemapindex") == 0)
		s->doc->is_index = true;
	if (strcmp(name, "image:image") == 0 || strcmp(name, "image") == 0)
		s->in_image = true;
	s->is_text = true;
}

static void
resolve(struct sitemap *s, char **url)
{
	char *text = *url;

	*url = text == NULL ? NULL : url_resolve(s->ask->base, text);
	free(text);
}

static void
clean(char **text)
{
	char *before = *text;

	*text = doc_text(before);
	free(before);
}

static void
end_image(struct sitemap *s)
{
	struct found *f = &s->image;

	s->in_image = false;
	resolve(s, &f->url);
	if (f->url == NULL) {
		found_release(f);
		return;
	}
	clean(&f->title);
	clean(&f->caption);
	if (f->licence_url != NULL)
		f->licence = licence_word(NULL, f->licence_url);
	resolve(s, &f->licence_url);
	f->page = xstrdup(s->page != NULL ? s->page : s->ask->base);
	doc_add_image(s->doc, f);
}

static void
end_loc(struct sitemap *s)
{
	if (s->urls++ == URLS_MAX)
		s->doc->truncated = true;
	if (s->urls > URLS_MAX || s->text.len == 0)
		return;
	free(s->page);
	s->page = url_resolve(s->ask->base, text_trim((char *)s->text.data));
	if (s->page == NULL)
		s->doc->bad_urls++;
	else
		doc_add_link(s->doc, s->page, false);
}

static void
on_end(void *ctx, const char *name)
{
	struct sitemap *s = ctx;
	char **field = image_field(s, name);

	if (field != NULL && *field == NULL && s->text.len > 0)
		*field = xstrdup(text_trim((char *)s->text.data));
	else if (field == NULL && strcmp(name, "loc") == 0)
		end_loc(s);
	else if (strcmp(name, "image:image") == 0 || strcmp(name, "image") == 0)
		end_image(s);
	else if (strcmp(name, "url") == 0)
		free(TAKE(s->page));
	s->is_text = false;
}

static void
on_text(void *ctx, const char *text, size_t len)
{
	struct sitemap *s = ctx;

	if (s->is_text)
		buf_add(&s->text, text, len); /* what passes the cap is cut */
}

void
read_sitemap(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	static const struct xml_handlers handlers = { on_start, on_end,
		on_text };
	struct sitemap s = { .ask = ask, .doc = doc };

	s.text = BUF_INIT((size_t)4 * URL_MAX);
	xml_parse(bytes, len, ask->charset, &handlers, &s, doc);
	found_release(&s.image);
	free(s.page);
	buf_release(&s.text);
	doc_obey(doc, &ask->tag);
}

/* ---- lines -------------------------------------------------------------- */

void
read_lines(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	char *line, *rest = bytes, *url;
	int n = 0;

	if (len >= 3 && memcmp(rest, "\xef\xbb\xbf", 3) == 0)
		rest += 3;
	while ((line = strsep(&rest, "\r\n")) != NULL && n <= URLS_MAX) {
		line = text_trim(line);
		if (*line == 0)
			continue;
		url = n++ < URLS_MAX ? url_resolve(NULL, line) : NULL;
		if (url == NULL)
			doc->bad_urls++;
		else
			doc_add_link(doc, url, false);
		free(url);
	}
	doc->truncated |= n > URLS_MAX;
	doc_obey(doc, &ask->tag);
}

/* "Sitemap: URL" may stand anywhere, and is of no group (RFC 9309, 2.2.4). */
void
read_robots(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	char *line, *rest = bytes, *url;

	if (len >= 3 && memcmp(rest, "\xef\xbb\xbf", 3) == 0)
		rest += 3;
	doc->is_index = true;
	while ((line = strsep(&rest, "\r\n")) != NULL) {
		line[strcspn(line, "#")] = 0;
		line = text_trim(line);
		if (strncasecmp(line, SITEMAP, strlen(SITEMAP)) != 0)
			continue;
		url = url_resolve(ask->base, text_trim(line + strlen(SITEMAP)));
		if (url != NULL)
			doc_add_link(doc, url, false);
		free(url);
	}
}
