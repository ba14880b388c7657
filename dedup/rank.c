/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of two images is the better one to keep.
 */
#include <string.h>

#include "dedup/dedup_int.h"
#include "dedup/keyed.h"

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
	size_t packed; /* so many keys are in one number, */
	struct {
		int64_t most;
		int bits;
	} pack[KEYS_MAX]; /* each counted down from the most */
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

/* As many keys, the most telling first, as go into 63 bits. */
static void
pack_keys(struct order *o, size_t n)
{
	int64_t least, most, key;
	int bits, left = 63;
	size_t i, k;

	for (k = 0; k < o->n; k++) {
		least = INT64_MAX;
		most = INT64_MIN;
		for (i = 0; i < n; i++) {
			key = o->key[k](&o->v[i].code);
			least = key < least ? key : least;
			most = key > most ? key : most;
		}
		for (bits = 0; bits < 63 && (most - least) >> bits > 0; bits++)
			;
		if (bits > left)
			break;
		left -= bits;
		o->pack[k].most = most;
		o->pack[k].bits = bits;
	}
	o->packed = k;
}

/* Less is better; a rejected image is never kept for one that is not. */
static uint64_t
packed(const struct order *o, const struct sample_code *c)
{
	uint64_t all = c->rejected;
	size_t k;

	for (k = 0; k < o->packed; k++)
		all = all << o->pack[k].bits |
		    (uint64_t)(o->pack[k].most - o->key[k](c));
	return all;
}

/* Of those that are equal so far, the better one first. */
static int
by_worth(const void *va, const void *vb, void *ctx)
{
	const struct order *o = ctx;
	const struct sample_code *a =
	    &o->v[((const struct keyed *)va)->place].code;
	const struct sample_code *b =
	    &o->v[((const struct keyed *)vb)->place].code;
	int64_t x, y;
	size_t i;

	for (i = o->packed; i < o->n; i++) {
		x = o->key[i](a);
		y = o->key[i](b);
		if (x != y)
			return x > y ? -1 : 1;
	}
	return (a->id > b->id) - (a->id < b->id);
}

static void
sort_rest(struct order *o, struct keyed *v, size_t n)
{
	size_t i, end;

	if (o->packed == o->n)
		return;
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].key == v[i].key;)
			end++;
		if (end - i > 1)
			qsort_r(v + i, end - i, sizeof(*v), by_worth, o);
	}
}

void
rank_members(const struct dedup_opts *opts, const struct member *v, size_t n,
    int64_t *ret)
{
	struct order o = { .v = v };
	struct keyed *order CLEANUP(freep) =
	    xreallocarray(NULL, n + 1, sizeof(*order));
	size_t i;

	if (n == 0)
		return;
	read_words(&o, &opts->keep);
	pack_keys(&o, n);
	for (i = 0; i < n; i++)
		order[i] =
		    (struct keyed){ packed(&o, &v[i].code), (uint32_t)i };
	keyed_sort(order, n);
	sort_rest(&o, order, n);
	for (i = 0; i < n; i++)
		ret[order[i].place] = (int64_t)(n - i);
}
