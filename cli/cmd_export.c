/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export: a snapshot as files for other programs.
 */
#include <string.h>

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
	    "snapshot-name", n->name, "recipe", from->recipe->text, "copies",
	    (json_int_t)r->copies);
	char *text, *line;

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

static void
tell(const struct cli *c, const char *dir, const struct export_stats *stats)
{
	char *safe CLEANUP(freep) = text_safe(dir);

	if (c->json)
		cli_put_json(json_pack("{s:I, s:I, s:I, s:s}", "files",
		    (json_int_t)stats->files, "copies",
		    (json_int_t)stats->copies, "classes",
		    (json_int_t)stats->classes, "dir", safe));
	log_info("export: %s: %lld images and %lld augmented copies in %lld "
		 "classes",
	    dir, (long long)(stats->files - stats->copies),
	    (long long)stats->copies, (long long)stats->classes);
}

static int
run_export(struct cli *c, struct err *e)
{
	const char *format = cli_option(c, "as"), *name;
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    prep_pool_new(cli_opts(c, prep_group));
	struct recipe recipe;
	struct augment augment;
	struct picture_source from = {
		.c = c, .recipe = &recipe, .augment = &augment, .pool = pool
	};
	struct export_request request = {
		.dir = c->argv[c->argc - 1],
		.format = format == NULL ? "imagefolder" : format,
		.force = cli_option(c, "force") != NULL,
		.make_copies = stage_copies,
		.source = &from,
	};
	struct export_stats stats;
	char *about CLEANUP(freep) = NULL;

	if (read_copies(c, &request.copies, e) < 0 ||
	    find_snapshot(c, c->argc > 1 ? c->argv[0] : NULL, &n, e) < 0 ||
	    stage_recipe(c, cli_option(c, "recipe"), &name, &recipe, e) < 0 ||
	    stage_augment(c, &augment, &from.seed, e) < 0)
		return -1;
	memcpy(request.recipe, recipe.hash, SHA256_SIZE);
	request.about = about = describe(&n, &request, &from);
	if (export_snapshot(c->store, &n, &request, &stats, e) < 0)
		return -1;
	tell(c, request.dir, &stats);
	return 0;
}

static const struct cmd_option export_options[] = {
	{ "as", "FORMAT", "imagefolder: DIR/PART/CLASS/IMAGE.jpg" },
	{ "augment", "N",
	    "with N changed copies of each training image (section augment)" },
	{ "recipe", "NAME", "a recipe of griddle.conf; otherwise \"default\"" },
	{ "force", NULL, "replace DIR if it is an earlier export" }, { 0 }
};

const struct cmd cmd_export = {
	.name = "export",
	.usage = "[SNAPSHOT] DIR [--as FORMAT] [--augment N] [--recipe NAME] "
		 "[--force]",
	.help = "write a snapshot (the newest) as files for other trainers",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.min_args = 1,
	.max_args = 2,
	.options = export_options,
	.run = run_export,
	.examples =
	    "  griddle export dataset                  the newest "
	    "snapshot\n"
	    "  griddle export v3 dataset --augment 4   with four changed "
	    "copies of each\n",
};
