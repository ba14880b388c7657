/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of the table of operators, by the files that they are in,
 * and what these share.
 */
#ifndef TRAINER_OPS_INT_H
#define TRAINER_OPS_INT_H

#include "trainer/op_int.h"

#define OP(name) \
	int name##_shape(const struct call *, struct err *); \
	int name##_run(const struct call *, struct err *)

/* op_unary.c */
OP(clip);
OP(relu);
OP(leaky_relu);
OP(sigmoid);
OP(hard_sigmoid);
OP(hard_swish);
/* op_binary.c */
OP(arithmetic);
int sum_shape(const struct call *, struct err *);
/* op_move.c */
OP(identity);
OP(dropout);
int reshape_shape(const struct call *, struct err *);
int flatten_shape(const struct call *, struct err *);
int squeeze_shape(const struct call *, struct err *);
int unsqueeze_shape(const struct call *, struct err *);
OP(transpose);
/* op_make.c */
OP(constant);
OP(constant_of_shape);
OP(concat);
OP(pad);
/* op_conv.c, op_pool.c */
OP(conv);
OP(max_pool);
OP(average_pool);
OP(global_pool);
/* op_norm.c */
OP(batch_norm);
OP(lrn);
OP(softmax);
/* op_matrix.c */
OP(gemm);
OP(matmul);
OP(reduce_mean);

/* Of any type, to as many elements of the same type. */
void tensor_clip(const struct tensor *from, const struct tensor *to, double low,
    double high);

/* Output 0 is like input 0. */
int same_shape(const struct call *, struct err *);

/* An axis counted from the front; false: there is none such. */
bool axis_of(int64_t axis, int rank, int *ret);

/* The axes that an input, or without it the attribute "axes", lists. */
int axes_of(const struct call *, int input, int rank, bool *ret, int *ret_n,
    struct err *);

/* How a window goes over an image of up to three axes. */
enum { WINDOW_AXES = NET_RANK_MAX - 2 };
struct window {
	int axes;
	int64_t size[WINDOW_AXES], stride[WINDOW_AXES], step[WINDOW_AXES];
	int64_t before[WINDOW_AXES], after[WINDOW_AXES]; /* padding */
	int64_t in[WINDOW_AXES], out[WINDOW_AXES];
};
/* By the operator's attributes; sizes NULL: by kernel_shape. */
int window_of(
    const struct call *, const int64_t *sizes, struct window *, struct err *);
/* Numbers of the window's places, and of its outputs. */
int64_t window_places(const struct window *);
int64_t window_outputs(const struct window *);
/*
 * Place `k` of the window for output `o`: its number in the plane; -1: in the
 * padding; *ret_beyond: it is even beyond the padding.
 */
int64_t window_at(
    const struct window *, int64_t o, int64_t k, bool *ret_beyond);

#endif
