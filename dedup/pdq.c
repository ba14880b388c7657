/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/pdq.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dedup/pdq_int.h"

#define TERMS 16 /* frequencies kept in each direction, 1..16 */
#define SMALL_LANES 4
#define SMALL_VECS (PDQ_SMALL / SMALL_LANES)
#define TERM_VECS (TERMS / SMALL_LANES)

typedef float vec
    __attribute__((vector_size(SMALL_LANES * sizeof(float)), may_alias));

/* Sums of differences between neighbours, each cut to a whole number. */
static int
quality_of(float small[PDQ_SMALL][PDQ_SMALL])
{
	int i, j, sum = 0;

	for (i = 0; i < PDQ_SMALL - 1; i++)
		for (j = 0; j < PDQ_SMALL; j++)
			sum += abs(
			    (int)((small[i][j] - small[i + 1][j]) * 100 / 255));
	for (i = 0; i < PDQ_SMALL; i++)
		for (j = 0; j < PDQ_SMALL - 1; j++)
			sum += abs(
			    (int)((small[i][j] - small[i][j + 1]) * 100 / 255));
	sum /= 90;
	return sum < 100 ? sum : 100;
}

/*
 * Rows 1..16 of the DCT-II matrix of 64 points.  All its values are
 * sqrt(2/64) cos(pi m / 128) with m in 1..63, or the negative of one; the
 * product is rounded once, as in the reference.
 */
static void
dct_matrix(float matrix[TERMS][PDQ_SMALL])
{
	float scale = (float)sqrt(2.0 / PDQ_SMALL), quarter[PDQ_SMALL + 1];
	int i, j, m;

	for (m = 0; m <= PDQ_SMALL; m++)
		quarter[m] =
		    (float)((double)scale * cos(M_PI / (2 * PDQ_SMALL) * m));
	for (i = 0; i < TERMS; i++)
		for (j = 0; j < PDQ_SMALL; j++) {
			m = (i + 1) * (2 * j + 1) % (4 * PDQ_SMALL);
			if (m > 2 * PDQ_SMALL)
				m = 4 * PDQ_SMALL - m;
			matrix[i][j] = m <= PDQ_SMALL
			    ? quarter[m]
			    : -quarter[2 * PDQ_SMALL - m];
		}
}

/*
 * terms = matrix . small . matrix^T.  The sums run over k in order, the
 * lanes over independent columns, so vectors change no bit.
 */
static void
transform(float small[PDQ_SMALL][PDQ_SMALL], float terms[TERMS][TERMS])
{
	float matrix[TERMS][PDQ_SMALL];
	vec in[PDQ_SMALL][SMALL_VECS], across[PDQ_SMALL][TERM_VECS];
	vec half[SMALL_VECS], out[TERMS][TERM_VECS], sum;
	const float *row = (const float *)half;
	int i, j, k;

	dct_matrix(matrix);
	memcpy(in, small, sizeof(in));
	for (k = 0; k < PDQ_SMALL; k++)
		for (j = 0; j < TERMS; j++)
			((float *)across[k])[j] = matrix[j][k];
	for (i = 0; i < TERMS; i++) {
		for (j = 0; j < SMALL_VECS; j++) {
			sum = (vec){ 0 };
			for (k = 0; k < PDQ_SMALL; k++)
				sum += matrix[i][k] * in[k][j];
			half[j] = sum;
		}
		for (j = 0; j < TERM_VECS; j++) {
			sum = (vec){ 0 };
			for (k = 0; k < PDQ_SMALL; k++)
				sum += row[k] * across[k][j];
			out[i][j] = sum;
		}
	}
	memcpy(terms, out, sizeof(out));
}

/*
 * The lower median, by bisection: an IEEE 754 number read as an integer,
 * with the bits of negative ones turned over, keeps its order.
 */
static float
median_of(const float *values, int n)
{
	uint32_t key[PDQ_BITS], low = 0, high = UINT32_MAX, middle;
	float median;
	int i, below;

	memcpy(key, values, sizeof(key));
	for (i = 0; i < n; i++)
		key[i] ^= key[i] >> 31 ? UINT32_MAX : 1u << 31;
	while (low < high) {
		middle = low + (high - low) / 2;
		for (below = 0, i = 0; i < n; i++)
			below += key[i] <= middle;
		if (below >= n / 2)
			high = middle;
		else
			low = middle + 1;
	}
	low ^= low >> 31 ? 1u << 31 : UINT32_MAX;
	memcpy(&median, &low, sizeof(median));
	return median;
}

static void
bits_of(float terms[TERMS][TERMS], uint8_t bits[PDQ_SIZE])
{
	const float median = median_of(terms[0], PDQ_BITS);
	int k;

	memset(bits, 0, PDQ_SIZE);
	for (k = 0; k < PDQ_BITS; k++)
		if (terms[k / TERMS][k % TERMS] > median)
			bits[PDQ_SIZE - 1 - k / 8] |= (uint8_t)(1u << k % 8);
}

/*
 * Mirroring changes the sign of the odd frequencies in its direction, which
 * have even numbers here; and all turns are a transposition, or none, and
 * then mirrors.
 */
static void
turn_terms(float from[TERMS][TERMS], int turn, float to[TERMS][TERMS])
{
	static const struct {
		bool transpose, across, down; /* in this order */
	} of[PDQ_TURNS] = { { false, false, false }, { false, true, false },
		{ false, true, true }, { false, false, true },
		{ true, false, false }, { true, true, false },
		{ true, true, true }, { true, false, true } };
	bool minus;
	float term;
	int i, j;

	for (i = 0; i < TERMS; i++)
		for (j = 0; j < TERMS; j++) {
			term = of[turn].transpose ? from[j][i] : from[i][j];
			minus = (of[turn].across && j % 2 == 0) !=
			    (of[turn].down && i % 2 == 0);
			to[i][j] = minus ? -term : term;
		}
}

int
pdq_turn_back(int turn)
{
	return turn == 5 ? 7 : turn == 7 ? 5 : turn;
}

/* turned: also of all its turns, unless NULL. */
static void
code_of(float small[PDQ_SMALL][PDQ_SMALL], struct pdq *ret,
    uint8_t turned[PDQ_TURNS][PDQ_SIZE])
{
	float terms[TERMS][TERMS], other[TERMS][TERMS];
	int turn;

	transform(small, terms);
	bits_of(terms, ret->bits);
	ret->quality = quality_of(small);
	for (turn = 0; turned != NULL && turn < PDQ_TURNS; turn++) {
		turn_terms(terms, turn, other);
		bits_of(other, turned[turn]);
	}
}

static bool
too_small(int width, int height, struct pdq *ret)
{
	if (width >= PDQ_SIDE_MIN && height >= PDQ_SIDE_MIN)
		return false;
	memset(ret, 0, sizeof(*ret));
	return true;
}

void
pdq_of_luma(const float *luma, int width, int height, struct pdq *ret)
{
	struct pdq_blur *blur CLEANUP(pdq_blur_freep) = NULL;
	float small[PDQ_SMALL][PDQ_SMALL];
	int y;

	if (too_small(width, height, ret))
		return;
	if (width == PDQ_SMALL && height == PDQ_SMALL) {
		memcpy(small, luma, sizeof(small));
		code_of(small, ret, NULL);
		return;
	}
	blur = pdq_blur_new(width, height);
	for (y = 0; y < height; y++) {
		memcpy(pdq_blur_row(blur), luma + (ptrdiff_t)y * width,
		    (size_t)width * sizeof(*luma));
		pdq_blur_step(blur);
	}
	pdq_blur_end(blur, small);
	code_of(small, ret, NULL);
}

/* The luma of one pixel; all of this is rounded as in the reference. */
static float
luma_of(const uint8_t *p, int bands)
{
	if (bands == 1)
		return p[0];
	return 0.299f * (float)p[0] + 0.587f * (float)p[1] +
	    0.114f * (float)p[2];
}

/* The four bytes at p, the first in the low bits. */
static inline int32_t
word_at(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return (int32_t)(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		? n
		: __builtin_bswap32(n));
}

#define WORD(i) word_at(row + at[i])
#define WORDS(i) WORD(i), WORD(i + 1), WORD(i + 2), WORD(i + 3)

#define LANES_OF "dedup/pdq_luma.h"
#include "base/lanes.h"

static void
luma_row(float *luma, const uint8_t *row, const int *at, int n, int bands)
{
	if (has_8_lanes())
		luma_row_by_8(luma, row, at, n, bands);
	else
		luma_row_by_4(luma, row, at, n, bands);
}

void
pdq_turns_of_rgb(const uint8_t *pixels, int width, int height, int bands,
    struct pdq *ret, uint8_t turned[PDQ_TURNS][PDQ_SIZE])
{
	bool sample = width > PDQ_SIDE_MAX || height > PDQ_SIDE_MAX;
	int w = sample ? PDQ_SIDE_MAX : width;
	int h = sample ? PDQ_SIDE_MAX : height;
	ptrdiff_t row = (ptrdiff_t)width * bands;
	struct pdq_blur *blur CLEANUP(pdq_blur_freep) = NULL;
	float small[PDQ_SMALL][PDQ_SMALL];
	int at[PDQ_SIDE_MAX], i;

	assert(bands == 1 || bands == 3);
	if (turned != NULL)
		memset(turned, 0, PDQ_TURNS * PDQ_SIZE);
	if (too_small(width, height, ret))
		return;
	for (i = 0; i < w; i++)
		at[i] = (int)((int64_t)i * width / w) * bands;
	if (w == PDQ_SMALL && h == PDQ_SMALL) {
		for (i = 0; i < h; i++)
			luma_row(small[i], pixels + i * row, at, w, bands);
		code_of(small, ret, turned);
		return;
	}
	blur = pdq_blur_new(w, h);
	for (i = 0; i < h; i++) {
		luma_row(pdq_blur_row(blur),
		    pixels + (int64_t)i * height / h * row, at, w, bands);
		pdq_blur_step(blur);
	}
	pdq_blur_end(blur, small);
	code_of(small, ret, turned);
}

void
pdq_of_rgb(
    const uint8_t *pixels, int width, int height, int bands, struct pdq *ret)
{
	pdq_turns_of_rgb(pixels, width, height, bands, ret, NULL);
}

int
pdq_distance(const uint8_t a[PDQ_SIZE], const uint8_t b[PDQ_SIZE])
{
	uint64_t x[PDQ_SIZE / 8], y[PDQ_SIZE / 8];
	int i, distance = 0;

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	for (i = 0; i < PDQ_SIZE / 8; i++)
		distance += __builtin_popcountll(x[i] ^ y[i]);
	return distance;
}

void
pdq_to_hex(char out[PDQ_HEX], const uint8_t bits[PDQ_SIZE])
{
	text_to_hex(out, bits, PDQ_SIZE);
}

bool
pdq_from_hex(uint8_t bits[PDQ_SIZE], const char *hex)
{
	return text_from_hex(bits, PDQ_SIZE, hex);
}
