/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages train and evaluate: from a snapshot to a model to figures.
 */
#include "cli/learn.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/report.h"
#include "prep/prep.h"

/* The snapshot of this name, or the newest. */
static int
need_snapshot(
    struct cli *c, const char *name, struct snapshot *ret, struct err *e)
{
	int rc = snapshot_get(c->store, name, ret, e);

	if (rc == 0 && name == NULL)
		return err_set(e, ERR_INPUT,
		    "there is no snapshot yet: run griddle split");
	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    "no snapshot \"%s\": see griddle "
		    "snapshot list",
		    name);
	return rc < 0 ? -1 : 0;
}

/* What the images of a snapshot become on their way to the model. */
struct making {
	struct vectors *vectors;
	const char *recipe_name;
	struct recipe recipe;
	struct augment augment;
	struct embed_copies copies; /* n 0: none, and augment is not set */
};

static void
making_release(struct making *m)
{
	vectors_free(m->vectors);
}

static int
read_making(struct cli *c, struct making *ret, struct err *e)
{
	const struct train_opts *opts = cli_opts(c, train_group);

	if (stage_recipe(c, NULL, &ret->recipe_name, &ret->recipe, e) < 0 ||
	    vectors_choose(c->store, opts->features, &ret->vectors, e) < 0)
		return -1;
	ret->copies.n = opts->augment;
	if (opts->augment == 0)
		return 0;
	if (stage_augment(c, &ret->augment, &ret->copies.seed, e) < 0)
		return -1;
	memcpy(ret->copies.augment, ret->augment.hash, SHA256_SIZE);
	return 0;
}

/*
 * Models from before there were copies have no such options, and are still
 * known as trained without.
 */
static void
add_copies(json_t *options, const struct making *m)
{
	char hash[SHA256_HEX];

	if (m->copies.n == 0) {
		json_object_del(options, "augment");
		return;
	}
	text_to_hex(hash, m->augment.hash, SHA256_SIZE);
	json_object_update_new(options,
	    json_pack("{s:s, s:s, s:I}", "augment-steps", m->augment.text,
		"augment-hash", hash, "augment-seed",
		(json_int_t)m->copies.seed));
}

/* What a model is trained with, as canonical JSON; the caller frees. */
static char *
options_json(const struct train_opts *o, const struct making *m)
{
	json_t *options = json_object();
	const struct opt *opt;
	char *text;

	for (opt = train_group.opts; opt->name != NULL; opt++) {
		char *shown CLEANUP(freep) = opt_show(opt, o);

		json_object_set_new(options, opt->name, json_string(shown));
	}
	json_object_set_new(
	    options, "features", json_string(vectors_name(m->vectors)));
	json_object_set_new(options, "recipe", json_string(m->recipe.text));
	add_copies(options, m);
	text = json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(options);
	return text;
}

int
learn_dataset(struct cli *c, const struct snapshot *n,
    const struct recipe *recipe, struct vectors *vectors, struct dataset *ret,
    struct err *e)
{
	return dataset_load(c->store, n->id, recipe->hash, vectors, NULL,
	    stage_pixels, &(struct picture_source){ .c = c, .recipe = recipe },
	    ret, e);
}

static int
training_set(struct cli *c, const struct snapshot *n, const struct making *m,
    struct dataset *ret, struct err *e)
{
	struct picture_source source = { .c = c,
		.recipe = &m->recipe,
		.augment = &m->augment,
		.seed = m->copies.seed };

	return dataset_load(c->store, n->id, m->recipe.hash, m->vectors,
	    &m->copies, stage_pixels, &source, ret, e);
}

static struct train_data
data_of(const struct dataset *d)
{
	return (struct train_data){ .x = d->x,
		.labels = d->labels,
		.parts = d->parts,
		.n = d->n,
		.d = d->d,
		.k = d->k,
		.classes = d->classes,
		.class_weights = d->class_weights };
}

static int
show_epoch(void *ctx, const struct train_progress *now, struct err *e)
{
	struct progress *p = ctx;

	p->total = now->strengths * now->epochs;
	p->done = (now->strength - 1) * now->epochs + now->epoch;
	progress_step(p);
	return stop_check(e);
}

static int
fit(struct cli *c, const struct dataset *d, const struct snapshot *n,
    const struct making *m, struct model *ret, struct err *e)
{
	char hash[SHA256_HEX];
	struct train_data data = data_of(d);
	struct train_origin origin = { .features = vectors_name(m->vectors),
		.backbone = vectors_backbone(m->vectors),
		.recipe = m->recipe_name,
		.recipe_steps = m->recipe.text,
		.snapshot = n->hash,
		.griddle = PACKAGE_VERSION };
	struct progress p;
	int rc;

	if (m->copies.n > 0) {
		text_to_hex(hash, m->augment.hash, SHA256_SIZE);
		origin.augment = m->augment.text;
		origin.augment_hash = hash;
		origin.augment_seed = m->copies.seed;
	}
	progress_start(&p, "train", 0);
	rc = model_train(
	    ret, &data, cli_opts(c, train_group), &origin, show_epoch, &p, e);
	progress_end(&p);
	return rc;
}

char *
learn_metrics_json(const struct metrics *m, const struct evaluation *more,
    char *const *classes)
{
	json_t *value = metrics_to_json(m, classes);
	char *text;

	if (more != NULL)
		evaluation_add_json(more, classes, value);
	text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(value);
	return text;
}

/* The file first, then the row that speaks of it. */
static int
keep(struct cli *c, const struct model *m, const struct snapshot *n,
    char *options, struct model_row *row, struct err *e)
{
	char *path CLEANUP(freep) = NULL;

	row->name = xasprintf("model-%lld", (long long)run_id(c->store));
	row->path = xasprintf("models/%s.json", row->name);
	row->options = xstrdup(options);
	row->validation = learn_metrics_json(&m->validation, NULL, m->classes);
	path = xasprintf("%s/%s", store_folder(c->store), row->path);
	if (model_write(m, path, e) < 0)
		return -1;
	return model_add(c->store, row, n->id, e);
}

int
stage_train(struct cli *c, const char *snapshot, bool chatty, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct making making CLEANUP(making_release) = { 0 };
	struct dataset d CLEANUP(dataset_release) = { 0 };
	struct model m CLEANUP(model_release) = { 0 };
	struct model_row row CLEANUP(model_row_release) = { 0 };
	char *options CLEANUP(freep) = NULL;
	bool exists;

	if (need_snapshot(c, snapshot, &n, e) < 0 ||
	    read_making(c, &making, e) < 0)
		return -1;
	options = options_json(cli_opts(c, train_group), &making);
	if (model_exists(c->store, n.id, options, &exists, e) < 0)
		return -1;
	if (exists) {
		if (chatty)
			log_info("train: a model of this snapshot with these "
				 "options is there already");
		return 0;
	}
	if (training_set(c, &n, &making, &d, e) < 0 ||
	    fit(c, &d, &n, &making, &m, e) < 0 ||
	    keep(c, &m, &n, options, &row, e) < 0)
		return -1;
	log_info("train: %s, of %zu images%s in %zu classes; validation "
		 "accuracy %.3f (95 %% between %.3f and %.3f)",
	    row.name, d.n, making.copies.n > 0 ? " and copies" : "", d.k,
	    m.validation.accuracy, m.validation.low, m.validation.high);
	return 0;
}

int
learn_find(struct cli *c, const char *name, struct model_row *row,
    struct model *ret, struct err *e)
{
	char *path CLEANUP(freep) = NULL;
	int rc = model_get(c->store, name, row, e);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    name != NULL ? "no model \"%s\": see griddle models"
				 : "there is no model yet: run griddle train%s",
		    name != NULL ? name : "");
	path = xasprintf("%s/%s", store_folder(c->store), row->path);
	return model_read(ret, path, e);
}

/* Figures of a model on a snapshot's test part. */
static int
measure(struct cli *c, const struct model *m, const char *snapshot,
    struct metrics *ret, struct evaluation *ret_more, struct err *e)
{
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	struct recipe recipe;
	struct vectors *v CLEANUP(vectors_freep) = NULL;
	struct dataset d CLEANUP(dataset_release) = { 0 };
	struct train_data data;
	size_t i;

	if (need_snapshot(c, snapshot, &n, e) < 0 ||
	    recipe_parse(m->recipe_steps, &recipe, e) < 0 ||
	    vectors_of_model(c->store, m->features, &v, e) < 0 ||
	    learn_dataset(c, &n, &recipe, v, &d, e) < 0 ||
	    model_check_features(m, vectors_name(v), d.d, e) < 0)
		return -1;
	data = data_of(&d);
	for (i = 0; i < d.k; i++)
		if (d.k != m->softmax.k ||
		    strcmp(d.classes[i], m->classes[i]) != 0)
			return err_set(e, ERR_INPUT,
			    "snapshot %s has other "
			    "classes than the model",
			    n.name);
	return model_evaluate(m, &data, TRAIN_PART_TEST, ret, ret_more, e);
}

int
learn_evaluate(struct cli *c, const char *name, const char *snapshot,
    struct model_row *row, char **ret_json, struct err *e)
{
	struct model m CLEANUP(model_release) = { 0 };
	struct metrics metrics CLEANUP(metrics_release) = { 0 };
	struct evaluation more CLEANUP(evaluation_release) = { 0 };
	char *path CLEANUP(freep) = NULL;
	bool own;

	if (learn_find(c, name, row, &m, e) < 0)
		return -1;
	own = snapshot == NULL || strcmp(snapshot, row->snapshot) == 0;
	if (own && row->test != NULL) {
		*ret_json = xstrdup(row->test);
		return 0;
	}
	if (measure(c, &m, snapshot ? snapshot : row->snapshot, &metrics, &more,
		e) < 0)
		return -1;
	*ret_json = learn_metrics_json(&metrics, &more, m.classes);
	if (!own)
		return 0;
	path = xasprintf("%s/%s", store_folder(c->store), row->path);
	metrics_release(&m.test);
	m.test = metrics;
	metrics = (struct metrics){ 0 };
	if (model_write(&m, path, e) < 0 ||
	    model_tested(c->store, row->name, *ret_json, e) < 0)
		return -1;
	return report_write(c, e);
}

int
stage_evaluate(struct cli *c, const char *name, bool chatty, struct err *e)
{
	struct model_row row CLEANUP(model_row_release) = { 0 };
	char *text CLEANUP(freep) = NULL;
	json_t *figures;
	const json_t *interval;

	if (model_get(c->store, name, &row, e) < 0)
		return -1;
	if (row.test != NULL && !chatty)
		return 0;
	model_row_release(&row);
	if (learn_evaluate(c, name, NULL, &row, &text, e) < 0)
		return -1;
	figures = json_loads(text, 0, NULL);
	interval = json_object_get(figures, "interval");
	log_info("evaluate: %s: accuracy %.3f on %lld images never trained on "
		 "(95 %% between %.3f and %.3f); report: %s/report.html",
	    row.name, json_number_value(json_object_get(figures, "accuracy")),
	    (long long)json_integer_value(json_object_get(figures, "images")),
	    json_number_value(json_array_get(interval, 0)),
	    json_number_value(json_array_get(interval, 1)),
	    store_folder(c->store));
	json_decref(figures);
	return 0;
}
