/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots_int: what the reader of a robots.txt leaves for those who ask.
 */
#ifndef SCRAPER_ROBOTS_INT_H
#define SCRAPER_ROBOTS_INT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/opt.h"
#include "scraper/robots.h"

enum rule_kind { RULE_ALLOW, RULE_DISALLOW, RULE_OPT_OUT };

struct rule {
	uint32_t at, len; /* the pattern, normalised, in rules.patterns */
	uint8_t kind;     /* enum rule_kind */
	bool anchored;    /* it ended in `$`, which is left out */
};

struct rules {
	struct buf patterns; /* of all rules, one behind the other */
	struct rule *v;      /* in the end: the longest first, of those
				that allow before that forbid */
	size_t n, size;
	double delay; /* < 0: none */
	bool named;   /* there was such a group */
};

struct robots {
	struct rules rules;
	struct strlist sitemaps;
	bool unreachable;
};

/* Read all of it into r, which is zero. */
void robots_read(
    struct robots *r, const char *text, size_t len, const char *token);
void rules_release(struct rules *);

/*
 * Append a path, or a pattern, in the one form in which they are compared
 * (2.2.2): what is not ASCII is encoded, unreserved characters are not,
 * digits of %XX are upper-case.  A `*` or `$` that means itself comes out
 * as %2A and %24, wherever it stood.  True when a pattern ended in `$`.
 */
bool robots_normalise(struct buf *, const char *, bool pattern);

#endif
