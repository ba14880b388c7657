/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt: option tables.
 *
 * Each room declares its options once, as a const table beside the struct
 * that holds their values; the type is taken from the field, so the two
 * cannot disagree.  The loader of griddle.conf, `griddle config`, --set and
 * the documentation all read the same table.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct strlist {
	char **v;
	size_t n;
};

enum opt_type {
	OPT_BOOL,   /* bool: true, false, yes, no, on, off */
	OPT_INT,    /* int64_t; .unit "bytes": 20M; .unit "s": 15m, 20h */
	OPT_REAL,   /* double */
	OPT_STRING, /* char *, owned; NULL when not set */
	OPT_LIST,   /* struct strlist, owned: { a, b } */
};

struct opt {
	const char *name;
	size_t offset;
	enum opt_type type;
	const char *def;            /* as one would write it; NULL: not set */
	double min, max;            /* of numbers, or INFINITY; both 0: none */
	const char *const *choices; /* of strings, NULL-terminated; or NULL */
	const char *unit;           /* of numbers, for people; or NULL */
	const char *text;           /* one line of help */
};

/* clang-format off */
#define OPT_FIELD(type_, field)                 \
	.offset = offsetof(type_, field),       \
	.type = _Generic(((type_ *)0)->field,   \
	    bool: OPT_BOOL,                     \
	    int64_t: OPT_INT,                   \
	    double: OPT_REAL,                   \
	    char *: OPT_STRING,                 \
	    struct strlist: OPT_LIST)
/* clang-format on */

struct opt_group {
	const char *name;       /* the section; "" for the top of the file */
	const char *text;       /* one line on what it is about */
	const struct opt *opts; /* ends with an entry without a name */
	size_t size;            /* of the struct that holds the values */
	bool titled;            /* `name "title" { ... }`, any number of them */
};

/* A new struct of the group's with every default set; opt_free() ends it. */
void *opt_new(const struct opt_group *);
void opt_free(const struct opt_group *, void *values);

const struct opt *opt_find(const struct opt_group *, const char *name);

/*
 * Set one option from its text; an empty string is none (NULL).  A list takes
 * its elements one call each, after opt_clear().  ERR_USAGE says what would
 * have been right (`delay: "x" is not a number of seconds (0 to 3600)`), and
 * the value stays as it was.
 */
int opt_set(const struct opt *, void *values, const char *text, struct err *);
/* Free what it holds and make it 0, NULL or the empty list. */
void opt_clear(const struct opt *, void *values);

/* The value as one would write it in griddle.conf; the caller frees. */
char *opt_show(const struct opt *, const void *values);

/* The name among the group's that `name` may have meant; or NULL. */
const char *opt_suggest(const struct opt_group *, const char *name);

void strlist_add(struct strlist *, const char *);
void strlist_release(struct strlist *);
bool strlist_has(const struct strlist *, const char *);

#endif
