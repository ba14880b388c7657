/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uniform borders: their colour, and how far they reach from each side.
 * The whole picture is judged from every side, so that turning it turns
 * what is found.
 */
#include "prep/raster_int.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FAR 3         /* times the tolerance: no sample is further off */
#define STRAY_PART 32 /* of a line's pixels, one may be off so far */
#define KEPT_PART 4   /* of a side, one is always left */

/* A row or a column: where it starts, and its pixels' distance in bytes. */
struct line {
	const uint8_t *first;
	ptrdiff_t step;
	int n;
};

static struct line
row_of(const struct raster *r, int y)
{
	return (struct line){ r->px + (ptrdiff_t)y * r->w * RASTER_BANDS,
		RASTER_BANDS, r->w };
}

static struct line
column_of(const struct raster *r, int x)
{
	return (struct line){ r->px + (ptrdiff_t)x * RASTER_BANDS,
		(ptrdiff_t)r->w * RASTER_BANDS, r->h };
}

/* The largest difference in any band. */
static int
distance(const uint8_t *p, const uint8_t *q)
{
	int band, d, most = 0;

	for (band = 0; band < RASTER_BANDS; band++) {
		d = abs(p[band] - q[band]);
		most = d > most ? d : most;
	}
	return most;
}

static int
count_alike(struct line l, const uint8_t *colour, int tolerance)
{
	int i, n = 0;

	for (i = 0; i < l.n; i++)
		n += distance(l.first + i * l.step, colour) <= tolerance;
	return n;
}

static bool
is_border(struct line l, const uint8_t *colour, int tolerance)
{
	int i, d, strays = 0;

	for (i = 0; i < l.n; i++) {
		d = distance(l.first + i * l.step, colour);
		strays += d > tolerance;
		if (d > FAR * tolerance || strays > l.n / STRAY_PART)
			return false;
	}
	return true;
}

/* That of the corner that most of the edge is like. */
static void
border_colour(const struct raster *r, int tolerance, uint8_t *ret)
{
	const struct line edge[] = { row_of(r, 0), row_of(r, r->h - 1),
		column_of(r, 0), column_of(r, r->w - 1) };
	const uint8_t *const corners[] = { edge[0].first, edge[3].first,
		edge[1].first, edge[1].first + (r->w - 1) * RASTER_BANDS };
	int corner, side, n, best = -1;

	for (corner = 0; corner < 4; corner++) {
		n = 0;
		for (side = 0; side < 4; side++)
			n +=
			    count_alike(edge[side], corners[corner], tolerance);
		if (n > best) {
			best = n;
			memcpy(ret, corners[corner], RASTER_BANDS);
		}
	}
}

/* What is left of one direction: from `start`, `size` lines. */
struct span {
	int start, size;
};

static struct span
inside(const struct raster *r, struct line (*line)(const struct raster *, int),
    int n, const uint8_t *colour, int tolerance)
{
	int start = 0, end = n;

	while (start < n && is_border(line(r, start), colour, tolerance))
		start++;
	while (end > start && is_border(line(r, end - 1), colour, tolerance))
		end--;
	return (struct span){ start, end - start };
}

/* No smaller than its part of n, about the same middle. */
static struct span
widened(struct span s, int n)
{
	const int least = (n + KEPT_PART - 1) / KEPT_PART;
	int start = s.start - (least - s.size) / 2;

	if (s.size >= least)
		return s;
	start = start < 0 ? 0 : start > n - least ? n - least : start;
	return (struct span){ start, least };
}

void
raster_trim(struct raster *r, int tolerance)
{
	uint8_t colour[RASTER_BANDS];
	struct span across, down;

	border_colour(r, tolerance, colour);
	across = inside(r, column_of, r->w, colour, tolerance);
	down = inside(r, row_of, r->h, colour, tolerance);
	if (across.size == 0 || down.size == 0)
		return;
	across = widened(across, r->w);
	down = widened(down, r->h);
	raster_crop(r, across.start, down.start, across.size, down.size);
}
