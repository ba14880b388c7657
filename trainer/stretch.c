/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stretching to a square: a triangle filter, as wide as what it shrinks and
 * never narrower than two pixels, in one direction after the other.
 */
#include <math.h>
#include <string.h>

#include "trainer/backbone_int.h"

/* What each place of one axis is made of. */
struct taps {
	int n;        /* for each place, at most */
	int *first;   /* pixel */
	float *share; /* n for each, summing to 1 */
};

static struct taps
taps_of(int from, int to)
{
	const double scale = (double)from / to;
	const double reach = scale > 1 ? scale : 1;
	struct taps t = { .n = 2 * (int)ceil(reach) + 1 };
	int i, k;

	t.first = xreallocarray(NULL, (size_t)to, sizeof(*t.first));
	t.share = xcalloc((size_t)to * (size_t)t.n, sizeof(*t.share));
	for (i = 0; i < to; i++) {
		const double middle = (i + 0.5) * scale;
		float *share = t.share + (size_t)i * (size_t)t.n, sum = 0;
		int first = (int)floor(middle - reach + 0.5);

		first = first < 0 ? 0 : first;
		t.first[i] = first;
		for (k = 0; k < t.n && first + k < from; k++) {
			const double off =
			    fabs(first + k + 0.5 - middle) / reach;

			share[k] = off < 1 ? (float)(1 - off) : 0;
			sum += share[k];
		}
		for (k = 0; k < t.n; k++)
			share[k] /= sum;
	}
	return t;
}

static void
taps_free(struct taps *t)
{
	free(t->first);
	free(t->share);
}

/* One row across: `side` pixels of three. */
static void
across(
    const uint8_t *row, int width, const struct taps *t, int side, float *out)
{
	int i, k;

	for (i = 0; i < side; i++, out += 3) {
		const float *share = t->share + (ptrdiff_t)i * t->n;
		const uint8_t *p = row + (ptrdiff_t)t->first[i] * 3;

		out[0] = out[1] = out[2] = 0;
		for (k = 0; k < t->n && t->first[i] + k < width; k++, p += 3) {
			out[0] += share[k] * p[0];
			out[1] += share[k] * p[1];
			out[2] += share[k] * p[2];
		}
	}
}

static void
down(const float *rows, int height, const struct taps *t, int side, int y,
    uint8_t *out)
{
	const float *share = t->share + (ptrdiff_t)y * t->n;
	const ptrdiff_t n = (ptrdiff_t)side * 3;
	ptrdiff_t i;
	float sum;
	int k;

	for (i = 0; i < n; i++) {
		sum = 0.5f;
		for (k = 0; k < t->n && t->first[y] + k < height; k++)
			sum += share[k] * rows[(t->first[y] + k) * n + i];
		out[i] = (uint8_t)(sum > 255 ? 255 : sum);
	}
}

void
stretch_to(const uint8_t *rgb, int width, int height, int side, uint8_t *out)
{
	const size_t row = (size_t)side * 3;
	struct taps x CLEANUP(taps_free) = taps_of(width, side);
	struct taps y CLEANUP(taps_free) = taps_of(height, side);
	float *rows CLEANUP(freep) = NULL;
	int i;

	if (width == side && height == side) {
		memcpy(out, rgb, row * (size_t)side);
		return;
	}
	rows = xreallocarray(NULL, (size_t)height, row * sizeof(*rows));
	for (i = 0; i < height; i++)
		across(rgb + (size_t)i * (size_t)width * 3, width, &x, side,
		    rows + (size_t)i * row);
	for (i = 0; i < side; i++)
		down(rows, height, &y, side, i, out + (size_t)i * row);
}
