/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pairs.h"

#include "store/curate_int.h"

/* ---- decisions --------------------------------------------------------- */

static int
named(struct store *s, const char *digits, int64_t rev, int64_t *ret_id,
    struct err *e)
{
	int64_t now;

	if (image_named(s, digits, ret_id, &now, e) < 0)
		return -1;
	return rev == 0 || rev == now ? 0
				      : rev_conflict(s, *ret_id, now, rev, e);
}

/* Can it be kept? */
static int
check_state(struct store *s, const char *digits, int64_t id, bool rejected,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_GROUP_STATE, e);

	if (q == NULL || sql_bind(s, q, e, "i", id) < 0 ||
	    sql_step(s, q, e) < 0)
		return -1;
	if (sqlite3_column_int(q, 0) == 0)
		return err_set(
		    e, ERR_INPUT, "image %.12s is not prepared", digits);
	if (!rejected && sqlite3_column_int(q, 1) != 0)
		return err_set(e, ERR_INPUT,
		    "image %.12s is rejected: griddle restore it first",
		    digits);
	return 0;
}

int
image_prepared(
    struct store *s, const char *digits, int64_t *ret_id, struct err *e)
{
	return named(s, digits, 0, ret_id, e) < 0
	    ? -1
	    : check_state(s, digits, *ret_id, true, e);
}

int
decide_keep(struct store *s, const char *image, const struct op_ask *step,
    struct op_done *ret, struct err *e)
{
	int64_t id;

	*ret = (struct op_done){ 0 };
	if (op_begin(s, e) < 0 || named(s, image, step->if_rev, &id, e) < 0 ||
	    check_state(s, image, id, false, e) < 0 ||
	    sql_run(s, Q_PICK_CHOSEN, e, "i", id) < 0)
		return -1;
	return op_end(s, "keep", 0, step, ret, e);
}

/* Bound as ?3: NULL takes back what was said. */
static int
pick_pairs(struct store *s, enum query id, int64_t a, int64_t b,
    const bool *same, struct err *e)
{
	return same == NULL ? sql_run(s, id, e, "ii0", a, b)
			    : sql_run(s, id, e, "iii", a, b, (int64_t)*same);
}

int
decide_pair(struct store *s, const char *a, const char *b, const bool *same,
    const struct op_ask *step, struct op_done *ret, struct err *e)
{
	const char *verb = same == NULL ? "unpair" : *same ? "dup" : "not-dup";
	int64_t id[2];

	*ret = (struct op_done){ 0 };
	if (op_begin(s, e) < 0 || named(s, a, step->if_rev, &id[0], e) < 0 ||
	    named(s, b, 0, &id[1], e) < 0)
		return -1;
	if (id[0] == id[1])
		return err_set(e, ERR_INPUT,
		    "%.12s and %.12s are one and the same image", a, b);
	if (pick_pairs(s, Q_PICK_PAIR, id[0], id[1], same, e) < 0 ||
	    (same != NULL &&
		pick_pairs(s, *same ? Q_PICK_PAIR_GROUPS : Q_PICK_PAIR_APART,
		    id[0], id[1], same, e) < 0))
		return -1;
	return op_end(s, verb, 0, step, ret, e);
}

int
pair_each(struct store *s,
    int (*each)(void *ctx, int64_t low, int64_t high, bool same, struct err *),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_PAIR_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sqlite3_column_int64(q, 0),
			sqlite3_column_int64(q, 1),
			sqlite3_column_int(q, 2) != 0, e) < 0)
			return -1;
	return rc;
}

int
pair_said(struct store *s, int64_t a, int64_t b, struct err *e)
{
	int64_t same = 0;
	int rc = sql_int(s, Q_PAIR_GET, &same, e, "ii", a, b);

	return rc == 1 ? same != 0 : rc == 0 ? -2 : -1;
}

/* ---- what dedup finds --------------------------------------------------- */

int
groups_begin(struct store *s, struct err *e)
{
	return op_begin(s, e);
}

int
groups_put(struct store *s, const struct group_place *p, bool was_grouped,
    struct err *e)
{
	if (p->keeper_id == p->id && !was_grouped)
		return sql_run(s, Q_GROUP_SELF, e, "i", p->id);
	return sql_run(s, Q_PICK_KEEPER, e, "iisii", p->id, p->keeper_id,
	    p->match, (int64_t)p->turn, (int64_t)p->distance);
}

int
groups_reject(struct store *s, int64_t id, struct err *e)
{
	return sql_run(s, Q_PICK_REJECTED, e, "i", id);
}

int
groups_end(struct store *s, const struct op_ask *step, struct op_done *ret,
    struct err *e)
{
	return op_end(s, "dedup", 0, step, ret, e);
}

/* ---- reading them ------------------------------------------------------- */

int
groups_each(struct store *s, bool newest, int64_t limit,
    int (*each)(void *ctx, int64_t keeper_id, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) =
	    sql_get(s, newest ? Q_GROUPS_NEWEST : Q_GROUPS_LARGEST, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "i", limit == 0 ? (int64_t)-1 : limit) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sqlite3_column_int64(q, 0), e) < 0)
			return -1;
	return rc;
}

int
group_rows(struct store *s, int64_t keeper_id,
    int (*each)(void *ctx, const struct group_row *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_GROUP_MEMBERS, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", keeper_id) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct group_row row = {
			.id = sqlite3_column_int64(q, 0),
			.sha256 = sql_text(q, 1),
			.distance = sqlite3_column_int(q, 2),
			.turn = sqlite3_column_int(q, 3),
			.match = sql_text(q, 4),
			.width = sqlite3_column_int(q, 5),
			.height = sqlite3_column_int(q, 6),
			.format = sql_text(q, 7),
			.bytes = sqlite3_column_int64(q, 8),
			.label = sql_text(q, 9),
			.rejected = sqlite3_column_int(q, 10) != 0,
			.chosen = sqlite3_column_int(q, 11) != 0,
			.source = sql_text(q, 12),
		};

		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}
