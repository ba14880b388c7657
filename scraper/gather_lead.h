/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_lead: where documents lead, and where that would never end.
 */
#ifndef SCRAPER_GATHER_LEAD_H
#define SCRAPER_GATHER_LEAD_H

#include "scraper/gather_int.h"

/*
 * Files that name pages are documents of great depth, so that they count for
 * none: what a sitemap lists has depth 1.
 */
#define DEPTH_ROBOTS 1000
#define DEPTH_INDEX 1001   /* of sitemaps, or a sitemap */
#define DEPTH_SITEMAP 1002 /* named by an index */

/* The name of the reader for a document; borrowed. */
char *lead_reader(const struct origin *, const struct frontier_document *);
/* Want what a document leads to. */
int lead_on(struct gather *, struct origin *,
    const struct frontier_document *from, const struct doc *, struct err *);
/* Is it of a section that was given up?  Then 1, and it is done with. */
int lead_skips(struct gather *, struct origin *,
    const struct frontier_document *, struct err *);

#endif
