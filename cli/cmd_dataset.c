/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split: freeze a version of the dataset.
 */
#include <string.h>

#include "base/log.h"
#include "cli/dataset.h"
#include "cli/learn.h"

/* Options of the command line take the place of griddle.conf's. */
static int
override_split(struct cli *c, struct err *e)
{
	static const char *const names[] = { "train", "val", "test", "balance",
		"seed", "folds", NULL };
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
	struct strlist terms = { .v = c->argv, .n = (size_t)c->argc };
	struct filter *filter CLEANUP(filter_freep) = NULL;
	struct split_request r = { .name = cli_option(c, "name"),
		.terms = &terms };

	if (override_split(c, e) < 0 ||
	    (c->argc > 0 && cli_filter(c, 0, &filter, e) < 0))
		return -1;
	r.filter = filter;
	return stage_split(c, &r, true, e);
}

/* What people should know of it, in few lines. */
static void
tell(const struct snapshot *n, const int64_t *parts, int64_t folds,
    const struct dataset_pair *pair)
{
	json_t *report = json_loads(n->report, 0, NULL), *one;
	char *left CLEANUP(freep) = dataset_left_out(report);
	json_int_t moved = json_integer_value(json_object_get(report, "moved"));
	size_t i;

	if (folds > 0)
		log_info("split: snapshot %s: %lld images to learn from in "
			 "%lld folds, %lld to test",
		    n->name, (long long)parts[PART_TRAIN], (long long)folds,
		    (long long)parts[PART_TEST]);
	else
		log_info("split: snapshot %s: %lld images to learn from, %lld "
			 "to choose by, %lld to test",
		    n->name, (long long)parts[PART_TRAIN],
		    (long long)parts[PART_VAL], (long long)parts[PART_TEST]);
	if (left != NULL)
		log_info("split: left out: %s", left);
	if (moved > 0)
		log_info("split: %lld images went to another part, as they "
			 "look like images there",
		    (long long)moved);
	json_array_foreach(json_object_get(report, "cut"), i, one)
	    log_warn("split: %lld images of class %s hang together by "
		     "likeness, too many for one part: near duplicates among "
		     "them may be in different parts",
		(long long)json_integer_value(json_object_get(one, "images")),
		json_string_value(json_object_get(one, "class")));
	if (pair->distance >= 0)
		log_info("split: the closest two images of different parts "
			 "are %d bits apart",
		    pair->distance);
	json_decref(report);
}

int
stage_split(struct cli *c, const struct split_request *asked, bool chatty,
    struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	struct split_request r =
	    asked != NULL ? *asked : (struct split_request){ 0 };
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct dataset_pair pair CLEANUP(dataset_pair_release) = { 0 };
	int64_t parts[PART_COUNT] = { 0 };
	struct recipe recipe;
	const char *name;
	bool is_new;

	r.opts = cli_opts(c, split_group);
	r.classes = &root->classes;
	if (stage_recipe(c, cli_option(c, "recipe"), &name, &recipe, e) < 0)
		return -1;
	r.recipe = recipe.text;
	r.recipe_hash = recipe.hash;
	if (snapshot_make(c->store, &r, &n, &is_new, e) < 0)
		return -1;
	if (!is_new) {
		if (chatty)
			log_info("split: nothing has changed since snapshot "
				 "%s",
			    n.name);
		return 0;
	}
	if (dataset_parts(c, &n, parts, e) < 0 ||
	    dataset_audit(c, &n, &pair, e) < 0)
		return -1;
	tell(&n, parts, r.opts->folds, &pair);
	return 0;
}

static const struct cmd_option split_options[] = {
	{ "name", "NAME", "what to call it; otherwise its hash" },
	{ "train", "PERCENT", "share to learn from" },
	{ "val", "PERCENT", "share to stop and choose by" },
	{ "test", "PERCENT", "share for the final figures" },
	{ "balance", "HOW",
	    "down (as many as the smallest class), up (weights) or none" },
	{ "seed", "N", "another seed, another split" },
	{ "folds", "K", "K folds in place of train and val" },
	{ "recipe", "NAME",
	    "the recipe that it is for; otherwise \"default\"" },
	{ 0 }
};

const struct cmd cmd_split = {
	.name = "split",
	.usage = "[--name NAME] [--train P --val P --test P] [--balance HOW] "
		 "[--seed N] [--folds K] [--recipe NAME] [FILTER...]",
	.help = "freeze a snapshot: balanced, stratified, no look-alikes "
		"across parts",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.max_args = -1,
	.options = split_options,
	.run = run_split,
	.examples =
	    "  griddle split --name v3                     all that is "
	    "usable\n"
	    "  griddle split 'width>=300' '!issue=any'     only what "
	    "passes a filter\n"
	    "  griddle split --folds 5 --balance up        five folds, and "
	    "weights\n",
};
