/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch: HTTP for a gatherer, politely and without trust.
 *
 * One thread, libcurl's multi interface.  Requests wait here, by host, until
 * robots.txt, the delay and the number of transfers let them go; libcurl
 * only ever holds what may run.  Redirects are followed by hand, each hop
 * through the same rules.  What may pass is tried again, with full-jitter
 * back-off or as Retry-After says.
 */
#ifndef SCRAPER_FETCH_H
#define SCRAPER_FETCH_H

#include <poll.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scraper/outcome.h"
#include "scraper/robots_tag.h"
#include "scraper/scraper.h"

struct fetch;

/* contact may be NULL: then no public address is asked.  opts is borrowed. */
int fetch_new(const struct scraper_opts *, const char *version,
    const char *contact, struct fetch **ret, struct err *);
/* Requests in hand are dropped without being done. */
void fetch_free(struct fetch *);
DEFINE_CLEANUP(struct fetch, fetch_free)

enum fetch_want {
	FETCH_DOCUMENT, /* at most DOCUMENT_MAX bytes, of any kind */
	FETCH_IMAGE,    /* at most max_bytes, and an image by its first bytes */
};

struct fetch_request {
	int64_t id; /* the caller's, as is data */
	void *data;
	enum fetch_want want;
	const char *url;
	const char *etag, *last_modified; /* of what is held; or NULL */
	int64_t after_ms;                 /* to wait first */
};

/* Valid during the call; `body` may be moved away. */
struct fetch_result {
	int64_t id;
	void *data;
	enum fetch_want want;
	enum outcome outcome;
	long status; /* 0: there was no answer */
	const char *url, *final_url;
	const char *etag, *last_modified, *charset; /* or NULL */
	struct robots_tag tag;                      /* of X-Robots-Tag */
	int64_t retry_after_s;                      /* 0: not said */
	struct buf *body;                           /* when FETCH_OK */
};
typedef int fetch_done_fn(void *ctx, struct fetch_result *, struct err *);

/* How many more requests are taken now. */
int fetch_room(const struct fetch *);
/* Take one; the strings are copied. */
void fetch_add(struct fetch *, const struct fetch_request *);
/* Requests in hand. */
int fetch_busy(const struct fetch *);

/*
 * Start what may start, wait at most timeout_ms for something to happen
 * here or on the other descriptors (their revents are set), and hand over
 * what is finished.  Fails when `done` does.
 */
int fetch_step(struct fetch *, struct pollfd *others, int n_others,
    int timeout_ms, fetch_done_fn *done, void *ctx, struct err *);

struct fetch_stats {
	int64_t requests; /* that went out, robots.txt and retries too */
	int64_t bytes;    /* of bodies that came in */
};
struct fetch_stats fetch_stats(const struct fetch *);

#endif
