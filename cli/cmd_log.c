/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log, undo, conflicts: what was decided, taking it back, and what is still
 * to be decided.
 */
#include "cli/curate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/balance.h"

/* ---- log --------------------------------------------------------------- */

static json_t *
id_or_null(int64_t id)
{
	return id == 0 ? json_null() : json_integer(id);
}

static void
put_list(const json_t *list)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		fputs(i == 0 ? " " : ", ", stdout);
		text_put_safe(stdout, json_string_value(v));
	}
}

static void
print_step(const struct op_row *row, const json_t *given, const json_t *classes)
{
	char date[20];

	printf("%5lld  %s  ", (long long)row->id,
	    clock_date(date, sizeof(date), row->at));
	text_put_safe(stdout, row->actor);
	printf("  ");
	text_put_safe(stdout, row->verb);
	if (row->undoes != 0)
		printf(" of %lld", (long long)row->undoes);
	else
		put_list(given);
	if (json_array_size(classes) > 0) {
		putchar(':');
		put_list(classes);
	}
	printf("  %lld image%s", IMAGES(row->images));
	if (row->note != NULL) {
		printf("  \"");
		text_put_safe(stdout, row->note);
		putchar('"');
	}
	if (row->undone_by != 0)
		printf("  (taken back by %lld)", (long long)row->undone_by);
	putchar('\n');
}

static int
one_step(void *ctx, const struct op_row *row, struct err *e)
{
	const struct cli *c = ctx;
	json_t *given = json_loads(row->given, 0, NULL);
	json_t *classes = json_loads(row->classes, 0, NULL);

	(void)e;
	if (c->json)
		cli_put_json(json_pack("{s:I, s:I, s:s, s:s, s:I, s:s?, s:O, "
				       "s:O, s:o, s:o}",
		    "step", (json_int_t)row->id, "at", (json_int_t)row->at,
		    "actor", row->actor, "verb", row->verb, "images",
		    (json_int_t)row->images, "why", row->note, "given", given,
		    "classes", classes, "undoes", id_or_null(row->undoes),
		    "undone_by", id_or_null(row->undone_by)));
	else
		print_step(row, given, classes);
	json_decref(given);
	json_decref(classes);
	return 0;
}

static int
run_log(struct cli *c, struct err *e)
{
	int64_t limit;

	if (cli_number(c, "limit", 20, &limit, e) < 0)
		return -1;
	return op_list(c->store, limit, one_step, c, e);
}

static const struct cmd_option log_options[] = {
	{ "limit", "N", "the N newest (20); 0: all; also -n N" }, { 0 }
};

const struct cmd cmd_log = {
	.name = "log",
	.usage = "[-n N] [--json]",
	.help = "every step of curation, newest first",
	.needs = NEEDS_READ,
	.options = log_options,
	.run = run_log,
};

/* ---- undo --------------------------------------------------------------- */

static void
say_kept(const struct op_undone *u)
{
	char names[OP_KEPT_NAMES * 16] = "";
	size_t i, len = 0;

	for (i = 0; i < OP_KEPT_NAMES && (int64_t)i < u->kept; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len,
		    "%s%.12s", i == 0 ? "" : ", ", u->names[i]);
	if (u->kept > 0)
		log_warn("%lld image%s changed again since and stay%s: %s%s",
		    (long long)u->kept, u->kept == 1 ? " was" : "s were",
		    u->kept == 1 ? "s" : "", names,
		    u->kept > OP_KEPT_NAMES ? ", ..." : "");
	if (u->kept_classes > 0)
		log_warn("%lld change%s of classes stay%s: changed again since,"
			 " or the name is taken",
		    (long long)u->kept_classes, u->kept_classes == 1 ? "" : "s",
		    u->kept_classes == 1 ? "s" : "");
}

static void
put_undone(const struct op_undone *u, bool dry_run)
{
	json_t *names = json_array();
	size_t i;

	for (i = 0; i < OP_KEPT_NAMES && (int64_t)i < u->kept; i++)
		json_array_append_new(names, json_string(u->names[i]));
	cli_put_json(json_pack("{s:o, s:I, s:I, s:I, s:o, s:I, s:b}", "step",
	    id_or_null(u->done.id), "undoes", (json_int_t)u->step, "changed",
	    (json_int_t)u->done.changed, "kept", (json_int_t)u->kept,
	    "kept_images", names, "kept_classes", (json_int_t)u->kept_classes,
	    "dry_run", dry_run));
}

/* Say it; partial when something had to stay. */
static int
say_undone(struct cli *c, const struct op_ask *step, const struct op_undone *u,
    struct err *e)
{
	if (u->kept + u->kept_classes > 0)
		c->partial = true;
	if (c->json)
		put_undone(u, step->dry_run);
	else
		say_kept(u);
	if (u->done.id == 0 && !step->dry_run)
		return err_set(e, ERR_INPUT,
		    "nothing of step %lld can be taken back: all of it was "
		    "changed again since",
		    (long long)u->step);
	if (!c->json && step->dry_run)
		log_info("would take back step %lld: %lld image%s",
		    (long long)u->step, IMAGES(u->done.changed));
	else if (!c->json)
		log_info("took back step %lld: %lld image%s; do it again with "
			 "griddle undo %lld",
		    (long long)u->step, IMAGES(u->done.changed),
		    (long long)u->done.id);
	return 0;
}

static int
run_undo(struct cli *c, struct err *e)
{
	struct op_undone u;
	struct op_ask step;
	int64_t n = 0;

	if (c->argc == 1 && (!text_to_int(c->argv[0], &n) || n < 1))
		return err_set(e, ERR_USAGE,
		    "\"%s\" is not the number of a step", c->argv[0]);
	if (cli_op(c, &step, e) < 0 || op_undo(c->store, n, &step, &u, e) < 0 ||
	    (!step.dry_run && store_commit(c->store, e) < 0) ||
	    say_undone(c, &step, &u, e) < 0)
		return -1;
	if (u.done.released > 0 && !step.dry_run &&
	    stage_dedup(c, false, e) < 0)
		return -1;
	return u.done.classes > 0 ? cli_check_class_names(c, e) : 0;
}

static const struct cmd_option undo_options[] = { OP_OPTIONS, { 0 } };

const struct cmd cmd_undo = {
	.name = "undo",
	.usage = "[STEP] " OP_USAGE " [--json]",
	.help = "take back a step of the log, or the newest; twice: redo",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.max_args = 1,
	.options = undo_options,
	.run = run_undo,
	.examples = "What was changed again since stays as it is, and is "
		    "named.\nTaking back an undo does the step again.\n",
};

/* ---- conflicts ----------------------------------------------------------- */

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "none" : text;
}

static void
print_claims(const json_t *o)
{
	const json_t *v;
	size_t i;

	printf("%.12s  ", text_of(o, "sha256"));
	json_array_foreach(json_object_get(o, "claims"), i, v)
	{
		fputs(i == 0 ? "" : ", ", stdout);
		text_put_safe(stdout, text_of(v, "label"));
		fputs(" by ", stdout);
		text_put_safe(stdout, text_of(v, "source"));
	}
	putchar('\n');
}

static void
print_group(const json_t *o)
{
	const json_t *v;
	size_t i;

	printf("%.12s  look alike: ", text_of(o, "keeper"));
	json_array_foreach(json_object_get(o, "members"), i, v)
	{
		printf("%s%.12s ", i == 0 ? "" : ", ", text_of(v, "sha256"));
		text_put_safe(stdout, text_of(v, "label"));
		if (json_is_true(json_object_get(v, "decided")))
			fputs(" (decided)", stdout);
	}
	putchar('\n');
}

struct conflicts {
	const struct cli *c;
	int64_t n;
	void (*print)(const json_t *);
};

static int
one_conflict(void *ctx, const char *json, struct err *e)
{
	struct conflicts *all = ctx;
	json_t *o;

	all->n++;
	if (all->c->json) {
		puts(json);
		return 0;
	}
	o = json_loads(json, 0, NULL);
	if (o == NULL)
		return err_set(e, ERR_FATAL, "the catalog gave broken JSON");
	all->print(o);
	json_decref(o);
	return 0;
}

static int
run_conflicts(struct cli *c, struct err *e)
{
	struct conflicts all = { c, 0, print_claims };
	int64_t limit;

	if (cli_number(c, "limit", 0, &limit, e) < 0 ||
	    conflict_claims(c->store, limit, one_conflict, &all, e) < 0)
		return -1;
	all.print = print_group;
	if (conflict_groups(c->store, limit, one_conflict, &all, e) < 0)
		return -1;
	if (all.n == 0 && !c->json)
		log_info("no conflicts");
	return 0;
}

static const struct cmd_option conflicts_options[] = {
	{ "limit", "N", "no more than N of each kind; also -n N" }, { 0 }
};

const struct cmd cmd_conflicts = {
	.name = "conflicts",
	.usage = "[-n N] [--json]",
	.help = "images whose sources disagree, look-alikes that differ",
	.needs = NEEDS_READ,
	.options = conflicts_options,
	.run = run_conflicts,
	.examples = "Decide one with griddle label IMAGE CLASS, or reject it;"
		    " then it is listed no more.\n",
};
