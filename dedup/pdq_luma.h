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
static inline FOR_LANES(ints)
FOR_LANES(pixels_at)(const uint8_t *row, const int *at)
{
	return (FOR_LANES(ints)){
		word_at(row + at[0]),
		word_at(row + at[1]),
		word_at(row + at[2]),
		word_at(row + at[3]),
#if LANES == 8
		word_at(row + at[4]),
		word_at(row + at[5]),
		word_at(row + at[6]),
		word_at(row + at[7]),
#endif
	};
}

static inline FOR_LANES(lanes)
FOR_LANES(band_of)(FOR_LANES(ints) pixels, int band)
{
	return __builtin_convertvector(
	    pixels >> 8 * band & 255, FOR_LANES(lanes));
}

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
		w = FOR_LANES(pixels_at)(row, at + i);
		sum = 0.299f * FOR_LANES(band_of)(w, 0) +
		    0.587f * FOR_LANES(band_of)(w, 1) +
		    0.114f * FOR_LANES(band_of)(w, 2);
		memcpy(luma + i, &sum, sizeof(sum));
	}
	for (; i < n; i++)
		luma[i] = luma_of(row + at[i], bands);
}
