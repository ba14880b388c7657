/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that change a shape, and move numbers at most.
 */
#include <string.h>

#include "trainer/ops_int.h"

int
identity_shape(const struct call *c, struct err *e)
{
	return same_shape(c, e);
}

int
identity_run(const struct call *c, struct err *e)
{
	(void)e;
	memcpy(c->out[0]->data, c->in[0]->data,
	    c->in[0]->n * net_type_size(c->in[0]->type));
	return 0;
}

/* At inference it does nothing; its mask is all true. */
int
dropout_shape(const struct call *c, struct err *e)
{
	const struct tensor *ratio = c->n_in > 1 ? c->in[1] : NULL;
	const struct tensor *training = c->n_in > 2 ? c->in[2] : NULL;

	if (training != NULL && training->n == 1 &&
	    tensor_get(training, 0) != 0 &&
	    (ratio == NULL || ratio->n != 1 || tensor_get(ratio, 0) != 0))
		return err_set(
		    e, ERR_INPUT, "a Dropout that trains is not supported");
	if (c->n_out > 1 && c->out[1] != NULL) {
		c->out[1]->type =
		    c->net->opset < 10 ? c->in[0]->type : NET_BOOL;
		c->out[1]->shape = c->in[0]->shape;
	}
	return same_shape(c, e);
}

int
dropout_run(const struct call *c, struct err *e)
{
	size_t i;

	if (c->n_out > 1 && c->out[1] != NULL)
		for (i = 0; i < c->out[1]->n; i++)
			tensor_set(c->out[1], i, 1);
	return identity_run(c, e);
}

/* ---- Reshape, Flatten, Squeeze, Unsqueeze ------------------------------- */

/* The one size that is to be found, from the number of elements. */
static int
infer_size(struct shape *s, int unknown, size_t n, struct err *e)
{
	size_t rest, i;

	s->dim[unknown] = 1;
	if (!shape_count(s, 1, &rest))
		return err_set(e, ERR_INPUT, "a size overflows");
	i = rest == 0 ? 0 : n / rest;
	if (rest == 0 || i * rest != n)
		return err_set(
		    e, ERR_INPUT, "%zu elements do not fit its new shape", n);
	s->dim[unknown] = (int64_t)i;
	return 0;
}

int
reshape_shape(const struct call *c, struct err *e)
{
	const bool zeros = attr_int(c->node, "allowzero", 0) != 0;
	const struct tensor *t = c->in[0];
	struct shape s = { 0 };
	int i, unknown = -1;
	size_t n;

	s.rank = tensor_ints(c->in[1], s.dim, NET_RANK_MAX);
	if (s.rank < 0)
		return err_set(e, ERR_INPUT, "its shape is no short list");
	for (i = 0; i < s.rank; i++) {
		if (s.dim[i] == 0 && !zeros && i < t->shape.rank)
			s.dim[i] = t->shape.dim[i];
		if (s.dim[i] < -1 || (s.dim[i] == -1 && unknown >= 0))
			return err_set(e, ERR_INPUT, "its shape is wrong");
		if (s.dim[i] == -1)
			unknown = i;
	}
	if (unknown >= 0 && infer_size(&s, unknown, t->n, e) < 0)
		return -1;
	if (!shape_count(&s, 1, &n) || n != t->n)
		return err_set(e, ERR_INPUT,
		    "%zu elements do not fit its new shape", t->n);
	c->out[0]->type = t->type;
	c->out[0]->shape = s;
	return 0;
}

int
flatten_shape(const struct call *c, struct err *e)
{
	const struct shape *s = &c->in[0]->shape;
	int64_t axis = attr_int(c->node, "axis", 1);
	int i;

	if (axis < -s->rank || axis > s->rank)
		return err_set(e, ERR_INPUT, "its axis is wrong");
	axis += axis < 0 ? s->rank : 0;
	c->out[0]->type = c->in[0]->type;
	c->out[0]->shape = (struct shape){ .rank = 2, .dim = { 1, 1 } };
	for (i = 0; i < s->rank; i++)
		if (__builtin_mul_overflow(c->out[0]->shape.dim[i >= axis],
			s->dim[i], &c->out[0]->shape.dim[i >= axis]))
			return err_set(e, ERR_INPUT, "a size overflows");
	return 0;
}

int
squeeze_shape(const struct call *c, struct err *e)
{
	const struct shape *s = &c->in[0]->shape;
	struct shape *to = &c->out[0]->shape;
	bool axes[NET_RANK_MAX];
	int i, n;

	if (axes_of(c, 1, s->rank, axes, &n, e) < 0)
		return -1;
	c->out[0]->type = c->in[0]->type;
	to->rank = 0;
	for (i = 0; i < s->rank; i++) {
		if (axes[i] && s->dim[i] != 1)
			return err_set(
			    e, ERR_INPUT, "axis %d is not of size 1", i);
		if (n > 0 ? !axes[i] : s->dim[i] != 1)
			to->dim[to->rank++] = s->dim[i];
	}
	return 0;
}

int
unsqueeze_shape(const struct call *c, struct err *e)
{
	const struct shape *s = &c->in[0]->shape;
	struct shape *to = &c->out[0]->shape;
	int64_t list[NET_RANK_MAX];
	bool axes[NET_RANK_MAX];
	int i, n, from = 0;

	n = c->n_in > 1 && c->in[1] != NULL
	    ? tensor_ints(c->in[1], list, NET_RANK_MAX)
	    : attr_ints(c->node, "axes", list, NET_RANK_MAX);
	if (n < 0 || s->rank + n > NET_RANK_MAX)
		return err_set(e, ERR_INPUT, "it gives too many axes");
	if (axes_of(c, 1, s->rank + n, axes, &n, e) < 0)
		return -1;
	c->out[0]->type = c->in[0]->type;
	to->rank = s->rank + n;
	for (i = 0; i < to->rank; i++)
		to->dim[i] = axes[i] ? 1 : s->dim[from++];
	return 0;
}

/* ---- Transpose ---------------------------------------------------------- */

static int
read_order(const struct call *c, int *order, struct err *e)
{
	const int rank = c->in[0]->shape.rank;
	int64_t list[NET_RANK_MAX];
	bool seen[NET_RANK_MAX] = { 0 };
	int i, n = attr_ints(c->node, "perm", list, NET_RANK_MAX);

	for (i = 0; n == 0 && i < rank; i++)
		order[i] = rank - 1 - i;
	if (n == 0)
		return 0;
	for (i = 0; n == rank && i < n; i++) {
		if (list[i] < 0 || list[i] >= rank || seen[list[i]])
			break;
		seen[list[i]] = true;
		order[i] = (int)list[i];
	}
	return n == rank && i == n
	    ? 0
	    : err_set(e, ERR_INPUT, "its order of axes is none");
}

int
transpose_shape(const struct call *c, struct err *e)
{
	int order[NET_RANK_MAX], i;

	if (read_order(c, order, e) < 0)
		return -1;
	c->out[0]->type = c->in[0]->type;
	c->out[0]->shape.rank = c->in[0]->shape.rank;
	for (i = 0; i < c->in[0]->shape.rank; i++)
		c->out[0]->shape.dim[i] = c->in[0]->shape.dim[order[i]];
	return 0;
}

int
transpose_run(const struct call *c, struct err *e)
{
	const struct tensor *from = c->in[0], *to = c->out[0];
	const size_t size = net_type_size(from->type);
	const struct lie l = tensor_lie(from);
	int64_t count[NET_RANK_MAX] = { 0 }, at = 0;
	int order[NET_RANK_MAX], i;
	size_t n;

	if (read_order(c, order, e) < 0)
		return -1;
	for (n = 0; n < to->n; n++) {
		memcpy((char *)to->data + n * size,
		    (const char *)from->data + (size_t)at * size, size);
		for (i = to->shape.rank - 1; i >= 0; i--) {
			at += l.stride[order[i]];
			if (++count[i] < to->shape.dim[i])
				break;
			at -= count[i] * l.stride[order[i]];
			count[i] = 0;
		}
	}
	return 0;
}
