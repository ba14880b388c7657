/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hamming: all pairs of 256-bit codes at most so many bits apart, exactly.
 *
 * Multi-index hashing (Norouzi, Punjani and Fleet, 2014) as a join: codes are
 * cut into 16 pieces of 16 bits and sorted by each.  Where the pieces may
 * differ in t[i] bits and the t[i] + 1 sum up to radius + 1, two codes within
 * the radius have a piece i from which on, going round, each run of pieces
 * differs in less bits than its t + 1 sum up to (the pigeonring of Qin and
 * Xiao, 2018).  So the codes of a piece are held against those whose piece is
 * within t[i], by the next piece first, 16 or 32 at once, then by the one
 * after it, then in full.  Few codes, or a wide radius, are held against each
 * other one by one: whatever is cheaper by the cost model.
 *
 * The loops are compiled for AVX-512, AVX2 and plain processors and chosen at
 * run time.  Pure functions of one thread; a code's bytes may lie anywhere.
 */
#ifndef DEDUP_HAMMING_H
#define DEDUP_HAMMING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "dedup/pdq.h"

#define HAMMING_MAX UINT32_MAX /* codes at once */
#define HAMMING_PIECES 16

typedef uint8_t hamming_code[PDQ_SIZE];

/*
 * A pair, by places.  0 goes on; anything else ends the join, which then
 * returns 1.  Called in no order that one could rely on.
 */
typedef int hamming_pair_fn(void *ctx, size_t a, size_t b, int distance);

/*
 * Each pair a < b of n codes at most `radius` (0..256) bits apart, once.
 * Equal codes are pairs too: where there are many of them, let them stand
 * once and keep their owners apart.  Returns 0, 1 as above, or -1
 * (ERR_STOPPED).  Memory: 18 bytes a code.
 */
int hamming_self_join(const hamming_code *, size_t n, int radius,
    hamming_pair_fn *, void *ctx, struct err *);

/*
 * The same for who only asks what hangs together: pairs of places of which
 * the function says the same group, when asked between two pairs, may be left
 * out, and others come more than once.  So ten thousand copies of one picture
 * are not held against each other in each piece.
 */
typedef size_t hamming_group_fn(void *ctx, size_t place);
int hamming_self_join_groups(const hamming_code *, size_t n, int radius,
    hamming_group_fn *, hamming_pair_fn *, void *ctx, struct err *);

/*
 * Each pair of a query (a) and a code (b) in the same way.  Memory: 18 bytes
 * a code and a query; where there are many more queries than codes it pays to
 * give them in pieces of about a million.
 */
int hamming_join(const hamming_code *queries, size_t n_queries,
    const hamming_code *codes, size_t n, int radius, hamming_pair_fn *,
    void *ctx, struct err *);

/* Codes sorted by each piece, ready for joins; it lies in a file or memory. */
#define HAMMING_KEYS 65536
#define HAMMING_PAD 32 /* further elements of next and after, of any value */

struct hamming_piece {
	const uint32_t *start; /* [KEYS + 1]: where the codes of a key begin */
	const uint32_t *place; /* [n] of the codes */
	const uint16_t *next;  /* [n + PAD]: the piece that follows, */
	const uint16_t *after; /* [n + PAD]: and the one after that */
};

struct hamming_sorted {
	size_t n;
	const hamming_code *codes;
	struct hamming_piece piece[HAMMING_PIECES];
	void *memory; /* what is to be freed of it, or NULL */
};

/* All of them, in memory: 128 bytes a code.  The codes are borrowed. */
void hamming_sort(struct hamming_sorted *ret, const hamming_code *, size_t n);
void hamming_sorted_release(struct hamming_sorted *);

/* As hamming_join(), with codes that are sorted: cost grows with queries. */
int hamming_join_sorted(const hamming_code *queries, size_t n_queries,
    const struct hamming_sorted *, int radius, hamming_pair_fn *, void *ctx,
    struct err *);

#endif
