/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms of oriented gradients.
 *
 * As in Dalal and Triggs: square root of the intensities, the strongest of
 * the three colours' gradients at each pixel, votes shared between the two
 * nearest directions and four nearest cells, blocks of 2 x 2 cells
 * normalised by L2 with clipping at 0.2.  Blocks overlap, so a cell is
 * normalised in up to four ways; what is kept is their mean, as in the
 * part-based detector of Felzenszwalb et al. (2010): a quarter of the
 * numbers for nearly the same accuracy.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

/* Two cells' worth of faint noise weighs no more than real edges. */
#define NORM_FLOOR 1e-2f
#define CLIP 0.2f

struct cells {
	float v[HOG_CELLS][HOG_CELLS][HOG_BINS];
};

struct gradient {
	float dx, dy, size;
};

static int
clamp(int i, int size)
{
	return i < 0 ? 0 : i >= size ? size - 1
				     : i;
}

/* The strongest of the colours' gradients at a pixel. */
static struct gradient
gradient_at(const struct raster *root, int y, int x)
{
	int left = clamp(x - 1, RASTER_SIDE), right = clamp(x + 1, RASTER_SIDE);
	int up = clamp(y - 1, RASTER_SIDE), down = clamp(y + 1, RASTER_SIDE);
	struct gradient best = { 0 };

	for (int c = 0; c < 3; c++) {
		float dx = root->plane[c][y][right] - root->plane[c][y][left];
		float dy = root->plane[c][down][x] - root->plane[c][up][x];
		float size = dx * dx + dy * dy;

		if (size > best.size)
			best = (struct gradient){ dx, dy, size };
	}
	best.size = sqrtf(best.size);
	return best;
}

/* Where a direction falls among the bins: the lower one, and how far past. */
static int
bin_of(const struct gradient *g, float *ret_past)
{
	float turns = atan2f(g->dy, g->dx) / (float)M_PI;
	float at, low;

	if (turns < 0)
		turns += 1;
	at = turns * HOG_BINS - 0.5f;
	low = floorf(at);
	*ret_past = at - low;
	return ((int)low + HOG_BINS) % HOG_BINS;
}

static void
vote(struct cells *cells, int y, int x, const struct gradient *g)
{
	float side = (float)RASTER_SIDE / HOG_CELLS;
	float at_y = ((float)y + 0.5f) / side - 0.5f, low_y = floorf(at_y);
	float at_x = ((float)x + 0.5f) / side - 0.5f, low_x = floorf(at_x);
	float past;
	int bin = bin_of(g, &past);

	for (int i = 0; i < 4; i++) {
		int cy = (int)low_y + i / 2, cx = (int)low_x + i % 2;
		float wy = i / 2 ? at_y - low_y : 1 - (at_y - low_y);
		float wx = i % 2 ? at_x - low_x : 1 - (at_x - low_x);
		float weight = g->size * wy * wx;

		if (cy < 0 || cx < 0 || cy >= HOG_CELLS || cx >= HOG_CELLS)
			continue;
		cells->v[cy][cx][bin] += weight * (1 - past);
		cells->v[cy][cx][(bin + 1) % HOG_BINS] += weight * past;
	}
}

static void
normalise(float *v, int n, float floor_square)
{
	float square = floor_square;

	for (int i = 0; i < n; i++)
		square += v[i] * v[i];
	for (int i = 0; i < n; i++)
		v[i] /= sqrtf(square);
}

/* Add one block, normalised, to the cells that it covers. */
static void
add_block(struct cells *sum, const struct cells *cells, int y, int x)
{
	float block[4][HOG_BINS];

	for (int i = 0; i < 4; i++)
		memcpy(block[i], cells->v[y + i / 2][x + i % 2],
		    sizeof(block[i]));
	normalise(block[0], 4 * HOG_BINS, NORM_FLOOR);
	for (int i = 0; i < 4; i++)
		for (int b = 0; b < HOG_BINS; b++)
			block[i][b] = fminf(block[i][b], CLIP);
	normalise(block[0], 4 * HOG_BINS, NORM_FLOOR * NORM_FLOOR);
	for (int i = 0; i < 4; i++)
		for (int b = 0; b < HOG_BINS; b++)
			sum->v[y + i / 2][x + i % 2][b] += block[i][b];
}

static void
take_roots(struct raster *root, const struct raster *r)
{
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < RASTER_SIDE; y++)
			for (int x = 0; x < RASTER_SIDE; x++)
				root->plane[c][y][x] =
				    sqrtf(r->plane[c][y][x]);
}

void
hog_of(const struct raster *r, float out[HOG_COUNT])
{
	struct raster *root CLEANUP(freep) = xmalloc(sizeof(*root));
	struct cells cells = { 0 }, sum = { 0 };
	const int last = HOG_CELLS - 1;

	take_roots(root, r);
	for (int y = 0; y < RASTER_SIDE; y++)
		for (int x = 0; x < RASTER_SIDE; x++) {
			struct gradient g = gradient_at(root, y, x);

			if (g.size > 0)
				vote(&cells, y, x, &g);
		}
	for (int y = 0; y < last; y++)
		for (int x = 0; x < last; x++)
			add_block(&sum, &cells, y, x);
	for (int y = 0; y < HOG_CELLS; y++)
		for (int x = 0; x < HOG_CELLS; x++)
			for (int b = 0; b < HOG_BINS; b++) {
				int blocks = (y % last ? 2 : 1) *
				    (x % last ? 2 : 1);

				*out++ = sum.v[y][x][b] / (float)blocks;
			}
}
