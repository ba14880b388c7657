/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_int: a filter as SQL, for the queries over samples s and blobs b.
 */
#ifndef STORE_FILTER_INT_H
#define STORE_FILTER_INT_H

#include "store/filter.h"
#include "store/store_int.h"

/* " AND ..." for the end of a WHERE clause, with parameters from ?1. */
const char *filter_sql(const struct filter *);
int filter_bind(
    struct store *, sqlite3_stmt *, const struct filter *, struct err *);

#endif
