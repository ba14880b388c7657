/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/look_int.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "dedup/verify.h"

static_assert(LOOK_SIDE == VERIFY_SIDE, "the verify step takes what is kept");
static_assert(PHASH_SIDE == 2 * LOOK_SIDE, "four samples of one make a pixel");

static void
put_view(const struct raster *r, struct pdq *ret, struct look_view *view)
{
	uint8_t turned[PDQ_TURNS][PDQ_SIZE];

	pdq_turns_of_rgb(r->px, r->w, r->h, RASTER_BANDS, ret, turned);
	memcpy(view->turned, turned[1], sizeof(view->turned));
}

void
look_put_codes(const struct raster *canonical, struct visit *v)
{
	put_view(canonical, &v->pdq, &v->look.whole);
}

/* Means of two by two. */
static void
halve(const uint8_t from[PHASH_GRAY], uint8_t *to)
{
	int x, y;

	for (y = 0; y < LOOK_SIDE; y++, from += PHASH_SIDE)
		for (x = 0; x < LOOK_SIDE; x++, from += 2)
			*to++ =
			    (uint8_t)((from[0] + from[1] + from[PHASH_SIDE] +
					  from[PHASH_SIDE + 1] + 2) /
				4);
}

void
look_put_gray(const struct raster *small, struct visit *v)
{
	uint8_t *luma CLEANUP(freep) =
	    xmalloc((size_t)small->w * (size_t)small->h);
	uint8_t gray[PHASH_GRAY];

	imagehash_luma(small->px, small->w, small->h, RASTER_BANDS, luma);
	imagehash_resize(
	    luma, small->w, small->h, PHASH_SIDE, PHASH_SIDE, gray);
	phash256_of_gray(gray, v->phash);
	halve(gray, v->look.whole.gray);
}
