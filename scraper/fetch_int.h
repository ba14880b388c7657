/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_int: the parts of the engine.
 *
 *   fetch.c       the loop, and what becomes of a finished transfer
 *   fetch_host.c  hosts: queues, politeness, robots.txt
 *   fetch_slot.c  one transfer at a time in one reused easy handle
 */
#ifndef SCRAPER_FETCH_INT_H
#define SCRAPER_FETCH_INT_H

#include <curl/curl.h>

#include "scraper/address.h"
#include "scraper/fetch.h"
#include "scraper/robots.h"

/* One request on its way through hops and tries. */
struct task {
	struct task *next; /* in a queue */
	int64_t id;
	void *data;
	enum fetch_want want;
	struct host *robots_for; /* it asks for robots.txt of that host */
	char *asked, *url;       /* first and now */
	char *etag, *last_modified;
	struct strlist visited; /* URLs before this hop */
	int64_t tries;
	int64_t not_before_ms;
	enum outcome outcome; /* once it is finished without a transfer */
	int64_t retry_after_s;
};

struct queue {
	struct task *first, *last;
};

/* scheme://host:port, whose requests go one after the other. */
struct host {
	char *origin;
	struct queue queue;
	struct robots *robots; /* NULL: not known yet */
	bool asking;           /* for them */
	bool down;             /* nothing more is asked in this run */
	enum outcome down_as;
	int64_t down_retry_s;
	int in_flight, failures;
	int64_t started_ms; /* the last request; the delay counts from here */
	int64_t pause_ms;   /* no request starts before; by Retry-After */
	size_t place;       /* in fetch.waiting, when the queue is not empty */
};

struct slot {
	struct fetch *fetch;
	CURL *easy;
	struct curl_slist *headers;
	struct task *task; /* NULL: free */
	struct host *host;
	struct buf body;
	size_t body_max, body_seen, header_bytes;
	long status;
	char *etag, *last_modified, *location, *charset;
	struct robots_tag tag;
	bool too_large, not_image, bad_headers, enough, opted_out;
	bool refused_private, refused_contact;
	int sockets; /* that were opened */
};

struct fetch {
	const struct scraper_opts *opts;
	struct cidr *allow;
	size_t n_allow;
	char *agent;
	bool has_contact;
	CURLM *multi;
	struct slot *slots;
	int n_slots, running;
	void *hosts; /* tsearch tree by origin */
	size_t n_hosts;
	struct host **waiting; /* those with a queue */
	size_t n_waiting, waiting_size, turn;
	struct queue finished; /* without a transfer */
	int busy;
	struct fetch_stats stats;
};

/* ---- fetch_host.c ------------------------------------------------------- */

void queue_push(struct queue *, struct task *);
void task_free(struct task *);
/* Put it into its host's queue; in front when it has begun already. */
void host_enqueue(struct fetch *, struct task *, bool in_front);
/*
 * The next task that may start now, or NULL; then *wake_ms is lowered to
 * when one may.  Tasks that never may go to fetch.finished.
 */
struct task *host_pick(
    struct fetch *, int64_t now_ms, int64_t *wake_ms, struct host **ret);
/* robots.txt of a host has come, or will not. */
void host_set_robots(struct host *, const struct task *, enum outcome,
    long status, const struct buf *body);
/* Note how a try ended: too many failures in a row end the host's run. */
void host_note(struct host *, enum outcome, long status, int64_t retry_after_s,
    int64_t now_ms);
void hosts_free(struct fetch *);

/* ---- fetch_slot.c ------------------------------------------------------- */

int slot_init(struct fetch *, struct slot *, struct err *);
void slot_release(struct slot *);
/* Begin the task's transfer. */
int slot_start(struct slot *, struct task *, struct host *, struct err *);
/* The transfer is over: what came of it. */
enum outcome slot_outcome(struct slot *, CURLcode);
bool slot_is_redirect(const struct slot *, enum outcome);
int64_t slot_retry_after_s(const struct slot *);
/* Make it free for the next. */
void slot_clear(struct slot *);

#endif
