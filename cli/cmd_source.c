/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: what is configured, what it would bring, and what there can be.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "scraper/preset.h"
#include "store/check.h"

static void
print_words(const char *what, const char *const *words)
{
	size_t i;

	for (i = 0; words != NULL && words[i] != NULL; i++)
		printf("%s %s", i == 0 ? what : ",", words[i]);
}

static void
print_type(const struct source_type *t)
{
	size_t i;
	const struct opt *o;

	printf("%s: %s\n ", t->name, t->help);
	print_words(t->needs_one ? " needs one of" : " needs", t->needs);
	print_words("; takes", t->takes);
	puts("");
	for (i = 0; t->needs != NULL && t->needs[i] != NULL; i++)
		if ((o = opt_find(&source_group, t->needs[i])) != NULL)
			printf("    %-10s %s\n", o->name, o->text);
	for (i = 0; t->takes != NULL && t->takes[i] != NULL; i++)
		if ((o = opt_find(&source_group, t->takes[i])) != NULL)
			printf("    %-10s %s\n", o->name, o->text);
}

static void
print_list(const char *what, const struct strlist *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		printf("%s %s", i == 0 ? what : ",", words->v[i]);
	if (words->n > 0)
		puts("");
}

static const char *
credentials(const struct preset *p)
{
	if (strcmp(p->auth, "none") == 0)
		return NULL;
	return strcmp(p->auth, "basic") == 0 || strcmp(p->auth, "oauth") == 0
	    ? "client and secret"
	    : "key";
}

static int
print_preset(const struct cli *c, const char *name, struct err *e)
{
	struct preset *p CLEANUP(preset_freep) = NULL;

	if (preset_load(c->folder, name, &p, e) < 0)
		return -1;
	printf("%s: %s\n", name, p->help == NULL ? "" : p->help);
	print_list(p->needs_one ? "    needs one of" : "    needs", &p->needs);
	print_list("    takes", &p->takes);
	print_list("    takes in words = { ... }, by default", &p->defaults);
	if (credentials(p) != NULL)
		printf("    %s %s, each as env:NAME\n",
		    p->auth_optional ? "takes" : "needs", credentials(p));
	if (p->terms != NULL)
		printf("    needs terms = accepted: %s\n", p->terms);
	printf("    tested: %s\n", p->tested == NULL ? "no" : p->tested);
	return 0;
}

/* One that cannot be read is told of, and hides no other. */
static void
print_presets(const struct cli *c)
{
	struct strlist names = { 0 };
	struct err e;
	size_t i;

	puts("\nAPIs, by presets; yours go into sources/NAME.conf");
	preset_names(c->folder, &names);
	for (i = 0; i < names.n; i++)
		if (print_preset(c, names.v[i], &e) < 0)
			log_warn("%s", e.msg);
	strlist_release(&names);
}

static int
print_types(const struct cli *c)
{
	const struct source_type *t;
	const struct opt *o;
	size_t i;

	for (t = source_types; t->name != NULL; t++)
		print_type(t);
	puts("all of them take");
	for (i = 0; source_common[i] != NULL; i++)
		if ((o = opt_find(&source_group, source_common[i])) != NULL)
			printf("    %-10s %s\n", o->name, o->text);
	print_presets(c);
	return 0;
}

static int
collect_source(void *ctx, const struct status_source *s)
{
	json_object_set_new(ctx, s->name,
	    json_pack("{s:I, s:I, s:b}", "finished", (json_int_t)s->finished,
		"images", (json_int_t)s->images, "interrupted", s->open));
	return 0;
}

static int
list_sources(struct cli *c, struct err *e)
{
	json_t *known = json_object(), *entry;
	const struct config_section *section;
	const struct source_opts *opts;
	json_int_t images;
	size_t i;

	if (status_sources(c->store, collect_source, known, e) < 0) {
		json_decref(known);
		return -1;
	}
	for (i = 0; i < config_count(c->config, &source_group); i++) {
		section = config_at(c->config, &source_group, i);
		opts = section->values;
		entry = json_object_get(known, section->title);
		images = json_integer_value(json_object_get(entry, "images"));
		if (c->json)
			cli_put_json(json_pack("{s:s, s:s?, s:I, s:I}",
			    "source", section->title, "type", opts->type,
			    "images", images, "finished",
			    json_integer_value(
				json_object_get(entry, "finished"))));
		else
			printf("%-20s %-8s %7lld images\n", section->title,
			    opts->type ? opts->type : "-", (long long)images);
	}
	json_decref(known);
	return 0;
}

static int
run_source(struct cli *c, struct err *e)
{
	const char *verb = c->argc > 0 ? c->argv[0] : "list";
	struct gather_request request = {
		.dry_run = true, .force = true, .check = true
	};

	if (strcmp(verb, "types") == 0 && c->argc == 1)
		return print_types(c);
	if (strcmp(verb, "list") == 0 && c->argc <= 1)
		return store_open(c->folder, STORE_READ, &c->store, e) < 0
		    ? -1
		    : list_sources(c, e);
	if (strcmp(verb, "check") != 0 || c->argc != 2)
		return err_set(
		    e, ERR_USAGE, "usage: griddle source %s", c->cmd->usage);
	if (store_open(c->folder, STORE_WRITE, &c->store, e) < 0 ||
	    run_begin(c->store, "source", "[]", e) < 0)
		return -1;
	request.sources = (struct strlist){ .v = c->argv + 1, .n = 1 };
	if (stage_gather(c, &request, true, e) < 0)
		return -1;
	return run_end(c->store, c->partial ? 3 : 0, e);
}

const struct cmd cmd_source = {
	.name = "source",
	.usage = "[list | check NAME | types] [--json]",
	.help = "what is configured; what a source would bring; what there "
		"can be",
	.needs = NEEDS_CONFIG, /* what it opens depends on its verb */
	.max_args = 2,
	.run = run_source,
};
