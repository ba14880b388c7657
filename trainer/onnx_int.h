/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between protobuf-c and the network: what is read is only believed here.
 */
#ifndef TRAINER_ONNX_INT_H
#define TRAINER_ONNX_INT_H

#include "trainer/onnx.pb-c.h"
#include "trainer/op_int.h"

/*
 * Unpack bytes as a message, which the caller frees with onnx_free().  Its
 * depth is looked at first, for protobuf-c calls itself for every level, and
 * what it allocates has a cap, for a byte can become a hundred.
 */
void *onnx_unpack(const ProtobufCMessageDescriptor *, const void *data,
    size_t len, struct err *);
void onnx_free(void *message);

/*
 * A tensor with elements of a type that is known, all there; its memory is
 * from `block`, or, where net is NULL, ret->data is the caller's to free.
 */
int onnx_tensor(struct net *, const Onnx__TensorProto *, struct tensor *ret,
    struct net_block **ret_block, struct err *);
int onnx_attr(
    struct net *, const Onnx__AttributeProto *, struct attr *ret, struct err *);
void attr_release(struct attr *);

/* A copy of a name that can be shown; `what` is for the error. */
int onnx_name(const char *name, const char *what, char **ret, struct err *);

#endif
