/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup: of images that look the same, keep one.
 *
 * Reads prepared images that are in no group yet; leaves each with a keeper:
 * itself, or the better one that it looks like.  Equal bytes are one sample
 * from the start; images with equal pixels, or with PDQ codes at most
 * `duplicate` bits apart in any of the eight turns, or up to `probable` and
 * alike when they are laid over each other, form a star around the keeper
 * (stars.h).  A better image that comes later takes the keeper's place.  What
 * people say of pairs and keepers comes first.  Nothing is deleted, and each
 * run that changes groups is a step of the log.
 *
 * Beside that, images of equal pixels, of one star, or with codes at most
 * `probable` bits apart, are in one component, and so are those that these
 * look like: what no split parts (components.h).
 */
#ifndef DEDUP_DEDUP_H
#define DEDUP_DEDUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "base/sha256.h"
#include "store/store.h"

struct dedup_opts {
	int64_t duplicate; /* bits that may differ, of 256 */
	int64_t probable;  /* the same where a closer look decides */
	double similar;    /* how like they have to be then, 0..1 */
	int64_t quality;   /* PDQ quality below which bits are noise */
	struct strlist
	    keep; /* what makes a better keeper, most telling first */
};
extern const struct opt_group dedup_group;

struct dedup_stats {
	int64_t looked_at;  /* images whose keeper was to be found */
	int64_t keepers;    /* groups in all */
	int64_t duplicates; /* images with another keeper, in all */
	int64_t components; /* what may look alike counted as one, in all */
	int64_t changed;    /* rows that this made differ */
	int64_t moved;      /* of these: with another keeper than before */
	int64_t weeds;      /* new copies of what was rejected, now so too */
	int64_t step;       /* its number in the log; 0: none */
};

/* An image that has another keeper than before. */
struct dedup_change {
	char image[SHA256_HEX], before[SHA256_HEX], after[SHA256_HEX];
	/* before, after: empty for itself, and before for none */
	const char *match; /* NULL: it is its own keeper now */
	int distance;
};

struct dedup_ask {
	bool anew;    /* everything from the start, not what is not grouped */
	bool dry_run; /* change nothing; count all the same */
	const char *actor, *note; /* for the log; the note may be NULL */
	/* Told of each change; may be NULL. */
	void (*change)(void *ctx, const struct dedup_change *);
	void *ctx;
};

int dedup_run(struct store *, const struct dedup_opts *,
    const struct dedup_ask *, struct dedup_stats *ret, struct err *);

#endif
