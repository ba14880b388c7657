/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tensors, attributes and names of an ONNX file.
 */
#include <string.h>

#include "base/text.h"
#include "trainer/onnx_int.h"

int
onnx_name(const char *name, const char *what, char **ret, struct err *e)
{
	if (name == NULL)
		name = "";
	if (strlen(name) > NET_NAME_MAX)
		return err_set(e, ERR_INPUT,
		    "the name of %s is longer than %d bytes", what,
		    NET_NAME_MAX);
	*ret = text_safe(name);
	return 0;
}

/* ---- tensors ------------------------------------------------------------ */

static int
read_shape(const Onnx__TensorProto *p, struct tensor *t, struct err *e)
{
	size_t i;

	if (p->n_dims > NET_RANK_MAX)
		return err_set(e, ERR_INPUT, "it has more than %d dimensions",
		    NET_RANK_MAX);
	t->type = (enum net_type)p->data_type;
	t->shape.rank = (int)p->n_dims;
	for (i = 0; i < p->n_dims; i++)
		t->shape.dim[i] = p->dims[i];
	if (net_type_size(t->type) == 0)
		return err_set(e, ERR_INPUT,
		    "elements of type %d are not supported", p->data_type);
	if (!shape_count(&t->shape, net_type_size(t->type), &t->n))
		return err_set(e, ERR_INPUT, "its size overflows");
	return 0;
}

/* Where the elements are that are not raw: how many, and of what. */
static size_t
typed_count(const Onnx__TensorProto *p)
{
	switch ((enum net_type)p->data_type) {
	case NET_FLOAT:
		return p->n_float_data;
	case NET_DOUBLE:
		return p->n_double_data;
	case NET_INT64:
		return p->n_int64_data;
	case NET_UINT8:
	case NET_INT8:
	case NET_BOOL:
	case NET_INT32:
		return p->n_int32_data;
	}
	return 0;
}

static void
copy_typed(const Onnx__TensorProto *p, const struct tensor *t)
{
	size_t i;

	if (t->n == 0)
		return;
	if (t->type == NET_FLOAT)
		memcpy(t->data, p->float_data, t->n * sizeof(float));
	else if (t->type == NET_DOUBLE)
		memcpy(t->data, p->double_data, t->n * sizeof(double));
	else if (t->type == NET_INT64)
		memcpy(t->data, p->int64_data, t->n * sizeof(int64_t));
	else
		for (i = 0; i < t->n; i++)
			tensor_set(t, i, p->int32_data[i]);
}

static int
check_data(const Onnx__TensorProto *p, const struct tensor *t, struct err *e)
{
	const size_t bytes = t->n * net_type_size(t->type);

	if (p->n_external_data > 0 ||
	    p->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
		return err_set(e, ERR_INPUT,
		    "its data are in another file (external_data), which is "
		    "never opened");
	if (p->segment != NULL)
		return err_set(e, ERR_INPUT, "it is only a segment");
	if (p->has_raw_data ? p->raw_data.len != bytes : typed_count(p) != t->n)
		return err_set(e, ERR_INPUT,
		    "it has %zu elements, but data for another number", t->n);
	return 0;
}

static int
read_tensor(struct net *net, const Onnx__TensorProto *p, struct tensor *ret,
    struct net_block **ret_block, struct err *e)
{
	struct value v = { 0 };

	if (read_shape(p, &v.t, e) < 0 || check_data(p, &v.t, e) < 0)
		return -1;
	if (net == NULL)
		v.t.data = xmalloc(v.t.n * net_type_size(v.t.type) + 1);
	else if (value_room(net, &v, e) < 0)
		return -1;
	if (!p->has_raw_data)
		copy_typed(p, &v.t);
	else if (p->raw_data.len > 0)
		memcpy(v.t.data, p->raw_data.data, p->raw_data.len);
	*ret = v.t;
	if (ret_block != NULL)
		*ret_block = v.block;
	return 0;
}

int
onnx_tensor(struct net *net, const Onnx__TensorProto *p, struct tensor *ret,
    struct net_block **ret_block, struct err *e)
{
	char *name CLEANUP(freep) = NULL;

	if (onnx_name(p->name, "a tensor", &name, e) < 0)
		return -1;
	return read_tensor(net, p, ret, ret_block, e) < 0
	    ? err_wrap(e, "tensor \"%s\"", name)
	    : 0;
}

int
tensor_read(struct tensor *ret, const void *proto, size_t len, struct err *e)
{
	Onnx__TensorProto *p =
	    onnx_unpack(&onnx__tensor_proto__descriptor, proto, len, e);
	int rc;

	if (p == NULL)
		return -1;
	rc = onnx_tensor(NULL, p, ret, NULL, e);
	onnx_free(p);
	return rc;
}

/* ---- attributes --------------------------------------------------------- */

void
attr_release(struct attr *a)
{
	free(a->name);
	free(a->s);
	free(a->floats);
	free(a->ints);
}

static char *
bytes_to_text(const ProtobufCBinaryData *b)
{
	char *raw CLEANUP(freep) =
	    xstrndup(b->data == NULL ? "" : (const char *)b->data, b->len);

	return text_safe(raw);
}

int
onnx_attr(struct net *net, const Onnx__AttributeProto *p, struct attr *a,
    struct err *e)
{
	if (onnx_name(p->name, "an attribute", &a->name, e) < 0)
		return -1;
	a->type = (int)p->type;
	a->f = p->f;
	a->i = p->i;
	if (p->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING)
		a->s = bytes_to_text(&p->s);
	if (p->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS) {
		a->n = p->n_floats;
		a->floats = xreallocarray(NULL, a->n + 1, sizeof(*a->floats));
		memcpy(a->floats, p->floats == NULL ? &p->f : p->floats,
		    a->n * sizeof(*a->floats));
	}
	if (p->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS) {
		a->n = p->n_ints;
		a->ints = xreallocarray(NULL, a->n + 1, sizeof(*a->ints));
		memcpy(a->ints, p->ints == NULL ? &p->i : p->ints,
		    a->n * sizeof(*a->ints));
	}
	if (p->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR &&
	    p->t != NULL)
		return onnx_tensor(net, p->t, &a->t, NULL, e);
	return 0;
}

const struct attr *
node_attr(const struct node *node, const char *name)
{
	int i;

	for (i = 0; i < node->n_attrs; i++)
		if (strcmp(node->attrs[i].name, name) == 0)
			return &node->attrs[i];
	return NULL;
}

int64_t
attr_int(const struct node *node, const char *name, int64_t otherwise)
{
	const struct attr *a = node_attr(node, name);

	return a == NULL ? otherwise : a->i;
}

float
attr_float(const struct node *node, const char *name, float otherwise)
{
	const struct attr *a = node_attr(node, name);

	return a == NULL ? otherwise : a->f;
}

int
attr_ints(const struct node *node, const char *name, int64_t *ret, int max)
{
	const struct attr *a = node_attr(node, name);

	if (a == NULL || a->ints == NULL)
		return 0;
	if (a->n > (size_t)max)
		return -1;
	memcpy(ret, a->ints, a->n * sizeof(*ret));
	return (int)a->n;
}
