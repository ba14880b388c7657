/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/raster_int.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define WHITE 255
#define QUARTER 9000
#define FULL_TURN 36000

struct raster
raster_new(int w, int h)
{
	struct raster r = { .w = w, .h = h };

	r.px = xmalloc(raster_bytes(&r) + RASTER_SLACK);
	return r;
}

void
raster_release(struct raster *r)
{
	free(r->px);
	r->px = NULL;
}

size_t
raster_bytes(const struct raster *r)
{
	return (size_t)r->w * (size_t)r->h * RASTER_BANDS;
}

static void
replace(struct raster *r, struct raster by)
{
	raster_release(r);
	*r = by;
}

/* ---- turning by quarters, mirroring ---- */

/*
 * A new picture of w x h whose pixel (x, y) is the old one's number
 * start + x * dx + y * dy.
 */
static void
rearrange(
    struct raster *r, int w, int h, ptrdiff_t start, ptrdiff_t dx, ptrdiff_t dy)
{
	struct raster new = raster_new(w, h);
	uint8_t *to = new.px;
	const uint8_t *from;
	int x, y;

	for (y = 0; y < h; y++) {
		from = r->px + (start + y * dy) * RASTER_BANDS;
		for (x = 0; x < w; x++) {
			to[0] = from[0];
			to[1] = from[1];
			to[2] = from[2];
			to += RASTER_BANDS;
			from += dx * RASTER_BANDS;
		}
	}
	replace(r, new);
}

void
raster_orient(struct raster *r, int orientation)
{
	const int w = r->w, h = r->h;
	const ptrdiff_t row = w, end = row * h - 1;

	switch (orientation) {
	case 2:
		rearrange(r, w, h, row - 1, -1, row);
		break;
	case 3:
		rearrange(r, w, h, end, -1, -row);
		break;
	case 4:
		rearrange(r, w, h, end - row + 1, 1, -row);
		break;
	case 5:
		rearrange(r, h, w, 0, row, 1);
		break;
	case 6:
		rearrange(r, h, w, end - row + 1, -row, 1);
		break;
	case 7:
		rearrange(r, h, w, end, -row, -1);
		break;
	case 8:
		rearrange(r, h, w, row - 1, row, -1);
		break;
	default:
		break;
	}
}

int
orientation_inverse(int orientation)
{
	return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
}

/* ---- cutting ---- */

void
raster_crop(struct raster *r, int x, int y, int w, int h)
{
	const size_t row = (size_t)w * RASTER_BANDS;
	const uint8_t *from;
	int i;

	for (i = 0; i < h; i++) {
		from = r->px +
		    ((size_t)(y + i) * (size_t)r->w + (size_t)x) * RASTER_BANDS;
		memmove(r->px + (size_t)i * row, from, row);
	}
	r->w = w;
	r->h = h;
}

/* ---- turning by any angle ---- */

#define FRACTION 256 /* steps between two pixels */

void
rotated_size(int hundredths, int *w, int *h)
{
	const double angle = hundredths * M_PI / (FULL_TURN / 2);
	const double c = fabs(cos(angle)), s = fabs(sin(angle));
	const int w0 = *w, h0 = *h;

	/* A quarter turn has no exact sine; 1e-6 keeps it to whole pixels. */
	*w = (int)ceil(w0 * c + h0 * s - 1e-6);
	*h = (int)ceil(w0 * s + h0 * c - 1e-6);
	*w = *w < 1 ? 1 : *w;
	*h = *h < 1 ? 1 : *h;
}

static int
sample_or_white(const struct raster *r, int64_t x, int64_t y, int band)
{
	if (x < 0 || y < 0 || x >= r->w || y >= r->h)
		return WHITE;
	return r->px[(y * r->w + x) * RASTER_BANDS + band];
}

/* The colour at (x, y), in parts of a pixel from the middle of the first. */
static void
interpolate(const struct raster *r, int64_t x, int64_t y, uint8_t *to)
{
	const int64_t x0 = x >> 8, y0 = y >> 8;
	const int fx = (int)(x & (FRACTION - 1)), fy = (int)(y & 255);
	int band, above, below;

	for (band = 0; band < RASTER_BANDS; band++) {
		above = sample_or_white(r, x0, y0, band) * (FRACTION - fx) +
		    sample_or_white(r, x0 + 1, y0, band) * fx;
		below = sample_or_white(r, x0, y0 + 1, band) * (FRACTION - fx) +
		    sample_or_white(r, x0 + 1, y0 + 1, band) * fx;
		to[band] = (uint8_t)((above * (FRACTION - fy) + below * fy +
					 FRACTION * FRACTION / 2) /
		    (FRACTION * FRACTION));
	}
}

static void
rotate_freely(struct raster *r, int hundredths)
{
	const double angle = hundredths * M_PI / (FULL_TURN / 2);
	const double c = cos(angle), s = sin(angle);
	struct raster new;
	double dx, dy;
	int x, y, w = r->w, h = r->h;

	rotated_size(hundredths, &w, &h);
	new = raster_new(w, h);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			dx = x - (w - 1) / 2.0;
			dy = y - (h - 1) / 2.0;
			interpolate(r,
			    llround(FRACTION *
				(c * dx + s * dy + (r->w - 1) / 2.0)),
			    llround(FRACTION *
				(c * dy - s * dx + (r->h - 1) / 2.0)),
			    new.px + ((ptrdiff_t)y * w + x) * RASTER_BANDS);
		}
	replace(r, new);
}

void
raster_rotate(struct raster *r, int hundredths)
{
	static const int quarters[] = { 1, 6, 3, 8 };

	if (hundredths % QUARTER == 0)
		raster_orient(r, quarters[hundredths / QUARTER % 4]);
	else
		rotate_freely(r, hundredths);
}
