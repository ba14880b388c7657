/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only full-size pixels tell, looked at in places.  Green stands for
 * the luma of which it is the most.
 */
#include "prep/quality_int.h"

#include <stdlib.h>
#include <string.h>

#define GREEN 1

/* ---- blocky ---- */

#define BLOCK 8     /* pixels on the side of JPEG's blocks */
#define ROWS 32     /* that are looked at along */
#define BANDS 8     /* of eight rows that are looked at across */
#define ACROSS 4    /* columns from one that is looked at to the next */
#define STEP_MAX 32 /* larger ones are edges of what is shown */

/* Steps between neighbours, by the place of the first in its block. */
struct steps {
	uint32_t sum[BLOCK], n[BLOCK];
};

static uint32_t
step_size(const uint8_t *a, const uint8_t *b)
{
	const int size = abs(*a - *b);

	return size < STEP_MAX ? (uint32_t)size : STEP_MAX;
}

/* Whole blocks of a row. */
static void
add_steps(const uint8_t *p, int blocks, uint32_t sum[BLOCK])
{
	int i, j;

	for (i = 0; i < blocks; i++) {
#pragma GCC unroll 8
		for (j = 0; j < BLOCK; j++, p += RASTER_BANDS)
			sum[j] += step_size(p, p + RASTER_BANDS);
	}
}

static void
steps_along(const struct raster *r, struct steps *s)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const int rows = r->h < ROWS ? r->h : ROWS;
	const int blocks = (r->w - 1) / BLOCK;
	int i;

	for (i = 0; i < rows; i++)
		add_steps(r->px + (ptrdiff_t)i * r->h / rows * row + GREEN,
		    blocks, s->sum);
	for (i = 0; i < BLOCK; i++)
		s->n[i] = (uint32_t)(rows * blocks);
}

static void
steps_across(const struct raster *r, struct steps *s)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const int all = r->h / BLOCK, bands = all < BANDS ? all : BANDS;
	const uint8_t *p, *end;
	uint32_t sum;
	int i, y;

	for (i = 0; i < bands * BLOCK; i++) {
		y = i / BLOCK * all / bands * BLOCK + i % BLOCK;
		if (y + 1 >= r->h)
			continue;
		p = r->px + y * row + GREEN;
		end = p + (ptrdiff_t)(r->w / ACROSS * ACROSS) * RASTER_BANDS;
		for (sum = 0; p < end; p += ACROSS * RASTER_BANDS)
			sum += step_size(p, p + row);
		s->sum[i % BLOCK] += sum;
		s->n[i % BLOCK] += (uint32_t)(r->w / ACROSS);
	}
}

/* The mean of steps at one place, or at all others. */
static double
mean_step(const struct steps *s, int place, bool there)
{
	uint32_t sum = 0, n = 0;
	int i;

	for (i = 0; i < BLOCK; i++)
		if ((i == place) == there) {
			sum += s->sum[i];
			n += s->n[i];
		}
	return n > 0 ? (double)sum / n : 0;
}

/* Blocks are counted from where the stored picture begins. */
static double
unevenness(const struct steps *s, bool reversed, int size)
{
	const int place = (reversed ? size - 1 : BLOCK - 1) % BLOCK;

	return (mean_step(s, place, false) + 1) /
	    (mean_step(s, place, true) + 1);
}

double
quality_blocky(const struct raster *r, int orientation)
{
	const int o = orientation;
	const bool from_right = o == 2 || o == 3 || o == 6 || o == 7;
	const bool from_bottom = o == 3 || o == 4 || o == 7 || o == 8;
	struct steps along = { { 0 }, { 0 } }, across = { { 0 }, { 0 } };
	double score;

	if (r->w < 2 * BLOCK || r->h < 2 * BLOCK)
		return 1;
	steps_along(r, &along);
	steps_across(r, &across);
	score = (unevenness(&along, from_right, r->w) +
		    unevenness(&across, from_bottom, r->h)) /
	    2;
	return score < 1 ? score : 1;
}

/* ---- texty ---- */

#define CELL 16        /* pixels on its side */
#define CELLS 10       /* in each direction, evenly spread ... */
#define CELLS_MIN 4    /* ... and in less nothing is said */
#define FULL 1024      /* longer pictures are thinned out to about this */
#define FAINT 24       /* less contrast: nothing to see */
#define CONTRAST 80    /* least contrast of text */
#define GROUND_MIN 144 /* pixels of a cell that are nearly as its ground ... */
#define GROUND_NEAR 8  /* ... by one part in so many of the contrast */
#define ALONG_MIN 20   /* changes from ink to ground in a cell's rows ... */
#define ACROSS_MIN 14  /* ... and in its columns */
#define LEAST 4        /* of so many cells one counts as having something */
#define DOUBT 4        /* if of so many one is text, all are looked at */

enum sight { NOTHING, SOMETHING, TEXT };

struct cell {
	uint8_t px[CELL][CELL];
	int low, high;
};

static void
cell_read(const struct raster *r, int x, int y, int thin, struct cell *c)
{
	const ptrdiff_t row = (ptrdiff_t)r->w * RASTER_BANDS;
	const ptrdiff_t step = (ptrdiff_t)thin * RASTER_BANDS;
	const uint8_t *p;
	int i, j, low = 255, high = 0;

	for (j = 0; j < CELL; j++) {
		p = r->px + (ptrdiff_t)(y + j * thin) * row +
		    (ptrdiff_t)x * RASTER_BANDS + GREEN;
		for (i = 0; i < CELL; i++, p += step) {
			c->px[j][i] = *p;
			low = *p < low ? *p : low;
			high = *p > high ? *p : high;
		}
	}
	c->low = low;
	c->high = high;
}

/* Text changes often between ink and a ground that is even. */
static bool
is_text(const struct cell *c)
{
	const int middle = (c->low + c->high + 1) / 2;
	const int near = (c->high - c->low) / GROUND_NEAR;
	int at_low = 0, at_high = 0, along = 0, across = 0, i, j;
	unsigned bits, last = 0;

	for (j = 0; j < CELL; j++) {
		bits = 0;
		for (i = 0; i < CELL; i++) {
			bits |= (unsigned)(c->px[j][i] >= middle) << i;
			at_low += c->px[j][i] <= c->low + near;
			at_high += c->px[j][i] >= c->high - near;
		}
		along += __builtin_popcount((bits ^ bits >> 1) & 0x7fff);
		if (j > 0)
			across += __builtin_popcount(bits ^ last);
		last = bits;
	}
	return along >= ALONG_MIN && across >= ACROSS_MIN &&
	    (at_low >= GROUND_MIN || at_high >= GROUND_MIN);
}

static enum sight
look(const struct cell *c)
{
	if (c->high - c->low < FAINT)
		return NOTHING;
	return c->high - c->low >= CONTRAST && is_text(c) ? TEXT : SOMETHING;
}

/* The cell number x of nx, y of ny, of every thin-th pixel. */
static enum sight
look_at(const struct raster *r, int x, int nx, int y, int ny, int thin)
{
	const int side = CELL * thin;
	struct cell c;

	if (side > r->w || side > r->h)
		return NOTHING;
	cell_read(r, (2 * x + 1) * (r->w - side) / (2 * nx),
	    (2 * y + 1) * (r->h - side) / (2 * ny), thin, &c);
	return look(&c);
}

/* Every so-many-th cell in both directions; larger letters in a coarser one. */
static void
look_around(const struct raster *r, int thin, int every, int seen[TEXT + 1])
{
	const int side = CELL * thin;
	const int nx = r->w / side < CELLS ? r->w / side : CELLS;
	const int ny = r->h / side < CELLS ? r->h / side : CELLS;
	enum sight sight;
	int x, y;

	memset(seen, 0, (TEXT + 1) * sizeof(*seen));
	for (y = every / 2; y < ny; y += every)
		for (x = every / 2; x < nx; x += every) {
			sight = look_at(r, x, nx, y, ny, thin);
			if (sight == SOMETHING &&
			    look_at(r, x, nx, y, ny, 2 * thin) == TEXT)
				sight = TEXT;
			seen[sight]++;
		}
}

double
quality_texty(const struct raster *r)
{
	const int longer = r->w > r->h ? r->w : r->h;
	const int thin = longer < 2 * FULL ? 1 : longer / FULL;
	const int shorter = r->w > r->h ? r->h : r->w;
	int seen[TEXT + 1], some, least;

	if (shorter < CELLS_MIN * CELL * thin)
		return 1;
	look_around(r, thin, 2, seen);
	if (DOUBT * seen[TEXT] > seen[SOMETHING])
		look_around(r, thin, 1, seen);
	some = seen[SOMETHING] + seen[TEXT];
	least = (some + seen[NOTHING]) / LEAST;
	some = some > least ? some : least;
	return 1 - (double)seen[TEXT] / some;
}
