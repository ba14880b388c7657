/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample_across: the second sum of resample.c, for each width of vector
 * once, after resample_down.h.
 */

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

/* Each pixel of the n rows from y on: the weighted sum of its neighbours. */
INLINE void
FOR_LANES(sum_pixels)(const struct job *j, int y, int n)
{
	const struct taps *t = &j->across;
	const size_t stride = (size_t)j->to->w * RASTER_BANDS;
	const float *at = t->at;
	const FOR_LANES(lanes) * from;
	FOR_LANES(lanes) r, g, b;
	FOR_LANES(ints) out;
	uint8_t *to;
	int x, i;

	for (x = 0; x < j->to->w; x++) {
		from = (const FOR_LANES(lanes) *)j->side +
		    (ptrdiff_t)t->first[x] * RASTER_BANDS;
		r = g = b = (FOR_LANES(lanes)){ 0 };
		for (i = 0; i < t->n; i++, at++, from += RASTER_BANDS) {
			r += from[0] * *at;
			g += from[1] * *at;
			b += from[2] * *at;
		}
		out = (FOR_LANES(ints)){ 0 };
		FOR_LANES(put_bytes)(&r, 0, &out);
		FOR_LANES(put_bytes)(&g, 8, &out);
		FOR_LANES(put_bytes)(&b, 16, &out);
		to = j->to->px + (size_t)y * stride + (size_t)x * RASTER_BANDS;
		for (i = 0; i < n; i++, to += stride) {
			to[0] = (uint8_t)out[i];
			to[1] = (uint8_t)(out[i] >> 8);
			to[2] = (uint8_t)(out[i] >> 16);
		}
	}
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
