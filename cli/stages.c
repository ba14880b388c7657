/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages from gather to split, each with the line that says what it did.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/learn.h"
#include "prep/prep.h"
#include "scraper/scraper.h"
#include "store/samples.h"

/* Largest prepared image that the embed stage takes back. */
#define PREPARED_MAX (16u << 20)

int
stage_prep(struct cli *c, const char *name, bool chatty, struct err *e)
{
	struct recipe recipe;
	struct prep_stats stats;
	int64_t waiting;

	if (stage_recipe(c, name, &name, &recipe, e) < 0 ||
	    prep_count_waiting(
		c->store, cli_opts(c, prep_group), &recipe, &waiting, e) < 0)
		return -1;
	if (waiting == 0) {
		if (chatty)
			log_info(
			    "prep: nothing is waiting for recipe \"%s\"", name);
		return 0;
	}
	if (prep_run(c->store, cli_opts(c, prep_group), &recipe, &stats, e) < 0)
		return -1;
	log_info("prep: %lld images prepared, %lld refused",
	    (long long)stats.prepared, (long long)stats.refused);
	return 0;
}

int
stage_augment(
    struct cli *c, struct augment *ret, int64_t *ret_seed, struct err *e)
{
	const struct config_section *section;
	struct augment_opts *plain;
	const struct augment_opts *opts;
	size_t i;
	int rc;

	for (i = 0; i < config_count(c->config, &augment_group); i++) {
		section = config_at(c->config, &augment_group, i);
		opts = section->values;
		if (strcmp(section->title, "default") != 0)
			continue;
		*ret_seed = opts->seed;
		return augment_parse(opts->steps, ret, e) < 0
		    ? err_wrap(e, "griddle.conf:%d: augment \"default\"",
			  section->line)
		    : 0;
	}
	plain = opt_new(&augment_group);
	*ret_seed = plain->seed;
	rc = augment_parse(plain->steps, ret, e);
	opt_free(&augment_group, plain);
	return rc;
}

/* ---- pictures for the embed stage and export -------------------------- */

struct feed {
	const struct picture_source *from;
	const struct picture_ref *pictures;
	size_t n, next;
	embed_each_fn *pixels;
	export_each_fn *copy;
	void *ctx;
};

static int
next_prepared(void *ctx, struct prep_picture *ret, struct err *e)
{
	struct feed *f = ctx;
	const struct picture_source *from = f->from;
	const struct picture_ref *p = &f->pictures[f->next];
	int rc;

	if (f->next == f->n)
		return 0;
	rc = prepared_get(
	    from->c->store, p->sha256, from->recipe->hash, &ret->jpeg, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    "some images are not prepared "
		    "by this recipe: run griddle prep");
	ret->id = (int64_t)f->next++;
	if (p->copy > 0) {
		ret->augment = from->augment;
		augment_key(
		    from->augment, p->sha256, from->seed, p->copy, ret->key);
	}
	return rc;
}

static int
undecodable(struct err *e)
{
	return err_set(e, ERR_DAMAGED,
	    "a prepared image cannot be decoded: remove derived.db and run "
	    "griddle prep");
}

static int
pass_pixels(void *ctx, int64_t id, const uint8_t *rgb, int width, int height,
    struct err *e)
{
	struct feed *f = ctx;

	return rgb == NULL
	    ? undecodable(e)
	    : f->pixels(f->ctx, (size_t)id, rgb, width, height, e);
}

static int
pass_copy(void *ctx, int64_t id, const void *jpeg, size_t len, struct err *e)
{
	struct feed *f = ctx;

	return jpeg == NULL ? undecodable(e)
			    : f->copy(f->ctx, (size_t)id, jpeg, len, e);
}

int
stage_pixels(void *source, const struct picture_ref *pictures, size_t n,
    embed_each_fn *each, void *ctx, struct err *e)
{
	const struct picture_source *from = source;
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    prep_pool_new(cli_opts(from->c, prep_group));
	struct feed f = { .from = from,
		.pictures = pictures,
		.n = n,
		.pixels = each,
		.ctx = ctx };

	return prep_pixels(pool, next_prepared, pass_pixels, &f, e);
}

int
stage_copies(void *source, const struct picture_ref *pictures, size_t n,
    export_each_fn *each, void *ctx, struct err *e)
{
	const struct picture_source *from = source;
	struct feed f = { .from = from,
		.pictures = pictures,
		.n = n,
		.copy = each,
		.ctx = ctx };

	return prep_copies(from->pool, next_prepared, pass_copy, &f, e);
}
