/* SPDX-License-Identifier: Apache-2.0 */
#include <search.h>
#include <string.h>

#include "scraper/fetch_int.h"
#include "scraper/url.h"

#define HOSTS_MAX 100000 /* that are remembered */
#define IDLE_MAX 16384   /* that keep their robots.txt while nothing waits */

/* ---- tasks and queues --------------------------------------------------- */

void
queue_push(struct queue *q, struct task *t)
{
	t->next = NULL;
	if (q->last != NULL)
		q->last->next = t;
	else
		q->first = t;
	q->last = t;
}

static void
push_front(struct queue *q, struct task *t)
{
	t->next = q->first;
	q->first = t;
	if (q->last == NULL)
		q->last = t;
}

struct task *
queue_take(struct queue *q)
{
	struct task *t = q->first;

	if (t == NULL)
		return NULL;
	q->first = t->next;
	if (q->first == NULL)
		q->last = NULL;
	t->next = NULL;
	return t;
}

void
task_free(struct task *t)
{
	if (t == NULL)
		return;
	if (t->authorization != NULL)
		explicit_bzero(t->authorization, strlen(t->authorization));
	if (t->post != NULL)
		explicit_bzero(t->post, strlen(t->post));
	free(t->post);
	free(t->authorization);
	free(t->home);
	free(t->asked);
	free(t->url);
	free(t->etag);
	free(t->last_modified);
	strlist_release(&t->visited);
	part_free(t->part);
	free(t);
}

/* ---- those at rest ------------------------------------------------------ */

static void
list_add(struct host_list *l, struct host *h)
{
	h->idle = l;
	h->newer = NULL;
	h->older = l->newest;
	*(l->newest == NULL ? &l->oldest : &l->newest->newer) = h;
	l->newest = h;
	l->n++;
}

static void
list_remove(struct host *h)
{
	struct host_list *l = h->idle;

	if (l == NULL)
		return;
	*(h->newer == NULL ? &l->newest : &h->newer->older) = h->older;
	*(h->older == NULL ? &l->oldest : &h->older->newer) = h->newer;
	h->idle = NULL;
	l->n--;
}

/* Give back most of its memory; what is lost can be had again. */
static void
strip(struct host *h)
{
	struct fetch *f = h->fetch;

	robots_free(TAKE(h->robots));
	free(TAKE(h->resolve));
	free(TAKE(h->unresolve));
	h->robots_until_s = h->resolved_until_ms = 0;
	h->recalled = false;
	list_remove(h);
	list_add(&f->bare, h);
}

static void
rest(struct host *h)
{
	struct fetch *f = h->fetch;

	if (h->in_flight > 0 || h->asking || h->resolving || h->held)
		return;
	if (h->idle == NULL)
		list_add(&f->idle, h);
	if (f->idle.n > IDLE_MAX)
		strip(f->idle.oldest);
}

/* ---- hosts -------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct host *)a)->origin, ((const struct host *)b)->origin);
}

static void
host_free(void *p)
{
	struct host *h = p;
	int i;

	for (i = 0; i < LINES; i++)
		while (h->lines[i].first != NULL)
			task_free(queue_take(&h->lines[i]));
	robots_free(h->robots);
	free(h->resolve);
	free(h->unresolve);
	free(h->origin);
	free(h);
}

void
hosts_free(struct fetch *f)
{
	tdestroy(f->hosts, host_free);
	tdestroy(f->places, free);
}

/* Forget one that has rested long, but for its figures. */
static void
forget_one(struct fetch *f)
{
	struct host *h =
	    f->bare.oldest != NULL ? f->bare.oldest : f->idle.oldest;
	size_t i;

	if (h == NULL || h->pause_ms > f->now_ms || h->down ||
	    h->started_ms + (int64_t)(1000 * host_delay(h)) > f->now_ms)
		return;
	f->others.requests += h->figures.requests;
	f->others.fetched += h->figures.fetched;
	f->others.failed += h->figures.failed;
	f->others.bytes += h->figures.bytes;
	for (i = 0; i < FIGURES_STEPS; i++)
		f->others.answered[i] += h->figures.answered[i];
	list_remove(h);
	tdelete(h, &f->hosts, compare);
	host_free(h);
	f->n_hosts--;
}

static struct host *
host_of(struct fetch *f, const char *url)
{
	struct host key = { .origin = xstrndup(url, url_origin_len(url)) };
	struct host **node = tfind(&key, &f->hosts, compare);
	struct host *h;

	if (node != NULL) {
		free(key.origin);
		return *node;
	}
	if (f->n_hosts >= HOSTS_MAX)
		forget_one(f);
	h = xcalloc(1, sizeof(*h));
	h->fetch = f;
	h->origin = key.origin;
	tsearch(h, &f->hosts, compare);
	f->n_hosts++;
	return h;
}

void
host_enqueue(struct fetch *f, struct task *t, bool in_front)
{
	struct host *h = host_of(f, t->url);
	enum line line = t->want == FETCH_IMAGE ? LINE_IMAGES : LINE_DOCUMENTS;

	if (t->robots_for != NULL)
		line = LINE_ROBOTS;
	if (t->turn == 0)
		t->turn = ++f->turn;
	if (in_front)
		push_front(&h->lines[line], t);
	else
		queue_push(&h->lines[line], t);
	list_remove(h);
	host_update(h);
}

void
host_flush(struct host *h, enum outcome outcome, int64_t retry_after_s)
{
	struct task *t;
	int i;

	for (i = 0; i < LINES; i++)
		while ((t = queue_take(&h->lines[i])) != NULL) {
			t->outcome = outcome;
			t->retry_after_s = retry_after_s;
			queue_push(&h->fetch->finished, t);
		}
}

/* ---- whose turn it is --------------------------------------------------- */

double
host_delay(const struct host *h)
{
	const struct scraper_opts *o = h->fetch->opts;
	double asked;

	if (h->robots == NULL)
		return o->delay;
	asked = robots_crawl_delay(h->robots);
	if (asked > o->crawl_delay_max)
		asked = o->crawl_delay_max;
	return asked > o->delay ? asked : o->delay;
}

/* Is there something that may start as soon as its time has come? */
static bool
may_start(struct host *h)
{
	struct fetch *f = h->fetch;
	int most = (int)f->opts->per_host;

	if (h->half_open || host_delay(h) > 0)
		most = 1;
	if (h->resolving || h->parked || h->in_flight >= most)
		return false;
	if (h->lines[LINE_ROBOTS].first != NULL)
		return true;
	if (h->asking)
		return false;
	if (h->lines[LINE_IMAGES].first != NULL)
		return true;
	if (h->lines[LINE_DOCUMENTS].first != NULL && f->hold && !h->held) {
		h->held = true;
		h->next_held = f->held_back;
		f->held_back = h;
	}
	return h->lines[LINE_DOCUMENTS].first != NULL && !f->hold;
}

static void
count(struct host *h, bool waiting)
{
	struct fetch *f = h->fetch;
	bool backing_off = waiting && h->pause_ms > f->now_ms;

	f->n_waiting += waiting - h->waiting;
	f->n_backing_off += backing_off - h->backing_off;
	h->waiting = waiting;
	h->backing_off = backing_off;
}

void
host_update(struct host *h)
{
	struct fetch *f = h->fetch;
	int64_t due_ms = h->pause_ms, next_ms;
	bool waiting = false;
	int i;

	if (h->down)
		host_flush(h, h->down_as, h->down_retry_s);
	for (i = 0; i < LINES; i++)
		waiting |= h->lines[i].first != NULL;
	count(h, waiting);
	if (!waiting)
		rest(h);
	if (!waiting || !may_start(h)) {
		heap_remove(&f->ready, &h->due);
		return;
	}
	next_ms = h->started_ms + (int64_t)(1000 * host_delay(h));
	if (h->started_ms > 0 && next_ms > due_ms)
		due_ms = next_ms;
	heap_put(&f->ready, &h->due, due_ms, ++f->turn);
}

void
hosts_release_hold(struct fetch *f)
{
	struct host *h;

	while ((h = f->held_back) != NULL) {
		f->held_back = h->next_held;
		h->held = false;
		host_update(h);
	}
}
