/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is random: which steps happen, how far they go, and where.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/rng.h"
#include "prep/augment_int.h"

#define CERTAIN 10000 /* 100 %, in hundredths of a percent */
#define ERASED 128

/* A window may be so much wider or narrower than the picture, in 1/3000. */
#define ASPECT_ONE 3000
#define CROP_ASPECT 4000  /* 4:3 */
#define ERASE_ASPECT 9000 /* 3:1 */

/* Samples of the noise are sums of so many uniform numbers of 16 bits. */
#define SUMMANDS 12
#define SUM_MEAN (SUMMANDS * 65535 / 2)
#define SUM_DEVIATION 65536 /* sqrt(SUMMANDS * (2^32 - 1) / 12), rounded */

struct window {
	int x, y, w, h;
};

static int
part_of(double fraction, int side)
{
	const int n = (int)lround(fraction * side);

	return n > side ? side : n;
}

/*
 * Of an area in hundredths of a percent, anywhere in the picture.  A shape
 * that would not fit gives way; the area does not.
 */
static struct window
draw_window(struct rng *rng, const struct raster *r, int area, int widest)
{
	const double share = (double)area / CERTAIN;
	const double aspect =
	    (double)(ASPECT_ONE +
		rng_below(rng, (uint64_t)(widest - ASPECT_ONE) + 1)) /
	    ASPECT_ONE;
	double longer = sqrt(share * aspect), shorter;
	const bool is_wide = rng_below(rng, 2) == 0;
	struct window w;

	longer = longer > 1 ? 1 : longer;
	shorter = longer > 0 ? share / longer : 0;
	w.w = part_of(is_wide ? longer : shorter, r->w);
	w.h = part_of(is_wide ? shorter : longer, r->h);
	w.x = (int)rng_below(rng, (uint64_t)(r->w - w.w) + 1);
	w.y = (int)rng_below(rng, (uint64_t)(r->h - w.h) + 1);
	return w;
}

static void
crop(struct raster *r, int area, struct rng *rng)
{
	struct window win = draw_window(rng, r, area, CROP_ASPECT);
	const int w = r->w, h = r->h;

	if (win.w == w && win.h == h)
		return;
	/* A picture of a few pixels has parts of less than one. */
	win.w = win.w < 1 ? 1 : win.w;
	win.h = win.h < 1 ? 1 : win.h;
	win.x = win.x > w - win.w ? w - win.w : win.x;
	win.y = win.y > h - win.h ? h - win.h : win.y;
	raster_crop(r, win.x, win.y, win.w, win.h);
	raster_resize(r, w, h);
}

static void
erase(struct raster *r, int area, struct rng *rng)
{
	const struct window win = draw_window(rng, r, area, ERASE_ASPECT);
	int y;

	for (y = win.y; y < win.y + win.h; y++)
		memset(r->px +
			((size_t)y * (size_t)r->w + (size_t)win.x) *
			    RASTER_BANDS,
		    ERASED, (size_t)win.w * RASTER_BANDS);
}

/*
 * Near to normal (Irwin-Hall); none is beyond 6 deviations.  The four numbers
 * in each word are added in pairs, in halves of a word that cannot overflow.
 */
static int64_t
draw_normal(struct rng *rng)
{
	const uint64_t low = UINT64_C(0x0000ffff0000ffff);
	uint64_t bits, sums = 0;
	int i;

	for (i = 0; i < SUMMANDS / 4; i++) {
		bits = rng_next(rng);
		sums += (bits & low) + (bits >> 16 & low);
	}
	return (int64_t)(sums >> 32) + (int64_t)(sums & 0xffffffff) - SUM_MEAN;
}

static void
add_noise(struct raster *r, int deviation, struct rng *rng)
{
	const int64_t unit = (int64_t)SUM_DEVIATION * 100;
	uint8_t *p = r->px, *end = p + raster_bytes(r);
	int64_t n;

	if (deviation == 0)
		return;
	for (; p < end; p++) {
		/* 1000 levels up, so that the division rounds one way. */
		n = (draw_normal(rng) * deviation + 1000 * unit + unit / 2) /
			unit -
		    1000 + *p;
		*p = (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
	}
}

static void
apply(
    const struct augment_step *s, int value, struct rng *rng, struct raster *r)
{
	switch (s->kind) {
	case AUGMENT_FLIP:
		raster_orient(r, s->axis == 'h' ? 2 : 4);
		break;
	case AUGMENT_ROTATE:
		augment_rotate(r, value);
		break;
	case AUGMENT_CROP:
		crop(r, value, rng);
		break;
	case AUGMENT_BRIGHTNESS:
		augment_brightness(r, value);
		break;
	case AUGMENT_CONTRAST:
		augment_contrast(r, value);
		break;
	case AUGMENT_SATURATION:
		augment_saturation(r, value);
		break;
	case AUGMENT_HUE:
		augment_hue(r, value);
		break;
	case AUGMENT_BLUR:
		augment_blur(r, value);
		break;
	case AUGMENT_NOISE:
		add_noise(r, value, rng);
		break;
	case AUGMENT_ERASE:
		erase(r, value, rng);
		break;
	case AUGMENT_GRAYSCALE:
		raster_gray(r);
		break;
	case AUGMENT_COUNT:
		break;
	}
}

void
augment_apply(const struct augment *a, const unsigned char key[SHA256_SIZE],
    struct raster *r)
{
	const struct augment_step *s;
	struct rng rng;
	int value;
	size_t i;

	rng_seed_digest(&rng, key);
	for (i = 0; i < a->n; i++) {
		s = &a->steps[i];
		if (rng_below(&rng, CERTAIN) >= (uint64_t)s->chance)
			continue;
		value = s->from +
		    (int)rng_below(&rng, (uint64_t)(s->to - s->from) + 1);
		apply(s, value, &rng, r);
	}
}
