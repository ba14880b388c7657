/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables that fit the documented example of griddle.conf. */
#ifndef TESTS_CONFIG_TABLES_H
#define TESTS_CONFIG_TABLES_H

#include "config/config.h"

/* clang-format off */
#define GROUP(name, opts, type, titled) \
	{ name, "", opts, sizeof(type), titled }
/* clang-format on */

struct top {
	struct strlist classes;
	int64_t target;
	char *contact;
};

static const struct opt top_opts[] = { { "classes",
					   OPT_FIELD(struct top, classes) },
	{ "target", OPT_FIELD(struct top, target), .def = "500", .min = 1,
	    .max = 1000000, .unit = "images" },
	{ "contact", OPT_FIELD(struct top, contact) }, { 0 } };

static const struct opt_group top_group =
    GROUP("", top_opts, struct top, false);

struct scraper {
	double delay;
	int64_t max_bytes, every;
	struct strlist allow_private;
	bool robots;
};

static const struct opt scraper_opts[] = {
	{ "delay", OPT_FIELD(struct scraper, delay), .def = "2", .max = 3600,
	    .unit = "s" },
	{ "max_bytes", OPT_FIELD(struct scraper, max_bytes), .def = "10M",
	    .min = 1, .max = 1 << 30, .unit = "bytes" },
	{ "every", OPT_FIELD(struct scraper, every), .def = "7d", .unit = "s" },
	{ "allow_private", OPT_FIELD(struct scraper, allow_private),
	    .def = "{ localhost }" },
	{ "robots", OPT_FIELD(struct scraper, robots), .def = "true" }, { 0 }
};

static const struct opt_group scraper_group =
    GROUP("scraper", scraper_opts, struct scraper, false);

struct numbers {
	int64_t a, b, c, seed;
	char *word;
};

static const char *const balances[] = { "down", "up", "none", NULL };

static const struct opt dedup_opts[] = { { "duplicate",
					     OPT_FIELD(struct numbers, a) },
	{ "probable", OPT_FIELD(struct numbers, b) }, { 0 } };

static const struct opt split_opts[] = { { "train",
					     OPT_FIELD(struct numbers, a) },
	{ "val", OPT_FIELD(struct numbers, b) },
	{ "test", OPT_FIELD(struct numbers, c) },
	{ "seed", OPT_FIELD(struct numbers, seed) },
	{ "balance", OPT_FIELD(struct numbers, word), .def = "none",
	    .choices = balances },
	{ 0 } };

static const struct opt train_opts[] = {
	{ "model", OPT_FIELD(struct numbers, word), .def = "auto" }, { 0 }
};

static const struct opt_group dedup_group =
    GROUP("dedup", dedup_opts, struct numbers, false);
static const struct opt_group split_group =
    GROUP("split", split_opts, struct numbers, false);
static const struct opt_group train_group =
    GROUP("train", train_opts, struct numbers, false);

static const struct opt recipe_opts[] = {
	{ "steps", OPT_FIELD(struct numbers, word), .def = "resize 224" }, { 0 }
};

static const struct opt_group recipe_group =
    GROUP("recipe", recipe_opts, struct numbers, true);

struct source {
	char *type, *category, *label, *schedule, *url, *path;
	struct strlist licence;
	int64_t depth;
};

static const struct opt source_opts[] = { { "type",
					      OPT_FIELD(struct source, type) },
	{ "category", OPT_FIELD(struct source, category) },
	{ "label", OPT_FIELD(struct source, label) },
	{ "schedule", OPT_FIELD(struct source, schedule) },
	{ "url", OPT_FIELD(struct source, url) },
	{ "path", OPT_FIELD(struct source, path) },
	{ "licence", OPT_FIELD(struct source, licence) },
	{ "depth", OPT_FIELD(struct source, depth), .def = "1", .max = 9 },
	{ 0 } };

static const struct opt_group source_group =
    GROUP("source", source_opts, struct source, true);

static const struct opt_group *const groups[] = { &top_group, &recipe_group,
	&scraper_group, &dedup_group, &split_group, &train_group, &source_group,
	NULL };

#endif
