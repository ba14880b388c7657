/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imagehash_columns: sums down the columns for imagehash.c, which includes
 * this once for each width of vector: LANES samples, with FOR_LANES(name)
 * for its names.
 */

typedef uint8_t FOR_LANES(bytes) __attribute__((vector_size(LANES)));
typedef int32_t FOR_LANES(ints)
    __attribute__((vector_size(LANES * sizeof(int32_t))));

static inline FOR_LANES(ints) FOR_LANES(clipped)(FOR_LANES(ints) sum)
{
	sum >>= FRACTION;
	sum &= sum > 0;
	return sum | (sum > 255);
}

/* One row of n samples, a multiple of ROW, out of `t->n` rows of as many. */
static void
FOR_LANES(sum_columns)(
    const uint8_t *in, int n, const struct taps *t, uint8_t *out)
{
	FOR_LANES(bytes) b;
	FOR_LANES(ints) sum;
	const uint8_t *p;
	int x, i;

	for (x = 0; x < n; x += LANES) {
		sum = (FOR_LANES(ints)){ 0 } + HALF;
		p = in + (ptrdiff_t)t->first * n + x;
		for (i = 0; i < t->n; i++, p += n) {
			memcpy(&b, p, sizeof(b));
			sum += __builtin_convertvector(b, FOR_LANES(ints)) *
			    t->weight[i];
		}
		b = __builtin_convertvector(
		    FOR_LANES(clipped)(sum), FOR_LANES(bytes));
		memcpy(out + x, &b, sizeof(b));
	}
}
