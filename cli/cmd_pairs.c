/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep, dup, not-dup: what people say of copies.
 */
#include <stdio.h>

#include "base/log.h"
#include "cli/curate.h"
#include "store/pairs.h"

#define PAIR_OPTIONS \
	OP_OPTIONS, \
	{ \
		"if-rev", "N", \
		    "only if the image is still at this revision (see show)" \
	}
#define PAIR_USAGE "[--if-rev N] " OP_USAGE " [--json]"

static int
run_keep(struct cli *c, struct err *e)
{
	struct op_done done;
	struct op_ask step;

	if (cli_op(c, &step, e) < 0 ||
	    decide_keep(c->store, c->argv[0], &step, &done, e) < 0)
		return -1;
	return cli_op_done(c, "chosen", &step, &done, e);
}

static const struct cmd_option keep_options[] = { PAIR_OPTIONS, { 0 } };

const struct cmd cmd_keep = {
	.name = "keep",
	.usage = "IMAGE " PAIR_USAGE,
	.help = "keep this one of its copies, now and for good",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = keep_options,
	.run = run_keep,
	.examples = "  griddle keep 3fa9c1      the others of its group become "
		    "copies of it\n",
};

static int
run_pair(struct cli *c, bool same, const char *word, struct err *e)
{
	bool back = cli_option(c, "forget") != NULL;
	struct op_done done;
	struct op_ask step;

	if (cli_op(c, &step, e) < 0 ||
	    decide_pair(c->store, c->argv[0], c->argv[1], back ? NULL : &same,
		&step, &done, e) < 0)
		return -1;
	return cli_op_done(
	    c, back ? "said nothing more of" : word, &step, &done, e);
}

static int
run_dup(struct cli *c, struct err *e)
{
	return run_pair(c, true, "said to be the same", e);
}

static int
run_not_dup(struct cli *c, struct err *e)
{
	return run_pair(c, false, "told apart", e);
}

static const struct cmd_option pair_options[] = { PAIR_OPTIONS,
	{ "forget", NULL, "say nothing of the two any more" }, { 0 } };

const struct cmd cmd_dup = {
	.name = "dup",
	.usage = "A B [--forget] " PAIR_USAGE,
	.help = "say that two images show the same picture",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 2,
	.max_args = 2,
	.options = pair_options,
	.run = run_dup,
	.examples = "  griddle dups --probable    pairs that may be copies\n"
		    "  griddle dup 3fa9c1 77e0b2  these are: one is kept\n",
};

const struct cmd cmd_not_dup = {
	.name = "not-dup",
	.usage = "A B [--forget] " PAIR_USAGE,
	.help = "say that two images are no copies, whatever they look like",
	.needs = NEEDS_CONFIG | NEEDS_WRITE,
	.min_args = 2,
	.max_args = 2,
	.options = pair_options,
	.run = run_not_dup,
	.examples = "  griddle not-dup 3fa9c1 77e0b2\n"
		    "It holds in every later run, also dedup --anew.  They "
		    "still go to the same\npart of a split.\n",
};
