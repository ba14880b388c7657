/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv_depthwise: the depthwise loops of conv_fast.c, for each width of
 * vector once, after conv_lanes.h.
 */

/* Four outputs of a 3 x 3 window, `step` pixels apart: inputs are shared. */
INLINE void
FOR_LANES(sum_four)(const float *const *rows, int64_t pixel, int step,
    const FOR_LANES(lanes) weights[9], FOR_LANES(lanes) sum[4])
{
	int ky, kx, i;

#pragma GCC unroll 3
	for (ky = 0; ky < 3; ky++) {
		const float *row = rows[ky];

#pragma GCC unroll 9
		for (kx = 0; kx < 3 * step + 3; kx++) {
			const FOR_LANES(lanes) v =
			    FOR_LANES(load)(row + kx * pixel);

#pragma GCC unroll 4
			for (i = 0; i < 4; i++)
				if (kx - i * step >= 0 && kx - i * step < 3)
					sum[i] +=
					    v * weights[ky * 3 + kx - i * step];
		}
	}
}

/* Columns from..to of one row of outputs, for which no column is padding. */
INLINE int64_t
FOR_LANES(inner_row)(const struct depthwise *d, const float *const *rows,
    int64_t at, int64_t from, int64_t to, const int step,
    const FOR_LANES(lanes) weights[9], float *out)
{
	const FOR_LANES(lanes) low = FOR_LANES(all)(d->act->low);
	const FOR_LANES(lanes) high = FOR_LANES(all)(d->act->high);
	const FOR_LANES(lanes) bias = FOR_LANES(load)(d->bias + at);
	int64_t x, first;
	int i;

	for (x = from; x < to && to - from >= 4; x += 4) {
		/* The last ones again, rather than a part of four. */
		x = x + 4 > to ? to - 4 : x;
		FOR_LANES(lanes) sum[4] = { bias, bias, bias, bias };
		const float *at_rows[3];

		first = (x * step - d->c->w.before[1]) * d->n + at;
		for (i = 0; i < 3; i++)
			at_rows[i] = rows[i] + first;
		FOR_LANES(sum_four)(at_rows, d->n, step, weights, sum);
		for (i = 0; i < 4; i++)
			*(FOR_LANES(lanes) *)(out + (x + i) * d->n + at) =
			    FOR_LANES(cut)(sum[i], low, high);
	}
	return x;
}

/* LANES channels of one row of outputs. */
INLINE void
FOR_LANES(row)(const struct depthwise *d, const float *const *rows, int64_t at,
    const FOR_LANES(lanes) weights[9], float *out)
{
	const struct window *w = &d->c->w;
	const FOR_LANES(lanes) low = FOR_LANES(all)(d->act->low);
	const FOR_LANES(lanes) high = FOR_LANES(all)(d->act->high);
	int64_t x = 0;

	while (x < w->out[1]) {
		if (x == d->from && d->step != 0)
			x = d->step == 1 ? FOR_LANES(inner_row)(d, rows, at, x,
					       d->to, 1, weights, out)
					 : FOR_LANES(inner_row)(d, rows, at, x,
					       d->to, 2, weights, out);
		if (x >= w->out[1])
			break;
		*(FOR_LANES(lanes) *)(out + x * d->n + at) =
		    FOR_LANES(cut)(FOR_LANES(sum_any)(d, rows,
				       x * w->step[1] - w->before[1], at),
			low, high);
		x++;
	}
}

LOOP
FOR_LANES(depthwise)(const struct depthwise *d)
{
	FOR_LANES(lanes) weights[9] = { 0 };
	int64_t at, y;
	int i;

	for (at = 0; at < d->n; at += LANES) {
		/* The last ones again, rather than a part of a vector. */
		if (at + LANES > d->n)
			at = d->n - LANES;
		for (i = 0; i < 9 && d->step != 0; i++)
			weights[i] =
			    FOR_LANES(load)(d->weights + i * d->n + at);
		for (y = 0; y < d->c->w.out[0]; y++)
			FOR_LANES(row)
		(d, d->rows + y * d->c->w.size[0], at, weights,
		    d->out + y * d->c->w.out[1] * d->n);
	}
}
