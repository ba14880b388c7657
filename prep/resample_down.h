/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample_down: the first sum of resample.c, which includes this once for
 * each width of vector: LANES samples, with FOR_LANES(name) for its names.
 *
 * LANES output rows are made at a time.  In the first sum a vector holds
 * neighbours in a row; then the sums are turned on their side, so that in
 * the second one (resample_across.h) it holds the same sample of all the
 * rows, and no lane needs anything of another.  Each sum has one order, so
 * the width changes no bit.  The first is in whole numbers, the second in
 * floats.
 */

typedef float FOR_LANES(lanes) __attribute__((
    vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef int32_t FOR_LANES(ints) __attribute__((
    vector_size(LANES * sizeof(int32_t)), aligned(4), may_alias));

/* Add the products of two samples and of two weights, all of 16 bits. */
INLINE void
FOR_LANES(add_pairs)(
    FOR_LANES(ints) * sum, const int32_t *samples, int32_t weights)
{
	const FOR_LANES(ints) both = *(const FOR_LANES(ints) *)samples;
#if defined(__AVX2__) && LANES == 8
	*sum += (FOR_LANES(ints))_mm256_madd_epi16(
	    (__m256i)both, _mm256_set1_epi32(weights));
#elif defined(__SSE2__) && LANES == 4
	*sum += (FOR_LANES(ints))_mm_madd_epi16(
	    (__m128i)both, _mm_set1_epi32(weights));
#else
	*sum +=
	    (both & 0xffff) * (int16_t)weights + (both >> 16) * (weights >> 16);
#endif
}

INLINE void
FOR_LANES(put_sum)(const FOR_LANES(ints) * sum, float unit, float *to)
{
	*(FOR_LANES(lanes) *)to =
	    __builtin_convertvector(*sum, FOR_LANES(lanes)) * unit;
}

/* The weighted sum of n pairs of rows of a block. */
INLINE void
FOR_LANES(sum_block)(
    const int32_t *rows, const int32_t *pairs, int n, float unit, float *to)
{
	FOR_LANES(ints) a, b, c, d;
	const int32_t *from, *const end = pairs + n, *pair;
	int x;

	for (x = 0; x < BLOCK; x += 4 * LANES, to += 4 * LANES) {
		a = b = c = d = (FOR_LANES(ints)){ 0 };
		from = rows + x;
		for (pair = pairs; pair < end; pair++, from += BLOCK) {
			FOR_LANES(add_pairs)(&a, from, *pair);
			FOR_LANES(add_pairs)(&b, from + LANES, *pair);
			FOR_LANES(add_pairs)(&c, from + 2 * LANES, *pair);
			FOR_LANES(add_pairs)(&d, from + 3 * LANES, *pair);
		}
		FOR_LANES(put_sum)(&a, unit, to);
		FOR_LANES(put_sum)(&b, unit, to + LANES);
		FOR_LANES(put_sum)(&c, unit, to + 2 * LANES);
		FOR_LANES(put_sum)(&d, unit, to + 3 * LANES);
	}
}

/* The first sums of a strip of rows from y on, on their side. */
INLINE void
FOR_LANES(sum_rows)(const struct job *j, int y)
{
	const struct taps *t = &j->down;
	const int last = j->to->h - 1, end = y + LANES - 1;
	const int first = t->first[y] / 2, n = t->n / 2 + 1;
	const int rows = t->first[end < last ? end : last] / 2 + n - first;
	float sums[LANES][BLOCK];
	int x, i, at;

	for (x = 0; x < j->from->w * RASTER_BANDS; x += BLOCK) {
		fill_block(j, first, rows, x);
		for (i = 0; i < LANES; i++) {
			at = y + i < last ? y + i : last;
			FOR_LANES(sum_block)
			(j->block +
				(ptrdiff_t)(t->first[at] / 2 - first) * BLOCK,
			    j->pairs + (ptrdiff_t)at * n, n, j->unit, sums[i]);
		}
		for (i = 0; i < BLOCK; i += HALF)
			for (at = 0; at < LANES; at += HALF)
				turn(&sums[at][i], BLOCK,
				    j->side + (ptrdiff_t)(x + i) * LANES + at,
				    LANES);
	}
}
