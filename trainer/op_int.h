/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator: an entry of the one table, ops.c.
 */
#ifndef TRAINER_OP_INT_H
#define TRAINER_OP_INT_H

#include "trainer/net_int.h"

/* One call of an operator. */
struct call {
	struct net *net;
	struct node *node;
	struct tensor **in;  /* n_in; NULL: left out; only read */
	struct tensor **out; /* n_out; `shape` sets type and shape */
	int n_in, n_out;
};

enum op_layout {
	OP_PLAIN, /* all inputs lie plain, and so does the output */
	OP_ANY,   /* rank 4 inputs all lie the same way, as the output does */
	OP_IMAGE, /* input 0 of rank 4 lies nhwc, and so does the output */
};

struct op {
	const char *name;
	int since, until; /* opsets that these functions know */
	int min_in, max_in, max_out;
	enum op_layout layout;
	/* Check all that the file says; set type and shape of each output. */
	int (*shape)(const struct call *, struct err *);
	/* Cannot fail but for lack of memory. */
	int (*run)(const struct call *, struct err *);
};

/* NULL: unknown, at any opset when opset is 0. */
const struct op *op_find(const char *name, int64_t opset);

/* ---- tensors ---- */

/* Sizes and strides in elements in the order in which a tensor lies;
 * axis[] tells which axis of the shape each is. */
struct lie {
	int rank;
	int axis[NET_RANK_MAX];
	int64_t stride[NET_RANK_MAX]; /* by axis of the shape */
};
struct lie tensor_lie(const struct tensor *);
/* Whole numbers of a list; how many, or -1: it is not one of at most max. */
int tensor_ints(const struct tensor *, int64_t *ret, int max);
double tensor_get(const struct tensor *, size_t i);
void tensor_set(const struct tensor *, size_t i, double x);

/* ---- attributes ---- */

const struct attr *node_attr(const struct node *, const char *name);
int64_t attr_int(const struct node *, const char *name, int64_t otherwise);
float attr_float(const struct node *, const char *name, float otherwise);
/* -1: there are more than `max`; else how many (0: it is not there). */
int attr_ints(const struct node *, const char *name, int64_t *, int max);

#endif
