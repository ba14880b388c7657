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

#include "base/mem.h"

/* How far a filter reaches, in output samples, and its weight there. */
struct filter {
	double reach;
	double (*weight)(double x);
};

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

static double
box(double x)
{
	(void)x;
	return 1;
}

/* Weights of n samples that lie at x, x + step, ... */
static void
weigh(const struct filter *f, double x, double step, int n, float *at)
{
	double sum = 0, weight;
	int i;

	for (i = 0; i < n; i++, x += step) {
		weight = fabs(x) < f->reach ? f->weight(x) : 0;
		at[i] = (float)weight;
		sum += weight;
	}
	for (i = 0; i < n; i++)
		at[i] = (float)(at[i] / sum);
}

static struct taps
taps_new(const struct filter *f, int from, int to)
{
	const double scale = (double)from / to;
	const double spread = scale < 1 ? 1 : scale;
	const double reach = f->reach * spread;
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
		weigh(f, (first - middle) / spread, 1 / spread, t.n,
		    t.at + (ptrdiff_t)i * t.n);
	}
	return t;
}

/* ---- the two sums, in vectors of the compiler's ---- */

#define LANES 8

typedef float lanes __attribute__((
    vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/* Half of one, and the bytes and whole numbers it can be made from. */
typedef float half __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t words __attribute__((vector_size(16)));
typedef uint16_t shorts __attribute__((vector_size(16)));
typedef uint8_t bytes __attribute__((vector_size(16)));

/* A vector of samples holds two pixels and some that do not count. */
#define PAIR 2

#define INLINE static inline __attribute__((always_inline))

/* Each output pixel's weights as factors of such vectors, 0 for the rest. */
static lanes *
pairs_new(const struct taps *t, int size)
{
	const int pairs = (t->n + 1) / PAIR;
	lanes *all = xcalloc((size_t)size * (size_t)pairs, sizeof(*all));
	lanes *pair = all;
	float first, second;
	int x, i;

	for (x = 0; x < size; x++)
		for (i = 0; i < t->n; i += PAIR) {
			first = t->at[(ptrdiff_t)x * t->n + i];
			second = i + 1 < t->n
			    ? t->at[(ptrdiff_t)x * t->n + i + 1]
			    : 0;
			*pair++ = (lanes){ first, first, first, second, second,
				second };
		}
	return all;
}

/* The weighted sum of the rows of a ring that has n, from `first` on. */
INLINE void
sum_rows(const lanes *ring, size_t vecs, int first, const float *at, int n,
    lanes *to)
{
	const lanes *row;
	lanes sum;
	size_t x;
	int i, k;

	for (x = 0; x < vecs; x++) {
		sum = (lanes){ 0 };
		k = first % n;
		row = ring + (size_t)k * vecs + x;
		for (i = 0; i < n; i++) {
			sum += *row * at[i];
			row += vecs;
			if (++k == n)
				row = ring + x;
		}
		to[x] = sum;
	}
}

/* Rounded, and what overshoots cut to what a byte holds. */
INLINE words
to_bytes(half v)
{
	const words n = __builtin_convertvector(v + 0.5f, words);
	const words low = n & (n > 0);

	return (low | (low > 255)) & 255;
}

/* Each pixel the weighted sum of its neighbours in the row. */
INLINE void
sum_pixels(const float *row, const struct taps *t, const lanes *pair, int w,
    uint8_t *to)
{
	const float *from;
	lanes sum;
	words out;
	int x, i;

	for (x = 0; x < w; x++, to += RASTER_BANDS) {
		from = row + (ptrdiff_t)t->first[x] * RASTER_BANDS;
		sum = (lanes){ 0 };
		for (i = 0; i < t->n; i += PAIR) {
			sum += *(const lanes *)from * *pair++;
			from += PAIR * RASTER_BANDS;
		}
		out = to_bytes((half){
		    sum[0] + sum[3], sum[1] + sum[4], sum[2] + sum[5] });
		to[0] = (uint8_t)out[0];
		to[1] = (uint8_t)out[1];
		to[2] = (uint8_t)out[2];
	}
}

struct job {
	const struct raster *from;
	struct raster *to;
	struct taps down, across;
	lanes *pairs; /* the weights of across */
	size_t full;  /* vectors that hold a row of the source */
	size_t vecs;  /* and with those that are read behind it */
	lanes *ring;  /* [down.n][vecs]: source row y is at y % down.n */
	lanes *row;   /* [vecs]: an output row before it is resized along */
};

/*
 * Eight bytes to samples.  Widening is written as interleaving with zeros,
 * of which the compiler makes single instructions; of a conversion it does
 * not.
 */
INLINE void
widen(const uint8_t *from, float *to)
{
	const bytes no_bytes = { 0 };
	const shorts no_shorts = { 0 };
	bytes b;
	shorts s;

	memcpy(&b, from, sizeof(b));
	s = (shorts)__builtin_shuffle(b, no_bytes,
	    (bytes){ 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23 });
	*(half *)to =
	    __builtin_convertvector((words)__builtin_shuffle(s, no_shorts,
					(shorts){ 0, 8, 1, 9, 2, 10, 3, 11 }),
		half);
	*(half *)(to + 4) =
	    __builtin_convertvector((words)__builtin_shuffle(s, no_shorts,
					(shorts){ 4, 12, 5, 13, 6, 14, 7, 15 }),
		half);
}

/* The last vectors take some of what lies behind the row. */
INLINE void
fill_row(const struct job *j, int y)
{
	const uint8_t *from =
	    j->from->px + (size_t)y * (size_t)j->from->w * RASTER_BANDS;
	float *to = (float *)(j->ring + (size_t)(y % j->down.n) * j->vecs);
	size_t x;

	for (x = 0; x < j->full; x++, to += LANES, from += LANES)
		widen(from, to);
}

INLINE void
resize(const struct job *j)
{
	const size_t out = (size_t)j->to->w * RASTER_BANDS;
	int y, end, filled = 0;

	for (y = 0; y < j->to->h; y++) {
		end = j->down.first[y] + j->down.n;
		for (; filled < end; filled++)
			fill_row(j, filled);
		sum_rows(j->ring, j->vecs, j->down.first[y],
		    j->down.at + (ptrdiff_t)y * j->down.n, j->down.n, j->row);
		sum_pixels((const float *)j->row, &j->across, j->pairs,
		    j->to->w, j->to->px + (size_t)y * out);
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

static struct raster
make(const struct filter *f, const struct raster *from, int w, int h)
{
	struct raster new = raster_new(w, h);
	struct job j = { .from = from, .to = &new };

	j.down = taps_new(f, from->h, h);
	j.across = taps_new(f, from->w, w);
	j.pairs = pairs_new(&j.across, w);
	j.full = ((size_t)from->w * RASTER_BANDS + LANES - 1) / LANES;
	j.vecs = j.full + 1;
	j.ring = xcalloc((size_t)j.down.n * j.vecs, sizeof(lanes));
	j.row = xcalloc(j.vecs, sizeof(lanes));
	(has_avx2() ? resize_avx2 : resize_plain)(&j);
	taps_release(&j.down);
	taps_release(&j.across);
	free(j.pairs);
	free(j.ring);
	free(j.row);
	return new;
}

struct raster
raster_reduced(const struct raster *from, int w, int h)
{
	const struct filter means = { 0.5, box };

	return make(&means, from, w, h);
}

struct raster
raster_resized(const struct raster *from, int w, int h)
{
	const struct filter smooth = { 2, cubic };

	return make(&smooth, from, w, h);
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
