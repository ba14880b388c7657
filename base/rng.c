/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"

static uint64_t
splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->state[i] = splitmix64(&seed);
}

void
rng_seed_digest(struct rng *r, const unsigned char digest[32])
{
	uint64_t any = 0;

	for (int i = 0; i < 4; i++) {
		r->state[i] = 0;
		for (int j = 7; j >= 0; j--)
			r->state[i] = r->state[i] << 8 | digest[8 * i + j];
		any |= r->state[i];
	}
	/* The one state that the generator never leaves. */
	if (any == 0)
		rng_seed(r, 0);
}

static uint64_t
rotate_left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

uint64_t
rng_next(struct rng *r)
{
	uint64_t *s = r->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t
rng_below(struct rng *r, uint64_t n)
{
	/* 2^64 mod n: so many values at the bottom would come up too often. */
	uint64_t excess = -n % n;
	uint64_t x;

	do
		x = rng_next(r);
	while (x < excess);
	return x % n;
}

void
rng_shuffle(struct rng *r, size_t *index, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(r, i);
		size_t t = index[i - 1];

		index[i - 1] = index[j];
		index[j] = t;
	}
}
