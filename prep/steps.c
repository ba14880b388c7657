/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/steps_int.h"

struct size {
	int w, h;
};

static int
scaled(int side, int64_t by, int64_t of)
{
	const int64_t n = (side * by + of / 2) / of;

	return n < 1 ? 1 : (int)n;
}

/* The largest of the shape of `box` in which nothing of `s` is lost. */
static struct size
fit(struct size s, struct size box)
{
	if ((int64_t)s.w * box.h > (int64_t)s.h * box.w)
		return (struct size){ box.w, scaled(s.h, box.w, s.w) };
	return (struct size){ scaled(s.w, box.h, s.h), box.h };
}

/* The largest part of `s` that has the shape. */
static struct size
part(struct size s, struct size shape)
{
	if ((int64_t)s.w * shape.h > (int64_t)s.h * shape.w)
		return (struct size){ scaled(s.h, shape.w, shape.h), s.h };
	return (struct size){ s.w, scaled(s.w, shape.h, shape.w) };
}

/* The smallest of the shape that holds all of `s`. */
static struct size
around(struct size s, struct size shape)
{
	if ((int64_t)s.w * shape.h > (int64_t)s.h * shape.w)
		return (struct size){ s.w, scaled(s.w, shape.h, shape.w) };
	return (struct size){ scaled(s.h, shape.w, shape.h), s.h };
}

static bool
is_too_long(struct size s)
{
	return s.w > RECIPE_SIDE_MAX || s.h > RECIPE_SIDE_MAX;
}

static struct size
shortened(struct size s)
{
	return is_too_long(s)
	    ? fit(s, (struct size){ RECIPE_SIDE_MAX, RECIPE_SIDE_MAX })
	    : s;
}

static void
resize_to(struct raster *r, struct size s)
{
	raster_resize(r, s.w, s.h);
}

static struct size
size_of(const struct raster *r)
{
	return (struct size){ r->w, r->h };
}

static void
crop(struct raster *r, const struct step *s)
{
	const struct size to = part(size_of(r), (struct size){ s->w, s->h });
	int x = (r->w - to.w) / 2, y = (r->h - to.h) / 2;

	if (s->how == HOW_SMART)
		raster_find_detail(r, to.w, to.h, &x, &y);
	raster_crop(r, x, y, to.w, to.h);
}

static void
pad(struct raster *r, const struct step *s)
{
	const struct size shape = { s->w, s->h };
	struct size to = around(size_of(r), shape);
	const int64_t longest = to.w > to.h ? to.w : to.h;

	if (is_too_long(to)) {
		raster_resize(r, scaled(r->w, RECIPE_SIDE_MAX, longest),
		    scaled(r->h, RECIPE_SIDE_MAX, longest));
		to = shortened(around(size_of(r), shape));
		to.w = to.w < r->w ? r->w : to.w;
		to.h = to.h < r->h ? r->h : to.h;
	}
	raster_pad(r, to.w, to.h, s->how == HOW_WHITE ? 255 : 0);
}

static struct size
resized(struct size s, const struct step *step)
{
	const struct size box = { step->w, step->h };

	return step->how == HOW_FIT ? fit(s, box) : box;
}

static void
resize(struct raster *r, const struct step *s)
{
	const struct step whole = { .how = HOW_CENTRE, .w = s->w, .h = s->h };

	if (s->how == HOW_FILL)
		crop(r, &whole);
	resize_to(r, resized(size_of(r), s));
}

static void
apply(const struct step *s, struct raster *r, int *orientation)
{
	switch (s->kind) {
	case STEP_AUTOROTATE:
		raster_orient(r, *orientation);
		*orientation = 1;
		break;
	case STEP_CROP:
		crop(r, s);
		break;
	case STEP_ROTATE:
		raster_rotate(r, s->degree);
		resize_to(r, shortened(size_of(r)));
		break;
	case STEP_FLIP:
		raster_orient(r, s->how == HOW_H ? 2 : 4);
		break;
	case STEP_PAD:
		pad(r, s);
		break;
	case STEP_GRAYSCALE:
		raster_gray(r);
		break;
	case STEP_RESIZE:
		resize(r, s);
		break;
	}
}

void
steps_apply(const struct recipe *recipe, struct raster *r, int orientation)
{
	size_t i;

	resize_to(r, shortened(size_of(r)));
	for (i = 0; i < recipe->n; i++)
		apply(&recipe->steps[i], r, &orientation);
}

/* What comes of a size; all steps but resize keep the scale. */
static struct size
size_after(const struct step *s, struct size size, int *orientation)
{
	const struct size shape = { s->w, s->h };

	switch (s->kind) {
	case STEP_AUTOROTATE:
		if (*orientation >= 5)
			size = (struct size){ size.h, size.w };
		*orientation = 1;
		return size;
	case STEP_CROP:
		return part(size, shape);
	case STEP_ROTATE:
		rotated_size(s->degree, &size.w, &size.h);
		return shortened(size);
	case STEP_PAD:
		return shortened(around(size, shape));
	default:
		return size;
	}
}

bool
steps_can_start_from(const struct recipe *recipe, int w, int h, int orientation)
{
	struct size size = { w, h }, to;
	size_t i;

	if (w >= RECIPE_SIDE_MAX || h >= RECIPE_SIDE_MAX)
		return true;
	for (i = 0; i < recipe->n; i++) {
		if (recipe->steps[i].kind == STEP_RESIZE) {
			to = resized(size, &recipe->steps[i]);
			return to.w <= size.w && to.h <= size.h;
		}
		size = size_after(&recipe->steps[i], size, &orientation);
	}
	return false;
}
