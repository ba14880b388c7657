/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON-LD with schema.org's words: ImageObject, and whatever has an "image".
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/licence.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define DEPTH_MAX 16
#define NODES_MAX 20000

struct walk {
	struct page *page;
	int nodes;
};

static void visit(struct walk *, const json_t *, const char *name, int depth);

/* The text of the first of these keys that has one. */
static const char *
text_of(const json_t *o, const char *const *keys)
{
	const json_t *v;

	for (; *keys != NULL; keys++) {
		v = json_object_get(o, *keys);
		if (json_is_array(v))
			v = json_array_get(v, 0);
		if (json_is_object(v)) /* {"@type":"Person","name":...} */
			v = json_object_get(
			    v, json_object_get(v, "name") ? "name" : "@id");
		if (json_string_length(v) > 0)
			return json_string_value(v);
	}
	return NULL;
}

#define KEYS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool
is_small(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	char text[24];

	if (json_is_object(v)) /* a QuantitativeValue */
		v = json_object_get(v, "value");
	if (json_is_integer(v)) {
		snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(v));
		return furniture_number(text);
	}
	return furniture_number(json_string_value(v));
}

static void
take_object(struct walk *w, const json_t *o, const char *name)
{
	const char *href = text_of(o, KEYS("contentUrl", "url", "@id"));
	const char *title = text_of(o, KEYS("name", "headline"));
	const char *licence = text_of(o, KEYS("license"));
	struct found f = { 0 };

	if (href == NULL || *href == '#' || is_small(o, "width") ||
	    is_small(o, "height"))
		return;
	f.title = doc_text(title == NULL ? name : title);
	f.caption = doc_text(text_of(o, KEYS("caption", "description")));
	f.author =
	    doc_text(text_of(o, KEYS("creator", "author", "creditText")));
	if (licence != NULL) {
		f.licence_url = url_resolve(w->page->base, licence);
		f.licence = licence_word(licence, f.licence_url);
	}
	page_add_extra(w->page, href, &f);
}

/* The value of "image": a URL, an object, or a list of them. */
static void
take_image(struct walk *w, const json_t *v, const char *name, int depth)
{
	struct found f = { 0 };
	size_t i;

	if (json_is_string(v)) {
		f.title = doc_text(name);
		page_add_extra(w->page, json_string_value(v), &f);
	} else if (json_is_object(v)) {
		take_object(w, v, name);
	}
	for (i = 0; i < json_array_size(v) && depth < DEPTH_MAX &&
	     w->nodes++ < NODES_MAX;
	     i++)
		take_image(w, json_array_get(v, i), name, depth + 1);
}

static bool
is_image_object(const json_t *o)
{
	const json_t *type = json_object_get(o, "@type"), *one;
	size_t i;

	if (json_is_string(type))
		return strcmp(json_string_value(type), "ImageObject") == 0;
	for (i = 0; i < json_array_size(type); i++) {
		one = json_array_get(type, i);
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), "ImageObject") == 0)
			return true;
	}
	return false;
}

static void
visit_object(struct walk *w, const json_t *o, const char *name, int depth)
{
	static const char *const images[] = { "image", "photo", "photos",
		"primaryImageOfPage" };
	const char *own = text_of(o, KEYS("name", "headline"));
	const char *key;
	json_t *v;
	size_t i;

	if (is_image_object(o))
		take_object(w, o, name);
	/* jansson keeps the order, and its iterators take no const. */
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		for (i = 0; i < ARRAY_SIZE(images); i++)
			if (strcmp(key, images[i]) == 0)
				break;
		if (i < ARRAY_SIZE(images))
			take_image(w, v, own == NULL ? name : own, depth + 1);
		else if (strcmp(key, "logo") != 0)
			visit(w, v, own, depth + 1);
	}
}

/* name: what the object around it is called. */
static void
visit(struct walk *w, const json_t *v, const char *name, int depth)
{
	size_t i;

	if (depth > DEPTH_MAX || w->nodes++ > NODES_MAX)
		return;
	if (json_is_object(v))
		visit_object(w, v, name, depth);
	for (i = 0; i < json_array_size(v); i++)
		visit(w, json_array_get(v, i), name, depth + 1);
}

/*
 * Pages write it carelessly: behind a comment or a CDATA mark, with line
 * breaks inside of texts.
 */
void
page_json(struct page *p, const char *text, size_t len)
{
	char *plain CLEANUP(freep) = xmalloc(len + 1);
	struct walk w = { p, 0 };
	size_t i, start = 0;
	json_t *root;

	for (i = 0; i < len; i++)
		plain[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
	plain[len] = 0;
	while (start < len && plain[start] != '{' &&
	    (plain[start] != '[' || strncmp(plain + start, "[CDATA[", 7) == 0))
		start += plain[start] == '[' ? 7 : 1;
	root = json_loadb(
	    plain + start, len - start, JSON_DISABLE_EOF_CHECK, NULL);
	visit(&w, root, NULL, 0);
	json_decref(root);
}
