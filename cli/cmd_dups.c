/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dups: groups of copies, in the workspace or in any folder.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/curate.h"
#include "cli/pictures.h"
#include "store/pairs.h"

struct group {
	struct cli *c;
	json_t *members, *distance, *match, *turn;
	char keeper[SHA256_HEX];
	int64_t n; /* groups or pairs that were shown */
};

/* ---- groups ------------------------------------------------------------- */

static void
print_row(const struct group_row *row)
{
	char size[16];

	if (row->match == NULL && row->distance == 0 && row->turn == 0)
		printf("keep           ");
	else
		printf("%4d %-8s  ", row->distance,
		    row->match == NULL ? "near" : row->match);
	printf("%.12s  %dx%d %s %s", row->sha256, row->width, row->height,
	    row->format, text_size(size, sizeof(size), row->bytes));
	if (row->turn != 0)
		printf(", %s", turn_text(row->turn));
	if (row->label != NULL) {
		printf("  ");
		text_put_safe(stdout, row->label);
	}
	if (row->source != NULL) {
		printf(" from ");
		text_put_safe(stdout, row->source);
	}
	printf("%s%s\n", row->chosen ? "  (chosen)" : "",
	    row->rejected ? "  (rejected)" : "");
}

static int
one_row(void *ctx, const struct group_row *row, struct err *e)
{
	struct group *g = ctx;

	(void)e;
	if (!g->c->json) {
		print_row(row);
		return 0;
	}
	if (g->keeper[0] == 0) { /* it comes first */
		snprintf(g->keeper, sizeof(g->keeper), "%s", row->sha256);
		return 0;
	}
	json_array_append_new(g->members, json_string(row->sha256));
	json_array_append_new(g->distance, json_integer(row->distance));
	json_array_append_new(g->match,
	    row->match == NULL ? json_null() : json_string(row->match));
	json_array_append_new(g->turn, json_integer(row->turn));
	return 0;
}

static int
one_group(void *ctx, int64_t keeper_id, struct err *e)
{
	struct group *g = ctx;
	int rc;

	g->n++;
	g->keeper[0] = 0;
	g->members = json_array();
	g->distance = json_array();
	g->match = json_array();
	g->turn = json_array();
	rc = group_rows(g->c->store, keeper_id, one_row, g, e);
	if (!g->c->json)
		putchar('\n');
	else
		cli_put_json(json_pack("{s:s, s:O, s:O, s:O, s:O}", "keeper",
		    g->keeper, "members", g->members, "distance", g->distance,
		    "match", g->match, "turn", g->turn));
	json_decref(g->members);
	json_decref(g->distance);
	json_decref(g->match);
	json_decref(g->turn);
	return rc;
}

static int
show_group(struct group *g, const char *image, struct err *e)
{
	struct sample_code code;
	int64_t id;

	if (image_prepared(g->c->store, image, &id, e) < 0 ||
	    sample_code(g->c->store, id, &code, e) < 0)
		return -1;
	if (code.keeper_id == 0)
		return err_set(e, ERR_INPUT,
		    "image %.12s is in no group yet: run griddle dedup", image);
	return one_group(g, code.keeper_id, e);
}

/* ---- pairs to look at --------------------------------------------------- */

static void
one_pair(void *ctx, const struct probable *p)
{
	struct group *g = ctx;

	g->n++;
	if (g->c->json)
		cli_put_json(json_pack("{s:[s, s], s:i, s:o}", "pair", p->a,
		    p->b, "distance", p->distance, "similar",
		    p->similar < 0 ? json_null() : json_real(p->similar)));
	else if (p->similar < 0)
		printf("%.12s  %.12s  %d bits\n", p->a, p->b, p->distance);
	else
		printf("%.12s  %.12s  %d bits, likeness %.3f\n", p->a, p->b,
		    p->distance, p->similar);
}

/* ------------------------------------------------------------------------- */

static int
run_dups(struct cli *c, struct err *e)
{
	struct group g = { .c = c };
	bool newest = cli_option(c, "newest") != NULL;
	bool probable = cli_option(c, "probable") != NULL;
	int64_t limit;

	if (pictures_are_there(c->argv, c->argc))
		return dups_folders(c, e);
	if (c->argc > 1 || cli_option(c, "threshold") != NULL)
		return err_set(e, ERR_USAGE,
		    "dups: one group, or folders that are there; --threshold "
		    "is for folders (in a workspace: griddle dedup "
		    "--threshold)");
	if (cli_number(c, "limit", 0, &limit, e) < 0 ||
	    cli_open(c, NEEDS_CONFIG | NEEDS_READ, e) < 0)
		return -1;
	if (c->argc == 1)
		return show_group(&g, c->argv[0], e);
	if (probable
		? dedup_probable(c->store, cli_opts(c, dedup_group), limit,
		      one_pair, &g, e) < 0
		: groups_each(c->store, newest, limit, one_group, &g, e) < 0)
		return -1;
	if (g.n == 0 && !c->json)
		log_info(probable ? "no pairs to look at" : "no copies");
	return 0;
}

static const struct cmd_option dups_options[] = {
	{ "newest", NULL, "the newest groups first, not the largest" },
	{ "probable", NULL, "pairs that may be copies, for you to say" },
	{ "limit", "N", "no more than N; also -n N" },
	{ "threshold", "BITS", "folders: copies differ by no more (31)" }, { 0 }
};

const struct cmd cmd_dups = {
	.name = "dups",
	.usage = "[GROUP] [--newest | --probable] [-n N] | DIR... "
		 "[--threshold BITS] [--json]",
	.help = "copies and what is kept of them; in any folder, too",
	.max_args = -1,
	.options = dups_options,
	.run = run_dups,
	.examples =
	    "  griddle dups ~/photos            no workspace is needed\n"
	    "  griddle dups 3fa9c1              the group of an image\n"
	    "  griddle dups --probable -n 20    then griddle dup A B, or "
	    "griddle not-dup A B\n",
};
