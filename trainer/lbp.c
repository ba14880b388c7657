/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local binary patterns: which of the eight pixels around one are brighter.
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

struct grey {
	float v[RASTER_SIDE][RASTER_SIDE];
};

static void
to_grey(struct grey *g, const struct raster *p)
{
	for (int y = 0; y < RASTER_SIDE; y++)
		for (int x = 0; x < RASTER_SIDE; x++)
			g->v[y][x] = 0.299f * p->plane[0][y][x] +
			    0.587f * p->plane[1][y][x] +
			    0.114f * p->plane[2][y][x];
}

/*
 * The pattern in a mirror: the directions go round from east by south, so
 * number i is seen at 4 - i.
 */
static unsigned
mirrored(unsigned code)
{
	unsigned out = 0;

	for (unsigned i = 0; i < 8; i++)
		if (code >> i & 1)
			out |= 1u << ((12 - i) % 8);
	return out;
}

/*
 * Patterns with at most two changes between 0 and 1 around the circle are
 * uniform: 58 of the 256, 34 when one and its mirror image are the same.
 * Each has a bin; all the others share the last.
 */
static void
number_patterns(int bin[256])
{
	int next = 0;

	for (unsigned i = 0; i < 256; i++) {
		unsigned turned = (i << 1 | i >> 7) & 255, other = mirrored(i);

		if (__builtin_popcount(i ^ turned) > 2)
			bin[i] = LBP_BINS - 1;
		else
			bin[i] = other < i ? bin[other] : next++;
	}
	assert(next == LBP_BINS - 1);
}

static unsigned
pattern_at(const struct grey *g, int y, int x, int radius)
{
	static const int dy[8] = { 0, 1, 1, 1, 0, -1, -1, -1 };
	static const int dx[8] = { 1, 1, 0, -1, -1, -1, 0, 1 };
	const float faint = 0.01f; /* brighter by less is noise */
	float centre = g->v[y][x] + faint;
	unsigned code = 0;

	for (int i = 0; i < 8; i++)
		if (g->v[y + dy[i] * radius][x + dx[i] * radius] > centre)
			code |= 1u << i;
	return code;
}

static void
count_patterns(const struct grey *g, const int bin[256], int radius,
    float out[REGIONS * LBP_BINS])
{
	for (int y = radius; y < RASTER_SIDE - radius; y++)
		for (int x = radius; x < RASTER_SIDE - radius; x++) {
			struct regions in = regions_at(y, x);
			int b = bin[pattern_at(g, y, x, radius)];

			out[in.ring * LBP_BINS + b]++;
			out[in.part * LBP_BINS + b]++;
		}
	for (int i = 0; i < REGIONS; i++)
		take_shares(out + i * LBP_BINS, LBP_BINS);
}

void
lbp_of(const struct raster *p, float out[LBP_COUNT])
{
	struct grey *g CLEANUP(freep) = xmalloc(sizeof(*g));
	int bin[256];

	to_grey(g, p);
	number_patterns(bin);
	memset(out, 0, LBP_COUNT * sizeof(*out));
	for (int i = 0; i < LBP_RADII; i++)
		count_patterns(g, bin, i + 1, out + i * REGIONS * LBP_BINS);
}
