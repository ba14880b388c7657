/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop, compiled for several processors and chosen by hand: target_clones
 * would do that with an ifunc, which runs before the sanitizers are up.
 *
 * That a word has at most k bits is told by taking its lowest bit away k
 * times: for the few bits in question that is less work than to count them.
 */
#include "dedup/hamming_int.h"

#include <string.h>

#ifdef __x86_64__
#	include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

/*
 * What is held against what: by the next pieces alone, of which only so few
 * bits may differ that they are enough to tell (most), or (most: BOTH) by
 * them and those after them.
 */
#define BOTH (-1)
#define ALONE_MOST 2

/* Where a row meets columns [at, at + lanes): bit i for at + i. */
typedef uint32_t lanes_fn(
    const struct hamming_scan *, size_t row, size_t at, int most);
/* Do any of four rows meet any of the columns? */
typedef bool four_fn(
    const struct hamming_scan *, size_t row, size_t at, int most);
#define ROWS 4

struct loop {
	size_t lanes;
	lanes_fn *near;
	four_fn *any;
};

/* What the vectors let pass, by both rules. */
INLINE void
look(const struct hamming_scan *s, size_t row, size_t at, uint32_t lanes)
{
	size_t column;
	int next, after;

	for (; lanes != 0; lanes &= lanes - 1) {
		column = at + (size_t)__builtin_ctz(lanes);
		if (column >= s->column_end)
			return;
		if (s->same && column <= row)
			continue;
		next = __builtin_popcount(
		    (unsigned)(s->row_next[row] ^ s->column_next[column]));
		after = __builtin_popcount(
		    (unsigned)(s->row_after[row] ^ s->column_after[column]));
		if (next <= s->next && next + after <= s->both)
			s->hit(s->ctx, row, column);
	}
}

/* A vector of columns stays where it is while the rows go by. */
INLINE void
scan_by(const struct hamming_scan *s, struct loop by, int most)
{
	size_t at, end, row, i;

	if (s->row_end - s->row == 1) {
		for (at = s->column; at < s->column_end; at += by.lanes)
			look(s, s->row, at, by.near(s, s->row, at, most));
		return;
	}
	for (at = s->column; at < s->column_end; at += by.lanes) {
		end = s->row_end;
		if (s->same && at + by.lanes < end)
			end = at + by.lanes;
		for (row = s->row; row < end; row += ROWS) {
			if (!by.any(s, row, at, most))
				continue;
			for (i = row; i < row + ROWS && i < s->row_end; i++)
				look(s, i, at, by.near(s, i, at, most));
		}
	}
}

/* Constants, so that loops unroll. */
INLINE void
scan(const struct hamming_scan *s, struct loop by)
{
	if (s->next < 0)
		return;
	if (s->next > ALONE_MOST)
		scan_by(s, by, BOTH);
	else if (s->next == 2)
		scan_by(s, by, 2);
	else if (s->next == 1)
		scan_by(s, by, 1);
	else
		scan_by(s, by, 0);
}

/* ---- eight at once, on any processor ---------------------------------- */

#define PLAIN_LANES 8

typedef uint16_t plain_vector __attribute__((vector_size(2 * PLAIN_LANES)));

/* How many bits of each lane. */
INLINE plain_vector
plain_count(plain_vector x)
{
	x -= (x >> 1) & 0x5555;
	x = (x & 0x3333) + ((x >> 2) & 0x3333);
	x = (x + (x >> 4)) & 0x0f0f;
	return (x + (x >> 8)) & 0x1f;
}

INLINE plain_vector
plain_differing(const uint16_t *columns, uint16_t row)
{
	plain_vector x;

	memcpy(&x, columns, sizeof(x));
	return x ^ row;
}

/* All ones where a row meets a column. */
INLINE plain_vector
plain_meet(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	plain_vector x = plain_differing(s->column_next + at, s->row_next[row]);
	int i;

	if (most == BOTH)
		return (plain_vector)(plain_count(x) +
			plain_count(plain_differing(
			    s->column_after + at, s->row_after[row])) <=
		    (uint16_t)s->both);
#pragma GCC unroll 2
	for (i = 0; i < most; i++)
		x &= x - 1;
	return (plain_vector)(x == 0);
}

INLINE uint32_t
plain_near(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	plain_vector x = plain_meet(s, row, at, most);
	uint32_t found = 0;
	int i;

	for (i = 0; i < PLAIN_LANES; i++)
		found |= (uint32_t)(x[i] != 0) << i;
	return found;
}

INLINE bool
plain_any(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	plain_vector x = plain_meet(s, row, at, most);
	uint64_t hits[2];
	size_t i;

#pragma GCC unroll 4
	for (i = 1; i < ROWS; i++)
		x |= plain_meet(s, row + i, at, most);
	memcpy(hits, &x, sizeof(hits));
	return (hits[0] | hits[1]) != 0;
}

static void
scan_plain(const struct hamming_scan *s)
{
	scan(s, (struct loop){ PLAIN_LANES, plain_near, plain_any });
}

#ifdef __x86_64__

/* ---- sixteen at once --------------------------------------------------- */

#	define AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))
#	define AVX2_LANES 16

AVX2 INLINE __m256i
avx2_differing(const uint16_t *columns, uint16_t row)
{
	return _mm256_xor_si256(_mm256_loadu_si256((const void *)columns),
	    _mm256_set1_epi16((short)row));
}

/* How many bits of each byte, by half bytes (Mula, 2008). */
AVX2 INLINE __m256i
avx2_count(__m256i x)
{
	const __m256i half = _mm256_set1_epi8(15);
	const __m256i bits = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2,
	    3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);

	return _mm256_add_epi8(
	    _mm256_shuffle_epi8(bits, _mm256_and_si256(x, half)),
	    _mm256_shuffle_epi8(
		bits, _mm256_and_si256(_mm256_srli_epi16(x, 4), half)));
}

AVX2 INLINE __m256i
avx2_meet(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	const __m256i ones = _mm256_set1_epi16(-1);
	__m256i x = avx2_differing(s->column_next + at, s->row_next[row]);
	int i;

	if (most == BOTH) {
		x = avx2_count(x);
		x = _mm256_add_epi8(x,
		    avx2_count(avx2_differing(
			s->column_after + at, s->row_after[row])));
		x = _mm256_maddubs_epi16(x, _mm256_set1_epi8(1));
		return _mm256_cmpgt_epi16(
		    _mm256_set1_epi16((short)(s->both + 1)), x);
	}
#	pragma GCC unroll 2
	for (i = 0; i < most; i++)
		x = _mm256_and_si256(x, _mm256_add_epi16(x, ones));
	return _mm256_cmpeq_epi16(x, _mm256_setzero_si256());
}

AVX2 INLINE uint32_t
avx2_near(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	__m256i x = avx2_meet(s, row, at, most);

	return _pext_u32((uint32_t)_mm256_movemask_epi8(x), 0x55555555);
}

AVX2 INLINE bool
avx2_any(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	__m256i x = avx2_meet(s, row, at, most);
	size_t i;

#	pragma GCC unroll 4
	for (i = 1; i < ROWS; i++)
		x = _mm256_or_si256(x, avx2_meet(s, row + i, at, most));
	return !_mm256_testz_si256(x, x);
}

AVX2 static void
scan_avx2(const struct hamming_scan *s)
{
	scan(s, (struct loop){ AVX2_LANES, avx2_near, avx2_any });
}

/* ---- thirty-two at once ------------------------------------------------ */

#	define AVX512 \
		__attribute__((target("avx512f,avx512bw,avx512vpopcntdq," \
				      "avx512bitalg,popcnt,bmi")))
#	define AVX512_LANES 32

AVX512 INLINE __m512i
avx512_count(const uint16_t *columns, uint16_t row)
{
	return _mm512_popcnt_epi16(_mm512_xor_si512(
	    _mm512_loadu_si512(columns), _mm512_set1_epi16((short)row)));
}

AVX512 INLINE uint32_t
avx512_near(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	__m512i x = avx512_count(s->column_next + at, s->row_next[row]);

	if (most == BOTH) {
		x = _mm512_add_epi16(
		    x, avx512_count(s->column_after + at, s->row_after[row]));
		most = s->both;
	}
	return _mm512_cmple_epu16_mask(x, _mm512_set1_epi16((short)most));
}

AVX512 INLINE bool
avx512_any(const struct hamming_scan *s, size_t row, size_t at, int most)
{
	uint32_t found = avx512_near(s, row, at, most);
	size_t i;

#	pragma GCC unroll 4
	for (i = 1; i < ROWS; i++)
		found |= avx512_near(s, row + i, at, most);
	return found != 0;
}

AVX512 static void
scan_avx512(const struct hamming_scan *s)
{
	scan(s, (struct loop){ AVX512_LANES, avx512_near, avx512_any });
}

hamming_scan_fn *
hamming_scan_of(int kind)
{
	if (kind == 0)
		return scan_plain;
	if (kind == 1)
		return __builtin_cpu_supports("avx2") &&
			__builtin_cpu_supports("bmi2")
		    ? scan_avx2
		    : NULL;
	return __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vpopcntdq") &&
		__builtin_cpu_supports("avx512bitalg")
	    ? scan_avx512
	    : NULL;
}

#else

hamming_scan_fn *
hamming_scan_of(int kind)
{
	return kind == 0 ? scan_plain : NULL;
}

#endif

hamming_scan_fn *
hamming_scan_best(void)
{
	int kind = HAMMING_LOOPS - 1;

	while (hamming_scan_of(kind) == NULL)
		kind--;
	return hamming_scan_of(kind);
}
