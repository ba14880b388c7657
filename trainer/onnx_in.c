/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an ONNX file to a graph: names become numbers, and every use has its
 * maker before it, so that there are no cycles.
 */
#include <string.h>

#include "base/xxh3.h"
#include "trainer/onnx_int.h"

struct import {
	struct net *net;
	int *table; /* of values by the hash of their names; -1: free */
	size_t slots;
};

static size_t
slot_of(const struct import *im, const char *name)
{
	unsigned char hash[XXH3_SIZE];
	size_t at;

	xxh3_of(name, strlen(name), "", 0, hash);
	memcpy(&at, hash, sizeof(at));
	at &= im->slots - 1;
	while (im->table[at] >= 0 &&
	    strcmp(im->net->values[im->table[at]].name, name) != 0)
		at = (at + 1) & (im->slots - 1);
	return at;
}

/* Look a value up by its name in the file; -1: none, or -2: an error. */
static int
find_value(const struct import *im, const char *raw, struct err *e)
{
	char *name CLEANUP(freep) = NULL;

	if (onnx_name(raw, "a value", &name, e) < 0)
		return -2;
	return im->table[slot_of(im, name)];
}

static int
add_value(struct import *im, const char *raw, struct err *e)
{
	struct net *net = im->net;
	char *name CLEANUP(freep) = NULL;
	size_t at;

	if (onnx_name(raw, "a value", &name, e) < 0)
		return -1;
	at = slot_of(im, name);
	if (im->table[at] >= 0)
		return err_set(e, ERR_INPUT, "\"%s\" is made twice", name);
	im->table[at] = (int)net->n_values;
	net->values[net->n_values] = (struct value){ .name = TAKE(name) };
	return (int)net->n_values++;
}

/* ---- limits ------------------------------------------------------------- */

static int
check_counts(const Onnx__GraphProto *g, size_t *ret_values, struct err *e)
{
	size_t i, n = g->n_input + g->n_initializer;

	if (g->n_node > NET_NODES_MAX || g->n_input > NET_PORTS_MAX ||
	    g->n_output > NET_PORTS_MAX || g->n_initializer > NET_VALUES_MAX)
		return err_set(e, ERR_INPUT, "its graph is too large");
	if (g->n_sparse_initializer > 0)
		return err_set(
		    e, ERR_INPUT, "sparse tensors are not supported");
	if (g->n_output == 0)
		return err_set(e, ERR_INPUT, "its graph has no output");
	for (i = 0; i < g->n_node; i++) {
		if (g->node[i]->n_input > NET_PORTS_MAX ||
		    g->node[i]->n_output > NET_PORTS_MAX ||
		    g->node[i]->n_attribute > NET_ATTRS_MAX)
			return err_set(e, ERR_INPUT,
			    "node %zu has too many inputs, outputs or "
			    "attributes",
			    i);
		n += g->node[i]->n_output;
	}
	if (n > NET_VALUES_MAX)
		return err_set(e, ERR_INPUT, "its graph has too many values");
	*ret_values = n;
	return 0;
}

static int
read_opset(const Onnx__ModelProto *m, int64_t *ret, struct err *e)
{
	size_t i;

	for (i = 0; i < m->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *o = m->opset_import[i];

		if (o->domain != NULL && o->domain[0] != 0 &&
		    strcmp(o->domain, "ai.onnx") != 0)
			continue;
		if (o->version < 1 || o->version > 1000)
			return err_set(e, ERR_INPUT, "its opset is none");
		*ret = o->version;
		return 0;
	}
	return err_set(e, ERR_INPUT, "it names no opset of ONNX");
}

/* ---- parts -------------------------------------------------------------- */

static int
read_meta(struct net *net, const Onnx__ModelProto *m, struct err *e)
{
	size_t i;

	if (m->n_metadata_props > NET_META_MAX)
		return err_set(
		    e, ERR_INPUT, "it has more than %d metadata", NET_META_MAX);
	net->meta = xcalloc(m->n_metadata_props + 1, sizeof(*net->meta));
	for (i = 0; i < m->n_metadata_props; i++) {
		const Onnx__StringStringEntryProto *p = m->metadata_props[i];

		net->meta[i].key = xstrdup(p->key ? p->key : "");
		net->meta[i].value = xstrdup(p->value ? p->value : "");
		net->n_meta++;
	}
	return 0;
}

static int
read_port(const Onnx__ValueInfoProto *p, const char *name, struct net_port *ret,
    struct err *e)
{
	const Onnx__TypeProto__Tensor *t;
	size_t i;

	*ret = (struct net_port){ .name = name };
	if (p->type == NULL ||
	    p->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
		return 0;
	t = p->type->tensor_type;
	ret->type = (enum net_type)t->elem_type;
	if (t->shape == NULL)
		return 0;
	if (t->shape->n_dim > NET_RANK_MAX)
		return err_set(e, ERR_INPUT,
		    "\"%s\" has more than %d dimensions", name, NET_RANK_MAX);
	ret->shaped = true;
	ret->shape.rank = (int)t->shape->n_dim;
	for (i = 0; i < t->shape->n_dim; i++) {
		const Onnx__TensorShapeProto__Dimension *d = t->shape->dim[i];

		ret->shape.dim[i] = d->value_case ==
			ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
		    ? d->dim_value
		    : -1;
		if (ret->shape.dim[i] < -1 || ret->shape.dim[i] > NET_SIDE_MAX)
			return err_set(e, ERR_INPUT,
			    "\"%s\" has an impossible size", name);
	}
	return 0;
}

static int
read_weights(struct import *im, const Onnx__GraphProto *g, struct err *e)
{
	struct value *v;
	size_t i;
	int at;

	for (i = 0; i < g->n_initializer; i++) {
		at = add_value(im, g->initializer[i]->name, e);
		if (at < 0)
			return -1;
		v = &im->net->values[at];
		if (onnx_tensor(
			im->net, g->initializer[i], &v->t, &v->block, e) < 0)
			return -1;
		v->fixed = true;
		im->net->parameters += (int64_t)v->t.n;
	}
	return 0;
}

static int
read_inputs(struct import *im, const Onnx__GraphProto *g, struct err *e)
{
	struct net *net = im->net;
	size_t i;
	int at;

	net->inputs = xcalloc(g->n_input + 1, sizeof(*net->inputs));
	net->input_values = xcalloc(g->n_input + 1, sizeof(int));
	for (i = 0; i < g->n_input; i++) {
		at = find_value(im, g->input[i]->name, e);
		if (at == -2)
			return -1;
		/* In old files weights are inputs as well. */
		if (at >= 0 && net->values[at].fixed)
			continue;
		at = add_value(im, g->input[i]->name, e);
		if (at < 0 ||
		    read_port(g->input[i], net->values[at].name,
			&net->inputs[net->n_inputs], e) < 0)
			return -1;
		net->input_values[net->n_inputs++] = at;
	}
	return 0;
}

static int
read_outputs(struct import *im, const Onnx__GraphProto *g, struct err *e)
{
	struct net *net = im->net;
	char *name CLEANUP(freep) = NULL;
	size_t i;
	int at;

	net->outputs = xcalloc(g->n_output, sizeof(*net->outputs));
	net->output_values = xcalloc(g->n_output, sizeof(int));
	for (i = 0; i < g->n_output; i++) {
		at = find_value(im, g->output[i]->name, e);
		if (at == -1 &&
		    onnx_name(g->output[i]->name, "an output", &name, e) == 0)
			return err_set(
			    e, ERR_INPUT, "output \"%s\" is never made", name);
		if (at < 0 ||
		    read_port(g->output[i], net->values[at].name,
			&net->outputs[i], e) < 0)
			return -1;
		net->values[at].wanted = true;
		net->output_values[i] = at;
		net->n_outputs++;
	}
	return 0;
}

/* ---- nodes -------------------------------------------------------------- */

static int
connect(struct import *im, const Onnx__NodeProto *p, struct node *node,
    struct err *e)
{
	char *name CLEANUP(freep) = NULL;
	size_t i;

	node->in = xcalloc(p->n_input + 1, sizeof(int));
	node->out = xcalloc(p->n_output + 1, sizeof(int));
	for (i = 0; i < p->n_input; i++, node->n_in++) {
		node->in[i] = -1;
		if (p->input[i][0] == 0)
			continue;
		node->in[i] = find_value(im, p->input[i], e);
		if (node->in[i] == -1 &&
		    onnx_name(p->input[i], "an input", &name, e) == 0)
			return err_set(e, ERR_INPUT,
			    "it uses \"%s\", which nothing before it makes",
			    name);
		if (node->in[i] < 0)
			return -1;
		im->net->values[node->in[i]].uses++;
	}
	for (i = 0; i < p->n_output; i++, node->n_out++) {
		node->out[i] = -1;
		if (p->output[i][0] == 0)
			continue;
		node->out[i] = add_value(im, p->output[i], e);
		if (node->out[i] < 0)
			return -1;
	}
	return 0;
}

static int
find_op(const struct import *im, const Onnx__NodeProto *p, struct node *node,
    struct err *e)
{
	char *op CLEANUP(freep) = NULL;

	if (onnx_name(p->op_type, "an operator", &op, e) < 0)
		return -1;
	if (p->domain != NULL && p->domain[0] != 0 &&
	    strcmp(p->domain, "ai.onnx") != 0)
		return err_set(
		    e, ERR_INPUT, "operator %s is not one of ONNX's own", op);
	node->op = op_find(op, im->net->opset);
	if (node->op == NULL && op_find(op, 0) == NULL)
		return err_set(
		    e, ERR_INPUT, "operator %s is not supported", op);
	if (node->op == NULL)
		return err_set(e, ERR_INPUT,
		    "operator %s is not supported at opset %lld", op,
		    (long long)im->net->opset);
	if (p->n_input < (size_t)node->op->min_in ||
	    p->n_input > (size_t)node->op->max_in || p->n_output < 1 ||
	    p->n_output > (size_t)node->op->max_out)
		return err_set(e, ERR_INPUT,
		    "%s has %zu inputs and %zu outputs", op, p->n_input,
		    p->n_output);
	return 0;
}

static int
read_node(struct import *im, const Onnx__NodeProto *p, struct node *node,
    struct err *e)
{
	size_t i;

	if (onnx_name(p->name, "a node", &node->name, e) < 0)
		return -1;
	node->attrs = xcalloc(p->n_attribute + 1, sizeof(*node->attrs));
	if (find_op(im, p, node, e) < 0 || connect(im, p, node, e) < 0)
		return -1;
	for (i = 0; i < p->n_attribute; i++)
		if (onnx_attr(im->net, p->attribute[i],
			&node->attrs[node->n_attrs++], e) < 0)
			return -1;
	for (i = 0; i < (size_t)node->op->min_in; i++)
		if (node->in[i] < 0)
			return err_set(e, ERR_INPUT, "%s lacks input %zu",
			    node->op->name, i);
	return node->out[0] < 0 ? err_set(e, ERR_INPUT, "it has no output") : 0;
}

static int
read_graph(struct import *im, const Onnx__GraphProto *g, struct err *e)
{
	struct net *net = im->net;
	size_t i, values = 0;

	if (check_counts(g, &values, e) < 0)
		return -1;
	net->values = xcalloc(values + 1, sizeof(*net->values));
	for (im->slots = 64; im->slots < 2 * values + 2; im->slots *= 2)
		;
	im->table = xreallocarray(NULL, im->slots, sizeof(*im->table));
	memset(im->table, 0xff, im->slots * sizeof(*im->table));
	if (read_weights(im, g, e) < 0 || read_inputs(im, g, e) < 0)
		return -1;
	net->nodes = xcalloc(g->n_node + 1, sizeof(*net->nodes));
	for (i = 0; i < g->n_node; i++)
		if (read_node(im, g->node[i], &net->nodes[net->n_nodes++], e) <
		    0)
			return err_wrap(e, "node %zu", i);
	return read_outputs(im, g, e);
}

static int
read_model(struct import *im, const Onnx__ModelProto *m, struct err *e)
{
	if (m->graph == NULL)
		return err_set(e, ERR_INPUT, "it has no graph");
	if (m->n_functions > 0)
		return err_set(
		    e, ERR_INPUT, "functions of its own are not supported");
	if (read_opset(m, &im->net->opset, e) < 0 ||
	    read_meta(im->net, m, e) < 0)
		return -1;
	return read_graph(im, m->graph, e);
}

int
net_import(struct net *net, const void *onnx, size_t len, struct err *e)
{
	struct import im = { .net = net };
	Onnx__ModelProto *m =
	    onnx_unpack(&onnx__model_proto__descriptor, onnx, len, e);
	int rc;

	if (m == NULL)
		return -1;
	rc = read_model(&im, m, e);
	onnx_free(m);
	free(im.table);
	return rc;
}
