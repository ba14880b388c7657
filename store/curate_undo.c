/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of steps, and taking them back.
 */
#include "store/curate_int.h"

#include <stdio.h>

int
op_list(struct store *s, int64_t limit,
    int (*each)(void *ctx, const struct op_row *, struct err *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_OP_LIST, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "i", limit == 0 ? (int64_t)-1 : limit) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct op_row row = {
			.id = sqlite3_column_int64(q, 0),
			.at = sqlite3_column_int64(q, 1),
			.actor = sql_text(q, 2),
			.verb = sql_text(q, 3),
			.note = sql_text(q, 4),
			.undoes = sqlite3_column_int64(q, 5),
			.undone_by = sqlite3_column_int64(q, 6),
			.images = sqlite3_column_int64(q, 7),
			.given = sql_text(q, 8),
			.classes = sql_text(q, 9),
		};

		if (each(ctx, &row, e) < 0)
			return -1;
	}
	return rc;
}

/* Which step is meant, and how often it was taken back and done again. */
static int
find_step(struct store *s, int64_t n, int64_t *ret_id, int64_t *ret_depth,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_OP_GET, e);
	int64_t by;
	int rc;

	if (q == NULL)
		return -1;
	if (n == 0) {
		rc = sql_int(s, Q_OP_NEWEST, &n, e, "");
		if (rc <= 0)
			return rc < 0
			    ? -1
			    : err_set(e, ERR_INPUT,
				  "there is no step to take back; a run of "
				  "dedup is taken back by its number in "
				  "griddle log");
	}
	if (sql_bind(s, q, e, "i", n) < 0 || (rc = sql_step(s, q, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_INPUT, "no step %lld", (long long)n);
	by = sqlite3_column_int64(q, 2);
	if (by != 0)
		return err_set(e, ERR_INPUT,
		    "step %lld is taken back already, by step %lld",
		    (long long)n, (long long)by);
	*ret_id = n;
	*ret_depth = sqlite3_column_int64(q, 1);
	return 0;
}

/* What was changed again since the step, and so is not picked. */
static int
note_kept(struct store *s, struct op_undone *u, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_UNDO_KEPT, e);
	sqlite3_stmt *c CLEANUP(sql_resetp) = sql_get(s, Q_UNDO_KEPT_CLASS, e);
	int rc;

	if (q == NULL || c == NULL || sql_bind(s, q, e, "i", u->step) < 0 ||
	    sql_bind(s, c, e, "i", u->step) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		if (u->kept < OP_KEPT_NAMES)
			snprintf(u->names[u->kept], SHA256_HEX, "%s",
			    sql_text(q, 0));
		u->kept++;
	}
	while (rc == 0 && (rc = sql_step(s, c, e)) == 1) {
		u->kept_classes++;
		rc = 0;
	}
	return rc;
}

int
op_undo(struct store *s, int64_t n, const struct op_ask *step,
    struct op_undone *ret, struct err *e)
{
	int64_t depth;

	*ret = (struct op_undone){ 0 };
	if (op_begin(s, e) < 0 || find_step(s, n, &ret->step, &depth, e) < 0 ||
	    sql_run(s, Q_UNDO_PICK, e, "i", ret->step) < 0 ||
	    sql_run(s, Q_UNDO_DROP_LOST, e, "") < 0 ||
	    sql_run(s, Q_UNDO_DROP_KEEPERS, e, "") < 0 ||
	    sql_run(s, Q_UNDO_PICK_CLASS, e, "i", ret->step) < 0 ||
	    note_kept(s, ret, e) < 0)
		return -1;
	return op_end(s, depth % 2 == 0 ? "undo" : "redo", ret->step, step,
	    &ret->done, e);
}
