/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: the commands.  Each is one entry of a table: what it takes, what it
 * needs.  The dispatcher opens the workspace, takes the lock, notes the run
 * and checks stdout at the end, as the entry asks; commands do none of that.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/opt.h"
#include "base/proc.h"
#include "config/config.h"
#include "store/filter.h"
#include "store/store.h"

enum cmd_needs {
	NEEDS_NOTHING = 0,
	NEEDS_CONFIG = 1 << 0, /* griddle.conf is read */
	NEEDS_READ = 1 << 1,   /* the catalog, read-only */
	NEEDS_WRITE = 1 << 2,  /* the catalog, with the lock */
	NEEDS_RUN = 1 << 3,    /* it is noted as a run */
	NEEDS_FOLDER = 1 << 4, /* the workspace is found, no more */
};

struct cmd_option {
	const char *name;
	const char *arg; /* what its argument is called; NULL: none */
	const char *text;
};
#define CMD_OPTIONS_MAX 16

struct cli;
struct cmd {
	const char *name, *usage, *help;
	int needs; /* enum cmd_needs, ORed */
	int min_args, max_args;
	const struct cmd_option *options; /* ends with a NULL name; or NULL */
	/* Exit status, or -1 with the error set. */
	int (*run)(struct cli *, struct err *);
	const char *examples;      /* lines for --help; or NULL */
	const char *alone, *reads; /* option: no needs; word: only reads */
};

/* All commands in the order of help; ends with NULL. */
extern const struct cmd *const commands[];

extern const struct worker workers[]; /* ends with a NULL kind */
extern const struct opt_group *const option_groups[]; /* ends with NULL */

/* The top of griddle.conf. */
struct root_opts {
	struct strlist classes;
	int64_t target;
	char *contact;
};
extern const struct opt_group root_group;

/* One call of the program. */
struct cli {
	const struct cmd *cmd;
	int argc; /* what is left after the options */
	char **argv;
	const char *values[CMD_OPTIONS_MAX]; /* in the order of the table */
	char *folder;                        /* the workspace; or NULL */
	struct config *config;
	struct store *store;
	bool json, quiet;
	bool partial; /* some of it failed: exit status 3 */
};

/* The value of an option, "" for one without argument; NULL: not given. */
const char *cli_option(const struct cli *, const char *name);
/* As a number; `otherwise` when it was not given. */
int cli_number(const struct cli *, const char *name, int64_t otherwise,
    int64_t *ret, struct err *);

/* The arguments from `from` on as a filter. */
int cli_filter(const struct cli *, int from, struct filter **ret, struct err *);

/* Print a JSON value on a line of its own, and drop it. */
void cli_put_json(json_t *);

/* Who decides: $USER, for the log. */
const char *cli_actor(void);

/* Find the workspace: GRIDDLE_WORKSPACE, or upward from here; NULL: none. */
char *cli_find_workspace(void);
int cli_open(struct cli *, int needs, struct err *); /* enum cmd_needs */

/* The values of a group of griddle.conf. */
#define cli_opts(c, group) config_get((c)->config, &(group))

/* ---- stages (pipeline.c) ---------------------------------------------- */

struct gather_request {
	struct strlist sources; /* names; empty: all */
	int64_t limit;          /* images; 0: as many as there are */
	bool dry_run, force, check;
};

/* Each says in one line what it did, if it did anything or `chatty`. */
int stage_gather(
    struct cli *, const struct gather_request *, bool chatty, struct err *);
int stage_prep(struct cli *, const char *recipe, bool chatty, struct err *);
int stage_dedup(struct cli *, bool chatty, struct err *);
/* These, and that of dataset.h, say ERR_INPUT when there is too little. */
int stage_train(struct cli *, const char *snapshot, bool chatty, struct err *);
int stage_evaluate(struct cli *, const char *model, bool chatty, struct err *);

extern const struct cmd cmd_init, cmd_config, cmd_source, cmd_gather, cmd_add,
    cmd_prep, cmd_dedup, cmd_list, cmd_count, cmd_show, cmd_label, cmd_unlabel,
    cmd_split, cmd_snapshot, cmd_export, cmd_train, cmd_evaluate, cmd_models,
    cmd_predict, cmd_status, cmd_runs, cmd_run, cmd_check, cmd_gc, cmd_backup,
    cmd_forget, cmd_hash, cmd_suspects, cmd_help;

#endif
