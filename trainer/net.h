/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net: a network from an ONNX file, and its answers.
 *
 * The file is taken as hostile: every size, depth and count is checked, and
 * what is refused is ERR_INPUT with one line.  Even so, code that reads a
 * stranger's file runs in a child (backbone.h): protobuf-c, the import and
 * the operators all see numbers from that file, so the plainest border is
 * the process's.  Nothing of the file but checked answers comes out of it.
 *
 * Images run one at a time whatever the batch, and BLAS has one thread: an
 * image's numbers depend on nothing but the image, the file and the kernels
 * (blas_core()).  Internally images lie as rows of pixels of channels (NHWC).
 */
#ifndef TRAINER_NET_H
#define TRAINER_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* As in onnx.proto. */
enum net_type {
	NET_FLOAT = 1,
	NET_UINT8 = 2,
	NET_INT8 = 3,
	NET_INT32 = 6,
	NET_INT64 = 7,
	NET_BOOL = 9,
	NET_DOUBLE = 11,
};

enum {
	NET_RANK_MAX = 8,
	NET_NAME_MAX = 255, /* bytes; longer names are refused */
};

struct shape {
	int rank;
	int64_t dim[NET_RANK_MAX];
};

struct tensor {
	enum net_type type;
	bool nhwc; /* rank 4, and lies with its second axis last */
	struct shape shape;
	size_t n;   /* elements */
	void *data; /* 64-byte aligned inside the engine */
};

struct net_opts {
	int64_t memory; /* bytes of weights and activations, at most */
	bool plain;     /* slow loops only: for checking the fast ones */
};
#define NET_MEMORY_DEFAULT ((int64_t)1 << 30)

/* The name of an input or output, and its shape: -1 where it is free. */
struct net_port {
	const char *name;
	enum net_type type; /* 0: no tensor */
	struct shape shape;
	bool shaped;
};

struct net;

/* Read a file's bytes, which may be dropped then.  ERR_INPUT: refused. */
int net_read(struct net **, const void *onnx, size_t len,
    const struct net_opts *, struct err *);
void net_free(struct net *);
DEFINE_CLEANUP(struct net, net_free)

/* Inputs that have no initial value; outputs.  Borrowed. */
size_t net_inputs(const struct net *);
const struct net_port *net_input(const struct net *, size_t i);
size_t net_outputs(const struct net *);
const struct net_port *net_output(const struct net *, size_t i);
/* metadata_props: the value of a key, or NULL. */
const char *net_meta(const struct net *, const char *key);
/* Numbers in all weights. */
int64_t net_parameters(const struct net *);

/* Drop every other output and what only it needs; false: no such output. */
bool net_want_only(struct net *, const char *output);

/*
 * Run on inputs[net_inputs()], whose data need no alignment and are only
 * read.  Results stay until the next run.  ERR_INPUT: shapes that do not fit
 * the network, too much memory, or an operator that cannot do this.
 */
int net_run(struct net *, const struct tensor *inputs, struct err *);
/* Output i of the last run; borrowed, never nhwc.  data NULL: none. */
const struct tensor *net_result(const struct net *, size_t i);

/* ---- tensors ---------------------------------------------------------- */

/* Bytes of an element; 0: a type that is not supported. */
size_t net_type_size(enum net_type);

/* Elements of a shape, and bytes; false on overflow or a negative size. */
bool shape_count(const struct shape *, size_t element, size_t *ret_n);

/*
 * One TensorProto, such as a conformance case's: ret->data is the caller's
 * to free.  ERR_INPUT: refused.
 */
int tensor_read(
    struct tensor *ret, const void *proto, size_t len, struct err *);

#endif
