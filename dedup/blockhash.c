/* SPDX-License-Identifier: Apache-2.0 */
#include "dedup/blockhash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 16 /* blocks */
#define BLOCKS (SIDE * SIDE)
#define QUARTER (BLOCKS / 4)
#define WHITE (3 * 256.0) /* as the reference has it, of which it takes half */

/* How much of pixel i, of `n` in a direction, is in which blocks. */
struct share {
	int first;   /* block */
	double part; /* in that; what is left is in the next */
};

static struct share
share_of(int i, int n)
{
	const double block = (double)n / SIDE;
	const int first = (int)((int64_t)i * SIDE / n);
	const double end = (first + 1) * block;

	return (struct share){ first, end < i + 1 ? end - i : 1 };
}

/* A picture with fewer pixels than blocks leaves some without any. */
static void
add_row(const uint8_t *row, int width, double sum[SIDE])
{
	struct share s;
	int x, value;

	for (x = 0; x < width; x++, row += 3) {
		s = share_of(x, width);
		value = row[0] + row[1] + row[2];
		sum[s.first] += s.part * value;
		if (s.part < 1 && s.first + 1 < SIDE)
			sum[s.first + 1] += (1 - s.part) * value;
	}
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median_of(const double *values)
{
	double sorted[QUARTER];

	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, QUARTER, sizeof(*sorted), by_value);
	return (sorted[QUARTER / 2 - 1] + sorted[QUARTER / 2]) / 2;
}

void
blockhash_of_rgb(
    const uint8_t *pixels, int width, int height, uint8_t ret[BLOCKHASH_SIZE])
{
	const double half =
	    (double)width / SIDE * ((double)height / SIDE) * WHITE / 2;
	double block[SIDE + 1][SIDE] = { { 0 } }, row[SIDE], median = 0, v;
	struct share s;
	int x, y, i;

	for (y = 0; y < height; y++, pixels += 3 * (int64_t)width) {
		memset(row, 0, sizeof(row));
		add_row(pixels, width, row);
		s = share_of(y, height);
		for (x = 0; x < SIDE; x++) {
			block[s.first][x] += s.part * row[x];
			block[s.first + 1][x] += (1 - s.part) * row[x];
		}
	}
	memset(ret, 0, BLOCKHASH_SIZE);
	for (i = 0; i < BLOCKS; i++) {
		v = block[i / SIDE][i % SIDE];
		if (i % QUARTER == 0)
			median = median_of(block[i / SIDE]);
		if (v > median || (fabs(v - median) < 1 && median > half))
			ret[i / 8] |= (uint8_t)(1u << (7 - i % 8));
	}
}
