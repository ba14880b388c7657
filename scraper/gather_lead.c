/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a document that was read leads: which links are wanted, how deep
 * they are, and when a crawl would never end (trap.h).
 */
#include <string.h>

#include "base/clock.h"
#include "scraper/gather_lead.h"
#include "scraper/trap.h"
#include "scraper/url.h"

/* The reader for a document of this source. */
char *
lead_reader(const struct origin *o, const struct frontier_document *d)
{
	static char robots[] = "robots", sitemap[] = "sitemap", page[] = "page";
	static char api[] = "api";

	if (o->api != NULL)
		return api;
	if (o->trap == NULL)
		return o->opts->type;
	if (d->depth == DEPTH_ROBOTS)
		return robots;
	if (d->depth > DEPTH_ROBOTS)
		return sitemap;
	return d->depth == 0 ? o->opts->type : page;
}

static int
tell(struct gather *g, struct origin *o, enum trap_rule rule, const char *url,
    struct err *e)
{
	char *section CLEANUP(freep) = NULL;

	if (!trap_tell(o->trap, rule, url))
		return 0;
	section = trap_section(url);
	return run_failure(
	    g->store, STAGE, "trap", section, trap_text(rule), e);
}

/* A host's share of a crawl that goes wherever links lead. */
static int64_t
host_share(const struct source_opts *opts)
{
	if (opts->host_pages > 0)
		return opts->host_pages;
	return strcmp(opts->scope, "any") == 0 ? (opts->max_pages + 1) / 2 : 0;
}

static bool
is_same_host(const char *a, const char *b)
{
	size_t len = url_origin_len(a);

	return len == url_origin_len(b) && strncmp(a, b, len) == 0;
}

/* robots.txt may name sitemaps anywhere, an index those beside it. */
static bool
is_in_scope(const struct origin *o, const struct frontier_document *from,
    const char *url, int64_t depth)
{
	if (depth < DEPTH_ROBOTS)
		return source_in_scope(o, url);
	return from->depth == DEPTH_ROBOTS || is_same_host(from->url, url);
}

struct lead {
	struct gather *g;
	struct origin *o;
	const struct frontier_document *from;
	int64_t known; /* documents; at least as many as there are */
};

/* 1, or 0 when the source has all the pages that it may have; or -1. */
static int
want(
    struct lead *l, const char *url, int64_t depth, bool is_next, struct err *e)
{
	struct origin *o = l->o;
	char *clean CLEANUP(freep) = NULL;
	enum trap_rule rule;

	if (!is_in_scope(o, l->from, url, depth))
		return 1;
	if (o->trap != NULL) {
		clean = trap_clean(url);
		rule = trap_admit(
		    o->trap, clean, clock_now(), host_share(o->opts), is_next);
		if (rule != TRAP_NONE)
			return tell(l->g, o, rule, clean, e) < 0 ? -1 : 1;
	}
	if (l->known >= o->opts->max_pages &&
	    frontier_documents(l->g->store, &o->frontier, &l->known, e) < 0)
		return -1;
	if (l->known++ >= o->opts->max_pages)
		return 0;
	return frontier_want(l->g->store, &o->frontier,
		   clean == NULL ? url : clean, depth, l->from->id, e) < 0
	    ? -1
	    : 1;
}

static int
want_all(struct lead *l, char *const *urls, size_t n, int64_t depth,
    bool is_next, struct err *e)
{
	size_t i;
	int rc = 1;

	for (i = 0; i < n && rc == 1; i++)
		rc = want(l, urls[i], depth, is_next, e);
	return rc < 0 ? -1 : 0;
}

static int
want_links(struct lead *l, const struct doc *d, struct err *e)
{
	int64_t depth = l->from->depth + 1;

	if (l->from->depth >= DEPTH_ROBOTS && !d->is_index)
		depth = 1;
	if (depth < DEPTH_ROBOTS ? depth > l->o->opts->depth
				 : depth > DEPTH_SITEMAP)
		return depth <= DEPTH_SITEMAP || d->n_links == 0
		    ? 0
		    : tell(l->g, l->o, TRAP_SITEMAPS, l->from->url, e);
	return want_all(l, d->links, d->n_links, depth, false, e);
}

/* Neither the seed nor a file that names pages. */
static bool
is_page(const struct origin *o, const struct frontier_document *d)
{
	return d->depth < DEPTH_ROBOTS && strcmp(d->url, o->seed) != 0;
}

static void
note_images(
    struct origin *o, const struct frontier_document *from, const struct doc *d)
{
	bool any_new = false;
	size_t i;

	for (i = 0; i < d->n_images; i++)
		any_new |= trap_new_image(o->trap, d->images[i].url);
	if (is_page(o, from))
		trap_read(o->trap, from->url, any_new);
}

int
lead_on(struct gather *g, struct origin *o,
    const struct frontier_document *from, const struct doc *d, struct err *e)
{
	struct lead l = { g, o, from, INT64_MAX };

	if (o->api != NULL && g->conf->found != NULL)
		return 0; /* one page shows what they are like */
	if (o->trap != NULL)
		note_images(o, from, d);
	if (want_all(&l, d->next, d->n_next, from->depth, true, e) < 0)
		return -1;
	return want_links(&l, d, e);
}

int
lead_skips(struct gather *g, struct origin *o,
    const struct frontier_document *d, struct err *e)
{
	if (o->trap == NULL || !is_page(o, d) ||
	    !trap_is_stale(o->trap, d->url))
		return 0;
	if (tell(g, o, TRAP_STALE, d->url, e) < 0 ||
	    frontier_document_same(g->store, &o->frontier, d->id, e) < 0)
		return -1;
	return 1;
}
