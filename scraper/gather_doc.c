/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "scraper/gather_api.h"
#include "scraper/gather_lead.h"
#include "scraper/gather_list.h"
#include "scraper/licence.h"
#include "scraper/read.h"
#include "scraper/url.h"
#include "store/forget.h"

#define AGAIN_S 5          /* when a server says "not now" and no more */
#define RETRY_S (15 * 60)  /* what may pass, at least */
#define GONE_S (7 * 86400) /* what is gone may come back */
#define UNREAD_MAX 4       /* that wait for a child, before more are fetched */

/* A document between being asked for and being taken in. */
struct page_job {
	struct page_job *next; /* in gather.unread */
	struct origin *origin;
	struct frontier_document document;
	char *base; /* where it was found in the end */
	char *etag, *last_modified, *charset;
	struct robots_tag tag;
	int64_t retry_after_s;
	int tries;
	bool is_token; /* its API is asked for a token first */
	struct buf body;
};

static void
job_free(struct page_job *j)
{
	frontier_document_release(&j->document);
	free(j->base);
	free(j->etag);
	free(j->last_modified);
	free(j->charset);
	buf_release(&j->body);
	free(j);
}

static struct page_job *
job_new(struct gather *g, struct origin *o, const struct frontier_document *d)
{
	struct page_job *j = xcalloc(1, sizeof(*j));
	size_t i = 0;

	j->origin = o;
	j->document = *d;
	j->body = BUF_INIT(DOCUMENT_MAX + 1);
	while (g->jobs[i] != NULL)
		i++;
	g->jobs[i] = j;
	g->documents++;
	return j;
}

void
documents_free(struct gather *g)
{
	size_t i;

	for (i = 0; i < DOCUMENTS_MAX; i++)
		if (g->jobs[i] != NULL)
			job_free(g->jobs[i]);
}

/* ---- asking ------------------------------------------------------------- */

static void
ask(struct gather *g, struct page_job *j, int64_t after_ms)
{
	struct fetch_request r = { .data = j,
		.want = FETCH_DOCUMENT,
		.url = j->document.url,
		.etag = j->document.etag,
		.last_modified = j->document.last_modified,
		.after_ms = after_ms };
	struct api_secrets secrets CLEANUP(api_secrets_release) = { 0 };
	struct api *api = j->origin->api;

	j->is_token = api != NULL && api_wants_token(api, clock_now());
	if (api != NULL)
		api_ask(api, j->is_token, &r, &secrets);
	fetch_add(g->fetch, &r);
}

/* Pages of an API come one after another, with a pause. */
static int64_t
pause_ms(const struct page_job *j)
{
	const struct origin *o = j->origin;

	return o->api == NULL || strcmp(j->document.url, o->seed) == 0
	    ? 0
	    : api_delay_ms(o->api);
}

static void
enqueue(struct gather *g, struct page_job *j)
{
	j->next = NULL;
	*g->unread_end = j;
	g->unread_end = &j->next;
}

/* Out of hand, and gone. */
static int
let_go(struct gather *g, struct page_job *j)
{
	size_t i;

	for (i = 0; i < DOCUMENTS_MAX; i++)
		if (g->jobs[i] == j)
			g->jobs[i] = NULL;
	j->origin->in_hand--;
	g->documents--;
	job_free(j);
	return 0;
}

/*
 * It could not be had.  Without a seed there is no crawl, so that is always
 * tried by the next run; another is tried by some runs more, later and later,
 * unless it is gone for good.
 */
static int
fail(struct gather *g, struct page_job *j, const char *reason,
    const char *detail, bool may_pass, bool refused, struct err *e)
{
	struct origin *o = j->origin;
	int64_t wait_s = refused ? 1 : may_pass ? RETRY_S : GONE_S;
	bool left;

	/* Of a dry run nothing is noted that could be looked up later. */
	if (g->conf->dry_run)
		log_warn("%s: %s", j->document.url,
		    detail == NULL ? reason : detail);
	else
		log_debug("%s: %s", j->document.url, reason);
	if (may_pass && j->retry_after_s > wait_s)
		wait_s = j->retry_after_s;
	if (gather_failed(g, reason, j->document.url, detail, refused, e) < 0 ||
	    frontier_document_failed(g->store, &o->frontier, j->document.id,
		reason, !may_pass, wait_s,
		strcmp(j->document.url, o->seed) == 0, &left, e) < 0)
		return -1;
	if (left)
		source_leave(o, j->document.id);
	return let_go(g, j);
}

/* It is as it was: what it led to is wanted again. */
static int
same(struct gather *g, struct page_job *j, struct err *e)
{
	g->stats->not_modified++;
	if (frontier_document_same(
		g->store, &j->origin->frontier, j->document.id, e) < 0)
		return -1;
	return let_go(g, j);
}

/* A site may do without robots.txt. */
static int
without(struct gather *g, struct page_job *j, struct err *e)
{
	if (frontier_document_same(
		g->store, &j->origin->frontier, j->document.id, e) < 0)
		return -1;
	return let_go(g, j);
}

int
documents_feed(struct gather *g, struct err *e)
{
	struct frontier_document d;
	struct origin *o;
	struct page_job *j;
	int rc = 0;

	while (g->documents < DOCUMENTS_MAX && fetch_room(g->fetch) > 0 &&
	    (rc = sources_next(g, &o, &d, e)) == 1) {
		rc = lead_skips(g, o, &d, e);
		if (rc != 0) {
			frontier_document_release(&d);
			o->in_hand--;
			if (rc < 0)
				return -1;
			continue;
		}
		if (strncmp(d.url, "file:", 5) != 0) {
			j = job_new(g, o, &d);
			ask(g, j, pause_ms(j));
		} else if (lists_add(g, o, &d, e) < 0) {
			return -1;
		}
	}
	return rc;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

/* Why it could not be had; of an API, what to do about it. */
static int
fetch_failed(struct gather *g, struct page_job *j, const struct fetch_result *r,
    struct err *e)
{
	const struct api *api = j->origin->api;
	enum outcome_kind kind = outcome_kind(r->outcome);
	char *advice CLEANUP(freep) =
	    api == NULL ? NULL : api_advice(api, r->status);

	return fail(g, j, outcome_word(r->outcome),
	    advice == NULL ? outcome_text(r->outcome) : advice,
	    kind == OUTCOME_TRANSIENT || kind == OUTCOME_LATER,
	    kind == OUTCOME_REFUSED, e);
}

/* A token for what is then asked; or a document was refused with one. */
static int
token_fetched(
    struct gather *g, struct page_job *j, struct fetch_result *r, struct err *e)
{
	struct err why = { 0 };

	if (r->outcome != FETCH_OK)
		return fetch_failed(g, j, r, e);
	if (api_take_token(j->origin->api, r->body, clock_now(), &why) < 0)
		return fail(g, j, "no_token", why.msg, true, false, e);
	ask(g, j, 0);
	return 0;
}

int
documents_fetched(struct gather *g, struct fetch_result *r, struct err *e)
{
	struct page_job *j = r->data;
	enum outcome_kind kind = outcome_kind(r->outcome);
	int64_t tombstone = 0;

	j->retry_after_s = r->retry_after_s;
	if (j->is_token)
		return token_fetched(g, j, r, e);
	if (r->outcome == FETCH_OK &&
	    forget_knows_url(g->store, r->final_url, &tombstone, e) < 0)
		return -1;
	if (tombstone != 0)
		return fail(g, j, "forgotten", "leads to what is forgotten",
		    false, true, e);
	if (r->outcome == FETCH_NOT_MODIFIED)
		return same(g, j, e);
	if (kind == OUTCOME_PERMANENT && j->document.depth == DEPTH_ROBOTS)
		return without(g, j, e);
	if (r->status == 401 && j->origin->api != NULL &&
	    api_drop_token(j->origin->api)) {
		ask(g, j, 0);
		return 0;
	}
	if (r->outcome != FETCH_OK)
		return fetch_failed(g, j, r, e);
	buf_release(&j->body);
	j->body = *r->body;
	*r->body = BUF_INIT(r->body->cap);
	free(j->base);
	free(j->etag);
	free(j->last_modified);
	free(j->charset);
	j->base = j->origin->api == NULL
	    ? xstrdup(r->final_url)
	    : api_plain_url(j->origin->api, r->final_url);
	j->etag = copy(r->etag);
	j->last_modified = copy(r->last_modified);
	j->charset = copy(r->charset);
	j->tag = r->tag;
	enqueue(g, j);
	return 0;
}

/* ---- taking in ---------------------------------------------------------- */

static const char *
first_of(const char *a, const char *b)
{
	return a != NULL && *a != 0 ? a : b;
}

int
sight_image(struct gather *g, struct origin *o, const struct found *f,
    int64_t *ret_id, struct err *e)
{
	const char *label = first_of(f->label, o->opts->label);
	bool is_local = strncmp(f->url, "file:", 5) == 0, is_new;
	char *host CLEANUP(freep) = is_local ? NULL : url_host(f->url);
	struct sighting sight = { .url = f->url,
		.host = host,
		.page = f->page,
		.label = label,
		.title = f->title,
		.author = f->author,
		.licence = f->licence,
		.licence_url = f->licence_url,
		.caption = f->caption };

	const char *why = NULL;

	*ret_id = 0;
	if (!licence_wanted(&o->opts->licence, f->licence))
		why = "licence";
	else if (label != NULL && !gather_takes_class(g, label))
		why = "no_such_class";
	else if (o->opts->limit > 0 && o->taken >= o->opts->limit)
		why = "source_limit";
	if (g->conf->found != NULL && o->api != NULL)
		g->conf->found(g->conf->would_ctx, f, label, why);
	if (why != NULL) {
		why_not(g, why, f->url);
		return 0;
	}
	if (frontier_sight(g->store, &o->frontier, &sight, ret_id, &is_new, e) <
	    0)
		return -1;
	if (*ret_id == 0)
		why_not(g, "forgotten", f->url);
	g->stats->offered += is_new;
	o->taken += is_new;
	return 0;
}

static int
take_in(struct gather *g, const struct page_job *j, const struct doc *d,
    struct err *e)
{
	int64_t before = g->stats->offered + frontier_new_documents(g->store);
	int64_t id;
	size_t i;

	g->stats->documents++;
	for (i = 0; i < d->n_images; i++)
		if (sight_image(g, j->origin, &d->images[i], &id, e) < 0)
			return -1;
	if (lead_on(g, j->origin, &j->document, d, e) < 0)
		return -1;
	if (d->truncated &&
	    run_failure(g->store, STAGE, "truncated", j->document.url,
		"it holds more than is taken of one document", e) < 0)
		return -1;
	if (d->bad_urls > 0 && g->conf->dry_run)
		log_warn("%s: %lld entries without an address that we open",
		    j->document.url, (long long)d->bad_urls);
	if (d->bad_urls > 0 &&
	    run_failure(g->store, STAGE, "bad_url", j->document.url,
		"entries without an address that we open", e) < 0)
		return -1;
	return frontier_document_done(g->store, &j->origin->frontier,
	    j->document.id, j->etag, j->last_modified,
	    g->stats->offered + frontier_new_documents(g->store) > before, e);
}

/* The API has no time just now: in a while, then in the next run. */
static int
ask_again(
    struct gather *g, struct page_job *j, const char *reason, struct err *e)
{
	int64_t wait_s = j->retry_after_s > 0 ? j->retry_after_s : AGAIN_S;

	if (j->tries++ >= g->conf->scraper->retries || wait_s > 60)
		return fail(g, j, reason, NULL, true, false, e);
	ask(g, j, 1000 * wait_s);
	return 0;
}

static int
on_read(void *ctx, struct proc_job *job, struct err *e)
{
	static const char *const reasons[] = {
		[PROC_CRASHED] = "reader_crashed",
		[PROC_TIMED_OUT] = "reader_timed_out",
		[PROC_TOO_MUCH] = "reader_said_too_much",
	};
	struct doc d CLEANUP(doc_release) = { 0 };
	struct page_job *j = job->data;
	struct gather *g = ctx;
	struct err why = { 0 };

	if (store_begin(g->store, e) < 0)
		return -1;
	if (job->outcome != PROC_ANSWERED)
		return fail(g, j, reasons[job->outcome], NULL, false, false, e);
	if (doc_read(&d, &job->answer, &why) < 0)
		return fail(g, j, "reader_crashed", why.msg, false, false, e);
	if (d.transient)
		return ask_again(g, j, d.error, e);
	if (d.error != NULL)
		return fail(g, j, "unreadable", d.error, false, false, e);
	if (take_in(g, j, &d, e) < 0 || let_go(g, j) < 0)
		return -1;
	return lanes_refresh(g, e);
}

/* ---- children ----------------------------------------------------------- */

static int
submit(struct gather *g, struct page_job *j, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;
	const struct source_opts *opts = j->origin->opts;
	struct read_ask question = { .reader =
					 lead_reader(j->origin, &j->document),
		.base = j->base,
		.charset = j->charset,
		.format =
		    strcmp(opts->format, "auto") == 0 ? NULL : opts->format,
		.api = j->origin->api == NULL ? NULL
					      : api_question(j->origin->api),
		.columns = opts->columns,
		.tag = j->tag };

	job.data = j;
	if (read_request(&question, j->body.data, j->body.len, &job, e) < 0)
		return -1;
	buf_release(&j->body);
	return proc_pool_submit(g->pool, &job, e);
}

/* Do those who read lag behind those who fetch? */
static bool
is_behind(const struct gather *g)
{
	const struct page_job *j;
	int n = 0;

	for (j = g->unread; j != NULL; j = j->next)
		n++;
	return n > UNREAD_MAX;
}

int
documents_step(struct gather *g, struct err *e)
{
	struct page_job *j;

	if (proc_pool_step(g->pool, on_read, g, e) < 0)
		return -1;
	while (g->unread != NULL && proc_pool_free_slots(g->pool) > 0) {
		j = g->unread;
		g->unread = j->next;
		if (g->unread == NULL)
			g->unread_end = &g->unread;
		if (submit(g, j, e) < 0)
			return -1;
	}
	fetch_hold(g->fetch, is_behind(g));
	return 0;
}
