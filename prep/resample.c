/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resizing by a separable filter: first along the columns, where whole rows
 * are summed, then along the rows, pixel by pixel.  Single precision, in the
 * same order on every machine.
 */
#include "prep/raster_int.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#ifdef __x86_64__
#	include <immintrin.h>
#endif

#include "base/mem.h"

#define REACH 2 /* of the filter, in output samples */

/* For each output sample, the source samples it is made of. */
struct taps {
	int n;      /* weights of each; some at the ends may be 0 */
	int *first; /* [size]: the source sample of the first weight */
	float *at;  /* [size][n]: weights that sum to 1 */
};

static void
taps_release(struct taps *t)
{
	free(t->first);
	free(t->at);
}

/* Keys' cubic convolution (1981) with a = -1/2, known as Catmull-Rom. */
static double
cubic(double x)
{
	x = fabs(x);
	return x < 1 ? (1.5 * x - 2.5) * x * x + 1
		     : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}

/* Weights of n samples that lie at x, x + step, ... */
static void
weigh(double x, double step, int n, float *at)
{
	double sum = 0, weight;
	int i;

	for (i = 0; i < n; i++, x += step) {
		weight = fabs(x) < REACH ? cubic(x) : 0;
		at[i] = (float)weight;
		sum += weight;
	}
	for (i = 0; i < n; i++)
		at[i] = (float)(at[i] / sum);
}

static struct taps
taps_new(int from, int to)
{
	const double scale = (double)from / to;
	const double spread = scale < 1 ? 1 : scale;
	const double reach = REACH * spread;
	struct taps t;
	double middle;
	int i, first;

	t.n = (int)ceil(2 * reach) + 1;
	t.n = t.n > from ? from : t.n;
	t.first = xcalloc((size_t)to, sizeof(*t.first));
	t.at = xcalloc((size_t)to * (size_t)t.n, sizeof(*t.at));
	for (i = 0; i < to; i++) {
		middle = (i + 0.5) * scale - 0.5;
		first = (int)ceil(middle - reach);
		first = first < 0 ? 0 : first;
		first = first > from - t.n ? from - t.n : first;
		t.first[i] = first;
		weigh((first - middle) / spread, 1 / spread, t.n,
		    t.at + (ptrdiff_t)i * t.n);
	}
	return t;
}

#define ONE_MAX (1 << 20) /* a sum of bytes times it fits 32 bits */

/*
 * The same weights as whole numbers, two to a word and the first in the
 * lower half, for source rows taken by twos from an even one on; *ret_unit is
 * what a weight of 1 is worth, a power of two.  Rounding is carried on, so
 * that each row's weights still sum to one.
 */
static int32_t *
pairs_new(const struct taps *t, int size, float *ret_unit)
{
	const int n = t->n / 2 + 1, all = size * t->n;
	int32_t *const pairs =
	    xcalloc((size_t)size * (size_t)n, sizeof(*pairs));
	int32_t *pair = pairs;
	double sum, one = 1;
	float most = 0;
	int x, i, k, done, weight;

	for (i = 0; i < all; i++)
		most = fabsf(t->at[i]) > most ? fabsf(t->at[i]) : most;
	while (2 * one * (double)most < INT16_MAX - 1 && one < ONE_MAX)
		one *= 2;
	*ret_unit = (float)(1 / one);
	for (x = 0; x < size; x++, pair += n) {
		sum = 0;
		done = 0;
		for (i = 0; i < t->n; i++) {
			sum += (double)t->at[(ptrdiff_t)x * t->n + i];
			weight = (int)lround(sum * one) - done;
			done += weight;
			k = i + t->first[x] % 2;
			pair[k / 2] |=
			    k % 2 == 0 ? weight & 0xffff : weight * 65536;
		}
	}
	return pairs;
}

/* ---- the two sums, in vectors of the compiler's ---- */

#define LANES_MAX 8
#define BLOCK 32 /* samples of a row that are summed together */
#define PIECE 16
#define HALF 4

/* Four samples, and the whole numbers and bytes they can be made from. */
typedef float half __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t words __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint8_t bytes __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

struct job {
	const struct raster *from;
	struct raster *to;
	struct taps down, across;
	int32_t *pairs; /* the weights of `down`, */
	float unit;     /* in this */
	int32_t *block; /* [source rows of a strip / 2][BLOCK] */
	float *side; /* [samples of a source row][LANES_MAX]: the first sums */
};

/*
 * PIECE bytes of two rows to 16 bits, side by side.  Widening is written as
 * interleaving with zeros, of which the compiler makes single instructions;
 * of a conversion it does not.
 */
INLINE void
widen(const uint8_t *upper, const uint8_t *lower, int32_t *to)
{
	const bytes none = { 0 };
	const bytes low = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7,
		23 };
	const bytes high = { 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
		30, 15, 31 };
	bytes a, b, both;

	memcpy(&a, upper, sizeof(a));
	memcpy(&b, lower, sizeof(b));
	both = __builtin_shuffle(a, b, low);
	*(words *)to = (words)__builtin_shuffle(both, none, low);
	*(words *)(to + HALF) = (words)__builtin_shuffle(both, none, high);
	both = __builtin_shuffle(a, b, high);
	*(words *)(to + 2 * HALF) = (words)__builtin_shuffle(both, none, low);
	*(words *)(to + 3 * HALF) = (words)__builtin_shuffle(both, none, high);
}

/*
 * Rows of the source by twos, from row 2 * first on, at sample x.  Beyond
 * the bottom there is nothing, and its weight is 0.
 */
INLINE void
fill_block(const struct job *j, int first, int n, int x)
{
	const ptrdiff_t stride = (ptrdiff_t)j->from->w * RASTER_BANDS;
	const int bottom = j->from->h - 1;
	int32_t *to = j->block;
	const uint8_t *upper, *lower;
	int i, y;

	for (i = 0; i < n; i++, to += BLOCK) {
		y = 2 * (first + i) < bottom ? 2 * (first + i) : bottom;
		upper = j->from->px + y * stride + x;
		lower = y < bottom ? upper + stride : upper;
		widen(upper, lower, to);
		widen(upper + PIECE, lower + PIECE, to + PIECE);
	}
}

/* Turn 4 x 4 samples; steps between the rows are in samples. */
INLINE void
turn(const float *from, int from_step, float *to, int to_step)
{
	const half a = *(const half *)from;
	const half b = *(const half *)(from + from_step);
	const half c = *(const half *)(from + 2 * from_step);
	const half d = *(const half *)(from + 3 * from_step);
	const half ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
	const half cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	const half ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	const half gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);

	*(half *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	*(half *)(to + to_step) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
	*(half *)(to + 2 * to_step) =
	    __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
	*(half *)(to + 3 * to_step) =
	    __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
}

#define LANES_OF "prep/resample_across.h"
#include "base/lanes.h"

/* How many source rows a strip of output rows is made of, at most. */
static int
rows_of_strip(const struct taps *t, int h)
{
	int y, end, most = 0;

	for (y = 0; y < h; y++) {
		end =
		    t->first[y + LANES_MAX - 1 < h ? y + LANES_MAX - 1 : h - 1];
		most = end - t->first[y] > most ? end - t->first[y] : most;
	}
	return most + t->n;
}

struct raster
raster_resized(const struct raster *from, int w, int h)
{
	const size_t row = (size_t)from->w * RASTER_BANDS;
	const size_t blocks = (row + BLOCK - 1) / BLOCK;
	struct raster new = raster_new(w, h);
	struct job j = { .from = from, .to = &new };

	j.down = taps_new(from->h, h);
	j.across = taps_new(from->w, w);
	j.pairs = pairs_new(&j.down, h, &j.unit);
	j.block = xreallocarray(NULL, (size_t)rows_of_strip(&j.down, h) / 2 + 2,
	    BLOCK * sizeof(*j.block));
	j.side =
	    xreallocarray(NULL, blocks * BLOCK, LANES_MAX * sizeof(*j.side));
	(has_8_lanes() ? resize_by_8 : resize_by_4)(&j);
	taps_release(&j.down);
	taps_release(&j.across);
	free(j.pairs);
	free(j.block);
	free(j.side);
	return new;
}

void
raster_resize(struct raster *r, int w, int h)
{
	struct raster new;

	if (w == r->w && h == r->h)
		return;
	new = raster_resized(r, w, h);
	raster_release(r);
	*r = new;
}
