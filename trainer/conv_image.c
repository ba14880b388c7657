/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolution of an image that lies nhwc: a 1 x 1 window is a product of
 * matrices as it lies; others are unrolled (im2col) for as many pixels as
 * stay in the cache; depthwise ones have loops of their own.
 *
 * The products are not OpenBLAS's, which lays weights anew for each call and
 * adds up in an order that depends on where a number stands; here it is
 * always the same, so an image's bits depend on the image alone.
 */
#include <math.h>
#include <string.h>

#include "trainer/conv_int.h"

/* Of unrolled input and of output, for one block: half of a usual L2. */
#define BLOCK_BYTES (512 << 10)

bool
conv_is_depthwise(const struct conv *c)
{
	return c->groups == c->in && c->in == c->out;
}

size_t
conv_packed(const struct conv *c)
{
	const int64_t places = window_places(&c->w);

	return conv_is_depthwise(c) ? (size_t)(places * c->out)
				    : (size_t)c->groups *
		fast_packed(places * (c->in / c->groups), c->out / c->groups);
}

void
conv_pack(const struct conv *c, const float *weights, float *to)
{
	const int64_t places = window_places(&c->w);
	const int64_t in = c->in / c->groups, out = c->out / c->groups;
	const size_t size = fast_packed(places * in, out);
	float *matrix CLEANUP(freep) = NULL;
	int64_t g, f, i, k;

	if (conv_is_depthwise(c)) {
		for (f = 0; f < c->out; f++)
			for (k = 0; k < places; k++)
				to[k * c->out + f] = *weights++;
		return;
	}
	matrix = xreallocarray(NULL, size, sizeof(*matrix));
	for (g = 0; g < c->groups; g++, to += size) {
		for (f = 0; f < out; f++)
			for (i = 0; i < in; i++)
				for (k = 0; k < places; k++)
					matrix[(k * in + i) * out + f] =
					    *weights++;
		fast_pack(matrix, places * in, out, to);
	}
}

/* Is the input itself the matrix? */
static bool
is_pointwise(const struct window *w)
{
	int i;

	for (i = 0; i < w->axes; i++)
		if (w->size[i] != 1 || w->step[i] != 1 || w->before[i] != 0 ||
		    w->after[i] != 0)
			return false;
	return true;
}

/* One row of a window: `n` pixels of `channels` numbers out of `all`. */
static float *
unroll_row(const struct conv *c, const float *row, int64_t x0, int64_t channels,
    float *to)
{
	const int64_t width = c->w.in[1], step = c->w.stride[1];
	int64_t kx, x, i;

	for (kx = 0; kx < c->w.size[1]; kx++, to += channels) {
		x = x0 + kx * step;
		if (row == NULL || x < 0 || x >= width)
			memset(to, 0, (size_t)channels * sizeof(*to));
		else if (channels >= 16)
			memcpy(to, row + x * c->in,
			    (size_t)channels * sizeof(*to));
		else
			for (i = 0; i < channels; i++)
				to[i] = row[x * c->in + i];
	}
	return to;
}

/* Output pixels from..to as rows of what their windows see. */
static void
unroll(const struct conv *c, const float *in, int64_t channels, int64_t from,
    int64_t to, float *rows)
{
	const struct window *w = &c->w;
	int64_t o, ky, y, x;

	for (o = from; o < to; o++) {
		x = o % w->out[1] * w->step[1] - w->before[1];
		for (ky = 0; ky < w->size[0]; ky++) {
			y = o / w->out[1] * w->step[0] - w->before[0] +
			    ky * w->stride[0];
			rows = unroll_row(c,
			    y < 0 || y >= w->in[0] ? NULL
						   : in + y * w->in[1] * c->in,
			    x, channels, rows);
		}
	}
}

/* What the images of one call share. */
struct run {
	const struct conv *c;
	const float *packed, *bias;
	const struct act *act;
	int64_t pixels, inner, block; /* outputs, of a sum, outputs at once */
	bool pointwise;
	float *scratch;
};

static void
run_block(
    const struct run *r, const float *in, int64_t from, int64_t to, float *out)
{
	const struct conv *c = r->c;
	const int64_t per_in = c->in / c->groups, per_out = c->out / c->groups;
	const float *weights = r->packed, *a = in + from * c->in;
	int64_t g;

	for (g = 0; g < c->groups; g++) {
		if (!r->pointwise)
			unroll(
			    c, in + g * per_in, per_in, from, to, r->scratch);
		fast_product(r->pointwise ? a + g * per_in : r->scratch,
		    to - from, r->pointwise ? c->in : r->inner, r->inner,
		    weights, per_out, r->bias ? r->bias + g * per_out : NULL,
		    r->act, out + from * c->out + g * per_out, c->out);
		weights += fast_packed(r->inner, per_out);
	}
}

static void
run_image(const struct run *r, const float *in, float *out)
{
	int64_t from, to;

	if (conv_is_depthwise(r->c)) {
		fast_depthwise(
		    r->c, in, r->packed, r->bias, r->act, r->scratch, out);
		return;
	}
	for (from = 0; from < r->pixels; from = to) {
		to = from + r->block < r->pixels ? from + r->block : r->pixels;
		run_block(r, in, from, to, out);
	}
}

static int64_t
block_of(const struct conv *c, int64_t inner)
{
	const int64_t row = (inner + c->out) * (int64_t)sizeof(float);

	/* Whole tiles, for either width. */
	return row * 24 > BLOCK_BYTES ? 24 : BLOCK_BYTES / row / 6 * 6;
}

int
conv_image(const struct call *call, const struct conv *c, const float *packed,
    struct err *e)
{
	static const struct act none = { -INFINITY, INFINITY };
	const struct node *node = call->node;
	const size_t images = (size_t)call->in[0]->shape.dim[0];
	struct net_block *scratch;
	struct run r = { .c = c, .packed = packed };
	size_t n, numbers;

	r.bias = call->n_in > 2 && call->in[2] ? call->in[2]->data : NULL;
	r.act = node->acts ? &node->act : &none;
	r.pixels = window_outputs(&c->w);
	r.inner = c->in / c->groups * window_places(&c->w);
	r.block = block_of(c, r.inner);
	if (r.block > r.pixels)
		r.block = r.pixels;
	r.pointwise = is_pointwise(&c->w);
	numbers = conv_is_depthwise(c) ? (size_t)(c->w.in[1] * c->in)
	    : r.pointwise              ? 0
				       : (size_t)(r.block * r.inner);
	scratch = block_new(&call->net->memory, numbers * sizeof(float), e);
	if (scratch == NULL)
		return -1;
	r.scratch = block_data(scratch);
	if (conv_is_depthwise(c))
		memset(r.scratch, 0, numbers * sizeof(float));
	for (n = 0; n < images; n++)
		run_image(&r,
		    (const float *)call->in[0]->data +
			n * (call->in[0]->n / images),
		    (float *)call->out[0]->data +
			n * (call->out[0]->n / images));
	block_unref(scratch);
	return 0;
}
