/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may take part in a split, and why the others may not.
 */
#include <string.h>

#include "store/filter_int.h"
#include "store/snapshot_int.h"

void
candidates_release(struct candidates *all)
{
	size_t i;

	for (i = 0; i < all->n_classes; i++)
		free(all->names[i]);
	free(all->names);
	free(all->ids);
	free(all->v);
	free(all->groups);
	json_decref(all->report);
}

/* Samples that pass a filter, by id. */
struct passed {
	int64_t *v;
	size_t n;
};

static void
passed_release(struct passed *p)
{
	free(p->v);
}

static void
finalizep(sqlite3_stmt **q)
{
	sqlite3_finalize(*q);
}

static int
load_passed(
    struct store *s, const struct filter *f, struct passed *ret, struct err *e)
{
	char *sql CLEANUP(freep) =
	    xasprintf("SELECT s.id FROM sample s JOIN blob b ON b.id = "
		      "s.blob_id WHERE 1%s ORDER BY s.id",
		filter_sql(f));
	sqlite3_stmt *q CLEANUP(finalizep) = NULL;
	int rc;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK)
		return sql_err(s, e, "filter");
	if (filter_bind(s, q, f, e) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		if ((ret->n & (ret->n + 1)) == 0)
			ret->v = xreallocarray(
			    ret->v, 2 * ret->n + 1, sizeof(*ret->v));
		ret->v[ret->n++] = sqlite3_column_int64(q, 0);
	}
	return rc;
}

static int
by_number(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static bool
passes(const struct passed *p, const struct filter *f, int64_t id)
{
	return f == NULL ||
	    (p->n > 0 &&
		bsearch(&id, p->v, p->n, sizeof(*p->v), by_number) != NULL);
}

static size_t
class_place(const struct candidates *all, int64_t id)
{
	size_t i;

	for (i = 0; i < all->n_classes && all->ids[i] != id; i++)
		;
	return i;
}

static void
add(struct candidates *all, const struct candidate *c)
{
	if ((all->n & (all->n + 1)) == 0)
		all->v = xreallocarray(all->v, 2 * all->n + 1, sizeof(*all->v));
	all->v[all->n++] = *c;
}

/* Add n to the report's count of what was left out for a reason. */
static void
leave_out(struct candidates *all, const char *why, int64_t n)
{
	json_t *left = json_object_get(all->report, "left_out");
	json_t *old = json_object_get(left, why);

	if (n > 0)
		json_object_set_new(left, why,
		    json_integer((json_int_t)n + json_integer_value(old)));
}

/* Everything that can be no candidate, counted by reason. */
static int
count_others(struct store *s, struct candidates *all, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SPLIT_OTHERS, e);
	json_t *refused = json_object();
	int64_t n, total = 0;
	const char *why;
	int rc = -1;

	json_object_set_new(all->report, "refused", refused);
	while (q != NULL && (rc = sql_step(s, q, e)) == 1) {
		why = sql_text(q, 0);
		n = sqlite3_column_int64(q, 2);
		total += n;
		if (strcmp(why, "candidate") != 0)
			leave_out(all, why, n);
		if (sql_text(q, 1) != NULL)
			json_object_set_new(refused, sql_text(q, 1),
			    json_integer((json_int_t)n));
	}
	json_object_set_new(
	    all->report, "samples", json_integer((json_int_t)total));
	return rc;
}

int
candidates_load(struct store *s, const struct split_request *r,
    struct candidates *all, struct err *e)
{
	struct passed passed CLEANUP(passed_release) = { 0 };
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_SPLIT_CANDIDATES, e);
	struct candidate c = {
		.known = -1, .known_fold = -1, .part = -1, .fold = -1
	};
	int64_t strange = 0, filtered = 0;
	int rc;

	all->report = json_pack("{s:{}}", "left_out");
	if (q == NULL ||
	    class_names(s, &all->names, &all->ids, &all->n_classes, e) < 0 ||
	    count_others(s, all, e) < 0 ||
	    (r->filter != NULL && load_passed(s, r->filter, &passed, e) < 0))
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		c.id = sqlite3_column_int64(q, 0);
		sql_bytes(q, 1, c.sha256, SHA256_SIZE);
		c.class = class_place(all, sqlite3_column_int64(q, 2));
		c.component = sqlite3_column_int64(q, 3);
		if (r->classes != NULL && r->classes->n > 0 &&
		    !strlist_has(r->classes, all->names[c.class]))
			strange++;
		else if (!passes(&passed, r->filter, c.id))
			filtered++;
		else
			add(all, &c);
	}
	leave_out(all, "class_not_in_conf", strange);
	leave_out(all, "filter", filtered);
	return rc;
}
