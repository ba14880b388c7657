/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noise that is the same in every run, and codes made of it.
 */
#ifndef TESTS_CODES_H
#define TESTS_CODES_H

#include <stdint.h>

#include "dedup/pdq.h"

/* Marsaglia's xorshift32; the state is not 0. */
static inline uint32_t
noise(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

struct near_code {
	int64_t id;
	uint8_t bits[PDQ_SIZE];
};

static inline struct near_code
random_code(int64_t id, uint32_t *state)
{
	struct near_code c = { .id = id };
	int i;

	for (i = 0; i < PDQ_SIZE; i++)
		c.bits[i] = (uint8_t)(noise(state) >> 8);
	return c;
}

/* A code with `n` (or somewhat fewer) bits of `c` turned over. */
static inline struct near_code
neighbour(const struct near_code *c, int64_t id, uint32_t n, uint32_t *state)
{
	struct near_code copy = *c;
	uint32_t bit;

	for (copy.id = id; n > 0; n--) {
		bit = (noise(state) >> 8) % PDQ_BITS;
		copy.bits[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	return copy;
}

#endif
