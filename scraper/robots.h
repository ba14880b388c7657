/* SPDX-License-Identifier: Apache-2.0 */
/*
 * robots: the Robots Exclusion Protocol (RFC 9309), as pure functions.
 *
 * All groups that name us are merged; without one, all groups for `*`.  The
 * rule with the longest pattern decides, and of equally long ones the one
 * that allows.  A pattern's length is counted after its normalisation
 * (2.2.2), with its `*` and `$`.  Stricter than the letter where crawlers
 * agree: a 429 counts as unreachable.
 *
 * Beside the RFC: Crawl-delay, Sitemap, and the lines that say what content
 * may be used for (Content-Usage of draft-ietf-aipref-attach, Cloudflare's
 * Content-Signal).  Like any other record they do not end a group (2.2.4).
 */
#ifndef SCRAPER_ROBOTS_H
#define SCRAPER_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

#define ROBOTS_TOKEN "griddle" /* our product token */
/*
 * Bytes that are read of a file (the RFC asks for 500 KiB); where a file has
 * so many, the line that they end in does not count.
 */
#define ROBOTS_MAX ((size_t)512 << 10)
#define ROBOTS_SITEMAPS_MAX 1000

struct robots;

/* Rules of a file for a product token; it need not be valid anything. */
struct robots *robots_parse(const void *text, size_t len, const char *token);

/*
 * Rules that follow from the answer to a request for robots.txt: those of
 * the body for 2xx, none for other 4xx, and for the rest, which is how
 * status 0 (no answer) is to be given too, that nothing may be asked.
 */
struct robots *robots_of_answer(
    long status, const void *text, size_t len, const char *token);
void robots_free(struct robots *);
DEFINE_CLEANUP(struct robots, robots_free)

/* Was there no telling, so that nothing may be asked? */
bool robots_unreachable(const struct robots *);

/*
 * May this be asked for?  target: "/path?query", as in a URL.  Takes at
 * most about as long as reading the target once for each rule.
 */
bool robots_allows(const struct robots *, const char *target);

/*
 * May what is there not be trained on?  By any line that matches: the most
 * restrictive counts, not the longest pattern.
 */
bool robots_opts_out(const struct robots *, const char *target);

/* Crawl-delay in seconds, not capped; 0 when none is given. */
double robots_crawl_delay(const struct robots *);

/*
 * The i-th Sitemap line as it stands, whichever group it is in, NULL behind
 * the last; borrowed.
 */
const char *robots_sitemap(const struct robots *, size_t i);

#endif
