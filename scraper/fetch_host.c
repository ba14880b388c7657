/* SPDX-License-Identifier: Apache-2.0 */
#include <search.h>
#include <string.h>

#include "base/clock.h"
#include "scraper/fetch_int.h"
#include "scraper/url.h"

#define HOSTS_MAX 10000       /* that are remembered at a time */
#define FAILURES_MAX 5        /* in a row, until a host counts as down */
#define PATIENCE_S 60         /* of Retry-After, within a run */
#define REST_MS (3600 * 1000) /* longer than any delay */

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

/* Take out the task behind `before` (NULL: the first). */
static struct task *
take_behind(struct queue *q, struct task *before)
{
	struct task *t = before == NULL ? q->first : before->next;

	if (before == NULL)
		q->first = t->next;
	else
		before->next = t->next;
	if (q->last == t)
		q->last = before;
	t->next = NULL;
	return t;
}

void
task_free(struct task *t)
{
	if (t == NULL)
		return;
	free(t->asked);
	free(t->url);
	free(t->etag);
	free(t->last_modified);
	strlist_release(&t->visited);
	free(t);
}

static void
queue_release(struct queue *q)
{
	while (q->first != NULL)
		task_free(take_behind(q, NULL));
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

	queue_release(&h->queue);
	robots_free(h->robots);
	free(h->origin);
	free(h);
}

void
hosts_free(struct fetch *f)
{
	tdestroy(f->hosts, host_free);
	free(f->waiting);
}

struct idle {
	struct host **v;
	size_t n;
	int64_t now_ms;
};

static void
collect_idle(const void *node, VISIT visit, void *ctx)
{
	struct host *h = *(struct host *const *)node;
	struct idle *idle = ctx;

	if ((visit == postorder || visit == leaf) && h->queue.first == NULL &&
	    h->in_flight == 0 && !h->asking && h->pause_ms <= idle->now_ms &&
	    h->started_ms + REST_MS <= idle->now_ms)
		idle->v[idle->n++] = h;
}

/* Forget the hosts that nothing waits for. */
static void
forget_idle(struct fetch *f)
{
	struct idle idle = { .now_ms = clock_ms() };
	size_t i;

	idle.v = xreallocarray(NULL, f->n_hosts, sizeof(struct host *));
	twalk_r(f->hosts, collect_idle, &idle);
	for (i = 0; i < idle.n; i++) {
		tdelete(idle.v[i], &f->hosts, compare);
		host_free(idle.v[i]);
		f->n_hosts--;
	}
	free(idle.v);
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
		forget_idle(f);
	h = xcalloc(1, sizeof(*h));
	h->origin = key.origin;
	tsearch(h, &f->hosts, compare);
	f->n_hosts++;
	return h;
}

static void
start_waiting(struct fetch *f, struct host *h)
{
	if (f->n_waiting == f->waiting_size) {
		f->waiting_size =
		    f->waiting_size == 0 ? 64 : 2 * f->waiting_size;
		f->waiting = xreallocarray(
		    f->waiting, f->waiting_size, sizeof(struct host *));
	}
	h->place = f->n_waiting;
	f->waiting[f->n_waiting++] = h;
}

static void
stop_waiting(struct fetch *f, struct host *h)
{
	struct host *last = f->waiting[--f->n_waiting];

	f->waiting[h->place] = last;
	last->place = h->place;
}

void
host_enqueue(struct fetch *f, struct task *t, bool in_front)
{
	struct host *h = host_of(f, t->url);

	if (h->queue.first == NULL)
		start_waiting(f, h);
	if (in_front)
		push_front(&h->queue, t);
	else
		queue_push(&h->queue, t);
}

/* ---- who may go --------------------------------------------------------- */

static int64_t
delay_ms(const struct fetch *f, const struct host *h)
{
	double delay = f->opts->delay, asked;

	if (h->robots != NULL) {
		asked = robots_crawl_delay(h->robots);
		if (asked > f->opts->crawl_delay_max)
			asked = f->opts->crawl_delay_max;
		if (asked > delay)
			delay = asked;
	}
	return (int64_t)(delay * 1000);
}

static void
finish(struct fetch *f, struct task *t, enum outcome outcome,
    int64_t retry_after_s)
{
	t->outcome = outcome;
	t->retry_after_s = retry_after_s;
	queue_push(&f->finished, t);
}

/* Put the question for robots.txt in front of all others. */
static void
ask_for_robots(struct host *h)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->robots_for = h;
	t->want = FETCH_DOCUMENT;
	t->asked = xasprintf("%s/robots.txt", h->origin);
	t->url = xstrdup(t->asked);
	h->asking = true;
	push_front(&h->queue, t);
}

/* Is this host at rest, so that a request may start?  Else, when? */
static bool
at_rest(const struct fetch *f, const struct host *h, int64_t now_ms,
    int64_t *wake_ms)
{
	int64_t delay = delay_ms(f, h), next_ms = h->pause_ms;

	if (h->in_flight >= (delay > 0 ? 1 : f->opts->per_host))
		return false; /* the end of one wakes us */
	if (h->started_ms + delay > next_ms && h->started_ms > 0)
		next_ms = h->started_ms + delay;
	if (next_ms <= now_ms)
		return true;
	if (next_ms < *wake_ms)
		*wake_ms = next_ms;
	return false;
}

/* What robots.txt says of a task that is not about robots.txt. */
static enum outcome
judge(const struct host *h, const struct task *t)
{
	if (h->robots == NULL || robots_allows(h->robots, url_target(t->url)))
		return FETCH_OK;
	return robots_unreachable(h->robots) ? FETCH_ROBOTS_UNREACHABLE
					     : FETCH_ROBOTS_DENIED;
}

/* The first of the queue that may start. */
static struct task *
pick_of_queue(struct fetch *f, struct host *h, int64_t now_ms, int64_t *wake_ms)
{
	struct task *before = NULL, *t;
	enum outcome verdict;

	for (t = h->queue.first; t != NULL;
	     t = before == NULL ? h->queue.first : before->next) {
		if (t->not_before_ms > now_ms) {
			if (t->not_before_ms < *wake_ms)
				*wake_ms = t->not_before_ms;
			before = t;
			continue;
		}
		verdict = t->robots_for != NULL ? FETCH_OK : judge(h, t);
		if (verdict != FETCH_OK)
			finish(f, take_behind(&h->queue, before), verdict, 0);
		else if (t->robots_for != NULL || !h->asking)
			return take_behind(&h->queue, before);
		else
			before = t;
	}
	return NULL;
}

static struct task *
pick_of_host(struct fetch *f, struct host *h, int64_t now_ms, int64_t *wake_ms)
{
	struct task *t;

	if (h->down)
		while (h->queue.first != NULL) {
			t = take_behind(&h->queue, NULL);
			finish(f, t, h->down_as, h->down_retry_s);
		}
	else if (f->opts->robots && h->robots == NULL && !h->asking)
		ask_for_robots(h);
	if (h->queue.first == NULL || !at_rest(f, h, now_ms, wake_ms))
		return NULL;
	t = pick_of_queue(f, h, now_ms, wake_ms);
	if (t != NULL) {
		h->started_ms = now_ms;
		h->in_flight++;
	}
	return t;
}

struct task *
host_pick(struct fetch *f, int64_t now_ms, int64_t *wake_ms, struct host **ret)
{
	struct task *t = NULL;
	struct host *h;
	size_t n;

	/* Each in its turn; a host that is done leaves, and the last one
	 * takes its place. */
	for (n = f->n_waiting; n > 0 && t == NULL; n--) {
		if (f->turn >= f->n_waiting)
			f->turn = 0;
		h = f->waiting[f->turn];
		t = pick_of_host(f, h, now_ms, wake_ms);
		*ret = h;
		if (h->queue.first == NULL)
			stop_waiting(f, h);
		else
			f->turn++;
	}
	return t;
}

/* ---- what comes back ---------------------------------------------------- */

void
host_set_robots(struct host *h, const struct task *t, enum outcome outcome,
    long status, const struct buf *body)
{
	bool first_hop = t->visited.n == 0;

	h->asking = false;
	switch (outcome) {
	case FETCH_OK:
	case FETCH_EMPTY:
		break;
	case FETCH_TOO_MANY_REDIRECTS:
	case FETCH_REDIRECT_LOOP:
	case FETCH_BAD_URL:
		status = 404; /* RFC 9309, 2.3.1.2: as if there were none */
		break;
	case FETCH_PRIVATE_ADDRESS:
	case FETCH_NO_CONTACT:
	case FETCH_DNS_FAILED:
	case FETCH_CONNECT_FAILED:
	case FETCH_TLS_FAILED:
		/* The host's own trouble is what the others hear of. */
		if (first_hop && !h->down) {
			h->down = true;
			h->down_as = outcome;
		}
		status = 0;
		break;
	default:
		if (status < 400)
			status = 0;
	}
	robots_free(h->robots);
	h->robots =
	    robots_of_answer(status, body->data, body->len, ROBOTS_TOKEN);
}

/* It asks for more patience than a run has, or has failed too often. */
static void
give_up(struct host *h, enum outcome outcome, int64_t retry_after_s)
{
	h->down = true;
	h->down_as = outcome;
	h->down_retry_s = retry_after_s;
}

void
host_note(struct host *h, enum outcome outcome, long status,
    int64_t retry_after_s, int64_t now_ms)
{
	int64_t until_ms = now_ms + 1000 * retry_after_s;

	if (status != 0) {
		h->failures = 0;
		if (status != 429 && status != 503)
			return;
		if (retry_after_s > PATIENCE_S)
			give_up(h, outcome, retry_after_s);
		else if (until_ms > h->pause_ms)
			h->pause_ms = until_ms;
	} else if (outcome_kind(outcome) == OUTCOME_TRANSIENT &&
	    ++h->failures >= FAILURES_MAX && !h->down) {
		give_up(h, FETCH_HOST_DOWN, 0);
	}
}
