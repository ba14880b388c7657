/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_host_int: requests and the hosts whose turn they wait for.
 *
 *   fetch_host.c    hosts: made, found, forgotten; whose turn it is
 *   fetch_pick.c    what a host whose turn it is starts
 *   fetch_note.c    how tries end: patience, the circuit breaker
 *   fetch_robots.c  robots.txt, and what is known from earlier runs
 */
#ifndef SCRAPER_FETCH_HOST_INT_H
#define SCRAPER_FETCH_HOST_INT_H

#include "scraper/address.h"
#include "scraper/fetch.h"
#include "scraper/heap.h"
#include "scraper/resolve.h"
#include "scraper/robots.h"

/* The beginning of a body that broke off. */
struct part {
	struct fetch *fetch;
	struct buf body;
	size_t counted;  /* of it, in fetch.held */
	char *validator; /* for If-Range */
};

/* One request on its way through hops and tries. */
struct task {
	struct heap_item sleep; /* first; in fetch.sleeping */
	struct task *next;      /* in a queue */
	int64_t id, turn;
	void *data;
	enum fetch_want want;
	struct host *robots_for; /* it asks for robots.txt of that host */
	char *asked, *url;       /* first and now */
	char *etag, *last_modified;
	char *authorization, *post, *home; /* home: where they are for */
	bool is_api;
	struct strlist visited; /* URLs before this hop */
	int64_t tries, retry_after_s;
	struct part *part;
	enum outcome outcome; /* once it is finished without a transfer */
};

struct queue {
	struct task *first, *last;
};

/* A server's address: names that share one share a limit. */
struct place {
	struct address address;
	int in_flight;
	struct host *first, *last; /* that wait for others to end */
};

#define FIGURES_STEPS 64
struct figures {
	int64_t requests, fetched, failed, bytes;
	uint32_t answered[FIGURES_STEPS]; /* by time taken */
};

enum line { LINE_ROBOTS, LINE_DOCUMENTS, LINE_IMAGES, LINES };
struct host_list {
	struct host *oldest, *newest;
	size_t n;
};

/* scheme://host:port, whose requests go one after the other. */
struct host {
	struct heap_item due; /* first; in fetch.ready, while it may start */
	struct fetch *fetch;
	char *origin;
	struct queue lines[LINES];
	struct host *next;          /* among those that wait for a place */
	struct host *next_held;     /* among those held back */
	struct host_list *idle;     /* where it rests, or NULL */
	struct host *older, *newer; /* there */
	struct robots *robots;      /* NULL: not known yet */
	int64_t robots_at_s, robots_until_s;
	char *resolve, *unresolve; /* for CURLOPT_RESOLVE, or NULL */
	struct address address;    /* that its transfers count for */
	int64_t resolved_until_ms;
	int64_t started_ms; /* the last request; the delay counts from here */
	int64_t pause_ms;   /* no request starts before */
	int64_t down_retry_s;
	enum outcome down_as;
	int in_flight, failures, snoozes, lookups;
	bool recalled;             /* from earlier runs */
	bool asking;               /* for robots.txt */
	bool resolving;            /* its name */
	bool parked;               /* at its place */
	bool held;                 /* back, as only documents wait */
	bool waiting, backing_off; /* as counted in fetch */
	bool answered;             /* something, in this run */
	bool half_open; /* one request shall show whether it is back */
	bool down;      /* nothing more is asked in this run */
	struct figures figures;
};

void queue_push(struct queue *, struct task *);
struct task *queue_take(struct queue *);
void task_free(struct task *);
void part_free(struct part *);

/* Say when it may start something next, after anything has changed. */
void host_update(struct host *);
void host_flush(struct host *, enum outcome, int64_t retry_after_s);
/* s between its requests. */
double host_delay(const struct host *);
/* Wake one that waits for this place. */
void place_wake(struct fetch *, struct place *);

int host_recall(struct host *, struct err *);
/* Keep between runs how it is, but for its robots.txt. */
int host_save(const struct host *, struct err *);
bool host_needs_robots(const struct host *);
/* Put the question in front of all others. */
void host_ask_robots(struct host *);

#endif
