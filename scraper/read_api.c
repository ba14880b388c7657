/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of JSON that APIs answer, by what a preset says of them.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/json_path.h"
#include "scraper/licence.h"
#include "scraper/preset.h"
#include "scraper/read.h"
#include "scraper/url.h"

#define ERROR_SHOWN 200 /* bytes of what an API says went wrong */

struct reading {
	const struct read_ask *ask;
	const struct preset *preset;
	struct json_scope at;
	struct doc *doc;
	int64_t items;
};

/* ---- texts of an item --------------------------------------------------- */

static char *
text_of(const struct reading *r, const char *name, const char *expr)
{
	char *raw CLEANUP(freep) = json_path_text(expr, &r->at);

	if (raw == NULL)
		return NULL;
	return strlist_has(&r->preset->html, name) ? html_text(raw)
						   : doc_text(raw);
}

static char *
url_of(const struct reading *r, const char *expr)
{
	char *text CLEANUP(freep) = json_path_text(expr, &r->at);

	return text == NULL ? NULL : url_resolve(r->ask->base, text);
}

/* What stands behind "FROM -> " of a rule, and the length of FROM. */
static const char *
rule_to(const char *rule, size_t *ret_len)
{
	const char *arrow = strstr(rule, " -> ");

	*ret_len = arrow == NULL ? 0 : (size_t)(arrow - rule);
	return arrow == NULL ? NULL : arrow + 4;
}

static char *
image_url(const struct reading *r)
{
	char *url = url_of(r, r->preset->image), *other;
	const char *to;
	size_t i, len;

	for (i = 0; url != NULL && i < r->preset->rewrite.n; i++) {
		to = rule_to(r->preset->rewrite.v[i], &len);
		if (to == NULL || strncmp(r->preset->rewrite.v[i], url, len))
			continue;
		url[strcspn(url, "?")] = 0;
		other = xasprintf("%s%s", to, url + len);
		free(url);
		url = url_resolve(NULL, other);
		free(other);
		break;
	}
	return url;
}

/* "File:Black cat.jpg" is "Black cat". */
static char *
title(const struct reading *r)
{
	char *text = text_of(r, "title", r->preset->title);
	char *dot;

	if (text == NULL || !r->preset->file_titles)
		return text;
	if (strncmp(text, "File:", 5) == 0)
		memmove(text, text + 5, strlen(text + 5) + 1);
	dot = strrchr(text, '.');
	if (dot != NULL && dot != text && strlen(dot) <= 5)
		*dot = 0;
	return text;
}

/* ---- licences ----------------------------------------------------------- */

static char *
mapped(const struct preset *p, const char *licence)
{
	const char *to;
	size_t i, len;

	for (i = 0; licence != NULL && i < p->licences.n; i++) {
		to = rule_to(p->licences.v[i], &len);
		if (to != NULL && strlen(licence) == len &&
		    strncasecmp(p->licences.v[i], licence, len) == 0)
			return xstrdup(to);
	}
	return NULL;
}

static void
take_licence(const struct reading *r, struct found *f)
{
	char *word;

	f->licence = text_of(r, "licence", r->preset->licence);
	f->licence_url = url_of(r, r->preset->licence_url);
	word = mapped(r->preset, f->licence);
	if (word == NULL)
		word = licence_word(f->licence, f->licence_url);
	if (word != NULL) {
		free(f->licence);
		f->licence = word;
	}
}

/* ---- labels and tags ---------------------------------------------------- */

struct nth {
	int64_t left;
	char *text;
};

static bool
take_nth(void *ctx, const json_t *v)
{
	struct nth *n = ctx;

	if (n->left-- > 0)
		return true;
	n->text = json_scalar_text(v);
	return false;
}

/* A class by its name, or by its number among names. */
static char *
label(const struct reading *r)
{
	char *text = text_of(r, "label", r->preset->label);
	struct nth n = { 0 };

	if (text == NULL || r->preset->label_names == NULL ||
	    !text_to_int(text, &n.left))
		return text;
	free(text);
	if (n.left < 0)
		return NULL;
	json_path_each(r->preset->label_names, &r->at, take_nth, &n);
	text = doc_text(n.text);
	free(n.text);
	return text;
}

static bool
add_tag(void *ctx, const json_t *v)
{
	char *text CLEANUP(freep) = json_scalar_text(v);
	struct buf *b = ctx;

	return text == NULL ||
	    buf_addf(b, "%s%s", b->len == 0 ? "" : ", ", text) == 0;
}

static char *
caption(const struct reading *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOC_TEXT_MAX);
	char *text = text_of(r, "caption", r->preset->caption);

	if (text != NULL || r->preset->tags == NULL)
		return text;
	json_path_each(r->preset->tags, &r->at, add_tag, &b);
	return b.len == 0 ? NULL : doc_text((const char *)b.data);
}

/* ---- items -------------------------------------------------------------- */

static bool
take_part(void *ctx, const json_t *part)
{
	struct reading *r = ctx;
	struct found f = { 0 };

	r->at.part = part;
	f.url = image_url(r);
	if (f.url == NULL) {
		r->doc->bad_urls++;
		return true;
	}
	f.title = title(r);
	f.page = url_of(r, r->preset->page);
	f.author = text_of(r, "author", r->preset->author);
	f.caption = caption(r);
	f.label = label(r);
	take_licence(r, &f);
	doc_add_image(r->doc, &f);
	return !r->doc->truncated;
}

static bool
take_item(void *ctx, const json_t *item)
{
	struct reading *r = ctx;
	char *adult CLEANUP(freep) = NULL;

	r->items++;
	r->at.item = item;
	r->at.part = NULL;
	adult = json_path_text(r->preset->adult, &r->at);
	if (adult != NULL && strcmp(adult, "false") != 0 &&
	    strcmp(adult, "0") != 0)
		return true;
	if (r->preset->parts == NULL)
		return take_part(r, item);
	json_path_each(r->preset->parts, &r->at, take_part, r);
	return !r->doc->truncated;
}

/* ---- errors ------------------------------------------------------------- */

static bool
take_error(struct reading *r)
{
	const struct preset *p = r->preset;
	char *error CLEANUP(freep) = json_path_text(p->error, &r->at);
	char *text CLEANUP(freep) = NULL;
	size_t i;

	if (error == NULL)
		return false;
	text = json_path_text(p->error_text, &r->at);
	for (i = 0; i < p->transient.n; i++)
		if (strncasecmp(error, p->transient.v[i],
			strlen(p->transient.v[i])) == 0)
			r->doc->transient = true;
	doc_fail(r->doc, "%.*s%s%.*s", ERROR_SHOWN, error,
	    text == NULL ? "" : ": ", ERROR_SHOWN, text == NULL ? "" : text);
	return true;
}

/* ---- going on ----------------------------------------------------------- */

static void
go_on_to(struct reading *r, const char *url)
{
	if (url == NULL)
		doc_fail(r->doc, "the answer cannot be continued");
	else if (strcmp(url, r->ask->base) != 0)
		doc_add_link(r->doc, url, true);
}

static void
go_on_with(struct reading *r, const char *value)
{
	char *url CLEANUP(freep) =
	    url_with_argument(r->ask->base, r->preset->next_arg, value);

	go_on_to(r, url);
}

/* By number: the next page, or the next offset. */
static void
go_on_by_number(struct reading *r, bool is_page)
{
	const struct preset *p = r->preset;
	char *now_text CLEANUP(freep) = url_argument(r->ask->base, p->next_arg);
	char *end_text CLEANUP(freep) = json_path_text(p->more, &r->at);
	char *next CLEANUP(freep) = NULL;
	int64_t now = is_page ? p->first : 0, end;

	if (now_text != NULL &&
	    (!text_to_int(now_text, &now) || now < 0 || now > INT32_MAX))
		return;
	if (is_page)
		now++;
	else
		now += p->step > 0 ? p->step : r->items;
	/* first 0: the last of n pages is n - 1. */
	if (end_text != NULL && text_to_int(end_text, &end) &&
	    now >= (is_page ? end + p->first : end))
		return;
	if (r->items == 0)
		return;
	next = xasprintf("%lld", (long long)now);
	go_on_with(r, next);
}

/* The next request is this one with all that the object says. */
static bool
go_on_with_all(void *ctx, const json_t *all)
{
	struct reading *r = ctx;
	char *url = xstrdup(r->ask->base), *before, *text;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)all, key, value)
	{
		text = json_scalar_text(value);
		before = url;
		url = before == NULL || text == NULL
		    ? NULL
		    : url_with_argument(before, key, text);
		free(before);
		free(text);
	}
	if (json_is_object(all))
		go_on_to(r, url);
	free(url);
	return false;
}

static void
go_on(struct reading *r)
{
	const struct preset *p = r->preset;
	char *text CLEANUP(freep) = NULL;
	char *url CLEANUP(freep) = NULL;

	r->at.item = r->at.root;
	r->at.part = NULL;
	if (strcmp(p->next, "page") == 0 || strcmp(p->next, "offset") == 0)
		go_on_by_number(r, strcmp(p->next, "page") == 0);
	else if (strcmp(p->next, "continue") == 0)
		json_path_each(p->more, &r->at, go_on_with_all, r);
	if (strcmp(p->next, "cursor") != 0 && strcmp(p->next, "link") != 0)
		return;
	text = json_path_text(p->more, &r->at);
	if (text != NULL && strcmp(p->next, "cursor") == 0)
		go_on_with(r, text);
	else if (text != NULL)
		go_on_to(r, url = url_resolve(r->ask->base, text));
}

void
read_api(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	struct preset *p CLEANUP(preset_freep) = preset_of_question(ask->api);
	json_t *answer = json_loadb(bytes, len, 0, NULL);
	struct reading r = { .ask = ask, .preset = p, .doc = doc };

	r.at.root = r.at.item = answer;
	if (ask->base == NULL || p->items == NULL || p->image == NULL)
		doc_fail(doc, "the reader of APIs was asked without a preset");
	else if (!json_is_object(answer) && !json_is_array(answer))
		doc_fail(doc, "the API's answer is no JSON");
	else if (!take_error(&r)) {
		json_path_each(p->items, &r.at, take_item, &r);
		go_on(&r);
	}
	json_decref(answer);
}
