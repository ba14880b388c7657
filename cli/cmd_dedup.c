/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup: group what looks the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/curate.h"
#include "cli/pictures.h"

#define EXAMPLES_MAX 10

struct told {
	const struct cli *c;
	int64_t n;
};

static void
log_run(const struct dedup_stats *s, const char *head)
{
	log_info("%s%lld images looked at; %lld to keep, %lld "
		 "duplicates of them",
	    head, (long long)s->looked_at, (long long)s->keepers,
	    (long long)s->duplicates);
	if (s->components < s->keepers)
		log_info("dedup: %lld of those to keep look much like another, "
			 "and go to the same part of a split",
		    (long long)(s->keepers - s->components));
	if (s->weeds > 0)
		log_info("dedup: %lld new cop%s of what was rejected, rejected "
			 "too",
		    (long long)s->weeds, s->weeds == 1 ? "y" : "ies");
	if (s->step != 0)
		log_info("dedup: %lld image%s changed place; undo with griddle "
			 "undo %lld",
		    (long long)s->moved, s->moved == 1 ? "" : "s",
		    (long long)s->step);
}

int
stage_dedup(struct cli *c, bool chatty, struct err *e)
{
	const struct dedup_ask ask = { .actor = cli_actor() };
	struct dedup_stats stats;
	int64_t waiting;

	if (sample_count_ungrouped(c->store, &waiting, e) < 0)
		return -1;
	if (waiting == 0) {
		if (chatty)
			log_info("dedup: every image is in a group");
		return 0;
	}
	if (dedup_run(c->store, cli_opts(c, dedup_group), &ask, &stats, e) < 0)
		return -1;
	log_run(&stats, "dedup: ");
	return 0;
}

static const char *
short_name(const char *sha256, const char *otherwise)
{
	return sha256[0] == 0 ? otherwise : sha256;
}

static void
put_example(void *ctx, const struct dedup_change *change)
{
	struct told *t = ctx;

	if (t->c->json || t->n++ >= EXAMPLES_MAX)
		return;
	if (change->match == NULL)
		printf("%.12s  is no copy of %.12s any more\n", change->image,
		    short_name(change->before, "another"));
	else
		printf("%.12s  %s %.12s, %d bits (%s)\n", change->image,
		    change->before[0] == 0 ? "becomes a copy of"
					   : "is now a copy of",
		    change->after, change->distance, change->match);
}

static void
put_counts(const struct cli *c, const struct dedup_stats *s, bool dry)
{
	if (c->json)
		cli_put_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, "
				       "s:b}",
		    "looked_at", (json_int_t)s->looked_at, "keepers",
		    (json_int_t)s->keepers, "duplicates",
		    (json_int_t)s->duplicates, "changed",
		    (json_int_t)s->changed, "moved", (json_int_t)s->moved,
		    "rejected", (json_int_t)s->weeds, "step",
		    s->step == 0 ? json_null() : json_integer(s->step),
		    "dry_run", dry));
	else
		printf("%lld to keep, %lld duplicates of them; %lld rows %s\n",
		    (long long)s->keepers, (long long)s->duplicates,
		    (long long)s->changed, dry ? "would change" : "changed");
}

static int
run_dedup(struct cli *c, struct err *e)
{
	bool dry = cli_option(c, "dry-run") != NULL;
	const char *threshold = cli_option(c, "threshold");
	bool anew = threshold != NULL || cli_option(c, "anew") != NULL;
	char *note CLEANUP(freep) = threshold != NULL
	    ? xasprintf("--threshold %s", threshold)
	    : xstrdup("--anew");
	struct told told = { c, 0 };
	struct dedup_ask ask = { .anew = anew,
		.dry_run = dry,
		.actor = cli_actor(),
		.note = anew ? note : NULL,
		.change = dry ? put_example : NULL,
		.ctx = &told };
	struct dedup_stats stats;

	if (cli_option(c, "explain") != NULL)
		return dedup_explain(c, e);
	if (c->argc > 0)
		return err_set(
		    e, ERR_USAGE, "dedup: two images are for --explain");
	if (!anew && !dry && !c->json)
		return stage_dedup(c, true, e);
	if (threshold != NULL &&
	    config_override(c->config, "dedup", "duplicate", threshold, e) < 0)
		return -1;
	if (dedup_run(c->store, cli_opts(c, dedup_group), &ask, &stats, e) < 0)
		return -1;
	if (told.n > EXAMPLES_MAX)
		printf(
		    "... and %lld more\n", (long long)(told.n - EXAMPLES_MAX));
	put_counts(c, &stats, dry);
	if (!dry && !c->json && stats.step != 0)
		log_info("dedup: undo with griddle undo %lld",
		    (long long)stats.step);
	return 0;
}

static const struct cmd_option dedup_options[] = {
	{ "anew", NULL, "group everything anew, by griddle.conf's distances" },
	{ "threshold", "BITS", "group everything anew at this distance" },
	{ "dry-run", NULL, "change nothing, say what would" },
	{ "explain", NULL, "why two images, or two files, are copies or not" },
	{ 0 }
};

const struct cmd cmd_dedup = {
	.name = "dedup",
	.usage = "[--anew | --threshold BITS] [--dry-run] | --explain A B",
	.help = "group images that look the same, and choose one to keep",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.max_args = 2,
	.options = dedup_options,
	.run = run_dedup,
	.alone = "explain",
	.examples =
	    "  griddle dedup --threshold 20 --dry-run   what would "
	    "change, with examples\n"
	    "  griddle dedup --explain 3fa9c1 77e0b2    why these two "
	    "are copies, or not\n"
	    "  griddle dedup --explain a.jpg b.png      the same of two "
	    "files, anywhere\n",
};
