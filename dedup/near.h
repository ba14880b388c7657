/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: the nearest code among many, by exact scan, and the stars.
 *
 * Of each group of look-alikes one is the keeper, and every other member is
 * within max_distance of the keeper itself: a star.  Likeness does not carry
 * over from neighbour to neighbour, so chains are never followed.  The index
 * holds the codes of the keepers only.
 *
 * Codes whose quality is under the floor are noise: they match nothing.
 *
 * One thread at a time may change an index; while none does, any number may
 * look things up.  Nothing here touches the catalog or a picture.
 */
#ifndef DEDUP_NEAR_H
#define DEDUP_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "dedup/pdq.h"

struct near_code {
	int64_t id;
	uint8_t bits[PDQ_SIZE];
	int quality;  /* as in struct pdq */
	int64_t rank; /* larger is a better keeper; ties: the lower id */
};

struct near_index;

/*
 * An empty index for at most `cap` codes (48 bytes each), which disregards
 * codes with a quality under min_quality.
 */
struct near_index *near_new(int min_quality, size_t cap);
void near_free(struct near_index *);
DEFINE_CLEANUP(struct near_index, near_free)

/* How many codes it holds. */
size_t near_count(const struct near_index *);

/*
 * Hold one more code, of an id that is not there yet.  A code under the
 * quality floor is left out, which is no error; ERR_FATAL when the index is
 * full.
 */
int near_add(struct near_index *, const struct near_code *, struct err *);

/* Let go of an id; false when it is not there.  Looks at every id. */
bool near_remove(struct near_index *, int64_t id);

/*
 * The nearest other code at most max_distance bits (0..256) away; ties: the
 * lowest id.  Its id and distance, or false and nothing when there is none.
 * The code's own id, if it is in the index, is passed over.
 */
bool near_find(const struct near_index *, const struct near_code *,
    int max_distance, int64_t *ret_id, int *ret_distance);

/* Where a code belongs. */
struct near_star {
	int64_t keeper; /* the code's own id when it is a keeper itself */
	int distance;   /* to the keeper, 0 for itself */
	int64_t *loose; /* keepers that it took the place of, by id */
	size_t n_loose;
};

/* Free the list. */
void near_star_release(struct near_star *);

/*
 * Let a code that is not in the index join the stars.  Among the keepers
 * within max_distance of it that make better keepers than itself, the
 * nearest becomes its keeper (ties: the lowest id).  If there is none, the
 * code is a keeper from now on, and the keepers within max_distance, all
 * worse, leave the index as `loose`: the caller lets them and all members of
 * theirs join again, in any order.  That comes to an end, as each time a
 * better keeper stands in for a worse one.
 *
 * So no two keepers are within max_distance of each other, and who is a
 * keeper does not depend on the order in which codes came.  Which of several
 * keepers in reach a member belongs to may.
 *
 * A code under the quality floor is its own keeper and stays out of the
 * index.  Errors are those of near_add(), and nothing has changed then;
 * `ret` is to be released after success.
 */
int near_join(struct near_index *, const struct near_code *, int max_distance,
    struct near_star *ret, struct err *);

#endif
