/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recipe: how an image is made ready for a model, as a list of steps.
 *
 *   recipe "default" { steps = "autorotate, crop smart 1:1, resize 224" }
 *
 * Steps are done in their order, each on what the one before it left; W:H is
 * a shape up to 10:1.  doc/recipes.md shows them at work.
 *
 *   background white|black|#rrggbb
 *                    what transparent pixels lie on; only as the first step
 *   autorotate       turn it as its EXIF orientation says
 *   trim [LEVELS]    cut off each side the lines of the border's colour,
 *                    which is that of the corner most of the edge is like;
 *                    in a line all samples are within 3 * LEVELS of it (0 to
 *                    80; 10 if not said), all but 1 in 32 within LEVELS; at
 *                    least a quarter of each direction is left
 *   crop centre|smart|attention W:H
 *                    the largest part of that shape: from the middle; with
 *                    the most detail; or with what draws the eye in its
 *                    middle: edges, strong colours, and those of skin
 *   crop box X:Y:W:H a part: its left top corner and its size, in percent
 *                    of the picture with one decimal
 *   rotate DEGREES   clockwise; what comes free is white
 *   flip h|v         left for right, top for bottom
 *   pad white|black|mean|edge|mirror W:H
 *                    add what lacks to that shape, half on each side: of one
 *                    colour, of the picture's mean colour, of the pixels at
 *                    its edge, or of the picture mirrored at its edge
 *   grayscale        each pixel its luma (ITU-R BT.601)
 *   normalise        stretch all bands alike, so that 1 % of the pixels are
 *                    darker than black and 1 % brighter than white; by luma;
 *                    not if these two are less than 16 levels apart
 *   sharpen [PERCENT]
 *                    add so much of the difference to the blurred picture
 *                    (binomial, 5 x 5) in luma, 1 to 300; 50 if not said
 *   only-shrink      from here on resize enlarges nothing
 *   resize W[xH] [fit|fill|stretch]
 *                    into a box (one number: a square): whole and
 *                    undistorted (fit, if not said), or filling it,
 *                    cut from the middle, or filling it, distorted.  Smaller
 *                    ones are enlarged; after only-shrink they stay (fit),
 *                    or come to the largest size of the box's shape that
 *                    needs no enlarging in either direction (fill, stretch)
 *
 * No picture on the way is longer than RECIPE_SIDE_MAX; one that would be is
 * first shrunk to fit.
 */
#ifndef PREP_RECIPE_H
#define PREP_RECIPE_H

#include <stddef.h>

#include "base/opt.h"
#include "base/sha256.h"

#define RECIPE_STEPS_MAX 16
#define RECIPE_SIDE_MAX 4096
#define RECIPE_TEXT_MAX 512
#define RECIPE_WHOLE 1000 /* of a box: all of the picture */

struct recipe_opts {
	char *steps;
};

/* `recipe "name" { steps = "..." }`, any number of them. */
extern const struct opt_group recipe_group;

enum step_kind {
	STEP_BACKGROUND,
	STEP_AUTOROTATE,
	STEP_TRIM,
	STEP_CROP,
	STEP_ROTATE,
	STEP_FLIP,
	STEP_PAD,
	STEP_GRAYSCALE,
	STEP_NORMALISE,
	STEP_SHARPEN,
	STEP_ONLY_SHRINK,
	STEP_RESIZE,
};

/* clang-format off */
enum step_how {
	HOW_NONE,
	HOW_CENTRE, HOW_SMART, HOW_ATTENTION, HOW_BOX,
	HOW_H, HOW_V,
	HOW_WHITE, HOW_BLACK, HOW_MEAN, HOW_EDGE, HOW_MIRROR,
	HOW_FIT, HOW_FILL, HOW_STRETCH,
};
/* clang-format on */

struct step {
	enum step_kind kind;
	enum step_how how;
	int x, y, w, h; /* crop, pad: the shape, or of a box the parts of
	                 * RECIPE_WHOLE; resize: pixels */
	int value;      /* rotate: hundredths of a degree, 0..35999; trim:
	                 * levels; sharpen: percent; background: 0xrrggbb */
};

struct recipe {
	struct step steps[RECIPE_STEPS_MAX];
	size_t n;
	/* Every recipe that does the same has the same text and hash. */
	char text[RECIPE_TEXT_MAX];
	unsigned char hash[SHA256_SIZE]; /* of "griddle recipe 1\n" text */
};

/*
 * Read a list of steps; recipe_parse() of ret->text gives an equal recipe.
 * ERR_USAGE names the step, what is wrong with it and what would be right.
 */
int recipe_parse(const char *steps, struct recipe *ret, struct err *);

#endif
