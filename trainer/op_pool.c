/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools: over windows, and over whole images.
 */
#include <math.h>
#include <string.h>

#include "trainer/ops_int.h"

#pragma GCC optimize("O3")

static int
pool_shape(const struct call *c, struct err *e)
{
	struct window w;
	int i;

	if (window_of(c, NULL, &w, e) < 0)
		return -1;
	if (node_attr(c->node, "kernel_shape") == NULL)
		return err_set(e, ERR_INPUT, "it has no kernel_shape");
	c->out[0]->type = c->in[0]->type;
	c->out[0]->shape = c->in[0]->shape;
	for (i = 0; i < w.axes; i++) {
		c->out[0]->shape.dim[2 + i] = w.out[i];
		/* A window may not be in the padding alone. */
		if (w.before[i] >= w.stride[i] * (w.size[i] - 1) + 1 ||
		    w.after[i] >= w.stride[i] * (w.size[i] - 1) + 1)
			return err_set(e, ERR_INPUT,
			    "its padding is as wide as its window");
	}
	return 0;
}

int
max_pool_shape(const struct call *c, struct err *e)
{
	if (pool_shape(c, e) < 0)
		return -1;
	if (c->n_out > 1 && c->out[1] != NULL) {
		c->out[1]->type = NET_INT64;
		c->out[1]->shape = c->out[0]->shape;
	}
	return 0;
}

int
average_pool_shape(const struct call *c, struct err *e)
{
	if (c->in[0]->type != NET_FLOAT)
		return err_set(
		    e, ERR_INPUT, "only 32-bit floats are supported");
	return pool_shape(c, e);
}

/* What all planes of a call share. */
struct pool {
	struct window w;
	int64_t places, outputs, plane;
	bool max, padding_counts;
};

static void
pool_of(const struct call *c, bool max, struct pool *p)
{
	struct err none;
	int i;

	window_of(c, NULL, &p->w, &none);
	p->places = window_places(&p->w);
	p->outputs = window_outputs(&p->w);
	p->plane = 1;
	for (i = 0; i < p->w.axes; i++)
		p->plane *= p->w.in[i];
	p->max = max;
	p->padding_counts = attr_int(c->node, "count_include_pad", 0) != 0;
}

/* ---- images that lie nhwc ----------------------------------------------- */

static void
join(float *to, const float *from, int64_t n, bool max)
{
	int64_t i;

	if (max)
		for (i = 0; i < n; i++)
			to[i] = to[i] > from[i] ? to[i] : from[i];
	else
		for (i = 0; i < n; i++)
			to[i] += from[i];
}

static void
pool_pixel(const struct pool *p, const float *in, int64_t channels, int64_t o,
    float *to)
{
	int64_t k, i, at, n = 0;
	bool beyond;

	for (i = 0; i < channels; i++)
		to[i] = p->max ? -INFINITY : 0;
	for (k = 0; k < p->places; k++) {
		at = window_at(&p->w, o, k, &beyond);
		if (at >= 0)
			join(to, in + at * channels, channels, p->max);
		n += at >= 0 || (p->padding_counts && !beyond);
	}
	for (i = 0; !p->max && i < channels; i++)
		to[i] /= (float)n;
}

static void
pool_image(
    const struct pool *p, const struct tensor *in, const struct tensor *out)
{
	const int64_t channels = in->shape.dim[1];
	const float *from = in->data;
	float *to = out->data;
	int64_t n, o;

	for (n = 0; n < in->shape.dim[0]; n++, from += p->plane * channels)
		for (o = 0; o < p->outputs; o++, to += channels)
			pool_pixel(p, from, channels, o, to);
}

/* ---- planes of any type ------------------------------------------------- */

static double
pool_place(const struct pool *p, const struct tensor *in, size_t plane,
    int64_t o, int64_t *ret_at)
{
	double x, sum = p->max ? -INFINITY : 0;
	int64_t k, at, n = 0;
	bool beyond;

	*ret_at = 0;
	for (k = 0; k < p->places; k++) {
		at = window_at(&p->w, o, k, &beyond);
		if (at >= 0) {
			x = tensor_get(in, plane + (size_t)at);
			*ret_at = x > sum ? at : *ret_at;
			sum = !p->max ? sum + x : x > sum ? x : sum;
		}
		n += at >= 0 || (p->padding_counts && !beyond);
	}
	return p->max ? sum : sum / (double)n;
}

/* The place in the whole tensor, by rows or (storage_order) by columns. */
static int64_t
index_of(const struct call *c, const struct pool *p, size_t plane, int64_t at)
{
	const int64_t w = p->w.in[p->w.axes - 1];

	if (attr_int(c->node, "storage_order", 0) != 0 && p->w.axes == 2)
		at = at % w * p->w.in[0] + at / w;
	return (int64_t)plane + at;
}

static int
pool_run(const struct call *c, bool max)
{
	const struct tensor *in = c->in[0], *out = c->out[0];
	const struct tensor *indices = c->n_out > 1 ? c->out[1] : NULL;
	struct pool p;
	size_t i, plane;
	int64_t at;

	if (out->n == 0)
		return 0;
	pool_of(c, max, &p);
	if (in->nhwc) {
		pool_image(&p, in, out);
		return 0;
	}
	for (i = 0; i < out->n; i++) {
		plane = i / (size_t)p.outputs * (size_t)p.plane;
		tensor_set(out, i,
		    pool_place(
			&p, in, plane, (int64_t)(i % (size_t)p.outputs), &at));
		if (indices != NULL)
			((int64_t *)indices->data)[i] =
			    index_of(c, &p, plane, at);
	}
	return 0;
}

int
max_pool_run(const struct call *c, struct err *e)
{
	(void)e;
	return pool_run(c, true);
}

int
average_pool_run(const struct call *c, struct err *e)
{
	(void)e;
	return pool_run(c, false);
}

/* ---- over whole images -------------------------------------------------- */

int
global_pool_shape(const struct call *c, struct err *e)
{
	int i;

	if (c->in[0]->type != NET_FLOAT || c->in[0]->shape.rank < 3)
		return err_set(
		    e, ERR_INPUT, "its input is no image of 32-bit floats");
	if (same_shape(c, e) < 0)
		return -1;
	for (i = 2; i < c->in[0]->shape.rank; i++)
		c->out[0]->shape.dim[i] = 1;
	return 0;
}

static void
global_image(
    const float *in, int64_t pixels, int64_t channels, bool max, float *to)
{
	int64_t i;

	for (i = 0; i < channels; i++)
		to[i] = max ? -INFINITY : 0;
	for (i = 0; i < pixels; i++)
		join(to, in + i * channels, channels, max);
	for (i = 0; !max && i < channels; i++)
		to[i] /= (float)pixels;
}

int
global_pool_run(const struct call *c, struct err *e)
{
	const bool max = strcmp(c->node->op->name, "GlobalMaxPool") == 0;
	const struct tensor *in = c->in[0], *out = c->out[0];
	const size_t channels = (size_t)in->shape.dim[1];
	const size_t plane = out->n == 0 ? 0 : in->n / out->n;
	const float *from = in->data;
	float *to = out->data;
	size_t n;

	(void)e;
	for (n = 0; in->nhwc && channels > 0 && n < out->n; n += channels)
		global_image(from + n * plane, (int64_t)plane,
		    (int64_t)channels, max, to + n);
	for (n = 0; !in->nhwc && n < out->n; n++)
		global_image(from + n * plane, (int64_t)plane, 1, max, to + n);
	return 0;
}
