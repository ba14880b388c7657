/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done once, after a file is read: what never changes is computed,
 * what does nothing goes, a BatchNormalization becomes part of its Conv, a
 * Clip or Relu the end of the operator before it, and weights are laid as
 * the loops want them.
 */
#include <math.h>
#include <string.h>

#include "trainer/conv_int.h"
#include "trainer/onnx_int.h"

/* ---- pruning ------------------------------------------------------------ */

static bool
is_needed(const struct net *net, const struct node *node)
{
	int i;

	for (i = 0; i < node->n_out; i++)
		if (node->out[i] >= 0 &&
		    (net->values[node->out[i]].wanted ||
			net->values[node->out[i]].uses > 0))
			return true;
	return false;
}

void
net_prune(struct net *net)
{
	size_t i, kept = net->n_nodes;
	int j;

	for (i = 0; i < net->n_values; i++)
		net->values[i].uses = 0;
	/* From the last to the first, kept ones to the end. */
	for (i = net->n_nodes; i-- > 0;) {
		if (!is_needed(net, &net->nodes[i])) {
			node_release(&net->nodes[i]);
			continue;
		}
		for (j = 0; j < net->nodes[i].n_in; j++)
			if (net->nodes[i].in[j] >= 0)
				net->values[net->nodes[i].in[j]].uses++;
		net->nodes[--kept] = net->nodes[i];
	}
	net->n_nodes -= kept;
	memmove(
	    net->nodes, net->nodes + kept, net->n_nodes * sizeof(*net->nodes));
	/* Weights that only dropped nodes read. */
	for (i = 0; i < net->n_values; i++)
		if (net->values[i].fixed && net->values[i].uses == 0 &&
		    !net->values[i].wanted) {
			block_unref(net->values[i].block);
			net->values[i].block = NULL;
			net->values[i].t.data = NULL;
		}
}

/* ---- constants ---------------------------------------------------------- */

static bool
is_fixed(const struct net *net, int value)
{
	return value < 0 || net->values[value].fixed;
}

static bool
all_fixed(const struct net *net, const struct node *node)
{
	int i;

	for (i = 0; i < node->n_in; i++)
		if (!is_fixed(net, node->in[i]))
			return false;
	return true;
}

/* A node without outputs is needed by nobody, and pruned. */
static void
void_node(struct node *node)
{
	node->n_out = 0;
}

static int
fold_constants(struct net *net, struct err *e)
{
	struct node *node;
	size_t i;
	int j;

	for (i = 0; i < net->n_nodes; i++) {
		node = &net->nodes[i];
		if (!all_fixed(net, node))
			continue;
		if (node_run(net, node, e) < 0)
			return -1;
		for (j = 0; j < node->n_out; j++)
			if (node->out[j] >= 0)
				net->values[node->out[j]].fixed = true;
		void_node(node);
	}
	net_prune(net);
	return 0;
}

/* ---- what does nothing -------------------------------------------------- */

static void
use_instead(struct net *net, int value, int other)
{
	size_t i;
	int j;

	for (i = 0; i < net->n_nodes; i++)
		for (j = 0; j < net->nodes[i].n_in; j++)
			if (net->nodes[i].in[j] == value)
				net->nodes[i].in[j] = other;
}

static void
skip_idle(struct net *net)
{
	struct node *node;
	size_t i;

	for (i = 0; i < net->n_nodes; i++) {
		node = &net->nodes[i];
		if ((node->op->run != identity_run ||
			node->op->shape != identity_shape) &&
		    (node->op->run != dropout_run || node->n_in > 2))
			continue;
		if (net->values[node->out[0]].wanted ||
		    (node->n_out > 1 && node->out[1] >= 0))
			continue;
		use_instead(net, node->out[0], node->in[0]);
		void_node(node);
	}
	net_prune(net);
}

/* ---- joining ------------------------------------------------------------ */

/* The node that makes a value for one reader alone; or NULL. */
static struct node *
only_maker(struct net *net, const int *makers, int value)
{
	const struct value *v = &net->values[value];

	return makers[value] < 0 || v->uses != 1 || v->wanted
	    ? NULL
	    : &net->nodes[makers[value]];
}

static int *
find_makers(const struct net *net)
{
	int *makers = xreallocarray(NULL, net->n_values + 1, sizeof(*makers));
	size_t i;
	int j;

	memset(makers, 0xff, (net->n_values + 1) * sizeof(*makers));
	for (i = 0; i < net->n_nodes; i++)
		for (j = 0; j < net->nodes[i].n_out; j++)
			if (net->nodes[i].out[j] >= 0)
				makers[net->nodes[i].out[j]] = (int)i;
	return makers;
}

static const struct tensor *
fixed_floats(
    const struct net *net, const struct node *node, int input, size_t n)
{
	const struct value *v;

	if (input >= node->n_in || node->in[input] < 0)
		return NULL;
	v = &net->values[node->in[input]];
	return v->fixed && v->t.type == NET_FLOAT && !v->t.nhwc &&
		(n == 0 || v->t.n == n)
	    ? &v->t
	    : NULL;
}

/* A new fixed value of floats. */
static int
new_floats(struct net *net, const struct shape *shape, struct err *e)
{
	struct value v = { .t = { .type = NET_FLOAT, .shape = *shape },
		.fixed = true };

	if (value_room(net, &v, e) < 0)
		return -1;
	v.name = xstrdup("");
	net->values =
	    xreallocarray(net->values, net->n_values + 1, sizeof(*net->values));
	net->values[net->n_values] = v;
	return (int)net->n_values++;
}

/* The weights and bias of a Conv, times what its BatchNormalization does. */
static void
scale_conv(const struct net *net, const struct node *conv,
    const struct node *norm, float *weights, float *bias)
{
	const struct tensor *w = &net->values[conv->in[1]].t;
	const float *old = w->data, *old_bias = NULL;
	const float *stat[4];
	const size_t channels = (size_t)w->shape.dim[0];
	const float epsilon = attr_float(norm, "epsilon", 1e-5f);
	size_t f, i, inner = w->n / channels;
	int j;

	for (j = 0; j < 4; j++)
		stat[j] = net->values[norm->in[1 + j]].t.data;
	if (conv->n_in > 2 && conv->in[2] >= 0)
		old_bias = net->values[conv->in[2]].t.data;
	for (f = 0; f < channels; f++) {
		const float scale = stat[0][f] / sqrtf(stat[3][f] + epsilon);

		for (i = 0; i < inner; i++)
			weights[f * inner + i] = old[f * inner + i] * scale;
		bias[f] = ((old_bias ? old_bias[f] : 0) - stat[2][f]) * scale +
		    stat[1][f];
	}
}

static bool
can_scale(
    const struct net *net, const struct node *conv, const struct node *norm)
{
	const struct tensor *w;
	size_t channels;
	int i;

	if (conv == NULL || conv->op->run != conv_run || conv->acts ||
	    norm->n_out != 1 || attr_int(norm, "training_mode", 0) != 0)
		return false;
	w = fixed_floats(net, conv, 1, 0);
	if (w == NULL || w->shape.rank < 3 || w->n == 0)
		return false;
	channels = (size_t)w->shape.dim[0];
	for (i = 1; i < 5; i++)
		if (fixed_floats(net, norm, i, channels) == NULL)
			return false;
	return conv->n_in < 3 || conv->in[2] < 0 ||
	    fixed_floats(net, conv, 2, channels) != NULL;
}

static int
join_norm(struct net *net, struct node *conv, struct node *norm, struct err *e)
{
	const struct shape shape = net->values[conv->in[1]].t.shape;
	const struct shape line = { 1, { shape.dim[0] } };
	int weights, bias;

	weights = new_floats(net, &shape, e);
	bias = weights < 0 ? -1 : new_floats(net, &line, e);
	if (bias < 0)
		return -1;
	scale_conv(net, conv, norm, net->values[weights].t.data,
	    net->values[bias].t.data);
	conv->in[1] = weights;
	conv->in[2] = bias;
	conv->n_in = 3;
	conv->out[0] = norm->out[0];
	void_node(norm);
	return 0;
}

static int
join_norms(struct net *net, struct err *e)
{
	int *makers CLEANUP(freep) = find_makers(net);
	struct node *node, *conv;
	size_t i;

	for (i = 0; i < net->n_nodes; i++) {
		node = &net->nodes[i];
		if (node->op->run != batch_norm_run)
			continue;
		conv = only_maker(net, makers, node->in[0]);
		if (can_scale(net, conv, node) &&
		    join_norm(net, conv, node, e) < 0)
			return -1;
	}
	net_prune(net);
	return 0;
}

/* ---- ends --------------------------------------------------------------- */

static bool
bound_of(const struct net *net, const struct node *node, int input,
    const char *name, float *ret)
{
	const struct tensor *t;

	*ret = attr_float(node, name, *ret);
	if (input >= node->n_in || node->in[input] < 0)
		return true;
	t = fixed_floats(net, node, input, 1);
	if (t != NULL)
		*ret = ((const float *)t->data)[0];
	return t != NULL;
}

static bool
act_of(const struct net *net, const struct node *node, struct act *ret)
{
	*ret = (struct act){ -INFINITY, INFINITY };
	if (node->op->run == relu_run) {
		ret->low = 0;
		return true;
	}
	return node->op->run == clip_run &&
	    bound_of(net, node, 1, "min", &ret->low) &&
	    bound_of(net, node, 2, "max", &ret->high);
}

static void
join_acts(struct net *net)
{
	int *makers CLEANUP(freep) = find_makers(net);
	struct node *node, *maker;
	struct act act;
	size_t i;

	for (i = 0; i < net->n_nodes; i++) {
		node = &net->nodes[i];
		if (!act_of(net, node, &act))
			continue;
		maker = only_maker(net, makers, node->in[0]);
		if (maker == NULL || maker->acts ||
		    (maker->op->run != conv_run &&
			maker->op->run != batch_norm_run &&
			maker->op->run != arithmetic_run))
			continue;
		maker->acts = true;
		maker->act = act;
		maker->out[0] = node->out[0];
		makers[node->out[0]] = makers[node->in[0]];
		void_node(node);
	}
	net_prune(net);
}

/* ---- packing ------------------------------------------------------------ */

/* The weights' own shape, where it makes sense; conv_of() checks the rest. */
static bool
packable(const struct net *net, const struct node *node, struct conv *c)
{
	const struct tensor *w = fixed_floats(net, node, 1, 0);

	memset(c, 0, sizeof(*c));
	c->groups = attr_int(node, "group", 1);
	if (w == NULL || w->shape.rank != 4 || w->n == 0 || c->groups < 1 ||
	    w->shape.dim[0] % c->groups != 0 ||
	    c->groups > NET_SIDE_MAX / w->shape.dim[1])
		return false;
	c->out = w->shape.dim[0];
	c->in = w->shape.dim[1] * c->groups;
	c->w.axes = 2;
	c->w.size[0] = w->shape.dim[2];
	c->w.size[1] = w->shape.dim[3];
	return true;
}

static int
pack_weights(struct net *net, struct err *e)
{
	struct value *weights;
	struct node *node;
	struct conv c;
	size_t i;

	for (i = 0; i < net->n_nodes && !net->plain; i++) {
		node = &net->nodes[i];
		if (node->op->run != conv_run || !packable(net, node, &c))
			continue;
		weights = &net->values[node->in[1]];
		node->packed_block =
		    block_new(&net->memory, conv_packed(&c) * sizeof(float), e);
		if (node->packed_block == NULL)
			return -1;
		node->packed = block_data(node->packed_block);
		conv_pack(&c, weights->t.data, node->packed);
		if (weights->uses > 1 || weights->wanted)
			continue;
		/* Nobody reads them as they were. */
		block_unref(weights->block);
		weights->block = block_ref(node->packed_block);
		weights->t.data = node->packed;
	}
	return 0;
}

int
net_fold(struct net *net, struct err *e)
{
	net_prune(net);
	if (fold_constants(net, e) < 0)
		return -1;
	skip_idle(net);
	if (join_norms(net, e) < 0)
		return -1;
	join_acts(net);
	return pack_weights(net, e);
}
