/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frontier_images: each URL of an image, once, and what became of it.
 *
 * What waits stands in two levels, by class and host, so that many hosts can
 * be asked at a time.  An image that is held is not asked for again.  Changes
 * stand in the store's open transaction.
 */
#ifndef STORE_FRONTIER_IMAGES_H
#define STORE_FRONTIER_IMAGES_H

#include "store/frontier.h"

struct sighting { /* texts but url may be NULL */
	const char *url, *host, *page, *label, *title, *author, *licence,
	    *licence_url, *caption;
	int64_t priority; /* of a new URL; higher goes first, 0 is usual */
};

/*
 * Note that a source offers this URL; *ret_new says whether the URL is new.
 * Another class than before is believed.  ret_url_id may be NULL; it becomes
 * 0 when the URL or its host is forgotten (store/forget.h).
 */
int frontier_sight(struct store *, const struct frontier_source *,
    const struct sighting *, int64_t *ret_url_id, bool *ret_new, struct err *);

/* ---- what waits --------------------------------------------------------- */

struct frontier_queue {
	int64_t class_id;  /* 0: those without one */
	int64_t source_id; /* that offered them; 0: any */
	int64_t now;       /* those that are due by then */
};

/*
 * The next host in the order of names that has URLs of this class waiting,
 * after another; 1 and *ret_host, which the caller frees, 0 or -1.  None need
 * be due.  The first is after "", which is the host of this machine's files.
 */
int frontier_next_host(struct store *, const struct frontier_queue *,
    const char *after, char **ret_host, struct err *);

/* Where one is in the queue of a host; FRONTIER_PLACE: before the first. */
struct frontier_place {
	int64_t priority, id;
	bool known; /* the priority */
};
#define FRONTIER_PLACE ((struct frontier_place){ .priority = INT64_MAX })

struct frontier_image { /* borrowed during the call */
	int64_t url_id, tries;
	const char *url;
};

/*
 * The next of a host, by priority and then the oldest first: at most `most`
 * of them, and *place moves on.  *ret_end: there are no more.
 */
int frontier_waiting(struct store *, const struct frontier_queue *,
    const char *host, int most, struct frontier_place *place,
    int (*each)(void *ctx, const struct frontier_image *), void *ctx,
    bool *ret_end, struct err *);

/* How many of a class are due. */
int frontier_count_waiting(
    struct store *, int64_t class, int64_t now, int64_t *ret, struct err *);
/* How many usable images a class has. */
int frontier_count_held(
    struct store *, int64_t class, int64_t *ret, struct err *);

/* Some that failed, by the same reason, and are not to be asked for now. */
struct frontier_kept {
	const char *reason, *example; /* a URL */
	int64_t count;
	int64_t due; /* of the first; 0: not asked for again */
};
int frontier_kept_back(struct store *, int64_t now,
    int (*each)(void *ctx, const struct frontier_kept *), void *ctx,
    struct err *);

/* ---- what came ---------------------------------------------------------- */

/* blob_put() of what a URL gave: kill -9 does not lose it, see blob_int.h. */
int blob_put_of(struct store *, int64_t url_id, const char *url,
    const void *data, size_t len, unsigned char ret_sha256[SHA256_SIZE],
    struct err *);

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

/* What its answer said of robots, whatever came of it. */
int frontier_image_opt_out(
    struct store *, int64_t url_id, const char *opt_out, struct err *);

/*
 * For local files: is this URL held with the same validator (size and time)?
 */
int frontier_is_held(struct store *, const char *url, const char *etag,
    bool *ret_held, struct err *);

#endif
