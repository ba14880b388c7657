/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample_across: the second sum of resample.c, for each width of vector
 * once, with the first.
 */
#include "prep/resample_down.h"

/* Rounded, what overshoots cut to what a byte holds, and put into `out`. */
INLINE void
FOR_LANES(put_bytes)(
    const FOR_LANES(lanes) * v, int shift, FOR_LANES(ints) * out)
{
	const FOR_LANES(ints) n =
	    __builtin_convertvector(*v + 0.5f, FOR_LANES(ints));
	const FOR_LANES(ints) low = n & (n > 0);

	*out |= ((low | (low > 255)) & 255) << shift;
}

/* Pixel x of the rows on the side: the weighted sum of its neighbours. */
INLINE void
FOR_LANES(sum_pixel)(const struct job *j, int x, FOR_LANES(ints) * out)
{
	const struct taps *t = &j->across;
	const float *at = t->at + (ptrdiff_t)x * t->n, *const end = at + t->n;
	const FOR_LANES(lanes) *from = (const FOR_LANES(lanes) *)j->side +
	    (ptrdiff_t)t->first[x] * RASTER_BANDS;
	FOR_LANES(lanes) r, g, b;

	r = g = b = (FOR_LANES(lanes)){ 0 };
	for (; at < end; at++, from += RASTER_BANDS) {
		r += from[0] * *at;
		g += from[1] * *at;
		b += from[2] * *at;
	}
	*out = (FOR_LANES(ints)){ 0 };
	FOR_LANES(put_bytes)(&r, 0, out);
	FOR_LANES(put_bytes)(&g, 8, out);
	FOR_LANES(put_bytes)(&b, 16, out);
}

/* All of n rows.  What a pixel writes behind itself the next one corrects. */
INLINE void
FOR_LANES(sum_pixels)(const struct job *j, int y, int n)
{
	const size_t stride = (size_t)j->to->w * RASTER_BANDS;
	const int last = j->to->w - 1;
	uint8_t *row = j->to->px + (size_t)y * stride, *to;
	FOR_LANES(ints) out;
	int x, i;

	for (x = 0; x < last; x++, row += RASTER_BANDS) {
		FOR_LANES(sum_pixel)(j, x, &out);
		for (i = 0, to = row; i < n; i++, to += stride)
			memcpy(to, &out[i], sizeof(out[i]));
	}
	FOR_LANES(sum_pixel)(j, last, &out);
	for (i = 0, to = row; i < n; i++, to += stride)
		memcpy(to, &out[i], RASTER_BANDS);
}

INLINE void
FOR_LANES(resize)(const struct job *j)
{
	const int h = j->to->h;
	int y;

	for (y = 0; y < h; y += LANES) {
		FOR_LANES(sum_rows)(j, y);
		FOR_LANES(sum_pixels)(j, y, h - y < LANES ? h - y : LANES);
	}
}
