/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_list: lists of this machine, of any length.
 *
 * One is read at a time, in parts (list_job.h), as long as a class of it
 * lacks images and has few that wait; where it stands is in the catalog
 * beside what was taken, so that a run that ends anywhere loses nothing.
 */
#ifndef SCRAPER_GATHER_LIST_H
#define SCRAPER_GATHER_LIST_H

#include "scraper/gather_int.h"

/* A document that is a local list; its texts become the lists'. */
int lists_add(
    struct gather *, struct origin *, struct frontier_document *, struct err *);
/* Ask for the next part, if more is wanted. */
int lists_feed(struct gather *, struct err *);
int lists_pollfds(const struct gather *, struct pollfd *, int max);
/* Take in what has come. */
int lists_step(struct gather *, struct err *);
void lists_free(struct gather *);

/* ---- gather_keep.c ------------------------------------------------------ */

/* Hold the bytes of a URL that was noted, unless they are forgotten. */
int image_keep(struct gather *, int64_t url_id, const char *url,
    const void *bytes, size_t len, struct err *);

/* ---- gather_need.c: what classes lack ----------------------------------- */

struct needs; /* of all classes that came up; forgotten to be counted anew */
struct need {
	char *label; /* "": images without one */
	int64_t lack, waiting, most;
};
void needs_forget(struct needs **);
/* label may be NULL. */
int need_of(struct gather *, struct needs **, const char *label,
    struct need **ret, struct err *);
/* It has so many that wait that no more are noted. */
bool need_is_full(const struct need *);
/* Is more wanted of a class of griddle.conf, or of any that came up? */
int needs_any(struct gather *, struct needs **, const char *label,
    bool unlabelled, bool *ret, struct err *);

#endif
