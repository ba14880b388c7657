/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "scraper/gather_api.h"
#include "scraper/gather_lead.h"
#include "scraper/trap.h"
#include "scraper/url.h"

#define SOURCE_DOCUMENTS_MAX 8 /* of one, in hand at a time */

/* A digest of all that the section says: another one is another crawl. */
static void
fingerprint(const struct source_opts *opts, char hex[SHA256_HEX])
{
	struct sha256 *h = sha256_new();
	unsigned char sum[SHA256_SIZE];
	static const char digits[] = "0123456789abcdef";
	const struct opt *o;
	char *text;
	size_t i;

	for (o = source_group.opts; o->name != NULL; o++) {
		/* Who asks does not change what there is. */
		if (strcmp(o->name, "key") == 0 ||
		    strcmp(o->name, "client") == 0 ||
		    strcmp(o->name, "secret") == 0)
			continue;
		text = opt_show(o, opts);
		sha256_add(h, text, strlen(text) + 1);
		free(text);
	}
	sha256_end(h, sum);
	for (i = 0; i < SHA256_SIZE; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[2 * SHA256_SIZE] = 0;
}

/* Does it follow links on the web? */
static bool
source_follows(const struct source_opts *opts)
{
	static const char *const types[] = { "page", "sitemap", "feed" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(opts->type, types[i]) == 0)
			return true;
	return false;
}

/* ---- seeds -------------------------------------------------------------- */

/* A path of the section: absolute, or from the workspace. */
static char *
local_path(const struct store *s, const char *path)
{
	char *full CLEANUP(freep) = *path == '/'
	    ? xstrdup(path)
	    : xasprintf("%s/%s", store_folder(s), path);
	char *real = realpath(full, NULL);

	return real == NULL ? TAKE(full) : real;
}

static int
set_seed(struct gather *g, struct origin *o, struct err *e)
{
	const struct source_opts *opts = o->opts;

	if (opts->path != NULL)
		o->path = local_path(g->store, opts->path);
	if (strcmp(opts->type, "folder") == 0 ||
	    strcmp(opts->type, "archive") == 0)
		return 0;
	if (api_new(store_folder(g->store), opts, &o->api, e) < 0)
		return err_wrap(e, "source \"%s\"", o->name);
	if (o->api != NULL)
		o->seed = api_seed(o->api);
	else if (opts->url != NULL)
		o->seed = url_resolve(NULL, opts->url);
	else
		o->seed = url_of_file(o->path);
	if (o->seed == NULL)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": \"%s\" is no "
		    "http or https address",
		    o->name, opts->url == NULL ? opts->api : opts->url);
	return 0;
}

/* A source starts from its seed, and from what robots.txt names if asked. */
static int
plant(struct gather *g, const struct origin *o, struct err *e)
{
	bool is_sitemap = strcmp(o->opts->type, "sitemap") == 0;
	char *robots CLEANUP(freep) = NULL;

	if (frontier_want(g->store, &o->frontier, o->seed,
		is_sitemap ? DEPTH_INDEX : 0, 0, e) < 0)
		return -1;
	if (!o->opts->sitemaps)
		return 0;
	robots = url_resolve(o->seed, "/robots.txt");
	return frontier_want(
	    g->store, &o->frontier, robots, DEPTH_ROBOTS, 0, e);
}

static int
begin(struct gather *g, struct origin *o, struct err *e)
{
	const struct gather_conf *conf = g->conf;
	char hex[SHA256_HEX];

	if (source_check(store_folder(g->store), o->name, o->opts, e) < 0 ||
	    set_seed(g, o, e) < 0)
		return -1;
	fingerprint(o->opts, hex);
	if (frontier_begin(g->store, o->name, o->opts->type, hex,
		o->opts->every, conf->force, &o->frontier, e) < 0)
		return -1;
	o->working = o->frontier.due;
	if (!o->working)
		return 0;
	g->stats->sources++;
	if (strcmp(o->opts->type, "archive") == 0)
		return archive_gather(g, o, e);
	if (o->seed == NULL)
		return folder_gather(g, o, e);
	if (source_follows(o->opts))
		o->trap = trap_new();
	return o->frontier.resumed ? 0 : plant(g, o, e);
}

int
sources_begin(struct gather *g, struct err *e)
{
	const struct gather_conf *conf = g->conf;
	size_t i;

	g->n_origins = conf->n_sources;
	g->origins = xcalloc(conf->n_sources, sizeof(*g->origins));
	for (i = 0; i < conf->n_sources; i++) {
		g->origins[i].name = conf->sources[i].name;
		g->origins[i].opts = conf->sources[i].opts;
		if (begin(g, &g->origins[i], e) < 0)
			return -1;
	}
	return 0;
}

void
sources_free(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->n_origins; i++) {
		trap_free(g->origins[i].trap);
		api_free(g->origins[i].api);
		free(g->origins[i].seed);
		free(g->origins[i].path);
		free(g->origins[i].left);
	}
	free(g->origins);
}

/* ---- what is next ------------------------------------------------------- */

static bool
is_left(const struct origin *o, int64_t id)
{
	size_t i;

	for (i = 0; i < o->n_left; i++)
		if (o->left[i] == id)
			return true;
	return false;
}

/*
 * Is this one to be asked for?  1, 0 when it is not and that is settled, or
 * -1.  A seed that failed is always asked for.
 */
static int
is_to_ask(struct gather *g, struct origin *o, const struct frontier_document *d,
    struct err *e)
{
	enum frontier_due due = d->due;

	if (due != DOCUMENT_RESTS && strcmp(d->url, o->seed) == 0)
		due = DOCUMENT_DUE;
	switch (due) {
	case DOCUMENT_DUE:
		return !is_left(o, d->id);
	case DOCUMENT_WAITS:
		if (!is_left(o, d->id))
			source_leave(o, d->id);
		return 0;
	case DOCUMENT_RESTS:
	case DOCUMENT_GIVEN_UP:
		g->stats->resting++;
		return frontier_document_rest(g->store, &o->frontier, d->id, e);
	}
	return 0;
}

/*
 * The next document of a source.  Those that are wanted again keep their
 * old ids, so when the end is reached and nothing is in hand, it is looked
 * for once more from the start.
 */
static int
next_of(struct gather *g, struct origin *o, struct frontier_document *d,
    struct err *e)
{
	bool again = o->cursor == 0, settled;
	int64_t resting = g->stats->resting;
	int rc;

	for (;;) {
		rc = frontier_next_document(
		    g->store, &o->frontier, o->cursor, d, e);
		if (rc < 0)
			return -1;
		if (rc == 1) {
			o->cursor = d->id;
			rc = is_to_ask(g, o, d, e);
			if (rc == 1)
				return 1;
			frontier_document_release(d);
			if (rc < 0)
				return -1;
			continue;
		}
		/* What rests may have led to some with lower ids. */
		settled = g->stats->resting == resting;
		resting = g->stats->resting;
		if ((again && settled) || o->in_hand > 0)
			return 0;
		again = true;
		o->cursor = 0;
	}
}

/* Nothing is left of it: the crawl is complete, unless some was left. */
static int
finish(struct gather *g, struct origin *o, struct err *e)
{
	o->finished = true;
	if (o->n_left == 0)
		return frontier_finish(g->store, &o->frontier, e);
	g->stats->incomplete++;
	return 0;
}

int
sources_next(struct gather *g, struct origin **ret, struct frontier_document *d,
    struct err *e)
{
	struct origin *o;
	int rc;

	for (o = g->origins; o < g->origins + g->n_origins; o++) {
		if (!o->working || o->finished || o->seed == NULL ||
		    o->in_hand >= SOURCE_DOCUMENTS_MAX)
			continue;
		rc = next_of(g, o, d, e);
		if (rc == 1) {
			o->in_hand++;
			*ret = o;
		}
		if (rc != 0)
			return rc;
		if (o->in_hand == 0 && finish(g, o, e) < 0)
			return -1;
	}
	return 0;
}

void
source_leave(struct origin *o, int64_t document_id)
{
	o->left = xreallocarray(o->left, o->n_left + 1, sizeof(*o->left));
	o->left[o->n_left++] = document_id;
}

/* Length of the folder that a URL is in, with its slash. */
static size_t
folder_len(const char *url)
{
	size_t len = strcspn(url, "?"), origin = url_origin_len(url);

	while (len > origin + 1 && url[len - 1] != '/')
		len--;
	return len;
}

bool
source_in_scope(const struct origin *o, const char *url)
{
	char *host CLEANUP(freep) = NULL;
	char *own CLEANUP(freep) = NULL;

	if (o->api != NULL)
		return strncmp(url, o->seed, strcspn(o->seed, "?")) == 0;
	if (!source_follows(o->opts))
		return false;
	if (strcmp(o->opts->scope, "any") == 0)
		return true;
	if (strcmp(o->opts->scope, "prefix") == 0)
		return strncmp(url, o->seed, folder_len(o->seed)) == 0;
	host = url_host(url);
	own = url_host(o->seed);
	return strcmp(host, own) == 0;
}
