/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_int: the parts of the stage.
 *
 *   gather.c         the loop, and its beginning and end
 *   gather_source.c  sources: seeds, what is next, when one is finished
 *   gather_doc.c     documents: asked for, read in children, taken in
 *   gather_lead.c    where documents lead, and traps
 *   gather_list.c    lists and WARC files of this machine, part by part
 *   gather_image.c   images: of which class next, and what came of them
 *   gather_queue.c   what waits of a class, host by host
 *   gather_hosts.c   what is known of hosts from run to run
 *   gather_folder.c  folders of this machine
 *   gather_archive.c archives
 */
#ifndef SCRAPER_GATHER_INT_H
#define SCRAPER_GATHER_INT_H

#include "base/proc.h"
#include "base/progress.h"
#include "scraper/doc.h"
#include "scraper/fetch.h"
#include "scraper/gather_source.h"
#include "scraper/gather_tell.h"
#include "scraper/scraper.h"
#include "store/frontier_images.h"

#define STAGE "gather"

struct page_job;         /* a document in hand: gather_doc.c */
struct lane;             /* images of one class: gather_image.c */
struct image_jobs;       /* in the engine: gather_image.c */
struct queue_hosts;      /* gather_queue.h */
struct class_state;      /* gather_image.c */
#define DOCUMENTS_MAX 32 /* in hand; each may hold DOCUMENT_MAX bytes */

struct gather {
	struct store *store;
	const struct gather_conf *conf;
	struct gather_stats *stats;
	struct fetch *fetch;
	struct proc_pool *pool;
	struct origin *origins;
	size_t n_origins;
	struct lane *lanes;
	size_t n_lanes;
	struct queue_hosts *hosts;
	struct image_jobs *image_jobs;
	struct class_state *classes;
	size_t n_classes;
	struct page_job *jobs[DOCUMENTS_MAX];  /* all; NULL where free */
	struct page_job *unread, **unread_end; /* waiting for a child */
	struct lists *lists;                   /* gather_list.h; or NULL */
	int documents;                         /* in hand, of all sources */
	int images;                            /* in hand */
	int64_t asked;                         /* images, against the limit */
	int64_t started;                       /* s since 1970 */
	struct progress progress;
	struct gather_whys failed_by, whys; /* the latter in a dry run */
	void *kept_robots;                  /* tsearch tree: gather_why.c */
};

/* Note that something could not be had. */
int gather_failed(struct gather *, const char *reason, const char *subject,
    const char *detail, bool refused, struct err *);
/* Is it one of the classes that griddle.conf names, if it names any? */
bool gather_takes_class(const struct gather *, const char *name);
/* Commit when it is time; never in a dry run. */
int gather_commit_if_due(struct gather *, struct err *);

/* ---- gather_doc.c ------------------------------------------------------- */
int documents_feed(struct gather *, struct err *);
int documents_fetched(struct gather *, struct fetch_result *, struct err *);
/* Hand what waits to children; take in what they have read. */
int documents_step(struct gather *, struct err *);
void documents_free(struct gather *);

/* Note a picture of a source, if it is wanted; *ret_id may become 0. */
int sight_image(struct gather *, struct origin *, const struct found *,
    int64_t *ret_id, struct err *);

/* ---- gather_image.c ----------------------------------------------------- */

/* Note classes and lanes that are new; wake all lanes. */
int lanes_refresh(struct gather *, struct err *);
int images_feed(struct gather *, struct err *);
int images_fetched(struct gather *, struct fetch_result *, struct err *);
void lanes_free(struct gather *);
/* Sum up what is left waiting. */
int images_count_waiting(struct gather *, struct err *);

/* ---- gather_hosts.c, gather_folder.c, gather_archive.c ------------------ */

/* Let the engine know what earlier runs learned; note how this one got on. */
void hosts_remember(struct gather *);
int hosts_count(struct gather *, struct err *);
int folder_gather(struct gather *, struct origin *, struct err *);
int archive_gather(struct gather *, struct origin *, struct err *);
/* Keep an image that is not fetched by HTTP; etag says when it is the same. */
int gather_hold(struct gather *, const struct buf *, int64_t url_id,
    const char *etag, struct err *);

#endif
