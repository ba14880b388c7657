/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rasters: small pictures for tests of the loops over pixels.
 */
#ifndef TESTS_RASTERS_H
#define TESTS_RASTERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "prep/raster_int.h"
#include "prep/steps_int.h"
#include "tests/codes.h"

static inline struct raster
noisy(int w, int h, uint32_t seed)
{
	struct raster r = raster_new(w, h);
	uint32_t state = seed + 1;
	size_t i;

	for (i = 0; i < raster_bytes(&r); i++)
		r.px[i] = (uint8_t)noise(&state);
	return r;
}

static inline struct raster
flat(int w, int h, uint8_t grey)
{
	struct raster r = raster_new(w, h);

	memset(r.px, grey, raster_bytes(&r));
	return r;
}

static inline struct raster
copy_of(const struct raster *r)
{
	struct raster copy = raster_new(r->w, r->h);

	memcpy(copy.px, r->px, raster_bytes(r));
	return copy;
}

static inline const uint8_t *
at(const struct raster *r, int x, int y)
{
	return r->px + ((ptrdiff_t)y * r->w + x) * RASTER_BANDS;
}

static inline void
fill(struct raster *r, int x0, int y0, int x1, int y1, uint32_t rgb)
{
	int x, y;

	for (y = y0; y < y1; y++)
		for (x = x0; x < x1; x++) {
			uint8_t *p =
			    r->px + ((ptrdiff_t)y * r->w + x) * RASTER_BANDS;

			p[0] = (uint8_t)(rgb >> 16);
			p[1] = (uint8_t)(rgb >> 8);
			p[2] = (uint8_t)rgb;
		}
}

static inline struct recipe
recipe(const char *steps)
{
	struct recipe r;
	struct err err;

	if (recipe_parse(steps, &r, &err) < 0)
		fail_msg("%s", err.msg);
	return r;
}

#endif
