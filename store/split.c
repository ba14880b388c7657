/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which group goes to which part.
 *
 * What was in a part before stays there.  New groups come in the order of
 * their size, the largest first, and equal ones in that of their hash; so
 * what is left to the end is small, and evens out what large groups did.
 */
#include <stdio.h>
#include <string.h>

#include "store/snapshot_int.h"

static const char *const balances[] = { "down", "up", "none", NULL };

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
	    .text = "down: as many of each class as the smallest has; up: "
		    "weights that make classes equal; none." },
	{ "seed", OPT_FIELD(struct split_opts, seed), .def = "1",
	    .text = "Another seed gives another split." },
	{ "folds", OPT_FIELD(struct split_opts, folds), .def = "0", .max = 50,
	    .text = "Train and val as so many folds of equal size; 0: no "
		    "folds." },
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

uint64_t
order_hash(const char *what, int64_t number, const unsigned char *sha256)
{
	struct sha256 *h = sha256_new();
	unsigned char digest[SHA256_SIZE];
	char head[64];
	uint64_t hash = 0;
	size_t i;

	snprintf(
	    head, sizeof(head), "griddle %s %lld\n", what, (long long)number);
	sha256_add(h, head, strlen(head));
	sha256_add(h, sha256, SHA256_SIZE);
	sha256_end(h, digest);
	for (i = 0; i < 8; i++)
		hash = hash << 8 | digest[i];
	return hash;
}

/* ---- how many of each class --------------------------------------------- */

static void
count_classes(const struct candidates *all, int64_t *count)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		count[all->v[i].class]++;
}

/* The size of the smallest class; ERR_INPUT when there is too little. */
static int
smallest_class(const struct candidates *all, const struct split_opts *o,
    const int64_t *count, int64_t *ret, struct err *e)
{
	size_t i, classes = 0;
	int64_t least = INT64_MAX;

	for (i = 0; i < all->n_classes; i++) {
		if (count[i] == 0)
			continue;
		classes++;
		if (count[i] < o->minimum)
			return err_set(e, ERR_INPUT,
			    "class %s has %lld "
			    "usable images, %lld are the least",
			    all->names[i], (long long)count[i],
			    (long long)o->minimum);
		if (count[i] < least)
			least = count[i];
	}
	if (classes < 2)
		return err_set(e, ERR_INPUT,
		    "a split needs two labelled classes; there %s %zu",
		    classes == 1 ? "is" : "are", classes);
	*ret = least;
	return 0;
}

struct place {
	bool known;
	uint64_t hash;
	size_t class, at;
};

/* Those that were in a snapshot before stay in. */
static int
by_class_then_known_then_hash(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* Keep `least` of each class; groups shrink but are not parted. */
static void
drop_surplus(struct candidates *all, int64_t least)
{
	struct place *v CLEANUP(freep) =
	    xreallocarray(NULL, all->n + 1, sizeof(*v));
	bool *drop CLEANUP(freep) = xcalloc(all->n + 1, sizeof(*drop));
	int64_t in_class = 0;
	size_t i, kept = 0;

	for (i = 0; i < all->n; i++)
		v[i] = (struct place){ all->v[i].known >= 0, all->v[i].hash,
			all->v[i].class, i };
	qsort(v, all->n, sizeof(*v), by_class_then_known_then_hash);
	for (i = 0; i < all->n; i++) {
		if (i > 0 && v[i].class != v[i - 1].class)
			in_class = 0;
		drop[v[i].at] = in_class++ >= least;
	}
	for (i = 0; i < all->n_groups; i++)
		all->groups[i].n = 0;
	for (i = 0; i < all->n; i++) {
		if (drop[i])
			continue;
		if (all->groups[all->v[i].group].n++ == 0)
			all->groups[all->v[i].group].from = kept;
		all->v[kept++] = all->v[i];
	}
	json_object_set_new(json_object_get(all->report, "left_out"), "balance",
	    json_integer((json_int_t)(all->n - kept)));
	all->n = kept;
}

int
split_balance(struct candidates *all, const struct split_opts *o, struct err *e)
{
	int64_t *count CLEANUP(freep) =
	    xcalloc(all->n_classes + 1, sizeof(*count));
	int64_t least;

	count_classes(all, count);
	if (smallest_class(all, o, count, &least, e) < 0)
		return -1;
	if (strcmp(o->balance, "down") == 0)
		drop_surplus(all, least);
	return 0;
}

/* ---- parts and folds ----------------------------------------------------- */

/* Rounded so that they add up, and no part is left with nothing. */
static void
quotas(const struct split_opts *o, int64_t n, double quota[PART_COUNT])
{
	int64_t val = o->folds > 0 ? 0 : (n * o->val + 50) / 100;
	int64_t test = (n * o->test + 50) / 100;

	if (val == 0 && o->folds == 0)
		val = 1;
	if (test == 0)
		test = 1;
	quota[PART_VAL] = (double)val;
	quota[PART_TEST] = (double)test;
	quota[PART_TRAIN] = (double)(n - val - test);
}

static struct bins
bins_new(const struct candidates *all, size_t n)
{
	return (struct bins){
		.n = n,
		.quota = xcalloc(all->n_classes * n + 1, sizeof(double)),
		.held = xcalloc(all->n_classes * n + 1, sizeof(int64_t)),
	};
}

static void
bins_release(struct bins *b)
{
	free(b->quota);
	free(b->held);
}

static int
largest_first(const void *va, const void *vb)
{
	const struct group *a = *(const struct group *const *)va;
	const struct group *b = *(const struct group *const *)vb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a > b) - (a < b);
}

/* Groups that are left after balance, in their order; the caller frees. */
static struct group **
in_order(struct candidates *all, size_t *ret_n)
{
	struct group **v = xreallocarray(NULL, all->n_groups + 1, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < all->n_groups; i++)
		if (all->groups[i].n > 0)
			v[n++] = &all->groups[i];
	qsort(v, n, sizeof(*v), largest_first);
	*ret_n = n;
	return v;
}

/*
 * What it had before: test before val before train, so that what was only
 * tested with is never learnt from.  -1: it is new.
 */
static int
known_part(const struct group *g, const struct split_opts *o)
{
	if (g->seen[PART_TEST])
		return PART_TEST;
	if (g->seen[PART_VAL])
		return o->folds > 0 ? PART_TRAIN : PART_VAL;
	return g->seen[PART_TRAIN] ? PART_TRAIN : -1;
}

static void
assign_parts(struct candidates *all, struct group **v, size_t n,
    const struct split_opts *o)
{
	struct bins b CLEANUP(bins_release) = bins_new(all, PART_COUNT);
	int64_t *count CLEANUP(freep) =
	    xcalloc(all->n_classes + 1, sizeof(*count));
	const struct candidate *members;
	size_t i;
	int round;

	count_classes(all, count);
	for (i = 0; i < all->n_classes; i++)
		if (count[i] > 0)
			quotas(o, count[i], b.quota + i * PART_COUNT);
	for (round = 0; round < 2; round++)
		for (i = 0; i < n; i++) {
			if ((known_part(v[i], o) < 0) != (round == 1))
				continue;
			members = all->v + v[i]->from;
			v[i]->part = round == 0
			    ? known_part(v[i], o)
			    : (int)bins_choose(&b, members, v[i]->n);
			bins_add(&b, members, v[i]->n, (size_t)v[i]->part);
		}
}

static void
assign_folds(struct candidates *all, struct group **v, size_t n, int64_t folds)
{
	struct bins b CLEANUP(bins_release) = bins_new(all, (size_t)folds);
	const struct candidate *members;
	size_t i, k;
	int round;

	for (i = 0; i < n; i++)
		for (k = 0; v[i]->part == PART_TRAIN && k < v[i]->n; k++)
			b.quota[all->v[v[i]->from + k].class * b.n] += 1;
	for (i = 0; i < all->n_classes; i++)
		for (k = b.n; k-- > 0;)
			b.quota[i * b.n + k] = b.quota[i * b.n] / (double)folds;
	for (round = 0; round < 2; round++)
		for (i = 0; i < n; i++) {
			if (v[i]->part != PART_TRAIN ||
			    (v[i]->known_fold < 0) != (round == 1))
				continue;
			members = all->v + v[i]->from;
			v[i]->fold = round == 0
			    ? v[i]->known_fold
			    : (int)bins_choose(&b, members, v[i]->n);
			bins_add(&b, members, v[i]->n, (size_t)v[i]->fold);
		}
}

/* ---- weights ------------------------------------------------------------- */

/* In each part, each class weighs the same, and images 1 on the average. */
static void
weigh(struct candidates *all)
{
	int64_t *count CLEANUP(freep) =
	    xcalloc(all->n_classes * PART_COUNT + 1, sizeof(*count));
	int64_t total[PART_COUNT] = { 0 }, classes[PART_COUNT] = { 0 };
	size_t i, part;
	struct candidate *c;

	for (i = 0; i < all->n; i++) {
		part = (size_t)all->v[i].part;
		if (count[all->v[i].class * PART_COUNT + part]++ == 0)
			classes[part]++;
		total[part]++;
	}
	for (i = 0; i < all->n; i++) {
		c = &all->v[i];
		part = (size_t)c->part;
		c->weight = (double)total[part] /
		    ((double)classes[part] *
			(double)count[c->class * PART_COUNT + part]);
	}
}

static int
by_sha256(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	return memcmp(a->sha256, b->sha256, SHA256_SIZE);
}

void
split_assign(struct candidates *all, const struct split_opts *o)
{
	size_t n, i;
	struct group **v CLEANUP(freep) = in_order(all, &n);

	assign_parts(all, v, n, o);
	for (i = 0; i < n; i++)
		v[i]->fold = -1;
	if (o->folds > 0)
		assign_folds(all, v, n, o->folds);
	for (i = 0; i < all->n; i++) {
		all->v[i].part = all->groups[all->v[i].group].part;
		all->v[i].fold = all->groups[all->v[i].group].fold;
		all->v[i].weight = 1;
	}
	if (strcmp(o->balance, "up") == 0)
		weigh(all);
	qsort(all->v, all->n, sizeof(*all->v), by_sha256);
}
