/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting samples.
 */
#include "store/plan_int.h"

#include <string.h>

/* In the order of an index, with `columns` of it: nothing is sorted. */
#define LABEL_PAIRS(columns) \
	"(SELECT decided_id, claimed_id" columns ", count(*) AS n" \
	" FROM sample INDEXED BY sample_counts WHERE stage <> 'forgotten'" \
	" GROUP BY decided_id, claimed_id" columns ")"

#define SUM_SQL(id) "sum(q." #id " < @" #id ") AS " #id ", "
#define SUM_ROW(id) "SELECT '" #id "' AS issue, " #id " AS n FROM t UNION ALL "
#define ISSUE_SUMS \
	"WITH t AS (SELECT " STORE_SCORES(SUM_SQL) "sum(" SCORE_SQL_ODD_SIZE \
						   " < @odd_size) AS odd_size"
#define ISSUE_ROWS \
	") SELECT issue, n FROM (" STORE_SCORES( \
	    SUM_ROW) "SELECT 'odd_size', odd_size FROM t) WHERE n > 0" \
		     " ORDER BY 2 DESC, 1"

#define JOIN_SIGHTINGS \
	" JOIN fetch f ON f.sample_id = s.id" \
	" JOIN sighting g ON g.url_id = f.url_id"

/*
 * What there is to count by: of all samples, from an index where there is
 * one; and of those that pass a filter, by what `value` is when `join` is
 * joined to them.
 */
struct grouping {
	const char *name, *all, *value, *join;
	bool quality;
};

#define BY_NUMBER " GROUP BY 1 ORDER BY 2 DESC, 1"

static const struct grouping groupings[] = {
	{ "label",
	    "SELECT coalesce((SELECT c.name FROM class c WHERE c.id ="
	    " coalesce(decided_id, claimed_id)), 'none'), sum(n)"
	    " FROM " LABEL_PAIRS("") BY_NUMBER,
	    "coalesce((SELECT c.name FROM class c WHERE c.id ="
	    " coalesce(s.decided_id, s.claimed_id)), 'none')",
	    "", false },
	{ "stage",
	    "SELECT stage, sum(n) FROM " LABEL_PAIRS(", stage") BY_NUMBER,
	    "s.stage", "", false },
	{ "reason",
	    "SELECT reason, count(*) FROM sample INDEXED BY sample_reason"
	    " WHERE reason IS NOT NULL" BY_NUMBER,
	    "s.reason", "", false },
	{ "format",
	    "SELECT coalesce(value, 'unknown'), n FROM (SELECT format AS value,"
	    " count(*) AS n FROM sample INDEXED BY sample_format"
	    " WHERE format IS NOT NULL OR stage <> 'forgotten'"
	    " GROUP BY format) ORDER BY 2 DESC, 1",
	    "coalesce(s.format, 'unknown')", "", false },
	{ "source",
	    "SELECT src.name, p.n FROM (SELECT source_id, count(*) AS n"
	    " FROM sample_source GROUP BY source_id) p"
	    " JOIN source src ON src.id = p.source_id ORDER BY 2 DESC, 1",
	    "(SELECT src.name FROM source src WHERE src.id = g.source_id)",
	    JOIN_SIGHTINGS, false },
	{ "licence", "SELECT licence, count(*) FROM sample_licence" BY_NUMBER,
	    "coalesce(g.licence, 'unknown')", JOIN_SIGHTINGS, false },
	{ "host",
	    "SELECT host, count(DISTINCT sample_id) FROM url"
	    " INDEXED BY url_host WHERE sample_id IS NOT NULL" BY_NUMBER,
	    "u.host", " JOIN url u ON u.sample_id = s.id", false },
	{ "issue", NULL, NULL, "", true },
};

int
count_sql(struct store *s, const struct filter *f, char **ret, struct err *e)
{
	const struct filter_wants w = { .count = true };
	struct filter_plan p CLEANUP(filter_plan_release) = { 0 };

	/* Without a WHERE clause SQLite need not look at each row. */
	if (f->n_terms == 0) {
		*ret = xstrdup("SELECT (SELECT count(*) FROM sample)"
			       " - (SELECT count(*) FROM sample"
			       " INDEXED BY sample_forgotten"
			       " WHERE stage = 'forgotten')");
		return 0;
	}
	if (filter_plan(s, f, &w, &p, e) < 0)
		return -1;
	*ret = p.many
	    ? xasprintf("SELECT count(DISTINCT %s)%s%s", p.id, p.from, p.where)
	    : xasprintf("SELECT count(*)%s%s", p.from, p.where);
	return 0;
}

int
sample_count(
    struct store *s, const struct filter *f, int64_t *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;
	char *sql CLEANUP(freep) = NULL;

	if (count_sql(s, f, &sql, e) < 0 ||
	    (q = filter_prepare(s, sql, f, e)) == NULL || sql_step(s, q, e) < 0)
		return -1;
	*ret_n = sqlite3_column_int64(q, 0);
	return 0;
}

/* The query of one grouping over those that pass. */
static int
grouping_sql(struct store *s, const struct filter *f, const struct grouping *g,
    char **ret, struct err *e)
{
	const struct filter_wants w = { .count = true, .sample = true };
	struct filter_plan p CLEANUP(filter_plan_release) = { 0 };

	if (f->n_terms == 0) {
		*ret = xstrdup(g->all);
		return 0;
	}
	if (filter_plan(s, f, &w, &p, e) < 0)
		return -1;
	if (g->quality)
		*ret = xasprintf(ISSUE_SUMS
		    " FROM (SELECT DISTINCT s.id%s%s) i"
		    " JOIN sample s ON s.id = i.id"
		    " JOIN quality q ON q.sample_id = s.id" ISSUE_ROWS,
		    p.from, p.where);
	else
		*ret = xasprintf("SELECT %s AS key, count(DISTINCT s.id)"
				 "%s%s%s AND key IS NOT NULL" BY_NUMBER,
		    g->value, p.from, g->join, p.where);
	return 0;
}

struct issue_count {
	const char *name;
	int64_t n;
};

static int
by_number(const void *va, const void *vb)
{
	const struct issue_count *a = va, *b = vb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Of all samples: one by one, since each issue has an index. */
static int
count_issues(struct store *s,
    int (*each)(void *ctx, const char *key, int64_t n), void *ctx,
    struct err *e)
{
	struct issue_count issues[SCORE_COUNT];
	int i;

	for (i = 0; i < SCORE_COUNT; i++) {
		char *term CLEANUP(freep) =
		    xasprintf("issue=%s", score_name((enum score)i));
		struct filter *f CLEANUP(filter_freep) = NULL;

		issues[i].name = score_name((enum score)i);
		if (filter_parse((const char *const *)&term, 1, &f, e) < 0 ||
		    sample_count(s, f, &issues[i].n, e) < 0)
			return -1;
	}
	qsort(issues, SCORE_COUNT, sizeof(*issues), by_number);
	for (i = 0; i < SCORE_COUNT && issues[i].n > 0; i++)
		if (each(ctx, issues[i].name, issues[i].n) < 0)
			return -1;
	return 0;
}

int
sample_count_by(struct store *s, const struct filter *f, const char *key,
    int (*each)(void *ctx, const char *key, int64_t n), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_finalizep) = NULL;
	char *sql CLEANUP(freep) = NULL;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(groupings); i++)
		if (strcmp(groupings[i].name, key) == 0)
			break;
	if (i == ARRAY_SIZE(groupings))
		return err_set(e, ERR_USAGE,
		    "cannot count by \"%s\": label, "
		    "stage, reason, format, source, licence, host or issue",
		    key);
	if (f->n_terms == 0 && groupings[i].all == NULL)
		return count_issues(s, each, ctx, e);
	if (grouping_sql(s, f, &groupings[i], &sql, e) < 0 ||
	    (q = filter_prepare(s, sql, f, e)) == NULL)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sqlite3_column_int64(q, 1)) < 0)
			return -1;
	return rc;
}
