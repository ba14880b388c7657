/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/look_int.h"

#include <string.h>

#include "base/mem.h"
#include "prep/border_int.h"

static void
put_view(const struct raster *r, struct pdq *ret, struct look_view *view)
{
	uint8_t turned[PDQ_TURNS][PDQ_SIZE];

	pdq_turns_of_rgb(r->px, r->w, r->h, RASTER_BANDS, ret, turned);
	memcpy(view->turned, turned[1], sizeof(view->turned));
}

/* Small enough not to cost much, and large enough to be made smaller. */
static int
tiny_side(int side)
{
	return side < 2 * PHASH_SIDE ? side : side / 2;
}

/* The luma of all of it, at the side that pHash-256 is made of. */
static void
gray_of(const struct raster *r, uint8_t ret[PHASH_GRAY])
{
	struct raster tiny CLEANUP(raster_release) =
	    raster_reduced(r, tiny_side(r->w), tiny_side(r->h));
	uint8_t *luma CLEANUP(freep) = xmalloc((size_t)tiny.w * (size_t)tiny.h);

	imagehash_luma(tiny.px, tiny.w, tiny.h, RASTER_BANDS, luma);
	imagehash_resize(luma, tiny.w, tiny.h, PHASH_SIDE, PHASH_SIDE, ret);
}

static void
put_gray(const uint8_t gray[PHASH_GRAY], struct look_view *view)
{
	imagehash_resize(
	    gray, PHASH_SIDE, PHASH_SIDE, LOOK_SIDE, LOOK_SIDE, view->gray);
}

static struct raster
cut_out(const struct raster *r, const struct box *b)
{
	const size_t row = (size_t)b->w * RASTER_BANDS;
	struct raster ret = raster_new(b->w, b->h);
	int y;

	for (y = 0; y < b->h; y++)
		memcpy(ret.px + (size_t)y * row,
		    r->px +
			((ptrdiff_t)(b->y + y) * r->w + b->x) * RASTER_BANDS,
		    row);
	return ret;
}

/* Where from..from + n of `all` lies among `to`, one at least. */
static void
scale(int from, int n, int all, int to, int *ret_from, int *ret_n)
{
	const int start = (int)(((int64_t)from * to + all / 2) / all);
	const int end = (int)(((int64_t)(from + n) * to + all / 2) / all);

	*ret_from = start < to ? start : to - 1;
	*ret_n = end > *ret_from ? end - *ret_from : 1;
}

static void
put_trimmed(const struct raster *canonical, const struct raster *small,
    const struct box *inside, struct visit *v)
{
	struct raster part CLEANUP(raster_release) = cut_out(canonical, inside);
	struct raster of_small CLEANUP(raster_release) = { 0 };
	uint8_t gray[PHASH_GRAY];
	struct box b;

	v->look.trimmed = true;
	put_view(&part, &v->trim_pdq, &v->look.trim);
	scale(inside->x, inside->w, canonical->w, small->w, &b.x, &b.w);
	scale(inside->y, inside->h, canonical->h, small->h, &b.y, &b.h);
	of_small = cut_out(small, &b);
	gray_of(&of_small, gray);
	put_gray(gray, &v->look.trim);
}

void
look_of(
    const struct raster *canonical, const struct raster *small, struct visit *v)
{
	uint8_t gray[PHASH_GRAY];
	struct box inside;

	put_view(canonical, &v->pdq, &v->look.whole);
	gray_of(small, gray);
	phash256_of_gray(gray, v->phash);
	put_gray(gray, &v->look.whole);
	if (border_inside(canonical, &inside))
		put_trimmed(canonical, small, &inside, v);
}

void
look_put_codes(const struct raster *r, struct visit_codes *ret)
{
	uint8_t *luma CLEANUP(freep) = xmalloc((size_t)r->w * (size_t)r->h);

	imagehash_luma(r->px, r->w, r->h, RASTER_BANDS, luma);
	ahash_of_luma(luma, r->w, r->h, ret->ahash);
	dhash_of_luma(luma, r->w, r->h, ret->dhash);
	phash_of_luma(luma, r->w, r->h, ret->phash);
	blockhash_of_rgb(r->px, r->w, r->h, ret->blockhash);
}
