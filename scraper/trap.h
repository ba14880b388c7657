/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trap: where a crawl of one source would never end.
 *
 * Some addresses tell by their shape (too deep, repeating, a calendar of the
 * years to come); others only by what came before: many queries of one path,
 * a section whose pages have no new pictures, a host that takes up all.  What
 * is remembered is of one run and has caps; when one is reached, nothing more
 * is found suspicious by it.
 */
#ifndef SCRAPER_TRAP_H
#define SCRAPER_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

#define TRAP_SEGMENTS_MAX 20    /* of a path */
#define TRAP_REPEATS_MAX 2      /* times that a segment may come again */
#define TRAP_ARGUMENTS_MAX 8    /* of a query */
#define TRAP_QUERIES_MAX 64     /* of one path, with two arguments or more */
#define TRAP_PLAIN_QUERIES 1000 /* with one argument */
/*
 * Pages in a row without a new picture, until a section (the first two
 * folders of a path) is given up, and all of the first folder, and all of a
 * host.
 */
#define TRAP_STALE_PAGES 50
#define TRAP_STALE_FOLDER 200
#define TRAP_STALE_HOST 1000

enum trap_rule {
	TRAP_NONE,
	TRAP_DEEP,      /* too many segments */
	TRAP_REPEATS,   /* a segment comes again and again */
	TRAP_ARGUMENTS, /* too many arguments */
	TRAP_CALENDAR,  /* a date more than a year ahead */
	TRAP_QUERIES,   /* too many queries of one path */
	TRAP_STALE,     /* its section had nothing new for too long */
	TRAP_HOST,      /* the host has had its share */
	TRAP_SITEMAPS,  /* sitemaps that lead to sitemaps, too deep */
	TRAP_RULES,
};

/* What the rule says, for people. */
const char *trap_text(enum trap_rule);

/*
 * A document's address without what only tells visits apart (session ids,
 * utm_source and the like), of one of url_resolve().  The caller frees.
 */
char *trap_clean(const char *url);

/* By its shape alone; now: s since 1970. */
enum trap_rule trap_shape(const char *url, int64_t now);

struct trap;
struct trap *trap_new(void);
void trap_free(struct trap *);
DEFINE_CLEANUP(struct trap, trap_free)

/*
 * May this document be wanted?  If so, it is counted, once.  host_pages: the
 * share of a host; 0: no end.  is_next: it carries another on, so it may be
 * one of many queries.
 */
enum trap_rule trap_admit(struct trap *, const char *url, int64_t now,
    int64_t host_pages, bool is_next);

/* Has the section of this document been given up? */
bool trap_is_stale(const struct trap *, const char *url);

/* Is this address of a picture new in this run? */
bool trap_new_image(struct trap *, const char *url);
/* A document was read; had it new pictures? */
void trap_read(struct trap *, const char *url, bool any_new);

/* The section of a URL: its host and first two folders.  The caller frees. */
char *trap_section(const char *url);
/* Is this the first time that the rule is to be told of the section? */
bool trap_tell(struct trap *, enum trap_rule, const char *url);

#endif
