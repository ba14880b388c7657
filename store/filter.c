/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters become a WHERE clause out of the fragments below, and values that
 * are bound; nothing that a user wrote is ever part of the SQL.
 */
#include "store/filter.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "store/store_int.h"
#include "store/filter_int.h"

#define TERMS_MAX 64
#define SQL_MAX 65536

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_REAL,
	VALUE_DATE,
	VALUE_YES, /* yes or no */
	VALUE_HEX, /* digits of a SHA-256 */
	VALUE_ISSUE,
};

/*
 * The fragment up to where a comparison and its parameter go, and what
 * closes it.
 */
struct key {
	const char *name;
	enum value_type type;
	const char *open, *close;
};

#define SIGHTED \
	"EXISTS (SELECT 1 FROM fetch f JOIN sighting g" \
	" ON g.url_id = f.url_id WHERE f.sample_id = s.id AND "

static const struct key keys[] = {
	{ "label", VALUE_TEXT,
	    "coalesce((SELECT name FROM class"
	    " WHERE id = s.label_id), 'none')",
	    "" },
	{ "source", VALUE_TEXT,
	    SIGHTED "(SELECT name FROM source"
		    " WHERE id = g.source_id)",
	    ")" },
	{ "host", VALUE_TEXT,
	    "EXISTS (SELECT 1 FROM url u"
	    " WHERE u.sample_id = s.id AND u.host",
	    ")" },
	{ "licence", VALUE_TEXT, SIGHTED "coalesce(g.licence, 'unknown')",
	    ")" },
	{ "stage", VALUE_TEXT, "s.stage", "" },
	{ "reason", VALUE_TEXT, "s.reason", "" },
	{ "format", VALUE_TEXT, "s.format", "" },
	{ "tag", VALUE_TEXT,
	    "EXISTS (SELECT 1 FROM sample_tag m JOIN tag t"
	    " ON t.id = m.tag_id WHERE m.sample_id = s.id AND t.name",
	    ")" },
	{ "width", VALUE_NUMBER, "s.width", "" },
	{ "height", VALUE_NUMBER, "s.height", "" },
	{ "bytes", VALUE_NUMBER, "b.bytes", "" },
	{ "pdq_quality", VALUE_NUMBER, "s.pdq_quality", "" },
	{ "added", VALUE_DATE, "b.added", "" },
	{ "dup", VALUE_YES,
	    "(s.keeper_id IS NOT NULL"
	    " AND s.keeper_id <> s.id)",
	    "" },
	{ "conflict", VALUE_YES, "s.conflict", "" },
	{ "rejected", VALUE_YES, "s.rejected", "" },
	{ "decided", VALUE_YES, "(s.decided_id IS NOT NULL)", "" },
	{ "group", VALUE_HEX,
	    "EXISTS (SELECT 1 FROM sample k JOIN blob kb"
	    " ON kb.id = k.blob_id WHERE k.keeper_id = s.keeper_id"
	    " AND lower(hex(kb.sha256))",
	    ")" },
	{ "sha256", VALUE_HEX, "lower(hex(b.sha256))", "" },
	{ "warned", VALUE_YES, "s.warned", "" },
	{ "issue", VALUE_ISSUE, "EXISTS (SELECT 1 FROM " SCORE_ISSUES " i",
	    ")" },
#define KEY(id) { #id, VALUE_REAL, SCORE_SQL(id), "" },
	STORE_SCORES(KEY)
#undef KEY
	    { "odd_size", VALUE_REAL, SCORE_SQL_ODD_SIZE, "" },
};

struct filter {
	struct buf sql; /* " AND ..." for each term */
	struct {
		enum value_type type;
		char *text;
		int64_t number;
		double real;
	} v[TERMS_MAX];
	int n;
};

void
filter_free(struct filter *f)
{
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++)
		free(f->v[i].text);
	buf_release(&f->sql);
	free(f);
}

void
store_set_thresholds(struct store *s, const double thresholds[SCORE_COUNT])
{
	memcpy(s->thresholds, thresholds, sizeof(s->thresholds));
}

const char *
filter_sql(const struct filter *f)
{
	return f->sql.len == 0 ? "" : (const char *)f->sql.data;
}

static int
bind_value(sqlite3_stmt *q, const struct filter *f, int i)
{
	char name[16];
	int at;

	snprintf(name, sizeof(name), "@v%d", i);
	at = sqlite3_bind_parameter_index(q, name);
	switch (f->v[i].type) {
	case VALUE_TEXT:
	case VALUE_HEX:
	case VALUE_ISSUE:
		return sqlite3_bind_text(
		    q, at, f->v[i].text, -1, SQLITE_STATIC);
	case VALUE_REAL:
		return sqlite3_bind_double(q, at, f->v[i].real);
	default:
		return sqlite3_bind_int64(q, at, f->v[i].number);
	}
}

/* Names keep the parameters apart: numbers would run into them. */
int
filter_bind(
    struct store *s, sqlite3_stmt *q, const struct filter *f, struct err *e)
{
	char name[32];
	int i, at;

	for (i = 0; i < f->n; i++)
		if (bind_value(q, f, i) != SQLITE_OK)
			return sql_err(s, e, "bind a filter");
	for (i = 0; i < SCORE_COUNT; i++) {
		snprintf(name, sizeof(name), "@%s", score_name(i));
		at = sqlite3_bind_parameter_index(q, name);
		if (at > 0 &&
		    sqlite3_bind_double(q, at, s->thresholds[i]) != SQLITE_OK)
			return sql_err(s, e, "bind a threshold");
	}
	return 0;
}

static const struct key *
find_key(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(keys) + 1] = { NULL };
	const char *meant;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
		names[i] = keys[i].name;
	}
	meant = text_suggest(name, names);
	err_set(e, ERR_USAGE, "filter: no key \"%s\"%s%s%s", name,
	    meant ? "; did you mean \"" : " (see griddle list --help)",
	    meant ? meant : "", meant ? "\"?" : "");
	return NULL;
}

static bool
date_value(const char *text, int64_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	time_t t;

	if (end == NULL || *end != 0)
		return false;
	t = mktime(&tm);
	*ret = (int64_t)t;
	return t != (time_t)-1;
}

static bool
hex_value(const char *text)
{
	size_t len = strlen(text);

	return len >= 4 && len <= 64 && strspn(text, "0123456789abcdef") == len;
}

static bool
issue_value(const char *text)
{
	int i;

	for (i = 0; i < SCORE_COUNT; i++)
		if (strcmp(text, score_name(i)) == 0)
			return true;
	return strcmp(text, "any") == 0;
}

static const char *const value_names[] = {
	[VALUE_TEXT] = "value",
	[VALUE_NUMBER] = "number",
	[VALUE_REAL] = "number",
	[VALUE_DATE] = "date (2026-11-23)",
	[VALUE_YES] = "\"yes\" or \"no\"",
	[VALUE_HEX] = "prefix (4 or more hex digits)",
	[VALUE_ISSUE] = "name (\"any\", or one of griddle config quality)",
};

static bool
read_value(struct filter *f, enum value_type type, const char *value)
{
	int64_t *number = &f->v[f->n].number;

	switch (type) {
	case VALUE_NUMBER:
		return text_to_int(value, number);
	case VALUE_REAL:
		return text_to_real(value, &f->v[f->n].real);
	case VALUE_DATE:
		return date_value(value, number);
	case VALUE_HEX:
		return hex_value(value);
	case VALUE_ISSUE:
		return issue_value(value);
	case VALUE_YES:
		*number = value[0] == 'y';
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	default:
		return true;
	}
}

/* How a key is compared with parameter n, in the list of its values. */
static int
add_comparison(struct filter *f, const struct key *key, const char *op)
{
	if (key->type == VALUE_HEX)
		return buf_addf(&f->sql, "%s GLOB @v%d || '*'%s", key->open,
		    f->n, key->close);
	if (key->type == VALUE_ISSUE)
		return buf_addf(&f->sql,
		    "%s WHERE i.value IS NOT NULL"
		    " AND @v%d IN ('any', i.value)%s",
		    key->open, f->n, key->close);
	return buf_addf(
	    &f->sql, "%s %s @v%d%s", key->open, op, f->n, key->close);
}

/* Keep one value; its comparison is appended to the SQL. */
static int
add_value(struct filter *f, const struct key *key, const char *op,
    const char *value, struct err *e)
{
	int rc;

	if (f->n == TERMS_MAX)
		return err_set(
		    e, ERR_USAGE, "filter: more than %d values", TERMS_MAX);
	if (!read_value(f, key->type, value))
		return err_set(e, ERR_USAGE, "filter: \"%s\" is not a %s of %s",
		    value, value_names[key->type], key->name);
	f->v[f->n].type = key->type;
	f->v[f->n].text = xstrdup(value);
	rc = add_comparison(f, key, op);
	f->n++;
	return rc;
}

static int
add_values(struct filter *f, const struct key *key, const char *op,
    char *values, struct err *e)
{
	char *rest = values, *value;
	bool first = true;

	while ((value = strsep(&rest, ",")) != NULL) {
		if (!first)
			buf_addf(&f->sql, " OR ");
		if (add_value(f, key, op, value, e) < 0)
			return -1;
		first = false;
	}
	return 0;
}

static bool
is_ordered(enum value_type type)
{
	return type == VALUE_NUMBER || type == VALUE_REAL || type == VALUE_DATE;
}

static int
add_term(struct filter *f, const char *term, struct err *e)
{
	bool not = term[0] == '!';
	char *name CLEANUP(freep) = xstrdup(term + not );
	size_t len = strcspn(name, "=<>");
	char op[3] = "", *value = name + len;
	const struct key *key;

	if (*value == 0 && hex_value(name)) {
		key = find_key("sha256", e);
		value = name;
	} else if (*value == 0) {
		return err_set(e, ERR_USAGE,
		    "filter: \"%s\" is neither "
		    "KEY=VALUE nor 4 or more digits of a SHA-256",
		    term);
	} else {
		op[0] = *value;
		*value++ = 0;
		if (*value == '=' && op[0] != '=')
			op[1] = *value++;
		key = find_key(name, e);
	}
	if (key == NULL)
		return -1;
	if (op[0] != '=' && op[0] != 0 && !is_ordered(key->type))
		return err_set(
		    e, ERR_USAGE, "filter: %s takes =, not %s", key->name, op);
	buf_addf(&f->sql, " AND %s(", not ? "NOT " : "");
	if (add_values(f, key, op, value, e) < 0)
		return -1;
	return buf_addf(&f->sql, ")");
}

int
filter_parse(
    const char *const *terms, size_t n, struct filter **ret, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = xcalloc(1, sizeof(*f));
	size_t i;

	f->sql = BUF_INIT(SQL_MAX);
	for (i = 0; i < n; i++)
		if (add_term(f, terms[i], e) < 0)
			return -1;
	*ret = TAKE(f);
	return 0;
}
