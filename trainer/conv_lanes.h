/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv_lanes: the loops of conv_fast.c, for each width of vector once.
 */

typedef float FOR_LANES(lanes)
    __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE
FOR_LANES(lanes) FOR_LANES(all)(float x)
{
	return x - (FOR_LANES(lanes)){ 0 };
}

INLINE
FOR_LANES(lanes)
FOR_LANES(cut)(FOR_LANES(lanes) x, FOR_LANES(lanes) low, FOR_LANES(lanes) high)
{
	/* In this order what is no number stays so. */
	return MIN_OF(high, MAX_OF(low, x));
}

INLINE
FOR_LANES(lanes) FOR_LANES(load)(const float *p)
{
	return *(const FOR_LANES(lanes) *)p;
}

LOOP
FOR_LANES(finish)(float *to, size_t rows, size_t n, size_t step,
    const float *bias, const struct act *act)
{
	const FOR_LANES(lanes) low = FOR_LANES(all)(act->low);
	const FOR_LANES(lanes) high = FOR_LANES(all)(act->high);
	size_t r, i;
	float x;

	for (r = 0; r < rows; r++, to += step) {
		for (i = 0; i + LANES <= n; i += LANES) {
			FOR_LANES(lanes) v = FOR_LANES(load)(to + i);

			if (bias != NULL)
				v += FOR_LANES(load)(bias + i);
			*(FOR_LANES(lanes) *)(to + i) =
			    FOR_LANES(cut)(v, low, high);
		}
		for (; i < n; i++) {
			x = to[i] + (bias != NULL ? bias[i] : 0);
			x = x < act->low ? act->low : x;
			to[i] = x > act->high ? act->high : x;
		}
	}
}

/* One output, any window, whose first column is x. */
INLINE
FOR_LANES(lanes)
FOR_LANES(sum_any)
(const struct depthwise *d, const float *const *rows, int64_t x, int64_t at)
{
	const struct window *w = &d->c->w;
	FOR_LANES(lanes) sum = FOR_LANES(load)(d->bias + at);
	int64_t ky, kx, ix;

	for (ky = 0; ky < w->size[0]; ky++)
		for (kx = 0; kx < w->size[1]; kx++) {
			ix = x + kx * w->stride[1];
			if (ix < 0 || ix >= w->in[1])
				continue;
			sum += FOR_LANES(load)(rows[ky] + ix * d->n + at) *
			    FOR_LANES(load)(d->weights +
				(ky * w->size[1] + kx) * d->n + at);
		}
	return sum;
}
