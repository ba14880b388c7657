/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits of a class, in memory: a few URLs of each of many hosts, taken
 * in turns, so that none fills all the room.
 */
#include "scraper/gather_queue.h"

#include <search.h>
#include <string.h>

#include "base/clock.h"

#define ROWS 16        /* URLs of a host that are read at a time */
#define BINS_FIRST 64  /* hosts that are opened before any is asked */
#define SHARE_MAX 64   /* images of one host in the engine */
#define RESCAN_MS 1000 /* between looks for hosts that are new */
#define TAKEN_FIRST 1024
#define GOLDEN 0x9E3779B97F4A7C15u /* spreads what comes in a row */

/* ---- hosts -------------------------------------------------------------- */

struct queue_host {
	char *name;
	int in_hand; /* in the engine */
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct queue_host *)a)->name,
	    ((const struct queue_host *)b)->name);
}

static struct queue_host *
host_named(struct queue_hosts *all, const char *name)
{
	struct queue_host key = { .name = xstrdup(name) };
	struct queue_host **node = tfind(&key, &all->tree, compare), *h;

	if (node != NULL) {
		free(key.name);
		return *node;
	}
	h = xcalloc(1, sizeof(*h));
	h->name = key.name;
	tsearch(h, &all->tree, compare);
	return h;
}

static void
host_free(void *p)
{
	struct queue_host *h = p;

	free(h->name);
	free(h);
}

void
queue_hosts_release(struct queue_hosts *all)
{
	tdestroy(all->tree, host_free);
	free(all->taken);
	*all = (struct queue_hosts){ 0 };
}

void
queue_done(struct queue_hosts *all, struct queue_host *h)
{
	if (--h->in_hand == 0)
		all->busy--;
}

/* How many of one host may be in the engine: less, the more there are. */
static int
share(const struct queue_hosts *all)
{
	int most = all->room / 2 / (all->busy + 1);

	return most < 1 ? 1 : most > SHARE_MAX ? SHARE_MAX : most;
}

/* ---- which were taken in this run --------------------------------------- */

static size_t
place_of(const struct queue_hosts *all, int64_t id)
{
	size_t i =
	    (size_t)(((uint64_t)id * GOLDEN) >> 32) & (all->taken_size - 1);

	while (all->taken[i] != 0 && all->taken[i] != id)
		i = (i + 1) & (all->taken_size - 1);
	return i;
}

static void
grow(struct queue_hosts *all)
{
	size_t size = all->taken_size, i;
	int64_t *old = all->taken;

	all->taken_size = size == 0 ? TAKEN_FIRST : 2 * size;
	all->taken = xcalloc(all->taken_size, sizeof(*all->taken));
	for (i = 0; i < size; i++)
		if (old[i] != 0)
			all->taken[place_of(all, old[i])] = old[i];
	free(old);
}

/* Take it, unless it was taken before. */
static bool
take(struct queue_hosts *all, int64_t id)
{
	size_t i;

	if (2 * all->n_taken >= all->taken_size)
		grow(all);
	i = place_of(all, id);
	if (all->taken[i] == id)
		return false;
	all->taken[i] = id;
	all->n_taken++;
	return true;
}

/* ---- bins --------------------------------------------------------------- */

/* Of one host: what is in memory, and where more is. */
struct bin {
	struct queue_host *host;
	struct queue_item rows[ROWS];
	int at, n;
	struct frontier_place place;
	bool end;
};

struct filling {
	struct bin *bin;
	struct queue_hosts *all;
};

static int
add_row(void *ctx, const struct frontier_image *image)
{
	struct filling *f = ctx;
	struct bin *b = f->bin;

	if (take(f->all, image->url_id))
		b->rows[b->n++] = (struct queue_item){ .id = image->url_id,
			.url = xstrdup(image->url),
			.host = b->host };
	return 0;
}

/* Read more of the host, until there is some or no more. */
static int
fill(struct queue *q, struct bin *b, struct store *s, struct err *e)
{
	struct filling f = { b, q->all };

	b->at = b->n = 0;
	while (b->n == 0 && !b->end)
		if (frontier_waiting(s, &q->what, b->host->name, ROWS,
			&b->place, add_row, &f, &b->end, e) < 0)
			return -1;
	return 0;
}

static void
bin_free(struct bin *b)
{
	for (; b->at < b->n; b->at++)
		free(b->rows[b->at].url);
	free(b);
}

static void
close_bin(struct queue *q, size_t i)
{
	bin_free(q->bins[i]);
	q->bins[i] = q->bins[--q->n_bins];
}

static struct bin *
bin_of(const struct queue *q, const struct queue_host *h)
{
	size_t i;

	for (i = 0; i < q->n_bins; i++)
		if (q->bins[i]->host == h)
			return q->bins[i];
	return NULL;
}

/* A bin of this host is open and has something, or there is no need. */
static int
open_bin_of(struct queue *q, const char *name, struct store *s, struct err *e)
{
	struct queue_host *h = host_named(q->all, name);
	struct bin *b = q->again ? bin_of(q, h) : NULL;

	if (b != NULL) {
		b->place = FRONTIER_PLACE;
		b->end = false;
		return 0;
	}
	b = xcalloc(1, sizeof(*b));
	b->host = h;
	b->place = FRONTIER_PLACE;
	if (fill(q, b, s, e) < 0) {
		bin_free(b);
		return -1;
	}
	if (b->n == 0) {
		bin_free(b);
		return 0;
	}
	q->bins = xreallocarray(q->bins, q->n_bins + 1, sizeof(*q->bins));
	q->bins[q->n_bins++] = b;
	return 0;
}

/* Go on to the next host, if any. */
static int
next_host(struct queue *q, struct store *s, struct err *e)
{
	char *name = NULL;
	int rc;

	rc = frontier_next_host(
	    s, &q->what, q->after == NULL ? "" : q->after, &name, e);
	if (rc < 0)
		return -1;
	q->end = rc == 0;
	if (rc == 0)
		return 0;
	free(q->after);
	q->after = name;
	return open_bin_of(q, name, s, e);
}

/* ---- the queue ---------------------------------------------------------- */

void
queue_refresh(struct queue *q)
{
	q->stale = true;
}

void
queue_release(struct queue *q)
{
	while (q->n_bins > 0)
		close_bin(q, q->n_bins - 1);
	free(q->bins);
	free(q->after);
	*q = (struct queue){ 0 };
}

/* Look at all hosts once more, since there may be new URLs of them. */
static void
rescan(struct queue *q, bool idle)
{
	int64_t now_ms = clock_ms();

	if (!q->end || !q->stale ||
	    (!idle && now_ms - q->scanned_ms < RESCAN_MS))
		return;
	free(TAKE(q->after));
	q->end = q->stale = false;
	q->again = true;
	q->scanned_ms = now_ms;
}

/* Open bins, so that there is a choice. */
static int
open_some(struct queue *q, size_t most, struct store *s, struct err *e)
{
	if (most > q->bins_max)
		most = q->bins_max;
	while (q->n_bins < most && !q->end)
		if (next_host(q, s, e) < 0)
			return -1;
	return 0;
}

static void
pop(struct queue *q, struct bin *b, struct queue_item *ret)
{
	*ret = b->rows[b->at++];
	q->turn++;
	if (b->host->in_hand++ == 0)
		q->all->busy++;
}

/* From the bins that are open, each in its turn: 1, 0 or -1. */
static int
pop_any(struct queue *q, struct store *s, struct queue_item *ret, struct err *e)
{
	int most = share(q->all);
	size_t n = q->n_bins;
	struct bin *b;

	while (n > 0 && q->n_bins > 0) {
		if (q->turn >= q->n_bins)
			q->turn = 0;
		b = q->bins[q->turn];
		if (b->at == b->n && fill(q, b, s, e) < 0)
			return -1;
		if (b->n == 0) {
			close_bin(q, q->turn);
		} else if (b->host->in_hand < most) {
			pop(q, b, ret);
			return 1;
		} else {
			q->turn++;
		}
		n--;
	}
	return 0;
}

int
queue_next(struct queue *q, struct store *s, bool idle, struct queue_item *ret,
    struct err *e)
{
	size_t before;
	int rc;

	rescan(q, idle);
	if (open_some(q, BINS_FIRST, s, e) < 0)
		return -1;
	for (;;) {
		rc = pop_any(q, s, ret, e);
		if (rc != 0)
			return rc;
		before = q->n_bins;
		if (open_some(q, before + 1, s, e) < 0)
			return -1;
		if (q->n_bins == before)
			return 0;
		q->turn = before; /* the new one */
	}
}
