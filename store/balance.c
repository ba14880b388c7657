/* SPDX-License-Identifier: Apache-2.0 */
#include "store/balance.h"

#include "store/filter_int.h"

#define IS_DUPLICATE "(s.keeper_id IS NOT NULL AND s.keeper_id <> s.id)"
#define IS_USABLE \
	"(s.stage = 'prepared' AND s.rejected = 0 AND s.keeper_id IS s.id)"
#define IS_WAITING \
	"(s.rejected = 0 AND (s.stage = 'fetched'" \
	" OR (s.stage = 'prepared' AND s.keeper_id IS NULL)))"
#define UNDER(id) " OR q." #id " < @" #id
#define ISSUES SCORE_SQL_ODD_SIZE " < @odd_size" STORE_SCORES(UNDER)
#define OF_QUALITY "FROM quality q WHERE q.sample_id = s.id"
#define HAS_ISSUE "EXISTS (SELECT 1 " OF_QUALITY " AND (" ISSUES "))"

#define BALANCE(issues) \
	"SELECT c.name, coalesce(c.retired, 0), count(s.id)," \
	" count(s.id) - count(s.decided_id), count(s.decided_id)," \
	" sum(s.rejected), sum(s.stage = 'refused')," \
	" sum(" IS_DUPLICATE "), sum(" IS_WAITING "), sum(" IS_USABLE \
	")," issues

#define OF_CLASSES \
	" FROM class c LEFT JOIN sample s ON s.label_id = c.id" \
	" AND s.stage <> 'forgotten' WHERE 1 GROUP BY c.id"
#define OF_NONE \
	" FROM sample s LEFT JOIN class c ON 0 WHERE s.label_id IS NULL" \
	" AND s.stage <> 'forgotten'"

static const char *const queries[] = {
	BALANCE(" 0") OF_CLASSES " UNION ALL " BALANCE(" 0") OF_NONE,
	BALANCE(" sum(" IS_USABLE " AND " HAS_ISSUE ")") OF_CLASSES
	" UNION ALL " BALANCE(" sum(" IS_USABLE " AND " HAS_ISSUE ")") OF_NONE,
};

static int
each_row(struct store *s, sqlite3_stmt *q,
    int (*each)(void *ctx, const struct class_balance *, struct err *),
    void *ctx, struct err *e)
{
	int rc;

	while ((rc = sql_step(s, q, e)) == 1) {
		struct class_balance b = {
			.name = sql_text(q, 0),
			.retired = sqlite3_column_int(q, 1) != 0,
			.images = sqlite3_column_int64(q, 2),
			.claimed = sqlite3_column_int64(q, 3),
			.decided = sqlite3_column_int64(q, 4),
			.rejected = sqlite3_column_int64(q, 5),
			.refused = sqlite3_column_int64(q, 6),
			.duplicates = sqlite3_column_int64(q, 7),
			.waiting = sqlite3_column_int64(q, 8),
			.usable = sqlite3_column_int64(q, 9),
			.issues = sqlite3_column_int64(q, 10),
		};

		if (each(ctx, &b, e) < 0)
			return -1;
	}
	return rc;
}

int
balance_each(struct store *s, bool count_issues,
    int (*each)(void *ctx, const struct class_balance *, struct err *),
    void *ctx, struct err *e)
{
	struct filter *all CLEANUP(filter_freep) = NULL;
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (filter_parse(NULL, 0, &all, e) < 0)
		return -1;
	if (sqlite3_prepare_v2(s->db, queries[count_issues], -1, &q, NULL) !=
	    SQLITE_OK)
		return sql_err(s, e, "balance");
	if (filter_bind(s, q, all, e) == 0)
		rc = each_row(s, q, each, ctx, e);
	sqlite3_finalize(q);
	return rc;
}

static int
each_json(struct store *s, enum query id, int64_t limit,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, id, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "i", limit == 0 ? (int64_t)-1 : limit) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), e) < 0)
			return -1;
	return rc;
}

int
conflict_claims(struct store *s, int64_t limit,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *e)
{
	return each_json(s, Q_CONFLICT_CLAIMS, limit, each, ctx, e);
}

int
conflict_groups(struct store *s, int64_t limit,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *e)
{
	return each_json(s, Q_CONFLICT_GROUPS, limit, each, ctx, e);
}
