/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages from gather to split, each with the line that says what it did.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/learn.h"
#include "dedup/dedup.h"
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
			log_info("prep: nothing is waiting for recipe \"%s\"",
			    name);
		return 0;
	}
	if (prep_run(c->store, cli_opts(c, prep_group), &recipe, &stats, e) < 0)
		return -1;
	log_info("prep: %lld images prepared, %lld refused",
	    (long long)stats.prepared, (long long)stats.refused);
	return 0;
}

int
stage_dedup(struct cli *c, bool chatty, struct err *e)
{
	struct dedup_stats stats;
	int64_t waiting;

	if (sample_count_ungrouped(c->store, &waiting, e) < 0)
		return -1;
	if (waiting == 0) {
		if (chatty)
			log_info("dedup: every image is in a group");
		return 0;
	}
	if (dedup_run(c->store, cli_opts(c, dedup_group), false, false, &stats,
		e) < 0)
		return -1;
	log_info("dedup: %lld images looked at; %lld to keep, %lld "
		 "duplicates of them",
	    (long long)stats.looked_at, (long long)stats.keepers,
	    (long long)stats.duplicates);
	return 0;
}

/* How many rows of each part; for the line that says what was frozen. */
static int
count_part(void *ctx, const struct snapshot_row *row, struct err *e)
{
	int64_t *parts = ctx;

	(void)e;
	parts[row->part]++;
	return 0;
}

int
stage_split(struct cli *c, const char *name, bool chatty, struct err *e)
{
	const struct root_opts *root = cli_opts(c, root_group);
	struct snapshot n CLEANUP(snapshot_release) = { 0 };
	int64_t parts[PART_COUNT] = { 0 };
	bool is_new;

	if (snapshot_make(c->store, cli_opts(c, split_group), &root->classes,
		name, &n, &is_new, e) < 0)
		return -1;
	if (!is_new) {
		if (chatty)
			log_info("split: nothing has changed since snapshot "
				 "%s",
			    n.name);
		return 0;
	}
	if (snapshot_rows(c->store, n.id, count_part, parts, e) < 0)
		return -1;
	log_info("split: snapshot %s: %lld images to learn from, %lld to "
		 "choose by, %lld to test",
	    n.name, (long long)parts[PART_TRAIN], (long long)parts[PART_VAL],
	    (long long)parts[PART_TEST]);
	return 0;
}

/* ---- pixels for the embed stage --------------------------------------- */

struct feed {
	struct store *s;
	const struct recipe *recipe;
	const unsigned char (*sha256)[SHA256_SIZE];
	size_t n, next;
	embed_each_fn *each;
	void *ctx;
};

static int
next_prepared(void *ctx, int64_t *ret_id, struct buf *jpeg, struct err *e)
{
	struct feed *f = ctx;
	int rc;

	if (f->next == f->n)
		return 0;
	rc = prepared_get(f->s, f->sha256[f->next], f->recipe->hash, jpeg, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT,
		    "some images are not prepared "
		    "by this recipe: run griddle prep");
	*ret_id = (int64_t)f->next++;
	return rc;
}

static int
pass_pixels(void *ctx, int64_t id, const uint8_t *rgb, int width, int height,
    struct err *e)
{
	struct feed *f = ctx;

	if (rgb == NULL)
		return err_set(e, ERR_DAMAGED,
		    "a prepared image cannot be "
		    "decoded: remove derived.db and run griddle prep");
	return f->each(f->ctx, (size_t)id, rgb, width, height, e);
}

int
stage_pixels(void *source, const unsigned char (*sha256)[SHA256_SIZE], size_t n,
    embed_each_fn *each, void *ctx, struct err *e)
{
	const struct pixel_source *from = source;
	struct proc_pool *pool CLEANUP(proc_pool_freep) =
	    prep_pool_new(cli_opts(from->c, prep_group));
	struct feed f = { .s = from->c->store,
		.recipe = from->recipe,
		.sha256 = sha256,
		.n = n,
		.each = each,
		.ctx = ctx };

	return prep_pixels(pool, next_prepared, pass_pixels, &f, e);
}
