/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn: what the commands about models share.
 */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include "cli/cli.h"
#include "prep/augment.h"
#include "prep/recipe.h"
#include "store/export.h"
#include "store/snapshot.h"
#include "trainer/embed.h"
#include "trainer/trainer.h"

/* Can every recipe of griddle.conf be read? */
int recipes_check(const struct config *, struct err *);
/*
 * The recipe of this name in griddle.conf; NULL: the one to learn by, which
 * is "default", or the only one there.  Without any, "default" is as the
 * option's default has it.  *ret_name lives as long as the config and `name`.
 */
int stage_recipe(struct cli *, const char *name, const char **ret_name,
    struct recipe *ret, struct err *);

/* The augmentation "default" of griddle.conf, and its seed. */
int stage_augment(
    struct cli *, struct augment *ret, int64_t *ret_seed, struct err *);

/*
 * Prepared images and their copies, by prep's children: as pixels (an
 * embed_pixels_fn), or as JPEGs for export (an export_copies_fn).
 */
struct picture_source {
	struct cli *c;
	const struct recipe *recipe;
	const struct augment *augment; /* NULL: there are no copies */
	int64_t seed;
	struct proc_pool *pool; /* for stage_copies(), which comes in parts */
};
int stage_pixels(void *source, const struct picture_ref *, size_t n,
    embed_each_fn *each, void *ctx, struct err *);
int stage_copies(void *source, const struct picture_ref *, size_t n,
    export_each_fn *each, void *ctx, struct err *);

/* A snapshot's vectors under a recipe, without copies. */
int learn_dataset(struct cli *, const struct snapshot *, const struct recipe *,
    struct vectors *, struct dataset *ret, struct err *);

/* The catalog's row and the file of a model; NULL: the newest. */
int learn_find(struct cli *, const char *name, struct model_row *row,
    struct model *ret, struct err *);

/*
 * Figures (JSON, the caller frees) on the test part of a snapshot; NULL: the
 * one it was trained from, where they are made once and then recorded.
 */
int learn_evaluate(struct cli *, const char *name, const char *snapshot,
    struct model_row *row, char **ret_json, struct err *);

extern const struct cmd cmd_backbone;

/* As compact JSON, with more figures unless NULL; the caller frees. */
char *learn_metrics_json(
    const struct metrics *, const struct evaluation *, char *const *classes);

#endif
