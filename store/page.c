/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a list: which samples, in which order, and where to go on.
 *
 * A page goes on behind a key and, among equals, an id; never by counting
 * rows, so that it costs the same anywhere and nothing is shown twice when
 * rows are added before it.  What has no key (no width, no score) comes
 * last, whatever the direction.
 */
#include "store/plan_int.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* `from` gives the samples by `key` and then `tie`, unless it is scanned. */
struct sort {
	const char *name, *from, *key, *tie;
	bool blob, quality; /* the key is in b, in q */
	/* A smaller index of the keys below a limit, worst first. */
	const char *low_from, *low;
	double limit;
};

#define BY_SAMPLE(column) \
	{ \
		.name = #column, \
		.from = "sample s INDEXED BY sample_" #column, \
		.key = "s." #column, .tie = "s.id" \
	}
#define BY_BLOB(column) \
	{ \
		.name = #column, \
		.from = "blob b INDEXED BY blob_" #column \
			" CROSS JOIN sample s ON s.blob_id = b.id", \
		.key = "b." #column, .tie = "b.id", .blob = true \
	}
#define BY_SCORE(id, most) \
	{ .name = #id, \
		.from = "quality q CROSS JOIN sample s ON s.id = q.sample_id", \
		.key = "q." #id, \
		.tie = "s.id", \
		.quality = true, \
		.low_from = "quality q INDEXED BY quality_" #id \
			    " CROSS JOIN sample s ON s.id = q.sample_id", \
		.low = "q." #id " < " #most, \
		.limit = most },

static const struct sort sorts[] = {
	{ .name = "id", .tie = "s.id" },
	BY_BLOB(added),
	BY_SAMPLE(width),
	BY_SAMPLE(height),
	BY_BLOB(bytes),
	BY_SAMPLE(pdq_quality),
	{ .name = "label",
	    .from = "sample s INDEXED BY sample_label",
	    .key = "s.label_id",
	    .tie = "s.id" },
	SCORE_LIMITS(BY_SCORE){ .name = "odd_size",
	    .from = "sample s",
	    .key = SCORE_SQL_ODD_SIZE,
	    .tie = "s.id" },
};

/* A list in parts; pages go through them in this order. */
enum part {
	PART_SAME, /* those with the cursor's key */
	PART_LOW,  /* those with a key behind it, and of an index of low ones */
	PART_REST, /* all others with a key behind it */
	PART_NULL, /* those without a key */
	PART_END,
};

struct cursor {
	const struct sort *sort;
	bool down;
	enum part part;
	bool given, real; /* a place to go on from; with a real as its key */
	int64_t number, tie;
	double value;
};

static int
find_sort(struct cursor *c, const char *sort, struct err *e)
{
	const char *name = sort == NULL ? "id" : sort;
	size_t i;

	c->down = name[0] == '-';
	name += c->down;
	for (i = 0; i < ARRAY_SIZE(sorts); i++)
		if (strcmp(sorts[i].name, name) == 0) {
			c->sort = &sorts[i];
			return 0;
		}
	return err_set(e, ERR_USAGE,
	    "cannot sort by \"%s\": id, added, width, height, "
	    "bytes, pdq_quality, label, or a score as of griddle "
	    "config quality",
	    name);
}

/* "KIND KEY:TIE" of what cursor_text() wrote, behind the sort's name. */
static bool
read_place(struct cursor *c, char *text)
{
	char *tie = strchr(text, ':');

	if (tie == NULL)
		return false;
	*tie++ = 0;
	if (!text_to_int(tie, &c->tie))
		return false;
	c->given = true;
	c->real = text[0] == 'r';
	c->part = text[0] == 'n' ? PART_NULL : PART_SAME;
	return text[0] == 'n' ||
	    (text[0] == 'i' && text_to_int(text + 1, &c->number)) ||
	    (c->real && text_to_real(text + 1, &c->value));
}

static int
read_cursor(struct cursor *c, const char *after, struct err *e)
{
	char *text CLEANUP(freep) = after ? xstrdup(after) : NULL;
	char *place = text ? strchr(text, ':') : NULL;
	bool down;

	c->part = PART_SAME;
	if (after == NULL)
		return 0;
	if (place != NULL)
		*place++ = 0;
	down = text[0] == '-';
	if (place == NULL || down != c->down ||
	    strcmp(text + down, c->sort->name) != 0 || !read_place(c, place))
		return err_set(e, ERR_USAGE,
		    "\"%s\" is not where a page by %s%s ended", after,
		    c->down ? "-" : "", c->sort->name);
	return 0;
}

/* Where the page ended: at the row that the statement is at. */
static char *
cursor_text(const struct cursor *c, sqlite3_stmt *q)
{
	const char *down = c->down ? "-" : "", *name = c->sort->name;
	int64_t tie = sqlite3_column_int64(q, 2);

	switch (sqlite3_column_type(q, 1)) {
	case SQLITE_NULL:
		return xasprintf("%s%s:n:%" PRId64, down, name, tie);
	case SQLITE_INTEGER:
		return xasprintf("%s%s:i%" PRId64 ":%" PRId64, down, name,
		    (int64_t)sqlite3_column_int64(q, 1), tie);
	default:
		return xasprintf("%s%s:r%.17g:%" PRId64, down, name,
		    sqlite3_column_double(q, 1), tie);
	}
}

/* By id: all rows are of the part without a key. */
static char *
sql_by_id(const struct cursor *c, const struct filter_plan *p, int64_t limit)
{
	return xasprintf("SELECT %s, NULL, %s%s%s%s%s%s ORDER BY %s%s LIMIT "
			 "%" PRId64,
	    p->id, p->id, p->from, p->where, c->given ? " AND " : "",
	    c->given ? p->id : "",
	    !c->given     ? ""
		: c->down ? " < @tie"
			  : " > @tie",
	    p->id, c->down ? " DESC" : "", limit);
}

/* Are all rows of this part in the index of low keys? */
static bool
is_low(const struct cursor *c)
{
	return c->part == PART_LOW ||
	    (c->part == PART_SAME && c->sort->low && c->real &&
		c->value < c->sort->limit);
}

/* Or were those of it, and are none of this part? */
static bool
is_not_low(const struct cursor *c)
{
	return c->part == PART_REST && c->sort->low && !c->down;
}

/* The rows of one part, in order. */
static char *
sql_by_key(const struct cursor *c, const struct filter_plan *p, int64_t limit)
{
	const char *key = c->sort->key, *tie = c->sort->tie;
	const char *by = c->down ? "<" : ">", *desc = c->down ? " DESC" : "";
	bool many = c->part == PART_LOW || c->part == PART_REST;
	char *where CLEANUP(freep) = NULL;

	if (c->part == PART_SAME)
		where = xasprintf("%s = @key AND %s %s @tie", key, tie, by);
	else if (c->part != PART_NULL && c->given)
		where = xasprintf("%s %s @key", key, by);
	else
		where = xasprintf("%s IS %sNULL%s%s%s%s", key,
		    c->part == PART_NULL ? "" : "NOT ", c->given ? " AND " : "",
		    c->given ? tie : "", c->given ? by : "",
		    c->given ? " @tie" : "");
	return xasprintf("SELECT s.id, %s, %s%s%s AND %s%s%s ORDER BY %s%s%s"
			 "%s%s LIMIT %" PRId64,
	    key, tie, p->from, p->where, where,
	    is_low(c)           ? " AND "
		: is_not_low(c) ? " AND NOT "
				: "",
	    is_low(c) || is_not_low(c) ? c->sort->low : "", many ? key : "",
	    many ? desc : "", many ? ", " : "", tie, desc, limit);
}

static int
plan_part(struct store *s, const struct filter *f, const struct cursor *c,
    int64_t limit, char **ret_sql, struct err *e)
{
	bool scan = c->part == PART_NULL && c->sort->quality;
	struct filter_wants w = {
		.sample = c->sort->key != NULL,
		.blob = c->sort->blob,
		.quality = c->sort->quality,
		.otherwise = scan ? "sample s"
		    : is_low(c)   ? c->sort->low_from
				  : c->sort->from,
		.otherwise_blob = c->sort->blob,
		.otherwise_quality = !scan && c->sort->quality,
	};
	struct filter_plan p CLEANUP(filter_plan_release) = { 0 };

	if (filter_plan(s, f, &w, &p, e) < 0)
		return -1;
	if (p.many)
		limit = -1;
	*ret_sql = c->sort->key == NULL ? sql_by_id(c, &p, limit)
					: sql_by_key(c, &p, limit);
	return 0;
}

/* Parts that have no rows are not asked for any. */
static bool
is_empty(const struct cursor *c)
{
	if (c->sort->key == NULL)
		return c->part != PART_NULL;
	if (c->part == PART_NULL)
		return c->sort->blob;
	if (c->part == PART_LOW)
		return c->sort->low == NULL || c->down;
	return c->part == PART_SAME && !c->given;
}

static sqlite3_stmt *
prepare_part(struct store *s, const struct filter *f, const struct cursor *c,
    int64_t limit, struct err *e)
{
	char *sql CLEANUP(freep) = NULL;
	sqlite3_stmt *q;
	int at;

	if (plan_part(s, f, c, limit, &sql, e) < 0 ||
	    (q = filter_prepare(s, sql, f, e)) == NULL)
		return NULL;
	at = sqlite3_bind_parameter_index(q, "@tie");
	if (at > 0)
		sqlite3_bind_int64(q, at, c->tie);
	at = sqlite3_bind_parameter_index(q, "@key");
	if (at > 0 && c->real)
		sqlite3_bind_double(q, at, c->value);
	else if (at > 0)
		sqlite3_bind_int64(q, at, c->number);
	return q;
}

struct page {
	int64_t left, last; /* rows to come, -1: all; the last one's id */
	sample_id_fn *each;
	void *ctx;
	char *place, *next;
};

/* 1 when the page is full and there is more. */
static int
read_part(struct store *s, const struct cursor *c, sqlite3_stmt *q,
    struct page *p, struct err *e)
{
	int64_t id;
	int rc;

	while ((rc = sql_step(s, q, e)) == 1) {
		id = sqlite3_column_int64(q, 0);
		if (id == p->last)
			continue;
		if (p->left == 0) {
			p->next = TAKE(p->place);
			return 1;
		}
		if (p->each(p->ctx, id, e) < 0)
			return -1;
		p->last = id;
		p->left -= p->left > 0;
		if (p->left == 0)
			p->place = cursor_text(c, q);
	}
	return rc;
}

int
sample_ids(struct store *s, const struct filter *f,
    const struct list_order *order, sample_id_fn *each, void *ctx,
    char **ret_next, struct err *e)
{
	struct page p = { .left = order->limit > 0 ? order->limit : -1,
		.each = each,
		.ctx = ctx };
	struct cursor c = { 0 };
	int rc = 0;

	if (find_sort(&c, order->sort, e) < 0 ||
	    read_cursor(&c, order->after, e) < 0)
		return -1;
	for (; rc == 0 && c.part != PART_END; c.part++) {
		sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;

		if (is_empty(&c))
			continue;
		/* One more tells whether there is more. */
		q = prepare_part(s, f, &c, p.left < 0 ? -1 : p.left + 1, e);
		rc = q == NULL ? -1 : read_part(s, &c, q, &p, e);
		/* Those without a key begin behind a cursor without one. */
		if (c.part == PART_REST)
			c.given = false;
	}
	free(p.place);
	if (ret_next != NULL)
		*ret_next = TAKE(p.next);
	free(p.next);
	return rc < 0 ? -1 : 0;
}

/* The part that most rows are in. */
static int
explain_page(struct store *s, const struct filter *f,
    const struct list_order *order, char **ret_sql, struct err *e)
{
	struct cursor c = { 0 };

	if (find_sort(&c, order->sort, e) < 0 ||
	    read_cursor(&c, order->after, e) < 0)
		return -1;
	while (is_empty(&c))
		c.part++;
	return plan_part(
	    s, f, &c, order->limit > 0 ? order->limit : -1, ret_sql, e);
}

int
filter_explain(struct store *s, const struct filter *f,
    const struct list_order *order, char **ret, struct err *e)
{
	char *sql CLEANUP(freep) = NULL, *plan CLEANUP(freep) = NULL;

	if ((order == NULL ? count_sql(s, f, &sql, e)
			   : explain_page(s, f, order, &sql, e)) < 0 ||
	    sql_explain(s, sql, &plan, e) < 0)
		return -1;
	*ret = xasprintf("%s\n%s", sql, plan);
	return 0;
}
