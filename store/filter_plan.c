/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a query over a filter begins.
 *
 * A term that leaves fewer than FEW samples is where to begin: sorting them
 * is cheap.  Else a page by id begins with an index that has one value's
 * samples in that order, and any other page with the index of its sort: the
 * rows that pass are frequent on the way then.
 */
#include "store/plan_int.h"

#include <string.h>

#define FEW 5000
#define SQL_MAX (1 << 20)

void
filter_plan_release(struct filter_plan *p)
{
	free(p->from);
	free(p->where);
	*p = (struct filter_plan){ 0 };
}

sqlite3_stmt *
filter_prepare(
    struct store *s, const char *sql, const struct filter *f, struct err *e)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK) {
		sql_err(s, e, "filter");
		return NULL;
	}
	if (filter_bind(s, q, f, e) < 0) {
		sqlite3_finalize(q);
		return NULL;
	}
	return q;
}

int
sql_explain(struct store *s, const char *sql, char **ret, struct err *e)
{
	char *explain CLEANUP(freep) = xasprintf("EXPLAIN QUERY PLAN %s", sql);
	struct buf text CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;
	int rc;

	if (sqlite3_prepare_v2(s->db, explain, -1, &q, NULL) != SQLITE_OK)
		return sql_err(s, e, sql);
	while ((rc = sql_step(s, q, e)) == 1)
		buf_addf(&text, "%s\n", sql_text(q, 3));
	*ret = rc < 0 ? NULL : xstrdup(text.len > 0 ? (char *)text.data : "");
	return rc;
}

/* The driver of the score that the term asks for by a name of its own. */
static const struct filter_driver *
driver_of_issue(const struct store *s, const char *issue)
{
	int i;

	for (i = 0; i < SCORE_COLUMNS; i++)
		if (strcmp(issue, score_name(i)) == 0 &&
		    s->thresholds[i] < filter_key(issue)->driver.most)
			return &filter_key(issue)->driver;
	return NULL;
}

/* Names, of which several have an index's rows each. */
static bool
is_name(enum value_type type)
{
	return type == VALUE_TEXT || type == VALUE_SOURCE || type == VALUE_TAG;
}

static const struct filter_driver *
driver_of(
    const struct store *s, const struct filter *f, const struct filter_term *t)
{
	const struct filter_value *v = &f->v[t->first];
	const struct filter_driver *d = &t->key->driver;
	int i;

	if (t->negated || (t->n > 1 && !is_name(t->key->type)))
		return NULL;
	if (t->key->type == VALUE_ISSUE)
		return driver_of_issue(s, v->text);
	if (d->from == NULL || (t->key->type == VALUE_YES && v->number == 0))
		return NULL;
	if (d->most > 0 && (t->op[0] != '<' || v->real >= d->most))
		return NULL;
	/* The index has the others only. */
	for (i = 0; i < t->n && strcmp(t->key->name, "stage") == 0; i++)
		if (strcmp(v[i].text, "prepared") == 0)
			return NULL;
	return d;
}

/* Does the driver give samples by id? */
static bool
is_by_id(const struct filter_term *t, const struct filter_driver *d)
{
	switch (t->key->type) {
	case VALUE_NUMBER:
		return d->sample && t->op[0] == '=';
	case VALUE_DATE:
	case VALUE_HEX:
		return false;
	default:
		return t->n == 1;
	}
}

/* The term as a condition on the driver. */
static void
add_condition(struct buf *b, const struct filter *f,
    const struct filter_term *t, const struct filter_driver *d)
{
	int i;

	if (t->key->type == VALUE_YES) {
		buf_addf(b, "%s", d->open);
	} else if (t->key->type == VALUE_ISSUE) {
		buf_addf(b, "%s < @%s", d->open, f->v[t->first].text);
	} else if (t->n == 1) {
		filter_compare(b, t->key, t->op, &f->v[t->first], t->first,
		    d->open, d->close);
	} else {
		buf_addf(b, "%s IN (", d->open);
		for (i = 0; i < t->n; i++)
			buf_addf(b, "%s@v%d", i > 0 ? ", " : "", t->first + i);
		buf_addf(b, ")");
	}
}

/* How many rows the driver has, up to FEW. */
static int
probe(struct store *s, const struct filter *f, const struct filter_term *t,
    const struct filter_driver *d, int64_t *ret_n, struct err *e)
{
	struct buf sql CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;

	buf_addf(
	    &sql, "SELECT count(*) FROM (SELECT 1 FROM %s WHERE ", d->from);
	add_condition(&sql, f, t, d);
	buf_addf(&sql, " LIMIT %d)", FEW);
	q = filter_prepare(s, (const char *)sql.data, f, e);
	if (q == NULL || sql_step(s, q, e) < 0)
		return -1;
	*ret_n = sqlite3_column_int64(q, 0);
	return 0;
}

struct choice {
	const struct filter_term *term; /* NULL: none */
	const struct filter_driver *driver;
};

/* May a query begin there although it leaves many? */
static bool
is_good_for_many(const struct filter_term *t, const struct filter_driver *d,
    const struct filter_wants *w)
{
	if (w->otherwise != NULL)
		return false;
	return w->count ? !d->sample && is_by_id(t, d) : is_by_id(t, d);
}

static int
choose(struct store *s, const struct filter *f, const struct filter_wants *w,
    struct choice *ret, struct err *e)
{
	const struct filter_driver *d;
	const struct filter_term *t;
	struct choice many = { 0 };
	int64_t least = FEW, n;
	int i;

	*ret = many;
	for (i = 0; i < f->n_terms; i++) {
		t = &f->terms[i];
		d = driver_of(s, f, t);
		if (d == NULL)
			continue;
		if (probe(s, f, t, d, &n, e) < 0)
			return -1;
		if (n < least) {
			least = n;
			*ret = (struct choice){ t, d };
		} else if (is_good_for_many(t, d, w) &&
		    (many.term == NULL || many.driver->sample)) {
			many = (struct choice){ t, d };
		}
	}
	if (ret->term == NULL)
		*ret = many;
	return 0;
}

/* The joins that bring what the query is about to where it begins. */
static void
add_joins(struct buf *b, const struct filter *f, const struct choice *c,
    const struct filter_wants *w, struct filter_plan *p)
{
	bool blob = w->blob, has_blob, has_quality;
	int i;

	has_blob = c->term ? c->term->key->blob : w->otherwise_blob;
	has_quality = c->term == NULL && w->otherwise_quality;
	p->sample = c->term == NULL || c->driver->sample;
	for (i = 0; i < f->n_terms; i++)
		blob = blob || f->terms[i].key->blob;
	if (!p->sample && (w->sample || f->n_terms > 1 || blob || w->quality)) {
		buf_addf(b, " CROSS JOIN sample s ON %s",
		    has_blob ? "s.blob_id = b.id" : "s.id = d.sample_id");
		p->sample = true;
	}
	if (blob && !has_blob)
		buf_addf(b, " CROSS JOIN blob b ON b.id = s.blob_id");
	if (w->quality && !has_quality)
		buf_addf(b, " LEFT JOIN quality q ON q.sample_id = s.id");
}

/* What is forgotten has a blob and no label; all else of it is gone. */
static bool
may_be_forgotten(const struct choice *c)
{
	return c->term == NULL || c->term->key->blob ||
	    c->term->key->type == VALUE_CLASS;
}

int
filter_plan(struct store *s, const struct filter *f,
    const struct filter_wants *w, struct filter_plan *ret, struct err *e)
{
	struct buf from CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
	struct buf where CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
	struct choice c;
	int i;

	if (choose(s, f, w, &c, e) < 0)
		return -1;
	*ret = (struct filter_plan){ .id = c.term ? c.driver->id : "s.id",
		.many = c.term && (c.driver->many || c.term->n > 1) };
	buf_addf(&from, " FROM %s",
	    c.term             ? c.driver->from
		: w->otherwise ? w->otherwise
			       : "sample s");
	add_joins(&from, f, &c, w, ret);
	buf_addf(&where, " WHERE ");
	if (c.term == NULL)
		buf_addf(&where, "1");
	else
		add_condition(&where, f, c.term, c.driver);
	for (i = 0; i < f->n_terms; i++)
		if (&f->terms[i] != c.term)
			buf_add(&where, f->sql.data + f->terms[i].at,
			    f->terms[i].len);
	if (ret->sample && may_be_forgotten(&c))
		buf_addf(&where, " AND s.stage <> 'forgotten'");
	ret->from = xstrdup((const char *)from.data);
	ret->where = xstrdup((const char *)where.data);
	return 0;
}
