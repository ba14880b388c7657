/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "scraper/gather_int.h"
#include "scraper/gather_list.h"

#define LOOK_MS 200 /* how often stop and commit are looked at */
#define POLL_MAX 256
#define READER_DEADLINE_MS (20 * 1000)
#define READER_MEMORY ((int64_t)1 << 30)
#define READER_JOBS 200

int
gather_failed(struct gather *g, const char *reason, const char *subject,
    const char *detail, bool refused, struct err *e)
{
	g->stats->failed++;
	g->stats->refused += refused;
	g->progress.failed = g->stats->failed;
	whys_add(&g->failed_by, reason, 1, 0, NULL);
	return run_failure(g->store, STAGE, reason, subject, detail, e);
}

bool
gather_takes_class(const struct gather *g, const char *name)
{
	return g->conf->classes->n == 0 || strlist_has(g->conf->classes, name);
}

int
gather_commit_if_due(struct gather *g, struct err *e)
{
	return g->conf->dry_run ? 0 : store_commit_if_due(g->store, e);
}

static int
on_fetched(void *ctx, struct fetch_result *r, struct err *e)
{
	struct gather *g = ctx;

	if (store_begin(g->store, e) < 0)
		return -1;
	return r->want == FETCH_IMAGE ? images_fetched(g, r, e)
				      : documents_fetched(g, r, e);
}

static int
feed(struct gather *g, struct err *e)
{
	return store_begin(g->store, e) < 0 || documents_feed(g, e) < 0 ||
		lists_feed(g, e) < 0
	    ? -1
	    : images_feed(g, e);
}

/* Wait and take in. */
static int
turn(struct gather *g, struct err *e)
{
	struct pollfd fds[POLL_MAX];
	int n, wait_ms;

	n = proc_pool_pollfds(g->pool, fds, POLL_MAX - 1);
	n += lists_pollfds(g, fds + n, POLL_MAX - n);
	wait_ms = proc_pool_timeout_ms(g->pool);
	if (wait_ms < 0 || wait_ms > LOOK_MS)
		wait_ms = LOOK_MS;
	if (fetch_busy(g->fetch) == 0 && n == 0)
		wait_ms = 0;
	if (fetch_step(g->fetch, fds, n, wait_ms, on_fetched, g, e) < 0 ||
	    documents_step(g, e) < 0 || lists_step(g, e) < 0)
		return -1;
	progress_step(&g->progress);
	return gather_commit_if_due(g, e);
}

static int
loop(struct gather *g, struct err *e)
{
	for (;;) {
		if (stop_check(e) < 0 || feed(g, e) < 0)
			return -1;
		if (g->documents == 0 && g->images == 0)
			return 0;
		if (turn(g, e) < 0)
			return -1;
	}
}

/* ---- beginning and end -------------------------------------------------- */

static int
count_all(struct gather *g, struct err *e)
{
	const struct gather_stats *t = g->stats;
	const struct {
		const char *what;
		int64_t n;
	} counts[] = {
		{ "sources", t->sources },
		{ "documents", t->documents },
		{ "offered", t->offered },
		{ "requests", t->requests },
		{ "fetched", t->fetched },
		{ "new", t->new_images },
		{ "not_modified", t->not_modified },
		{ "resting", t->resting },
		{ "failed", t->failed },
		{ "bytes", t->bytes },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		if (run_count(g->store, STAGE, counts[i].what, counts[i].n, e) <
		    0)
			return -1;
	return 0;
}

/* Keep what was done, also when the loop was ended early. */
static int
conclude(struct gather *g, int status, struct err *e)
{
	struct err second = { 0 };
	bool stopped = status < 0 && e->kind == ERR_STOPPED;

	g->stats->requests = fetch_stats(g->fetch).requests;
	g->stats->names = fetch_state(g->fetch).names;
	g->stats->names_failed = fetch_state(g->fetch).names_failed;
	if (g->conf->dry_run || (status < 0 && !stopped)) {
		store_rollback(g->store);
		return status;
	}
	if (store_begin(g->store, &second) < 0 ||
	    images_count_waiting(g, &second) < 0 || count_all(g, &second) < 0 ||
	    hosts_count(g, &second) < 0 ||
	    store_commit(g->store, &second) < 0) {
		*e = second;
		return -1;
	}
	return status;
}

static int
run(struct gather *g, struct err *e)
{
	struct proc_conf readers = { .kind = "document",
		.deadline_ms = READER_DEADLINE_MS,
		.memory_bytes = READER_MEMORY,
		.jobs_per_child = READER_JOBS };
	int status;

	if (fetch_new(g->conf->scraper, g->conf->version, g->conf->contact,
		&g->fetch, e) < 0)
		return -1;
	hosts_remember(g);
	g->pool = proc_pool_new(&readers);
	g->unread_end = &g->unread;
	status = store_begin(g->store, e);
	if (status == 0)
		status = sources_begin(g, e);
	if (status == 0)
		status = lanes_refresh(g, e);
	if (status == 0)
		status = loop(g, e);
	if (status == 0)
		status = why_tell(g, e);
	return conclude(g, status, e);
}

int
gather_run(struct store *s, const struct gather_conf *conf,
    struct gather_stats *ret, struct err *e)
{
	struct gather g = {
		.store = s, .conf = conf, .stats = ret, .started = clock_now()
	};
	int status;

	*ret = (struct gather_stats){ 0 };
	progress_start(&g.progress, STAGE, 0);
	g.progress.more = tell_more;
	g.progress.ctx = &g;
	status = run(&g, e);
	progress_end(&g.progress);
	fetch_free(g.fetch);
	proc_pool_free(g.pool);
	documents_free(&g);
	lists_free(&g);
	sources_free(&g);
	lanes_free(&g);
	why_release(&g);
	whys_release(&g.failed_by);
	return status;
}
