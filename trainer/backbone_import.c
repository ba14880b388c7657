/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bringing a network in: what it says of itself, what a person says, and
 * whether it then does what a backbone has to do.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/backbone_int.h"
#include "trainer/net.h"

/* ---- the row's JSON ----------------------------------------------------- */

static json_t *
three(const double v[3])
{
	return json_pack("[f, f, f]", v[0], v[1], v[2]);
}

static json_t *
use_json(const struct backbone_use *use)
{
	return json_pack("{s:I, s:o, s:o, s:b, s:s, s:I}", "side",
	    (json_int_t)use->side, "mean", three(use->mean), "std",
	    three(use->std), "channels_last", (int)use->channels_last, "output",
	    use->output, "count", (json_int_t)use->count);
}

static bool
use_is_good(const struct backbone_use *use)
{
	int i;

	for (i = 0; i < 3; i++)
		if (!(fabs(use->mean[i]) <= 1e6) ||
		    !(use->std[i] >= 1e-6 && use->std[i] <= 1e6))
			return false;
	return use->side >= 8 && use->side <= BACKBONE_SIDE_MAX;
}

int
backbone_use_of(
    const struct backbone_row *r, struct backbone_use *ret, struct err *e)
{
	json_t *root = json_loads(r->meta, 0, NULL);
	const char *output = NULL;
	json_int_t side = 0, count = 0;
	int last = 0, rc;

	*ret = (struct backbone_use){ 0 };
	rc = root == NULL
	    ? -1
	    : json_unpack(root,
		  "{s:{s:I, s:[f, f, f], s:[f, f, f], s:b, s:s, s:I}}", "use",
		  "side", &side, "mean", &ret->mean[0], &ret->mean[1],
		  &ret->mean[2], "std", &ret->std[0], &ret->std[1],
		  &ret->std[2], "channels_last", &last, "output", &output,
		  "count", &count);
	ret->side = side;
	ret->count = count;
	ret->channels_last = last != 0;
	if (rc == 0 && strlen(output) <= BACKBONE_OUTPUT_MAX)
		memcpy(ret->output, output, strlen(output) + 1);
	json_decref(root);
	return rc == 0 && use_is_good(ret) && ret->output[0] != 0 &&
		count > 0 && count <= BACKBONE_COUNT_MAX
	    ? 0
	    : err_set(e, ERR_DAMAGED,
		  "backbone %s: its row cannot be read: remove it and import "
		  "it again",
		  r->name);
}

/* ---- what the file says ------------------------------------------------- */

static int
describe(int fd, json_t **ret, struct err *e)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	const struct model_ask ask = { .kind = ASK_ABOUT };
	char *safe CLEANUP(freep) = NULL;
	const char *refused;

	if (backbone_ask(&ask, NULL, fd, &answer, e) < 0)
		return -1;
	*ret = answer.len == 0
	    ? NULL
	    : json_loadb((const char *)answer.data, answer.len, 0, NULL);
	refused = json_string_value(json_object_get(*ret, "refused"));
	if (refused != NULL) {
		safe = text_safe(refused);
		return err_set(e, ERR_INPUT, "%.400s", safe);
	}
	return json_is_array(json_object_get(*ret, "inputs")) &&
		json_is_array(json_object_get(*ret, "outputs"))
	    ? 0
	    : err_set(e, ERR_INPUT, "its child gave no description");
}

static int64_t
size_at(const json_t *shape, size_t i)
{
	return json_integer_value(json_array_get(shape, i));
}

/* The one input: an image of three channels. */
static int
read_input(const json_t *about, struct backbone_use *use, struct err *e)
{
	const json_t *inputs = json_object_get(about, "inputs");
	const json_t *in = json_array_get(inputs, 0);
	const json_t *shape = json_object_get(in, "shape");

	if (json_array_size(inputs) != 1 || json_array_size(shape) != 4 ||
	    json_integer_value(json_object_get(in, "type")) != NET_FLOAT)
		return err_set(e, ERR_INPUT,
		    "its input is not one image of 32-bit floats");
	use->channels_last = size_at(shape, 1) != 3 && size_at(shape, 3) == 3;
	if (!use->channels_last && size_at(shape, 1) != 3)
		return err_set(
		    e, ERR_INPUT, "its input is not of three channels");
	if (size_at(shape, 2) > 0)
		use->side = size_at(shape, 2);
	return 0;
}

static bool
three_of(const char *text, double ret[3])
{
	char *copy CLEANUP(freep) = xstrdup(text);
	char *at = copy, *comma;
	int n = 0;

	for (; n < 3 && at != NULL; n++) {
		comma = strchr(at, ',');
		if (comma != NULL)
			*comma++ = 0;
		if (!text_to_real(text_trim(at), &ret[n]))
			return false;
		at = comma;
	}
	if (n == 1)
		ret[1] = ret[2] = ret[0];
	return at == NULL && n != 2;
}

static const char *
meta_of(const json_t *about, const char *key)
{
	return json_string_value(
	    json_object_get(json_object_get(about, "meta"), key));
}

static int
read_numbers(const json_t *about, const char *key, const char *wish,
    const char *option, double ret[3], struct err *e)
{
	const char *text = wish != NULL ? wish : meta_of(about, key);

	if (text == NULL)
		return err_set(e, ERR_INPUT,
		    "the file does not say how bytes become its numbers: give "
		    "--%s (of R,G,B, 0..255)",
		    option);
	return three_of(text, ret)
	    ? 0
	    : err_set(e, ERR_INPUT, "--%s is not one number or three", option);
}

static int
read_use(const json_t *about, const struct backbone_wish *wish,
    struct backbone_use *use, struct err *e)
{
	const char *channels = meta_of(about, "input_channels");
	const char *side = meta_of(about, "input_size");

	if (read_input(about, use, e) < 0)
		return -1;
	if (wish->side > 0)
		use->side = wish->side;
	else if (use->side == 0 && side != NULL &&
	    !text_to_int(side, &use->side))
		return err_set(e, ERR_INPUT, "its input_size is no number");
	if (use->side == 0)
		return err_set(e, ERR_INPUT,
		    "the file does not say the size of its pictures: give "
		    "--size");
	if (channels != NULL && strcmp(channels, "RGB") != 0)
		return err_set(
		    e, ERR_INPUT, "its channels are not in the order RGB");
	if (read_numbers(
		about, "input_mean", wish->mean, "mean", use->mean, e) < 0 ||
	    read_numbers(about, "input_std", wish->std, "std", use->std, e) < 0)
		return -1;
	return use_is_good(use)
	    ? 0
	    : err_set(e, ERR_INPUT,
		  "size has to be 8 to %d, and std at least 1e-6",
		  BACKBONE_SIDE_MAX);
}

/* The one asked for; or the one meant for this; or the only one. */
static int
choose_output(const json_t *about, const char *wish, struct backbone_use *use,
    struct err *e)
{
	const char *const likely[] = { wish, "embedding_taps", "embedding" };
	const json_t *outputs = json_object_get(about, "outputs"), *o;
	const char *name, *found = NULL;
	size_t i, k;

	for (k = 0; k < ARRAY_SIZE(likely) && found == NULL; k++)
		json_array_foreach(outputs, i, o)
		{
			name = json_string_value(json_object_get(o, "name"));
			if (likely[k] != NULL && name != NULL &&
			    strcmp(name, likely[k]) == 0)
				found = name;
		}
	if (found == NULL && json_array_size(outputs) == 1)
		found = json_string_value(
		    json_object_get(json_array_get(outputs, 0), "name"));
	if (found == NULL || (wish != NULL && strcmp(found, wish) != 0))
		return err_set(e, ERR_INPUT,
		    wish != NULL ? "it has no output \"%s\""
				 : "it has several outputs: give --output%s",
		    wish != NULL ? wish : "");
	if (found[0] == 0 || strlen(found) > BACKBONE_OUTPUT_MAX)
		return err_set(e, ERR_INPUT, "its output's name is too long");
	memcpy(use->output, found, strlen(found) + 1);
	return 0;
}

/* ---- whether it works --------------------------------------------------- */

/* Two pictures that any network of use can tell apart. */
static uint8_t *
test_picture(const struct backbone_use *use, int kind)
{
	const int side = (int)use->side;
	uint8_t *rgb = xmalloc((size_t)(3 * side * side)), *p = rgb;
	int x, y, c;

	for (y = 0; y < side; y++)
		for (x = 0; x < side; x++)
			for (c = 0; c < 3; c++)
				*p++ = (uint8_t)(kind == 0
					? x * 255 / side
					: ((x >> 4) + (y >> 4) + c) % 2 * 255);
	return rgb;
}

static int
try_picture(
    struct backbone_use *use, int kind, int fd, float **ret, struct err *e)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	uint8_t *rgb CLEANUP(freep) = test_picture(use, kind);
	const struct model_ask ask = { .kind = ASK_RUN, .use = *use };
	const float *x;
	size_t n;

	if (backbone_ask(&ask, rgb, fd, &answer, e) < 0 ||
	    backbone_numbers(&answer, use, &x, &n, e) < 0)
		return -1;
	use->count = (int64_t)n;
	*ret = xreallocarray(NULL, n, sizeof(*x));
	memcpy(*ret, x, n * sizeof(*x));
	return 0;
}

static int
try_it(struct backbone_use *use, int fd, struct err *e)
{
	float *a CLEANUP(freep) = NULL, *b CLEANUP(freep) = NULL;
	float *again CLEANUP(freep) = NULL;
	size_t size;

	if (try_picture(use, 0, fd, &a, e) < 0 ||
	    try_picture(use, 1, fd, &b, e) < 0 ||
	    try_picture(use, 0, fd, &again, e) < 0)
		return -1;
	size = (size_t)use->count * sizeof(*a);
	if (memcmp(a, again, size) != 0)
		return err_set(e, ERR_INPUT,
		    "it gives other numbers for the same picture");
	return memcmp(a, b, size) != 0
	    ? 0
	    : err_set(e, ERR_INPUT,
		  "it gives the same numbers for two different pictures");
}

int
backbone_import(struct store *s, const char *name, const void *onnx, size_t len,
    const struct backbone_wish *wish, json_t **ret, struct err *e)
{
	struct backbone_row row CLEANUP(backbone_row_release) = {
		.name = xstrdup(name), .bytes = (int64_t)len
	};
	struct backbone_use use = { 0 };
	json_t *about = NULL;
	int fd CLEANUP(closep) = -1;
	int rc;

	sha256_of(onnx, len, row.sha256);
	if (file_in_memory("model", onnx, len, &fd, e) < 0)
		return -1;
	rc = describe(fd, &about, e);
	if (rc == 0)
		rc = read_use(about, wish, &use, e);
	if (rc == 0)
		rc = choose_output(about, wish->output, &use, e);
	if (rc == 0)
		rc = try_it(&use, fd, e);
	if (rc == 0) {
		json_object_set_new(about, "use", use_json(&use));
		row.meta = json_dumps(about, JSON_COMPACT);
		rc = row.meta == NULL
		    ? err_set(e, ERR_INPUT, "its names are not UTF-8")
		    : backbone_add(s, &row, onnx, e);
	}
	if (rc < 0) {
		json_decref(about);
		return -1;
	}
	*ret = about;
	return 0;
}
