/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: find the command, prepare what it needs, run it, report once.
 */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/curate.h"
#include "cli/help.h"
#include "cli/learn.h"
#include "prep/prep.h"
#include "prep/quality.h"
#include "scraper/scraper.h"
#include "scraper/unpack_job.h"

const struct cmd *const commands[] = { &cmd_init, &cmd_source, &cmd_gather,
	&cmd_add, &cmd_prep, &cmd_dedup, &cmd_list, &cmd_count, &cmd_show,
	&cmd_label, &cmd_unlabel, &cmd_reject, &cmd_restore, &cmd_tag,
	&cmd_untag, &cmd_conflicts, &cmd_class, &cmd_labels, &cmd_log,
	&cmd_undo, &cmd_dups, &cmd_keep, &cmd_dup, &cmd_not_dup, &cmd_balance,
	&cmd_split, &cmd_snapshot, &cmd_export, &cmd_backbone, &cmd_train,
	&cmd_evaluate, &cmd_models, &cmd_predict, &cmd_suspects, &cmd_status,
	&cmd_runs, &cmd_run, &cmd_check, &cmd_gc, &cmd_backup, &cmd_forget,
	&cmd_config, &cmd_hash, &cmd_help, NULL };

const struct worker workers[] = {
	{ "image", prep_worker },
	{ "image-plugins", prep_worker_plugins },
	{ "document", scraper_worker },
	{ "archive", unpack_worker },
	{ "list", list_worker },
	{ "model", trainer_worker },
	{ 0 },
};

static int
run_worker(const char *kind)
{
	size_t i;

	for (i = 0; workers[i].kind != NULL; i++)
		if (strcmp(workers[i].kind, kind) == 0)
			return workers[i].run();
	return 2;
}

/* The options that every command takes, after its name or before it. */
enum { OPTION_JSON = 256, OPTION_HELP, OPTION_VERSION, OPTION_FIRST };

static const struct option common[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "workspace", required_argument, NULL, 'C' },
};

/* 1 when the option was a common one. */
static int
take_common(struct cli *c, int option)
{
	switch (option) {
	case OPTION_JSON:
		c->json = true;
		return 1;
	case 'q':
		c->quiet = true;
		log_set_level(LOG_LEVEL_ERROR);
		return 1;
	case 'v':
		log_set_level(LOG_LEVEL_DEBUG);
		return 1;
	case 'C':
		free(c->folder);
		c->folder = xstrdup(optarg);
		return 1;
	default:
		return 0;
	}
}

/* The option that argv has at this place, as the person wrote it. */
static int
bad_option(const struct cli *c, const struct option *options, char *const *argv,
    struct err *e)
{
	const char *names[ARRAY_SIZE(common) + CMD_OPTIONS_MAX + 1] = { 0 };
	const char *word = argv[optind - 1], *meant = NULL;
	size_t i;

	for (i = 0; options[i].name != NULL; i++)
		names[i] = options[i].name;
	if (strncmp(word, "--", 2) == 0)
		meant = text_suggest(word + 2, names);
	return err_set(e, ERR_USAGE,
	    "%s%s%s: no option or missing value: "
	    "%s%s%s%s",
	    c->cmd ? c->cmd->name : "griddle", "", "", word,
	    meant ? "; did you mean --" : "", meant ? meant : "",
	    meant ? "?" : "");
}

/* The place of the command's --limit from 1 on, which -n is short for. */
static size_t
limit_option(const struct cli *c)
{
	const struct cmd_option *o = c->cmd->options;
	size_t i;

	for (i = 0; o != NULL && o[i].name != NULL; i++)
		if (strcmp(o[i].name, "limit") == 0)
			return i + 1;
	return 0;
}

/*
 * Read options from argv[1] on.  Before the command's name parsing stops at
 * the first other word.  0, or 1 when help or version was printed, or -1.
 */
static int
take_options(struct cli *c, int argc, char **argv, struct err *e)
{
	struct option options[ARRAY_SIZE(common) + CMD_OPTIONS_MAX + 1];
	size_t n = ARRAY_SIZE(common), k;
	int option;

	memset(options, 0, sizeof(options));
	memcpy(options, common, sizeof(common));
	for (k = 0; c->cmd && c->cmd->options && c->cmd->options[k].name; k++)
		options[n++] = (struct option){
			.name = c->cmd->options[k].name,
			.has_arg = c->cmd->options[k].arg != NULL,
			.val = OPTION_FIRST + (int)k,
		};
	opterr = 0;
	optind = 0; /* glibc: begin anew, with these short options */
	while ((option = getopt_long(argc, argv,
		    c->cmd ? ":hqvC:n:" : "+:hqvC:", options, NULL)) != -1) {
		if (take_common(c, option))
			continue;
		if (option == OPTION_HELP || option == 'h') {
			c->cmd ? help_command(c->cmd) : help_overview();
			return 1;
		}
		if (option == OPTION_VERSION) {
			help_version();
			return 1;
		}
		if (option == 'n' && (k = limit_option(c)) > 0)
			option = OPTION_FIRST + (int)k - 1;
		if (option < OPTION_FIRST)
			return bad_option(c, options, argv, e);
		c->values[option - OPTION_FIRST] = optarg ? optarg : "";
	}
	return 0;
}

static int
find_command(struct cli *c, const char *name, struct err *e)
{
	const char *names[64] = { NULL };
	const char *meant;
	size_t i;

	for (i = 0; commands[i] != NULL; i++) {
		names[i] = commands[i]->name;
		if (strcmp(commands[i]->name, name) == 0) {
			c->cmd = commands[i];
			return 0;
		}
	}
	meant = text_suggest(name, names);
	return err_set(e, ERR_USAGE,
	    "no command \"%s\"%s%s%s; see griddle "
	    "help",
	    name, meant ? ": did you mean \"" : "", meant ? meant : "",
	    meant ? "\"?" : "");
}

static int
check_count(const struct cli *c, struct err *e)
{
	if (c->argc < c->cmd->min_args ||
	    (c->cmd->max_args >= 0 && c->argc > c->cmd->max_args))
		return err_set(e, ERR_USAGE, "usage: griddle %s %s",
		    c->cmd->name, c->cmd->usage);
	return 0;
}

/* What griddle.conf takes for an issue, under the store's names. */
static void
set_thresholds(struct cli *c)
{
	const struct quality_opts *opts = cli_opts(c, quality_group);
	double thresholds[SCORE_COUNT];
	int i;

	for (i = 0; i < SCORE_COUNT; i++)
		thresholds[i] = opts->threshold[quality_by_name(score_name(i))];
	store_set_thresholds(c->store, thresholds);
}

/* A command's parts that only read wait for no writer. */
static int
needs_of(const struct cli *c)
{
	const char *reads = c->cmd->reads;

	if (reads != NULL && (c->argc == 0 || strcmp(c->argv[0], reads) == 0))
		return (c->cmd->needs & ~NEEDS_WRITE) | NEEDS_READ;
	return c->cmd->needs;
}

int
cli_open(struct cli *c, int needs, struct err *e)
{
	char *path CLEANUP(freep) = NULL;

	if (c->folder == NULL && (c->folder = cli_find_workspace()) == NULL)
		return err_set(e, ERR_USAGE,
		    "no workspace here or above: "
		    "make one with griddle init DIR, or name one with -C");
	path = xasprintf("%s/griddle.conf", c->folder);
	if ((needs & NEEDS_CONFIG) &&
	    (config_load(path, NULL, option_groups, &c->config, e) < 0 ||
		recipes_check(c->config, e) < 0))
		return -1;
	if ((needs & (NEEDS_READ | NEEDS_WRITE)) &&
	    store_open(c->folder,
		needs & NEEDS_WRITE ? STORE_WRITE : STORE_READ, &c->store,
		e) < 0)
		return -1;
	if (c->store != NULL && c->config != NULL)
		set_thresholds(c);
	return 0;
}

static int
open_workspace(struct cli *c, struct err *e)
{
	int needs = needs_of(c);

	if (needs == NEEDS_NOTHING ||
	    (c->cmd->alone != NULL && cli_option(c, c->cmd->alone) != NULL))
		return 0;
	return cli_open(c, needs, e);
}

static int
begin_run(struct cli *c, struct err *e)
{
	json_t *args = json_array();
	char *text CLEANUP(freep) = NULL;
	int i;

	for (i = 0; i < c->argc; i++) {
		char *word CLEANUP(freep) = text_safe(c->argv[i]);

		json_array_append_new(args, json_string(word));
	}
	text = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	return run_begin(c->store, c->cmd->name, text, e);
}

/* What the command did is on its way to the reader, or it is a failure. */
static int
check_stdout(struct err *e)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_sys(e, ERR_FATAL, "cannot write to stdout");
	return 0;
}

static int
exit_status(const struct cli *c, int rc, const struct err *e)
{
	if (rc < 0 && e->kind == ERR_STOPPED && stop_exit_status() != 0)
		return stop_exit_status();
	if (rc < 0)
		return err_exit_status(e);
	return rc == 0 && c->partial ? 3 : rc;
}

/* With the workspace open: the run, noted if the command wants that. */
static int
perform(struct cli *c, struct err *e)
{
	bool noted = (c->cmd->needs & NEEDS_RUN) && c->store != NULL;
	struct err late = { 0 };
	int rc;

	if (noted && begin_run(c, e) < 0)
		return -1;
	rc = c->cmd->run(c, e);
	if (noted) {
		if (rc < 0)
			store_rollback(c->store);
		if (run_end(c->store, exit_status(c, rc, e), &late) < 0 &&
		    rc >= 0) {
			*e = late;
			return -1;
		}
	}
	return rc;
}

static int
run(struct cli *c, int argc, char **argv, struct err *e)
{
	int rc = take_options(c, argc, argv, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (optind == argc) {
		help_overview();
		return 2;
	}
	argc -= optind;
	argv += optind;
	if (find_command(c, argv[0], e) < 0)
		return -1;
	rc = take_options(c, argc, argv, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	c->argc = argc - optind;
	c->argv = argv + optind;
	if (check_count(c, e) < 0 || open_workspace(c, e) < 0)
		return -1;
	rc = perform(c, e);
	return rc >= 0 && check_stdout(e) < 0 ? -1 : rc;
}

int
main(int argc, char **argv)
{
	struct cli c = { 0 };
	struct err e = { 0 };
	int rc;

	if (argc >= 3 && strcmp(argv[1], "worker") == 0)
		return run_worker(argv[2]);
	stop_install();
	/* Workers load OpenBLAS with the program, and have no use for it. */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	rc = run(&c, argc, argv, &e);
	if (rc < 0 && !(c.quiet && e.kind == ERR_BUSY))
		log_error("%s", e.msg);
	rc = exit_status(&c, rc, &e);
	store_close(c.store);
	config_free(c.config);
	free(c.folder);
	return rc;
}
