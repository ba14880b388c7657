/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms of oriented gradients.
 *
 * As in Dalal and Triggs: square root of the intensities, the strongest of
 * the three colours' gradients at each pixel, unsigned directions, votes
 * shared between the two nearest directions and four nearest cells, blocks
 * of 2 x 2 cells normalised by L2 with clipping at 0.2.  Blocks overlap, so
 * a cell is normalised in up to four ways; what is kept is their mean, as in
 * the detector of Felzenszwalb et al. (2010): a quarter of the numbers for
 * nearly the same accuracy.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "trainer/features_int.h"

#define CLIP 0.2f

/* What keeps a block of nothing but faint noise from looking like edges. */
#define FAINT_SQUARE 1e-2f
#define TINY_SQUARE 1e-6f

struct grid {
	int side; /* cells */
	float v[HOG_FINE][HOG_FINE][HOG_BINS];
};

/* A gradient, and between which bins its direction falls. */
struct gradient {
	float dx, dy, size;
	int bin, next;
	float past; /* of the way from bin to next */
};

static int
clamp(int i)
{
	if (i < 0)
		return 0;
	return i < RASTER_SIDE ? i : RASTER_SIDE - 1;
}

/* The strongest of the colours' gradients at a pixel. */
static struct gradient
gradient_at(const struct raster *root, int y, int x)
{
	int left = clamp(x - 1), right = clamp(x + 1);
	int up = clamp(y - 1), down = clamp(y + 1);
	struct gradient best = { 0 };

	for (int c = 0; c < 3; c++) {
		float dx = root->plane[c][y][right] - root->plane[c][y][left];
		float dy = root->plane[c][down][x] - root->plane[c][up][x];
		float size = dx * dx + dy * dy;

		if (size > best.size)
			best = (struct gradient){ dx, dy, size, 0, 0, 0 };
	}
	best.size = sqrtf(best.size);
	return best;
}

static void
find_bins(struct gradient *g)
{
	float turns = atan2f(g->dy, g->dx) / (float)M_PI;
	float at = (turns < 0 ? turns + 1 : turns) * HOG_BINS - 0.5f;
	float low = floorf(at);

	g->bin = ((int)low + HOG_BINS) % HOG_BINS;
	g->next = (g->bin + 1) % HOG_BINS;
	g->past = at - low;
}

static void
vote(struct grid *grid, int y, int x, const struct gradient *g)
{
	float width = (float)RASTER_SIDE / (float)grid->side;
	float at_y = ((float)y + 0.5f) / width - 0.5f, low_y = floorf(at_y);
	float at_x = ((float)x + 0.5f) / width - 0.5f, low_x = floorf(at_x);

	for (int i = 0; i < 4; i++) {
		int cy = (int)low_y + i / 2, cx = (int)low_x + i % 2;
		float wy = i / 2 ? at_y - low_y : 1 - (at_y - low_y);
		float wx = i % 2 ? at_x - low_x : 1 - (at_x - low_x);
		float weight = g->size * wy * wx;

		if (cy < 0 || cx < 0 || cy >= grid->side || cx >= grid->side)
			continue;
		grid->v[cy][cx][g->bin] += weight * (1 - g->past);
		grid->v[cy][cx][g->next] += weight * g->past;
	}
}

static void
normalise(float *v, int n, float least_square)
{
	float square = least_square;

	for (int i = 0; i < n; i++)
		square += v[i] * v[i];
	for (int i = 0; i < n; i++)
		v[i] /= sqrtf(square);
}

/* Add the block at a cell, normalised, to the cells that it covers. */
static void
add_block(struct grid *sum, const struct grid *grid, int y, int x)
{
	float block[4 * HOG_BINS];

	for (int i = 0; i < 4; i++)
		memcpy(block + i * HOG_BINS, grid->v[y + i / 2][x + i % 2],
		    HOG_BINS * sizeof(*block));
	normalise(block, 4 * HOG_BINS, FAINT_SQUARE);
	for (int i = 0; i < 4 * HOG_BINS; i++)
		block[i] = fminf(block[i], CLIP);
	normalise(block, 4 * HOG_BINS, TINY_SQUARE);
	for (int i = 0; i < 4; i++)
		for (int b = 0; b < HOG_BINS; b++)
			sum->v[y + i / 2][x + i % 2][b] +=
			    block[i * HOG_BINS + b];
}

/* Every cell as the mean over the blocks that it is in. */
static void
normalise_blocks(struct grid *grid)
{
	struct grid sum = { .side = grid->side };
	int last = grid->side - 1;

	for (int y = 0; y < last; y++)
		for (int x = 0; x < last; x++)
			add_block(&sum, grid, y, x);
	for (int y = 0; y <= last; y++)
		for (int x = 0; x <= last; x++) {
			int blocks = (y % last ? 2 : 1) * (x % last ? 2 : 1);

			for (int b = 0; b < HOG_BINS; b++)
				grid->v[y][x][b] =
				    sum.v[y][x][b] / (float)blocks;
		}
}

/*
 * Lay the right half over the left: a cell's mirror image is the one as far
 * from the other side, its directions in reverse.  Returns the end of out.
 */
static float *
fold(const struct grid *grid, float *out)
{
	int side = grid->side;

	for (int y = 0; y < side; y++)
		for (int x = 0; x < (side + 1) / 2; x++)
			for (int b = 0; b < HOG_BINS; b++)
				*out++ = (grid->v[y][x][b] +
					     grid->v[y][side - 1 - x]
						    [HOG_BINS - 1 - b]) /
				    2;
	return out;
}

static void
take_roots(struct raster *root, const struct raster *p)
{
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < RASTER_SIDE; y++)
			for (int x = 0; x < RASTER_SIDE; x++)
				root->plane[c][y][x] = sqrtf(p->plane[c][y][x]);
}

void
hog_of(const struct raster *p, float out[HOG_COUNT])
{
	struct raster *root CLEANUP(freep) = xmalloc(sizeof(*root));
	struct grid fine = { .side = HOG_FINE };
	struct grid coarse = { .side = HOG_COARSE };

	take_roots(root, p);
	for (int y = 0; y < RASTER_SIDE; y++)
		for (int x = 0; x < RASTER_SIDE; x++) {
			struct gradient g = gradient_at(root, y, x);

			if (!(g.size > 0))
				continue;
			find_bins(&g);
			vote(&fine, y, x, &g);
			vote(&coarse, y, x, &g);
		}
	normalise_blocks(&fine);
	normalise_blocks(&coarse);
	fold(&coarse, fold(&fine, out));
}
