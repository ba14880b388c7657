/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of lists of images.
 */
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/csv.h"
#include "base/mem.h"
#include "base/text.h"
#include "scraper/licence.h"
#include "scraper/read.h"
#include "scraper/url.h"

/* What a column or key may be called, and where it goes. */
static const struct {
	const char *name;
	size_t at;
} columns[] = {
	{ "url", offsetof(struct found, url) },
	{ "image_url", offsetof(struct found, url) },
	{ "image", offsetof(struct found, url) },
	{ "src", offsetof(struct found, url) },
	{ "label", offsetof(struct found, label) },
	{ "class", offsetof(struct found, label) },
	{ "category", offsetof(struct found, label) },
	{ "title", offsetof(struct found, title) },
	{ "caption", offsetof(struct found, title) },
	{ "alt", offsetof(struct found, title) },
	{ "author", offsetof(struct found, author) },
	{ "artist", offsetof(struct found, author) },
	{ "creator", offsetof(struct found, author) },
	{ "licence", offsetof(struct found, licence) },
	{ "license", offsetof(struct found, licence) },
	{ "licence_url", offsetof(struct found, licence_url) },
	{ "license_url", offsetof(struct found, licence_url) },
	{ "page", offsetof(struct found, page) },
	{ "page_url", offsetof(struct found, page) },
	{ "foreign_landing_url", offsetof(struct found, page) },
};

#define NO_COLUMN SIZE_MAX

/* Where the column of this name goes. */
static size_t
column_at(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++)
		if (strcasecmp(name, columns[i].name) == 0)
			return columns[i].at;
	return NO_COLUMN;
}

struct list {
	const struct read_ask *ask;
	struct doc *doc;
	size_t at[CSV_FIELDS_MAX]; /* where each field of a record goes */
	size_t n;                  /* 0: the header has not come yet */
};

static char **
member(struct found *f, size_t at)
{
	return (char **)(void *)((char *)f + at);
}

/* The first column of a kind counts. */
static void
set_member(struct found *f, size_t at, const char *text)
{
	char **to = member(f, at);

	if (*to == NULL && *text != 0)
		*to = xstrdup(text);
}

static void
resolve(const struct read_ask *ask, char **url)
{
	char *text = *url;

	*url = text == NULL ? NULL : url_resolve(ask->base, text);
	free(text);
}

static void
clean(char **text)
{
	char *before = *text;

	*text = doc_text(before);
	free(before);
}

/* Make an entry of what was written, and empty f. */
static void
add_entry(struct list *l, struct found *f)
{
	char *word;

	resolve(l->ask, &f->url);
	resolve(l->ask, &f->licence_url);
	resolve(l->ask, &f->page);
	clean(&f->title);
	clean(&f->author);
	clean(&f->label);
	clean(&f->licence);
	word = licence_word(f->licence, f->licence_url);
	if (word != NULL) {
		free(f->licence);
		f->licence = word;
	}
	if (f->url != NULL) {
		doc_add_image(l->doc, f);
	} else {
		l->doc->bad_urls++;
		found_release(f);
	}
}

/* ---- lines -------------------------------------------------------------- */

static void
read_txt(struct list *l, char *text)
{
	struct found f;
	char *line, *label;

	while ((line = strsep(&text, "\r\n")) != NULL) {
		line = text_trim(line);
		if (*line == 0 || *line == '#')
			continue;
		label = strchr(line, '\t');
		if (label != NULL)
			*label++ = 0;
		f = (struct found){ .url = xstrdup(line) };
		if (label != NULL)
			f.label = xstrdup(label);
		add_entry(l, &f);
	}
}

static void
read_json_line(struct list *l, const char *line)
{
	json_t *o = json_loads(line, 0, NULL), *value;
	struct found f = { 0 };
	const char *key;
	size_t at;

	json_object_foreach(o, key, value)
	{
		at = column_at(key);
		if (at != NO_COLUMN && json_is_string(value))
			set_member(&f, at, json_string_value(value));
	}
	json_decref(o);
	add_entry(l, &f);
}

static void
read_jsonl(struct list *l, char *text)
{
	char *line;

	while ((line = strsep(&text, "\r\n")) != NULL)
		if (*text_trim(line) != 0)
			read_json_line(l, line);
}

/* ---- CSV ---------------------------------------------------------------- */

static bool
take_header(struct list *l, char *const *fields, size_t n)
{
	bool has_url = false;
	size_t i;

	for (i = 0; i < n; i++) {
		l->at[i] = column_at(text_trim(fields[i]));
		has_url |= l->at[i] == offsetof(struct found, url);
	}
	l->n = n;
	if (!has_url)
		doc_fail(l->doc, "the list has no column \"url\"");
	return has_url;
}

static bool
take_record(void *ctx, char *const *fields, size_t n, int64_t line)
{
	struct list *l = ctx;
	struct found f = { 0 };
	size_t i;

	(void)line;
	if (l->n == 0)
		return take_header(l, fields, n);
	for (i = 0; i < n && i < l->n; i++)
		if (l->at[i] != NO_COLUMN)
			set_member(&f, l->at[i], fields[i]);
	add_entry(l, &f);
	return true;
}

/* ---- which of them ------------------------------------------------------ */

static bool
ends_in(const char *url, const char *ending)
{
	size_t len = url == NULL ? 0 : strcspn(url, "?");
	size_t n = strlen(ending);

	return len > n && strncasecmp(url + len - n, ending, n) == 0;
}

/* Is one of the words on the first line, divided by commas, "url"? */
static bool
has_header(const char *text)
{
	char *line CLEANUP(freep) = xstrndup(text, strcspn(text, "\r\n"));
	char *rest = line, *word;

	while ((word = strsep(&rest, ",\"")) != NULL)
		if (column_at(text_trim(word)) == offsetof(struct found, url))
			return true;
	return false;
}

static const char *
format_of(const struct read_ask *ask, const char *text)
{
	if (ask->format != NULL)
		return ask->format;
	if (text[strspn(text, " \t\r\n")] == '{')
		return "jsonl";
	if (ends_in(ask->base, ".csv") || has_header(text))
		return "csv";
	return "txt";
}

void
read_list(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	struct list l = { .ask = ask, .doc = doc };
	const char *format;
	char *nul = bytes;

	while ((nul = memchr(nul, 0, (size_t)(bytes + len - nul))) != NULL)
		*nul = ' ';
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	format = format_of(ask, bytes);
	if (strcmp(format, "csv") == 0)
		csv_each(bytes, len, take_record, &l);
	else if (strcmp(format, "jsonl") == 0)
		read_jsonl(&l, bytes);
	else
		read_txt(&l, bytes);
}
