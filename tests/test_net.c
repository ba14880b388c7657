/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two trained networks against values of another engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "tests/onnx_files.h"

enum { SIDE = 224, PLANE = SIDE * SIDE, BYTES = 3 * PLANE };
#define TOLERANCE 1e-4

/* ---- inputs: planes of red, green, blue --------------------------------- */

static bool
make_synthetic(const char *name, uint8_t *planes)
{
	int i, c, y, x;

	for (i = 0; i < BYTES; i++) {
		c = i / PLANE;
		y = i / SIDE % SIDE;
		x = i % SIDE;
		if (strcmp(name, "hash") == 0)
			planes[i] = ((uint64_t)i * 2654435761u >> 24) & 255;
		else if (strcmp(name, "ramps") == 0)
			planes[i] = (uint8_t)(c == 0 ? x
				: c == 1             ? y
						     : (x + y) >> 1);
		else if (strcmp(name, "checker") == 0)
			planes[i] = (((x >> 5) + (y >> 5) + c) & 1) ? 224 : 32;
		else
			return false;
	}
	return true;
}

static uint32_t
little(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* An uncompressed 24-bit picture, the nearest pixel of each place. */
static bool
read_bmp(const char *name, uint8_t *planes)
{
	char *relative CLEANUP(freep) = xasprintf("models/%s", name);
	char *path CLEANUP(freep) = shared_path(relative);
	struct buf b CLEANUP(buf_release) = { 0 };
	const unsigned char *pixel;
	size_t w, h, y, x, c, row;

	if (!file_of(path, &b) || b.data[28] != 24)
		return false;
	w = little(b.data + 18);
	h = little(b.data + 22);
	row = (w * 3 + 3) / 4 * 4;
	for (y = 0; y < SIDE; y++)
		for (x = 0; x < SIDE; x++) {
			pixel = b.data + little(b.data + 10) +
			    (h - 1 - (2 * y + 1) * h / 448) * row +
			    (2 * x + 1) * w / 448 * 3;
			for (c = 0; c < 3; c++)
				planes[c * PLANE + y * SIDE + x] = pixel[2 - c];
		}
	return true;
}

/* False: not an input that this test can make. */
static bool
make_input(const char *name, const json_t *about, float *ret)
{
	const char *file = json_string_value(json_object_get(about, "file"));
	uint8_t planes[BYTES];
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX];
	int i;

	if (!make_synthetic(name, planes) &&
	    (file == NULL || strstr(file, ".bmp") == NULL ||
		!read_bmp(file, planes)))
		return false;
	sha256_of(planes, BYTES, digest);
	text_to_hex(hex, digest, SHA256_SIZE);
	assert_string_equal(
	    hex, json_string_value(json_object_get(about, "u8_chw_sha256")));
	for (i = 0; i < BYTES; i++)
		ret[i] = (float)(planes[i] / 127.5 - 1.0);
	return true;
}

/* ---- comparing ---------------------------------------------------------- */

static double
number_at(const json_t *o, const char *name)
{
	return json_number_value(json_object_get(o, name));
}

static int
check_taps(const float *x, const json_t *taps)
{
	const char *offset;
	json_t *list;
	int bad = 0;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)taps, offset,
	    list) for (i = 0; i < json_array_size(list); i++) bad +=
	    !(fabs((double)x[strtol(offset, NULL, 10) + (long)i] -
		  json_number_value(json_array_get(list, i))) <= TOLERANCE);
	return bad;
}

static int
check_output(const struct tensor *t, const json_t *want)
{
	const json_t *first = json_object_get(want, "first16");
	const float *x = t->data;
	double sum = 0;
	size_t i, most = 0;
	int bad = 0;

	for (i = 0; i < t->n; i++) {
		sum += (double)x[i];
		most = x[i] > x[most] ? i : most;
	}
	for (i = 0; i < json_array_size(first); i++)
		bad += !(fabs((double)x[i] -
			     json_number_value(json_array_get(first, i))) <=
		    TOLERANCE);
	bad += !(fabs((double)x[most] - number_at(want, "max")) <= TOLERANCE);
	bad += most != (size_t)number_at(want, "argmax");
	bad += !(fabs(sum - number_at(want, "sum")) <=
	    TOLERANCE * sqrt((double)t->n) * 4);
	return bad + check_taps(x, json_object_get(want, "taps"));
}

static int
check_run(struct net *net, const float *x, const json_t *want)
{
	struct err e = { 0 };
	const struct tensor in = { NET_FLOAT, false,
		{ 4, { 1, 3, SIDE, SIDE } }, BYTES, (void *)(uintptr_t)x };
	const json_t *output;
	size_t i;
	int bad = 0;

	if (net_run(net, &in, &e) < 0) {
		print_message("# %s\n", e.msg);
		return 1;
	}
	for (i = 0; i < net_outputs(net); i++) {
		output = json_object_get(want, net_output(net, i)->name);
		assert_non_null(output);
		bad += check_output(net_result(net, i), output);
	}
	return bad;
}

/* ---- tests -------------------------------------------------------------- */

static json_t *
golden(void)
{
	char *path CLEANUP(freep) = shared_path("models/golden.json");
	json_t *all = json_load_file(path, 0, NULL);

	if (all == NULL) {
		print_message("# needs models/golden.json\n");
		skip();
	}
	return all;
}

static struct net *
open_net(const char *name, bool plain)
{
	const struct net_opts opts = { NET_MEMORY_DEFAULT, plain };
	char *relative CLEANUP(freep) = xasprintf("models/%s", name);
	char *path CLEANUP(freep) = shared_path(relative);
	struct buf b CLEANUP(buf_release) = { 0 };
	struct net *net = NULL;
	struct err e = { 0 };

	if (!file_of(path, &b)) {
		print_message("# needs %s\n", relative);
		skip();
	}
	if (net_read(&net, b.data, b.len, &opts, &e) < 0)
		fail_msg("%s: %s", name, e.msg);
	return net;
}

static void
check_net(const char *name, bool plain, int at_least)
{
	json_t *all = golden();
	const json_t *results = json_object_get(
	    json_object_get(json_object_get(all, "models"), name), "results");
	struct net *net CLEANUP(net_freep) = open_net(name, plain);
	float *x CLEANUP(freep) = xreallocarray(NULL, BYTES, sizeof(*x));
	const char *input;
	json_t *about;
	int n = 0, bad;

	json_object_foreach(json_object_get(all, "inputs"), input, about)
	{
		if (!make_input(input, about, x) || (plain && n == at_least))
			continue;
		bad = check_run(net, x, json_object_get(results, input));
		if (bad > 0)
			fail_msg("%s, %s: %d values", name, input, bad);
		n++;
	}
	json_decref(all);
	assert_true(n >= at_least);
}

static void
mobilenetv2_gives_the_golden_values(void **state)
{
	(void)state;
	check_net("mobilenetv2-1.0-224.onnx", false, 7);
}

static void
mobilenetv1_gives_the_golden_values(void **state)
{
	(void)state;
	check_net("mobilenetv1-0.25-224.onnx", false, 7);
}

static void
so_do_the_plain_loops(void **state)
{
	(void)state;
	check_net("mobilenetv1-0.25-224.onnx", true, 1);
}

static void
fill(float *x, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		x[i] = (float)(seed >> 8) / (float)(1 << 23) - 1;
	}
}

static void
an_image_gives_the_same_bits_whatever_it_comes_with(void **state)
{
	struct net *net CLEANUP(net_freep) =
	    open_net("mobilenetv1-0.25-224.onnx", false);
	float *x CLEANUP(freep) = xreallocarray(NULL, 3 * BYTES, sizeof(*x));
	float *alone CLEANUP(freep) = NULL;
	struct tensor in = { NET_FLOAT, false, { 4, { 1, 3, SIDE, SIDE } },
		BYTES, x };
	struct err e = { 0 };
	size_t n;

	(void)state;
	fill(x, 3 * BYTES, 7);
	assert_true(net_want_only(net, "embedding"));
	in.data = x + BYTES;
	assert_int_equal(net_run(net, &in, &e), 0);
	n = net_result(net, 0)->n;
	alone = xreallocarray(NULL, n, sizeof(*alone));
	memcpy(alone, net_result(net, 0)->data, n * sizeof(*alone));
	in.data = x;
	in.shape.dim[0] = 3;
	in.n = 3 * BYTES;
	assert_int_equal(net_run(net, &in, &e), 0);
	assert_memory_equal((const float *)net_result(net, 0)->data + n, alone,
	    n * sizeof(*alone));
}

static void
an_image_of_channels_last_gives_the_same_as_one_of_planes(void **state)
{
	struct net *net CLEANUP(net_freep) =
	    open_net("mobilenetv1-0.25-224.onnx", false);
	float *x CLEANUP(freep) = xreallocarray(NULL, 2 * BYTES, sizeof(*x));
	float first[16];
	struct tensor in = { NET_FLOAT, false, { 4, { 1, 3, SIDE, SIDE } },
		BYTES, x };
	struct err e = { 0 };
	int i, c;

	(void)state;
	fill(x, BYTES, 9);
	for (i = 0; i < PLANE; i++)
		for (c = 0; c < 3; c++)
			x[BYTES + i * 3 + c] = x[c * PLANE + i];
	assert_int_equal(net_run(net, &in, &e), 0);
	memcpy(first, net_result(net, 0)->data, sizeof(first));
	in.data = x + BYTES;
	in.nhwc = true;
	assert_int_equal(net_run(net, &in, &e), 0);
	assert_memory_equal(net_result(net, 0)->data, first, sizeof(first));
}

static void
an_input_of_another_size_or_type_is_refused(void **state)
{
	struct net *net CLEANUP(net_freep) =
	    open_net("mobilenetv1-0.25-224.onnx", false);
	float x[3 * 8 * 8] = { 0 };
	struct tensor in = { NET_FLOAT, false, { 4, { 1, 3, 8, 8 } },
		ARRAY_SIZE(x), x };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(net_run(net, &in, &e), -1);
	assert_string_equal(
	    e.msg, "input \"input\" has size 224, not 8, at dimension 2");
	in.type = NET_INT32;
	assert_int_equal(net_run(net, &in, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_false(net_want_only(net, "no such"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mobilenetv2_gives_the_golden_values),
		cmocka_unit_test(mobilenetv1_gives_the_golden_values),
		cmocka_unit_test(so_do_the_plain_loops),
		cmocka_unit_test(
		    an_image_gives_the_same_bits_whatever_it_comes_with),
		cmocka_unit_test(
		    an_image_of_channels_last_gives_the_same_as_one_of_planes),
		cmocka_unit_test(an_input_of_another_size_or_type_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
