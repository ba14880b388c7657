/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/vectors.h"

#include <string.h>

#include "base/text.h"
#include "trainer/features.h"

struct vectors {
	char *name;
	size_t count;
	char sha256[SHA256_HEX];
	struct backbone *backbone; /* NULL: by hand */
	float *x;                  /* by hand: one vector */
};

void
vectors_free(struct vectors *v)
{
	if (v == NULL)
		return;
	backbone_free(v->backbone);
	free(v->name);
	free(v->x);
	free(v);
}

static struct vectors *
by_hand(void)
{
	struct vectors *v = xcalloc(1, sizeof(*v));

	v->name = xstrdup(FEATURES_NAME);
	v->count = features_count();
	v->x = xcalloc(v->count, sizeof(*v->x));
	return v;
}

/* What is looked for among the rows. */
struct search {
	struct store *s;
	const char *choice;   /* NULL: the first, or by features */
	const char *features; /* NULL: whichever */
	struct vectors *found;
};

static int
try_row(void *ctx, const struct backbone_row *r, struct err *e)
{
	struct search *search = ctx;
	struct vectors *v CLEANUP(vectors_freep) = NULL;
	struct backbone_use use;

	if (search->found != NULL ||
	    (search->choice != NULL && strcmp(search->choice, r->name) != 0))
		return 0;
	if (backbone_use_of(r, &use, e) < 0)
		return -1;
	v = xcalloc(1, sizeof(*v));
	v->name = backbone_features(r, &use);
	v->count = (size_t)use.count;
	text_to_hex(v->sha256, r->sha256, SHA256_SIZE);
	if (search->features != NULL && strcmp(search->features, v->name) != 0)
		return 0;
	if (backbone_open(search->s, r, &v->backbone, e) < 0)
		return err_wrap(e, "backbone %s", r->name);
	search->found = TAKE(v);
	return 0;
}

int
vectors_choose(
    struct store *s, const char *choice, struct vectors **ret, struct err *e)
{
	const bool any = strcmp(choice, "auto") == 0;
	struct search search = { .s = s, .choice = any ? NULL : choice };

	if (strcmp(choice, "plain") != 0 &&
	    backbone_list(s, try_row, &search, e) < 0) {
		vectors_free(search.found);
		return -1;
	}
	if (search.found == NULL && !any && strcmp(choice, "plain") != 0)
		return err_set(e, ERR_INPUT,
		    "there is no backbone \"%s\": see griddle backbone list",
		    choice);
	*ret = search.found != NULL ? search.found : by_hand();
	return 0;
}

int
vectors_of_model(
    struct store *s, const char *features, struct vectors **ret, struct err *e)
{
	struct search search = { .s = s, .features = features };

	if (strcmp(features, FEATURES_NAME) == 0) {
		*ret = by_hand();
		return 0;
	}
	if (backbone_list(s, try_row, &search, e) < 0) {
		vectors_free(search.found);
		return -1;
	}
	if (search.found == NULL)
		return err_set(e, ERR_INPUT,
		    "the model wants features \"%s\", whose backbone is not "
		    "here: griddle backbone import the file whose SHA-256 "
		    "begins so, with the same output",
		    features);
	*ret = search.found;
	return 0;
}

const char *
vectors_name(const struct vectors *v)
{
	return v->name;
}

size_t
vectors_count(const struct vectors *v)
{
	return v->count;
}

const char *
vectors_backbone(const struct vectors *v)
{
	return v->backbone == NULL ? NULL : v->sha256;
}

int
vectors_push(struct vectors *v, size_t id, const uint8_t *rgb, int width,
    int height, backbone_done_fn *done, void *ctx, struct err *e)
{
	if (v->backbone != NULL)
		return backbone_push(
		    v->backbone, id, rgb, width, height, done, ctx, e);
	features_of(rgb, width, height, v->x);
	return done(ctx, id, v->x, e);
}

int
vectors_flush(
    struct vectors *v, backbone_done_fn *done, void *ctx, struct err *e)
{
	return v->backbone == NULL ? 0
				   : backbone_flush(v->backbone, done, ctx, e);
}
