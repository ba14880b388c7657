/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of operators.
 */
#include <string.h>

#include "trainer/ops_int.h"

#define NEWEST 21
#define BOTH(name) name##_shape, name##_run
#define ANY_NUMBER NET_PORTS_MAX

/* Sorted by name, then by opset. */
static const struct op ops[] = {
	{ "Add", 1, NEWEST, 2, 2, 1, OP_ANY, BOTH(arithmetic) },
	{ "AveragePool", 1, NEWEST, 1, 1, 1, OP_IMAGE, BOTH(average_pool) },
	{ "BatchNormalization", 1, NEWEST, 5, 5, 5, OP_IMAGE,
	    BOTH(batch_norm) },
	{ "Clip", 1, NEWEST, 1, 3, 1, OP_ANY, BOTH(clip) },
	{ "Concat", 1, NEWEST, 1, ANY_NUMBER, 1, OP_ANY, BOTH(concat) },
	{ "Constant", 1, NEWEST, 0, 0, 1, OP_PLAIN, BOTH(constant) },
	{ "ConstantOfShape", 9, NEWEST, 1, 1, 1, OP_PLAIN,
	    BOTH(constant_of_shape) },
	{ "Conv", 1, NEWEST, 2, 3, 1, OP_IMAGE, BOTH(conv) },
	{ "Div", 1, NEWEST, 2, 2, 1, OP_ANY, BOTH(arithmetic) },
	{ "Dropout", 1, NEWEST, 1, 3, 2, OP_ANY, BOTH(dropout) },
	{ "Flatten", 1, NEWEST, 1, 1, 1, OP_PLAIN, flatten_shape,
	    identity_run },
	{ "Gemm", 1, NEWEST, 2, 3, 1, OP_PLAIN, BOTH(gemm) },
	{ "GlobalAveragePool", 1, NEWEST, 1, 1, 1, OP_IMAGE,
	    BOTH(global_pool) },
	{ "GlobalMaxPool", 1, NEWEST, 1, 1, 1, OP_IMAGE, BOTH(global_pool) },
	{ "HardSigmoid", 1, NEWEST, 1, 1, 1, OP_ANY, BOTH(hard_sigmoid) },
	{ "HardSwish", 14, NEWEST, 1, 1, 1, OP_ANY, BOTH(hard_swish) },
	{ "Identity", 1, NEWEST, 1, 1, 1, OP_ANY, BOTH(identity) },
	{ "LRN", 1, NEWEST, 1, 1, 1, OP_IMAGE, BOTH(lrn) },
	{ "LeakyRelu", 1, NEWEST, 1, 1, 1, OP_ANY, BOTH(leaky_relu) },
	{ "LogSoftmax", 1, NEWEST, 1, 1, 1, OP_PLAIN, BOTH(softmax) },
	{ "MatMul", 1, NEWEST, 2, 2, 1, OP_PLAIN, BOTH(matmul) },
	{ "MaxPool", 1, NEWEST, 1, 1, 2, OP_IMAGE, BOTH(max_pool) },
	{ "Mul", 1, NEWEST, 2, 2, 1, OP_ANY, BOTH(arithmetic) },
	{ "Pad", 2, NEWEST, 1, 4, 1, OP_PLAIN, BOTH(pad) },
	{ "ReduceMean", 1, NEWEST, 1, 2, 1, OP_PLAIN, BOTH(reduce_mean) },
	{ "Relu", 1, NEWEST, 1, 1, 1, OP_ANY, BOTH(relu) },
	{ "Reshape", 5, NEWEST, 2, 2, 1, OP_PLAIN, reshape_shape,
	    identity_run },
	{ "Sigmoid", 1, NEWEST, 1, 1, 1, OP_ANY, BOTH(sigmoid) },
	{ "Softmax", 1, NEWEST, 1, 1, 1, OP_PLAIN, BOTH(softmax) },
	{ "Squeeze", 1, NEWEST, 1, 2, 1, OP_PLAIN, squeeze_shape,
	    identity_run },
	{ "Sub", 1, NEWEST, 2, 2, 1, OP_ANY, BOTH(arithmetic) },
	{ "Sum", 6, NEWEST, 1, ANY_NUMBER, 1, OP_ANY, sum_shape,
	    arithmetic_run },
	{ "Transpose", 1, NEWEST, 1, 1, 1, OP_PLAIN, BOTH(transpose) },
	{ "Unsqueeze", 1, NEWEST, 1, 2, 1, OP_PLAIN, unsqueeze_shape,
	    identity_run },
};

const struct op *
op_find(const char *name, int64_t opset)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (strcmp(ops[i].name, name) == 0 &&
		    (opset == 0 ||
			(opset >= ops[i].since && opset <= ops[i].until)))
			return &ops[i];
	return NULL;
}

int
same_shape(const struct call *c, struct err *e)
{
	(void)e;
	c->out[0]->type = c->in[0]->type;
	c->out[0]->shape = c->in[0]->shape;
	return 0;
}

bool
axis_of(int64_t axis, int rank, int *ret)
{
	if (axis < -rank || axis >= rank)
		return false;
	*ret = (int)(axis < 0 ? axis + rank : axis);
	return true;
}

int
axes_of(const struct call *c, int input, int rank, bool *ret, int *ret_n,
    struct err *e)
{
	int64_t list[NET_RANK_MAX];
	int n, i, axis;

	memset(ret, 0, NET_RANK_MAX * sizeof(*ret));
	if (input < c->n_in && c->in[input] != NULL)
		n = tensor_ints(c->in[input], list, NET_RANK_MAX);
	else
		n = attr_ints(c->node, "axes", list, NET_RANK_MAX);
	for (i = 0; i < n; i++) {
		if (!axis_of(list[i], rank, &axis) || ret[axis])
			return err_set(e, ERR_INPUT, "its axes are wrong");
		ret[axis] = true;
	}
	*ret_n = n;
	return n < 0 ? err_set(e, ERR_INPUT, "its axes are no list") : 0;
}
