/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/border_int.h"

#include <stdlib.h>

#define NEAR 12      /* levels from a border's colour that belong to it */
#define STRAY 50     /* one in so many pixels of a line may be off it */
#define SOFT_NEAR 40 /* the same where a coder has made the edge soft: */
#define SOFT_STRAY 8
#define SOFT_LINES 8 /* at most, and no more than of the border itself */
#define ROUNDS 3     /* of frames in frames */
#define LEAST_PART 4 /* of a side has to be left */
#define LEAST_CUT 3  /* per cent of the area */

static bool
is_upright(enum side side)
{
	return side == LEFT || side == RIGHT;
}

static int
lines_of(const struct box *b, enum side side)
{
	return is_upright(side) ? b->w : b->h;
}

struct line
line_at(const struct raster *r, const struct box *b, enum side side, int i)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const bool from_end = side == RIGHT || side == BOTTOM;
	const int at = from_end ? lines_of(b, side) - 1 - i : i;
	const uint8_t *const corner =
	    r->px + b->y * row + (ptrdiff_t)b->x * RASTER_BANDS;

	if (is_upright(side))
		return (struct line){ corner + (ptrdiff_t)at * RASTER_BANDS,
			row, b->h };
	return (struct line){ corner + at * row, RASTER_BANDS, b->w };
}

static void
line_mean(const struct line *l, int ret[RASTER_BANDS])
{
	int64_t sum[RASTER_BANDS] = { 0 };
	int i, band;

	for (i = 0; i < l->n; i++)
		for (band = 0; band < RASTER_BANDS; band++)
			sum[band] += l->first[i * l->step + band];
	for (band = 0; band < RASTER_BANDS; band++)
		ret[band] = (int)((sum[band] + l->n / 2) / l->n);
}

static bool
is_near(const uint8_t *p, const int colour[RASTER_BANDS], int near)
{
	return abs(p[0] - colour[0]) <= near && abs(p[1] - colour[1]) <= near &&
	    abs(p[2] - colour[2]) <= near;
}

/* How many pixels are not near a colour; it may stop after `enough`. */
static int
strays(
    const struct line *l, const int colour[RASTER_BANDS], int near, int enough)
{
	const uint8_t *p = l->first;
	int i, n = 0;

	for (i = 0; i < l->n && n <= enough; i++, p += l->step)
		n += !is_near(p, colour, near);
	return n;
}

int
line_strays(const struct line *l, const int colour[RASTER_BANDS], int enough)
{
	return strays(l, colour, NEAR, enough);
}

struct border
border_from(const struct raster *r, const struct box *b, enum side side)
{
	const int all = lines_of(b, side);
	struct line l = line_at(r, b, side, 0);
	struct border ret = { .lines = 0 };

	line_mean(&l, ret.colour);
	while (ret.lines < all &&
	    line_strays(&l, ret.colour, l.n / STRAY) <= l.n / STRAY) {
		ret.lines++;
		if (ret.lines < all)
			l = line_at(r, b, side, ret.lines);
	}
	return ret;
}

/* The border with its soft edge, if it has one: lines from a side. */
static int
whole_border(const struct raster *r, const struct box *b, enum side side)
{
	const struct border border = border_from(r, b, side);
	const int most = border.lines < SOFT_LINES ? border.lines : SOFT_LINES;
	struct line l;
	int n = border.lines;

	while (n < border.lines + most && n < lines_of(b, side)) {
		l = line_at(r, b, side, n);
		if (strays(&l, border.colour, SOFT_NEAR, l.n / SOFT_STRAY) >
		    l.n / SOFT_STRAY)
			break;
		n++;
	}
	return n;
}

/* Off two sides that face each other; false where that is all there is. */
static bool
cut_off(const struct raster *r, enum side side, struct box *b)
{
	const int near = whole_border(r, b, side);
	const int far = whole_border(r, b, side + 1);

	if (near + far >= lines_of(b, side))
		return false;
	if (is_upright(side)) {
		b->x += near;
		b->w -= near + far;
	} else {
		b->y += near;
		b->h -= near + far;
	}
	return true;
}

bool
border_inside(const struct raster *r, struct box *ret)
{
	struct box b = { 0, 0, r->w, r->h }, before;
	int round = 0;

	do {
		before = b;
		if (!cut_off(r, TOP, &b) || !cut_off(r, LEFT, &b))
			return false;
	} while (++round < ROUNDS && (b.w != before.w || b.h != before.h));
	*ret = b;
	return LEAST_PART * b.w >= r->w && LEAST_PART * b.h >= r->h &&
	    100 * (int64_t)b.w * b.h <=
	    (100 - LEAST_CUT) * (int64_t)r->w * r->h;
}
