/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tensors: sizes, how they lie, and single elements as numbers.
 */
#include <math.h>
#include <string.h>

#include "trainer/op_int.h"

size_t
net_type_size(enum net_type type)
{
	switch (type) {
	case NET_UINT8:
	case NET_INT8:
	case NET_BOOL:
		return 1;
	case NET_FLOAT:
	case NET_INT32:
		return 4;
	case NET_INT64:
	case NET_DOUBLE:
		return 8;
	}
	return 0;
}

bool
shape_count(const struct shape *s, size_t element, size_t *ret_n)
{
	size_t n = 1, bytes;
	int i;

	for (i = 0; i < s->rank; i++)
		if (s->dim[i] < 0 || s->dim[i] > NET_SIDE_MAX ||
		    __builtin_mul_overflow(n, (size_t)s->dim[i], &n))
			return false;
	if (__builtin_mul_overflow(n, element, &bytes) || bytes > PTRDIFF_MAX)
		return false;
	*ret_n = n;
	return true;
}

bool
shape_is(const struct shape *a, const struct shape *b)
{
	return a->rank == b->rank &&
	    memcmp(a->dim, b->dim, (size_t)a->rank * sizeof(a->dim[0])) == 0;
}

struct lie
tensor_lie(const struct tensor *t)
{
	static const int image[] = { 0, 2, 3, 1 };
	struct lie l = { .rank = t->shape.rank };
	int64_t stride = 1;
	int i;

	for (i = 0; i < l.rank; i++)
		l.axis[i] = t->nhwc ? image[i] : i;
	for (i = l.rank - 1; i >= 0; i--) {
		l.stride[l.axis[i]] = stride;
		stride *= t->shape.dim[l.axis[i]];
	}
	return l;
}

double
tensor_get(const struct tensor *t, size_t i)
{
	switch (t->type) {
	case NET_FLOAT:
		return (double)((const float *)t->data)[i];
	case NET_UINT8:
	case NET_BOOL:
		return ((const uint8_t *)t->data)[i];
	case NET_INT8:
		return ((const int8_t *)t->data)[i];
	case NET_INT32:
		return ((const int32_t *)t->data)[i];
	case NET_INT64:
		return (double)((const int64_t *)t->data)[i];
	case NET_DOUBLE:
		return ((const double *)t->data)[i];
	}
	return 0;
}

int
tensor_ints(const struct tensor *t, int64_t *ret, int max)
{
	size_t i;

	if (t->shape.rank > 1 || t->n > (size_t)max ||
	    (t->type != NET_INT64 && t->type != NET_INT32))
		return -1;
	for (i = 0; i < t->n; i++)
		ret[i] = t->type == NET_INT64 ? ((const int64_t *)t->data)[i]
					      : ((const int32_t *)t->data)[i];
	return (int)t->n;
}

/* Towards zero; what does not fit 64 bits is 0. */
static int64_t
whole(double x)
{
	return fabs(x) < 0x1p62 ? (int64_t)x : 0;
}

void
tensor_set(const struct tensor *t, size_t i, double x)
{
	switch (t->type) {
	case NET_FLOAT:
		((float *)t->data)[i] = (float)x;
		break;
	case NET_UINT8:
		((uint8_t *)t->data)[i] = (uint8_t)whole(x);
		break;
	case NET_BOOL:
		((uint8_t *)t->data)[i] = x != 0;
		break;
	case NET_INT8:
		((int8_t *)t->data)[i] = (int8_t)whole(x);
		break;
	case NET_INT32:
		((int32_t *)t->data)[i] = (int32_t)whole(x);
		break;
	case NET_INT64:
		((int64_t *)t->data)[i] = whole(x);
		break;
	case NET_DOUBLE:
		((double *)t->data)[i] = x;
		break;
	}
}

int
value_room(struct net *net, struct value *v, struct err *e)
{
	const size_t size = net_type_size(v->t.type);

	if (!shape_count(&v->t.shape, size, &v->t.n))
		return err_set(e, ERR_INPUT, "a size overflows");
	v->block = block_new(&net->memory, v->t.n * size, e);
	if (v->block == NULL)
		return -1;
	v->t.data = block_data(v->block);
	return 0;
}

/* Rows of `channels` planes to pixels of channels, or back. */
static void
turn_image(const struct tensor *from, const struct tensor *to)
{
	const int64_t *dim = from->shape.dim;
	const size_t channels = (size_t)dim[1];
	const size_t pixels = (size_t)dim[2] * (size_t)dim[3];
	const size_t rows = from->nhwc ? pixels : channels;
	const size_t columns = from->nhwc ? channels : pixels;
	const uint32_t *a = from->data;
	uint32_t *b = to->data;
	size_t n, i, j;

	for (n = 0; n < (size_t)dim[0]; n++, a += rows * columns)
		for (j = 0; j < columns; j++)
			for (i = 0; i < rows; i++)
				*b++ = a[i * columns + j];
}

int
value_turn(struct net *net, struct value *v, bool nhwc, struct err *e)
{
	const int64_t *dim = v->t.shape.dim;
	struct value turned = { .t = v->t };

	if (v->t.nhwc == nhwc || v->t.shape.rank != 4)
		return 0;
	if (dim[1] == 1 || dim[2] * dim[3] == 1) {
		v->t.nhwc = nhwc;
		return 0;
	}
	if (net_type_size(v->t.type) != sizeof(uint32_t))
		return err_set(
		    e, ERR_INPUT, "an image is not of 32-bit numbers");
	turned.t.nhwc = nhwc;
	if (value_room(net, &turned, e) < 0)
		return -1;
	turn_image(&v->t, &turned.t);
	block_unref(v->block);
	v->t = turned.t;
	v->block = turned.block;
	return 0;
}
