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

/* Where a row meets columns [at, at + lanes): bit i for at + i. */
typedef uint32_t lanes_fn(const uint16_t *columns, uint16_t row, int most);
/* Do any of four rows meet any of the columns? */
typedef bool four_fn(const uint16_t *columns, const uint16_t *rows, int most);
#define ROWS 4

struct loop {
	size_t lanes;
	lanes_fn *near;
	four_fn *any;
};

/* What the next pieces let pass is looked at with those after them. */
INLINE void
look(const struct hamming_scan *s, size_t row, size_t at, uint32_t lanes)
{
	size_t column;
	int bits;

	for (; lanes != 0; lanes &= lanes - 1) {
		column = at + (size_t)__builtin_ctz(lanes);
		if (column >= s->column_end)
			return;
		if (s->same && column <= row)
			continue;
		bits = __builtin_popcount((unsigned)(s->row_next[row] ^
			   s->column_next[column])) +
		    __builtin_popcount((
			unsigned)(s->row_after[row] ^ s->column_after[column]));
		if (bits <= s->both)
			s->hit(s->ctx, row, column);
	}
}

/* A vector of columns stays where it is while the rows go by. */
INLINE void
scan_by(const struct hamming_scan *s, struct loop by, int most)
{
	const uint16_t *rows = s->row_next, *columns;
	size_t at, end, row, i;

	for (at = s->column; at < s->column_end; at += by.lanes) {
		columns = s->column_next + at;
		end = s->row_end;
		if (s->same && at + by.lanes < end)
			end = at + by.lanes;
		for (row = s->row; row < end; row += ROWS) {
			if (!by.any(columns, rows + row, most))
				continue;
			for (i = row; i < row + ROWS && i < s->row_end; i++)
				look(s, i, at, by.near(columns, rows[i], most));
		}
	}
}

/* The common numbers of bits as constants, so that loops unroll. */
INLINE void
scan(const struct hamming_scan *s, struct loop by)
{
	switch (s->next) {
	case 1:
		scan_by(s, by, 1);
		break;
	case 2:
		scan_by(s, by, 2);
		break;
	case 3:
		scan_by(s, by, 3);
		break;
	case 4:
		scan_by(s, by, 4);
		break;
	default:
		scan_by(s, by, s->next);
	}
}

/* ---- eight at once, on any processor ---------------------------------- */

#define PLAIN_LANES 8

typedef uint16_t plain_vector __attribute__((vector_size(2 * PLAIN_LANES)));

/* All ones where a row meets a column. */
INLINE plain_vector
plain_meet(const uint16_t *columns, uint16_t row, int most)
{
	plain_vector x;
	int i;

	memcpy(&x, columns, sizeof(x));
	x ^= row;
#pragma GCC unroll 8
	for (i = 0; i < most; i++)
		x &= x - 1;
	return (plain_vector)(x == 0);
}

INLINE uint32_t
plain_near(const uint16_t *columns, uint16_t row, int most)
{
	plain_vector x = plain_meet(columns, row, most);
	uint32_t found = 0;
	int i;

	for (i = 0; i < PLAIN_LANES; i++)
		found |= (uint32_t)(x[i] != 0) << i;
	return found;
}

INLINE bool
plain_any(const uint16_t *columns, const uint16_t *rows, int most)
{
	plain_vector x = plain_meet(columns, rows[0], most);
	uint64_t hits[2];
	int i;

#pragma GCC unroll 4
	for (i = 1; i < ROWS; i++)
		x |= plain_meet(columns, rows[i], most);
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
avx2_meet(const uint16_t *columns, uint16_t row, int most)
{
	const __m256i ones = _mm256_set1_epi16(-1);
	__m256i x = _mm256_loadu_si256((const void *)columns);
	int i;

	x = _mm256_xor_si256(x, _mm256_set1_epi16((short)row));
#	pragma GCC unroll 8
	for (i = 0; i < most; i++)
		x = _mm256_and_si256(x, _mm256_add_epi16(x, ones));
	return _mm256_cmpeq_epi16(x, _mm256_setzero_si256());
}

AVX2 INLINE uint32_t
avx2_near(const uint16_t *columns, uint16_t row, int most)
{
	__m256i x = avx2_meet(columns, row, most);

	return _pext_u32((uint32_t)_mm256_movemask_epi8(x), 0x55555555);
}

AVX2 INLINE bool
avx2_any(const uint16_t *columns, const uint16_t *rows, int most)
{
	__m256i x = avx2_meet(columns, rows[0], most);
	int i;

#	pragma GCC unroll 4
	for (i = 1; i < ROWS; i++)
		x = _mm256_or_si256(x, avx2_meet(columns, rows[i], most));
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

AVX512 INLINE uint32_t
avx512_near(const uint16_t *columns, uint16_t row, int most)
{
	__m512i x = _mm512_loadu_si512(columns);

	x = _mm512_xor_si512(x, _mm512_set1_epi16((short)row));
	return _mm512_cmple_epu16_mask(
	    _mm512_popcnt_epi16(x), _mm512_set1_epi16((short)most));
}

AVX512 INLINE bool
avx512_any(const uint16_t *columns, const uint16_t *rows, int most)
{
	return (avx512_near(columns, rows[0], most) |
		   avx512_near(columns, rows[1], most) |
		   avx512_near(columns, rows[2], most) |
		   avx512_near(columns, rows[3], most)) != 0;
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
