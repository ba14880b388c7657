/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Add, Sub, Mul, Div, Sum: of numbers, with sizes of 1 stretched.
 */
#include <math.h>
#include <string.h>

#include "trainer/ops_int.h"

#pragma GCC optimize("O3")

/*
 * Before opset 7 the second shape may be put at an axis of the first, and
 * the first decides the output's.
 */
static int
old_shape(const struct call *c, struct shape *b, struct err *e)
{
	const struct shape *a = &c->in[0]->shape;
	struct shape wide = { .rank = a->rank };
	int i, axis;

	if (attr_int(c->node, "broadcast", 0) == 0 ||
	    node_attr(c->node, "axis") == NULL)
		return 0;
	if (!axis_of(attr_int(c->node, "axis", 0), a->rank, &axis) ||
	    axis + b->rank > a->rank)
		return err_set(e, ERR_INPUT, "its axis is wrong");
	for (i = 0; i < a->rank; i++)
		wide.dim[i] = 1;
	for (i = 0; i < b->rank; i++)
		wide.dim[axis + i] = b->dim[i];
	*b = wide;
	return 0;
}

static int
stretch(struct shape *to, const struct shape *b, struct err *e)
{
	const struct shape a = *to;
	int i, rank = a.rank > b->rank ? a.rank : b->rank;
	int64_t x, y;

	to->rank = rank;
	for (i = 0; i < rank; i++) {
		x = i < rank - a.rank ? 1 : a.dim[i - (rank - a.rank)];
		y = i < rank - b->rank ? 1 : b->dim[i - (rank - b->rank)];
		if (x != y && x != 1 && y != 1)
			return err_set(e, ERR_INPUT,
			    "sizes %lld and %lld do not go together",
			    (long long)x, (long long)y);
		to->dim[i] = x == 1 ? y : x;
	}
	return 0;
}

int
sum_shape(const struct call *c, struct err *e)
{
	int i;

	if (same_shape(c, e) < 0)
		return -1;
	for (i = 1; i < c->n_in; i++) {
		struct shape b;

		if (c->in[i] == NULL || c->in[i]->type != c->in[0]->type)
			return err_set(e, ERR_INPUT, "inputs differ in type");
		b = c->in[i]->shape;
		if (c->net->opset < 7 && i == 1 && old_shape(c, &b, e) < 0)
			return -1;
		if (stretch(&c->out[0]->shape, &b, e) < 0)
			return -1;
	}
	return 0;
}

int
arithmetic_shape(const struct call *c, struct err *e)
{
	return sum_shape(c, e);
}

/* ---- loops -------------------------------------------------------------- */

/* One row: b moves on or stays. */
static void
float_row(char op, const float *a, int64_t sa, const float *b, int64_t sb,
    float *to, int64_t n)
{
	int64_t i;

#define ROW(sign) \
	if (sa == 1 && sb == 1) \
		for (i = 0; i < n; i++) \
			to[i] = a[i] sign b[i]; \
	else if (sa == 1 && sb == 0) \
		for (i = 0; i < n; i++) \
			to[i] = a[i] sign b[0]; \
	else \
		for (i = 0; i < n; i++) \
			to[i] = a[i * sa] sign b[i * sb]; \
	break

	switch (op) {
	case 'A':
		ROW(+);
	case 'S':
		ROW(-);
	case 'M':
		ROW(*);
	default:
		ROW(/);
	}
#undef ROW
}

static double
one(char op, double a, double b, bool is_whole)
{
	switch (op) {
	case 'A':
		return a + b;
	case 'S':
		return a - b;
	case 'M':
		return a * b;
	default:
		return is_whole ? (b == 0 ? 0 : trunc(a / b)) : a / b;
	}
}

/* Steps in elements by the output's axes in the order in which it lies. */
struct walk {
	int rank;
	int64_t size[NET_RANK_MAX], a[NET_RANK_MAX], b[NET_RANK_MAX];
};

static void
set_steps(const struct tensor *t, const struct shape *seen_as,
    const struct lie *out, int64_t *steps)
{
	struct tensor as = *t;
	struct lie l;
	int i, axis, lead;

	as.shape = *seen_as;
	l = tensor_lie(&as);
	lead = out->rank - as.shape.rank;
	for (i = 0; i < out->rank; i++) {
		axis = out->axis[i] - lead;
		steps[i] =
		    axis < 0 || as.shape.dim[axis] == 1 ? 0 : l.stride[axis];
	}
}

/* Axes over which everything moves evenly become one. */
static void
join_axes(struct walk *w)
{
	int i, n = 0;

	for (i = 1; i < w->rank; i++) {
		if (w->a[n] == w->a[i] * w->size[i] &&
		    w->b[n] == w->b[i] * w->size[i]) {
			w->size[n] *= w->size[i];
		} else {
			n++;
			w->size[n] = w->size[i];
		}
		w->a[n] = w->a[i];
		w->b[n] = w->b[i];
	}
	w->rank = w->rank == 0 ? 0 : n + 1;
}

static void
run_row(char op, const struct tensor *a, int64_t at_a, const struct tensor *b,
    int64_t at_b, const struct tensor *to, int64_t at, const struct walk *w)
{
	const int last = w->rank - 1;
	const int64_t n = w->rank == 0 ? 1 : w->size[last];
	const int64_t sa = w->rank == 0 ? 0 : w->a[last];
	const int64_t sb = w->rank == 0 ? 0 : w->b[last];
	int64_t i;

	if (to->type == NET_FLOAT) {
		float_row(op, (const float *)a->data + at_a, sa,
		    (const float *)b->data + at_b, sb, (float *)to->data + at,
		    n);
		return;
	}
	for (i = 0; i < n; i++)
		tensor_set(to, (size_t)(at + i),
		    one(op, tensor_get(a, (size_t)(at_a + i * sa)),
			tensor_get(b, (size_t)(at_b + i * sb)),
			to->type != NET_DOUBLE));
}

static void
run_two(char op, const struct tensor *a, const struct shape *shape_a,
    const struct tensor *b, const struct shape *shape_b,
    const struct tensor *to)
{
	const struct lie out = tensor_lie(to);
	struct walk w = { .rank = out.rank };
	int64_t count[NET_RANK_MAX] = { 0 }, at_a = 0, at_b = 0, at;
	int i;

	for (i = 0; i < w.rank; i++)
		w.size[i] = to->shape.dim[out.axis[i]];
	set_steps(a, shape_a, &out, w.a);
	set_steps(b, shape_b, &out, w.b);
	join_axes(&w);
	for (at = 0; at < (int64_t)to->n;) {
		run_row(op, a, at_a, b, at_b, to, at, &w);
		at += w.rank == 0 ? 1 : w.size[w.rank - 1];
		for (i = w.rank - 2; i >= 0; i--) {
			at_a += w.a[i];
			at_b += w.b[i];
			if (++count[i] < w.size[i])
				break;
			at_a -= count[i] * w.a[i];
			at_b -= count[i] * w.b[i];
			count[i] = 0;
		}
	}
}

int
arithmetic_run(const struct call *c, struct err *e)
{
	const char op =
	    strcmp(c->node->op->name, "Sum") == 0 ? 'A' : c->node->op->name[0];
	const struct tensor *a = c->in[0];
	struct shape b = c->in[0]->shape;
	int i;

	if (c->n_in == 1)
		return identity_run(c, e);
	for (i = 1; i < c->n_in; i++) {
		b = c->in[i]->shape;
		if (c->net->opset < 7 && i == 1 && old_shape(c, &b, e) < 0)
			return -1;
		run_two(op, a, &a->shape, c->in[i], &b, c->out[0]);
		a = c->out[0];
	}
	return 0;
}
