/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conv: the plain loops, for any number of axes; images go to conv_image.c.
 */
#include <limits.h>
#include <math.h>

#include "trainer/conv_int.h"

/* Rows of all windows: a list of them is made. */
#define ROWS_MAX (1 << 22)

int
conv_of(const struct call *c, struct conv *ret, struct err *e)
{
	const struct shape *s = &c->in[0]->shape, *w = &c->in[1]->shape;
	const struct tensor *bias = c->n_in > 2 ? c->in[2] : NULL;

	if (s->rank < 3 || w->rank != s->rank || c->in[1]->type != NET_FLOAT)
		return err_set(e, ERR_INPUT, "its weights do not fit");
	ret->groups = attr_int(c->node, "group", 1);
	ret->in = s->dim[1];
	ret->out = w->dim[0];
	if (ret->groups < 1 || ret->out < 1 || ret->in < 1 ||
	    ret->groups > ret->in || ret->in % ret->groups != 0 ||
	    ret->out % ret->groups != 0 || w->dim[1] != ret->in / ret->groups)
		return err_set(e, ERR_INPUT,
		    "%lld channels in %lld groups do not fit its weights",
		    (long long)ret->in, (long long)ret->groups);
	if (bias != NULL &&
	    (bias->type != NET_FLOAT || bias->n != (size_t)ret->out))
		return err_set(e, ERR_INPUT, "its bias does not fit");
	return window_of(c, w->dim + 2, &ret->w, e);
}

int
conv_shape(const struct call *c, struct err *e)
{
	struct conv conv;
	int i;

	if (conv_of(c, &conv, e) < 0)
		return -1;
	if (conv.out >= INT_MAX || conv.in >= INT_MAX ||
	    (int64_t)c->in[1]->n / conv.out >= INT_MAX ||
	    conv.w.out[0] > ROWS_MAX / conv.w.size[0])
		return err_set(e, ERR_INPUT, "its weights are too many");
	c->out[0]->type = NET_FLOAT;
	c->out[0]->shape = c->in[0]->shape;
	c->out[0]->shape.dim[1] = conv.out;
	for (i = 0; i < conv.w.axes; i++)
		c->out[0]->shape.dim[2 + i] = conv.w.out[i];
	return 0;
}

/* ---- plain -------------------------------------------------------------- */

static float
plain_sum(const float *in, int64_t plane, const float *weights,
    int64_t channels, int64_t places, const int64_t *at)
{
	float sum = 0;
	int64_t i, k;

	for (i = 0; i < channels; i++, in += plane, weights += places)
		for (k = 0; k < places; k++)
			if (at[k] >= 0)
				sum += in[at[k]] * weights[k];
	return sum;
}

static void
plain_image(const struct conv *c, const float *in, const float *weights,
    const float *bias, float *out)
{
	const int64_t places = window_places(&c->w);
	const int64_t outputs = window_outputs(&c->w);
	const int64_t inside = c->in / c->groups;
	int64_t *at CLEANUP(freep) =
	    xreallocarray(NULL, (size_t)places, sizeof(*at));
	int64_t plane = 1, o, k, f, group;
	bool beyond;
	int i;

	for (i = 0; i < c->w.axes; i++)
		plane *= c->w.in[i];
	for (o = 0; o < outputs; o++) {
		for (k = 0; k < places; k++)
			at[k] = window_at(&c->w, o, k, &beyond);
		for (f = 0; f < c->out; f++) {
			group = f / (c->out / c->groups);
			out[f * outputs + o] =
			    plain_sum(in + group * inside * plane, plane,
				weights + f * inside * places, inside, places,
				at) +
			    (bias ? bias[f] : 0);
		}
	}
}

static int
run_image(const struct call *c, const struct conv *conv, struct err *e)
{
	struct net_block *b;
	int rc;

	if (c->node->packed != NULL)
		return conv_image(c, conv, c->node->packed, e);
	b = block_new(&c->net->memory, conv_packed(conv) * sizeof(float), e);
	if (b == NULL)
		return -1;
	conv_pack(conv, c->in[1]->data, block_data(b));
	rc = conv_image(c, conv, block_data(b), e);
	block_unref(b);
	return rc;
}

int
conv_run(const struct call *c, struct err *e)
{
	const struct act act = c->node->act;
	const float *bias =
	    c->n_in > 2 && c->in[2] != NULL ? c->in[2]->data : NULL;
	const float *in = c->in[0]->data;
	float *out = c->out[0]->data;
	struct conv conv;
	size_t n, images = (size_t)c->in[0]->shape.dim[0];

	if (conv_of(c, &conv, e) < 0)
		return -1;
	if (c->out[0]->n == 0)
		return 0;
	if (c->in[0]->nhwc)
		return run_image(c, &conv, e);
	for (n = 0; n < images; n++)
		plain_image(&conv, in + n * (c->in[0]->n / images),
		    c->in[1]->data, bias, out + n * (c->out[0]->n / images));
	if (c->node->acts)
		fast_finish(out, 1, c->out[0]->n, 0, NULL, &act);
	return 0;
}
