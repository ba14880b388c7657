/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help: out of the table of commands.
 */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

void
help_version(void)
{
	puts("griddle " PACKAGE_VERSION "\n"
	     "Licence: Apache-2.0.  There is no warranty.");
}

void
help_overview(void)
{
	size_t i;

	puts("griddle: from class names to an image classifier, in one "
	     "program.\n\n"
	     "  griddle init food --classes pancake,crepe\n"
	     "  cd food && griddle run\n"
	     "  griddle predict breakfast.jpg\n\n"
	     "Commands (griddle COMMAND --help tells more):");
	for (i = 0; commands[i] != NULL; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
	puts("\nEvery command takes -C DIR (the workspace), --json, -q, -v, "
	     "--help.");
}

void
help_command(const struct cmd *cmd)
{
	const struct cmd_option *o;
	char name[64];

	printf(
	    "usage: griddle %s %s\n\n%s\n", cmd->name, cmd->usage, cmd->help);
	if (cmd->options != NULL)
		puts("");
	for (o = cmd->options; o != NULL && o->name != NULL; o++) {
		snprintf(name, sizeof(name), "--%s%s%s", o->name,
		    o->arg ? " " : "", o->arg ? o->arg : "");
		printf("  %-22s %s\n", name, o->text);
	}
	if (cmd->examples != NULL)
		printf("\n%s", cmd->examples);
}

static int
run_help(struct cli *c, struct err *e)
{
	size_t i;

	if (c->argc == 0) {
		help_overview();
		return 0;
	}
	for (i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, c->argv[0]) == 0) {
			help_command(commands[i]);
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "no command \"%s\"", c->argv[0]);
}

const struct cmd cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.help = "what there is, or what a command takes",
	.max_args = 1,
	.run = run_help,
};
