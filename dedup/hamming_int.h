/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hamming_int: the loops of the joins, and what they run over.
 */
#ifndef DEDUP_HAMMING_INT_H
#define DEDUP_HAMMING_INT_H

#include <stdbool.h>

#include "dedup/hamming.h"

/* What a pair that passes is told to; the places are those in the lists. */
typedef void hamming_hit_fn(void *ctx, size_t row, size_t column);

/* Codes of a key against those of another. */
struct hamming_scan {
	const uint16_t *row_next, *row_after;
	const uint16_t *column_next, *column_after;
	size_t row, row_end, column, column_end;
	bool same; /* one list with itself: each pair once */
	int next;  /* bits that the next pieces may differ in, */
	int both;  /* and those with the ones after them */
	hamming_hit_fn *hit;
	void *ctx;
};

typedef void hamming_scan_fn(const struct hamming_scan *);

/*
 * The loop as compiled for a kind of processor, 0 the plainest; NULL where
 * this one cannot run it, or there is none such.
 */
#define HAMMING_LOOPS 3
hamming_scan_fn *hamming_scan_of(int kind);
/* The fastest that this processor can run. */
hamming_scan_fn *hamming_scan_best(void);

/* How pieces may differ for a radius: the t + 1 of all pieces, sum radius + 1;
 * 0: the piece is not looked at. */
void hamming_shares(int radius, int ret[HAMMING_PIECES]);

/* Put one piece in order; arrays as in struct hamming_piece. */
void hamming_sort_piece(const hamming_code *, size_t n, int piece,
    uint32_t *start, uint32_t *place, uint16_t *next, uint16_t *after);

/* The two ways, whatever they cost; `scan` NULL: the fastest. */
int hamming_self_by_pieces(const hamming_code *, size_t n, int radius,
    hamming_scan_fn *scan, hamming_group_fn *, hamming_pair_fn *, void *ctx,
    struct err *);
int hamming_by_pieces(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, const struct hamming_sorted *,
    int radius, hamming_scan_fn *scan, hamming_pair_fn *, void *ctx,
    struct err *);
int hamming_one_by_one(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, int radius, hamming_pair_fn *,
    void *ctx, struct err *);

/* About how many seconds it takes by pieces, and one by one. */
double hamming_cost_pieces(
    size_t n_queries, size_t n, int radius, bool self, bool sorted);
double hamming_cost_pairs(size_t n_queries, size_t n, bool self);

static inline uint16_t
hamming_piece_of(const hamming_code code, int piece)
{
	uint16_t key;

	__builtin_memcpy(
	    &key, code + 2 * (piece % HAMMING_PIECES), sizeof(key));
	return key;
}

static inline int
hamming_distance(const hamming_code a, const hamming_code b)
{
	uint64_t x[4], y[4];

	__builtin_memcpy(x, a, sizeof(x));
	__builtin_memcpy(y, b, sizeof(y));
	return __builtin_popcountll(x[0] ^ y[0]) +
	    __builtin_popcountll(x[1] ^ y[1]) +
	    __builtin_popcountll(x[2] ^ y[2]) +
	    __builtin_popcountll(x[3] ^ y[3]);
}

#endif
