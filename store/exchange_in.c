/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions in.  Each format becomes struct image_decision, one by one.
 */
#include "store/exchange.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/stop.h"
#include "base/text.h"

#define TAGS_MAX 256 /* of one image */

struct in {
	struct store *s;
	const struct op_ask *step;
	import_bad_fn *bad;
	void *ctx;
	struct import_done *done;
	struct err *e;
	bool failed; /* e is set */
	/* csv: where each column is, or -1 */
	int image, label, rejected, tags, rev;
	bool headed;
};

/* The digits of an image in a name such as data/3fa9c1.jpg; caller frees. */
static char *
digits_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *from = slash == NULL ? name : slash + 1;

	return xstrndup(from, strcspn(from, "."));
}

/* Said of one image: 0, unless all must stop. */
static int
told(struct in *in, const char *where, const struct err *why)
{
	if (why->kind != ERR_INPUT && why->kind != ERR_USAGE) {
		*in->e = *why;
		in->failed = true;
		return -1;
	}
	in->done->bad++;
	in->bad(in->ctx, where, why->msg);
	return 0;
}

static int
take(struct in *in, const char *where, const struct image_decision *d)
{
	struct err why = { 0 };

	if (stop_check(&why) < 0)
		return told(in, where, &why);
	if (decide_image(in->s, d, in->step, &why) < 0)
		return told(in, where, &why);
	return 0;
}

static int
wrong(struct in *in, const char *where, const char *what)
{
	struct err why = { 0 };

	err_set(&why, ERR_INPUT, "%s", what);
	return told(in, where, &why);
}

static bool
yes_or_no(const char *text, int *ret)
{
	static const char *const words[] = { "no", "yes", "false", "true", "0",
		"1" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(text, words[i]) == 0)
			break;
	*ret = (int)(i % 2);
	return i < ARRAY_SIZE(words);
}

/* ---- csv --------------------------------------------------------------- */

static int
column(char *const *fields, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(fields[i], name) == 0)
			return (int)i;
	return -1;
}

static bool
take_header(struct in *in, char *const *fields, size_t n)
{
	in->image = column(fields, n, "sha256");
	if (in->image < 0)
		in->image = column(fields, n, "image");
	in->label = column(fields, n, "label");
	in->rejected = column(fields, n, "rejected");
	in->tags = column(fields, n, "tags");
	in->rev = column(fields, n, "rev");
	in->headed = true;
	if (in->image >= 0 &&
	    (in->label >= 0 || in->rejected >= 0 || in->tags >= 0))
		return true;
	err_set(in->e, ERR_INPUT,
	    "the first line is to name the columns: sha256 (or image), and "
	    "label, rejected or tags");
	in->failed = true;
	return false;
}

/* The words between commas; `text` is cut. */
static size_t
split_tags(char *text, const char **tags)
{
	char *word;
	size_t n = 0;

	while (n < TAGS_MAX && (word = strsep(&text, ",")) != NULL) {
		word = text_trim(word);
		if (word[0] != 0)
			tags[n++] = word;
	}
	return n;
}

static const char *
field(char *const *fields, size_t n, int at)
{
	return at >= 0 && (size_t)at < n ? fields[at] : NULL;
}

static int
take_record(struct in *in, char *const *fields, size_t n, const char *where)
{
	const char *tags[TAGS_MAX] = { NULL }, *text;
	char *image CLEANUP(freep) = NULL, *words CLEANUP(freep) = NULL;
	struct image_decision d = { .rejected = -1 };

	if ((text = field(fields, n, in->image)) == NULL)
		return wrong(in, where, "no image");
	d.image = image = digits_of(text);
	d.label = field(fields, n, in->label);
	d.has_label = d.label != NULL;
	if (d.label != NULL && !text_is_utf8(d.label, strlen(d.label)))
		return wrong(in, where, "the label is not UTF-8");
	text = field(fields, n, in->rejected);
	if (text != NULL && text[0] != 0 && !yes_or_no(text, &d.rejected))
		return wrong(in, where, "rejected is to be yes or no");
	text = field(fields, n, in->rev);
	if (text != NULL && text[0] != 0 && !text_to_int(text, &d.rev))
		return wrong(in, where, "rev is not a number");
	text = field(fields, n, in->tags);
	if (text != NULL) {
		words = xstrdup(text);
		d.n_tags = split_tags(words, tags);
		d.tags = tags;
	}
	return take(in, where, &d);
}

static bool
each_record(void *ctx, char *const *fields, size_t n, int64_t line)
{
	struct in *in = ctx;
	char where[32];

	if (!in->headed)
		return take_header(in, fields, n);
	snprintf(where, sizeof(where), "line %lld", (long long)line);
	return take_record(in, fields, n, where) == 0;
}

static int
read_csv(struct in *in, char *bytes, size_t len)
{
	csv_each(bytes, len, each_record, in);
	if (!in->failed && !in->headed)
		return err_set(in->e, ERR_INPUT, "the file is empty");
	return in->failed ? -1 : 0;
}

/* ---- jsonl ------------------------------------------------------------- */

/* Fields of an object; false when one of them is not what it is to be. */
static bool
read_members(const json_t *o, struct image_decision *d, const char **tags)
{
	const json_t *label = json_object_get(o, "label");
	const json_t *rejected = json_object_get(o, "rejected");
	const json_t *list = json_object_get(o, "tags");
	const json_t *rev = json_object_get(o, "rev"), *v;
	size_t i;

	if ((label != NULL && !json_is_string(label) && !json_is_null(label)) ||
	    (rejected != NULL && !json_is_boolean(rejected)) ||
	    (rev != NULL && !json_is_integer(rev)) ||
	    (list != NULL &&
		(!json_is_array(list) || json_array_size(list) > TAGS_MAX)))
		return false;
	d->has_label = label != NULL;
	d->label = json_string_value(label);
	d->rejected = rejected == NULL ? -1 : json_is_true(rejected);
	d->rev = json_integer_value(rev);
	if (list == NULL)
		return true;
	d->tags = tags;
	json_array_foreach(list, i, v)
	{
		if (!json_is_string(v))
			return false;
		tags[d->n_tags++] = json_string_value(v);
	}
	return true;
}

static int
take_object(struct in *in, const json_t *o, const char *where)
{
	const char *tags[TAGS_MAX] = { NULL };
	struct image_decision d = { .rejected = -1 };
	const char *name = json_string_value(json_object_get(o, "sha256"));
	char *image CLEANUP(freep) = NULL;

	if (name == NULL)
		return wrong(in, where, "no JSON object with sha256");
	d.image = image = digits_of(name);
	if (!read_members(o, &d, tags))
		return wrong(in, where,
		    "label is to be a text or null, rejected true or false, "
		    "tags a list of texts, rev a number");
	return take(in, where, &d);
}

static int
read_jsonl(struct in *in, char *bytes, size_t len)
{
	char *p = bytes, *end = bytes + len, *stop;
	long long line = 0;
	int rc = 0;

	for (; rc == 0 && p < end; p = stop + 1) {
		char where[32];
		json_t *o;
		size_t n;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		n = (size_t)(stop - p);
		line++;
		if (n == 0 || (n == 1 && *p == '\r'))
			continue;
		snprintf(where, sizeof(where), "line %lld", line);
		o = json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);
		rc = take_object(in, o, where);
		json_decref(o);
	}
	return rc;
}

/* ---- Label Studio -------------------------------------------------------- */

/* The one choice of a list of results, or NULL; false: there are several. */
static bool
one_choice(const json_t *results, const char **label)
{
	const json_t *v, *choices;
	const char *text;
	size_t i, k;

	json_array_foreach(results, i, v)
	{
		choices =
		    json_object_get(json_object_get(v, "value"), "choices");
		for (k = 0; k < json_array_size(choices); k++) {
			text = json_string_value(json_array_get(choices, k));
			if (text == NULL ||
			    (*label != NULL && strcmp(*label, text) != 0))
				return false;
			*label = text;
		}
	}
	return true;
}

/* What all that is not cancelled agrees on, by the same rule. */
static bool
agreed(const json_t *task, const char **label)
{
	const json_t *list = json_object_get(task, "annotations"), *v;
	size_t i;

	*label = NULL;
	json_array_foreach(list, i, v)
	{
		if (json_is_true(json_object_get(v, "was_cancelled")))
			continue;
		if (!one_choice(json_object_get(v, "result"), label))
			return false;
	}
	return true;
}

static int
take_task(struct in *in, const json_t *task, const char *where)
{
	const char *tags[TAGS_MAX] = { NULL };
	struct image_decision d = { .rejected = -1 };
	const json_t *data = json_object_get(task, "data");
	char *image CLEANUP(freep) = NULL;
	const char *name;

	/* Its short form has all of it in one object, the choice as well. */
	if (data == NULL)
		data = task;
	name = json_string_value(json_object_get(data, "sha256"));
	if (name == NULL)
		name = json_string_value(json_object_get(data, "image"));
	if (name == NULL)
		return wrong(in, where, "neither data.sha256 nor data.image");
	d.image = image = digits_of(name);
	if (!read_members(data, &d, tags))
		return wrong(in, where, "data of another kind than exported");
	if (data != task && !agreed(task, &d.label))
		return wrong(in, where, "its annotations disagree");
	d.has_label = d.label != NULL;
	return take(in, where, &d);
}

static json_t *
read_json(struct in *in, const char *bytes, size_t len)
{
	json_error_t why;
	json_t *v = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);

	if (v == NULL)
		err_set(in->e, ERR_INPUT, "line %d: %s", why.line, why.text);
	return v;
}

static int
read_tasks(struct in *in, char *bytes, size_t len)
{
	json_t *tasks = read_json(in, bytes, len), *v;
	size_t i;
	int rc = 0;

	if (tasks == NULL)
		return -1;
	if (!json_is_array(tasks))
		rc = err_set(in->e, ERR_INPUT,
		    "a file of Label Studio is a list of tasks");
	for (i = 0; rc == 0 && i < json_array_size(tasks); i++) {
		char where[32];

		v = json_array_get(tasks, i);
		snprintf(where, sizeof(where), "task %zu", i + 1);
		rc = take_task(in, v, where);
	}
	json_decref(tasks);
	return rc;
}

/* ---- FiftyOne ------------------------------------------------------------ */

static int
take_target(
    struct in *in, const char *key, const json_t *target, const json_t *classes)
{
	char *image CLEANUP(freep) = digits_of(key);
	struct image_decision d = { .image = image, .rejected = -1 };

	/* With confidence or attributes it is an object. */
	if (json_is_object(target))
		target = json_object_get(target, "label");
	if (target == NULL || json_is_null(target))
		return take(in, key, &d);
	if (json_is_integer(target) && json_integer_value(target) >= 0)
		target =
		    json_array_get(classes, (size_t)json_integer_value(target));
	d.label = json_string_value(target);
	d.has_label = d.label != NULL;
	if (d.label == NULL)
		return wrong(in, key, "its label is not one of the classes");
	return take(in, key, &d);
}

static int
read_fiftyone(struct in *in, char *bytes, size_t len)
{
	json_t *o = read_json(in, bytes, len), *labels, *v;
	const char *key;
	int rc = 0;

	if (o == NULL)
		return -1;
	labels = json_object_get(o, "labels");
	if (!json_is_object(labels))
		rc = err_set(in->e, ERR_INPUT,
		    "a labels.json of FiftyOne has an object \"labels\"");
	json_object_foreach(labels, key, v)
	{
		if (rc == 0)
			rc = take_target(
			    in, key, v, json_object_get(o, "classes"));
	}
	json_decref(o);
	return rc;
}

/* ---- all ----------------------------------------------------------------- */

static int (*const readers[])(struct in *, char *bytes, size_t len) = {
	[EXCHANGE_CSV] = read_csv,
	[EXCHANGE_JSONL] = read_jsonl,
	[EXCHANGE_LABEL_STUDIO] = read_tasks,
	[EXCHANGE_FIFTYONE] = read_fiftyone,
};

int
labels_import(struct store *s, enum exchange_format format, char *bytes,
    size_t len, const struct op_ask *step, import_bad_fn *bad, void *ctx,
    struct import_done *ret, struct err *e)
{
	struct in in = { .s = s,
		.step = step,
		.bad = bad,
		.ctx = ctx,
		.done = ret,
		.e = e };

	*ret = (struct import_done){ 0 };
	if (memchr(bytes, 0, len) != NULL)
		return err_set(e, ERR_INPUT, "the file is not text");
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (decide_begin(s, e) < 0 || readers[format](&in, bytes, len) < 0)
		return -1;
	return decide_end(s, "import", step, &ret->done, e);
}
