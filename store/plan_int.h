/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_int: where a query over a filter begins.
 *
 * SQLite does not know how often a value occurs, so filter_plan() counts, in
 * indexes and up to a cap, what each term leaves, and has the query begin
 * with the fewest.
 */
#ifndef STORE_PLAN_INT_H
#define STORE_PLAN_INT_H

#include "store/filter_int.h"

/* The parts of a query that begins where the fewest are. */
struct filter_plan {
	char *from;     /* " FROM ... " */
	char *where;    /* " WHERE 1 AND ..." */
	const char *id; /* of the sample, in the order that `from` gives */
	bool many;      /* samples may come more than once */
	bool sample;    /* s is in it */
};
void filter_plan_release(struct filter_plan *);

/* What besides the filter the query is about. */
struct filter_wants {
	bool sample, blob, quality; /* s, b, q are to be in `from` */
	bool count;                 /* all are wanted, not the first */
	const char *otherwise; /* the FROM when no term leaves only a few */
	bool otherwise_blob, otherwise_quality; /* what that one has */
};

int filter_plan(struct store *, const struct filter *,
    const struct filter_wants *, struct filter_plan *ret, struct err *);

/* Prepare `sql` and bind the filter; NULL on error. */
sqlite3_stmt *filter_prepare(
    struct store *, const char *sql, const struct filter *, struct err *);

/* The plan of a query: EXPLAIN QUERY PLAN, a line each.  Caller frees. */
int sql_explain(struct store *, const char *sql, char **ret, struct err *);

/* count.c: the query of sample_count(); the caller frees it. */
int count_sql(struct store *, const struct filter *, char **ret, struct err *);

static inline void
sql_finalizep(sqlite3_stmt **q)
{
	sqlite3_finalize(*q);
}

#endif
