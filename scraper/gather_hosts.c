/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the engine and the catalog: what is known of hosts from run to run,
 * and what this run did with each.
 */
#include "scraper/gather_int.h"
#include "store/hosts.h"

static int
load(void *ctx, const char *origin, struct fetch_known *ret, struct err *e)
{
	struct gather *g = ctx;
	struct host_known h;
	int rc = hosts_load(g->store, origin, &h, e);

	if (rc == 1)
		*ret = (struct fetch_known){ .robots = h.robots,
			.robots_status = h.robots_status,
			.robots_at = h.robots_at,
			.paused_until = h.paused_until,
			.failures = h.failures };
	return rc;
}

static int
save(void *ctx, const char *origin, const struct fetch_known *k, struct err *e)
{
	struct gather *g = ctx;
	const struct host_known h = { .robots = k->robots,
		.robots_status = k->robots_status,
		.robots_at = k->robots_at,
		.paused_until = k->paused_until,
		.failures = k->failures };

	/* A dry run takes it back, and goes by it until then. */
	return store_begin(g->store, e) < 0
	    ? -1
	    : hosts_save(g->store, origin, &h, e);
}

void
hosts_remember(struct gather *g)
{
	const struct fetch_memory memory = {
		.ctx = g, .load = load, .save = save
	};

	fetch_remember(g->fetch, &memory);
}

static int
note(void *ctx, const char *origin, const struct fetch_stats *t, struct err *e)
{
	struct gather *g = ctx;
	const struct run_host h = { .host = origin,
		.requests = t->requests,
		.fetched = t->fetched,
		.failed = t->failed,
		.bytes = t->bytes,
		.p50_ms = t->p50_ms,
		.p95_ms = t->p95_ms };

	return t->requests == 0 ? 0 : run_host_add(g->store, &h, e);
}

int
hosts_count(struct gather *g, struct err *e)
{
	struct fetch_stats all = fetch_stats(g->fetch);

	if (all.p50_ms >= 0 &&
	    (run_count(g->store, STAGE, "p50_ms", all.p50_ms, e) < 0 ||
		run_count(g->store, STAGE, "p95_ms", all.p95_ms, e) < 0))
		return -1;
	return fetch_each_host(g->fetch, note, g, e);
}
