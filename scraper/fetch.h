/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch: HTTP for a gatherer, politely and without trust.
 *
 * One thread, libcurl's multi interface and one epoll.  Requests wait here,
 * by host, until the name is resolved and robots.txt, the delay, the numbers
 * of transfers and what the host asked for let them go; libcurl only ever
 * holds what may run.  Redirects are followed by hand, each hop through the
 * same rules, from https to http too; a body that broke off is gone on with
 * (Range, If-Range) while this process has its beginning.
 * What may pass is tried again, with full-jitter back-off or as asked for.
 */
#ifndef SCRAPER_FETCH_H
#define SCRAPER_FETCH_H

#include <poll.h>

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
	FETCH_DOCUMENT, /* at most DOCUMENT_MAX bytes */
	FETCH_IMAGE,    /* at most max_bytes, and an image by its first bytes */
};

struct fetch_request {
	int64_t id; /* the caller's, as is data */
	void *data;
	enum fetch_want want;
	const char *url;
	const char *etag, *last_modified; /* of what is held; or NULL */
	int64_t after_ms;                 /* to wait first */
	bool is_api;                      /* robots.txt is not about it */
	/* "Bearer ..." or "Name: value", a form; for url's origin; or NULL. */
	const char *authorization, *post;
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
	struct robots_tag tag; /* by all headers that can opt out */
	const char *opt_out; /* what they said: "tdm-reservation: 1"; or NULL */
	int64_t retry_after_s; /* 0: not said */
	struct buf *body;      /* when FETCH_OK */
};
typedef int fetch_done_fn(void *ctx, struct fetch_result *, struct err *);

/* How many more requests are taken now, and how many are in hand. */
int fetch_room(const struct fetch *);
int fetch_busy(const struct fetch *);
/* Take one; the strings are copied. */
void fetch_add(struct fetch *, const struct fetch_request *);
/* Start no document until told otherwise: those who read them are behind. */
void fetch_hold(struct fetch *, bool);

/*
 * Start what may start, wait at most timeout_ms for something to happen
 * here or on the other descriptors (their revents are set), and hand over
 * what is finished.  Fails when `done` does, or what fetch_remember() set.
 */
int fetch_step(struct fetch *, struct pollfd *others, int n_others,
    int timeout_ms, fetch_done_fn *done, void *ctx, struct err *);

/* What runs know of "https://example.org"; times in s since 1970, 0: none. */
struct fetch_known {
	struct buf robots;  /* the last good answer, RFC 9309 2.3.1.1-3 */
	long robots_status; /* 0: never a good one */
	int64_t robots_at;
	int64_t paused_until; /* it asked for so much patience */
	int64_t failures;     /* in a row */
};
/*
 * Called in fetch_step() only.  load gives 1, 0 for unknown, or -1, and the
 * engine releases what it gave; save is given robots_at 0 when the three of
 * robots are as they were.
 */
struct fetch_memory {
	void *ctx;
	int (*load)(
	    void *, const char *origin, struct fetch_known *ret, struct err *);
	int (*save)(void *, const char *origin, const struct fetch_known *,
	    struct err *);
};
void fetch_remember(struct fetch *, const struct fetch_memory *);
struct fetch_stats {
	int64_t requests;        /* that went out, robots.txt and retries too */
	int64_t fetched, failed; /* requests, by how they ended */
	int64_t bytes;           /* of bodies that came in */
	int64_t p50_ms, p95_ms;  /* of those answered, within 25 %; -1: none */
};
struct fetch_stats fetch_stats(const struct fetch *);
/* Of each host that was asked; those beyond 100,000 together as "". */
typedef int fetch_host_fn(
    void *ctx, const char *origin, const struct fetch_stats *, struct err *);
int fetch_each_host(
    const struct fetch *, fetch_host_fn *, void *ctx, struct err *);

struct fetch_state {
	int transfers, hosts_waiting, hosts_backing_off;
	int64_t names, names_failed; /* looked up so far */
};
struct fetch_state fetch_state(const struct fetch *);
#endif
