/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/doc.h"

#include <jansson.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/robots_tag.h"
#include "scraper/url.h"

static const struct {
	const char *key;
	size_t at;
	bool is_url;
} fields[] = {
	{ "url", offsetof(struct found, url), true },
	{ "title", offsetof(struct found, title), false },
	{ "caption", offsetof(struct found, caption), false },
	{ "author", offsetof(struct found, author), false },
	{ "licence", offsetof(struct found, licence), false },
	{ "licence_url", offsetof(struct found, licence_url), true },
	{ "page", offsetof(struct found, page), true },
	{ "label", offsetof(struct found, label), false },
};

static char **
field_of(struct found *f, size_t i)
{
	return (char **)(void *)((char *)f + fields[i].at);
}

void
found_release(struct found *f)
{
	free(f->url);
	free(f->title);
	free(f->caption);
	free(f->author);
	free(f->licence);
	free(f->licence_url);
	free(f->page);
	free(f->label);
	*f = (struct found){ 0 };
}

static void
free_texts(char **v, size_t n)
{
	while (n > 0)
		free(v[--n]);
	free(v);
}

void
doc_release(struct doc *d)
{
	while (d->n_images > 0)
		found_release(&d->images[--d->n_images]);
	free(d->images);
	free_texts(d->links, d->n_links);
	free_texts(d->next, d->n_next);
	free(d->error);
	tdestroy(d->seen, free);
	*d = (struct doc){ 0 };
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/*
 * Note it; was it new?  A picture and a link may have one address, so each
 * kind has a letter in front.
 */
static bool
note(struct doc *d, char kind, const char *url)
{
	char *key = xasprintf("%c%s", kind, url);
	char **node = tsearch(key, &d->seen, compare);

	if (node != NULL && *node == key)
		return true;
	free(key);
	return false;
}

void
doc_cover(struct doc *d, const char *url)
{
	note(d, 'i', url);
}

/* Is there room for one more, of so many bytes? */
static bool
has_room(struct doc *d, size_t n, size_t max, size_t bytes)
{
	if (n < max && bytes <= DOC_BYTES_MAX - d->bytes) {
		d->bytes += bytes;
		return true;
	}
	d->truncated = true;
	return false;
}

void
doc_add_image(struct doc *d, struct found *f)
{
	size_t bytes = 0, i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (*field_of(f, i) != NULL)
			bytes += strlen(*field_of(f, i));
	if (!has_room(d, d->n_images, DOC_IMAGES_MAX, bytes) ||
	    !note(d, 'i', f->url)) {
		found_release(f);
		return;
	}
	if (d->n_images == d->images_size) {
		d->images_size = d->images_size == 0 ? 32 : 2 * d->images_size;
		d->images = xreallocarray(
		    d->images, d->images_size, sizeof(*d->images));
	}
	d->images[d->n_images++] = *f;
	*f = (struct found){ 0 };
}

/* A link that is found plain and as the next page is the latter. */
void
doc_add_link(struct doc *d, const char *url, bool is_next)
{
	char ***v = is_next ? &d->next : &d->links;
	size_t *n = is_next ? &d->n_next : &d->n_links;

	if (!has_room(d, *n, DOC_LINKS_MAX, strlen(url)))
		return;
	if (!note(d, is_next ? 'n' : 'l', url))
		return;
	if ((*n & (*n - 1)) == 0) /* at each power of two */
		*v = xreallocarray(*v, *n == 0 ? 1 : 2 * *n, sizeof(**v));
	(*v)[(*n)++] = xstrdup(url);
}

void
doc_obey(struct doc *d, const struct robots_tag *tag)
{
	if (tag->no_images)
		while (d->n_images > 0)
			found_release(&d->images[--d->n_images]);
	if (tag->no_links) {
		while (d->n_links > 0)
			free(d->links[--d->n_links]);
		while (d->n_next > 0)
			free(d->next[--d->n_next]);
	}
}

void
doc_fail(struct doc *d, const char *fmt, ...)
{
	char text[DOC_TEXT_MAX];
	va_list ap;

	if (d->error != NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->error = doc_text(text);
}

static size_t
utf8_len(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if (c < 0x80)
		return 1;
	return strnlen(s, n) == n && text_is_utf8(s, n) ? n : 0;
}

char *
doc_text(const char *s)
{
	char out[DOC_TEXT_MAX + 1];
	size_t len = 0, n, put;
	bool space = false;

	for (; s != NULL && *s != 0; s += n == 0 ? 1 : n) {
		n = utf8_len(s);
		if (n == 1 && ((unsigned char)*s <= ' ' || *s == 0x7f)) {
			space = len > 0;
			continue;
		}
		put = n == 0 ? 3 : n; /* U+FFFD for what is not UTF-8 */
		if (len + space + put > DOC_TEXT_MAX)
			break;
		if (space)
			out[len++] = ' ';
		space = false;
		memcpy(out + len, n == 0 ? "\xef\xbf\xbd" : s, put);
		len += put;
	}
	return len == 0 ? NULL : xstrndup(out, len);
}

/* ---- as JSON ------------------------------------------------------------ */

static json_t *
image_json(struct found *f)
{
	json_t *o = json_object();
	const char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		text = *field_of(f, i);
		if (text != NULL)
			json_object_set_new(
			    o, fields[i].key, json_string(text));
	}
	return o;
}

static json_t *
texts_json(char *const *v, size_t n)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(a, json_string(v[i]));
	return a;
}

void
doc_write(const struct doc *d, struct buf *out)
{
	json_t *images = json_array(), *o;
	char *text CLEANUP(freep) = NULL;
	size_t i;

	for (i = 0; i < d->n_images; i++)
		json_array_append_new(images, image_json(&d->images[i]));
	o = json_pack("{s:o, s:o, s:o, s:I, s:b, s:b, s:b, s:s*}", "images",
	    images, "links", texts_json(d->links, d->n_links), "next",
	    texts_json(d->next, d->n_next), "bad_urls", (json_int_t)d->bad_urls,
	    "index", d->is_index, "truncated", d->truncated, "transient",
	    d->transient, "error", d->error);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text != NULL)
		buf_add(out, text, strlen(text));
}

static void
read_image(struct doc *d, const json_t *o)
{
	struct found f = { 0 };
	const char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		text = json_string_value(json_object_get(o, fields[i].key));
		if (text != NULL)
			*field_of(&f, i) = fields[i].is_url
			    ? url_resolve(NULL, text)
			    : doc_text(text);
	}
	if (f.url == NULL) {
		d->bad_urls++;
		found_release(&f);
		return;
	}
	doc_add_image(d, &f);
}

static void
read_links(struct doc *d, const json_t *a, bool is_next)
{
	char *url;
	json_t *text;
	size_t i;

	json_array_foreach(a, i, text)
	{
		url = json_is_string(text)
		    ? url_resolve(NULL, json_string_value(text))
		    : NULL;
		if (url != NULL)
			doc_add_link(d, url, is_next);
		free(url);
	}
}

int
doc_read(struct doc *d, const struct buf *answer, struct err *e)
{
	json_error_t why;
	json_t *o = answer->len == 0
	    ? NULL
	    : json_loadb((const char *)answer->data, answer->len, 0, &why);
	const char *error = json_string_value(json_object_get(o, "error"));
	json_t *image, *bad;
	size_t i;

	if (!json_is_object(o)) {
		json_decref(o);
		return err_set(e, ERR_INPUT, "the reader's answer is no JSON");
	}
	json_array_foreach(json_object_get(o, "images"), i, image)
	    read_image(d, image);
	read_links(d, json_object_get(o, "links"), false);
	read_links(d, json_object_get(o, "next"), true);
	bad = json_object_get(o, "bad_urls");
	if (json_integer_value(bad) > 0 && json_integer_value(bad) <= INT32_MAX)
		d->bad_urls += json_integer_value(bad);
	d->is_index = json_is_true(json_object_get(o, "index"));
	d->truncated |= json_is_true(json_object_get(o, "truncated"));
	d->transient = json_is_true(json_object_get(o, "transient"));
	d->error = doc_text(error);
	json_decref(o);
	return 0;
}
