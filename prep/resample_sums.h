/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample_sums: the two sums of resample.c, which includes this once for
 * each width of vector: LANES samples, with FOR_LANES(name) for its names.
 *
 * LANES output rows are made at a time.  In the first sum a vector holds
 * neighbours in a row; then the sums are turned on their side, so that in
 * the second one it holds the same sample of all the rows, and no lane
 * needs anything of another.  Each sum has one order, so the width changes
 * no bit.  The first sum is in whole numbers, the second in floats.
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

/* The weighted sum of n pairs of rows of a block. */
INLINE void
FOR_LANES(sum_block)(
    const int32_t *rows, const int32_t *pairs, int n, float *to)
{
	FOR_LANES(ints) left, right;
	const int32_t *from;
	int x, i;

	for (x = 0; x < BLOCK; x += 2 * LANES) {
		left = right = (FOR_LANES(ints)){ 0 };
		for (i = 0, from = rows + x; i < n; i++, from += BLOCK) {
			FOR_LANES(add_pairs)(&left, from, pairs[i]);
			FOR_LANES(add_pairs)(&right, from + LANES, pairs[i]);
		}
		*(FOR_LANES(lanes) *)(to + x) =
		    __builtin_convertvector(left, FOR_LANES(lanes)) *
		    (1.0f / ONE);
		*(FOR_LANES(lanes) *)(to + x + LANES) =
		    __builtin_convertvector(right, FOR_LANES(lanes)) *
		    (1.0f / ONE);
	}
}

/* The first sums of a strip of rows from y on, on their side. */
INLINE void
FOR_LANES(sum_rows)(const struct job *j, int y)
{
	const struct taps *t = &j->down;
	const size_t stride = (size_t)j->from->w * RASTER_BANDS;
	const int last = j->to->h - 1, bottom = j->from->h - 1;
	const int first = t->first[y] / 2, n = t->n / 2 + 1;
	const int end =
	    t->first[y + LANES - 1 < last ? y + LANES - 1 : last] / 2 + n;
	int32_t *const block = j->block;
	const uint8_t *upper, *lower;
	float sums[LANES][BLOCK];
	size_t x;
	int i, at;

	for (x = 0; x < stride; x += BLOCK) {
		/* Beyond the bottom there is nothing; its weight is 0. */
		for (i = first; i < end; i++) {
			at = 2 * i < bottom ? 2 * i : bottom;
			upper = j->from->px + (size_t)at * stride + x;
			lower = at < bottom ? upper + stride : upper;
			widen(upper, lower, block + (i - first) * BLOCK);
		}
		for (i = 0; i < LANES; i++) {
			at = y + i < last ? y + i : last;
			FOR_LANES(sum_block)
			(block + (t->first[at] / 2 - first) * BLOCK,
			    j->pairs + (ptrdiff_t)at * n, n, sums[i]);
		}
		for (i = 0; i < BLOCK; i += HALF)
			for (at = 0; at < LANES; at += HALF)
				turn(&sums[at][i], BLOCK,
				    j->side + (x + (size_t)i) * LANES + at,
				    LANES);
	}
}

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
