/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network's life, and its runs: node after node, each giving back what it
 * was the last to read.
 */
#include "trainer/net.h"

#include <string.h>

#include "trainer/blas.h"
#include "trainer/conv_int.h"
#include "trainer/onnx_int.h"

/* ---- life --------------------------------------------------------------- */

void
node_release(struct node *n)
{
	int i;

	for (i = 0; i < n->n_attrs; i++)
		attr_release(&n->attrs[i]);
	free(n->attrs);
	free(n->name);
	free(n->in);
	free(n->out);
	block_unref(n->packed_block);
}

void
net_free(struct net *net)
{
	size_t i;

	if (net == NULL)
		return;
	for (i = 0; i < net->n_nodes; i++)
		node_release(&net->nodes[i]);
	for (i = 0; i < net->n_values; i++)
		free(net->values[i].name);
	for (i = 0; i < net->n_meta; i++) {
		free(net->meta[i].key);
		free(net->meta[i].value);
	}
	free(net->nodes);
	free(net->values);
	free(net->meta);
	free(net->inputs);
	free(net->outputs);
	free(net->input_values);
	free(net->output_values);
	net_memory_release(&net->memory);
	free(net);
}

int
net_read(struct net **ret, const void *onnx, size_t len,
    const struct net_opts *opts, struct err *e)
{
	struct net *net CLEANUP(net_freep) = xcalloc(1, sizeof(*net));

	net->plain = opts->plain;
	net->memory.most = opts->memory;
	if (blas_start(e) < 0 || net_import(net, onnx, len, e) < 0 ||
	    net_fold(net, e) < 0)
		return -1;
	*ret = TAKE(net);
	return 0;
}

/* ---- what it is --------------------------------------------------------- */

size_t
net_inputs(const struct net *net)
{
	return net->n_inputs;
}

const struct net_port *
net_input(const struct net *net, size_t i)
{
	return &net->inputs[i];
}

size_t
net_outputs(const struct net *net)
{
	return net->n_outputs;
}

const struct net_port *
net_output(const struct net *net, size_t i)
{
	return &net->outputs[i];
}

const char *
net_meta(const struct net *net, const char *key)
{
	size_t i;

	for (i = 0; i < net->n_meta; i++)
		if (strcmp(net->meta[i].key, key) == 0)
			return net->meta[i].value;
	return NULL;
}

int64_t
net_parameters(const struct net *net)
{
	return net->parameters;
}

bool
net_want_only(struct net *net, const char *output)
{
	size_t i, found = net->n_outputs;

	for (i = 0; i < net->n_outputs; i++)
		if (strcmp(net->outputs[i].name, output) == 0)
			found = i;
	if (found == net->n_outputs)
		return false;
	for (i = 0; i < net->n_outputs; i++)
		net->values[net->output_values[i]].wanted = false;
	net->outputs[0] = net->outputs[found];
	net->output_values[0] = net->output_values[found];
	net->values[net->output_values[0]].wanted = true;
	net->n_outputs = 1;
	net_prune(net);
	return true;
}

/* ---- one node ----------------------------------------------------------- */

/* How the inputs are to lie. */
static bool
wants_nhwc(const struct call *c)
{
	const enum op_layout layout = c->node->op->layout;
	int i;

	if (layout == OP_IMAGE)
		return !c->net->plain && c->in[0] != NULL && c->n_out == 1 &&
		    c->in[0]->shape.rank == 4 && c->in[0]->type == NET_FLOAT;
	for (i = 0; layout == OP_ANY && i < c->n_in; i++)
		if (c->in[i] != NULL && c->in[i]->nhwc)
			return true;
	return false;
}

static int
turn_inputs(const struct call *c, bool nhwc, struct err *e)
{
	const bool first_only = c->node->op->layout == OP_IMAGE;
	int i;

	for (i = 0; i < c->n_in; i++)
		if (c->in[i] != NULL &&
		    value_turn(c->net, &c->net->values[c->node->in[i]],
			nhwc && (i == 0 || !first_only), e) < 0)
			return -1;
	return 0;
}

static int
make_room(const struct call *c, bool nhwc, struct err *e)
{
	struct value *v;
	int i;

	for (i = 0; i < c->n_out; i++) {
		if (c->node->out[i] < 0)
			continue;
		v = &c->net->values[c->node->out[i]];
		v->t.nhwc = nhwc && v->t.shape.rank == 4;
		if (net_type_size(v->t.type) == 0)
			return err_set(
			    e, ERR_INPUT, "output %d is not supported", i);
		if (value_room(c->net, v, e) < 0)
			return -1;
	}
	return 0;
}

static int
call_op(const struct call *c, struct err *e)
{
	const struct node *node = c->node;
	bool nhwc = wants_nhwc(c);

	if (turn_inputs(c, nhwc, e) < 0 || node->op->shape(c, e) < 0)
		return -1;
	/* One value may be two inputs, which then lie as the second has to. */
	if (node->op->layout == OP_IMAGE)
		nhwc = c->in[0]->nhwc;
	if (make_room(c, nhwc, e) < 0 || node->op->run(c, e) < 0)
		return -1;
	if (node->acts && node->op->run != conv_run)
		tensor_clip(c->out[0], c->out[0], (double)node->act.low,
		    (double)node->act.high);
	return 0;
}

int
node_run(struct net *net, struct node *node, struct err *e)
{
	const size_t n = (size_t)(node->n_in + node->n_out);
	struct tensor **list CLEANUP(freep) = xcalloc(n + 1, sizeof(*list));
	struct call c = { net, node, list, list + node->n_in, node->n_in,
		node->n_out };
	int i;

	for (i = 0; i < node->n_in; i++)
		if (node->in[i] >= 0)
			c.in[i] = &net->values[node->in[i]].t;
	for (i = 0; i < node->n_out; i++)
		if (node->out[i] >= 0)
			c.out[i] = &net->values[node->out[i]].t;
	for (i = 0; i < node->n_in; i++)
		if (c.in[i] != NULL && c.in[i]->data == NULL)
			return err_set(e, ERR_INPUT,
			    "%s \"%s\": an input was not made", node->op->name,
			    node->name);
	if (call_op(&c, e) < 0)
		return err_wrap(e, "%s \"%s\"", node->op->name, node->name);
	return 0;
}

/* ---- a run -------------------------------------------------------------- */

static void
drop_value(struct value *v)
{
	block_unref(v->block);
	v->block = NULL;
	v->t.data = NULL;
	v->t.nhwc = false;
}

static void
start(struct net *net)
{
	struct value *v;

	for (v = net->values; v < net->values + net->n_values; v++) {
		v->left = v->uses;
		if (!v->fixed)
			drop_value(v);
	}
}

static int
check_input(const struct net_port *port, const struct tensor *t, struct err *e)
{
	size_t n;
	int i;

	if (t->type != port->type || net_type_size(t->type) == 0)
		return err_set(e, ERR_INPUT,
		    "input \"%s\" is of type %d, not %d", port->name,
		    (int)port->type, (int)t->type);
	if (port->shaped && port->shape.rank != t->shape.rank)
		return err_set(e, ERR_INPUT,
		    "input \"%s\" has %d dimensions, not %d", port->name,
		    port->shape.rank, t->shape.rank);
	for (i = 0; port->shaped && i < t->shape.rank; i++)
		if (port->shape.dim[i] >= 0 &&
		    port->shape.dim[i] != t->shape.dim[i])
			return err_set(e, ERR_INPUT,
			    "input \"%s\" has size %lld, not %lld, at "
			    "dimension %d",
			    port->name, (long long)port->shape.dim[i],
			    (long long)t->shape.dim[i], i);
	if (!shape_count(&t->shape, net_type_size(t->type), &n) || n != t->n)
		return err_set(
		    e, ERR_INPUT, "input \"%s\": a size overflows", port->name);
	return 0;
}

static int
take_input(struct net *net, size_t i, const struct tensor *t, struct err *e)
{
	struct value *v = &net->values[net->input_values[i]];

	if (check_input(&net->inputs[i], t, e) < 0)
		return -1;
	v->t = *t;
	if (value_room(net, v, e) < 0)
		return -1;
	memcpy(v->t.data, t->data, t->n * net_type_size(t->type));
	return 0;
}

/* What nobody reads any more goes back. */
static void
give_back(struct net *net, const struct node *node)
{
	struct value *v;
	int i;

	for (i = 0; i < node->n_in + node->n_out; i++) {
		const int at =
		    i < node->n_in ? node->in[i] : node->out[i - node->n_in];

		if (at < 0)
			continue;
		v = &net->values[at];
		if (i < node->n_in)
			v->left--;
		if (v->left == 0 && !v->fixed && !v->wanted)
			drop_value(v);
	}
}

int
net_run(struct net *net, const struct tensor *inputs, struct err *e)
{
	size_t i;

	start(net);
	for (i = 0; i < net->n_inputs; i++)
		if (take_input(net, i, &inputs[i], e) < 0)
			return -1;
	for (i = 0; i < net->n_nodes; i++) {
		if (node_run(net, &net->nodes[i], e) < 0)
			return -1;
		give_back(net, &net->nodes[i]);
	}
	for (i = 0; i < net->n_outputs; i++)
		if (value_turn(
			net, &net->values[net->output_values[i]], false, e) < 0)
			return -1;
	return 0;
}

const struct tensor *
net_result(const struct net *net, size_t i)
{
	return &net->values[net->output_values[i]].t;
}
