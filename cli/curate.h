/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curate: what the commands that make steps share.
 */
#ifndef CLI_CURATE_H
#define CLI_CURATE_H

#include "cli/cli.h"
#include "store/curate.h"

/* The options of every command that makes a step. */
#define OP_OPTIONS \
	{ "why", "TEXT", "a note for the log" }, \
	    { "actor", "NAME", "who decides ($USER)" }, \
	{ \
		"dry-run", NULL, "say what would change, and change nothing" \
	}
#define OP_USAGE "[--why TEXT] [--actor NAME] [--dry-run]"
#define NEW_CLASS_OPTION \
	{ \
		"new-class", NULL, "make the class if there is none" \
	}

/* What the options say; the texts are borrowed. */
int cli_op(const struct cli *, struct op_ask *ret, struct err *);

/*
 * Commit, and say what was done: "labelled 12 of 15 images (3 had it
 * already); undo with griddle undo 7".
 */
int cli_op_done(struct cli *, const char *done, const struct op_ask *,
    const struct op_done *, struct err *);

/* Warn of each name of griddle.conf that is no class any more. */
int cli_check_class_names(struct cli *, struct err *);

/* Make the classes that griddle.conf names, where that is news. */
int cli_make_class_names(struct cli *, struct err *);

/* "1 image", "2 images": the two arguments of %lld image%s. */
#define IMAGES(n) (long long)(n), (n) == 1 ? "" : "s"

/* label - */
int label_lines(struct cli *, struct err *);

extern const struct cmd cmd_reject, cmd_restore, cmd_tag, cmd_untag,
    cmd_conflicts, cmd_log, cmd_undo, cmd_class, cmd_labels, cmd_balance,
    cmd_dups, cmd_keep, cmd_dup, cmd_not_dup;

#endif
