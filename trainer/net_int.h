/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the engine share: graph, operators, memory.
 */
#ifndef TRAINER_NET_INT_H
#define TRAINER_NET_INT_H

#include "trainer/net.h"

enum {
	NET_NODES_MAX = 65536,
	NET_VALUES_MAX = 262144,
	NET_PORTS_MAX = 4096, /* inputs or outputs of a node or a graph */
	NET_ATTRS_MAX = 64,
	NET_META_MAX = 256,
};
/* Sizes are kept below this, so that sums of a few cannot overflow. */
#define NET_SIDE_MAX ((int64_t)1 << 31)

struct attr {
	char *name;
	int type; /* AttributeProto's */
	float f;
	int64_t i;
	char *s;
	float *floats;
	int64_t *ints;
	size_t n; /* of floats or ints */
	struct tensor t;
};

/* What is done to a number at the end of an operator. */
struct act {
	float low, high;
};

struct net_block; /* of the arena (net_memory.c) */

struct value {
	char *name;
	struct tensor t;         /* data NULL: not made (yet) */
	struct net_block *block; /* holds t.data */
	bool fixed;              /* the same in every run */
	bool wanted;             /* an output: kept to the end of a run */
	int uses;                /* by nodes */
	int left;                /* of them in this run */
};

struct node {
	const struct op *op;
	char *name;
	int *in, *out; /* values; -1: left out */
	int n_in, n_out;
	struct attr *attrs;
	int n_attrs;
	bool acts; /* act is to be applied: it was a node of its own */
	struct act act;
	float *packed; /* an operator's own, from its fixed inputs; or NULL */
	struct net_block *packed_block;
};

struct net_memory {
	struct net_block *blocks;
	int64_t used, most;
};

struct meta {
	char *key, *value;
};

struct net {
	int64_t opset;
	bool plain;
	struct value *values;
	size_t n_values;
	struct node *nodes;
	size_t n_nodes;
	struct net_port *inputs, *outputs;
	int *input_values, *output_values;
	size_t n_inputs, n_outputs;
	struct meta *meta;
	size_t n_meta;
	int64_t parameters;
	struct net_memory memory;
};

/* Fill a net, all zeros but its limits, from a file (onnx_in.c). */
int net_import(struct net *, const void *onnx, size_t len, struct err *);
/* Compute what does not change, and join operators (net_fold.c). */
int net_fold(struct net *, struct err *);
/* Drop the nodes that no output needs, and count uses (net_fold.c). */
void net_prune(struct net *);
void node_release(struct node *);
/* Run one node whose inputs are there (net.c). */
int node_run(struct net *, struct node *, struct err *);

/* ---- memory (net_memory.c) ---- */

/* ERR_INPUT past the limit.  The block has one reference. */
struct net_block *block_new(struct net_memory *, size_t bytes, struct err *);
void *block_data(struct net_block *);
struct net_block *block_ref(struct net_block *);
void block_unref(struct net_block *); /* NULL is fine */
void net_memory_release(struct net_memory *);

/* ---- tensors ---- */

bool shape_is(const struct shape *, const struct shape *); /* equal? */
/* Give a value room for its type and shape. */
int value_room(struct net *, struct value *, struct err *);
/* Turn between plain and nhwc, in place. */
int value_turn(struct net *, struct value *, bool nhwc, struct err *);

#endif
