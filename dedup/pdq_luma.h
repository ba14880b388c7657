/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdq_luma: a row of luma for pdq.c, which includes this once for each width
 * of vector: LANES pixels, with FOR_LANES(name) for its names.
 */

typedef float FOR_LANES(lanes)
    __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t FOR_LANES(ints)
    __attribute__((vector_size(LANES * sizeof(int32_t))));

/* The pixels at `at`, each with the byte behind it. */
static inline void
FOR_LANES(take)(const uint8_t *row, const int *at, FOR_LANES(ints) * ret)
{
#if LANES == 8
	*ret = (FOR_LANES(ints)){ WORDS(0), WORDS(4) };
#else
	*ret = (FOR_LANES(ints)){ WORDS(0) };
#endif
}

#define BAND(pixels, n) \
	__builtin_convertvector(pixels >> 8 * n & 255, FOR_LANES(lanes))

/*
 * The luma of the pixels at `at`, counted from `row`.  Together with a byte
 * behind each of them, which there is except after the last.
 */
static void
FOR_LANES(luma_row)(
    float *luma, const uint8_t *row, const int *at, int n, int bands)
{
	FOR_LANES(lanes) sum;
	FOR_LANES(ints) w;
	int i = 0;

	for (; bands == 3 && i + LANES < n; i += LANES) {
		FOR_LANES(take)(row, at + i, &w);
		sum = 0.299f * BAND(w, 0) + 0.587f * BAND(w, 1) +
		    0.114f * BAND(w, 2);
		memcpy(luma + i, &sum, sizeof(sum));
	}
	for (; i < n; i++)
		luma[i] = luma_of(row + at[i], bands);
}

#undef BAND
