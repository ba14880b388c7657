/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters become a WHERE clause out of the fragments below, and values that
 * are bound; nothing that a user wrote is ever part of the SQL.
 */
#include "store/filter.h"

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
	VALUE_DATE,
	VALUE_YES, /* yes or no */
	VALUE_HEX, /* digits of a SHA-256 */
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
	{ "quality", VALUE_NUMBER, "s.pdq_quality", "" },
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
};

struct filter {
	struct buf sql; /* " AND ..." for each term */
	struct {
		bool is_text;
		char *text;
		int64_t number;
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

const char *
filter_sql(const struct filter *f)
{
	return f->sql.len == 0 ? "" : (const char *)f->sql.data;
}

int
filter_bind(
    struct store *s, sqlite3_stmt *q, const struct filter *f, struct err *e)
{
	int i, rc;

	for (i = 0; i < f->n; i++) {
		if (f->v[i].is_text)
			rc = sqlite3_bind_text(
			    q, i + 1, f->v[i].text, -1, SQLITE_STATIC);
		else
			rc = sqlite3_bind_int64(q, i + 1, f->v[i].number);
		if (rc != SQLITE_OK)
			return sql_err(s, e, "bind a filter");
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

/* Keep one value; its comparison is appended to the SQL. */
static int
add_value(struct filter *f, const struct key *key, const char *op,
    const char *value, struct err *e)
{
	int64_t number = 0;
	bool fine = f->n < TERMS_MAX;

	if (key->type == VALUE_NUMBER)
		fine = fine && text_to_int(value, &number);
	else if (key->type == VALUE_DATE)
		fine = fine && date_value(value, &number);
	else if (key->type == VALUE_HEX)
		fine = fine && hex_value(value);
	else if (key->type == VALUE_YES) {
		fine = fine &&
		    (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0);
		number = value[0] == 'y';
	}
	if (!fine)
		return err_set(e, ERR_USAGE,
		    "filter: \"%s\" is not a %s of "
		    "%s",
		    value,
		    key->type == VALUE_NUMBER     ? "number"
			: key->type == VALUE_DATE ? "date (2026-11-23)"
			: key->type == VALUE_HEX
			? "prefix (4 or more hex digits)"
			: key->type == VALUE_YES ? "\"yes\" or \"no\""
						 : "value",
		    key->name);
	f->v[f->n].is_text = key->type == VALUE_TEXT || key->type == VALUE_HEX;
	f->v[f->n].number = number;
	f->v[f->n].text = xstrdup(value);
	f->n++;
	return buf_addf(&f->sql, "%s %s ?%d%s%s", key->open, op, f->n,
	    key->type == VALUE_HEX ? " || '*'" : "", key->close);
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
	if (op[0] != '=' && op[0] != 0 && key->type != VALUE_NUMBER &&
	    key->type != VALUE_DATE)
		return err_set(
		    e, ERR_USAGE, "filter: %s takes =, not %s", key->name, op);
	buf_addf(&f->sql, " AND %s(", not ? "NOT " : "");
	if (add_values(f, key, key->type == VALUE_HEX ? "GLOB" : op, value, e) <
	    0)
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
