/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_int: a filter as SQL, for the queries over samples s and blobs b.
 */
#ifndef STORE_FILTER_INT_H
#define STORE_FILTER_INT_H

#include "store/filter.h"
#include "store/store_int.h"

/* A score of sample s. */
#define SCORE_SQL(id) \
	"(SELECT q." #id " FROM quality q WHERE q.sample_id = s.id)"
/* 1 in the middle of what is usual, 0.5 at its ends. */
#define SCORE_SQL_ODD_SIZE \
	"(SELECT max(0.0, 1 - abs(sqrt(s.width * s.height)" \
	" - (n.low + n.high) / 2) / max(n.high - n.low, 1)) FROM size_fence n)"

/*
 * A table whose column `value` is the name of each issue of sample s, or
 * NULL where it has not that one; the thresholds are the parameters of those
 * names.
 */
#define ISSUE_SQL(id) "iif(q." #id " < @" #id ", '" #id "', NULL), "
#define SCORE_ISSUES \
	"json_each((SELECT json_array(" STORE_SCORES( \
	    ISSUE_SQL) "iif(" SCORE_SQL_ODD_SIZE \
		       " < @odd_size, 'odd_size', NULL))" \
		       " FROM quality q WHERE q.sample_id = s.id))"

/* " AND ..." for the end of a WHERE clause, with parameters @v0, @v1 ... */
const char *filter_sql(const struct filter *);
int filter_bind(
    struct store *, sqlite3_stmt *, const struct filter *, struct err *);

#endif
