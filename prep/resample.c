/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resizing by a separable Lanczos filter: first along the columns, where
 * whole rows are summed, then along the rows, pixel by pixel.  Weights are
 * whole numbers in units of 1 / ONE, so the result is the same everywhere.
 */
#include "prep/raster_int.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define LOBES 3
#define ONE_BITS 22 /* 255 * ONE with overshoot still fits 32 bits */
#define ONE (1 << ONE_BITS)

/* For each output sample, the source samples it is made of. */
struct taps {
	int n;        /* weights of each; the last may be 0 */
	int *first;   /* [size]: the source sample of the first weight */
	int32_t *at;  /* [size][n] */
};

static void
taps_release(struct taps *t)
{
	free(t->first);
	free(t->at);
}

static double
lanczos(double x)
{
	const double p = M_PI * x;

	if (fabs(x) < 1e-9)
		return 1;
	if (fabs(x) >= LOBES)
		return 0;
	return LOBES * sin(p) * sin(p / LOBES) / (p * p);
}

/* Weights that sum to ONE; what rounding left over goes to the largest. */
static void
weigh(double middle, double spread, int first, int n, int32_t *at)
{
	double sum = 0;
	int32_t left = ONE;
	int i, largest = 0;

	for (i = 0; i < n; i++)
		sum += lanczos((first + i - middle) / spread);
	for (i = 0; i < n; i++) {
		at[i] = (int32_t)lrint(
		    lanczos((first + i - middle) / spread) / sum * ONE);
		left -= at[i];
		if (at[i] > at[largest])
			largest = i;
	}
	at[largest] += left;
}

static struct taps
taps_new(int from, int to)
{
	const double scale = (double)from / to;
	const double spread = scale < 1 ? 1 : scale;
	struct taps t;
	double middle;
	int i, first, last;

	t.n = (int)ceil(2 * LOBES * spread) + 1;
	t.n = t.n > from ? from : t.n;
	t.first = xcalloc((size_t)to, sizeof(*t.first));
	t.at = xcalloc((size_t)to * (size_t)t.n, sizeof(*t.at));
	for (i = 0; i < to; i++) {
		middle = (i + 0.5) * scale - 0.5;
		first = (int)ceil(middle - LOBES * spread);
		last = (int)floor(middle + LOBES * spread);
		first = first < 0 ? 0 : first;
		last = last >= from ? from - 1 : last;
		first = first > from - t.n ? from - t.n : first;
		t.first[i] = first;
		weigh(middle, spread, first,
		    last - first + 1 > t.n ? t.n : last - first + 1,
		    t.at + (ptrdiff_t)i * t.n);
	}
	return t;
}

/* ---- the two sums, in vectors of the compiler's ---- */

#define LANES 8

typedef int32_t lanes __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef uint8_t bytes __attribute__((vector_size(LANES)));

/* A pixel and one byte of the next. */
#define PIXEL_LANES 4

typedef int32_t pixel __attribute__((vector_size(4 * sizeof(int32_t))));
typedef uint8_t pixel_bytes __attribute__((vector_size(PIXEL_LANES)));

#define INLINE static inline __attribute__((always_inline))

/* Rounded, and what overshoots cut to what a byte holds. */
#define TO_BYTE(type, sum) \
	__extension__({ \
		const type v = ((sum) + ONE / 2) >> ONE_BITS; \
		const type low = v & ~(v >> 31); \
		const type over = (255 - low) >> 31; \
		(low & ~over) | (over & 255); \
	})

/* The weighted sum of n rows of `size` bytes, a multiple of LANES. */
INLINE void
sum_rows(const uint8_t *rows, size_t stride, size_t size, const int32_t *at,
    int n, uint8_t *to)
{
	const uint8_t *from;
	size_t x;
	bytes some;
	lanes sum;
	int i;

	for (x = 0; x < size; x += LANES) {
		sum = (lanes){ 0 };
		from = rows + x;
		for (i = 0; i < n; i++, from += stride) {
			memcpy(&some, from, sizeof(some));
			sum += __builtin_convertvector(some, lanes) * at[i];
		}
		some = __builtin_convertvector(TO_BYTE(lanes, sum), bytes);
		memcpy(to + x, &some, sizeof(some));
	}
}

/* Each pixel the weighted sum of its neighbours in the row. */
INLINE void
sum_pixels(const uint8_t *row, const struct taps *t, int w, uint8_t *to)
{
	const int32_t *at = t->at;
	const uint8_t *from;
	pixel_bytes some;
	pixel sum;
	int x, i;

	for (x = 0; x < w; x++, at += t->n, to += RASTER_BANDS) {
		from = row + (ptrdiff_t)t->first[x] * RASTER_BANDS;
		sum = (pixel){ 0 };
		for (i = 0; i < t->n; i++, from += RASTER_BANDS) {
			memcpy(&some, from, sizeof(some));
			sum += __builtin_convertvector(some, pixel) * at[i];
		}
		sum = TO_BYTE(pixel, sum);
		to[0] = (uint8_t)sum[0];
		to[1] = (uint8_t)sum[1];
		to[2] = (uint8_t)sum[2];
	}
}

struct job {
	const struct raster *from;
	struct raster *to;
	struct taps down, across;
	uint8_t *row; /* one of the output's rows before it is resized along */
	size_t row_size; /* with room to round up */
};

INLINE void
resize(const struct job *j)
{
	const size_t stride = (size_t)j->from->w * RASTER_BANDS;
	const size_t out = (size_t)j->to->w * RASTER_BANDS;
	int y;

	for (y = 0; y < j->to->h; y++) {
		sum_rows(j->from->px + (size_t)j->down.first[y] * stride,
		    stride, j->row_size - RASTER_SLACK,
		    j->down.at + (ptrdiff_t)y * j->down.n, j->down.n, j->row);
		sum_pixels(j->row, &j->across, j->to->w,
		    j->to->px + (size_t)y * out);
	}
}

/*
 * The same loop for two kinds of processor, chosen by hand: target_clones
 * would do that before the sanitizers are up.
 */
static void
resize_plain(const struct job *j)
{
	resize(j);
}

#ifdef __x86_64__

__attribute__((target("avx2"))) static void
resize_avx2(const struct job *j)
{
	resize(j);
}

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

#else
#	define resize_avx2 resize_plain
#	define has_avx2() false
#endif

struct raster
raster_resized(const struct raster *from, int w, int h)
{
	struct raster new = raster_new(w, h);
	struct job j = { .from = from, .to = &new };

	j.down = taps_new(from->h, h);
	j.across = taps_new(from->w, w);
	j.row_size = (size_t)from->w * RASTER_BANDS + LANES - 1;
	j.row_size = j.row_size / LANES * LANES + RASTER_SLACK;
	j.row = xcalloc(1, j.row_size);
	(has_avx2() ? resize_avx2 : resize_plain)(&j);
	taps_release(&j.down);
	taps_release(&j.across);
	free(j.row);
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
