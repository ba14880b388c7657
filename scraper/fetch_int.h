/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_int: the parts of the engine, besides fetch_host_int.h.
 *
 *   fetch.c          the loop's turn, and what becomes of a transfer
 *   fetch_loop.c     epoll for libcurl, the resolver and others
 *   fetch_slot.c     one transfer at a time in one reused easy handle
 *   fetch_answer.c   headers and bodies as they come
 *   fetch_outcome.c  what came of it
 *   fetch_part.c     going on with a body that broke off
 *   fetch_figures.c  counts and times
 */
#ifndef SCRAPER_FETCH_INT_H
#define SCRAPER_FETCH_INT_H

#include <curl/curl.h>

#include "scraper/fetch_host_int.h"
#include "scraper/fetch_rate.h"
#include "scraper/opt_out.h"

#define KEPT_CONNECTIONS 256           /* besides those at work */
#define BODIES_MAX ((size_t)256 << 20) /* bytes of bodies in the making */

struct slot {
	struct fetch *fetch;
	struct slot *next; /* among the free, or the paused */
	CURL *easy;
	struct curl_slist *headers, *resolve;
	struct task *task; /* NULL: free */
	struct host *host;
	struct place *place;
	struct buf body;
	size_t counted; /* of it, in fetch.held */
	size_t body_max, body_seen, header_bytes;
	long status;
	char *etag, *last_modified, *location, *charset, *range;
	struct opt_out opt_out;
	struct rate rate;
	bool too_large, not_image, bad_headers, enough, opted_out;
	bool asked_part, resumed; /* of a body in parts */
	bool refused_private, refused_contact;
	int sockets; /* that were opened */
};

/* What is watched of a descriptor, and what should be: CURL_POLL_*. */
struct watch {
	unsigned char known, wanted;
};

struct fetch {
	const struct scraper_opts *opts;
	struct cidr *allow;
	size_t n_allow;
	char *agent;
	bool has_contact, hold;
	struct fetch_memory memory;
	CURLM *multi;
	struct curl_slist *for_images; /* headers that most requests have */
	struct curl_slist *unresolve;  /* what libcurl shall forget */
	struct resolver *resolver;
	int epoll;
	struct watch *watches; /* by descriptor */
	size_t n_watches;
	int64_t now_ms, turn;
	int64_t timer_ms; /* when libcurl wants to be called; -1: not */
	struct slot **slots, *free_slots, *paused, *foremost;
	int n_slots, running, n_sockets;
	size_t held;          /* bytes of bodies */
	struct heap ready;    /* hosts */
	struct heap sleeping; /* tasks */
	void *hosts, *places; /* tsearch trees */
	size_t n_hosts;
	struct host_list idle, bare; /* bare: without robots */
	struct host *held_back;      /* by fetch_hold() */
	int n_waiting, n_backing_off;
	struct queue finished; /* without a transfer */
	int busy;
	struct figures total, others; /* others: of hosts forgotten */
};

/* ---- fetch_host.c, fetch_pick.c, fetch_note.c, fetch_robots.c ----------- */

/* Put it into its host's queue; in front when it has begun already. */
void host_enqueue(struct fetch *, struct task *, bool in_front);
void hosts_free(struct fetch *);
void hosts_release_hold(struct fetch *);
/* FETCH_OK when this may be connected to. */
enum outcome fetch_judge(const struct fetch *, const struct address *);
/* The next task that may start now: 1, 0 or -1; it counts as in flight. */
int host_pick(struct fetch *, struct task **, struct host **, struct place **,
    struct err *);
void host_leave(struct host *, struct place *);
int host_note(struct host *, const struct slot *, enum outcome, struct err *);
int host_set_robots(struct host *, const struct task *, enum outcome,
    long status, const struct buf *body, struct err *);

/* ---- the others: see above ---------------------------------------------- */
int loop_init(struct fetch *, struct err *);
void loop_release(struct fetch *);
int loop_wait(struct fetch *, struct pollfd *, int n, int ms, struct err *);
void loop_forget(struct fetch *, int fd);
int loop_run_timer(struct fetch *, struct err *);
struct slot *slot_get(struct fetch *, struct err *);
void slot_free(struct slot *);
int slot_start(
    struct slot *, struct task *, struct host *, struct place *, struct err *);
void slot_clear(struct slot *);
void slot_wake_paused(struct fetch *);
size_t slot_on_header(char *, size_t, size_t, void *);
size_t slot_on_body(char *, size_t, size_t, void *);
void slot_forget_headers(struct slot *);
enum outcome slot_outcome(struct slot *, CURLcode);
bool slot_is_redirect(const struct slot *, enum outcome);
void part_keep(struct slot *, enum outcome);
void part_ask(struct slot *);
void part_judge(struct slot *); /* once the headers are there */
void figures_add(struct slot *, enum outcome, bool counts);

#endif
