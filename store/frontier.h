/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frontier: what the gather stage knows of the world.
 *
 * A crawl starts from a source's seeds; documents lead to documents and
 * images; it is finished when none is left, and goes on when interrupted.
 * Changes stand in the store's open transaction (store_begin()).
 */
#ifndef STORE_FRONTIER_H
#define STORE_FRONTIER_H

#include "store/store.h"

struct frontier_source {
	int64_t id;
	int64_t crawl;    /* number of the crawl to work on */
	bool due;         /* there is something to do */
	bool resumed;     /* an interrupted crawl goes on: no new seeds */
	int64_t finished; /* when the last one was complete; 0: never */
};

/*
 * Find the source by its name, or note it; and say whether it is due: never
 * finished, interrupted, its section in griddle.conf changed (fingerprint),
 * `every` seconds gone since it finished, or `force`.  When due and not
 * resumed, a new crawl is opened.  What is forgotten is never due.
 */
int frontier_begin(struct store *, const char *name, const char *type,
    const char *fingerprint, int64_t every, bool force,
    struct frontier_source *ret, struct err *);
int frontier_finish(
    struct store *, const struct frontier_source *, struct err *);

/* ---- documents ------------------------------------------------------ */

struct frontier_document {
	int64_t id;
	char *url, *etag, *last_modified; /* the latter may be NULL */
	int64_t depth;                    /* links away from a seed */
};
void frontier_document_release(struct frontier_document *);

/* Want a document in this crawl; from_id 0 for a seed. */
int frontier_want(struct store *, const struct frontier_source *,
    const char *url, int64_t depth, int64_t from_id, struct err *);

/*
 * The next one that waits, after_id and later (0: the first); 1, or 0 when
 * there is none, or -1.
 */
int frontier_next_document(struct store *, const struct frontier_source *,
    int64_t after_id, struct frontier_document *ret, struct err *);

/* How many documents this crawl has come upon. */
int frontier_documents(struct store *, const struct frontier_source *,
    int64_t *ret_n, struct err *);

/* It was read, or failed for this crawl; validators may be NULL. */
int frontier_document_done(struct store *, int64_t document_id,
    const char *etag, const char *last_modified, struct err *);

/* It has not changed: want again what it led to. */
int frontier_document_same(struct store *, const struct frontier_source *,
    int64_t document_id, struct err *);

/* ---- images --------------------------------------------------------- */

struct sighting { /* all but url may be NULL */
	const char *url, *host, *page, *label, *title, *author, *licence,
	    *licence_url, *caption;
};

/*
 * Note that a source offers this URL; *ret_new says whether the URL is new.
 * Another class than before is believed.  ret_url_id may be NULL; it becomes
 * 0 when the URL or its host is forgotten (store/forget.h).
 */
int frontier_sight(struct store *, const struct frontier_source *,
    const struct sighting *, int64_t *ret_url_id, bool *ret_new, struct err *);

struct frontier_image {
	int64_t url_id;
	char *url, *host, *etag, *last_modified;
	int64_t tries;
};
void frontier_image_release(struct frontier_image *);

/*
 * The next image of a class (0: without one) that waits, was offered by this
 * source (0: any) and is due, after after_id; 1, 0 or -1.
 */
int frontier_next_image(struct store *, int64_t class, int64_t source_id,
    int64_t after_id, struct frontier_image *ret, struct err *);

/* How a class stands, for steering: usable images held, and URLs waiting. */
int frontier_class_state(struct store *, int64_t class, int64_t *ret_held,
    int64_t *ret_waiting, struct err *);

/*
 * The URL gave these bytes, which blob_put() named.  *ret_new says whether
 * they were not held before.
 */
int frontier_image_held(struct store *, int64_t url_id,
    const unsigned char sha256[SHA256_SIZE], int64_t bytes, int http_status,
    const char *etag, const char *last_modified, bool *ret_new, struct err *);

/*
 * It could not be had: for good (permanent), or to be tried again no sooner
 * than in retry_s seconds, which grows with the tries.
 */
int frontier_image_failed(struct store *, int64_t url_id, const char *reason,
    int http_status, bool permanent, int64_t retry_s, struct err *);

/*
 * For local files: is this URL held with the same validator (size and time)?
 */
int frontier_is_held(struct store *, const char *url, const char *etag,
    bool *ret_held, struct err *);

#endif
