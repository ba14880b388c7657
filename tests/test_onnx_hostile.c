/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that mean harm: each is refused by one line, or read whole, and the
 * sanitizers have nothing to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/onnx_files.h"

/* ---- a writer of protobuf ----------------------------------------------- */

struct message {
	unsigned char bytes[1 << 16];
	size_t len;
};

static void
put_varint(struct message *m, uint64_t x)
{
	do {
		assert_true(m->len < sizeof(m->bytes));
		m->bytes[m->len++] =
		    (unsigned char)((x & 0x7f) | (x > 0x7f ? 0x80u : 0));
	} while ((x >>= 7) != 0);
}

static void
put_int(struct message *m, unsigned field, int64_t x)
{
	put_varint(m, (uint64_t)field << 3);
	put_varint(m, (uint64_t)x);
}

static void
put_bytes(struct message *m, unsigned field, const void *data, size_t len)
{
	put_varint(m, (uint64_t)field << 3 | 2);
	put_varint(m, len);
	assert_true(m->len + len < sizeof(m->bytes));
	memcpy(m->bytes + m->len, data, len);
	m->len += len;
}

static void
put_text(struct message *m, unsigned field, const char *text)
{
	put_bytes(m, field, text, strlen(text));
}

static void
put_message(struct message *m, unsigned field, const struct message *part)
{
	put_bytes(m, field, part->bytes, part->len);
}

/* ---- parts of a file ---------------------------------------------------- */

static void
put_port(struct message *graph, unsigned field, const char *name)
{
	struct message tensor = { .len = 0 }, type = { .len = 0 },
		       port = { .len = 0 };

	put_int(&tensor, 1, NET_FLOAT);
	put_message(&type, 1, &tensor);
	put_text(&port, 1, name);
	put_message(&port, 2, &type);
	put_message(graph, field, &port);
}

static void
put_ints(struct message *node, const char *name, const int64_t *x, int n)
{
	struct message attr = { .len = 0 };
	int i;

	put_text(&attr, 1, name);
	put_int(&attr, 20, 7);
	for (i = 0; i < n; i++)
		put_int(&attr, 8, x[i]);
	put_message(node, 5, &attr);
}

static void
put_node(struct message *graph, const char *op, const char *a, const char *b,
    const char *out)
{
	struct message node = { .len = 0 };

	put_text(&node, 1, a);
	if (b != NULL)
		put_text(&node, 1, b);
	put_text(&node, 2, out);
	put_text(&node, 4, op);
	put_message(graph, 1, &node);
}

static void
put_weights(struct message *graph, const char *name, const int64_t *dims, int n,
    size_t floats)
{
	static const float zeros[4096];
	struct message t = { .len = 0 };
	int i;

	for (i = 0; i < n; i++)
		put_int(&t, 1, dims[i]);
	put_int(&t, 2, NET_FLOAT);
	put_text(&t, 8, name);
	put_bytes(&t, 9, zeros, floats * sizeof(float));
	put_message(graph, 5, &t);
}

static void
end_model(struct message *model, const struct message *graph)
{
	struct message opset = { .len = 0 };

	model->len = 0;
	put_int(model, 1, 7);
	put_message(model, 7, graph);
	put_int(&opset, 2, 13);
	put_message(model, 8, &opset);
}

/* A net that is fine but for what a test puts in. */
static int
read_graph(const struct message *graph, struct net **ret, struct err *e)
{
	static const struct net_opts opts = { 64 << 20, false };
	struct message model;
	unsigned char *copy CLEANUP(freep) = NULL;

	end_model(&model, graph);
	/* So that reading past the end is seen. */
	copy = xmalloc(model.len);
	memcpy(copy, model.bytes, model.len);
	*e = (struct err){ 0 };
	return net_read(ret, copy, model.len, &opts, e);
}

static void
assert_refused(const struct message *graph, const char *says)
{
	struct net *net CLEANUP(net_freep) = NULL;
	struct err e;

	assert_int_equal(read_graph(graph, &net, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	if (strstr(e.msg, says) == NULL || strchr(e.msg, '\n') != NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.msg, says);
}

static int
run_square(struct net *net, int64_t side, struct err *e)
{
	const size_t n = (size_t)(side * side);
	float *x CLEANUP(freep) = xcalloc(n, sizeof(*x));
	const struct tensor in = { NET_FLOAT, false,
		{ 4, { 1, 1, side, side } }, n, x };

	return net_run(net, &in, e);
}

/* ---- tests -------------------------------------------------------------- */

static void
a_graph_that_bites_its_tail_is_refused(void **state)
{
	struct message g = { .len = 0 };

	(void)state;
	put_port(&g, 11, "x");
	put_node(&g, "Add", "x", "c", "b");
	put_node(&g, "Relu", "b", NULL, "c");
	put_port(&g, 12, "c");
	assert_refused(&g, "it uses \"c\", which nothing before it makes");
}

static void
a_value_that_is_made_twice_is_refused(void **state)
{
	struct message g = { .len = 0 };

	(void)state;
	put_port(&g, 11, "x");
	put_node(&g, "Relu", "x", NULL, "x");
	put_port(&g, 12, "x");
	assert_refused(&g, "\"x\" is made twice");
}

static void
weights_in_another_file_are_refused_by_name(void **state)
{
	struct message g = { .len = 0 }, t = { .len = 0 }, entry = { .len = 0 };

	(void)state;
	put_int(&t, 1, 1);
	put_int(&t, 2, NET_FLOAT);
	put_text(&t, 8, "secret");
	put_text(&entry, 1, "location");
	put_text(&entry, 2, "../../etc/passwd");
	put_message(&t, 13, &entry);
	put_int(&t, 14, 1);
	put_message(&g, 5, &t);
	put_port(&g, 12, "secret");
	assert_refused(&g,
	    "tensor \"secret\": its data are in another file "
	    "(external_data)");
}

static void
sizes_that_overflow_are_refused(void **state)
{
	static const int64_t shapes[][4] = {
		{ 1 << 30, 1 << 30, 1 << 30, 1 << 30 },
		{ -1, 1, 1, 1 },
		{ INT64_MAX, 2, 1, 1 },
		{ INT64_MIN, INT64_MIN, 1, 1 },
		{ 65536, 65536, 65536, 65536 },
		{ (int64_t)1 << 31, (int64_t)1 << 31, 2, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct message g = { .len = 0 };

		put_weights(&g, "w", shapes[i], 4, 0);
		put_port(&g, 12, "w");
		assert_refused(&g, "its size overflows");
	}
}

static void
data_for_another_number_of_elements_are_refused(void **state)
{
	static const int64_t shape[] = { 2, 3 };
	size_t n;

	(void)state;
	for (n = 0; n < 12; n++) {
		struct message g = { .len = 0 };

		if (n == 6)
			continue;
		put_weights(&g, "w", shape, 2, n);
		put_port(&g, 12, "w");
		assert_refused(&g, "it has 6 elements, but data for another");
	}
}

static void
operators_that_are_unknown_are_named(void **state)
{
	struct message g = { .len = 0 };

	(void)state;
	put_port(&g, 11, "x");
	put_node(&g, "Loop\x1b[2J", "x", NULL, "y");
	put_port(&g, 12, "y");
	assert_refused(&g, "operator Loop\\x1b[2J is not supported");
}

static void
messages_in_messages_in_messages_are_refused(void **state)
{
	struct message m = { .len = 0 }, outer;
	int i;

	(void)state;
	/* An attribute with a graph with a node with an attribute ... */
	for (i = 0; i < 201; i++) {
		outer.len = 0;
		put_message(&outer, i % 3 == 0 ? 6 : i % 3 == 1 ? 5 : 1, &m);
		m = outer;
	}
	assert_refused(&m, "messages are nested more than 16 deep");
}

/* A Conv with such attributes either says no or gives an answer. */
static void
try_conv(const char *name, int64_t value, int n)
{
	static const int64_t shape[] = { 1, 1, 3, 3 };
	int64_t list[4] = { value, value, value, value };
	struct message g = { .len = 0 }, node = { .len = 0 };
	struct net *net CLEANUP(net_freep) = NULL;
	struct err e;

	put_port(&g, 11, "x");
	put_weights(&g, "w", shape, 4, 9);
	put_text(&node, 1, "x");
	put_text(&node, 1, "w");
	put_text(&node, 2, "y");
	put_text(&node, 4, "Conv");
	put_ints(&node, name, list, n);
	put_message(&g, 1, &node);
	put_port(&g, 12, "y");
	if (read_graph(&g, &net, &e) < 0 || run_square(net, 8, &e) < 0) {
		assert_int_equal(e.kind, ERR_INPUT);
		assert_null(strchr(e.msg, '\n'));
	}
}

static void
attributes_out_of_any_range_do_no_harm(void **state)
{
	static const char *const names[] = { "strides", "pads", "dilations",
		"kernel_shape", "group" };
	static const int64_t values[] = { 0, -1, 1, 2, 3, 7, 8, 255, 65535,
		INT32_MAX, (int64_t)INT32_MAX + 1, INT64_MAX, INT64_MIN };
	size_t i, j;
	int n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (j = 0; j < ARRAY_SIZE(values); j++)
			for (n = 0; n <= 4; n++)
				try_conv(names[i], values[j], n);
}

static void
a_net_that_asks_for_all_the_memory_gets_none(void **state)
{
	static const int64_t pads[] = { 1 << 20, 1 << 20, 1 << 20, 1 << 20 };
	static const int64_t shape[] = { 1, 1, 1, 1 };
	struct message g = { .len = 0 }, node = { .len = 0 };
	struct net *net CLEANUP(net_freep) = NULL;
	struct err e;

	(void)state;
	put_port(&g, 11, "x");
	put_weights(&g, "w", shape, 4, 1);
	put_text(&node, 1, "x");
	put_text(&node, 1, "w");
	put_text(&node, 2, "y");
	put_text(&node, 4, "Conv");
	put_ints(&node, "pads", pads, 4);
	put_message(&g, 1, &node);
	put_port(&g, 12, "y");
	assert_int_equal(read_graph(&g, &net, &e), 0);
	assert_int_equal(run_square(net, 8, &e), -1);
	assert_non_null(strstr(e.msg, "it needs more than 64 MB of memory"));
}

/* ---- a real file, spoilt ------------------------------------------------ */

static struct buf
real_file(void)
{
	char *path CLEANUP(freep) =
	    shared_path("models/onnx-light/light_shufflenet.onnx");
	struct buf b = { 0 };

	if (!file_of(path, &b)) {
		print_message("# needs models/onnx-light\n");
		skip();
	}
	return b;
}

static bool
try_bytes(const unsigned char *data, size_t len)
{
	const struct net_opts opts = { 64 << 20, false };
	struct net *net CLEANUP(net_freep) = NULL;
	unsigned char *copy CLEANUP(freep) = xmalloc(len + 1);
	struct err e = { 0 };
	int rc;

	memcpy(copy, data, len);
	rc = net_read(&net, copy, len, &opts, &e);
	if (rc < 0) {
		assert_int_equal(e.kind, ERR_INPUT);
		assert_null(strchr(e.msg, '\n'));
		assert_true(strlen(e.msg) > 4);
	}
	return rc == 0;
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
	struct buf b CLEANUP(buf_release) = real_file();
	size_t len;

	(void)state;
	/* Every place in the first part, then samples. */
	for (len = 0; len < b.len - 16; len += len < 400 ? 1 : 499)
		assert_false(try_bytes(b.data, len));
}

static void
bytes_changed_anywhere_do_no_harm(void **state)
{
	static const unsigned char to[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct buf b CLEANUP(buf_release) = real_file();
	size_t at, i;
	unsigned char was;

	(void)state;
	for (at = 0; at < b.len; at += at < 200 ? 1 : 1499)
		for (i = 0; i < ARRAY_SIZE(to) + 2; i++) {
			was = b.data[at];
			/* Lengths one too short or too long, and others. */
			b.data[at] = i < ARRAY_SIZE(to)
			    ? to[i]
			    : (unsigned char)(was + (i % 2 ? 1 : -1));
			try_bytes(b.data, b.len);
			b.data[at] = was;
		}
	assert_true(try_bytes(b.data, b.len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_graph_that_bites_its_tail_is_refused),
		cmocka_unit_test(a_value_that_is_made_twice_is_refused),
		cmocka_unit_test(weights_in_another_file_are_refused_by_name),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(
		    data_for_another_number_of_elements_are_refused),
		cmocka_unit_test(operators_that_are_unknown_are_named),
		cmocka_unit_test(messages_in_messages_in_messages_are_refused),
		cmocka_unit_test(attributes_out_of_any_range_do_no_harm),
		cmocka_unit_test(a_net_that_asks_for_all_the_memory_gets_none),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(bytes_changed_anywhere_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
