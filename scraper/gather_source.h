/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_source: sources at work.
 */
#ifndef SCRAPER_GATHER_SOURCE_H
#define SCRAPER_GATHER_SOURCE_H

#include "scraper/scraper.h"
#include "store/frontier.h"

struct gather;

/* A source at work. */
struct origin {
	const char *name;
	const struct source_opts *opts;
	struct frontier_source frontier;
	struct api *api; /* of what asks one; or NULL */
	char *seed;      /* its first document; NULL for what is local */
	char *path;      /* of a folder, archive or local list, absolute */
	int64_t cursor;  /* id of the document that was taken last */
	int in_hand;     /* documents asked for or being read */
	int64_t *left;   /* ids of those that are left to the next run */
	size_t n_left;
	struct trap *trap; /* of what follows links; or NULL */
	int64_t taken;     /* new URLs of images in this run */
	bool working, finished;
};

/* Find what is due among the sources, and plant seeds. */
int sources_begin(struct gather *, struct err *);
void sources_free(struct gather *);
/* The next document of any source: 1, 0 or -1. */
int sources_next(struct gather *, struct origin **ret,
    struct frontier_document *, struct err *);
/* A document is left to the next run. */
void source_leave(struct origin *, int64_t document_id);
/* Is this a document that the source may go to? */
bool source_in_scope(const struct origin *, const char *url);

#endif
