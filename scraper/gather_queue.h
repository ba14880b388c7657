/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_queue: what waits of a class, taken host by host in turns.
 *
 * The frontier holds all of it; here are a few URLs of each of some hosts.
 * Nothing is given twice in a run.
 */
#ifndef SCRAPER_GATHER_QUEUE_H
#define SCRAPER_GATHER_QUEUE_H

#include "store/frontier_images.h"

struct queue_host; /* with how many of its images are in the engine */

/* What all queues of a run share. */
struct queue_hosts {
	void *tree;     /* tsearch tree by name */
	int busy;       /* hosts with something in hand */
	int room;       /* images that may be in hand in all */
	int64_t *taken; /* ids of all that was taken: a hash table; 0: free */
	size_t taken_size, n_taken;
};
void queue_hosts_release(struct queue_hosts *);
/* An image of the host is in hand no more. */
void queue_done(struct queue_hosts *, struct queue_host *);

struct bin;
struct queue {
	struct frontier_queue what;
	struct queue_hosts *all;
	struct bin **bins; /* hosts that are open */
	size_t n_bins, bins_max, turn;
	char *after; /* the host that was opened last; NULL: none */
	bool end, again, stale;
	int64_t scanned_ms;
};
void queue_release(struct queue *);
/* There may be new URLs. */
void queue_refresh(struct queue *);

struct queue_item {
	int64_t id;
	char *url; /* the taker's */
	struct queue_host *host;
};

/*
 * The next one whose host has not too many in hand: 1, 0 when there is none
 * just now, or -1.  idle: there is nothing in hand, so look at all there is.
 */
int queue_next(struct queue *, struct store *, bool idle,
    struct queue_item *ret, struct err *);

#endif
