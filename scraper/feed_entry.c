/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/feed_int.h"

#include <string.h>

#include "base/mem.h"
#include "scraper/licence.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

void
feed_entry_release(struct feed *f)
{
	while (f->n_media > 0)
		free(f->media[--f->n_media].url);
	free(TAKE(f->link));
	free(TAKE(f->title));
	free(TAKE(f->author));
	free(TAKE(f->licence_url));
	free(TAKE(f->media_title));
	free(TAKE(f->media_text));
	buf_clear(&f->html);
	f->in_entry = f->in_group = false;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static const char *
first_of(const char *a, const char *b)
{
	return a != NULL ? a : b;
}

/* What the entry says of all its pictures. */
static void
describe(const struct feed *f, struct found *image)
{
	if (image->title == NULL)
		image->title = copy(first_of(f->media_title, f->title));
	if (image->caption == NULL)
		image->caption = copy(first_of(f->media_text, f->title));
	if (image->author == NULL)
		image->author = copy(f->author);
	if (image->licence_url == NULL) {
		image->licence_url = copy(f->licence_url);
		image->licence = licence_word(NULL, f->licence_url);
	}
	free(image->page);
	image->page = copy(first_of(f->link, f->ask->base));
}

/* Unless it is only the name of the file that stands in for a title. */
static void
drop_file_words(struct found *image)
{
	char *words CLEANUP(freep) = page_file_words(image->url);

	if (words != NULL && image->title != NULL &&
	    strcmp(words, image->title) == 0)
		free(TAKE(image->title));
}

/* The pictures in its HTML, by the reader of pages; how many? */
static size_t
add_html(struct feed *f)
{
	struct doc inner CLEANUP(doc_release) = { 0 };
	char *base CLEANUP(freep) =
	    copy(f->n_bases > 0 ? f->bases[f->n_bases - 1].url
				: first_of(f->link, f->ask->base));
	char utf8[] = "UTF-8";
	struct read_ask ask = { .base = base, .charset = utf8 };
	char *html CLEANUP(freep) = NULL;
	size_t i;

	if (f->html.len == 0)
		return 0;
	html = xstrndup((char *)f->html.data, f->html.len);
	read_page(&ask, html, strlen(html), &inner);
	for (i = 0; i < inner.n_images; i++) {
		drop_file_words(&inner.images[i]);
		describe(f, &inner.images[i]);
		doc_add_image(f->doc, &inner.images[i]);
	}
	return inner.n_images;
}

void
feed_entry_end(struct feed *f)
{
	size_t n = 0, i;

	if (f->link != NULL)
		doc_add_link(f->doc, f->link, false);
	for (i = 0; i < f->n_media; i++) {
		struct found image = { 0 };

		if (f->media[i].is_thumb)
			continue;
		image.url = TAKE(f->media[i].url);
		describe(f, &image);
		doc_add_image(f->doc, &image);
		n++;
	}
	n += add_html(f);
	for (i = 0; i < f->n_media; i++) {
		struct found image = { 0 };

		if (!f->media[i].is_thumb)
			continue;
		image.url = TAKE(f->media[i].url);
		if (n == 0)
			describe(f, &image);
		if (n == 0)
			doc_add_image(f->doc, &image);
		found_release(&image);
	}
	feed_entry_release(f);
}
