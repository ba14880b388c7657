/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/fetch.h"

#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "scraper/fetch_int.h"
#include "scraper/url.h"

#define BUSY_MAX 16384         /* requests in hand */
#define BACKOFF_MAX_MS 600000u /* of one try */
#define PATIENCE_S 60 /* of Retry-After; longer is left for the next run */
#define ROBOTS_HOPS 5 /* at least (RFC 9309, 2.3.1.2) */

static const char accept_images[] =
    "Accept: image/webp,image/png,image/jpeg,image/gif,*/*;q=0.5";

/* ---- making ------------------------------------------------------------- */

static int
parse_allowed(struct fetch *f, struct err *e)
{
	const struct strlist *list = &f->opts->allow_private;
	size_t i;

	f->allow = xreallocarray(NULL, list->n + 1, sizeof(*f->allow));
	for (i = 0; i < list->n; i++, f->n_allow++)
		if (cidr_parse(list->v[i], &f->allow[i], e) < 0)
			return err_wrap(e, "scraper: allow_private");
	return 0;
}

/*
 * As many descriptors as this user may have, for connections; how many of
 * those libcurl may hold, of which some shall rest.
 */
static long
connections_max(long at_work)
{
	long most = at_work + 8L * KEPT_CONNECTIONS;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return at_work;
	if (files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return files.rlim_max / 2 < (rlim_t)most ? (long)(files.rlim_max / 2)
						 : most;
}

static int
set_up(struct fetch *f, struct err *e)
{
	struct resolver_conf names = { 0 };
	long n = (long)f->opts->max_transfers;

	f->slots = xcalloc((size_t)n, sizeof(struct slot *));
	f->for_images = curl_slist_append(NULL, accept_images);
	if (parse_allowed(f, e) < 0 ||
	    resolver_new(&names, &f->resolver, e) < 0)
		return -1;
	f->multi = curl_multi_init();
	if (f->multi == NULL || f->for_images == NULL)
		return err_set(e, ERR_FATAL, "libcurl does not start");
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, connections_max(n));
	return loop_init(f, e);
}

int
fetch_new(const struct scraper_opts *opts, const char *version,
    const char *contact, struct fetch **ret, struct err *e)
{
	struct fetch *f = xcalloc(1, sizeof(*f));

	f->opts = opts;
	f->epoll = -1;
	f->now_ms = clock_ms();
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
	struct heap_item *sleeper;
	struct task *t;
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n_slots; i++) {
		if (f->slots[i]->task != NULL)
			curl_multi_remove_handle(f->multi, f->slots[i]->easy);
		slot_free(f->slots[i]);
	}
	free(f->slots);
	curl_multi_cleanup(f->multi);
	curl_slist_free_all(f->for_images);
	curl_slist_free_all(f->unresolve);
	while ((t = queue_take(&f->finished)) != NULL)
		task_free(t);
	while ((sleeper = heap_first(&f->sleeping)) != NULL) {
		heap_remove(&f->sleeping, sleeper);
		task_free((struct task *)sleeper);
	}
	heap_release(&f->sleeping);
	heap_release(&f->ready);
	resolver_free(f->resolver);
	hosts_free(f);
	loop_release(f);
	free(f->allow);
	free(f->agent);
	free(f);
	curl_global_cleanup();
}

void
fetch_remember(struct fetch *f, const struct fetch_memory *m)
{
	f->memory = *m;
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

void
fetch_hold(struct fetch *f, bool hold)
{
	f->hold = hold;
	if (!hold)
		hosts_release_hold(f);
}

/* Why url_resolve() does not take an address. */
static enum outcome
fault_of(const char *url)
{
	const char *host = strstr(url, "//");
	size_t len;

	if (host == NULL || strncasecmp(url, "http", 4) != 0)
		return FETCH_BAD_URL;
	host += 2;
	len = strcspn(host, "/\\?#");
	return memchr(host, '@', len) == NULL ? FETCH_BAD_URL
					      : FETCH_CREDENTIALS;
}

/* Into its host's queue, now or later. */
static void
enqueue(struct fetch *f, struct task *t, int64_t after_ms, bool in_front)
{
	if (after_ms > 0)
		heap_put(
		    &f->sleeping, &t->sleep, clock_ms() + after_ms, ++f->turn);
	else
		host_enqueue(f, t, in_front);
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
	f->busy++;
	if (t->url == NULL) {
		t->url = xstrdup("");
		t->outcome = fault_of(r->url);
		queue_push(&f->finished, t);
		return;
	}
	t->is_api = r->is_api;
	t->authorization = copy(r->authorization);
	t->post = copy(r->post);
	if (r->authorization != NULL || r->post != NULL)
		t->home = xstrndup(t->url, url_origin_len(t->url));
	enqueue(f, t, r->after_ms, false);
}

/* ---- starting ----------------------------------------------------------- */

static void
wake_sleepers(struct fetch *f)
{
	struct heap_item *first;

	while ((first = heap_first(&f->sleeping)) != NULL &&
	    first->due_ms <= f->now_ms) {
		heap_remove(&f->sleeping, first);
		host_enqueue(f, (struct task *)first, true);
	}
}

static int
start(struct fetch *f, struct err *e)
{
	struct place *p;
	struct host *h;
	struct slot *s;
	struct task *t;
	int rc;

	wake_sleepers(f);
	while (f->running < f->opts->max_transfers && f->held < BODIES_MAX) {
		rc = host_pick(f, &t, &h, &p, e);
		if (rc <= 0)
			return rc;
		s = slot_get(f, e);
		if (s == NULL) {
			task_free(t);
			return -1;
		}
		if (slot_start(s, t, h, p, e) < 0)
			return -1;
	}
	return 0;
}

/* When something here may start; INT64_MAX: not by itself. */
static int64_t
next_start_ms(const struct fetch *f)
{
	struct heap_item *host = heap_first(&f->ready);
	struct heap_item *sleeper = heap_first(&f->sleeping);
	int64_t ms = INT64_MAX;

	if (host != NULL && f->running < f->opts->max_transfers &&
	    f->held < BODIES_MAX)
		ms = host->due_ms;
	return sleeper != NULL && sleeper->due_ms < ms ? sleeper->due_ms : ms;
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
	int status;

	if (t->robots_for != NULL) {
		status = host_set_robots(
		    t->robots_for, t, t->outcome, 0, &nothing, e);
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
	const char *said = s->opt_out.text;
	struct task *t = s->task;
	struct fetch_result r = {
		.id = t->id,
		.data = t->data,
		.want = t->want,
		.outcome = outcome,
		.status = s->resumed ? 200 : s->status,
		.url = t->asked,
		.final_url = t->url,
		.etag = s->etag,
		.last_modified = s->last_modified,
		.charset = s->charset,
		.tag = s->opt_out.tag,
		.opt_out = *said == 0 ? NULL : said,
		.retry_after_s = s->rate.retry_after_s,
		.body = &s->body,
	};

	if (s->status >= 400)
		r.retry_after_s = rate_wait_s(&s->rate);
	if (t->robots_for != NULL)
		return host_set_robots(
		    t->robots_for, t, outcome, s->status, &s->body, e);
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
		return fault_of(s->location);
	again = strcmp(url, t->url) == 0 || strlist_has(&t->visited, url);
	if (again || t->visited.n >= most) {
		free(url);
		return again ? FETCH_REDIRECT_LOOP : FETCH_TOO_MANY_REDIRECTS;
	}
	strlist_add(&t->visited, t->url);
	free(t->url);
	t->url = url;
	t->is_api = false; /* who knows what that is */
	host_enqueue(f, TAKE(s->task), true);
	return FETCH_OK;
}

/* Does it go back into its queue for another try? */
static bool
try_again(struct fetch *f, struct slot *s, enum outcome outcome)
{
	int64_t asked_s = rate_wait_s(&s->rate), wait_ms;
	struct task *t = s->task;
	uint32_t most_ms;

	if (outcome_kind(outcome) != OUTCOME_TRANSIENT ||
	    t->tries >= f->opts->retries || asked_s > PATIENCE_S ||
	    s->host->down)
		return false;
	part_keep(s, outcome);
	/* "Full jitter": any time up to a limit that doubles. */
	most_ms = t->tries < 10 ? 1000u << t->tries : BACKOFF_MAX_MS;
	if (most_ms > BACKOFF_MAX_MS)
		most_ms = BACKOFF_MAX_MS;
	t->tries++;
	wait_ms = 1 + arc4random_uniform(most_ms) + 1000 * asked_s;
	enqueue(f, TAKE(s->task), wait_ms, true);
	return true;
}

static int
conclude(struct fetch *f, struct slot *s, CURLcode code, fetch_done_fn *done,
    void *ctx, struct err *e)
{
	enum outcome outcome = slot_outcome(s, code);
	bool moves = slot_is_redirect(s, outcome);
	struct host *h = s->host;
	struct place *p = s->place;
	int status;

	figures_add(s, outcome, !moves);
	curl_multi_remove_handle(f->multi, s->easy);
	f->running--;
	status = host_note(h, s, outcome, e);
	if (moves)
		outcome = redirect(f, s);
	if (status == 0 && s->task != NULL && !try_again(f, s, outcome))
		status = end_with(f, s, outcome, done, ctx, e);
	slot_clear(s);
	s->next = f->free_slots;
	f->free_slots = s;
	host_leave(h, p);
	slot_wake_paused(f);
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
	while ((t = queue_take(&f->finished)) != NULL) {
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

int
fetch_step(struct fetch *f, struct pollfd *others, int n_others, int timeout_ms,
    fetch_done_fn *done, void *ctx, struct err *e)
{
	int64_t wake_ms;
	int n;

	f->now_ms = clock_ms();
	if (start(f, e) < 0 || loop_run_timer(f, e) < 0 ||
	    reap(f, done, ctx, &n, e) < 0)
		return -1;
	wake_ms = next_start_ms(f);
	if (timeout_ms < 0 || timeout_ms > 1000)
		timeout_ms = 1000;
	if (n > 0 || wake_ms <= f->now_ms || f->finished.first != NULL)
		timeout_ms = 0;
	else if (wake_ms - f->now_ms < timeout_ms)
		timeout_ms = (int)(wake_ms - f->now_ms);
	if (loop_wait(f, others, n_others, timeout_ms, e) < 0)
		return -1;
	return reap(f, done, ctx, &n, e);
}
