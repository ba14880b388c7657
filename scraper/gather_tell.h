/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_tell: what a person is told while a run goes on, or by a dry run.
 */
#ifndef SCRAPER_GATHER_TELL_H
#define SCRAPER_GATHER_TELL_H

#include "base/err.h"
#include "scraper/gather_why.h"

struct gather;

/* In a dry run: note that an image would not be asked for. */
void why_not(struct gather *, const char *why, const char *url);
/* By robots.txt as it was kept: 1, 0 or -1. */
int why_robots_allow(struct gather *, const char *url, struct err *);
/* Hand all of it to the caller of gather_run(), in a dry run. */
int why_tell(struct gather *, struct err *);
void why_release(struct gather *);

/* The rest of the progress line: reasons, hosts, and the slowest class. */
void tell_more(void *gather, char *text, size_t size);

/* How the class stands that reaches its target last. */
struct class_pace {
	const char *label;
	long long held, target;
	double left_s;
};
/* False when none is on its way. */
int images_slowest(const struct gather *, struct class_pace *ret);
/* What waits of classes that have enough. */
int images_why_full(struct gather *, struct err *);

#endif
