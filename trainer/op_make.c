/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constant, ConstantOfShape, Concat, Pad.
 */
#include <string.h>

#include "trainer/ops_int.h"

/* ---- Constant ----------------------------------------------------------- */

/* The tensor that the attributes are, borrowed. */
static int
constant_of(const struct node *node, struct tensor *ret, struct err *e)
{
	const struct attr *a = node->n_attrs == 1 ? &node->attrs[0] : NULL;

	*ret = (struct tensor){ .n = 1 };
	if (a != NULL && strcmp(a->name, "value") == 0 && a->t.data != NULL) {
		*ret = a->t;
	} else if (a != NULL && strcmp(a->name, "value_float") == 0) {
		ret->type = NET_FLOAT;
		ret->data = (void *)(uintptr_t)&a->f;
	} else if (a != NULL && strcmp(a->name, "value_int") == 0) {
		ret->type = NET_INT64;
		ret->data = (void *)(uintptr_t)&a->i;
	} else if (a != NULL && strcmp(a->name, "value_floats") == 0 &&
	    a->floats != NULL) {
		ret->type = NET_FLOAT;
		ret->data = a->floats;
	} else if (a != NULL && strcmp(a->name, "value_ints") == 0 &&
	    a->ints != NULL) {
		ret->type = NET_INT64;
		ret->data = a->ints;
	} else {
		return err_set(e, ERR_INPUT, "its value is not supported");
	}
	if (ret->data == a->floats || ret->data == a->ints) {
		ret->n = a->n;
		ret->shape = (struct shape){ 1, { (int64_t)a->n } };
	}
	return 0;
}

int
constant_shape(const struct call *c, struct err *e)
{
	struct tensor t;

	if (constant_of(c->node, &t, e) < 0)
		return -1;
	c->out[0]->type = t.type;
	c->out[0]->shape = t.shape;
	return 0;
}

int
constant_run(const struct call *c, struct err *e)
{
	struct tensor t;

	if (constant_of(c->node, &t, e) < 0)
		return -1;
	memcpy(c->out[0]->data, t.data, t.n * net_type_size(t.type));
	return 0;
}

int
constant_of_shape_shape(const struct call *c, struct err *e)
{
	const struct attr *a = node_attr(c->node, "value");
	struct shape s = { 0 };

	s.rank = tensor_ints(c->in[0], s.dim, NET_RANK_MAX);
	if (s.rank < 0)
		return err_set(e, ERR_INPUT, "its shape is no short list");
	if (a != NULL && (a->t.data == NULL || a->t.n != 1))
		return err_set(e, ERR_INPUT, "its value is no number");
	c->out[0]->type = a == NULL ? NET_FLOAT : a->t.type;
	c->out[0]->shape = s;
	return 0;
}

int
constant_of_shape_run(const struct call *c, struct err *e)
{
	const struct attr *a = node_attr(c->node, "value");
	const double value = a == NULL ? 0 : tensor_get(&a->t, 0);
	size_t i;

	(void)e;
	for (i = 0; i < c->out[0]->n; i++)
		tensor_set(c->out[0], i, value);
	return 0;
}

/* ---- Concat ------------------------------------------------------------- */

/* Since opset 4 it must say its axis. */
static int
concat_axis(const struct call *c, int *ret, struct err *e)
{
	if (!axis_of(attr_int(c->node, "axis", 1), c->in[0]->shape.rank, ret))
		return err_set(e, ERR_INPUT, "its axis is wrong");
	return 0;
}

int
concat_shape(const struct call *c, struct err *e)
{
	const struct shape *first = &c->in[0]->shape;
	struct shape *to = &c->out[0]->shape, like;
	int i, axis;

	if (concat_axis(c, &axis, e) < 0)
		return -1;
	*to = *first;
	c->out[0]->type = c->in[0]->type;
	for (i = 1; i < c->n_in; i++) {
		if (c->in[i] == NULL || c->in[i]->type != c->in[0]->type)
			return err_set(e, ERR_INPUT, "inputs differ in type");
		like = c->in[i]->shape;
		if (like.rank == first->rank)
			like.dim[axis] = first->dim[axis];
		if (!shape_is(&like, first))
			return err_set(
			    e, ERR_INPUT, "input %d has another shape", i);
		to->dim[axis] += c->in[i]->shape.dim[axis];
		if (to->dim[axis] > NET_SIDE_MAX)
			return err_set(e, ERR_INPUT, "a size overflows");
	}
	return 0;
}

int
concat_run(const struct call *c, struct err *e)
{
	const struct tensor *to = c->out[0];
	const struct lie l = tensor_lie(to);
	const size_t size = net_type_size(to->type);
	size_t rows = 1, inner, part, at = 0, whole, r;
	int axis, i;

	if (concat_axis(c, &axis, e) < 0)
		return -1;
	for (i = 0; l.axis[i] != axis; i++)
		rows *= (size_t)to->shape.dim[l.axis[i]];
	inner = (size_t)l.stride[axis] * size;
	whole = (size_t)to->shape.dim[axis] * inner;
	for (i = 0; i < c->n_in; i++) {
		part = (size_t)c->in[i]->shape.dim[axis] * inner;
		for (r = 0; r < rows; r++)
			memcpy((char *)to->data + r * whole + at,
			    (const char *)c->in[i]->data + r * part, part);
		at += part;
	}
	return 0;
}

/* ---- Pad ---------------------------------------------------------------- */

enum pad_mode { PAD_CONSTANT, PAD_EDGE, PAD_REFLECT };

static int
pad_sizes(const struct call *c, int64_t *before, int64_t *after,
    enum pad_mode *mode, struct err *e)
{
	const struct attr *m = node_attr(c->node, "mode");
	const int rank = c->in[0]->shape.rank;
	int64_t list[2 * NET_RANK_MAX];
	int i, n;

	n = c->n_in > 1 && c->in[1] != NULL
	    ? tensor_ints(c->in[1], list, 2 * NET_RANK_MAX)
	    : attr_ints(c->node, "pads", list, 2 * NET_RANK_MAX);
	if (n != 2 * rank || (c->n_in > 3 && c->in[3] != NULL))
		return err_set(e, ERR_INPUT, "its padding is not of all axes");
	for (i = 0; i < rank; i++) {
		before[i] = list[i];
		after[i] = list[rank + i];
	}
	*mode = PAD_CONSTANT;
	if (m != NULL && m->s != NULL && strcmp(m->s, "constant") != 0) {
		if (strcmp(m->s, "edge") != 0 && strcmp(m->s, "reflect") != 0)
			return err_set(
			    e, ERR_INPUT, "its mode is not supported");
		*mode = m->s[0] == 'e' ? PAD_EDGE : PAD_REFLECT;
	}
	return 0;
}

int
pad_shape(const struct call *c, struct err *e)
{
	int64_t before[NET_RANK_MAX], after[NET_RANK_MAX], most, size;
	const struct shape *s = &c->in[0]->shape;
	enum pad_mode mode;
	int i;

	if (pad_sizes(c, before, after, &mode, e) < 0)
		return -1;
	c->out[0]->type = c->in[0]->type;
	c->out[0]->shape.rank = s->rank;
	for (i = 0; i < s->rank; i++) {
		size = s->dim[i];
		most = mode == PAD_CONSTANT ? NET_SIDE_MAX
		    : mode == PAD_REFLECT   ? size - 1
		    : size > 0              ? NET_SIDE_MAX
					    : 0;
		if (before[i] < -size || after[i] < -size || before[i] > most ||
		    after[i] > most || size + before[i] + after[i] < 0)
			return err_set(e, ERR_INPUT,
			    "its padding does not fit axis %d", i);
		c->out[0]->shape.dim[i] = size + before[i] + after[i];
	}
	return 0;
}

/* Where an output's place is in the input; -1: outside. */
static int64_t
source_of(int64_t at, int64_t size, enum pad_mode mode)
{
	if (at >= 0 && at < size)
		return at;
	if (mode == PAD_CONSTANT)
		return -1;
	if (mode == PAD_EDGE)
		return at < 0 ? 0 : size - 1;
	return at < 0 ? -at : 2 * (size - 1) - at;
}

static double
pad_value(const struct call *c)
{
	if (c->n_in > 2 && c->in[2] != NULL && c->in[2]->n == 1)
		return tensor_get(c->in[2], 0);
	return (double)attr_float(c->node, "value", 0);
}

int
pad_run(const struct call *c, struct err *e)
{
	int64_t before[NET_RANK_MAX], after[NET_RANK_MAX];
	int64_t count[NET_RANK_MAX] = { 0 }, from, at;
	const struct tensor *in = c->in[0], *to = c->out[0];
	const struct lie l = tensor_lie(in);
	const double value = pad_value(c);
	enum pad_mode mode;
	size_t n;
	int i;

	if (pad_sizes(c, before, after, &mode, e) < 0)
		return -1;
	for (n = 0; n < to->n; n++) {
		for (at = 0, i = 0; i < to->shape.rank && at >= 0; i++) {
			from = source_of(
			    count[i] - before[i], in->shape.dim[i], mode);
			at = from < 0 ? -1 : at + from * l.stride[i];
		}
		tensor_set(to, n, at < 0 ? value : tensor_get(in, (size_t)at));
		for (i = to->shape.rank - 1; i >= 0; i--) {
			if (++count[i] < to->shape.dim[i])
				break;
			count[i] = 0;
		}
	}
	return 0;
}
