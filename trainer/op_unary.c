/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators on each number alone.
 */
#include <math.h>

#include "trainer/ops_int.h"

#pragma GCC optimize("O3")

static int
float_shape(const struct call *c, struct err *e)
{
	if (c->in[0]->type != NET_FLOAT)
		return err_set(
		    e, ERR_INPUT, "only 32-bit floats are supported");
	return same_shape(c, e);
}

/* ---- Clip, Relu --------------------------------------------------------- */

/* A bound: an input since opset 11, an attribute before. */
static double
bound(const struct call *c, int input, const char *name, double otherwise)
{
	const struct tensor *t = input < c->n_in ? c->in[input] : NULL;

	if (t != NULL && t->n == 1)
		return tensor_get(t, 0);
	return t == NULL ? (double)attr_float(c->node, name, (float)otherwise)
			 : otherwise;
}

int
clip_shape(const struct call *c, struct err *e)
{
	int i;

	for (i = 1; i < c->n_in; i++)
		if (c->in[i] != NULL && c->in[i]->n != 1)
			return err_set(e, ERR_INPUT, "a bound is no number");
	return same_shape(c, e);
}

void
tensor_clip(
    const struct tensor *from, const struct tensor *to, double low, double high)
{
	const float *a = from->data, l = (float)low, h = (float)high;
	float *b = to->data;
	size_t i;
	double x;

	if (from->type == NET_FLOAT) {
		for (i = 0; i < from->n; i++) {
			const float up = a[i] < l ? l : a[i];

			b[i] = up > h ? h : up;
		}
		return;
	}
	for (i = 0; i < from->n; i++) {
		x = tensor_get(from, i);
		x = x < low ? low : x;
		tensor_set(to, i, x > high ? high : x);
	}
}

int
clip_run(const struct call *c, struct err *e)
{
	(void)e;
	tensor_clip(c->in[0], c->out[0], bound(c, 1, "min", -INFINITY),
	    bound(c, 2, "max", INFINITY));
	return 0;
}

int
relu_shape(const struct call *c, struct err *e)
{
	return same_shape(c, e);
}

int
relu_run(const struct call *c, struct err *e)
{
	(void)e;
	tensor_clip(c->in[0], c->out[0], 0, INFINITY);
	return 0;
}

/* ---- the others --------------------------------------------------------- */

#define EACH(expression) \
	const float *a = c->in[0]->data; \
	float *b = c->out[0]->data; \
	size_t i; \
\
	(void)e; \
	for (i = 0; i < c->in[0]->n; i++) { \
		const float x = a[i]; \
\
		b[i] = (expression); \
	} \
	return 0

static inline float
cut(float x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

int
leaky_relu_shape(const struct call *c, struct err *e)
{
	return float_shape(c, e);
}

int
leaky_relu_run(const struct call *c, struct err *e)
{
	const float alpha = attr_float(c->node, "alpha", 0.01f);

	EACH(x < 0 ? alpha * x : x);
}

int
sigmoid_shape(const struct call *c, struct err *e)
{
	return float_shape(c, e);
}

int
sigmoid_run(const struct call *c, struct err *e)
{
	EACH(1 / (1 + expf(-x)));
}

int
hard_sigmoid_shape(const struct call *c, struct err *e)
{
	return float_shape(c, e);
}

int
hard_sigmoid_run(const struct call *c, struct err *e)
{
	const float alpha = attr_float(c->node, "alpha", 0.2f);
	const float beta = attr_float(c->node, "beta", 0.5f);

	EACH(cut(alpha * x + beta));
}

int
hard_swish_shape(const struct call *c, struct err *e)
{
	return float_shape(c, e);
}

int
hard_swish_run(const struct call *c, struct err *e)
{
	EACH(x * cut(x / 6 + 0.5f));
}
