/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop: SIGINT and SIGTERM as a wish that loops look at.
 *
 * The first signal asks: finish what is in hand, commit, return ERR_STOPPED.
 * A second one ends the process at once; the catalog takes that too.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>

#include "base/err.h"

/* Catch the two signals; ignore SIGPIPE and SIGXFSZ, so writes report. */
void stop_install(void);

/* Has one been asked for?  Cheap enough for every turn of a loop. */
bool stop_asked(void);

/* If so, set ERR_STOPPED and return -1; else 0. */
int stop_check(struct err *);

/* 128 + the signal's number, for the exit status; 0 if none came. */
int stop_exit_status(void);

#endif
