/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn: what the commands about models share.
 */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include "cli/cli.h"
#include "prep/recipe.h"
#include "store/snapshot.h"
#include "trainer/embed.h"
#include "trainer/trainer.h"

/*
 * The recipe of this name in griddle.conf; NULL: the one to learn by, which
 * is "default", or the only one there.  Without any, "default" is as the
 * option's default has it.  *ret_name lives as long as the config and `name`.
 */
int stage_recipe(struct cli *, const char *name, const char **ret_name,
    struct recipe *ret, struct err *);

/* An embed_pixels_fn that decodes prepared images in prep's children. */
struct pixel_source {
	struct cli *c;
	const struct recipe *recipe;
};
int stage_pixels(void *source, const unsigned char (*sha256)[SHA256_SIZE],
    size_t n, embed_each_fn *each, void *ctx, struct err *);

/* A snapshot's vectors under a recipe. */
int learn_dataset(struct cli *, const struct snapshot *, const struct recipe *,
    struct dataset *ret, struct err *);

/* The catalog's row and the file of a model; NULL: the newest. */
int learn_find(struct cli *, const char *name, struct model_row *row,
    struct model *ret, struct err *);

/*
 * Figures (JSON, the caller frees) on the test part of a snapshot; NULL: the
 * one it was trained from, where they are made once and then recorded.
 */
int learn_evaluate(struct cli *, const char *name, const char *snapshot,
    struct model_row *row, char **ret_json, struct err *);

/* As compact JSON; the caller frees. */
char *learn_metrics_json(const struct metrics *, char *const *classes);

#endif
