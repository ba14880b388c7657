/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split, snapshot: versions of the dataset.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/forget.h"
#include "store/snapshot.h"

/* Options of the command line take the place of griddle.conf's. */
static int
override_split(struct cli *c, struct err *e)
{
	static const char *const names[] = { "train", "val", "test", "balance",
		"seed", NULL };
	const char *value;
	int i;

	for (i = 0; names[i] != NULL; i++) {
		value = cli_option(c, names[i]);
		if (value != NULL &&
		    config_override(c->config, "split", names[i], value, e) < 0)
			return -1;
	}
	return 0;
}

static int
run_split(struct cli *c, struct err *e)
{
	if (override_split(c, e) < 0)
		return -1;
	return stage_split(c, cli_option(c, "name"), true, e);
}

static const struct cmd_option split_options[] = {
	{ "name", "NAME", "what to call it; otherwise its hash" },
	{ "train", "PERCENT", "share to learn from" },
	{ "val", "PERCENT", "share to stop and choose by" },
	{ "test", "PERCENT", "share for the final figures" },
	{ "balance", "HOW", "down (as many as the smallest class) or none" },
	{ "seed", "N", "another seed, another split" }, { 0 }
};

const struct cmd cmd_split = {
	.name = "split",
	.usage = "[--name NAME] [--train P --val P --test P] [--balance HOW]",
	.help = "freeze a snapshot: balanced, stratified, no look-alikes "
		"across parts",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.options = split_options,
	.run = run_split,
};

/* ---- snapshot --------------------------------------------------------- */

static int
list_snapshot(void *ctx, const struct snapshot *n, struct err *e)
{
	const struct cli *c = ctx;
	char date[20];

	(void)e;
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:s, s:I, s:o}", "name", n->name,
		    "hash", n->hash, "created", (json_int_t)n->created,
		    "options", json_loads(n->options, 0, NULL)));
		return 0;
	}
	printf(
	    "%.12s  %s  ", n->hash, clock_date(date, sizeof(date), n->created));
	text_put_safe(stdout, n->name);
	putchar('\n');
	return 0;
}

static int
show_row(void *ctx, const struct snapshot_row *row, struct err *e)
{
	const struct cli *c = ctx;
	char hex[SHA256_HEX];

	(void)e;
	text_to_hex(hex, row->sha256, SHA256_SIZE);
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:s, s:s}", "sha256", hex,
		    "class", row->class, "part", part_names[row->part]));
		return 0;
	}
	printf("%s  %-5s  ", hex, part_names[row->part]);
	text_put_safe(stdout, row->class);
	putchar('\n');
	return 0;
}

static int
run_snapshot(struct cli *c, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	const char *verb = c->argc > 0 ? c->argv[0] : "list";
	int64_t forgotten = 0;
	int rc;

	if (strcmp(verb, "list") == 0 && c->argc <= 1)
		return snapshot_list(c->store, list_snapshot, c, e);
	if (strcmp(verb, "show") != 0)
		return err_set(
		    e, ERR_USAGE, "usage: griddle snapshot %s", c->cmd->usage);
	rc = snapshot_get(c->store, c->argc > 1 ? c->argv[1] : NULL, &n, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT, "no snapshot %s",
		    c->argc > 1 ? c->argv[1] : "yet: run griddle split");
	if (rc < 0 || snapshot_forgotten(c->store, n.id, &forgotten, e) < 0)
		return -1;
	if (forgotten > 0)
		log_warn("snapshot %s holds %lld forgotten images, which are "
			 "left out",
		    n.name, (long long)forgotten);
	return snapshot_rows(c->store, n.id, show_row, c, e);
}

const struct cmd cmd_snapshot = {
	.name = "snapshot",
	.usage = "[list | show [NAME]] [--json]",
	.help = "versions of the dataset, and what is in one",
	.needs = NEEDS_READ,
	.max_args = 2,
	.run = run_snapshot,
};
