/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which way is cheaper, and the join of all with all.
 */
#include "dedup/hamming.h"

#include <assert.h>

#include "dedup/cross_int.h"
#include "dedup/hamming_int.h"

/* Nanoseconds, as measured on a server of 2021 with AVX2; ratios count. */
#define NS_PAIR 0.9  /* two codes, one by one */
#define NS_ROW 1.3   /* a row and one vector of columns */
#define NS_VISIT 8.0 /* a look at two lists */
#define NS_EMPTY 1.2 /* one at two keys of which one has none */
#define NS_SORT 14.0 /* a code, by one piece */
#define NS_START 3e5 /* a piece: clearing and counting keys */
#define VECTOR 16.0

double
hamming_cost_pairs(size_t n_queries, size_t n, bool self)
{
	double pairs = (double)n_queries * (double)n / (self ? 2 : 1);

	return 1e-9 * (NS_PAIR * pairs + 4 * (double)(n_queries + n));
}

/* How many keys are within so many bits of one. */
static double
keys_within(int bits)
{
	double n = 1, sum = 0;
	int i;

	for (i = 0; i <= bits && i <= 16; i++) {
		sum += n;
		n = n * (16 - i) / (i + 1);
	}
	return sum;
}

double
hamming_cost_pieces(
    size_t n_queries, size_t n, int radius, bool self, bool sorted)
{
	int share[HAMMING_PIECES], i;
	double keys, ns = 0, queries = (double)n_queries, codes = (double)n;
	double lists = queries < HAMMING_KEYS ? queries : HAMMING_KEYS;
	double filled = codes < HAMMING_KEYS ? codes / HAMMING_KEYS : 1;
	double per_key = codes / HAMMING_KEYS;

	hamming_shares(radius, share);
	for (i = 0; i < HAMMING_PIECES; i++) {
		if (share[i] == 0)
			continue;
		keys = keys_within(share[i] - 1) / (self ? 2 : 1);
		ns += NS_START + NS_SORT * (queries + (sorted ? 0 : codes));
		ns += keys * lists * (NS_EMPTY + filled * NS_VISIT);
		ns += keys * queries * filled *
		    (1 + (per_key > VECTOR ? per_key / VECTOR : 0)) * NS_ROW;
	}
	return 1e-9 * ns;
}

/* ---- one by one -------------------------------------------------------- */

struct plain {
	const hamming_code *rows, *columns;
	size_t first_column; /* place in the words */
	int radius;
	int rc;
	hamming_pair_fn *pair;
	void *ctx;
	int max; /* what the loop goes by: -1 when no more is wanted */
};

static void
plain_hit(void *ctx, size_t a, size_t b)
{
	struct plain *p = ctx;
	size_t column = b - p->first_column;
	int distance = hamming_distance(p->rows[a], p->columns[column]);

	if (p->rc != 0 || distance > p->radius)
		return;
	p->rc = p->pair(p->ctx, a, column, distance);
	if (p->rc != 0)
		p->max = -1;
}

static void
fill_words(uint64_t *words[2], const hamming_code *codes, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		__builtin_memcpy(&words[0][at + i], codes[i], 8);
		__builtin_memcpy(&words[1][at + i], codes[i] + 16, 8);
	}
}

int
hamming_one_by_one(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, int radius, hamming_pair_fn *pair,
    void *ctx, struct err *e)
{
	bool self = queries == codes;
	size_t all = n + (self ? 0 : n_queries);
	uint64_t *memory CLEANUP(freep) =
	    xcalloc(2 * (all + CROSS_PAD), sizeof(*memory));
	uint64_t *words[2] = { memory, memory + all + CROSS_PAD };
	struct plain p = { queries, codes, self ? 0 : n_queries, radius, 0,
		pair, ctx, radius };
	struct cross_words w = { .word = { words[0], words[1] },
		.max = &p.max,
		.hit = plain_hit,
		.ctx = &p };

	fill_words(words, queries, n_queries, 0);
	if (!self)
		fill_words(words, codes, n, n_queries);
	if (cross_long(cross_best(2), &w, 0, n_queries, p.first_column,
		p.first_column + n, e) < 0)
		return -1;
	return p.rc != 0;
}

/* ---- the cheaper way --------------------------------------------------- */

int
hamming_self_join_groups(const hamming_code *codes, size_t n, int radius,
    hamming_group_fn *group, hamming_pair_fn *pair, void *ctx, struct err *e)
{
	assert(n <= HAMMING_MAX && radius >= 0);
	if (hamming_cost_pairs(n, n, true) <=
	    hamming_cost_pieces(n, n, radius, true, false))
		return hamming_one_by_one(
		    codes, n, codes, n, radius, pair, ctx, e);
	return hamming_self_by_pieces(
	    codes, n, radius, NULL, group, pair, ctx, e);
}

int
hamming_self_join(const hamming_code *codes, size_t n, int radius,
    hamming_pair_fn *pair, void *ctx, struct err *e)
{
	return hamming_self_join_groups(codes, n, radius, NULL, pair, ctx, e);
}

static int
join(const hamming_code *queries, size_t n_queries, const hamming_code *codes,
    size_t n, const struct hamming_sorted *sorted, int radius,
    hamming_pair_fn *pair, void *ctx, struct err *e)
{
	double pairs = hamming_cost_pairs(n_queries, n, false);

	assert(n <= HAMMING_MAX && n_queries <= HAMMING_MAX && radius >= 0);
	if (n_queries == 0 || n == 0)
		return 0;
	if (queries != codes &&
	    pairs <= hamming_cost_pieces(
			 n_queries, n, radius, false, sorted != NULL))
		return hamming_one_by_one(
		    queries, n_queries, codes, n, radius, pair, ctx, e);
	return hamming_by_pieces(
	    queries, n_queries, codes, n, sorted, radius, NULL, pair, ctx, e);
}

int
hamming_join(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, int radius, hamming_pair_fn *pair,
    void *ctx, struct err *e)
{
	return join(queries, n_queries, codes, n, NULL, radius, pair, ctx, e);
}

int
hamming_join_sorted(const hamming_code *queries, size_t n_queries,
    const struct hamming_sorted *sorted, int radius, hamming_pair_fn *pair,
    void *ctx, struct err *e)
{
	return join(queries, n_queries, sorted->codes, sorted->n, sorted,
	    radius, pair, ctx, e);
}

/* ---- sorted in memory -------------------------------------------------- */

void
hamming_sort(struct hamming_sorted *ret, const hamming_code *codes, size_t n)
{
	size_t bytes = (HAMMING_KEYS + 1 + n) * sizeof(uint32_t) +
	    2 * (n + HAMMING_PAD) * sizeof(uint16_t);
	unsigned char *at;
	uint32_t *start, *place;
	uint16_t *next;
	int i;

	bytes = (bytes + 7) / 8 * 8;
	*ret = (struct hamming_sorted){ .n = n, .codes = codes };
	at = ret->memory = xreallocarray(NULL, HAMMING_PIECES, bytes);
	for (i = 0; i < HAMMING_PIECES; i++, at += bytes) {
		start = (uint32_t *)(void *)at;
		place = start + HAMMING_KEYS + 1;
		next = (uint16_t *)(void *)(place + n);
		hamming_sort_piece(
		    codes, n, i, start, place, next, next + n + HAMMING_PAD);
		ret->piece[i] = (struct hamming_piece){ start, place, next,
			next + n + HAMMING_PAD };
	}
}

void
hamming_sorted_release(struct hamming_sorted *s)
{
	free(s->memory);
	*s = (struct hamming_sorted){ 0 };
}
