/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rng: repeatable random numbers, with their state in the caller's hands.
 *
 * xoshiro256** 1.0 by Blackman and Vigna (2018), its state filled from one
 * number by splitmix64 (Steele, Lea and Flood, 2014), as its authors advise.
 * The same seed gives the same numbers on every machine.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state[4];
};

void rng_seed(struct rng *, uint64_t seed);
/*
 * The same from 32 bytes that look random already, like a SHA-256: they are
 * the state, read as four little-endian numbers.
 */
void rng_seed_digest(struct rng *, const unsigned char digest[32]);
uint64_t rng_next(struct rng *);

/* Uniform in 0..n-1, without the bias of a bare remainder; n > 0. */
uint64_t rng_below(struct rng *, uint64_t n);

/* Put the n indices in a random order (Fisher-Yates). */
void rng_shuffle(struct rng *, size_t *index, size_t n);

#endif
