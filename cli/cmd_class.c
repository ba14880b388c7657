/* SPDX-License-Identifier: Apache-2.0 */
/*
 * class: what classes there are, and changing them.
 */
#include "cli/curate.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "scraper/scraper.h"
#include "store/classes.h"

/* ---- griddle.conf ------------------------------------------------------ */

static int
check_config_name(
    struct cli *c, const char *where, const char *name, struct err *e)
{
	char *now CLEANUP(freep) = NULL;
	int rc = class_became(c->store, name, &now, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (now != NULL)
		log_warn("griddle.conf: %s still names the class \"%s\": it is "
			 "\"%s\" now; change it there",
		    where, name, now);
	else
		log_warn("griddle.conf: %s still names the class \"%s\", which "
			 "is retired: take it out there",
		    where, name);
	return 0;
}

int
cli_check_class_names(struct cli *c, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	size_t i;

	for (i = 0; i < root->classes.n; i++)
		if (check_config_name(c, "classes", root->classes.v[i], e) < 0)
			return -1;
	for (i = 0; i < config_count(c->config, &source_group); i++) {
		const struct config_section *at =
		    config_at(c->config, &source_group, i);
		const struct source_opts *opts = at->values;
		char *where CLEANUP(freep) =
		    xasprintf("source \"%s\"", at->title);

		if (opts->label != NULL && opts->label[0] != 0 &&
		    check_config_name(c, where, opts->label, e) < 0)
			return -1;
	}
	return 0;
}

int
cli_make_class_names(struct cli *c, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	int64_t id;
	size_t i;

	if (store_begin(c->store, e) < 0)
		return -1;
	for (i = 0; i < root->classes.n; i++) {
		char *now CLEANUP(freep) = NULL;
		const char *name = root->classes.v[i];
		int rc = class_became(c->store, name, &now, e);

		if (rc < 0 || (rc == 1 && class_id(c->store, name, &id, e) < 0))
			return -1;
	}
	return 0;
}

/* ---- class ------------------------------------------------------------- */

static int
one_class(void *ctx, const struct class_row *row, struct err *e)
{
	const struct cli *c = ctx;
	char *name CLEANUP(freep) = text_safe(row->name);

	(void)e;
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:b, s:s?, s:I}", "class",
		    row->name, "retired", row->retired, "merged", row->merged,
		    "images", (json_int_t)row->images));
		return 0;
	}
	printf("%-20s %8lld%s", name, (long long)row->images,
	    row->merged        ? "  merged into "
		: row->retired ? "  retired"
			       : "");
	if (row->merged != NULL)
		text_put_safe(stdout, row->merged);
	putchar('\n');
	return 0;
}

enum what { ADD, RENAME, MERGE, RETIRE, RESTORE };

static const struct {
	const char *name, *done;
	int min, max; /* names */
} whats[] = {
	[ADD] = { "add", "added", 1, -1 },
	[RENAME] = { "rename", "renamed", 2, 2 },
	[MERGE] = { "merge", "merged", 2, 2 },
	[RETIRE] = { "retire", "retired", 1, -1 },
	[RESTORE] = { "restore", "restored", 1, -1 },
};

static int
change_classes(struct cli *c, enum what what, const struct op_ask *step,
    struct op_done *done, struct err *e)
{
	const char *const *names = (const char *const *)c->argv + 1;
	size_t n = (size_t)c->argc - 1;

	switch (what) {
	case ADD:
		return classes_add(c->store, names, n, step, done, e);
	case RENAME:
		return class_rename(
		    c->store, names[0], names[1], step, done, e);
	case MERGE:
		return class_merge(c->store, names[0], names[1], step, done, e);
	default:
		return classes_retire(
		    c->store, names, n, what == RETIRE, step, done, e);
	}
}

static int
find_what(const struct cli *c, enum what *ret, struct err *e)
{
	const char *names[ARRAY_SIZE(whats) + 1] = { NULL };
	const char *meant;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whats); i++) {
		names[i] = whats[i].name;
		if (strcmp(whats[i].name, c->argv[0]) != 0)
			continue;
		*ret = (enum what)i;
		if (c->argc - 1 < whats[i].min ||
		    (whats[i].max >= 0 && c->argc - 1 > whats[i].max))
			return err_set(e, ERR_USAGE, "usage: griddle class %s",
			    c->cmd->usage);
		return 0;
	}
	meant = text_suggest(c->argv[0], names);
	return err_set(e, ERR_USAGE,
	    "class: \"%s\" is none of add, rename, merge, retire and restore"
	    "%s%s%s",
	    c->argv[0], meant ? "; did you mean \"" : "", meant ? meant : "",
	    meant ? "\"?" : "");
}

static void
say_classes(struct cli *c, enum what what, const struct op_ask *step,
    const struct op_done *d)
{
	if (c->json)
		cli_put_json(json_pack("{s:o, s:I, s:b}", "step",
		    d->id == 0 ? json_null() : json_integer(d->id), "changed",
		    (json_int_t)d->changed, "dry_run", step->dry_run));
	else if (step->dry_run)
		log_info("would have %s: %lld image%s changed",
		    whats[what].done, IMAGES(d->changed));
	else if (d->id == 0)
		log_info("nothing was changed: it is so already");
	else
		log_info(
		    "%s: %lld image%s changed; undo with griddle undo %lld",
		    whats[what].done, IMAGES(d->changed), (long long)d->id);
}

static int
run_class(struct cli *c, struct err *e)
{
	enum what what = ADD;
	struct op_done done;
	struct op_ask step;

	if (c->argc == 0 || (c->argc == 1 && strcmp(c->argv[0], "list") == 0))
		return classes_each(c->store, one_class, c, e);
	if (find_what(c, &what, e) < 0 || cli_op(c, &step, e) < 0 ||
	    change_classes(c, what, &step, &done, e) < 0 ||
	    (!step.dry_run && store_commit(c->store, e) < 0))
		return -1;
	say_classes(c, what, &step, &done);
	return step.dry_run ? 0 : cli_check_class_names(c, e);
}

static const struct cmd_option class_options[] = { OP_OPTIONS, { 0 } };

const struct cmd cmd_class = {
	.name = "class",
	.usage = "[list | add NAME... | rename NAME NEW | merge NAME INTO |"
		 " retire NAME... | restore NAME...] " OP_USAGE " [--json]",
	.help = "list, add, rename, merge, retire or restore classes",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = -1,
	.reads = "list",
	.options = class_options,
	.run = run_class,
	.examples =
	    "  griddle class rename crepe galette\n"
	    "  griddle class merge waffle pancake   (waffles become pancakes,"
	    " now and\n"
	    "                                       whatever is gathered "
	    "later)\n"
	    "Each is a step of the log; griddle undo takes it back.\n",
};
