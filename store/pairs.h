/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs: which images are copies of which, and what people say of it.
 *
 * Decisions are steps as in curate.h.  One that bears on groups releases the
 * images that it is about: dedup looks at them again (op_done.released).
 * What dedup itself finds is a step too, which undo takes back as a whole.
 */
#ifndef STORE_PAIRS_H
#define STORE_PAIRS_H

#include "store/curate.h"

/* ---- decisions -------------------------------------------------------- */

/*
 * This image is the one to keep of its group, and no other; ERR_INPUT: it is
 * not there, is not prepared or is rejected, or the revision is another.
 */
int decide_keep(struct store *, const char *image, const struct op_ask *,
    struct op_done *, struct err *);

/*
 * Two images show the same picture, or do not; NULL takes back what was said.
 *
 * The same: so do the copies that the keepers of both have, unless other is
 * said of them.  Not the same: neither is ever kept by the other; where both
 * are copies of a third, the further one is not the same as that.
 * ERR_INPUT: one is not there, they are one image, or the revision (of the
 * first) is another.
 */
int decide_pair(struct store *, const char *a, const char *b, const bool *same,
    const struct op_ask *, struct op_done *, struct err *);

/* What was said, by ids: low < high. */
int pair_each(struct store *,
    int (*each)(void *ctx, int64_t low, int64_t high, bool same, struct err *),
    void *ctx, struct err *);
/* 1 the same, 0 not the same, -2 nothing was said, -1 an error. */
int pair_said(struct store *, int64_t a, int64_t b, struct err *);

/* The one prepared image that 4 or more digits name; ERR_INPUT. */
int image_prepared(
    struct store *, const char *digits, int64_t *ret_id, struct err *);

/* ---- what dedup finds -------------------------------------------------- */

struct group_place {
	int64_t id, keeper_id; /* the same for a keeper */
	const char *match;     /* 'pixels', 'near', 'verified' or 'person' */
	int turn, distance;
};
int groups_begin(struct store *, struct err *);
/*
 * Put an image in its place.  Who was in no group yet and stands by itself is
 * not noted in the log, so a first run is not as long as the catalog.
 */
int groups_put(
    struct store *, const struct group_place *, bool was_grouped, struct err *);
/* It is a copy of what was rejected. */
int groups_reject(struct store *, int64_t id, struct err *);
int groups_end(
    struct store *, const struct op_ask *, struct op_done *, struct err *);

/* ---- reading them ------------------------------------------------------ */

/* Groups of two or more, the largest first or the newest; limit 0: all. */
int groups_each(struct store *, bool newest, int64_t limit,
    int (*each)(void *ctx, int64_t keeper_id, struct err *), void *ctx,
    struct err *);

struct group_row { /* borrowed during the call */
	int64_t id;
	const char *sha256;
	int distance, turn; /* turned so it looks like the keeper */
	const char *match;  /* NULL: the keeper */
	int width, height;
	int64_t bytes;
	const char *format, *label, *source; /* NULL: none */
	bool rejected, chosen;
};
/* The keeper, then its copies, the nearest first. */
int group_rows(struct store *, int64_t keeper_id,
    int (*each)(void *ctx, const struct group_row *, struct err *), void *ctx,
    struct err *);

#endif
