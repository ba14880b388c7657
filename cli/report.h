/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

/*
 * Write WORKSPACE/report.html: one self-contained page about the dataset and
 * the newest model, without script or outside request.
 */
int report_write(struct cli *, struct err *);

#endif
