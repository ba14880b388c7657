/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_job: a list of any length read by a child, in parts.
 *
 * One child (`griddle worker list`) holds one list open from job to job: the
 * first gives it the file and where to go on, each answers with some further
 * entries and where it is then.
 */
#ifndef SCRAPER_LIST_JOB_H
#define SCRAPER_LIST_JOB_H

#include "base/proc.h"
#include "scraper/list.h"

struct list_place { /* the start of a record */
	int64_t at;   /* bytes of the text, unpacked; 0: the beginning */
	int64_t line; /* from 1 */
};

/* The first question, with the file, whose descriptor is closed; the others. */
int list_ask_open(struct proc_job *, int fd, const struct list_ask *,
    const struct list_place *, struct err *);
void list_ask_more(struct proc_job *);

struct list_part {
	struct list_place next; /* where it begins; then, where the next does */
	int64_t bad;            /* records that give no entry */
	bool end;               /* there is no more */
};

struct list_given {
	struct found found;     /* the callee's, when bad is NULL */
	const char *bad;        /* why there is none; of the first few only */
	int64_t line;
};

/*
 * Give each entry of an answer, cleaned again, to `each`: 1 stops before that
 * one, -1 fails.  ERR_INPUT: the list cannot be read on, with why; the entries
 * before were given.  ERR_BUSY: the child is a new one that has no list open.
 */
typedef int list_each_fn(void *ctx, struct list_given *, struct err *);
int list_take(const struct buf *answer, list_each_fn *each, void *ctx,
    struct list_part *ret, struct err *);

#endif
