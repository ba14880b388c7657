/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

/* All on stdout. */
void help_overview(void);
void help_command(const struct cmd *);
void help_version(void);

#endif
