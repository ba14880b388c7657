/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a picture larger without touching it: what is put around it.
 */
#include "prep/raster_int.h"

#include <string.h>

#include "base/mem.h"

/* Which of n pixels stands at i, that is outside of 0..n-1 at times. */
typedef int source_fn(int i, int n);

static int
at_edge(int i, int n)
{
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* There and back again, each pixel twice at the turns. */
static int
mirrored(int i, int n)
{
	const int round = 2 * n;

	i %= round;
	i = i < 0 ? i + round : i;
	return i < n ? i : round - 1 - i;
}

static void
replace(struct raster *r, struct raster by)
{
	raster_release(r);
	*r = by;
}

void
raster_pad(struct raster *r, int w, int h, const uint8_t *colour)
{
	struct raster new = raster_new(w, h);
	const size_t row = (size_t)r->w * RASTER_BANDS;
	const size_t size = raster_bytes(&new);
	uint8_t *to;
	size_t at;
	int i;

	for (at = 0; at < size; at += RASTER_BANDS)
		memcpy(new.px + at, colour, RASTER_BANDS);
	to = new.px +
	    ((size_t)((h - r->h) / 2) * (size_t)w + (size_t)((w - r->w) / 2)) *
		RASTER_BANDS;
	for (i = 0; i < r->h; i++)
		memcpy(to + (size_t)i * (size_t)w * RASTER_BANDS,
		    r->px + (size_t)i * row, row);
	replace(r, new);
}

void
raster_extend(struct raster *r, int w, int h, bool mirror)
{
	source_fn *const source = mirror ? mirrored : at_edge;
	const int left = (w - r->w) / 2, top = (h - r->h) / 2;
	struct raster new = raster_new(w, h);
	uint8_t *to = new.px;
	const uint8_t *from;
	int x, y;

	for (y = 0; y < h; y++) {
		from = r->px +
		    (ptrdiff_t)source(y - top, r->h) * r->w * RASTER_BANDS;
		for (x = 0; x < w; x++, to += RASTER_BANDS)
			memcpy(to,
			    from +
				(ptrdiff_t)source(x - left, r->w) *
				    RASTER_BANDS,
			    RASTER_BANDS);
	}
	replace(r, new);
}

void
raster_mean(const struct raster *r, uint8_t *ret)
{
	const uint64_t n = raster_bytes(r) / RASTER_BANDS;
	const uint8_t *p = r->px, *end = p + raster_bytes(r);
	uint64_t sums[RASTER_BANDS] = { 0 };
	int band;

	for (; p < end; p += RASTER_BANDS)
		for (band = 0; band < RASTER_BANDS; band++)
			sums[band] += p[band];
	for (band = 0; band < RASTER_BANDS; band++)
		ret[band] = (uint8_t)((sums[band] + n / 2) / n);
}
