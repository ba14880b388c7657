/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: the pipeline once, what cron calls.  And its stages one by one.
 */
#include "cli/cli.h"

#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "cli/dataset.h"

/* ---- the pipeline ----------------------------------------------------- */

static int
do_gather(struct cli *c, struct err *e)
{
	return stage_gather(c, &(struct gather_request){ 0 }, false, e);
}

static int
do_prep(struct cli *c, struct err *e)
{
	return stage_prep(c, NULL, false, e);
}

static int
do_dedup(struct cli *c, struct err *e)
{
	return stage_dedup(c, false, e);
}

static int
do_split(struct cli *c, struct err *e)
{
	return stage_split(c, NULL, false, e);
}

static int
do_train(struct cli *c, struct err *e)
{
	return stage_train(c, NULL, false, e);
}

static int
do_evaluate(struct cli *c, struct err *e)
{
	return stage_evaluate(c, NULL, false, e);
}

static const struct stage {
	const char *name;
	int (*run)(struct cli *, struct err *);
	bool may_wait; /* too little to work on yet is no failure */
} stages[] = {
	{ "gather", do_gather, false },
	{ "prep", do_prep, false },
	{ "dedup", do_dedup, false },
	{ "split", do_split, true },
	{ "train", do_train, false },
	{ "evaluate", do_evaluate, false },
};

static int
stage_named(
    const struct cli *c, const char *option, int otherwise, struct err *e)
{
	const char *name = cli_option(c, option);
	size_t i;

	if (name == NULL)
		return otherwise;
	for (i = 0; i < ARRAY_SIZE(stages); i++)
		if (strcmp(stages[i].name, name) == 0)
			return (int)i;
	return err_set(e, ERR_USAGE,
	    "--%s: no stage \"%s\": gather, prep, "
	    "dedup, split, train or evaluate",
	    option, name);
}

static int
run_pipeline(struct cli *c, struct err *e)
{
	int from = stage_named(c, "from", 0, e);
	int until = stage_named(c, "until", ARRAY_SIZE(stages) - 1, e);
	int i;

	if (from < 0 || until < 0)
		return -1;
	for (i = from; i <= until; i++) {
		if (stages[i].run(c, e) < 0) {
			store_rollback(c->store);
			if (e->kind != ERR_INPUT || !stages[i].may_wait)
				return -1;
			log_info("%s: not yet: %s", stages[i].name, e->msg);
			return 0;
		}
		if (stop_check(e) < 0)
			return -1;
	}
	return 0;
}

static const struct cmd_option run_options[] = { { "from", "STAGE",
						     "begin with this stage" },
	{ "until", "STAGE", "end with this stage" }, { 0 } };

const struct cmd cmd_run = {
	.name = "run",
	.usage = "[--from STAGE] [--until STAGE] [-q]",
	.help = "gather, prep, dedup, split, train, evaluate: what is due or "
		"new",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.options = run_options,
	.run = run_pipeline,
	.examples = "  17 3 * * *  griddle -C /home/me/food run -q     "
		    "in a crontab: says nothing when all is well\n",
};

/* ---- prep ------------------------------------------------------------- */

static int
run_prep(struct cli *c, struct err *e)
{
	return stage_prep(c, cli_option(c, "recipe"), true, e);
}

static const struct cmd_option prep_options[] = {
	{ "recipe", "NAME",
	    "another recipe than the one to learn by, which is called "
	    "\"default\"" },
	{ 0 }
};

const struct cmd cmd_prep = {
	.name = "prep",
	.usage = "[--recipe NAME]",
	.help = "decode, check and prepare what is new, by a recipe",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.options = prep_options,
	.run = run_prep,
	.examples = "  griddle prep --recipe tall     "
		    "the same images by the recipe \"tall\" as well\n",
};
