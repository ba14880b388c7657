/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train, evaluate, models, predict.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/learn.h"
#include "prep/prep.h"

#define PICTURE_MAX (256u << 20) /* bytes of standard input */

static int
run_train(struct cli *c, struct err *e)
{
	const char *set = cli_option(c, "set");
	char *key CLEANUP(freep) = NULL;
	char *value;

	if (set != NULL) {
		key = xstrdup(set);
		value = strchr(key, '=');
		if (value == NULL)
			return err_set(e, ERR_USAGE,
			    "--set: \"%s\" is not KEY=VALUE", set);
		*value++ = 0;
		if (config_override(c->config, "train", key, value, e) < 0)
			return -1;
	}
	return stage_train(c, c->argc > 0 ? c->argv[0] : NULL, true, e);
}

static const struct cmd_option train_options[] = {
	{ "set", "KEY=VALUE", "an option of the train section, this once" },
	{ 0 }
};

const struct cmd cmd_train = {
	.name = "train",
	.usage = "[SNAPSHOT] [--set KEY=VALUE]",
	.help = "train a model on a snapshot (the newest)",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.max_args = 1,
	.options = train_options,
	.run = run_train,
};

/* ---- evaluate --------------------------------------------------------- */

static void
print_ratio(const json_t *value)
{
	if (json_is_number(value))
		printf(" %9.3f", json_number_value(value));
	else
		printf(" %9s", "-");
}

/* What goes beyond the table: figures with their intervals. */
static void
print_more(const json_t *f)
{
	const json_t *intervals = json_object_get(f, "intervals"), *interval;
	enum figure_kind i;

	if (intervals == NULL)
		return;
	printf("\n%-20s %9s %9s %9s\n", "figure", "value", "from", "to");
	for (i = 0; i < FIGURE_KINDS; i++) {
		interval = json_object_get(intervals, figure_name(i));
		printf("%-20s", figure_text(i));
		print_ratio(json_object_get(f, figure_name(i)));
		print_ratio(json_array_get(interval, 0));
		print_ratio(json_array_get(interval, 1));
		putchar('\n');
	}
}

static void
print_figures(const char *model, const json_t *f)
{
	const json_t *interval = json_object_get(f, "interval");
	const json_t *row, *cell;
	json_t *v;
	const char *name;
	size_t i = 0, k;

	printf("%s: accuracy %.3f (95 %% between %.3f and %.3f) on %lld "
	       "images\n\n%-16s %9s %9s %9s %9s   answers\n",
	    model, json_number_value(json_object_get(f, "accuracy")),
	    json_number_value(json_array_get(interval, 0)),
	    json_number_value(json_array_get(interval, 1)),
	    (long long)json_integer_value(json_object_get(f, "images")),
	    "class", "precision", "recall", "F1", "images");
	json_object_foreach(json_object_get(f, "classes"), name, v)
	{
		char *safe CLEANUP(freep) = text_safe(name);

		printf("%-16s", safe);
		print_ratio(json_object_get(v, "precision"));
		print_ratio(json_object_get(v, "recall"));
		print_ratio(json_object_get(v, "f1"));
		printf(" %9lld  ",
		    (long long)json_integer_value(
			json_object_get(v, "support")));
		row = json_array_get(json_object_get(f, "confusion"), i++);
		json_array_foreach(row, k, cell)
		    printf(" %lld", (long long)json_integer_value(cell));
		putchar('\n');
	}
	print_more(f);
}

static int
run_evaluate(struct cli *c, struct err *e)
{
	struct model_row row CLEANUP(model_row_release) = { 0 };
	char *text CLEANUP(freep) = NULL;
	json_t *figures;

	if (learn_evaluate(c, c->argc > 0 ? c->argv[0] : NULL,
		c->argc > 1 ? c->argv[1] : NULL, &row, &text, e) < 0)
		return -1;
	if (c->json) {
		puts(text);
		return 0;
	}
	figures = json_loads(text, 0, NULL);
	print_figures(row.name, figures);
	json_decref(figures);
	return 0;
}

const struct cmd cmd_evaluate = {
	.name = "evaluate",
	.usage = "[MODEL [SNAPSHOT]] [--json]",
	.help = "figures on images never trained on; writes report.html",
	.needs = NEEDS_CONFIG | NEEDS_WRITE | NEEDS_RUN,
	.max_args = 2,
	.run = run_evaluate,
};

/* ---- models ----------------------------------------------------------- */

static int
list_model(void *ctx, const struct model_row *m, struct err *e)
{
	const struct cli *c = ctx;
	json_t *test = m->test ? json_loads(m->test, 0, NULL) : json_null();
	json_t *val =
	    m->validation ? json_loads(m->validation, 0, NULL) : json_null();

	(void)e;
	if (c->json) {
		cli_put_json(json_pack("{s:s, s:O?, s:O?, s:s, s:s, s:I}",
		    "name", m->name, "accuracy",
		    json_object_get(test, "accuracy"), "validation",
		    json_object_get(val, "accuracy"), "snapshot", m->snapshot,
		    "path", m->path, "created", (json_int_t)m->created));
	} else {
		printf("%-12s snapshot %s  validation", m->name, m->snapshot);
		print_ratio(json_object_get(val, "accuracy"));
		printf("  test");
		print_ratio(json_object_get(test, "accuracy"));
		putchar('\n');
	}
	json_decref(test);
	json_decref(val);
	return 0;
}

static int
run_models(struct cli *c, struct err *e)
{
	return model_list(c->store, list_model, c, e);
}

const struct cmd cmd_models = {
	.name = "models",
	.usage = "[--json]",
	.help = "what was trained, and how good it is",
	.needs = NEEDS_READ,
	.run = run_models,
};

/* ---- predict ---------------------------------------------------------- */

struct prediction_job {
	struct cli *c;
	struct model model;
	struct vectors *vectors;
	struct recipe recipe;
	struct proc_pool *pool;
	const char *path; /* of the image in hand */
};

static void
job_release(struct prediction_job *j)
{
	model_release(&j->model);
	vectors_free(j->vectors);
	proc_pool_free(j->pool);
}

static void
print_json(const struct prediction_job *j, const float *p, size_t best)
{
	json_t *classes = json_object();
	char *path CLEANUP(freep) = text_safe(j->path);
	size_t i;

	for (i = 0; i < j->model.softmax.k; i++)
		json_object_set_new(
		    classes, j->model.classes[i], json_real((double)p[i]));
	cli_put_json(json_pack("{s:s, s:s, s:f, s:o}", "file", path, "label",
	    j->model.classes[best], "p", (double)p[best], "classes", classes));
}

static int
answer(void *ctx, size_t i, const float *x, struct err *e)
{
	struct prediction_job *j = ctx;
	size_t k = j->model.softmax.k, best;
	float *p CLEANUP(freep) = xcalloc(k, sizeof(*p));

	(void)i;
	if (model_predict(&j->model, x, p, e) < 0)
		return -1;
	best = likeliest_class(p, k);
	if (j->c->json) {
		print_json(j, p, best);
		return 0;
	}
	if (j->c->argc > 1) {
		text_put_safe(stdout, j->path);
		printf(": ");
	}
	text_put_safe(stdout, j->model.classes[best]);
	printf(" %.2f\n", (double)p[best]);
	return 0;
}

/* The one picture to decode: the one that was just prepared. */
struct prepared {
	struct prediction_job *job;
	struct buf *jpeg;
};

static int
give_prepared(void *ctx, struct prep_picture *ret, struct err *e)
{
	struct prepared *one = ctx;

	if (one->jpeg->len == 0)
		return 0;
	if (buf_add(&ret->jpeg, one->jpeg->data, one->jpeg->len) < 0)
		return err_set(e, ERR_INPUT, "%s: too large once prepared",
		    one->job->path);
	buf_clear(one->jpeg);
	return 1;
}

static int
take_pixels(void *ctx, int64_t id, const uint8_t *rgb, int width, int height,
    struct err *e)
{
	struct prediction_job *j = ((struct prepared *)ctx)->job;

	(void)id;
	if (rgb == NULL)
		return err_set(e, ERR_INPUT, "%s: cannot be decoded", j->path);
	if (vectors_push(j->vectors, 0, rgb, width, height, answer, j, e) < 0)
		return -1;
	return vectors_flush(j->vectors, answer, j, e);
}

/* `-` is standard input, which a child cannot map: it goes into memory. */
static int
open_picture(const char *path, struct err *e)
{
	struct buf bytes CLEANUP(buf_release) = BUF_INIT(PICTURE_MAX);
	int fd;

	if (strcmp(path, "-") != 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_sys(e, ERR_INPUT, "%s", path) : fd;
	}
	if (file_read_fd(STDIN_FILENO, "standard input", &bytes, e) < 0 ||
	    file_in_memory("image", bytes.data, bytes.len, &fd, e) < 0)
		return -1;
	return fd;
}

static int
predict_one(struct prediction_job *j, struct err *e)
{
	const struct prep_opts *opts = cli_opts(j->c, prep_group);
	struct visit v CLEANUP(visit_release) = { 0 };
	int fd = open_picture(j->path, e);

	if (fd < 0 || prep_image(j->pool, opts, &j->recipe, fd, &v, e) < 0)
		return -1;
	if (v.reason != REASON_none)
		return err_set(e, ERR_INPUT, "%s: it %s", j->path,
		    prep_reason_text(prep_reason_name(v.reason)));
	return prep_pixels(j->pool, give_prepared, take_pixels,
	    &(struct prepared){ j, &v.jpeg }, e);
}

static int
run_predict(struct cli *c, struct err *e)
{
	struct model_row row CLEANUP(model_row_release) = { 0 };
	struct prediction_job j CLEANUP(job_release) = { .c = c };
	struct err item;
	int i, failed = 0;

	if (learn_find(c, cli_option(c, "model"), &row, &j.model, e) < 0 ||
	    vectors_of_model(c->store, j.model.features, &j.vectors, e) < 0 ||
	    model_check_features(&j.model, vectors_name(j.vectors),
		vectors_count(j.vectors), e) < 0 ||
	    recipe_parse(j.model.recipe_steps, &j.recipe, e) < 0)
		return -1;
	j.pool = prep_pool_new(cli_opts(c, prep_group));
	for (i = 0; i < c->argc; i++) {
		j.path = c->argv[i];
		item = (struct err){ 0 };
		if (predict_one(&j, &item) == 0)
			continue;
		if (item.kind != ERR_INPUT || c->argc == 1) {
			*e = item;
			return -1;
		}
		log_error("%s", item.msg);
		failed++;
	}
	c->partial = failed > 0;
	return failed == c->argc ? 1 : 0;
}

static const struct cmd_option predict_options[] = {
	{ "model", "NAME", "a model of griddle models; otherwise the newest" },
	{ 0 }
};

const struct cmd cmd_predict = {
	.name = "predict",
	.usage = "FILE... [--model NAME] [--json]",
	.help = "what is on a picture",
	.needs = NEEDS_CONFIG | NEEDS_READ,
	.min_args = 1,
	.max_args = -1,
	.options = predict_options,
	.run = run_predict,
};
