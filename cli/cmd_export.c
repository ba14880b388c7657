/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export: a snapshot as files for other programs.
 */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/learn.h"
#include "prep/prep.h"

/* What the folder tells of itself; the caller frees. */
static char *
describe(const struct snapshot *n, const struct export_request *r,
    const struct picture_source *from)
{
	json_t *about = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "griddle",
	    PACKAGE_VERSION, "as", r->format, "snapshot", n->hash,
	    "snapshot-name", n->name, "images",
	    r->originals ? "originals" : "prepared", "copies",
	    (json_int_t)r->copies);
	char *text, *line;

	if (!r->originals)
		json_object_set_new(
		    about, "recipe", json_string(from->recipe->text));
	if (r->part >= 0)
		json_object_set_new(
		    about, "part", json_string(part_names[r->part]));
	if (r->copies > 0)
		json_object_update_new(about,
		    json_pack("{s:s, s:I}", "augment", from->augment->text,
			"augment-seed", (json_int_t)from->seed));
	text = json_dumps(about, JSON_INDENT(2) | JSON_SORT_KEYS);
	line = xasprintf("%s\n", text);
	free(text);
	json_decref(about);
	return line;
}

static int
find_snapshot(
    struct cli *c, const char *name, struct snapshot *ret, struct err *e)
{
	int rc = snapshot_get(c->store, name, ret, e);

	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    name == NULL
			? "there is no snapshot yet: run griddle split%s"
			: "no snapshot \"%s\": see griddle snapshot list",
		    name == NULL ? "" : name);
	return rc < 0 ? -1 : 0;
}

static int
read_copies(const struct cli *c, int64_t *ret, struct err *e)
{
	if (cli_number(c, "augment", 0, ret, e) < 0)
		return -1;
	if (*ret > AUGMENT_COPIES_MAX)
		return err_set(e, ERR_USAGE,
		    "--augment: at most %d copies of an image",
		    AUGMENT_COPIES_MAX);
	return 0;
}

static int
read_part(const struct cli *c, int *ret, struct err *e)
{
	const char *name = cli_option(c, "part");
	int part;

	*ret = -1;
	for (part = 0; name != NULL && part < PART_COUNT; part++)
		if (strcmp(part_names[part], name) == 0)
			*ret = part;
	if (name != NULL && *ret < 0)
		return err_set(e, ERR_USAGE,
		    "--part: \"%s\" is none of train, val, test", name);
	return 0;
}

static int
read_shard_size(const struct cli *c, int64_t *ret, struct err *e)
{
	const char *size = cli_option(c, "shard-size");

	if (!text_to_size(size == NULL ? "1G" : size, ret) || *ret <= 0)
		return err_set(e, ERR_USAGE,
		    "--shard-size: \"%s\" is no size, such as 500M or 1G",
		    size);
	return 0;
}

static int
check_stream(const struct export_request *r, struct err *e)
{
	if (strcmp(r->dir, "-") == 0 && export_is_binary(r->format) &&
	    isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE,
		    "%s is nothing for a terminal: send it into a file or a "
		    "program",
		    r->format);
	return 0;
}

/* How originals came to be in the folder; the caller frees. */
static char *
say_how(const struct export_request *r, const struct export_stats *stats)
{
	if (!r->originals || stats->shards > 0 || strcmp(r->dir, "-") == 0)
		return xstrdup("");
	return xasprintf("; originals: %lld hard links, %lld clones, %lld "
			 "copied",
	    (long long)stats->linked, (long long)stats->cloned,
	    (long long)(stats->files - stats->linked - stats->cloned));
}

static void
tell(const struct cli *c, const struct export_request *r,
    const struct export_stats *stats)
{
	const bool stream = strcmp(r->dir, "-") == 0;
	char *safe CLEANUP(freep) = text_safe(r->dir);
	char *how CLEANUP(freep) = say_how(r, stats);

	if (c->json && !stream)
		cli_put_json(json_pack(
		    "{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "files",
		    (json_int_t)stats->files, "copies",
		    (json_int_t)stats->copies, "classes",
		    (json_int_t)stats->classes, "shards",
		    (json_int_t)stats->shards, "linked",
		    (json_int_t)stats->linked, "cloned",
		    (json_int_t)stats->cloned, "as", r->format, "dir", safe));
	if (stats->uneven > 0)
		log_warn("export: some classes have no image in some part: a "
			 "reader that numbers classes by the folders of one "
			 "part numbers them otherwise there");
	log_info("export: %s: %lld images and %lld augmented copies in %lld "
		 "classes%s",
	    stream ? "standard output" : r->dir,
	    (long long)(stats->files - stats->copies), (long long)stats->copies,
	    (long long)stats->classes, how);
}

/* The options that stand for themselves. */
static int
read_request(const struct cli *c, struct export_request *r, struct err *e)
{
	const char *format = cli_option(c, "as");

	r->dir = c->argv[c->argc - 1];
	r->format = format == NULL ? "imagefolder" : format;
	r->force = cli_option(c, "force") != NULL;
	r->originals = cli_option(c, "originals") != NULL;
	r->dataset = cli_opts(c, dataset_group);
	r->make_copies = stage_copies;
	if (read_copies(c, &r->copies, e) < 0 ||
	    read_part(c, &r->part, e) < 0 ||
	    read_shard_size(c, &r->shard_bytes, e) < 0)
		return -1;
	return check_stream(r, e);
}

static int
run_export(struct cli *c, struct err *e)
{
	const char *name;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    prep_pool_new(cli_opts(c, prep_group));
	struct recipe recipe;
	struct augment augment;
	struct picture_source from = {
		.c = c, .recipe = &recipe, .augment = &augment, .pool = pool
	};
	struct export_request request = { .source = &from };
	struct export_stats stats;
	char *about CLEANUP(freep) = NULL;
	int rc;

	if (read_request(c, &request, e) < 0 ||
	    find_snapshot(c, c->argc > 1 ? c->argv[0] : NULL, &n, e) < 0 ||
	    stage_recipe(c, cli_option(c, "recipe"), &name, &recipe, e) < 0 ||
	    stage_augment(c, &augment, &from.seed, e) < 0)
		return -1;
	memcpy(request.recipe, recipe.hash, SHA256_SIZE);
	request.about = about = describe(&n, &request, &from);
	rc = export_snapshot(c->store, &n, &request, &stats, e);
	if (rc == 0)
		tell(c, &request, &stats);
	/* Who reads a stream may stop: a status of 1, and no words. */
	return rc;
}

static const struct cmd_option export_options[] = {
	{ "as", "FORMAT",
	    "imagefolder (if not said), hf, yolo, csv, jsonl, coco, fiftyone, "
	    "croissant, webdataset, tfrecord" },
	{ "originals", NULL, "the bytes that were gathered, not JPEGs made" },
	{ "part", "PART", "only train, val or test" },
	{ "shard-size", "SIZE", "of webdataset and tfrecord; otherwise 1G" },
	{ "augment", "N",
	    "with N changed copies of each training image (section augment)" },
	{ "recipe", "NAME", "a recipe of griddle.conf; otherwise \"default\"" },
	{ "force", NULL, "replace DIR if it is an earlier export" }, { 0 }
};

const struct cmd cmd_export = {
	.name = "export",
	.usage = "[SNAPSHOT] DIR [--as FORMAT] [--originals] [--part PART] "
		 "[--shard-size SIZE] [--augment N] [--recipe NAME] [--force]",
	.help = "write a snapshot (the newest) as files for other trainers; "
		"DIR - is standard output",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.min_args = 1,
	.max_args = 2,
	.options = export_options,
	.run = run_export,
	.examples =
	    "  griddle export dataset                  the newest "
	    "snapshot\n"
	    "  griddle export v3 dataset --augment 4   with four changed "
	    "copies of each\n"
	    "  griddle export shards --as webdataset   tar shards\n"
	    "  griddle export - --as csv               a list of them\n",
};
