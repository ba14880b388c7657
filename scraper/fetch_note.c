/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/fetch_int.h"

#define FAILURES_MAX 5 /* in a row (as Nutch has it) */
#define SNOOZES_MAX 3  /* until the host is left to the next run */
#define PATIENCE_S 60  /* within a run; longer is left for the next */

/* Nothing more is asked of it in this run. */
static void
give_up(struct host *h, enum outcome outcome, int64_t retry_after_s)
{
	if (h->down)
		return;
	h->down = true;
	h->down_as = outcome;
	h->down_retry_s = retry_after_s;
}

/* Is the host in trouble, and not only this one thing of it? */
static bool
is_trouble(enum outcome outcome, long status)
{
	if (outcome_kind(outcome) != OUTCOME_TRANSIENT)
		return false;
	return status < 400 || status == 429 ||
	    (status >= 502 && status <= 504) || (status >= 520 && status < 530);
}

/*
 * The circuit breaker: after failures in a row the host is let alone for a
 * while, then one request shows whether it is back.  One that has never
 * answered has nothing to come back to.
 */
static void
note_trouble(struct host *h)
{
	struct fetch *f = h->fetch;
	int64_t until_ms;

	/* Those that were on their way when it was let alone say nothing. */
	if ((h->half_open && f->now_ms < h->pause_ms) ||
	    ++h->failures < FAILURES_MAX)
		return;
	if (!h->answered || h->snoozes == SNOOZES_MAX || f->opts->snooze == 0) {
		give_up(h, FETCH_HOST_DOWN, 0);
		return;
	}
	until_ms = f->now_ms + ((1000 * f->opts->snooze) << h->snoozes++);
	if (until_ms > h->pause_ms)
		h->pause_ms = until_ms;
	h->half_open = true;
	h->failures = FAILURES_MAX - 1;
}

/* It asks for patience; with more than a run has, the next one asks. */
static int
be_patient(struct host *h, enum outcome outcome, int64_t wait_s, struct err *e)
{
	int64_t until_ms = h->fetch->now_ms + 1000 * wait_s;

	if (until_ms > h->pause_ms)
		h->pause_ms = until_ms;
	if (wait_s <= PATIENCE_S)
		return 0;
	give_up(h,
	    outcome_kind(outcome) == OUTCOME_TRANSIENT ? outcome
						       : FETCH_HOST_PAUSED,
	    wait_s);
	return host_save(h, e);
}

int
host_note(
    struct host *h, const struct slot *s, enum outcome outcome, struct err *e)
{
	bool busy = s->status == 429 || s->status == 503;
	bool had_failed = h->failures > 0;
	struct rate rate = s->rate;
	int64_t wait_s;

	h->answered |= s->status != 0;
	if (is_trouble(outcome, s->status)) {
		note_trouble(h);
	} else if (s->status != 0) {
		h->failures = h->snoozes = 0;
		h->half_open = false;
	}
	/* Elsewhere it is about the one thing (a redirect, a job). */
	if (!busy)
		rate.retry_after_s = 0;
	wait_s = rate_wait_s(&rate);
	if (wait_s > 0 && be_patient(h, outcome, wait_s, e) < 0)
		return -1;
	return (h->failures > 0) != had_failed ? host_save(h, e) : 0;
}
