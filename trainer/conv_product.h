/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv_product: products of matrices, for each width of vector once, after
 * conv_lanes.h.
 *
 * A tile of rows by two vectors of columns stays in registers while it runs
 * along the sum; the right matrix is laid so (conv_pack()) that it is read
 * in order.  Each number is one sum from the first product to the last,
 * wherever it stands, so that its bits do not depend on what is beside it.
 */

/* Rows of a tile by `vectors`; what is beyond n columns is not stored. */
INLINE void
FOR_LANES(tile)(const struct product *p, const float *a, const float *weights,
    int64_t column, float *to, const int rows, const int vectors)
{
	const FOR_LANES(lanes) low = FOR_LANES(all)(p->act->low);
	const FOR_LANES(lanes) high = FOR_LANES(all)(p->act->high);
	FOR_LANES(lanes) sum[TILE_ROWS][2];
	float rest[2 * LANES] = { 0 };
	int64_t k, left = p->n - column;
	int r, v, i;

	if (p->bias != NULL)
		for (i = 0; i < 2 * LANES && i < left; i++)
			rest[i] = p->bias[column + i];
#pragma GCC unroll 6
	for (r = 0; r < rows; r++)
		for (v = 0; v < vectors; v++)
			sum[r][v] = FOR_LANES(load)(rest + v * LANES);
	for (k = 0; k < p->inner; k++, weights += vectors * LANES) {
#pragma GCC unroll 6
		for (r = 0; r < rows; r++)
#pragma GCC unroll 2
			for (v = 0; v < vectors; v++)
				sum[r][v] += a[r * p->a_step + k] *
				    FOR_LANES(load)(weights + v * LANES);
	}
#pragma GCC unroll 6
	for (r = 0; r < rows; r++, to += p->step) {
#pragma GCC unroll 2
		for (v = 0; v < vectors; v++)
			sum[r][v] = FOR_LANES(cut)(sum[r][v], low, high);
		if (left >= vectors * LANES) {
#pragma GCC unroll 2
			for (v = 0; v < vectors; v++)
				*(FOR_LANES(lanes) *)(to + v * LANES) =
				    sum[r][v];
			continue;
		}
		for (v = 0; v < vectors; v++)
			*(FOR_LANES(lanes) *)(rest + v * LANES) = sum[r][v];
		for (i = 0; i < left; i++)
			to[i] = rest[i];
	}
}

/* All rows by the vectors of one panel. */
INLINE void
FOR_LANES(panel)(const struct product *p, const float *weights, int64_t column,
    const int vectors)
{
	const float *a = p->a;
	float *to = p->to + column;
	int64_t row;

	for (row = 0; row + TILE_ROWS <= p->rows; row += TILE_ROWS)
		FOR_LANES(tile)
	(p, a + row * p->a_step, weights, column, to + row * p->step, TILE_ROWS,
	    vectors);
	for (; row + 2 <= p->rows; row += 2)
		FOR_LANES(tile)
	(p, a + row * p->a_step, weights, column, to + row * p->step, 2,
	    vectors);
	if (row < p->rows)
		FOR_LANES(tile)
	(p, a + row * p->a_step, weights, column, to + row * p->step, 1,
	    vectors);
}

LOOP
FOR_LANES(product)(const struct product *p)
{
	const float *weights = p->weights;
	int64_t column;

	for (column = 0; column + LANES < p->n; column += 2 * LANES) {
		FOR_LANES(panel)(p, weights, column, 2);
		weights += p->inner * 2 * LANES;
	}
	if (column < p->n)
		FOR_LANES(panel)(p, weights, column, 1);
}
