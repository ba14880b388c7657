/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_why: why images would not be asked for, for a dry run.
 */
#ifndef SCRAPER_GATHER_WHY_H
#define SCRAPER_GATHER_WHY_H

#include <stddef.h>
#include <stdint.h>

#define WHY_EXAMPLES 3

struct gather_why {
	char *why;     /* "licence", "class_full", "not_due", a failure's ... */
	int64_t count; /* of images */
	int64_t due;   /* the first of them is due then; 0: never or at once */
	char *examples[WHY_EXAMPLES]; /* URLs, or the class */
	size_t n_examples;
};
typedef void gather_why_fn(void *ctx, const struct gather_why *);

/* What an API's first page has, taken or not (why: NULL, or the reason). */
struct found;
typedef void gather_found_fn(
    void *ctx, const struct found *, const char *label, const char *why);

struct gather_whys {
	struct gather_why *v;
	size_t n;
};
/* Count n more; example may be NULL. */
void whys_add(struct gather_whys *, const char *why, int64_t n, int64_t due,
    const char *example);
void whys_release(struct gather_whys *);

#endif
