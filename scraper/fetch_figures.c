/* SPDX-License-Identifier: Apache-2.0 */
#include <search.h>

#include "scraper/fetch_int.h"

/*
 * Times are counted in steps, four to each doubling of a millisecond: 64 of
 * them reach from 0 to two minutes, and none is wider than a quarter.
 */
static size_t
step_of(int64_t ms)
{
	uint32_t x = ms < 0 ? 0 : (uint32_t)(ms > INT32_MAX ? INT32_MAX : ms);
	size_t octave, step;

	if (x < 4)
		return x;
	octave = 31 - (size_t)__builtin_clz(x);
	step = 4 * (octave - 1) + ((x >> (octave - 2)) & 3);
	return step < FIGURES_STEPS ? step : FIGURES_STEPS - 1;
}

/* The longest time of a step. */
static int64_t
step_end(size_t step)
{
	size_t octave = step / 4 + 1;

	if (step < 4)
		return (int64_t)step;
	return (((int64_t)5 + (int64_t)(step % 4)) << (octave - 2)) - 1;
}

static int64_t
percentile(const struct figures *f, unsigned percent)
{
	uint64_t sum = 0, all = 0;
	size_t i;

	for (i = 0; i < FIGURES_STEPS; i++)
		all += f->answered[i];
	if (all == 0)
		return -1;
	for (i = 0; i < FIGURES_STEPS - 1; i++) {
		sum += f->answered[i];
		if (100 * sum >= percent * all)
			break;
	}
	return step_end(i);
}

static void
add(struct figures *f, const struct slot *s, enum outcome outcome, bool counts,
    int64_t ms)
{
	f->requests++;
	f->bytes += (int64_t)s->body_seen;
	if (s->status != 0)
		f->answered[step_of(ms)]++;
	if (!counts)
		return;
	f->fetched += outcome_kind(outcome) == OUTCOME_FINE;
	f->failed += outcome_kind(outcome) != OUTCOME_FINE;
}

void
figures_add(struct slot *s, enum outcome outcome, bool counts)
{
	curl_off_t us = 0;

	curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &us);
	add(&s->host->figures, s, outcome, counts, us / 1000);
	add(&s->fetch->total, s, outcome, counts, us / 1000);
}

/* ---- read --------------------------------------------------------------- */

static struct fetch_stats
stats_of(const struct figures *f)
{
	return (struct fetch_stats){ .requests = f->requests,
		.fetched = f->fetched,
		.failed = f->failed,
		.bytes = f->bytes,
		.p50_ms = percentile(f, 50),
		.p95_ms = percentile(f, 95) };
}

struct fetch_stats
fetch_stats(const struct fetch *f)
{
	struct fetch_stats stats = stats_of(&f->total);

	stats.requests += f->running; /* are counted when they end */
	return stats;
}

struct tour {
	fetch_host_fn *each;
	void *ctx;
	struct err *e;
	int status;
};

static void
visit_host(const void *node, VISIT visit, void *ctx)
{
	const struct host *h = *(struct host *const *)node;
	struct fetch_stats stats;
	struct tour *t = ctx;

	if ((visit != postorder && visit != leaf) || t->status < 0 ||
	    h->figures.requests == 0)
		return;
	stats = stats_of(&h->figures);
	t->status = t->each(t->ctx, h->origin, &stats, t->e);
}

int
fetch_each_host(
    const struct fetch *f, fetch_host_fn *each, void *ctx, struct err *e)
{
	struct fetch_stats others = stats_of(&f->others);
	struct tour t = { .each = each, .ctx = ctx, .e = e };

	twalk_r(f->hosts, visit_host, &t);
	if (t.status == 0 && others.requests > 0)
		t.status = each(ctx, "", &others, e);
	return t.status < 0 ? -1 : 0;
}

struct fetch_state
fetch_state(const struct fetch *f)
{
	struct resolver_stats names = resolver_stats(f->resolver);

	return (struct fetch_state){ .transfers = f->running,
		.hosts_waiting = f->n_waiting,
		.hosts_backing_off = f->n_backing_off,
		.names = names.asked,
		.names_failed = names.none + names.failed };
}
