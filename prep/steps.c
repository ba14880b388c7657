/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/steps_int.h"

#include <string.h>

#define TRIM_LEFT 4 /* of a side, trimming leaves one such part at least */

/* A picture on its way through a recipe. */
struct work {
	struct raster *r;
	int orientation; /* that it is still stored in */
	bool only_shrink;
};

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

/* The pixels that a share of a side begins or ends at. */
static int
at_share(int side, int share)
{
	return (int)(((int64_t)side * share + RECIPE_WHOLE / 2) / RECIPE_WHOLE);
}

/* Of a side, the part from one share to the next; a pixel at least. */
static int
part_of_side(int side, int from, int share, int *ret_start)
{
	const int start = at_share(side, from);
	const int size = at_share(side, from + share) - start;

	*ret_start = size < 1 && start == side ? side - 1 : start;
	return size < 1 ? 1 : size;
}

static struct size
box_part(struct size s, const struct step *step, int *ret_x, int *ret_y)
{
	return (struct size){
		part_of_side(s.w, step->x, step->w, ret_x),
		part_of_side(s.h, step->y, step->h, ret_y),
	};
}

static struct size
cropped(struct size s, const struct step *step)
{
	int x, y;

	return step->how == HOW_BOX
	    ? box_part(s, step, &x, &y)
	    : part(s, (struct size){ step->w, step->h });
}

static void
crop(struct raster *r, const struct step *s)
{
	const struct size to = cropped(size_of(r), s);
	int x = (r->w - to.w) / 2, y = (r->h - to.h) / 2;

	if (s->how == HOW_SMART)
		raster_find_detail(r, to.w, to.h, &x, &y);
	else if (s->how == HOW_ATTENTION)
		raster_find_attention(r, to.w, to.h, &x, &y);
	else if (s->how == HOW_BOX)
		box_part(size_of(r), s, &x, &y);
	raster_crop(r, x, y, to.w, to.h);
}

static void
add_around(struct raster *r, struct size to, enum step_how how)
{
	uint8_t colour[RASTER_BANDS] = { 0 };

	if (how == HOW_EDGE || how == HOW_MIRROR) {
		raster_extend(r, to.w, to.h, how == HOW_MIRROR);
		return;
	}
	if (how == HOW_WHITE)
		memset(colour, 255, sizeof(colour));
	else if (how == HOW_MEAN)
		raster_mean(r, colour);
	raster_pad(r, to.w, to.h, colour);
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
	add_around(r, to, s->how);
}

static struct size
resized(struct size s, const struct step *step)
{
	const struct size box = { step->w, step->h };

	return step->how == HOW_FIT ? fit(s, box) : box;
}

/* The same without enlarging: as it is, or the box made smaller. */
static struct size
not_enlarged(struct size s, struct size to, enum step_how how)
{
	if (to.w <= s.w && to.h <= s.h)
		return to;
	return how == HOW_STRETCH ? fit(to, s) : s;
}

static void
resize(struct raster *r, const struct step *s, bool only_shrink)
{
	const struct step whole = { .how = HOW_CENTRE, .w = s->w, .h = s->h };
	struct size to;

	if (s->how == HOW_FILL)
		crop(r, &whole);
	to = resized(size_of(r), s);
	if (only_shrink)
		to = not_enlarged(size_of(r), to, s->how);
	resize_to(r, to);
}

static void
apply(const struct step *s, struct work *work)
{
	struct raster *const r = work->r;

	switch (s->kind) {
	case STEP_BACKGROUND: /* was put there on loading */
		break;
	case STEP_AUTOROTATE:
		raster_orient(r, work->orientation);
		work->orientation = 1;
		break;
	case STEP_TRIM:
		raster_trim(r, s->value);
		break;
	case STEP_CROP:
		crop(r, s);
		break;
	case STEP_ROTATE:
		raster_rotate(r, s->value);
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
	case STEP_NORMALISE:
		raster_normalise(r);
		break;
	case STEP_SHARPEN:
		raster_sharpen(r, s->value);
		break;
	case STEP_ONLY_SHRINK:
		work->only_shrink = true;
		break;
	case STEP_RESIZE:
		resize(r, s, work->only_shrink);
		break;
	}
}

void
steps_apply(const struct recipe *recipe, struct raster *r, int orientation)
{
	struct work work = { .r = r, .orientation = orientation };
	size_t i;

	resize_to(r, shortened(size_of(r)));
	for (i = 0; i < recipe->n; i++)
		apply(&recipe->steps[i], &work);
}

/* What comes of a size, at least; all steps but resize keep the scale. */
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
	case STEP_TRIM:
		return (struct size){ (size.w + TRIM_LEFT - 1) / TRIM_LEFT,
			(size.h + TRIM_LEFT - 1) / TRIM_LEFT };
	case STEP_CROP:
		return cropped(size, s);
	case STEP_ROTATE:
		rotated_size(s->value, &size.w, &size.h);
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
		if (recipe->steps[i].kind == STEP_SHARPEN)
			return false;
		if (recipe->steps[i].kind == STEP_RESIZE) {
			to = resized(size, &recipe->steps[i]);
			return to.w <= size.w && to.h <= size.h;
		}
		size = size_after(&recipe->steps[i], size, &orientation);
	}
	return false;
}
