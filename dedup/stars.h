/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stars: of look-alikes the best is the keeper, and every other one is in
 * reach of the keeper itself.
 *
 * Items are ordered: larger rank first, ties the lower id.  In that order an
 * item attaches to the nearest keeper in reach (all keepers before it are
 * better; ties of distance: the lowest id), or is a keeper itself.  Likeness
 * does not carry over from neighbour to neighbour: no chains.  The result is
 * a function of the items alone, not of the order or the portions in which
 * they came.
 *
 * What is in reach, of items a and b (codes below the quality floor count as
 * absent):
 *  - the same nonzero `pixels`: distance 0, turn 0, whatever the quality;
 *  - a plain or trimmed code of a and a plain or trimmed code of b at most
 *    `probable` bits apart (turn 0);
 *  - one of the turned codes, plain or trimmed, of the item with the HIGHER
 *    id and a plain or trimmed code of the other at most `turned` bits apart.
 *    (Turned codes are not exact inverses of each other: one side must ask,
 *    and it is the later one, whose turns are at hand when it comes.)
 *  - a pair of the list `same` (distance: that of their plain codes);
 * and, for each of these, stars_verify_fn says yes.
 */
#ifndef DEDUP_STARS_H
#define DEDUP_STARS_H

#include <stdbool.h>

#include "dedup/hamming_file.h"

#define STARS_NONE UINT32_MAX
#define STARS_TURNS 8 /* with the plain one, which is number 0 */
#define STARS_OWNER(id, trimmed) ((uint64_t)(id) << 1 | (trimmed))

struct star_item {
	int64_t id; /* > 0; items stand by ascending id */
	int64_t rank;
	uint64_t pixels; /* items of equal pixels have one number; 0: none */
	/*
	 * In: the keeper's place among the items (its own for a keeper) as an
	 * earlier call found it, or STARS_NONE: to be found.  That is to be
	 * so for new items, and for those whose codes, rank, pixels or
	 * verdicts have changed; what belongs to such an item, or to one that
	 * is gone, follows by itself.  Out: the keeper's place.
	 */
	uint32_t keeper;
	int16_t distance; /* bits to the keeper; 0 for itself (in and out) */
	uint8_t turn;     /* which of the eight of the asking item matched */
	bool trimmed;     /* of this item the trimmed code matched */
	bool keeper_trimmed;
	bool changed; /* out: are keeper, distance or turn not as before? */
};

/* What is known of an item's picture; the same at each call. */
struct star_codes {
	bool plain, trimmed; /* is there one, of quality not below the floor? */
	int n_turns;         /* 1, or 8, of both of these: [0] is as it is */
	hamming_code turn[STARS_TURNS], trim[STARS_TURNS];
};

/* A pair that the codes let pass. */
struct star_pair {
	size_t item, keeper; /* places; the keeper is better */
	int distance;
	uint8_t turn;
	bool trimmed, keeper_trimmed;
};

struct stars {
	struct star_item *items;
	size_t n;
	int duplicate, turned, probable; /* bits, 0..256, ascending */

	/*
	 * The codes of an item; `turns`: are those but the first asked for?
	 * (if not, they may be left out).  Asked for items to be found, for
	 * those that come loose, and for all others when `index` is NULL.
	 */
	int (*codes)(void *ctx, size_t place, bool turns,
	    struct star_codes *ret, struct err *);
	/*
	 * Does the pair belong together?  1, 0 or -1.  It is asked for pairs
	 * of an item and a better keeper, nearest first, until one is
	 * accepted: up to `duplicate` only what a person said stands against
	 * it; beyond that, a closer look at the pictures.  It answers the same
	 * each time, for (b, a) too.  NULL: yes up to `duplicate`, no beyond.
	 */
	int (*verify)(void *ctx, const struct star_pair *, struct err *);
	/*
	 * Told of all plain codes in the index within `probable` bits of one
	 * to be found, maybe more than once; may be NULL.
	 */
	void (*met)(void *ctx, size_t a, size_t b);
	void *ctx;
	bool alone; /* out: all was built anew, and the index not asked */

	/* Pairs of places that belong together whatever their codes. */
	const struct star_same {
		size_t a, b;
	} * same;
	size_t n_same;

	/*
	 * Of the items that have a keeper, at least: STARS_OWNER of all codes
	 * not below the floor.  Owners that are no items are passed over.
	 * NULL: made from the codes when needed.  stars_find() adds nothing.
	 */
	const struct hamming_file *index;
};

/*
 * Find the keepers that are to be found.  When all are (or most), everything
 * is built anew in one go, else cost grows with those, and with what they
 * change.  Returns 0 or -1: ERR_STOPPED, or what the functions returned; the
 * items are then as they were.  At most 2^32 - 2 items.
 */
int stars_find(struct stars *, struct err *);

#endif
