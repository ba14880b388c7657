/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label, unlabel, reject, restore, tag, untag: what people decide.
 */
#include "cli/curate.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

int
cli_op(const struct cli *c, struct op_ask *ret, struct err *e)
{
	const char *actor = cli_option(c, "actor");

	*ret = (struct op_ask){
		.actor = actor != NULL && actor[0] != 0 ? actor : cli_actor(),
		.note = cli_option(c, "why"),
		.new_classes = cli_option(c, "new-class") != NULL,
		.dry_run = cli_option(c, "dry-run") != NULL,
	};
	return cli_number(c, "if-rev", 0, &ret->if_rev, e);
}

static void
say_step(const char *done, const struct op_ask *step, const struct op_done *d)
{
	int64_t changed = d->changed - d->copies;
	int64_t same = d->passed - changed;
	char *rest CLEANUP(freep) = same > 0
	    ? xasprintf(" (%lld had it already)", (long long)same)
	    : xstrdup("");
	char *copies CLEANUP(freep) = d->copies > 0
	    ? xasprintf(" and %lld cop%s", (long long)d->copies,
		  d->copies == 1 ? "y" : "ies")
	    : xstrdup("");

	if (d->id == 0 && !step->dry_run) {
		if (d->passed == 0)
			log_info("no image passes: nothing was changed");
		else
			log_info("nothing was changed: %s already",
			    d->passed == 1 ? "the image had it"
					   : "all images had it");
	} else if (step->dry_run) {
		log_info("would have %s %lld of %lld image%s%s%s", done,
		    (long long)changed, IMAGES(d->passed), copies, rest);
	} else {
		log_info("%s %lld of %lld image%s%s%s; undo with griddle undo "
			 "%lld",
		    done, (long long)changed, IMAGES(d->passed), copies, rest,
		    (long long)d->id);
	}
}

int
cli_op_done(struct cli *c, const char *done, const struct op_ask *step,
    const struct op_done *d, struct err *e)
{
	if (step->dry_run)
		store_rollback(c->store);
	else if (store_commit(c->store, e) < 0)
		return -1;
	if (!c->json)
		say_step(done, step, d);
	else
		cli_put_json(json_pack("{s:o, s:I, s:I, s:I, s:b}", "step",
		    d->id == 0 ? json_null() : json_integer(d->id), "images",
		    (json_int_t)d->passed, "changed",
		    (json_int_t)(d->changed - d->copies), "copies",
		    (json_int_t)d->copies, "dry_run", step->dry_run));
	/* What a decision took out of its place finds another one at once. */
	return d->released > 0 && !step->dry_run ? stage_dedup(c, false, e) : 0;
}

/* One step over what the filter of the first n arguments passes. */
static int
decide_filter(struct cli *c, int n, enum decision d, const char *value,
    const char *done, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	struct op_done made;
	struct op_ask step;

	if (n == 0 && cli_option(c, "all") == NULL)
		return err_set(e, ERR_USAGE,
		    "%s: a filter is missing; --all means every image",
		    c->cmd->name);
	c->argc = n;
	if (cli_op(c, &step, e) < 0 || cli_filter(c, 0, &f, e) < 0 ||
	    (d == DECIDE_LABEL && cli_make_class_names(c, e) < 0) ||
	    decide(c->store, f, d, value, &step, &made, e) < 0)
		return -1;
	return cli_op_done(c, done, &step, &made, e);
}

#define FILTER_OPTIONS \
	OP_OPTIONS, { "all", NULL, "every image, where no filter is given" }, \
	{ \
		"if-rev", "N", \
		    "only if the image is still at this revision (see show)" \
	}
#define FILTER_USAGE "[--all] [--if-rev N] " OP_USAGE

static const struct cmd_option options[] = { FILTER_OPTIONS, { 0 } };
static const struct cmd_option label_options[] = { FILTER_OPTIONS,
	NEW_CLASS_OPTION, { 0 } };

/* ---- labels ------------------------------------------------------------ */

static int
run_label(struct cli *c, struct err *e)
{
	if (c->argc == 1 && strcmp(c->argv[0], "-") == 0)
		return label_lines(c, e);
	return decide_filter(
	    c, c->argc - 1, DECIDE_LABEL, c->argv[c->argc - 1], "labelled", e);
}

const struct cmd cmd_label = {
	.name = "label",
	.usage = "FILTER... CLASS [--new-class] " FILTER_USAGE,
	.help = "decide the class of one image or a thousand",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.options = label_options,
	.run = run_label,
	.examples = "  griddle label 3fa9c1 crepe\n"
		    "  griddle label source=blog label=none pancake\n"
		    "  griddle label - < decisions: lines of IMAGE, CLASS and,"
		    " if you like, the\n"
		    "    revision that the decision is about, tabs between;"
		    " no class: unlabel\n",
};

static int
run_unlabel(struct cli *c, struct err *e)
{
	return decide_filter(c, c->argc, DECIDE_UNLABEL, NULL, "unlabelled", e);
}

const struct cmd cmd_unlabel = {
	.name = "unlabel",
	.usage = "FILTER... " FILTER_USAGE,
	.help = "take decided classes back; what sources claim stands again",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = -1,
	.options = options,
	.run = run_unlabel,
};

/* ---- rejection ---------------------------------------------------------- */

static int
run_reject(struct cli *c, struct err *e)
{
	return decide_filter(c, c->argc, DECIDE_REJECT, NULL, "rejected", e);
}

const struct cmd cmd_reject = {
	.name = "reject",
	.usage = "FILTER... " FILTER_USAGE,
	.help = "keep images out of splits",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = -1,
	.options = options,
	.run = run_reject,
	.examples = "  griddle reject 3fa9c1 --why 'a drawing'\n"
		    "  griddle reject issue=blurry label=crepe --dry-run\n",
};

static int
run_restore(struct cli *c, struct err *e)
{
	return decide_filter(c, c->argc, DECIDE_RESTORE, NULL, "restored", e);
}

const struct cmd cmd_restore = {
	.name = "restore",
	.usage = "FILTER... " FILTER_USAGE,
	.help = "let rejected images in again",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = -1,
	.options = options,
	.run = run_restore,
};

/* ---- tags --------------------------------------------------------------- */

static int
run_tag(struct cli *c, struct err *e)
{
	return decide_filter(
	    c, c->argc - 1, DECIDE_TAG, c->argv[c->argc - 1], "tagged", e);
}

const struct cmd cmd_tag = {
	.name = "tag",
	.usage = "FILTER... TAG " FILTER_USAGE,
	.help = "put a tag on images, for the filter tag=TAG",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run_tag,
	.examples = "  griddle tag host=example.org look-again\n",
};

static int
run_untag(struct cli *c, struct err *e)
{
	return decide_filter(
	    c, c->argc - 1, DECIDE_UNTAG, c->argv[c->argc - 1], "untagged", e);
}

const struct cmd cmd_untag = {
	.name = "untag",
	.usage = "FILTER... TAG " FILTER_USAGE,
	.help = "take a tag off images",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run_untag,
};
