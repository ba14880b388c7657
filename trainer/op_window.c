/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a window of Conv or of a pool goes over an image.
 */
#include <string.h>

#include "trainer/ops_int.h"

/* A list of an attribute, one for each axis; or `otherwise` for all. */
static int
sizes_of(const struct call *c, const char *name, int n, int64_t low,
    int64_t otherwise, int64_t *ret, struct err *e)
{
	int i, got = attr_ints(c->node, name, ret, n);

	for (i = 0; got == 0 && i < n; i++)
		ret[i] = otherwise;
	for (i = 0; i < n; i++)
		if ((got != 0 && got != n) || ret[i] < low ||
		    ret[i] >= NET_SIDE_MAX)
			return err_set(e, ERR_INPUT, "its %s is wrong", name);
	return 0;
}

/* Padding so that the output has a size for each step of the input. */
static void
same_padding(struct window *w, int i, bool upper)
{
	const int64_t out = (w->in[i] + w->step[i] - 1) / w->step[i];
	const int64_t reach = w->stride[i] * (w->size[i] - 1) + 1;
	int64_t all = (out - 1) * w->step[i] + reach - w->in[i];

	all = all < 0 ? 0 : all;
	w->before[i] = upper ? all / 2 : all - all / 2;
	w->after[i] = all - w->before[i];
}

static int
read_padding(const struct call *c, struct window *w, struct err *e)
{
	const struct attr *mode = node_attr(c->node, "auto_pad");
	int64_t pads[2 * WINDOW_AXES];
	int i;

	if (sizes_of(c, "pads", 2 * w->axes, 0, 0, pads, e) < 0)
		return -1;
	for (i = 0; i < w->axes; i++) {
		w->before[i] = pads[i];
		w->after[i] = pads[w->axes + i];
	}
	if (mode == NULL || mode->s == NULL || strcmp(mode->s, "NOTSET") == 0)
		return 0;
	for (i = 0; i < w->axes; i++) {
		w->before[i] = w->after[i] = 0;
		if (strcmp(mode->s, "VALID") != 0)
			same_padding(w, i, strcmp(mode->s, "SAME_UPPER") == 0);
	}
	return 0;
}

static int
count_outputs(const struct call *c, struct window *w, struct err *e)
{
	const bool up = attr_int(c->node, "ceil_mode", 0) != 0;
	int64_t room;
	int i;

	for (i = 0; i < w->axes; i++) {
		/* All are below 2^31, and their products below 2^62. */
		room = w->in[i] + w->before[i] + w->after[i] -
		    (w->stride[i] * (w->size[i] - 1) + 1);
		if (room < 0)
			return err_set(e, ERR_INPUT,
			    "its window is larger than what it goes over");
		w->out[i] = room / w->step[i] + 1;
		/* One more, unless it would lie in padding alone. */
		if (up && room % w->step[i] != 0 &&
		    w->out[i] * w->step[i] < w->in[i] + w->before[i])
			w->out[i]++;
	}
	return 0;
}

int
window_of(
    const struct call *c, const int64_t *sizes, struct window *w, struct err *e)
{
	const struct shape *s = &c->in[0]->shape;
	int i;

	memset(w, 0, sizeof(*w));
	w->axes = s->rank - 2;
	if (c->in[0]->type != NET_FLOAT && sizes != NULL)
		return err_set(
		    e, ERR_INPUT, "only 32-bit floats are supported");
	if (w->axes < 1)
		return err_set(e, ERR_INPUT, "its input is no image");
	for (i = 0; i < w->axes; i++)
		w->in[i] = s->dim[2 + i];
	if (sizes_of(c, "kernel_shape", w->axes, 1, sizes ? sizes[0] : 0,
		w->size, e) < 0)
		return -1;
	for (i = 0; sizes != NULL && i < w->axes; i++) {
		if (node_attr(c->node, "kernel_shape") != NULL &&
		    w->size[i] != sizes[i])
			return err_set(e, ERR_INPUT,
			    "its weights are not of kernel_shape");
		w->size[i] = sizes[i];
	}
	if (sizes_of(c, "strides", w->axes, 1, 1, w->step, e) < 0 ||
	    sizes_of(c, "dilations", w->axes, 1, 1, w->stride, e) < 0 ||
	    read_padding(c, w, e) < 0)
		return -1;
	return count_outputs(c, w, e);
}

int64_t
window_places(const struct window *w)
{
	int64_t n = 1;
	int i;

	for (i = 0; i < w->axes; i++)
		n *= w->size[i];
	return n;
}

int64_t
window_outputs(const struct window *w)
{
	int64_t n = 1;
	int i;

	for (i = 0; i < w->axes; i++)
		n *= w->out[i];
	return n;
}

int64_t
window_at(const struct window *w, int64_t o, int64_t k, bool *ret_beyond)
{
	int64_t at = 0, stride = 1, x;
	bool inside = true;
	int i;

	*ret_beyond = false;
	for (i = w->axes - 1; i >= 0; i--) {
		x = o % w->out[i] * w->step[i] - w->before[i] +
		    k % w->size[i] * w->stride[i];
		inside = inside && x >= 0 && x < w->in[i];
		*ret_beyond = *ret_beyond || x >= w->in[i] + w->after[i];
		at += x * stride;
		stride *= w->in[i];
		o /= w->out[i];
		k /= w->size[i];
	}
	return inside ? at : -1;
}
