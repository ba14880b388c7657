/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of two images is the better one to keep.
 */
#include <string.h>

#include "dedup/dedup_int.h"

#define KEYS_MAX 16

typedef int64_t key_fn(const struct sample_code *);

static int64_t
key_chosen(const struct sample_code *c)
{
	return c->chosen;
}

static int64_t
key_labelled(const struct sample_code *c)
{
	return c->decided;
}

/* A border is no picture; how much of it there is, nobody has noted. */
static int64_t
key_pixels(const struct sample_code *c)
{
	return c->trimmed ? c->pixels / 2 : c->pixels;
}

static int64_t
key_compression(const struct sample_code *c)
{
	return c->compression;
}

static int64_t
key_bytes(const struct sample_code *c)
{
	return c->bytes;
}

static int64_t
key_earlier(const struct sample_code *c)
{
	return -c->id;
}

static const struct {
	const char *word;
	key_fn *key;
} keys[] = {
	{ "chosen", key_chosen },
	{ "labelled", key_labelled },
	{ "pixels", key_pixels },
	{ "compression", key_compression },
	{ "bytes", key_bytes },
	{ "earlier", key_earlier },
};

struct order {
	const struct member *v;
	key_fn *key[KEYS_MAX];
	size_t n;
};

/* The words of dedup.keep, in its order; without any, all of them. */
static void
read_words(struct order *o, const struct strlist *words)
{
	size_t i, k;

	/* Whom a person chose comes first unless another place is named. */
	if (words->n > 0 && !strlist_has(words, "chosen"))
		o->key[o->n++] = key_chosen;
	for (i = 0; i < words->n && o->n < KEYS_MAX; i++)
		for (k = 0; k < ARRAY_SIZE(keys); k++)
			if (strcmp(keys[k].word, words->v[i]) == 0)
				o->key[o->n++] = keys[k].key;
	for (k = 0; words->n == 0 && k < ARRAY_SIZE(keys); k++)
		o->key[o->n++] = keys[k].key;
}

/* The better one first. */
static int
by_worth(const void *va, const void *vb, void *ctx)
{
	const struct order *o = ctx;
	const struct sample_code *a = &o->v[*(const uint32_t *)va].code;
	const struct sample_code *b = &o->v[*(const uint32_t *)vb].code;
	int64_t x, y;
	size_t i;

	/* A rejected image is never kept for one that is not. */
	if (a->rejected != b->rejected)
		return a->rejected - b->rejected;
	for (i = 0; i < o->n; i++) {
		x = o->key[i](a);
		y = o->key[i](b);
		if (x != y)
			return x > y ? -1 : 1;
	}
	return (a->id > b->id) - (a->id < b->id);
}

void
rank_members(const struct dedup_opts *opts, const struct member *v, size_t n,
    int64_t *ret)
{
	struct order o = { .v = v };
	uint32_t *place CLEANUP(freep) =
	    xreallocarray(NULL, n + 1, sizeof(*place));
	size_t i;

	read_words(&o, &opts->keep);
	for (i = 0; i < n; i++)
		place[i] = (uint32_t)i;
	qsort_r(place, n, sizeof(*place), by_worth, &o);
	for (i = 0; i < n; i++)
		ret[place[i]] = (int64_t)(n - i);
}
