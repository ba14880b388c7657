/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX's own conformance suite, and nine whole networks of it.  Each case is
 * run twice: by the fast loops for images, and by the plain ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "tests/onnx_files.h"

/* Cases that are refused, why, and what the refusal says. */
static const struct {
	const char *name, *reason, *says;
} refused[] = {
	{ "test_batchnorm_epsilon_training_mode", "training",
	    "that trains is not supported" },
	{ "test_batchnorm_example_training_mode", "training",
	    "that trains is not supported" },
	{ "test_training_dropout", "training, and random",
	    "that trains is not supported" },
	{ "test_training_dropout_default", "training, and random",
	    "that trains is not supported" },
	{ "test_training_dropout_default_mask", "training, and random",
	    "that trains is not supported" },
	{ "test_training_dropout_mask", "training, and random",
	    "that trains is not supported" },
	{ "test_identity_opt", "optional values are no tensors", "is of type" },
	{ "test_identity_sequence", "sequences are no tensors", "is of type" },
};

enum { PORTS = 16 };

struct values {
	struct tensor t[PORTS];
	int n;
};

static void
values_release(struct values *v)
{
	int i;

	for (i = 0; i < v->n; i++)
		free(v->t[i].data);
}

static int
read_values(
    struct values *v, const char *folder, const char *what, struct err *e)
{
	int got = 1;

	for (v->n = 0; v->n < PORTS; v->n++) {
		char *path CLEANUP(freep) = xasprintf(
		    "%s/test_data_set_0/%s_%d.pb", folder, what, v->n);

		got = tensor_of(path, &v->t[v->n], e);
		if (got <= 0)
			break;
	}
	return got;
}

/* 0: as expected. */
static int
run_case(const char *folder, bool plain, struct err *e)
{
	const struct net_opts opts = { NET_MEMORY_DEFAULT, plain };
	char *path CLEANUP(freep) = xasprintf("%s/model.onnx", folder);
	struct net *net CLEANUP(net_freep) = NULL;
	struct values in CLEANUP(values_release) = { 0 };
	struct values out CLEANUP(values_release) = { 0 };
	struct buf b CLEANUP(buf_release) = { 0 };
	int i;

	if (!file_of(path, &b))
		return err_set(e, ERR_FATAL, "no such file");
	if (net_read(&net, b.data, b.len, &opts, e) < 0)
		return -1;
	if (read_values(&in, folder, "input", e) < 0)
		return err_set(e, ERR_INPUT, "an input is of type none");
	if ((size_t)in.n != net_inputs(net))
		return err_set(e, ERR_FATAL, "%d inputs", in.n);
	/* Twice, since the first leaves memory behind for the second. */
	if (net_run(net, in.t, e) < 0 || net_run(net, in.t, e) < 0)
		return -1;
	if (read_values(&out, folder, "output", e) < 0)
		return -1;
	for (i = 0; i < out.n; i++)
		if (!tensors_agree(net_result(net, (size_t)i), &out.t[i]))
			return err_set(e, ERR_FATAL, "output %d differs", i);
	return out.n > 0 ? 0 : err_set(e, ERR_FATAL, "it has no outputs");
}

/* What a case is to be refused with; NULL: it is to pass. */
static const char *
refusal_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (strcmp(refused[i].name, name) == 0)
			return refused[i].says;
	return NULL;
}

static bool
case_is_as_it_should(const char *family, const char *name, bool plain)
{
	char *folder CLEANUP(freep) =
	    xasprintf("%s/%s/%s", SUITE, family, name);
	const char *says = refusal_of(name);
	struct err e = { 0 };
	int rc = run_case(folder, plain, &e);

	if (says == NULL ? rc == 0 : rc < 0 && strstr(e.msg, says) != NULL)
		return true;
	print_message("# %s/%s%s: %s\n", family, name, plain ? " (plain)" : "",
	    rc < 0 ? e.msg : "passed, but has a reason not to");
	return false;
}

static int
count_bad(const json_t *families, bool plain, int *ret_all)
{
	const char *family;
	const json_t *name;
	json_t *list;
	int bad = 0;
	size_t i;

	*ret_all = 0;
	json_object_foreach((json_t *)(uintptr_t)families, family, list)
	    json_array_foreach(list, i, name)
	{
		bad += !case_is_as_it_should(
		    family, json_string_value(name), plain);
		++*ret_all;
	}
	return bad;
}

static void
every_case_passes_or_is_refused_for_the_reason_in_the_table(void **state)
{
	char *path CLEANUP(freep) = shared_path("models/onnx-covered.json");
	json_t *families = json_load_file(path, 0, NULL);
	int all, bad;

	(void)state;
	if (families == NULL || access(SUITE, R_OK) < 0) {
		json_decref(families);
		print_message(
		    "# needs libonnx-testdata and models/onnx-covered.json\n");
		skip();
	}
	bad =
	    count_bad(families, false, &all) + count_bad(families, true, &all);
	json_decref(families);
	assert_int_equal(all, 264);
	assert_int_equal(bad, 0);
}

/* ---- whole networks ----------------------------------------------------- */

static const struct {
	const char *name;
	int64_t memory; /* MB; what it needs of weights and images */
} nets[] = {
	{ "squeezenet", 256 },
	{ "shufflenet", 256 },
	{ "resnet50", 512 },
	{ "inception_v1", 512 },
	{ "inception_v2", 512 },
	{ "densenet121", 512 },
	{ "zfnet512", 1024 },
	{ "bvlc_alexnet", 1024 },
	{ "vgg19", 1536 },
};

/* x[i] = i / 150528, as upstream feeds them. */
static float *
ramp(void)
{
	const int n = 3 * 224 * 224;
	float *x = xreallocarray(NULL, (size_t)n, sizeof(*x));
	int i;

	for (i = 0; i < n; i++)
		x[i] = (float)i / (float)n;
	return x;
}

static int
run_net(const char *name, int64_t mb, struct err *e)
{
	const struct net_opts opts = { mb << 20, false };
	char *relative CLEANUP(freep) =
	    xasprintf("models/onnx-light/light_%s", name);
	char *base CLEANUP(freep) = shared_path(relative);
	char *path CLEANUP(freep) = xasprintf("%s.onnx", base);
	char *answer CLEANUP(freep) = xasprintf("%s_output_0.pb", base);
	float *x CLEANUP(freep) = ramp();
	const struct tensor in = { NET_FLOAT, false, { 4, { 1, 3, 224, 224 } },
		3 * 224 * 224, x };
	struct net *net CLEANUP(net_freep) = NULL;
	struct buf b CLEANUP(buf_release) = { 0 };
	struct tensor out;
	bool same;

	if (!file_of(path, &b))
		return err_set(e, ERR_FATAL, "no such file");
	if (net_read(&net, b.data, b.len, &opts, e) < 0 ||
	    net_run(net, &in, e) < 0 || tensor_of(answer, &out, e) != 1)
		return -1;
	same = tensors_agree(net_result(net, 0), &out);
	free(out.data);
	return same ? 0 : err_set(e, ERR_FATAL, "its output differs");
}

static void
whole_networks_give_what_upstream_says(void **state)
{
	char *folder CLEANUP(freep) = shared_path("models/onnx-light");
	struct err e;
	size_t i;
	int bad = 0;

	(void)state;
	if (access(folder, R_OK) < 0) {
		print_message("# needs models/onnx-light\n");
		skip();
	}
	for (i = 0; i < ARRAY_SIZE(nets); i++) {
		e = (struct err){ 0 };
		if (run_net(nets[i].name, nets[i].memory, &e) == 0)
			continue;
		print_message("# %s: %s\n", nets[i].name, e.msg);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void
a_small_file_with_large_weights_is_refused_at_the_limit(void **state)
{
	char *folder CLEANUP(freep) = shared_path("models/onnx-light");
	struct err e = { 0 };

	(void)state;
	if (access(folder, R_OK) < 0) {
		print_message("# needs models/onnx-light\n");
		skip();
	}
	assert_int_equal(run_net("vgg19", 64, &e), -1);
	assert_non_null(strstr(e.msg, "it needs more than 64 MB of memory"));
	assert_int_equal(e.kind, ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_case_passes_or_is_refused_for_the_reason_in_the_table),
		cmocka_unit_test(whole_networks_give_what_upstream_says),
		cmocka_unit_test(
		    a_small_file_with_large_weights_is_refused_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
