/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dry run says of what it would not ask for, and robots.txt as
 * earlier runs have kept it.
 */
#include <search.h>
#include <string.h>

#include "scraper/gather_int.h"
#include "scraper/robots.h"
#include "scraper/url.h"
#include "store/hosts.h"

#define WHYS_MAX 256

void
whys_add(struct gather_whys *all, const char *why, int64_t n, int64_t due,
    const char *example)
{
	struct gather_why *w;
	size_t i = 0;

	while (i < all->n && strcmp(all->v[i].why, why) != 0)
		i++;
	if (i == WHYS_MAX)
		return;
	if (i == all->n) {
		all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
		all->v[all->n++] = (struct gather_why){ .why = xstrdup(why) };
	}
	w = &all->v[i];
	w->count += n;
	if (due != 0 && (w->due == 0 || due < w->due))
		w->due = due;
	if (example != NULL && w->n_examples < WHY_EXAMPLES)
		w->examples[w->n_examples++] = xstrdup(example);
}

void
whys_release(struct gather_whys *all)
{
	size_t i, k;

	for (i = 0; i < all->n; i++) {
		for (k = 0; k < all->v[i].n_examples; k++)
			free(all->v[i].examples[k]);
		free(all->v[i].why);
	}
	free(all->v);
	*all = (struct gather_whys){ 0 };
}

void
why_not(struct gather *g, const char *why, const char *url)
{
	if (g->conf->dry_run)
		whys_add(&g->whys, why, 1, 0, url);
}

/* ---- robots.txt, without asking for it ---------------------------------- */

struct kept {
	char *origin;
	struct robots *robots; /* NULL: not known */
};

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct kept *)a)->origin, ((const struct kept *)b)->origin);
}

static void
kept_free(void *p)
{
	struct kept *k = p;

	free(k->origin);
	robots_free(k->robots);
	free(k);
}

void
why_release(struct gather *g)
{
	tdestroy(g->kept_robots, kept_free);
	whys_release(&g->whys);
}

static int
load(struct gather *g, struct kept *k, struct err *e)
{
	struct host_known h;
	int rc = hosts_load(g->store, k->origin, &h, e);

	if (rc != 1)
		return rc;
	if (h.robots_status != 0)
		k->robots = robots_of_answer((long)h.robots_status,
		    h.robots.data, h.robots.len, ROBOTS_TOKEN);
	buf_release(&h.robots);
	return 0;
}

int
why_robots_allow(struct gather *g, const char *url, struct err *e)
{
	size_t len = url_origin_len(url);
	struct kept key = { .origin = xstrndup(url, len) }, *k;
	struct kept **node = tfind(&key, &g->kept_robots, compare);

	if (node != NULL) {
		free(key.origin);
		k = *node;
	} else {
		k = xcalloc(1, sizeof(*k));
		k->origin = key.origin;
		tsearch(k, &g->kept_robots, compare);
		if (load(g, k, e) < 0)
			return -1;
	}
	return !g->conf->scraper->robots || k->robots == NULL ||
	    robots_allows(k->robots, url + len);
}

/* ---- what stands in the catalog ----------------------------------------- */

static int
add_kept(void *ctx, const struct frontier_kept *k)
{
	struct gather *g = ctx;
	char *why CLEANUP(freep) = k->due > g->started
	    ? xasprintf("not_due (%s)", k->reason)
	    : xstrdup(k->reason);

	whys_add(&g->whys, why, k->count, k->due > g->started ? k->due : 0,
	    k->example);
	return 0;
}

int
why_tell(struct gather *g, struct err *e)
{
	size_t i;

	if (!g->conf->dry_run || g->conf->why == NULL)
		return 0;
	if (frontier_kept_back(g->store, g->started, add_kept, g, e) < 0 ||
	    images_why_full(g, e) < 0)
		return -1;
	for (i = 0; i < g->whys.n; i++)
		g->conf->why(g->conf->would_ctx, &g->whys.v[i]);
	return 0;
}
