/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/gather_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "scraper/list_job.h"

#define CHILD_DEADLINE_MS (60 * 1000)
#define CHILD_MEMORY ((int64_t)1 << 30)
#define BAD_NAMED 5
#define LOOK_MS 2000 /* between counts of what waits */
#define GONE_S (7 * 86400)
#define AGAIN "again" /* read to its end, but not all of it was noted */

/* A list at work. */
struct work {
	struct work *next;
	struct origin *origin;
	struct frontier_document document;
	char *etag; /* size and time */
	struct list_place place;
	int64_t bad, named;
	int64_t offered; /* by all, when it began */
	bool passed;     /* some were passed over: their class has enough */
	bool again, unlabelled, stopped;
};

struct lists {
	struct proc_pool *pool;
	struct work *all;
	struct work *open;  /* that the child has open; or NULL */
	struct work *asked; /* of which a part is in hand; or NULL */
	struct needs *needs;
	int64_t looked_ms;
};

static void
work_free(struct work *w)
{
	frontier_document_release(&w->document);
	free(w->etag);
	free(w);
}

void
lists_free(struct gather *g)
{
	struct lists *l = g->lists;
	struct work *w;

	if (l == NULL)
		return;
	while ((w = l->all) != NULL) {
		l->all = w->next;
		if (w->place.at > 0 && !g->conf->dry_run)
			log_info("gather: source \"%s\": read to line %lld, "
				 "where a later run goes on",
			    w->origin->name, (long long)w->place.line - 1);
		work_free(w);
	}
	needs_forget(&l->needs);
	proc_pool_free(l->pool);
	free(l);
	g->lists = NULL;
}

/* It is done with in this run. */
static int
let_go(struct gather *g, struct work *w)
{
	struct work **p = &g->lists->all;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	if (g->lists->open == w)
		g->lists->open = NULL;
	w->origin->in_hand--;
	work_free(w);
	return 0;
}

static int
fail(struct gather *g, struct work *w, const char *reason, const char *detail,
    struct err *e)
{
	bool left;

	if (g->conf->dry_run)
		log_warn("%s: %s", w->document.url, detail);
	if (gather_failed(g, reason, w->document.url, detail, false, e) < 0 ||
	    frontier_document_failed(g->store, &w->origin->frontier,
		w->document.id, reason, true, GONE_S, true, &left, e) < 0)
		return -1;
	source_leave(w->origin, w->document.id);
	return let_go(g, w);
}

static struct lists *
lists_of(struct gather *g)
{
	struct proc_conf readers = { .kind = "list",
		.children = 1,
		.deadline_ms = CHILD_DEADLINE_MS,
		.memory_bytes = CHILD_MEMORY };

	if (g->lists == NULL) {
		g->lists = xcalloc(1, sizeof(*g->lists));
		g->lists->pool = proc_pool_new(&readers);
	}
	return g->lists;
}

/* ---- beginning ---------------------------------------------------------- */

/* Is a class of it in need of more? */
static int
is_wanted(struct gather *g, struct work *w, bool *ret, struct err *e)
{
	*ret = false;
	if (w->stopped || (g->conf->limit > 0 && g->asked >= g->conf->limit))
		return 0;
	return needs_any(
	    g, &g->lists->needs, w->origin->opts->label, w->unlabelled, ret, e);
}

/* Where the last run was: the place, unless the file is another now. */
static void
find_place(struct work *w)
{
	const char *text = w->document.last_modified;
	long long at, line;
	char passed;

	w->place = (struct list_place){ 0, 1 };
	if (w->document.etag == NULL ||
	    strcmp(w->document.etag, w->etag) != 0 || text == NULL)
		return;
	w->again = strcmp(text, AGAIN) == 0;
	if (sscanf(text, "%lld %lld %c", &at, &line, &passed) == 3) {
		w->place = (struct list_place){ at, line };
		w->passed = passed == 'p';
	}
}

static int
same(struct gather *g, struct work *w, struct err *e)
{
	g->stats->not_modified++;
	if (frontier_document_same(
		g->store, &w->origin->frontier, w->document.id, e) < 0)
		return -1;
	return let_go(g, w);
}

/* Its file; -1 with errno. */
static int
open_file(struct work *w)
{
	int fd = open(w->origin->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0) {
			close(fd);
			errno = EINVAL;
		}
		return -1;
	}
	free(w->etag);
	w->etag = xasprintf("%lld-%lld.%09ld", (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return fd;
}

int
lists_add(struct gather *g, struct origin *o, struct frontier_document *d,
    struct err *e)
{
	struct lists *l = lists_of(g);
	struct work *w = xcalloc(1, sizeof(*w));
	bool wanted = true;
	int fd;

	w->origin = o;
	w->document = *d;
	w->next = l->all;
	w->offered = g->stats->offered;
	l->all = w;
	fd = open_file(w);
	if (fd < 0)
		return fail(g, w, "unreadable",
		    errno == EINVAL ? "not a file" : strerror(errno), e);
	close(fd);
	find_place(w);
	if (w->again && is_wanted(g, w, &wanted, e) < 0)
		return -1;
	if (!wanted ||
	    (d->etag != NULL && strcmp(d->etag, w->etag) == 0 &&
		d->last_modified == NULL))
		return same(g, w, e);
	return 0;
}

/* ---- asking ------------------------------------------------------------- */

static int
submit(struct gather *g, struct work *w, struct err *e)
{
	struct proc_job job CLEANUP(proc_job_release) = PROC_JOB_INIT;
	const struct source_opts *opts = w->origin->opts;
	struct list_ask ask = { .name = w->origin->path,
		.format =
		    strcmp(opts->format, "auto") == 0 ? NULL : opts->format,
		.columns = opts->columns };
	char *etag CLEANUP(freep) = xstrdup(w->etag);
	int fd;

	if (strcmp(opts->type, "warc") == 0)
		ask.format = LIST_WARC;
	job.data = w;
	list_ask_more(&job);
	if (g->lists->open != w) {
		fd = open_file(w);
		if (fd < 0)
			return fail(g, w, "unreadable", strerror(errno), e);
		if (strcmp(etag, w->etag) != 0)
			w->place = (struct list_place){ 0, 1 };
		if (list_ask_open(&job, fd, &ask, &w->place, e) < 0)
			return -1;
	}
	if (proc_pool_submit(g->lists->pool, &job, e) < 0)
		return -1;
	g->lists->open = g->lists->asked = w;
	g->documents++;
	return 0;
}

/* The one to read on: that which is open, if it is wanted. */
static int
choose(struct gather *g, struct work **ret, struct err *e)
{
	struct lists *l = g->lists;
	struct work *w = l->open != NULL ? l->open : l->all, *first = w;
	bool wanted;

	*ret = NULL;
	while (w != NULL) {
		wanted = w->place.at == 0 && !w->stopped && !w->again;
		if (!wanted && is_wanted(g, w, &wanted, e) < 0)
			return -1;
		if (wanted) {
			*ret = w;
			return 0;
		}
		w = w->next == NULL ? l->all : w->next;
		if (w == first)
			break;
	}
	return 0;
}

int
lists_feed(struct gather *g, struct err *e)
{
	struct lists *l = g->lists;
	bool idle = g->documents == 0 && g->images == 0;
	struct work *w;

	if (l == NULL || l->all == NULL || l->asked != NULL)
		return 0;
	if (choose(g, &w, e) < 0)
		return -1;
	if (w == NULL && (idle || clock_ms() - l->looked_ms > LOOK_MS)) {
		needs_forget(&l->needs);
		l->looked_ms = clock_ms();
		if (choose(g, &w, e) < 0)
			return -1;
	}
	if (w != NULL)
		return submit(g, w, e);
	return 0;
}

/* ---- taking in ---------------------------------------------------------- */

struct taking {
	struct gather *g;
	struct work *w;
	bool failed; /* by what `each` did */
};

static int
name_bad(struct gather *g, struct work *w, const struct list_given *given,
    struct err *e)
{
	char *detail CLEANUP(freep) = NULL;

	if (w->named++ >= BAD_NAMED)
		return 0;
	detail = xasprintf("line %lld: %s", (long long)given->line, given->bad);
	if (g->conf->dry_run)
		log_warn("%s: %s", w->document.url, detail);
	return run_failure(
	    g->store, STAGE, "bad_url", w->document.url, detail, e);
}

/* Has its class enough that waits?  *ret_need: NULL, if it is none of ours. */
static int
is_full(struct gather *g, struct work *w, const struct list_given *given,
    struct need **ret_need, bool *ret, struct err *e)
{
	char *own CLEANUP(freep) = list_label(given);
	const char *label = own != NULL ? own : w->origin->opts->label;

	*ret_need = NULL;
	w->unlabelled |= label == NULL;
	if ((label == NULL || gather_takes_class(g, label)) &&
	    need_of(g, &g->lists->needs, label, ret_need, e) < 0)
		return -1;
	*ret = *ret_need != NULL && need_is_full(*ret_need);
	return 0;
}

/* 1: stop before it. */
static int
sight(struct gather *g, struct work *w, const struct list_given *given,
    struct err *e)
{
	int64_t before = g->stats->offered, limit = w->origin->opts->limit, id;
	struct need *need;
	struct found f;
	bool full;
	int rc;

	w->stopped = limit > 0 && w->origin->taken >= limit;
	if (w->stopped)
		return 1;
	if (is_full(g, w, given, &need, &full, e) < 0)
		return -1;
	w->passed |= full;
	if (full)
		why_not(g, "class_has_enough", given->texts[0]);
	else if (need == NULL)
		why_not(g, "no_such_class", given->texts[0]);
	if (full || need == NULL || !list_found(given, &f))
		return 0;
	rc = sight_image(g, w->origin, &f, &id, e);
	if (rc == 0 && id != 0 && given->bytes != NULL && need->lack > 0 &&
	    !g->conf->dry_run) {
		need->lack--;
		rc = image_keep(g, id, f.url, given->bytes, given->len, e);
	}
	found_release(&f);
	need->waiting += g->stats->offered - before;
	return rc;
}

static int
on_entry(void *ctx, const struct list_given *given, struct err *e)
{
	struct taking *t = ctx;
	int rc = given->bad != NULL ? name_bad(t->g, t->w, given, e)
				    : sight(t->g, t->w, given, e);

	t->failed = rc < 0;
	return rc;
}

static int
tell_bad(struct gather *g, struct work *w, struct err *e)
{
	char *detail CLEANUP(freep) = NULL;

	if (w->bad <= BAD_NAMED)
		return 0;
	detail = xasprintf("%lld records in all without an address that we "
			   "open; the first are named",
	    (long long)w->bad);
	return run_failure(
	    g->store, STAGE, "bad_url", w->document.url, detail, e);
}

/* Note where it is, in the transaction of what came before that. */
static int
stay(struct gather *g, struct work *w, struct err *e)
{
	char *place CLEANUP(freep) =
	    xasprintf("%lld %lld %c", (long long)w->place.at,
		(long long)w->place.line, w->passed ? 'p' : '-');

	return frontier_document_place(
	    g->store, w->document.id, w->etag, place, e);
}

static int
take_part(struct gather *g, struct work *w, const struct list_part *part,
    struct err *e)
{
	w->bad += part->bad;
	w->place = part->next;
	w->again = false;
	if (w->stopped)
		g->lists->open = NULL; /* the child is further on */
	if (!part->end)
		return stay(g, w, e);
	g->stats->documents++;
	if (tell_bad(g, w, e) < 0 ||
	    frontier_document_done(g->store, &w->origin->frontier,
		w->document.id, w->etag, w->passed ? AGAIN : NULL,
		g->stats->offered > w->offered, e) < 0)
		return -1;
	return let_go(g, w);
}

/*
 * Before any of it is fetched: what had come when a run is killed is known
 * again by the URLs that the catalog has.
 */
static int
keep(struct gather *g, struct err *e)
{
	return g->conf->dry_run ? 0 : store_commit(g->store, e);
}

static int
on_part(void *ctx, struct proc_job *job, struct err *e)
{
	struct gather *g = ctx;
	struct work *w = job->data;
	struct taking taking = { g, w, false };
	struct list_part part = { .next = w->place };
	struct err why = { 0 };

	g->lists->asked = NULL;
	g->documents--;
	if (store_begin(g->store, e) < 0)
		return -1;
	if (job->outcome != PROC_ANSWERED) {
		g->lists->open = NULL;
		return fail(g, w,
		    job->outcome == PROC_TIMED_OUT ? "reader_timed_out"
						   : "reader_crashed",
		    "the list's reader ended", e);
	}
	if (list_take(&job->answer, on_entry, &taking, &part, &why) == 0)
		return take_part(g, w, &part, e) < 0 ||
			lanes_refresh(g, e) < 0 || keep(g, e) < 0
		    ? -1
		    : 0;
	if (taking.failed) {
		*e = why;
		return -1;
	}
	g->lists->open = NULL;
	if (why.kind == ERR_BUSY)
		return 0; /* it is opened again, where it was */
	w->bad += part.bad;
	w->place = part.next;
	return stay(g, w, e) < 0 || tell_bad(g, w, e) < 0
	    ? -1
	    : fail(g, w, "unreadable", why.msg, e);
}

int
lists_pollfds(const struct gather *g, struct pollfd *fds, int max)
{
	return g->lists == NULL ? 0
				: proc_pool_pollfds(g->lists->pool, fds, max);
}

int
lists_step(struct gather *g, struct err *e)
{
	return g->lists == NULL ? 0
				: proc_pool_step(g->lists->pool, on_part, g, e);
}
