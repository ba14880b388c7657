/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check, gc, backup: is all well, and what if not.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/learn.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/gc.h"
#include "store/repair.h"

#define DAMAGED 5 /* the exit status */

/* ---- check -------------------------------------------------------- */

static void
put_line(const struct cli *c, const char *key, const char *line)
{
	if (c->json) {
		cli_put_json(json_pack("{s:s}", key, line));
		return;
	}
	text_put_safe(stdout, line);
	putchar('\n');
}

static void
put_fault(void *ctx, const char *line)
{
	const struct cli *c = ctx;

	if (c->json)
		put_line(c, "fault", line);
	else
		log_error("%s", line);
}

static void
put_note(void *ctx, const char *line)
{
	const struct cli *c = ctx;

	if (c->json)
		put_line(c, "note", line);
	else
		log_info("%s", line);
}

static void
put_mend(void *ctx, const char *line)
{
	put_line(ctx, "mended", line);
}

static void
put_counts(const struct cli *c, const struct check_counts *n)
{
	char size[16];

	if (c->json)
		cli_put_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "blobs", (json_int_t)n->blobs, "bytes",
		    (json_int_t)n->bytes, "read", (json_int_t)n->read,
		    "snapshots", (json_int_t)n->snapshots, "lost",
		    (json_int_t)n->lost, "orphans", (json_int_t)n->orphans,
		    "faults", (json_int_t)n->faults));
	else if (!c->quiet)
		printf("%lld blobs (%s), %lld of them read, %lld snapshots: "
		       "%lld faults\n",
		    (long long)n->blobs,
		    text_size(size, sizeof(size), n->bytes), (long long)n->read,
		    (long long)n->snapshots, (long long)n->faults);
}

/* "5%", "0.1" */
static int
percent_of(const struct cli *c, double *ret, struct err *e)
{
	const char *value = cli_option(c, "sample");
	char *number CLEANUP(freep) = NULL;

	*ret = 100;
	if (value == NULL)
		return 0;
	number = xstrndup(value, strcspn(value, "%"));
	if (!text_to_real(number, ret) || *ret <= 0 || *ret > 100 ||
	    strlen(value) - strlen(number) > 1)
		return err_set(e, ERR_USAGE,
		    "--sample: \"%s\" is not a share between 0%% and 100%%",
		    value);
	return 0;
}

static int
check_with(struct cli *c, const struct check_conf *conf, const char *fault,
    struct err *e)
{
	struct check_counts counts;

	if (fault != NULL)
		put_fault(c, fault);
	if (store_check(c->store, conf, &counts, e) < 0)
		return -1;
	counts.faults += fault != NULL;
	put_counts(c, &counts);
	return counts.faults == 0 ? 0 : DAMAGED;
}

static json_t *
counts_json(const struct repair_counts *n)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "images",
	    (json_int_t)n->images, "decided", (json_int_t)n->decided, "changes",
	    (json_int_t)n->changes, "urls", (json_int_t)n->urls, "lost",
	    (json_int_t)n->lost);
}

static void
put_repair(const struct cli *c, const struct repair_report *r)
{
	const struct repair_counts *n[] = { &r->before, &r->after };
	int i;

	if (c->json) {
		cli_put_json(json_pack("{s:o, s:o, s:I}", "before",
		    counts_json(&r->before), "after", counts_json(&r->after),
		    "mended", (json_int_t)r->mended));
		return;
	}
	for (i = 0; i < 2 && !c->quiet; i++)
		printf("%s: %lld images, %lld with a decided label, %lld "
		       "steps in the log, %lld URLs, %lld lost\n",
		    i == 0 ? "before" : "after ", (long long)n[i]->images,
		    (long long)n[i]->decided, (long long)n[i]->changes,
		    (long long)n[i]->urls, (long long)n[i]->lost);
}

static int
run_repair(struct cli *c, const struct check_conf *conf, struct err *e)
{
	struct repair_report report;
	char *fault CLEANUP(freep) = NULL;

	if (store_open_repair(c->folder, &c->store, &fault, e) < 0)
		return -1;
	if (fault != NULL) {
		put_fault(c, fault);
		put_mend(c,
		    "derived.db: moved to quarantine/; griddle prep "
		    "makes it anew");
	}
	if (repair_run(c->store, put_mend, c, &report, e) < 0)
		return -1;
	put_repair(c, &report);
	log_info(
	    "the catalog as it was is kept in %s/" REPAIR_BEFORE, c->folder);
	return check_with(c, conf, NULL, e);
}

static int
run_check(struct cli *c, struct err *e)
{
	struct check_conf conf = { .quick = cli_option(c, "quick") != NULL,
		.verbose = c->json || log_get_level() == LOG_LEVEL_DEBUG,
		.fault = put_fault,
		.note = put_note,
		.ctx = c };
	char *fault CLEANUP(freep) = NULL;

	if (percent_of(c, &conf.percent, e) < 0)
		return -1;
	if (cli_option(c, "repair") != NULL)
		return run_repair(c, &conf, e);
	if (store_open_check(c->folder, &c->store, &fault, e) < 0)
		return e->kind == ERR_DAMAGED
		    ? err_wrap(e,
			  "damaged; griddle backup --restore FILE goes "
			  "back to a backup")
		    : -1;
	return check_with(c, &conf, fault, e);
}

static const struct cmd_option check_options[] = {
	{ "quick", NULL, "do not read the blobs' bytes" },
	{ "sample", "N%", "read N percent of the blobs, others each time" },
	{ "repair", NULL,
	    "mend it: ask again for what is damaged, drop what can be remade" },
	{ 0 }
};

const struct cmd cmd_check = {
	.name = "check",
	.usage = "[--quick | --sample N%] [--repair] [--json]",
	.help = "verify the catalog, every blob and every snapshot; mend them",
	.needs = NEEDS_FOLDER,
	.options = check_options,
	.run = run_check,
	.examples = "  0 0 * * 0  griddle check -q -C /data/food --sample 5%\n",
};

/* ---- gc ----------------------------------------------------------- */

struct hashes {
	unsigned char (*v)[SHA256_SIZE];
	size_t n;
};

static void
hashes_release(struct hashes *h)
{
	free(h->v);
}

static int
add_steps(struct hashes *h, const char *steps, struct err *e)
{
	struct recipe recipe;

	if (recipe_parse(steps, &recipe, e) < 0)
		return -1;
	h->v = xreallocarray(h->v, h->n + 1, sizeof(*h->v));
	memcpy(h->v[h->n++], recipe.hash, SHA256_SIZE);
	return 0;
}

/* A model's own recipe; one that cannot be read keeps nothing. */
static int
add_model(void *ctx, const struct model_row *m, struct err *e)
{
	json_t *options = m->options ? json_loads(m->options, 0, NULL) : NULL;
	const char *steps =
	    json_string_value(json_object_get(options, "recipe"));
	struct err why = { 0 };

	(void)e;
	if (steps != NULL)
		add_steps(ctx, steps, &why);
	json_decref(options);
	return 0;
}

/* The recipes of griddle.conf, the one of the option table, the models'. */
static int
recipes_kept(struct cli *c, struct hashes *h, struct err *e)
{
	struct recipe_opts *plain = opt_new(&recipe_group);
	int rc = add_steps(h, plain->steps, e);
	size_t i;

	opt_free(&recipe_group, plain);
	for (i = 0; rc == 0 && i < config_count(c->config, &recipe_group);
	     i++) {
		const struct recipe_opts *opts =
		    config_at(c->config, &recipe_group, i)->values;

		rc = add_steps(h, opts->steps, e);
	}
	return rc < 0 ? -1 : model_list(c->store, add_model, h, e);
}

static void
put_swept(void *ctx, const char *line)
{
	put_line(ctx, "swept", line);
}

#define GRACE_DAYS 14

static int
run_gc(struct cli *c, struct err *e)
{
	struct hashes kept CLEANUP(hashes_release) = { 0 };
	struct gc_conf conf = { .dry_run = cli_option(c, "dry-run") != NULL,
		.line = put_swept,
		.ctx = c };
	struct gc_report r;
	char size[16];

	if (cli_number(c, "grace", GRACE_DAYS, &conf.grace_s, e) < 0 ||
	    recipes_kept(c, &kept, e) < 0)
		return -1;
	conf.grace_s *= 86400;
	conf.recipes = (const unsigned char(*)[SHA256_SIZE])kept.v;
	conf.n_recipes = kept.n;
	if (gc_run(c->store, &conf, &r, e) < 0)
		return -1;
	if (r.cramped)
		log_warn("derived.db keeps its size: there is no room to "
			 "compact it");
	if (c->json)
		cli_put_json(json_pack("{s:I, s:I, s:I, s:b}", "files",
		    (json_int_t)r.files, "rows", (json_int_t)r.rows, "bytes",
		    (json_int_t)r.bytes, "compacted", r.compacted));
	else if (!c->quiet)
		printf("%lld files and %lld derived rows %s, %s %s\n",
		    (long long)r.files, (long long)r.rows,
		    conf.dry_run ? "would go" : "removed",
		    text_size(size, sizeof(size), r.bytes),
		    conf.dry_run ? "in all" : "freed");
	return 0;
}

static const struct cmd_option gc_options[] = { { "dry-run", NULL,
						    "only say what would go" },
	{ "grace", "DAYS", "keep files younger than that (14)" }, { 0 } };

const struct cmd cmd_gc = {
	.name = "gc",
	.usage = "[--dry-run] [--grace DAYS] [--json]",
	.help = "remove files and derived rows that nothing can reach",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.options = gc_options,
	.run = run_gc,
};

/* ---- backup ------------------------------------------------------- */

static int
make_backup(struct cli *c, const char *path, struct err *e)
{
	struct backup_info info;
	char size[16];

	if (store_open(c->folder, STORE_READ, &c->store, e) < 0 ||
	    backup_make(
		c->store, path, cli_option(c, "force") != NULL, &info, e) < 0)
		return -1;
	if (c->json)
		cli_put_json(json_pack("{s:s, s:I, s:I}", "backup", path,
		    "images", (json_int_t)info.images, "bytes",
		    (json_int_t)info.bytes));
	log_info("%s: the catalog of %lld images (%s), verified", path,
	    (long long)info.images, text_size(size, sizeof(size), info.bytes));
	log_info("blobs are files that never change; copy them after it: "
		 "rsync -a %s/blobs %s/models %s/griddle.conf DEST",
	    c->folder, c->folder, c->folder);
	return 0;
}

static int
restore_backup(struct cli *c, const char *path, struct err *e)
{
	struct backup_info info;
	struct check_conf conf = { .quick = true,
		.percent = 100,
		.fault = put_fault,
		.note = put_note,
		.ctx = c };
	char *fault CLEANUP(freep) = NULL;

	if (backup_verify(path, &info, e) < 0)
		return -1;
	if (cli_option(c, "yes") == NULL) {
		log_info("%s is a catalog of %lld images.  It would take the "
			 "place of the one in %s, which would be kept as %s; "
			 "--yes does it",
		    path, (long long)info.images, c->folder, BACKUP_BEFORE);
		return 2;
	}
	if (backup_restore(c->folder, path, e) < 0)
		return -1;
	log_info(
	    "restored; the catalog of before is %s/" BACKUP_BEFORE, c->folder);
	if (store_open_check(c->folder, &c->store, &fault, e) < 0)
		return -1;
	return check_with(c, &conf, fault, e);
}

static int
run_backup(struct cli *c, struct err *e)
{
	return cli_option(c, "restore") != NULL
	    ? restore_backup(c, c->argv[0], e)
	    : make_backup(c, c->argv[0], e);
}

static const struct cmd_option backup_options[] = { { "force", NULL,
							"replace FILE" },
	{ "restore", NULL,
	    "go back to FILE, and see whether its blobs are "
	    "there" },
	{ "yes", NULL, "really" }, { 0 } };

const struct cmd cmd_backup = {
	.name = "backup",
	.usage = "FILE [--force] | --restore FILE --yes",
	.help = "copy the catalog while it is in use, or go back to a copy",
	.needs = NEEDS_FOLDER,
	.min_args = 1,
	.max_args = 1,
	.options = backup_options,
	.run = run_backup,
};
