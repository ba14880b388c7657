/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sample goes to which part.
 */
#include "store/snapshot.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/snapshot_int.h"

static const char *const balances[] = { "down", "none", NULL };

static const struct opt split_opts[] = {
	{ "train", OPT_FIELD(struct split_opts, train), .def = "70", .min = 1,
	    .max = 98, .unit = "%",
	    .text = "Share of each class to learn from." },
	{ "val", OPT_FIELD(struct split_opts, val), .def = "15", .min = 1,
	    .max = 98, .unit = "%", .text = "Share to stop and choose by." },
	{ "test", OPT_FIELD(struct split_opts, test), .def = "15", .min = 1,
	    .max = 98, .unit = "%",
	    .text = "Share that only the final figures see." },
	{ "balance", OPT_FIELD(struct split_opts, balance), .def = "down",
	    .choices = balances,
	    .text = "down: as many of each class as the smallest has; none." },
	{ "seed", OPT_FIELD(struct split_opts, seed), .def = "1",
	    .text = "Another seed gives another split." },
	{ "minimum", OPT_FIELD(struct split_opts, minimum), .def = "10",
	    .min = 3, .max = 1e9, .unit = "images",
	    .text = "A class with fewer usable images is not split." },
	{ 0 }
};

const struct opt_group split_group = {
	.name = "split",
	.text = "How a snapshot is shared out into train, val and test.",
	.opts = split_opts,
	.size = sizeof(struct split_opts),
};

/* The first 8 bytes of SHA-256("griddle split SEED" + sample) as a number. */
static uint64_t
seeded_hash(int64_t seed, const unsigned char *sha256)
{
	struct sha256 *h = sha256_new();
	unsigned char digest[SHA256_SIZE];
	char head[64];
	uint64_t number = 0;
	size_t i;

	snprintf(head, sizeof(head), "griddle split %lld\n", (long long)seed);
	sha256_add(h, head, strlen(head));
	sha256_add(h, sha256, SHA256_SIZE);
	sha256_end(h, digest);
	for (i = 0; i < 8; i++)
		number = number << 8 | digest[i];
	return number;
}

static int
by_class_then_known_then_hash(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if ((a->part < 0) != (b->part < 0))
		return a->part < 0 ? 1 : -1;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return memcmp(a->sha256, b->sha256, SHA256_SIZE);
}

static int
by_sha256(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	return memcmp(a->sha256, b->sha256, SHA256_SIZE);
}

/* Rounded so that they add up, and nobody is left with nothing. */
static void
quotas(const struct split_opts *o, int64_t n, int64_t quota[PART_COUNT])
{
	quota[PART_VAL] = (n * o->val + 50) / 100;
	quota[PART_TEST] = (n * o->test + 50) / 100;
	if (quota[PART_VAL] == 0)
		quota[PART_VAL] = 1;
	if (quota[PART_TEST] == 0)
		quota[PART_TEST] = 1;
	quota[PART_TRAIN] = n - quota[PART_VAL] - quota[PART_TEST];
}

/* Share out n samples of one class, known ones first. */
static void
share_out(struct candidate *c, int64_t n, const struct split_opts *o)
{
	int64_t quota[PART_COUNT], held[PART_COUNT] = { 0 }, i;
	double lack, most;
	int part;

	quotas(o, n, quota);
	for (i = 0; i < n && c[i].part >= 0; i++)
		held[c[i].part]++;
	for (; i < n; i++) {
		most = -1e300;
		for (part = 0; part < PART_COUNT; part++) {
			lack = (double)(quota[part] - held[part]) /
			    (double)quota[part];
			if (lack > most) {
				most = lack;
				c[i].part = part;
			}
		}
		held[c[i].part]++;
	}
}

static int64_t
class_run(const struct candidate *c, size_t n, size_t from)
{
	size_t i = from;

	while (i < n && c[i].class == c[from].class)
		i++;
	return (int64_t)(i - from);
}

/* The size of the smallest class; ERR_INPUT when there is too little. */
static int
smallest_class(const struct candidates *all, const struct split_opts *o,
    int64_t *ret, struct err *e)
{
	size_t i, classes = 0;
	int64_t n, least = INT64_MAX;

	for (i = 0; i < all->n; i += (size_t)n) {
		n = class_run(all->v, all->n, i);
		classes++;
		if (n < o->minimum)
			return err_set(e, ERR_INPUT,
			    "class %s has %lld "
			    "usable images, %lld are the least",
			    candidates_class(all, all->v[i].class),
			    (long long)n, (long long)o->minimum);
		if (n < least)
			least = n;
	}
	if (classes < 2)
		return err_set(e, ERR_INPUT,
		    "a split needs two labelled classes; there %s %zu",
		    classes == 1 ? "is" : "are", classes);
	*ret = least;
	return 0;
}

int
split_candidates(
    struct candidates *all, const struct split_opts *o, struct err *e)
{
	struct candidate *out;
	int64_t least = 0, n, take, kept = 0;
	size_t i;

	if (o->train + o->val + o->test != 100)
		return err_set(e, ERR_USAGE,
		    "split: train, val and test are "
		    "%lld in all, not 100",
		    (long long)(o->train + o->val + o->test));
	for (i = 0; i < all->n; i++)
		all->v[i].hash = seeded_hash(o->seed, all->v[i].sha256);
	if (all->n > 0)
		qsort(all->v, all->n, sizeof(*all->v),
		    by_class_then_known_then_hash);
	if (smallest_class(all, o, &least, e) < 0)
		return -1;
	out = all->v;
	for (i = 0; i < all->n; i += (size_t)n) {
		n = class_run(all->v, all->n, i);
		take = strcmp(o->balance, "down") == 0 ? least : n;
		share_out(all->v + i, take, o);
		memmove(out + kept, all->v + i, (size_t)take * sizeof(*out));
		kept += take;
	}
	all->n = (size_t)kept;
	qsort(all->v, all->n, sizeof(*all->v), by_sha256);
	return 0;
}
