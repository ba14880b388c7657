/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops that are not products of matrices, for two kinds of processor,
 * chosen by hand: target_clones would do that before the sanitizers are up.
 */
#include <string.h>

#include "trainer/conv_int.h"

#define INLINE static inline __attribute__((always_inline))
/* Not every width has a use for every loop. */
#define LOOP static __attribute__((unused)) void

/* to = a times weights, plus bias, cut. */
struct product {
	const float *a;
	int64_t rows, a_step, inner;
	const float *weights; /* packed */
	int64_t n;            /* columns */
	const float *bias;    /* or NULL */
	const struct act *act;
	float *to;
	int64_t step;
};
#define TILE_ROWS 6

/* One image's work. */
struct depthwise {
	const struct conv *c;
	const float *weights, *bias;
	const struct act *act;
	const float **rows; /* of the input: for each output row and place */
	float *out;
	int64_t n;        /* channels */
	int step;         /* 1, 2: a 3 x 3 window with fast loops; or 0 */
	int64_t from, to; /* output columns without padding */
};

#pragma GCC optimize("O3,fp-contract=fast")

#define LANES 1
#define FOR_LANES(name) name##_by_1
#define MAX_OF(a, b) ((a)[0] > (b)[0] ? (a) : (b))
#define MIN_OF(a, b) ((a)[0] < (b)[0] ? (a) : (b))
#include "trainer/conv_lanes.h"
/* After it. */
#include "trainer/conv_depthwise.h"
#include "trainer/conv_product.h"
#undef LANES
#undef FOR_LANES
#undef MAX_OF
#undef MIN_OF

#ifdef __x86_64__

#	define LANES 4
#	define FOR_LANES(name) name##_by_4
#	define MAX_OF(a, b) __builtin_ia32_maxps(a, b)
#	define MIN_OF(a, b) __builtin_ia32_minps(a, b)
#	include "trainer/conv_lanes.h"
/* After it. */
#	include "trainer/conv_depthwise.h"
#	include "trainer/conv_product.h"
#	undef LANES
#	undef FOR_LANES
#	undef MAX_OF
#	undef MIN_OF

#	pragma GCC push_options
#	pragma GCC target("avx2,fma")
#	define LANES 8
#	define FOR_LANES(name) name##_by_8
#	define MAX_OF(a, b) __builtin_ia32_maxps256(a, b)
#	define MIN_OF(a, b) __builtin_ia32_minps256(a, b)
#	include "trainer/conv_lanes.h"
/* After it. */
#	include "trainer/conv_depthwise.h"
#	include "trainer/conv_product.h"
#	undef LANES
#	undef FOR_LANES
#	undef MAX_OF
#	undef MIN_OF
#	pragma GCC pop_options

#	pragma GCC push_options
#	pragma GCC target("avx512f,fma")
#	define NO_ROUNDING 4
#	define LANES 16
#	define FOR_LANES(name) name##_by_16
#	define MAX_OF(a, b) \
		__builtin_ia32_maxps512_mask(a, b, a, -1, NO_ROUNDING)
#	define MIN_OF(a, b) \
		__builtin_ia32_minps512_mask(a, b, a, -1, NO_ROUNDING)
#	include "trainer/conv_lanes.h"
/* After it. */
#	include "trainer/conv_depthwise.h"
#	include "trainer/conv_product.h"
#	undef LANES
#	undef FOR_LANES
#	undef MAX_OF
#	undef MIN_OF
#	pragma GCC pop_options

static int
lanes_here(void)
{
	if (__builtin_cpu_supports("avx512f"))
		return 16;
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
	    ? 8
	    : 4;
}

#else
#	define finish_by_16 finish_by_1
#	define finish_by_8 finish_by_1
#	define product_by_16 product_by_1
#	define product_by_8 product_by_1
#	define product_by_4 product_by_1
#	define depthwise_by_16 depthwise_by_1
#	define finish_by_4 finish_by_1
#	define depthwise_by_8 depthwise_by_1
#	define depthwise_by_4 depthwise_by_1
#	define lanes_here() 1
#endif

void
fast_finish(float *to, size_t rows, size_t n, size_t step, const float *bias,
    const struct act *act)
{
	const int lanes = lanes_here();

	if (lanes == 16)
		finish_by_16(to, rows, n, step, bias, act);
	else if (lanes == 8)
		finish_by_8(to, rows, n, step, bias, act);
	else
		finish_by_4(to, rows, n, step, bias, act);
}

/* ---- products ----------------------------------------------------------- */

size_t
fast_packed(int64_t inner, int64_t n)
{
	const int64_t lanes = lanes_here();

	return (size_t)(inner * ((n + lanes - 1) / lanes * lanes));
}

void
fast_pack(const float *matrix, int64_t inner, int64_t n, float *to)
{
	const int64_t lanes = lanes_here();
	int64_t column, width, k, i;

	for (column = 0; column < n; column += width) {
		width = n - column > lanes ? 2 * lanes : lanes;
		for (k = 0; k < inner; k++)
			for (i = 0; i < width; i++)
				*to++ = column + i < n
				    ? matrix[k * n + column + i]
				    : 0;
	}
}

void
fast_product(const float *a, int64_t rows, int64_t a_step, int64_t inner,
    const float *weights, int64_t n, const float *bias, const struct act *act,
    float *to, int64_t step)
{
	const struct product p = { a, rows, a_step, inner, weights, n, bias,
		act, to, step };
	const int lanes = lanes_here();

	if (lanes == 16)
		product_by_16(&p);
	else if (lanes == 8)
		product_by_8(&p);
	else
		product_by_4(&p);
}

/* ---- depthwise ---------------------------------------------------------- */

/* Which columns have no padding under their window. */
static void
find_inside(struct depthwise *d)
{
	const struct window *w = &d->c->w;
	int64_t room = w->in[1] + w->before[1] - w->size[1];

	d->from = (w->before[1] + w->step[1] - 1) / w->step[1];
	d->to = room < 0 ? 0 : room / w->step[1] + 1;
	if (d->to > w->out[1])
		d->to = w->out[1];
	d->step = 0;
	if (w->size[0] == 3 && w->size[1] == 3 && w->stride[1] == 1 &&
	    (w->step[1] == 1 || w->step[1] == 2))
		d->step = (int)w->step[1];
}

static void
find_rows(const struct depthwise *d, const float *in, const float *zeros)
{
	const struct window *w = &d->c->w;
	const float **row = d->rows;
	int64_t y, ky, iy;

	for (y = 0; y < w->out[0]; y++)
		for (ky = 0; ky < w->size[0]; ky++) {
			iy = y * w->step[0] - w->before[0] + ky * w->stride[0];
			*row++ = iy < 0 || iy >= w->in[0]
			    ? zeros
			    : in + iy * w->in[1] * d->n;
		}
}

void
fast_depthwise(const struct conv *c, const float *in, const float *weights,
    const float *bias, const struct act *act, const float *zeros, float *out)
{
	struct depthwise d = { c, weights, bias, act, .out = out, .n = c->out };
	float *none CLEANUP(freep) = NULL;
	int lanes = lanes_here();

	if (bias == NULL)
		d.bias = none = xcalloc((size_t)d.n, sizeof(*none));
	d.rows = xreallocarray(
	    NULL, (size_t)(c->w.out[0] * c->w.size[0]), sizeof(*d.rows));
	find_inside(&d);
	find_rows(&d, in, zeros);
	while (lanes > 1 && lanes > d.n)
		lanes /= 2;
	if (lanes == 16)
		depthwise_by_16(&d);
	else if (lanes == 8)
		depthwise_by_8(&d);
	else if (lanes == 4)
		depthwise_by_4(&d);
	else
		depthwise_by_1(&d);
	free(d.rows);
}
