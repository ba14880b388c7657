/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BatchNormalization, LRN, Softmax, LogSoftmax.
 */
#include <math.h>
#include <string.h>

#include "trainer/ops_int.h"

#pragma GCC optimize("O3")

static int
check_float(const struct call *c, int rank, struct err *e)
{
	if (c->in[0]->type != NET_FLOAT || c->in[0]->shape.rank < rank)
		return err_set(
		    e, ERR_INPUT, "its input is no tensor of 32-bit floats");
	return same_shape(c, e);
}

/* Numbers of a channel that lie together, and how many channels. */
static size_t
together(const struct tensor *t, size_t *ret_channels)
{
	size_t plane = 1;
	int i;

	*ret_channels = (size_t)t->shape.dim[1];
	for (i = 2; i < t->shape.rank; i++)
		plane *= (size_t)t->shape.dim[i];
	return t->nhwc ? 1 : plane;
}

/* ---- BatchNormalization ------------------------------------------------- */

int
batch_norm_shape(const struct call *c, struct err *e)
{
	int i;

	if (check_float(c, 2, e) < 0)
		return -1;
	for (i = 1; i < 5; i++)
		if (c->in[i] == NULL || c->in[i]->type != NET_FLOAT ||
		    c->in[i]->n != (size_t)c->in[0]->shape.dim[1])
			return err_set(
			    e, ERR_INPUT, "its statistics do not fit");
	if (attr_int(c->node, "training_mode", 0) != 0 || c->n_out > 1)
		return err_set(e, ERR_INPUT,
		    "a BatchNormalization that trains is not supported");
	return 0;
}

int
batch_norm_run(const struct call *c, struct err *e)
{
	const float epsilon = attr_float(c->node, "epsilon", 1e-5f);
	const float *gamma = c->in[1]->data, *beta = c->in[2]->data;
	const float *mean = c->in[3]->data, *var = c->in[4]->data;
	const float *from = c->in[0]->data;
	float *to = c->out[0]->data;
	size_t n, i, channel, channels, run = together(c->in[0], &channels);
	float *scale CLEANUP(freep) =
	    xreallocarray(NULL, channels + 1, 2 * sizeof(*scale));
	float *shift = scale + channels;

	(void)e;
	for (i = 0; i < channels; i++) {
		scale[i] = gamma[i] / sqrtf(var[i] + epsilon);
		shift[i] = beta[i] - mean[i] * scale[i];
	}
	if (run == 1) {
		for (n = 0; n < c->in[0]->n; n += channels)
			for (i = 0; i < channels; i++)
				to[n + i] = from[n + i] * scale[i] + shift[i];
		return 0;
	}
	for (n = 0; n < c->in[0]->n; n += run) {
		channel = n / run % channels;
		for (i = 0; i < run; i++)
			to[n + i] =
			    from[n + i] * scale[channel] + shift[channel];
	}
	return 0;
}

/* ---- LRN (Krizhevsky et al., 2012) -------------------------------------- */

int
lrn_shape(const struct call *c, struct err *e)
{
	const int64_t size = attr_int(c->node, "size", 0);

	if (size < 1 || size >= NET_SIDE_MAX)
		return err_set(e, ERR_INPUT, "its size is wrong");
	return check_float(c, 2, e);
}

int
lrn_run(const struct call *c, struct err *e)
{
	const int64_t size = attr_int(c->node, "size", 1);
	const float bias = attr_float(c->node, "bias", 1);
	const float alpha = attr_float(c->node, "alpha", 1e-4f) / (float)size;
	const float beta = attr_float(c->node, "beta", 0.75f);
	const float *from = c->in[0]->data;
	float *to = c->out[0]->data;
	size_t channels, n, step, at;
	size_t run = together(c->in[0], &channels);
	int64_t i, j, first, last;

	(void)e;
	/* Neighbours are the next channel's number at the same place. */
	step = c->in[0]->nhwc ? 1 : run;
	for (n = 0; n < c->in[0]->n; n++) {
		i = (int64_t)(n / step % channels);
		first = i - (size - 1) / 2;
		last = i + size / 2;
		first = first < 0 ? 0 : first;
		last = last >= (int64_t)channels ? (int64_t)channels - 1 : last;
		float sum = 0;

		for (j = first; j <= last; j++) {
			at = n - (size_t)i * step + (size_t)j * step;
			sum += from[at] * from[at];
		}
		to[n] = from[n] * powf(bias + alpha * sum, -beta);
	}
	return 0;
}

/* ---- Softmax ------------------------------------------------------------ */

/*
 * Before opset 13 all axes from the given one on are one; then it is that
 * axis alone.
 */
static int
softmax_axis(const struct call *c, int *ret, struct err *e)
{
	const bool old = c->net->opset < 13;
	const int rank = c->in[0]->shape.rank;
	const int64_t axis = attr_int(c->node, "axis", old ? 1 : -1);

	if (old && axis == rank) {
		*ret = rank;
		return 0;
	}
	return axis_of(axis, rank, ret)
	    ? 0
	    : err_set(e, ERR_INPUT, "its axis is wrong");
}

int
softmax_shape(const struct call *c, struct err *e)
{
	int axis;

	if (check_float(c, 1, e) < 0)
		return -1;
	return softmax_axis(c, &axis, e);
}

static void
softmax_one(const float *from, float *to, size_t n, size_t step, bool log)
{
	float most = -INFINITY;
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		most = from[i * step] > most ? from[i * step] : most;
	for (i = 0; i < n; i++)
		sum += exp((double)(from[i * step] - most));
	for (i = 0; i < n; i++) {
		const double x = (double)(from[i * step] - most);

		to[i * step] =
		    (float)(log ? x - logf((float)sum) : exp(x) / sum);
	}
}

int
softmax_run(const struct call *c, struct err *e)
{
	const struct tensor *t = c->in[0];
	const bool log = strcmp(c->node->op->name, "LogSoftmax") == 0;
	size_t n = 1, step = 1, outer, i;
	int axis, a;

	if (softmax_axis(c, &axis, e) < 0)
		return -1;
	for (a = axis; a < t->shape.rank; a++)
		if (a == axis || c->net->opset < 13)
			n *= (size_t)t->shape.dim[a];
		else
			step *= (size_t)t->shape.dim[a];
	for (outer = 0; n * step > 0 && outer < t->n; outer += n * step)
		for (i = 0; i < step; i++)
			softmax_one((const float *)t->data + outer + i,
			    (float *)c->out[0]->data + outer + i, n, step, log);
	return 0;
}
