/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "scraper/fetch_int.h"

#define FRESH_S 86400              /* RFC 9309, 2.4 */
#define LAST_GOOD_S (30 * FRESH_S) /* while it cannot be had again: 2.3.1.4 */
#define UNREACHABLE_S 3600         /* until it is asked for again */
#define FAILURES_KEPT 4            /* of earlier runs; one more, and enough */

/* ---- between runs ------------------------------------------------------- */

static void
take_known(struct host *h, const struct fetch_known *k)
{
	int64_t now_s = clock_now(), wait_s = k->paused_until - now_s;

	if (k->robots_status != 0 && h->robots == NULL &&
	    now_s - k->robots_at <= LAST_GOOD_S) {
		h->robots = robots_of_answer(k->robots_status, k->robots.data,
		    k->robots.len, ROBOTS_TOKEN);
		h->robots_at_s = k->robots_at;
		h->robots_until_s = k->robots_at + FRESH_S;
	}
	if (h->failures == 0)
		h->failures = (int)(k->failures > FAILURES_KEPT ? FAILURES_KEPT
								: k->failures);
	if (wait_s > RATE_WAIT_MAX_S)
		wait_s = RATE_WAIT_MAX_S;
	if (wait_s > 0 && !h->down) {
		h->down = true;
		h->down_as = FETCH_HOST_PAUSED;
		h->down_retry_s = wait_s;
	}
}

int
host_recall(struct host *h, struct err *e)
{
	const struct fetch_memory *m = &h->fetch->memory;
	struct fetch_known k = { .robots = BUF_INIT(ROBOTS_MAX) };
	int rc;

	h->recalled = true;
	if (m->load == NULL)
		return 0;
	rc = m->load(m->ctx, h->origin, &k, e);
	if (rc == 1)
		take_known(h, &k);
	buf_release(&k.robots);
	return rc < 0 ? -1 : 0;
}

static int
save(const struct host *h, struct fetch_known *k, struct err *e)
{
	const struct fetch_memory *m = &h->fetch->memory;

	if (m->save == NULL)
		return 0;
	k->failures = h->failures;
	if (h->pause_ms > h->fetch->now_ms)
		k->paused_until =
		    clock_now() + (h->pause_ms - h->fetch->now_ms) / 1000;
	return m->save(m->ctx, h->origin, k, e);
}

int
host_save(const struct host *h, struct err *e)
{
	struct fetch_known k = { .robots = BUF_INIT(ROBOTS_MAX) };

	return save(h, &k, e);
}

/* ---- within one --------------------------------------------------------- */

bool
host_needs_robots(const struct host *h)
{
	if (!h->fetch->opts->robots || h->asking ||
	    (h->lines[LINE_DOCUMENTS].first == NULL &&
		h->lines[LINE_IMAGES].first == NULL))
		return false;
	return h->robots == NULL || h->robots_until_s <= clock_now();
}

void
host_ask_robots(struct host *h)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->robots_for = h;
	t->want = FETCH_DOCUMENT;
	t->asked = xasprintf("%s/robots.txt", h->origin);
	t->url = xstrdup(t->asked);
	h->asking = true;
	host_enqueue(h->fetch, t, false);
}

/* The status that counts; 0: it could not be had. */
static long
status_of(enum outcome outcome, long status)
{
	switch (outcome) {
	case FETCH_OK:
	case FETCH_EMPTY:
		return status;
	case FETCH_TOO_MANY_REDIRECTS:
	case FETCH_REDIRECT_LOOP:
	case FETCH_BAD_URL:
	case FETCH_CREDENTIALS:
		return 404; /* RFC 9309, 2.3.1.2: as if there were none */
	default:
		return status >= 400 && status < 500 && status != 429 ? status
								      : 0;
	}
}

/* The host's own trouble is what the others hear of. */
static bool
is_own_trouble(struct host *h, enum outcome outcome)
{
	switch (outcome) {
	case FETCH_PRIVATE_ADDRESS:
	case FETCH_NO_CONTACT:
	case FETCH_DNS_FAILED:
		host_flush(h, outcome, 0);
		return true;
	case FETCH_CONNECT_FAILED:
	case FETCH_TLS_FAILED:
		if (!h->down) {
			h->down = true;
			h->down_as = outcome;
		}
		return true;
	default:
		return false;
	}
}

static int
take_answer(struct host *h, long status, const struct buf *body, struct err *e)
{
	struct fetch_known k = { .robots = *body,
		.robots_status = status,
		.robots_at = clock_now() };

	robots_free(h->robots);
	h->robots =
	    robots_of_answer(status, body->data, body->len, ROBOTS_TOKEN);
	h->robots_at_s = k.robots_at;
	h->robots_until_s =
	    k.robots_at + (status == 0 ? UNREACHABLE_S : FRESH_S);
	return status == 0 ? 0 : save(h, &k, e);
}

int
host_set_robots(struct host *h, const struct task *t, enum outcome outcome,
    long status, const struct buf *body, struct err *e)
{
	bool first_hop = t->visited.n == 0;
	int64_t now_s = clock_now();
	int rc = 0;

	h->asking = false;
	status = status_of(outcome, status);
	if (status == 0 && first_hop && is_own_trouble(h, outcome))
		;
	else if (status == 0 && h->robots != NULL &&
	    !robots_unreachable(h->robots) &&
	    now_s - h->robots_at_s <= LAST_GOOD_S)
		h->robots_until_s = now_s + UNREACHABLE_S;
	else
		rc = take_answer(h, status, body, e);
	host_update(h);
	return rc;
}
