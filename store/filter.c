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

#define SQL_MAX 65536

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

/* An id for a name: 0 stands for none, -1 for one that is not there. */
static int
name_id(
    struct store *s, const struct filter_value *v, int64_t *ret, struct err *e)
{
	enum query query = v->type == VALUE_CLASS ? Q_CLASS_ID
	    : v->type == VALUE_SOURCE             ? Q_FILTER_SOURCE
						  : Q_FILTER_TAG;

	*ret = 0;
	if (v->type == VALUE_CLASS && strcmp(v->text, "none") == 0)
		return 0;
	*ret = -1;
	return sql_int(s, query, ret, e, "s", v->text) < 0 ? -1 : 0;
}

/* A parameter that the query does not have is as good as bound. */
static int
bound(int rc)
{
	return rc == SQLITE_OK || rc == SQLITE_RANGE ? SQLITE_OK : rc;
}

static int
bind_name(struct store *s, sqlite3_stmt *q, const struct filter_value *v,
    int at, struct err *e)
{
	int64_t id;

	if (name_id(s, v, &id, e) < 0)
		return -1;
	if (bound(id == 0 ? sqlite3_bind_null(q, at)
			  : sqlite3_bind_int64(q, at, id)) != SQLITE_OK)
		return sql_err(s, e, "bind a filter");
	return 0;
}

static int
bind_value(sqlite3_stmt *q, const struct filter_value *v, int at, int end)
{
	int rc;

	switch (v->type) {
	case VALUE_HEX:
		rc = bound(sqlite3_bind_blob(
		    q, at, v->low, SHA256_SIZE, SQLITE_STATIC));
		return rc != SQLITE_OK
		    ? rc
		    : bound(sqlite3_bind_blob(
			  q, end, v->high, SHA256_SIZE, SQLITE_STATIC));
	case VALUE_TEXT:
		return bound(
		    sqlite3_bind_text(q, at, v->text, -1, SQLITE_STATIC));
	case VALUE_REAL:
		return bound(sqlite3_bind_double(q, at, v->real));
	default:
		rc = bound(sqlite3_bind_int64(q, at, v->number));
		return rc != SQLITE_OK
		    ? rc
		    : bound(sqlite3_bind_int64(q, end, v->end));
	}
}

static int
bind_values(
    struct store *s, sqlite3_stmt *q, const struct filter *f, struct err *e)
{
	const struct filter_value *v;
	char name[16];
	int i, at, end;

	for (i = 0; i < f->n; i++) {
		v = &f->v[i];
		snprintf(name, sizeof(name), "@v%d", i);
		at = sqlite3_bind_parameter_index(q, name);
		snprintf(name, sizeof(name), "@w%d", i);
		end = sqlite3_bind_parameter_index(q, name);
		if (v->type == VALUE_CLASS || v->type == VALUE_SOURCE ||
		    v->type == VALUE_TAG) {
			if (bind_name(s, q, v, at, e) < 0)
				return -1;
		} else if (bind_value(q, v, at, end) != SQLITE_OK) {
			return sql_err(s, e, "bind a filter");
		}
	}
	return 0;
}

/* Names keep the parameters apart: numbers would run into them. */
int
filter_bind(
    struct store *s, sqlite3_stmt *q, const struct filter *f, struct err *e)
{
	char name[32];
	int i, at;

	if (bind_values(s, q, f, e) < 0)
		return -1;
	for (i = 0; i < SCORE_COUNT; i++) {
		snprintf(name, sizeof(name), "@%s", score_name(i));
		at = sqlite3_bind_parameter_index(q, name);
		if (at > 0 &&
		    sqlite3_bind_double(q, at, s->thresholds[i]) != SQLITE_OK)
			return sql_err(s, e, "bind a threshold");
	}
	return 0;
}

static const struct filter_key *
find_key(const char *name, struct err *e)
{
	const char *names[FILTER_KEYS_MAX + 1] = { NULL };
	const struct filter_key *key = filter_key(name);
	const char *meant;
	size_t i;

	if (key != NULL)
		return key;
	for (i = 0; i < FILTER_KEYS_MAX && filter_keys[i].name; i++)
		names[i] = filter_keys[i].name;
	meant = text_suggest(name, names);
	err_set(e, ERR_USAGE, "filter: no key \"%s\"%s%s%s", name,
	    meant ? "; did you mean \"" : " (see griddle list --help)",
	    meant ? meant : "", meant ? "\"?" : "");
	return NULL;
}

/* From the day's first second to the next one's, local time. */
static bool
date_value(const char *text, int64_t *ret, int64_t *ret_end)
{
	struct tm tm = { .tm_isdst = -1 }, next;
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (end == NULL || *end != 0)
		return false;
	next = (struct tm){ .tm_year = tm.tm_year,
		.tm_mon = tm.tm_mon,
		.tm_mday = tm.tm_mday + 1,
		.tm_isdst = -1 };
	*ret = (int64_t)mktime(&tm);
	*ret_end = (int64_t)mktime(&next);
	return *ret != -1 && *ret_end != -1;
}

static bool
is_hex(const char *text)
{
	size_t len = strlen(text);

	return len >= 4 && len <= 64 && strspn(text, "0123456789abcdef") == len;
}

/* The first and the last SHA-256 that begins so. */
static bool
hex_value(const char *text, struct filter_value *v)
{
	char low[SHA256_HEX], high[SHA256_HEX];
	size_t len = strlen(text);

	if (!is_hex(text))
		return false;
	memset(low, '0', sizeof(low) - 1);
	memset(high, 'f', sizeof(high) - 1);
	low[sizeof(low) - 1] = high[sizeof(high) - 1] = 0;
	memcpy(low, text, len);
	memcpy(high, text, len);
	return text_from_hex(v->low, SHA256_SIZE, low) &&
	    text_from_hex(v->high, SHA256_SIZE, high);
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
	[VALUE_CLASS] = "value",
	[VALUE_SOURCE] = "value",
	[VALUE_TAG] = "value",
	[VALUE_NUMBER] = "number",
	[VALUE_REAL] = "number",
	[VALUE_DATE] = "date (2026-11-23)",
	[VALUE_YES] = "\"yes\" or \"no\"",
	[VALUE_HEX] = "prefix (4 or more hex digits)",
	[VALUE_ISSUE] = "name (\"any\", or one of griddle config quality)",
};

static bool
read_value(struct filter_value *v, const char *value)
{
	switch (v->type) {
	case VALUE_NUMBER:
		return text_to_int(value, &v->number);
	case VALUE_REAL:
		return text_to_real(value, &v->real);
	case VALUE_DATE:
		return date_value(value, &v->number, &v->end);
	case VALUE_HEX:
		return hex_value(value, v);
	case VALUE_ISSUE:
		return issue_value(value);
	case VALUE_YES:
		v->number = value[0] == 'y';
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	default:
		return true;
	}
}

/* Keep one value; its comparison is appended to the SQL. */
static int
add_value(struct filter *f, const struct filter_term *t, const char *value,
    struct err *e)
{
	const struct filter_key *key = t->key;
	struct filter_value *v = &f->v[f->n];

	if (f->n == FILTER_TERMS_MAX)
		return err_set(e, ERR_USAGE, "filter: more than %d values",
		    FILTER_TERMS_MAX);
	v->type = key->type;
	if (!read_value(v, value))
		return err_set(e, ERR_USAGE, "filter: \"%s\" is not a %s of %s",
		    value, value_names[key->type], key->name);
	v->text = xstrdup(value);
	return filter_compare(
	    &f->sql, key, t->op, v, f->n++, key->open, key->close);
}

static int
add_values(struct filter *f, struct filter_term *t, char *values, struct err *e)
{
	char *rest = values, *value;

	t->first = f->n;
	while ((value = strsep(&rest, ",")) != NULL) {
		if (t->n++ > 0)
			buf_addf(&f->sql, " OR ");
		if (add_value(f, t, value, e) < 0)
			return -1;
	}
	return 0;
}

static bool
is_ordered(enum value_type type)
{
	return type == VALUE_NUMBER || type == VALUE_REAL || type == VALUE_DATE;
}

/* A word into key, operator and values; *ret_values lies in `name`. */
static int
split_term(char *name, const char *term, struct filter_term *t,
    char **ret_values, struct err *e)
{
	char *value = name + strcspn(name, "=<>");

	t->op[0] = '=';
	if (*value == 0 && is_hex(name)) {
		t->key = find_key("sha256", e);
		value = name;
	} else if (*value == 0) {
		return err_set(e, ERR_USAGE,
		    "filter: \"%s\" is neither "
		    "KEY=VALUE nor 4 or more digits of a SHA-256",
		    term);
	} else {
		t->op[0] = *value;
		*value++ = 0;
		if (*value == '=' && t->op[0] != '=')
			t->op[1] = *value++;
		t->key = find_key(name, e);
	}
	*ret_values = value;
	if (t->key == NULL)
		return -1;
	if (t->op[0] != '=' && !is_ordered(t->key->type))
		return err_set(e, ERR_USAGE, "filter: %s takes =, not %s",
		    t->key->name, t->op);
	return 0;
}

/* What is negated passes where the term does not, for want of a fact too. */
static int
add_term(struct filter *f, const char *term, struct err *e)
{
	struct filter_term *t = &f->terms[f->n_terms];
	bool negated = term[0] == '!';
	char *name CLEANUP(freep) = xstrdup(term + negated);
	char *values = NULL;

	if (f->n_terms == FILTER_TERMS_MAX)
		return err_set(e, ERR_USAGE, "filter: more than %d terms",
		    FILTER_TERMS_MAX);
	t->negated = negated;
	t->at = f->sql.len;
	if (split_term(name, term, t, &values, e) < 0 ||
	    buf_addf(&f->sql, " AND (") < 0 ||
	    add_values(f, t, values, e) < 0 ||
	    buf_addf(&f->sql, ")%s", negated ? " IS NOT TRUE" : "") < 0)
		return -1;
	t->len = f->sql.len - t->at;
	f->n_terms++;
	return 0;
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
