/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack_job: an archive read by a child, in parts.
 *
 * One child (`griddle worker archive`) holds one archive open from job to
 * job: the first gives it the file, each answers with the next entries, and
 * so nothing of the archive is ever in memory but one part.
 */
#ifndef SCRAPER_UNPACK_JOB_H
#define SCRAPER_UNPACK_JOB_H

#include "base/proc.h"
#include "scraper/unpack.h"

/*
 * The first question, with the file, whose descriptor is closed; the others.
 * It is for pictures, or with a rule of label_rule.h that names files inside,
 * for what these tell: entries are then ids, and their bytes the labels.
 */
int unpack_ask_open(struct proc_job *, int fd, const struct unpack_limits *,
    const char *labels, struct err *);
void unpack_ask_more(struct proc_job *);
/* Is there more to ask for?  Then that can be done before unpack_take(). */
bool unpack_goes_on(const struct buf *answer);

enum unpack_end {
	UNPACK_MORE, /* ask again */
	UNPACK_END,  /* that was all */
};

/*
 * Give each entry of an answer to `each`, which may fail it.  ERR_INPUT: the
 * archive cannot be read on, with why; the entries before were given.
 */
typedef int unpack_each_fn(
    void *ctx, const struct unpack_entry *, struct err *);
int unpack_take(const struct buf *answer, unpack_each_fn *each, void *ctx,
    enum unpack_end *ret, struct err *);

/* `griddle worker archive`: returns the exit status. */
int unpack_worker(void);

#endif
