/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scraper/fetch_int.h"
#include "scraper/url.h"

#define BUSY_MAX 4096                  /* requests in hand */
#define BODIES_MAX ((size_t)256 << 20) /* bytes of bodies in the making */
#define BACKOFF_MAX_MS (60 * 1000)
#define PATIENCE_S 60 /* of Retry-After; longer is left for the next run */
#define OTHERS_MAX 256
#define ROBOTS_HOPS 5 /* at least (RFC 9309, 2.3.1.2) */

/* ---- making ------------------------------------------------------------- */

static int
parse_allowed(struct fetch *f, struct err *e)
{
	const struct strlist *list = &f->opts->allow_private;
	size_t i;

	f->allow = xreallocarray(NULL, list->n, sizeof(*f->allow));
	for (i = 0; i < list->n; i++, f->n_allow++)
		if (cidr_parse(list->v[i], &f->allow[i], e) < 0)
			return err_wrap(e, "scraper: allow_private");
	return 0;
}

static int
set_up(struct fetch *f, struct err *e)
{
	int n = (int)f->opts->max_transfers;

	if (parse_allowed(f, e) < 0)
		return -1;
	f->multi = curl_multi_init();
	if (f->multi == NULL)
		return err_set(e, ERR_FATAL, "libcurl does not start");
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, 2L * n);
	f->slots = xcalloc((size_t)n, sizeof(*f->slots));
	for (; f->n_slots < n; f->n_slots++)
		if (slot_init(f, &f->slots[f->n_slots], e) < 0)
			return -1;
	return 0;
}

int
fetch_new(const struct scraper_opts *opts, const char *version,
    const char *contact, struct fetch **ret, struct err *e)
{
	struct fetch *f = xcalloc(1, sizeof(*f));

	f->opts = opts;
	f->has_contact = contact != NULL && *contact != 0;
	f->agent = f->has_contact
	    ? xasprintf("griddle/%s (+%s)", version, contact)
	    : xasprintf("griddle/%s", version);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (set_up(f, e) < 0) {
		fetch_free(f);
		return -1;
	}
	*ret = f;
	return 0;
}

void
fetch_free(struct fetch *f)
{
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n_slots; i++) {
		if (f->slots[i].task != NULL)
			curl_multi_remove_handle(f->multi, f->slots[i].easy);
		slot_release(&f->slots[i]);
	}
	free(f->slots);
	curl_multi_cleanup(f->multi);
	while (f->finished.first != NULL) {
		struct task *t = f->finished.first;

		f->finished.first = t->next;
		task_free(t);
	}
	hosts_free(f);
	free(f->allow);
	free(f->agent);
	free(f);
	curl_global_cleanup();
}

/* ---- taking ------------------------------------------------------------- */

int
fetch_room(const struct fetch *f)
{
	return BUSY_MAX - f->busy;
}

int
fetch_busy(const struct fetch *f)
{
	return f->busy;
}

struct fetch_stats
fetch_stats(const struct fetch *f)
{
	return f->stats;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

void
fetch_add(struct fetch *f, const struct fetch_request *r)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->id = r->id;
	t->data = r->data;
	t->want = r->want;
	t->asked = xstrdup(r->url);
	t->url = url_resolve(NULL, r->url);
	t->etag = copy(r->etag);
	t->last_modified = copy(r->last_modified);
	t->not_before_ms = r->after_ms == 0 ? 0 : clock_ms() + r->after_ms;
	f->busy++;
	if (t->url != NULL) {
		host_enqueue(f, t, false);
		return;
	}
	t->url = xstrdup("");
	t->outcome = FETCH_BAD_URL;
	queue_push(&f->finished, t);
}

/* ---- starting ----------------------------------------------------------- */

static struct slot *
free_slot(struct fetch *f)
{
	size_t bytes = 0;
	struct slot *found = NULL;
	int i;

	for (i = 0; i < f->n_slots; i++) {
		bytes += f->slots[i].body.len;
		if (f->slots[i].task == NULL)
			found = &f->slots[i];
	}
	return bytes > BODIES_MAX ? NULL : found;
}

/* Start what may; *wake_ms becomes when to look again. */
static int
start(struct fetch *f, int64_t *wake_ms, struct err *e)
{
	int64_t now_ms = clock_ms();
	struct host *h;
	struct slot *s;
	struct task *t;

	while ((s = free_slot(f)) != NULL) {
		t = host_pick(f, now_ms, wake_ms, &h);
		if (t == NULL)
			break;
		if (slot_start(s, t, h, e) < 0)
			return -1;
		f->running++;
	}
	return 0;
}

/* ---- ending ------------------------------------------------------------- */

/* A task that had no transfer, or none that counts. */
static int
end_without(struct fetch *f, struct task *t, fetch_done_fn *done, void *ctx,
    struct err *e)
{
	struct buf nothing = BUF_INIT(0);
	struct fetch_result r = {
		.id = t->id,
		.data = t->data,
		.want = t->want,
		.outcome = t->outcome,
		.url = t->asked,
		.final_url = t->url,
		.retry_after_s = t->retry_after_s,
		.body = &nothing,
	};
	int status = 0;

	if (t->robots_for != NULL) {
		host_set_robots(t->robots_for, t, t->outcome, 0, &nothing);
	} else {
		f->busy--;
		status = done(ctx, &r, e);
	}
	task_free(t);
	return status;
}

static int
end_with(struct fetch *f, struct slot *s, enum outcome outcome,
    fetch_done_fn *done, void *ctx, struct err *e)
{
	struct task *t = s->task;
	struct fetch_result r = {
		.id = t->id,
		.data = t->data,
		.want = t->want,
		.outcome = outcome,
		.status = s->status,
		.url = t->asked,
		.final_url = t->url,
		.etag = s->etag,
		.last_modified = s->last_modified,
		.charset = s->charset,
		.tag = s->tag,
		.retry_after_s = slot_retry_after_s(s),
		.body = &s->body,
	};

	if (t->robots_for != NULL) {
		host_set_robots(t->robots_for, t, outcome, s->status, &s->body);
		return 0;
	}
	f->busy--;
	return done(ctx, &r, e);
}

/* The task goes on from another address; or the outcome that ends it. */
static enum outcome
redirect(struct fetch *f, struct slot *s)
{
	struct task *t = s->task;
	char *url = url_resolve(t->url, s->location);
	size_t most = (size_t)f->opts->max_redirects;
	bool again;

	if (t->robots_for != NULL && most < ROBOTS_HOPS)
		most = ROBOTS_HOPS;
	if (url == NULL)
		return FETCH_BAD_URL;
	again = strcmp(url, t->url) == 0 || strlist_has(&t->visited, url);
	if (again || t->visited.n >= most) {
		free(url);
		return again ? FETCH_REDIRECT_LOOP : FETCH_TOO_MANY_REDIRECTS;
	}
	strlist_add(&t->visited, t->url);
	free(t->url);
	t->url = url;
	host_enqueue(f, TAKE(s->task), true);
	return FETCH_OK;
}

/* Does it go back into its queue for another try? */
static bool
try_again(struct fetch *f, struct slot *s, enum outcome outcome)
{
	int64_t asked_s = slot_retry_after_s(s);
	struct task *t = s->task;
	uint32_t most_ms;

	if (outcome_kind(outcome) != OUTCOME_TRANSIENT ||
	    t->tries >= f->opts->retries || asked_s > PATIENCE_S ||
	    s->host->down)
		return false;
	/* "Full jitter": any time up to a limit that doubles. */
	most_ms = t->tries < 6 ? 1000u << t->tries : BACKOFF_MAX_MS;
	t->tries++;
	t->not_before_ms = clock_ms() + arc4random_uniform(most_ms);
	if (asked_s > 0)
		t->not_before_ms += 1000 * asked_s;
	host_enqueue(f, TAKE(s->task), true);
	return true;
}

static int
conclude(struct fetch *f, struct slot *s, CURLcode code, fetch_done_fn *done,
    void *ctx, struct err *e)
{
	enum outcome outcome = slot_outcome(s, code);
	int status = 0;

	curl_multi_remove_handle(f->multi, s->easy);
	f->running--;
	s->host->in_flight--;
	host_note(
	    s->host, outcome, s->status, slot_retry_after_s(s), clock_ms());
	if (slot_is_redirect(s, outcome))
		outcome = redirect(f, s);
	if (s->task != NULL && !try_again(f, s, outcome))
		status = end_with(f, s, outcome, done, ctx, e);
	slot_clear(s);
	return status;
}

/* Hand over all that is finished; *ret_n becomes how many. */
static int
reap(struct fetch *f, fetch_done_fn *done, void *ctx, int *ret_n, struct err *e)
{
	struct task *t;
	struct slot *s;
	CURLMsg *m;
	int left;

	*ret_n = 0;
	while ((t = f->finished.first) != NULL) {
		f->finished.first = t->next;
		if (t->next == NULL)
			f->finished.last = NULL;
		++*ret_n;
		if (end_without(f, t, done, ctx, e) < 0)
			return -1;
	}
	while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		++*ret_n;
		if (conclude(f, s, m->data.result, done, ctx, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the loop's turn ---------------------------------------------------- */

static int
wait_for(struct fetch *f, struct pollfd *others, int n, int timeout_ms,
    struct err *e)
{
	struct curl_waitfd fds[OTHERS_MAX];
	int i;

	if (n > OTHERS_MAX)
		n = OTHERS_MAX;
	for (i = 0; i < n; i++) {
		fds[i] = (struct curl_waitfd){ .fd = others[i].fd };
		if (others[i].events & POLLIN)
			fds[i].events |= CURL_WAIT_POLLIN;
		if (others[i].events & POLLOUT)
			fds[i].events |= CURL_WAIT_POLLOUT;
	}
	if (curl_multi_poll(f->multi, fds, (unsigned)n, timeout_ms, NULL) !=
	    CURLM_OK)
		return err_set(e, ERR_FATAL, "libcurl cannot wait");
	for (i = 0; i < n; i++) {
		others[i].revents = 0;
		if (fds[i].revents & CURL_WAIT_POLLIN)
			others[i].revents |= POLLIN;
		if (fds[i].revents & CURL_WAIT_POLLOUT)
			others[i].revents |= POLLOUT;
	}
	return 0;
}

static int
perform(struct fetch *f, struct err *e)
{
	int running;

	if (curl_multi_perform(f->multi, &running) != CURLM_OK)
		return err_set(e, ERR_FATAL, "libcurl cannot go on");
	return 0;
}

int
fetch_step(struct fetch *f, struct pollfd *others, int n_others, int timeout_ms,
    fetch_done_fn *done, void *ctx, struct err *e)
{
	int64_t wake_ms = INT64_MAX, now_ms;
	int n;

	if (start(f, &wake_ms, e) < 0 || perform(f, e) < 0 ||
	    reap(f, done, ctx, &n, e) < 0)
		return -1;
	now_ms = clock_ms();
	if (n > 0 || wake_ms <= now_ms)
		timeout_ms = 0;
	else if (timeout_ms < 0 || wake_ms - now_ms < timeout_ms)
		timeout_ms =
		    wake_ms - now_ms > INT32_MAX ? -1 : (int)(wake_ms - now_ms);
	if (timeout_ms < 0)
		timeout_ms = 1000;
	if (wait_for(f, others, n_others, timeout_ms, e) < 0 ||
	    perform(f, e) < 0)
		return -1;
	return reap(f, done, ctx, &n, e);
}
