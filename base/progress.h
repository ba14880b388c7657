/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress: one line on a terminal that says how far a stage is.
 *
 * Draws nothing where stderr is not a terminal or with -q, so a pipe and
 * cron get none.  At most five draws a second.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *what;    /* "gather" */
	int64_t done, total; /* items; total 0: not known */
	int64_t bytes;       /* 0: not shown */
	int64_t failed;
	int64_t started_ms, drawn_ms;
	/* More for the line, when it is drawn; or NULL. */
	void (*more)(void *ctx, char *text, size_t size);
	void *ctx;
};

void progress_start(struct progress *, const char *what, int64_t total);
/* Draw if it is time; call it as often as you like. */
void progress_step(struct progress *);
/* Take the line off the screen. */
void progress_end(struct progress *);

/* For log.c: take the line off before something else is printed. */
void progress_clear(void);

#endif
