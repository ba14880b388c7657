/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model's file.  Writing and reading walk the same tables.
 */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "trainer/blas.h"
#include "trainer/model.h"

#define FORMAT "griddle-model"
#define OPTIONS_MAX 64

/* FLT_MAX as it is written, which is rounded up. */
#define MOST 3.40282347e+38

/* Float to text and back to the same bits. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9))

struct text_field {
	const char *key;
	size_t offset; /* of the char * in struct model */
	size_t max;    /* bytes */
};

static const struct text_field texts[] = {
	{ "griddle", offsetof(struct model, griddle), 64 },
	{ "blas", offsetof(struct model, blas), 64 },
	{ "snapshot", offsetof(struct model, snapshot), 128 },
	{ "features", offsetof(struct model, features), 64 },
	{ "recipe", offsetof(struct model, recipe), 255 },
	{ "recipe_steps", offsetof(struct model, recipe_steps), 65536 },
};

struct array_field {
	const char *key;
	float *v;
	size_t n;
};

enum {
	ARRAYS = 4,
};

static void
list_arrays(const struct softmax *s, struct array_field list[ARRAYS])
{
	list[0] = (struct array_field){ "mean", s->mean, s->d };
	list[1] = (struct array_field){ "scale", s->scale, s->d };
	list[2] = (struct array_field){ "weights", s->weights, s->d * s->k };
	list[3] = (struct array_field){ "bias", s->bias, s->k };
}

static char **
text_in(const struct model *m, const struct text_field *f)
{
	return (char **)((char *)(uintptr_t)m + f->offset);
}

/* ---- writing ---- */

/* Append `"key": value` on a line of its own; value is freed. */
static int
put(struct buf *b, const char *key, json_t *value)
{
	char *text CLEANUP(freep) = json_dumps(value, DUMP_FLAGS);
	int failed;

	json_decref(value);
	failed = text == NULL ||
	    buf_addf(b, "%s\n\"%s\": ", b->len == 0 ? "{" : ",", key) != 0 ||
	    buf_add(b, text, strlen(text)) != 0;
	return failed ? -1 : 0;
}

static json_t *
numbers_to_json(const float *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_real((double)v[i]));
	return list;
}

/* NULL if one is not UTF-8. */
static json_t *
names_to_json(char *const *names, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, json_string(names[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
test_to_json(const struct model *m)
{
	return m->test.k == 0 ? json_null()
			      : metrics_to_json(&m->test, m->classes);
}

static int
put_model(struct buf *b, const struct model *m)
{
	struct array_field arrays[ARRAYS];
	int failed;

	failed = put(b, "format", json_string(FORMAT)) |
	    put(b, "version", json_integer(MODEL_VERSION));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		failed |=
		    put(b, texts[i].key, json_string(*text_in(m, &texts[i])));
	failed |= put(b, "classes", names_to_json(m->classes, m->softmax.k)) |
	    put(b, "options", json_incref(m->options)) |
	    put(b, "validation", metrics_to_json(&m->validation, m->classes)) |
	    put(b, "test", test_to_json(m));
	list_arrays(&m->softmax, arrays);
	for (int i = 0; i < ARRAYS; i++)
		failed |= put(b, arrays[i].key,
		    numbers_to_json(arrays[i].v, arrays[i].n));
	return failed | buf_add(b, "\n}\n", 3);
}

int
model_write(const struct model *m, const char *path, struct err *err)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(MODEL_FILE_MAX);

	if (put_model(&b, m) != 0)
		return err_set(err, ERR_FATAL,
		    "%s: the model is not UTF-8, or longer than %d bytes as "
		    "JSON",
		    path, MODEL_FILE_MAX);
	return file_replace(path, b.data, b.len, err);
}

/* ---- reading ---- */

struct reader {
	const char *path;
	const json_t *root;
	struct err *err;
};

static int bad(const struct reader *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int
bad(const struct reader *r, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(r->err, ERR_INPUT, "%s: %s", r->path, what);
}

static int
read_text(const struct reader *r, const struct text_field *f, char **ret)
{
	const json_t *value = json_object_get(r->root, f->key);

	if (!json_is_string(value))
		return bad(r, "no text \"%s\"", f->key);
	if (json_string_length(value) > f->max)
		return bad(
		    r, "\"%s\" is longer than %zu bytes", f->key, f->max);
	*ret = xstrdup(json_string_value(value));
	return 0;
}

static int
read_class(
    const struct reader *r, json_t *seen, const json_t *value, char **ret)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len > MODEL_CLASS_NAME_MAX)
		return bad(r, "a class name is not a text of 1 to %d bytes",
		    MODEL_CLASS_NAME_MAX);
	if (json_object_get(seen, json_string_value(value)) != NULL)
		return bad(
		    r, "class \"%s\" stands twice", json_string_value(value));
	json_object_set_new(seen, json_string_value(value), json_true());
	*ret = xstrdup(json_string_value(value));
	return 0;
}

/* The classes, and by their number the model's k. */
static int
read_classes(const struct reader *r, struct model *m)
{
	const json_t *list = json_object_get(r->root, "classes");
	size_t k = json_array_size(list);
	json_t *seen;
	int failed = 0;

	if (k < 2 || k > MODEL_CLASSES_MAX)
		return bad(
		    r, "not a list of 2 to %d classes", MODEL_CLASSES_MAX);
	m->classes = xcalloc(k, sizeof(*m->classes));
	m->softmax.k = k;
	seen = json_object();
	for (size_t i = 0; i < k && !failed; i++)
		failed = read_class(
		    r, seen, json_array_get(list, i), &m->classes[i]);
	json_decref(seen);
	return failed;
}

static int
read_options(const struct reader *r, struct model *m)
{
	json_t *options = json_object_get(r->root, "options"), *value;
	const char *key;

	if (!json_is_object(options) || json_object_size(options) > OPTIONS_MAX)
		return bad(r, "no object \"options\" of at most %d entries",
		    OPTIONS_MAX);
	json_object_foreach(options, key, value)
	{
		if (!json_is_number(value) && !json_is_string(value))
			return bad(r, "option \"%s\" is not plain", key);
	}
	m->options = json_incref(options);
	return 0;
}

static int
read_metrics(const struct reader *r, struct model *m)
{
	const json_t *test = json_object_get(r->root, "test");

	if (!metrics_from_json(&m->validation,
		json_object_get(r->root, "validation"), m->softmax.k))
		return bad(r, "no \"validation\" of %zu classes", m->softmax.k);
	if (!json_is_null(test) &&
	    !metrics_from_json(&m->test, test, m->softmax.k))
		return bad(r, "\"test\" is not of %zu classes", m->softmax.k);
	return 0;
}

static int
read_array(const struct reader *r, const struct array_field *f)
{
	const json_t *list = json_object_get(r->root, f->key);

	if (!json_is_array(list) || json_array_size(list) != f->n)
		return bad(
		    r, "\"%s\" is not a list of %zu numbers", f->key, f->n);
	for (size_t i = 0; i < f->n; i++) {
		const json_t *value = json_array_get(list, i);
		double x = json_number_value(value);

		if (!json_is_number(value) || fabs(x) > MOST)
			return bad(r,
			    "\"%s\" has no number at %zu, or one out "
			    "of range",
			    f->key, i);
		f->v[i] =
		    (float)fmax(fmin(x, (double)FLT_MAX), -(double)FLT_MAX);
	}
	return 0;
}

/* The arrays; the length of "mean" is the model's d. */
static int
read_arrays(const struct reader *r, struct model *m)
{
	struct array_field arrays[ARRAYS];
	size_t k = m->softmax.k;
	size_t d = json_array_size(json_object_get(r->root, "mean"));

	if (d < 1 || d > MODEL_FEATURES_MAX || d * k > MODEL_NUMBERS_MAX)
		return bad(r, "\"mean\" is not a list of 1 to %d numbers",
		    MODEL_FEATURES_MAX);
	softmax_init(&m->softmax, k, d);
	list_arrays(&m->softmax, arrays);
	for (int i = 0; i < ARRAYS; i++)
		if (read_array(r, &arrays[i]) != 0)
			return -1;
	return 0;
}

static int
read_head(const struct reader *r)
{
	const char *format =
	    json_string_value(json_object_get(r->root, "format"));
	const json_t *version = json_object_get(r->root, "version");

	if (format == NULL || strcmp(format, FORMAT) != 0)
		return bad(r, "not a model of griddle's");
	if (!json_is_integer(version) ||
	    json_integer_value(version) != MODEL_VERSION)
		return bad(r, "not version %d of the format", MODEL_VERSION);
	return 0;
}

static int
read_model(const struct reader *r, struct model *m)
{
	if (read_head(r) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (read_text(r, &texts[i], text_in(m, &texts[i])) != 0)
			return -1;
	if (read_classes(r, m) != 0 || read_options(r, m) != 0 ||
	    read_metrics(r, m) != 0)
		return -1;
	return read_arrays(r, m);
}

/*
 * A value takes two bytes of a file and twenty times that in memory, so they
 * are counted first: by the commas between them.
 */
static int
check_number_of_values(const struct reader *r, const struct buf *b)
{
	const size_t most = MODEL_NUMBERS_MAX + 2 * MODEL_FEATURES_MAX;
	size_t commas = 0;

	for (size_t i = 0; i < b->len; i++)
		commas += b->data[i] == ',';
	return commas <= most ? 0 : bad(r, "more than %zu values", most);
}

int
model_read(struct model *m, const char *path, struct err *err)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(MODEL_FILE_MAX);
	struct reader r = { path, NULL, err };
	json_error_t problem;
	json_t *root;
	int failed;

	if (blas_start(err) != 0 || file_read(path, &b, err) != 0 ||
	    check_number_of_values(&r, &b) != 0)
		return -1;
	root = json_loadb(b.len == 0 ? "" : (const char *)b.data, b.len,
	    JSON_REJECT_DUPLICATES, &problem);
	if (root == NULL)
		return bad(
		    &r, "line %d is not JSON: %s", problem.line, problem.text);
	r.root = root;
	failed = read_model(&r, m);
	json_decref(root);
	if (failed)
		model_release(m);
	return failed;
}
