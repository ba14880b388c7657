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
#include "store/store_int.h"

#define FILTER_TERMS_MAX 64
#define FILTER_KEYS_MAX 64

/*
 * Below which score an index has its few images; literals, since SQLite
 * takes an index only for what it can prove.  As in schema.sql.
 */
#define SCORE_LIMITS(LIMIT) \
	LIMIT(dark, 0.5) \
	LIMIT(light, 0.5) \
	LIMIT(odd_aspect, 0.5) \
	LIMIT(low_information, 0.5) \
	LIMIT(blurry, 0.5) \
	LIMIT(grayscale, 0.6) \
	LIMIT(blocky, 0.6) \
	LIMIT(bordered, 0.95) \
	LIMIT(texty, 0.6) \
	LIMIT(uniform, 0.5) \
	LIMIT(placeholder, 0.6)

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
	bool not ;
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
