/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source, gather, add: where images come from.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "scraper/doc.h"
#include "scraper/licence.h"
#include "scraper/magic.h"
#include "scraper/preset.h"
#include "store/check.h"

/* The sources that griddle.conf names, checked; the caller frees *ret. */
static int
configured(struct cli *c, const struct strlist *names,
    struct gather_source **ret, size_t *ret_n, struct err *e)
{
	size_t n = config_count(c->config, &source_group), i, found = 0;
	struct gather_source *v CLEANUP(freep) = xcalloc(n, sizeof(*v));

	for (i = 0; i < n; i++) {
		const struct config_section *section =
		    config_at(c->config, &source_group, i);

		if (names->n > 0 && !strlist_has(names, section->title))
			continue;
		if (source_check(
			c->folder, section->title, section->values, e) < 0)
			return err_wrap(e, "griddle.conf:%d", section->line);
		v[found++] = (struct gather_source){ .name = section->title,
			.opts = section->values };
	}
	if (found < names->n)
		return err_set(e, ERR_USAGE,
		    "not all of these sources are "
		    "in griddle.conf: see griddle source list");
	*ret = TAKE(v);
	*ret_n = found;
	return 0;
}

static void
would_fetch(void *ctx, const char *url, const char *label)
{
	const struct cli *c = ctx;

	if (c->json) {
		cli_put_json(
		    json_pack("{s:s, s:s?}", "url", url, "label", label));
		return;
	}
	text_put_safe(stdout, url);
	printf("  ");
	text_put_safe(stdout, label ? label : "-");
	putchar('\n');
}

/* Reasons in the end: what is read by machines in JSON, the rest is chatter. */
static void
would_not(void *ctx, const struct gather_why *w)
{
	const struct cli *c = ctx;
	json_t *examples;
	char date[20];
	size_t i;

	if (c->json) {
		examples = json_array();
		for (i = 0; i < w->n_examples; i++)
			json_array_append_new(
			    examples, json_string(w->examples[i]));
		cli_put_json(json_pack("{s:s, s:I, s:I, s:o}", "not", w->why,
		    "count", (json_int_t)w->count, "due", (json_int_t)w->due,
		    "examples", examples));
		return;
	}
	log_info("gather: not %lld: %s%s%s", (long long)w->count, w->why,
	    w->due > 0 ? ", the first is due " : "",
	    w->due > 0 ? clock_date(date, sizeof(date), w->due) : "");
	for (i = 0; i < w->n_examples; i++)
		log_debug("    %s", w->examples[i]);
}

static bool
is_local(const struct source_opts *o)
{
	return strcmp(o->type, "folder") == 0 ||
	    strcmp(o->type, "archive") == 0;
}

/* An item of an API, for who writes or chooses a preset. */
static void
show_found(void *ctx, const struct found *f, const char *label, const char *why)
{
	const char *const texts[] = { label, f->licence, f->author, f->title };
	char *spdx CLEANUP(freep) =
	    f->licence == NULL ? NULL : licence_spdx(f->licence);
	const struct cli *c = ctx;
	size_t i;

	if (c->json) {
		cli_put_json(
		    json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?,"
			      " s:s?, s:s?}",
			"url", f->url, "page", f->page, "title", f->title,
			"caption", f->caption, "author", f->author, "licence",
			f->licence, "spdx", spdx, "licence_url", f->licence_url,
			"label", label, "not", why));
		return;
	}
	text_put_safe(stdout, f->url);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		fputs("  ", stdout);
		text_put_safe(stdout, texts[i] == NULL ? "-" : texts[i]);
	}
	if (why != NULL)
		printf("  (not: %s)", why);
	putchar('\n');
}

/* Whoever asks the public web says who it is. */
static int
need_contact(struct cli *c, const struct gather_conf *conf, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	const struct scraper_opts *scraper = cli_opts(c, scraper_group);
	size_t i;

	if (root->contact != NULL || scraper->allow_private.n > 0)
		return 0;
	for (i = 0; i < conf->n_sources; i++)
		if (!is_local(conf->sources[i].opts))
			return err_set(e, ERR_USAGE,
			    "source \"%s\": the web wants to know who asks: "
			    "set contact = \"you@example.org\" in "
			    "griddle.conf",
			    conf->sources[i].name);
	return 0;
}

static int
gather_with(struct cli *c, struct gather_conf *conf, bool chatty, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	struct gather_stats stats;
	char size[16];

	conf->scraper = cli_opts(c, scraper_group);
	conf->version = PACKAGE_VERSION;
	conf->contact = root->contact;
	if (conf->found == NULL)
		conf->would = would_fetch;
	conf->why = would_not;
	conf->would_ctx = c;
	if (need_contact(c, conf, e) < 0)
		return -1;
	if (gather_run(c->store, conf, &stats, e) < 0)
		return -1;
	if (stats.incomplete > 0) {
		c->partial = true;
		log_error("gather: %lld of %lld sources could not be read to "
			  "the end%s",
		    (long long)stats.incomplete, (long long)stats.sources,
		    conf->dry_run ? "" : "; griddle runs -v says why");
	}
	if (2 * stats.names_failed > stats.names)
		log_warn("gather: %lld of %lld names of hosts could not be "
			 "resolved: is this machine's network up?",
		    (long long)stats.names_failed, (long long)stats.names);
	if (conf->dry_run)
		return 0;
	if (stats.sources == 0 && stats.requests == 0 && stats.fetched == 0) {
		if (chatty)
			log_info("gather: nothing is due");
		return 0;
	}
	log_info("gather: %lld new images (%s) of %lld fetched, from %lld "
		 "documents by %lld requests; %lld failed%s",
	    (long long)stats.new_images,
	    text_size(size, sizeof(size), stats.bytes),
	    (long long)stats.fetched, (long long)stats.documents,
	    (long long)stats.requests, (long long)stats.failed,
	    stats.failed > 0 ? " (griddle runs -v names them)" : "");
	if (stats.waiting > 0)
		log_info("gather: %lld more are known and wait",
		    (long long)stats.waiting);
	return 0;
}

int
stage_gather(struct cli *c, const struct gather_request *request, bool chatty,
    struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	struct gather_source *sources CLEANUP(freep) = NULL;
	struct gather_conf conf = { .classes = &root->classes,
		.target = root->target,
		.limit = request->limit,
		.force = request->force,
		.dry_run = request->dry_run,
		.all = request->sources.n == 0 };

	if (configured(c, &request->sources, &sources, &conf.n_sources, e) < 0)
		return -1;
	conf.sources = sources;
	if (request->check && conf.n_sources == 1 &&
	    preset_name(sources[0].opts) != NULL)
		conf.found = show_found;
	return gather_with(c, &conf, chatty, e);
}

/* What is left of the arguments, as names; borrowed. */
static struct strlist
names_from(const struct cli *c, int from)
{
	return (struct strlist){ .v = c->argv + from,
		.n = (size_t)(c->argc - from) };
}

static int
run_gather(struct cli *c, struct err *e)
{
	struct gather_request request = {
		.sources = names_from(c, 0),
		.dry_run = cli_option(c, "dry-run") != NULL,
		.force = cli_option(c, "force") != NULL,
	};

	if (cli_number(c, "limit", 0, &request.limit, e) < 0)
		return -1;
	return stage_gather(c, &request, true, e);
}

static const struct cmd_option gather_options[] = {
	{ "limit", "N", "ask for no more than N images" },
	{ "force", NULL, "also sources that are not due yet" },
	{ "dry-run", NULL,
	    "read documents, say what would be fetched, and why not; -v: "
	    "with examples" },
	{ 0 }
};

const struct cmd cmd_gather = {
	.name = "gather",
	.usage = "[SOURCE...] [--limit N] [--force] [--dry-run]",
	.help = "fetch what is due; goes on where it stopped",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.max_args = -1,
	.options = gather_options,
	.run = run_gather,
};

/* ---- add -------------------------------------------------------------- */

/* "archive" for the file of one, else "folder", which one image is, too. */
static const char *
type_of(const char *path)
{
	unsigned char start[MAGIC_ARCHIVE_BYTES];
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, start, sizeof(start), 0);

	return n > 0 && magic_archive(start, (size_t)n) ? "archive" : "folder";
}

static int
add_path(struct cli *c, char *path, struct err *e)
{
	struct source_opts *opts = opt_new(&source_group);
	char *full CLEANUP(freep) = realpath(path, NULL);
	char *name CLEANUP(freep) = NULL;
	const char *label = cli_option(c, "label");
	const char *labels = cli_option(c, "labels");
	struct gather_source source;
	struct gather_conf conf = { .sources = &source,
		.n_sources = 1,
		.classes = &(const struct strlist){ 0 },
		.force = true };
	int rc = -1;

	if (full == NULL) {
		opt_free(&source_group, opts);
		return err_sys(e, ERR_INPUT, "%s", path);
	}
	name = xasprintf("add:%s", full);
	source = (struct gather_source){ .name = name, .opts = opts };
	if (opt_set(opt_find(&source_group, "type"), opts, type_of(full), e) ==
		0 &&
	    opt_set(opt_find(&source_group, "path"), opts, full, e) == 0 &&
	    (label == NULL ||
		opt_set(opt_find(&source_group, "label"), opts, label, e) ==
		    0) &&
	    (labels == NULL ||
		opt_set(opt_find(&source_group, "labels"), opts, labels, e) ==
		    0))
		rc = gather_with(c, &conf, true, e);
	opt_free(&source_group, opts);
	return rc;
}

static int
run_add(struct cli *c, struct err *e)
{
	int i;

	for (i = 0; i < c->argc; i++)
		if (add_path(c, c->argv[i], e) < 0)
			return -1;
	return 0;
}

static const struct cmd_option add_options[] = {
	{ "label", "CLASS", "their class; otherwise the folder's name" },
	{ "labels", "RULE",
	    "where archives say the classes; see griddle source types" },
	{ 0 }
};

const struct cmd cmd_add = {
	.name = "add",
	.usage = "PATH... [--label CLASS] [--labels RULE]",
	.help = "take in local files, folders and archives",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.min_args = 1,
	.max_args = -1,
	.options = add_options,
	.run = run_add,
};
