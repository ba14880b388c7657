/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_int: a filter as SQL, for the queries over samples s and blobs b.
 *
 * A filter is two things: a WHERE clause that is right after any FROM, and
 * for most terms a driver: an index from which a query can begin.
 */
#ifndef STORE_FILTER_INT_H
#define STORE_FILTER_INT_H

#include "base/buf.h"
#include "store/filter.h"
#include "store/score_sql.h"
#include "store/store_int.h"

#define FILTER_TERMS_MAX 64
#define FILTER_KEYS_MAX 64

enum value_type {
	VALUE_TEXT,
	VALUE_CLASS,  /* a name, bound as its id; "none" as NULL */
	VALUE_SOURCE, /* a name, bound as its id */
	VALUE_TAG,    /* a name, bound as its id */
	VALUE_NUMBER,
	VALUE_REAL,
	VALUE_DATE, /* a day, bound as where it begins and ends */
	VALUE_YES,  /* yes or no */
	VALUE_HEX,  /* digits of a SHA-256, bound as the first and the last */
	VALUE_ISSUE,
};

/*
 * Where a query can begin: a table or an index, the condition on it (as open,
 * operator, parameter, close; or, with open only, as it is) and how it names
 * the sample.  NULL from: nowhere.
 */
struct filter_driver {
	const char *from, *open, *close, *id;
	bool sample; /* `from` is sample s itself */
	bool many;   /* it may name a sample more than once */
	double most; /* of a score: the value has to be below; 0: any */
};

struct filter_key {
	const char *name;
	enum value_type type;
	/* The WHERE clause, up to where the comparison goes, and its end. */
	const char *open, *close;
	bool blob; /* it is about b */
	struct filter_driver driver;
};

struct filter_value {
	enum value_type type;
	char *text;
	int64_t number, end;
	double real;
	unsigned char low[SHA256_SIZE], high[SHA256_SIZE];
};

struct filter_term {
	const struct filter_key *key;
	bool negated;
	char op[3];
	int first, n;   /* of its values */
	size_t at, len; /* its " AND ..." in sql */
};

struct filter {
	struct buf sql;
	struct filter_value v[FILTER_TERMS_MAX];
	struct filter_term terms[FILTER_TERMS_MAX];
	int n, n_terms;
};

/* filter_keys.c: all of them, ending with a NULL name; by name, or NULL. */
extern const struct filter_key filter_keys[];
const struct filter_key *filter_key(const char *name);
/* How a key is compared with value v, number i, from `open` to `close`. */
int filter_compare(struct buf *, const struct filter_key *, const char *op,
    const struct filter_value *v, int i, const char *open, const char *close);

/* " AND ..." for the end of a WHERE clause, with parameters @v0, @v1 ... */
const char *filter_sql(const struct filter *);
int filter_bind(
    struct store *, sqlite3_stmt *, const struct filter *, struct err *);

#endif
