/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of a list as entries.
 */
#include "scraper/list.h"

#include <iconv.h>
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "scraper/licence.h"
#include "scraper/list_int.h"
#include "scraper/read.h"
#include "scraper/url.h"

enum format { TXT, CSV, TSV, JSONL };
static const char *const format_names[] = { "txt", "csv", "tsv", "jsonl" };

struct list {
	struct list_text *text;
	const char *base;
	enum format format;
	char comma; /* of CSV */
	struct list_columns columns;
	size_t at[CSV_FIELDS_MAX]; /* where each field of a record goes */
	size_t n;                  /* 0: the header has not come yet */
};

/* ---- entries ------------------------------------------------------------ */

static char **
member(struct found *f, size_t at)
{
	return (char **)(void *)((char *)f + at);
}

static void
set_member(struct found *f, size_t at, const char *text)
{
	char **to = member(f, at);

	if (*to == NULL && *text != 0)
		*to = xstrdup(text);
}

static void
resolve(const struct list *l, char **url)
{
	char *text = *url;

	*url = text == NULL ? NULL : url_resolve(l->base, text);
	free(text);
}

static void
clean(char **text)
{
	char *before = *text;

	*text = doc_text(before);
	free(before);
}

/* Make an entry of what was written: 1, or 2. */
static int
finish(const struct list *l, struct list_entry *ret)
{
	struct found *f = &ret->found;
	bool none = f->url == NULL;
	char *word;

	resolve(l, &f->url);
	if (f->url == NULL) {
		found_release(f);
		ret->bad = none ? "no address" : "no http or https address";
		return 2;
	}
	resolve(l, &f->licence_url);
	resolve(l, &f->page);
	clean(&f->title);
	clean(&f->caption);
	clean(&f->author);
	clean(&f->label);
	clean(&f->licence);
	word = licence_word(f->licence, f->licence_url);
	if (word != NULL) {
		free(f->licence);
		f->licence = word;
	}
	return 1;
}

/* What is not UTF-8 is most often this; NULL when it is fine as it is. */
static char *
from_windows(char *text, size_t *len)
{
	size_t left = *len, room = 3 * left;
	char *out, *to, *in = text;
	iconv_t cd;

	if (text_is_utf8(text, left))
		return NULL;
	cd = iconv_open("UTF-8", "CP1252");
	if (cd == (iconv_t)-1)
		return NULL;
	out = to = xmalloc(room + 1);
	while (left > 0 && iconv(cd, &in, &left, &to, &room) == (size_t)-1 &&
	    left > 0) {
		*to++ = '?'; /* five bytes mean nothing there */
		room--;
		in++;
		left--;
	}
	iconv_close(cd);
	*to = 0;
	*len = (size_t)(to - out);
	return out;
}

/* ---- of each format ----------------------------------------------------- */

static int
read_txt(const struct list *l, char *line, struct list_entry *ret)
{
	char *label;

	line = text_trim(line);
	if (*line == 0 || *line == '#')
		return 2;
	label = strchr(line, '\t');
	if (label != NULL)
		*label++ = 0;
	ret->found.url = xstrdup(line);
	if (label != NULL)
		ret->found.label = xstrdup(label);
	return finish(l, ret);
}

/* The field that a key is for, and how sure that is, less being surer. */
static size_t
field_of(const struct list *l, const char *name, size_t *ret_rank)
{
	size_t i;

	for (i = 0; i < l->columns.n; i++)
		if (strcasecmp(l->columns.v[i].name, name) == 0) {
			*ret_rank = 0;
			return l->columns.v[i].at;
		}
	i = list_rank(name);
	*ret_rank = i == NO_COLUMN ? i : i + 1;
	return list_field(i);
}

static bool
is_named(const struct list *l, size_t at)
{
	size_t i;

	for (i = 0; i < l->columns.n; i++)
		if (l->columns.v[i].at == at)
			return true;
	return false;
}

static int
read_json(const struct list *l, const char *line, struct list_entry *ret)
{
	size_t at, rank, best[sizeof(struct found) / sizeof(char *)];
	json_t *o, *value;
	const char *key;
	char **to;

	if (line[strspn(line, " \t\r\n")] == 0)
		return 2;
	memset(best, 0xff, sizeof(best));
	o = json_loads(line, 0, NULL);
	json_object_foreach(o, key, value)
	{
		at = field_of(l, key, &rank);
		if (at == NO_COLUMN || !json_is_string(value) ||
		    rank >= best[at / sizeof(char *)])
			continue;
		best[at / sizeof(char *)] = rank;
		to = member(&ret->found, at);
		free(TAKE(*to));
		set_member(&ret->found, at, json_string_value(value));
	}
	json_decref(o);
	if (o == NULL) {
		ret->bad = "not JSON";
		return 2;
	}
	return finish(l, ret);
}

/* Values between tabs; quotes that pandas writes around some of them. */
static size_t
split_tabs(char *line, char **fields)
{
	size_t n = 0, len;
	char *value;

	while (n < CSV_FIELDS_MAX && (value = strsep(&line, "\t")) != NULL) {
		len = strlen(value);
		if (len >= 2 && *value == '"' && value[len - 1] == '"')
			csv_split(value, len, 0, &value);
		fields[n++] = value;
	}
	return n;
}

/* A column that is named in the section counts before one that is usual. */
static void
take_column(struct list *l, size_t i, const char *name, size_t *best)
{
	size_t rank, at = field_of(l, name, &rank), slot = at / sizeof(char *);

	l->at[i] = NO_COLUMN;
	if (at == NO_COLUMN || rank >= best[slot] ||
	    (rank > 0 && is_named(l, at)))
		return;
	best[slot] = rank;
	for (slot = 0; slot < i; slot++)
		if (l->at[slot] == at)
			l->at[slot] = NO_COLUMN;
	l->at[i] = at;
}

/* By the place that the section gives. */
static void
place_column(struct list *l, size_t place, size_t at)
{
	size_t i;

	for (i = 0; i < CSV_FIELDS_MAX; i++)
		if (l->at[i] == at)
			l->at[i] = NO_COLUMN;
	l->at[place] = at;
}

static int
take_header(struct list *l, char **fields, size_t n, struct err *e)
{
	size_t best[sizeof(struct found) / sizeof(char *)], i;
	bool has_url = false;

	memset(best, 0xff, sizeof(best));
	for (i = 0; i < n; i++)
		take_column(l, i, text_trim(fields[i]), best);
	for (i = 0; i < l->columns.n; i++)
		if (l->columns.v[i].place > 0 &&
		    (size_t)l->columns.v[i].place <= n)
			place_column(l, (size_t)l->columns.v[i].place - 1,
			    l->columns.v[i].at);
	for (i = 0; i < n; i++)
		has_url |= l->at[i] == offsetof(struct found, url);
	l->n = n;
	return has_url ? 0
		       : err_set(e, ERR_INPUT,
			     is_named(l, offsetof(struct found, url))
				 ? "the list has no column of the name that "
				   "columns gives for url"
				 : "the list has no column \"url\"");
}

/* 1, 2 or -1. */
static int
read_fields(struct list *l, char *record, size_t len, struct list_entry *ret,
    struct err *e)
{
	char *fields[CSV_FIELDS_MAX];
	size_t i,
	    n = l->format == TSV ? split_tabs(record, fields)
				 : csv_split(record, len, l->comma, fields);

	if (n == 0 || (n == 1 && fields[0][0] == 0))
		return 2;
	if (l->n == 0 && take_header(l, fields, n, e) < 0)
		return -1;
	for (i = 0; i < n && i < l->n; i++)
		if (l->at[i] != NO_COLUMN)
			set_member(&ret->found, l->at[i], fields[i]);
	return finish(l, ret);
}

static int
read_header(struct list *l, struct err *e)
{
	struct list_record r;
	char *fields[CSV_FIELDS_MAX];
	size_t n;
	int rc;

	do {
		rc = list_text_next(l->text, l->comma, &r, e);
		if (rc <= 0)
			return rc;
		n = r.bad != NULL ? 0
		    : l->format == TSV
		    ? split_tabs(r.text, fields)
		    : csv_split(r.text, r.len, l->comma, fields);
	} while (n == 0 || (n == 1 && fields[0][0] == 0));
	return take_header(l, fields, n, e);
}

int
list_next(struct list *l, struct list_entry *ret, struct err *e)
{
	char *other CLEANUP(freep) = NULL;
	struct list_record r;
	int rc = list_text_next(l->text, l->comma, &r, e);

	if (rc <= 0)
		return rc;
	*ret = (struct list_entry){ .line = r.line, .bad = r.bad };
	if (r.bad != NULL)
		return 2;
	other = from_windows(r.text, &r.len);
	if (other != NULL)
		r.text = other;
	if (l->format == TXT)
		return read_txt(l, r.text, ret);
	if (l->format == JSONL)
		return read_json(l, r.text, ret);
	return read_fields(l, r.text, r.len, ret, e);
}

/* ---- which of them ------------------------------------------------------ */

static bool
ends_in(const char *name, const char *ending)
{
	size_t len = name == NULL ? 0 : strcspn(name, "?");
	size_t n = strlen(ending);

	if (len > 3 && strncasecmp(name + len - 3, ".gz", 3) == 0)
		len -= 3;
	return len > n && strncasecmp(name + len - n, ending, n) == 0;
}

/* The byte that divides the first line, if one word of it is for url. */
static char
comma_of(const struct list *l, const char *text, bool sure)
{
	static const char commas[] = ",;\t|";
	size_t len = strcspn(text, "\r\n"), rank, i;
	char *line CLEANUP(freep) = NULL, *rest, *word;
	char between[3] = { 0, '"', 0 };

	for (i = 0; commas[i] != 0; i++) {
		if (memchr(text, commas[i], len) == NULL && i > 0)
			continue;
		free(line);
		rest = line = xstrndup(text, len);
		between[0] = commas[i];
		while ((word = strsep(&rest, between)) != NULL)
			if (field_of(l, text_trim(word), &rank) ==
			    offsetof(struct found, url))
				return commas[i];
	}
	return sure ? ',' : 0;
}

static enum format
format_of(const struct list *l, const struct list_ask *ask, const char *text)
{
	size_t i;

	for (i = 0; ask->format != NULL && i < ARRAY_SIZE(format_names); i++)
		if (strcmp(ask->format, format_names[i]) == 0)
			return (enum format)i;
	if (text[strspn(text, " \t\r\n")] == '{')
		return JSONL;
	if (ends_in(ask->name, ".tsv") || ends_in(ask->name, ".tab"))
		return TSV;
	if (ends_in(ask->name, ".csv") || comma_of(l, text, false) != 0)
		return CSV;
	return TXT;
}

static int
begin(struct list *l, const struct list_ask *ask, struct err *e)
{
	const char *text;
	size_t len;

	if (list_columns_parse(ask->columns, &l->columns, e) < 0)
		return -1;
	text = list_text_peek(l->text, &len, e);
	if (text == NULL)
		return -1;
	l->format = format_of(l, ask, text);
	if (l->format == CSV)
		l->comma = comma_of(l, text, true);
	if (l->comma == '\t') {
		l->format = TSV;
		l->comma = 0;
	}
	if ((l->format == CSV || l->format == TSV) && !l->columns.no_header)
		return read_header(l, e);
	return 0;
}

int
list_open(const struct list_ask *ask, struct list_text *text, struct list **ret,
    struct err *e)
{
	struct list *l CLEANUP(list_closep) = xcalloc(1, sizeof(*l));

	l->text = text;
	l->base = ask->base;
	if (begin(l, ask, e) < 0)
		return -1;
	*ret = TAKE(l);
	return 0;
}

void
list_close(struct list *l)
{
	if (l == NULL)
		return;
	list_text_free(l->text);
	free(l);
}

struct list_text *
list_text(struct list *l)
{
	return l->text;
}

void
read_list(const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	const struct list_ask question = { .base = ask->base,
		.name = ask->base,
		.format = ask->format,
		.columns = ask->columns };
	struct list *l CLEANUP(list_closep) = NULL;
	struct list_entry entry;
	struct err e = { 0 };
	int rc = list_open(&question, list_text_of_bytes(bytes, len), &l, &e);

	if (rc == 0)
		while ((rc = list_next(l, &entry, &e)) > 0) {
			doc->bad_urls += entry.bad != NULL;
			if (rc == 1)
				doc_add_image(doc, &entry.found);
		}
	if (rc < 0)
		doc_fail(doc, "%s", e.msg);
}
