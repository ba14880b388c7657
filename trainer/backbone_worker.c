/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child: the only place where a stranger's network is read and run.
 */
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "trainer/backbone_int.h"
#include "trainer/blas.h"
#include "trainer/net.h"

static const struct net_opts limits = { NET_MEMORY_DEFAULT, false };

struct state {
	struct net *net; /* the last that was run */
	unsigned char sha256[SHA256_SIZE];
	char output[BACKBONE_OUTPUT_MAX + 1];
};

static int
read_net(int fd, struct net **ret, struct err *e)
{
	struct stat st;
	void *data;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < 1 ||
	    st.st_size > BACKBONE_FILE_MAX)
		return err_set(e, ERR_INPUT,
		    "it is empty, or larger than %d MB",
		    BACKBONE_FILE_MAX >> 20);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return err_sys(e, ERR_INPUT, "it cannot be mapped");
	rc = net_read(ret, data, (size_t)st.st_size, &limits, e);
	munmap(data, (size_t)st.st_size);
	return rc;
}

/* ---- about -------------------------------------------------------------- */

static json_t *
port_json(const struct net_port *p)
{
	json_t *shape = p->shaped ? json_array() : json_null();
	int i;

	for (i = 0; p->shaped && i < p->shape.rank; i++)
		json_array_append_new(shape, json_integer(p->shape.dim[i]));
	return json_pack("{s:s, s:i, s:o}", "name", p->name, "type",
	    (int)p->type, "shape", shape);
}

static json_t *
about_json(const struct net *net)
{
	static const char *const keys[] = { "name", "licence", "source",
		"input_size", "input_mean", "input_std", "input_channels",
		"taps" };
	json_t *in = json_array(), *out = json_array(), *meta = json_object();
	json_t *text;
	size_t i;

	for (i = 0; i < net_inputs(net); i++)
		json_array_append_new(in, port_json(net_input(net, i)));
	for (i = 0; i < net_outputs(net); i++)
		json_array_append_new(out, port_json(net_output(net, i)));
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		text = net_meta(net, keys[i]) == NULL
		    ? NULL
		    : json_string(net_meta(net, keys[i]));
		if (text != NULL)
			json_object_set_new(meta, keys[i], text);
	}
	return json_pack("{s:o, s:o, s:o, s:I}", "inputs", in, "outputs", out,
	    "meta", meta, "parameters", (json_int_t)net_parameters(net));
}

static void
about(int fd, struct buf *answer)
{
	struct net *net CLEANUP(net_freep) = NULL;
	struct err e = { 0 };
	char *text CLEANUP(freep) = NULL;
	json_t *json;

	json = read_net(fd, &net, &e) < 0 ? json_pack("{s:s}", "refused", e.msg)
					  : about_json(net);
	text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text != NULL)
		buf_add(answer, text, strlen(text));
}

/* ---- run ---------------------------------------------------------------- */

static int
load(struct state *s, const struct model_ask *ask, int fd, struct err *e)
{
	if (s->net != NULL &&
	    memcmp(s->sha256, ask->sha256, SHA256_SIZE) == 0 &&
	    strcmp(s->output, ask->use.output) == 0)
		return 0;
	net_free(s->net);
	s->net = NULL;
	if (read_net(fd, &s->net, e) < 0)
		return -1;
	memcpy(s->sha256, ask->sha256, SHA256_SIZE);
	memcpy(s->output, ask->use.output, sizeof(s->output));
	if (!net_want_only(s->net, ask->use.output)) {
		net_free(s->net);
		s->net = NULL;
		return err_set(e, ERR_INPUT, "it has no such output");
	}
	return 0;
}

/* Bytes to the network's numbers, by a table for each channel. */
static float *
scale(const struct backbone_use *use, const uint8_t *rgb)
{
	const size_t pixels = (size_t)(use->side * use->side);
	float *x = xreallocarray(NULL, pixels, 3 * sizeof(*x));
	float table[3][256];
	size_t i, c;
	int v;

	for (c = 0; c < 3; c++)
		for (v = 0; v < 256; v++)
			table[c][v] = (float)((v - use->mean[c]) / use->std[c]);
	for (i = 0; i < pixels; i++)
		for (c = 0; c < 3; c++)
			x[3 * i + c] = table[c][rgb[3 * i + c]];
	return x;
}

static int
run(struct state *s, const struct model_ask *ask, const uint8_t *rgb, int fd,
    struct err *e)
{
	const struct backbone_use *use = &ask->use;
	float *x CLEANUP(freep) = scale(use, rgb);
	struct tensor in = { .type = NET_FLOAT,
		.n = (size_t)(use->side * use->side * 3),
		.data = x };

	in.nhwc = !use->channels_last;
	in.shape = use->channels_last
	    ? (struct shape){ 4, { 1, use->side, use->side, 3 } }
	    : (struct shape){ 4, { 1, 3, use->side, use->side } };
	if (load(s, ask, fd, e) < 0)
		return -1;
	if (net_inputs(s->net) != 1)
		return err_set(e, ERR_INPUT, "it wants more than a picture");
	if (net_run(s->net, &in, e) < 0)
		return -1;
	if (net_result(s->net, 0)->type != NET_FLOAT ||
	    net_result(s->net, 0)->n > BACKBONE_COUNT_MAX)
		return err_set(e, ERR_INPUT,
		    "its output is not of at most %d numbers",
		    BACKBONE_COUNT_MAX);
	return 0;
}

static void
tell_run(const struct state *s, int rc, const struct err *e, struct buf *answer)
{
	struct model_answer head = { .failed = rc < 0 };

	if (rc == 0)
		head.count = (uint32_t)net_result(s->net, 0)->n;
	buf_add(answer, &head, sizeof(head));
	if (rc < 0)
		buf_add(answer, e->msg, strlen(e->msg));
	else
		buf_add(answer, net_result(s->net, 0)->data,
		    head.count * sizeof(float));
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct state *s = ctx;
	struct err e = { 0 };
	struct model_ask ask;
	size_t pixels;

	if (request->len < sizeof(ask))
		return;
	memcpy(&ask, request->data, sizeof(ask));
	if (ask.kind == ASK_ABOUT) {
		about(fd, answer);
		return;
	}
	pixels = (size_t)ask.use.side * (size_t)ask.use.side;
	if (ask.use.side < 1 || ask.use.side > BACKBONE_SIDE_MAX ||
	    request->len != sizeof(ask) + 3 * pixels)
		return;
	tell_run(
	    s, run(s, &ask, request->data + sizeof(ask), fd, &e), &e, answer);
}

int
trainer_worker(void)
{
	struct state s = { 0 };
	struct err e = { 0 };
	int status;

	/* What is read from files or asked of the system, once, before. */
	json_object_seed(0);
	if (blas_start(&e) < 0)
		return EXIT_FAILURE;
	status = proc_serve(handle, &s);
	net_free(s.net);
	return status;
}
