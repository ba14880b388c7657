/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of what MediaWiki's api.php says about files.
 */
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "scraper/licence.h"
#include "scraper/read.h"
#include "scraper/url.h"

/* Errors come with HTTP status 200. */
static bool
take_error(const json_t *answer, struct doc *doc)
{
	const json_t *error = json_object_get(answer, "error");
	const char *code = json_string_value(json_object_get(error, "code"));

	if (error == NULL)
		return false;
	doc_fail(doc, "%s", code == NULL ? "the API reports an error" : code);
	return true;
}

/* extmetadata.NAME.value, which is HTML; the caller frees. */
static char *
metadata(const json_t *info, const char *name)
{
	const json_t *entry =
	    json_object_get(json_object_get(info, "extmetadata"), name);

	return html_text(json_string_value(json_object_get(entry, "value")));
}

/* Documents, sound and video have thumbnails too, which are not wanted. */
static bool
is_image(const json_t *info)
{
	const char *mime = json_string_value(json_object_get(info, "mime"));

	if (mime == NULL)
		return true;
	return strncmp(mime, "image/", 6) == 0 && !strstr(mime, "djvu");
}

static const char *
image_url(const struct read_ask *ask, const json_t *info)
{
	const json_t *thumb =
	    ask->width > 0 ? json_object_get(info, "thumburl") : NULL;

	return json_string_value(
	    json_is_string(thumb) ? thumb : json_object_get(info, "url"));
}

static char *
resolve(const struct read_ask *ask, const char *href)
{
	return href == NULL ? NULL : url_resolve(ask->base, href);
}

/* "File:Black cat.jpg" is "Black cat". */
static char *
plain_title(const char *title)
{
	char *text, *dot;

	if (title == NULL)
		return NULL;
	if (strncmp(title, "File:", 5) == 0)
		title += 5;
	text = doc_text(title);
	dot = text == NULL ? NULL : strrchr(text, '.');
	if (dot != NULL && dot != text && strlen(dot) <= 5)
		*dot = 0;
	return text;
}

static void
take_page(const struct read_ask *ask, const json_t *page, struct doc *doc)
{
	const json_t *info =
	    json_array_get(json_object_get(page, "imageinfo"), 0);
	struct found f = { 0 };
	char *link CLEANUP(freep) = NULL;
	char *word;

	if (info == NULL || !is_image(info))
		return; /* another answer brings it, or none */
	f.url = resolve(ask, image_url(ask, info));
	if (f.url == NULL) {
		doc->bad_urls++;
		return;
	}
	f.title =
	    plain_title(json_string_value(json_object_get(page, "title")));
	f.page = resolve(
	    ask, json_string_value(json_object_get(info, "descriptionurl")));
	f.author = metadata(info, "Artist");
	f.licence = metadata(info, "LicenseShortName");
	link = metadata(info, "LicenseUrl");
	f.licence_url = resolve(ask, link);
	word = licence_word(f.licence, f.licence_url);
	if (word != NULL) {
		free(f.licence);
		f.licence = word;
	}
	doc_add_image(doc, &f);
}

/* The next request is this one with all that `continue` says. */
static void
take_continuation(const struct read_ask *ask, json_t *answer, struct doc *doc)
{
	json_t *more = json_object_get(answer, "continue"), *value;
	char *url = ask->base == NULL ? NULL : xstrdup(ask->base);
	char *before, *text;
	const char *key;

	if (!json_is_object(more) || url == NULL) {
		free(url);
		return;
	}
	json_object_foreach(more, key, value)
	{
		text = json_is_string(value)
		    ? xstrdup(json_string_value(value))
		    : json_dumps(value, JSON_ENCODE_ANY);
		before = url;
		url = before == NULL || text == NULL
		    ? NULL
		    : url_with_argument(before, key, text);
		free(before);
		free(text);
	}
	if (url != NULL)
		doc_add_link(doc, url, true);
	else
		doc_fail(doc, "the answer cannot be continued");
	free(url);
}

void
read_commons(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	json_t *answer = json_loadb(bytes, len, 0, NULL), *pages, *page;
	const char *key;
	size_t i;

	pages = json_object_get(json_object_get(answer, "query"), "pages");
	if (!json_is_object(answer)) {
		doc_fail(doc, "the API's answer is no JSON");
	} else if (!take_error(answer, doc)) {
		json_array_foreach(pages, i, page) take_page(ask, page, doc);
		json_object_foreach(pages, key, page) take_page(ask, page, doc);
		take_continuation(ask, answer, doc);
	}
	json_decref(answer);
}
