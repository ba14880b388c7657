/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label, unlabel: what people decide.
 */
#include "cli/cli.h"

#include <stdio.h>

#include "base/log.h"

/* One step of the log over what the filter of n arguments passes. */
static int
decide(struct cli *c, int n, const char *label, struct err *e)
{
	struct filter *f CLEANUP(filter_freep) = NULL;
	int64_t changed, passed;

	c->argc = n;
	if (cli_filter(c, 0, &f, e) < 0 ||
	    sample_count(c->store, f, &passed, e) < 0)
		return -1;
	if (passed == 0)
		return err_set(e, ERR_INPUT, "no image passes this filter");
	if (label_decide(c->store, f, label, cli_actor(), cli_option(c, "why"),
		&changed, e) < 0 ||
	    store_commit(c->store, e) < 0)
		return -1;
	if (c->json)
		cli_put_json(json_pack("{s:I, s:I}", "images",
		    (json_int_t)passed, "changed", (json_int_t)changed));
	else
		log_info("%lld of %lld images changed", (long long)changed,
		    (long long)passed);
	return 0;
}

static const struct cmd_option why_option[] = {
	{ "why", "TEXT", "a note for the log" }, { 0 }
};

static int
run_label(struct cli *c, struct err *e)
{
	return decide(c, c->argc - 1, c->argv[c->argc - 1], e);
}

const struct cmd cmd_label = {
	.name = "label",
	.usage = "FILTER... CLASS [--why TEXT]",
	.help = "decide the class of one image or a thousand",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.min_args = 2,
	.max_args = -1,
	.options = why_option,
	.run = run_label,
	.examples = "  griddle label 3fa9c1 crepe\n"
		    "  griddle label source=blog label=none pancake\n",
};

static int
run_unlabel(struct cli *c, struct err *e)
{
	return decide(c, c->argc, NULL, e);
}

const struct cmd cmd_unlabel = {
	.name = "unlabel",
	.usage = "FILTER... [--why TEXT]",
	.help = "take decided classes back; what sources claim stands again",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.min_args = 1,
	.max_args = -1,
	.options = why_option,
	.run = run_unlabel,
};
