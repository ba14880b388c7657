/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recipe: how an image is made ready for a model, as a list of steps.
 *
 *   recipe "default" { steps = "autorotate, crop smart 1:1, resize 224" }
 *
 * Steps are done in their order:
 *
 *   autorotate               turn it as its EXIF orientation says
 *   crop centre|smart W:H    the largest part of that shape: from the middle,
 *                            or the one with the most detail in it
 *   rotate DEGREES           clockwise; what comes free is white
 *   flip h|v                 left for right, top for bottom
 *   pad white|black W:H      add what lacks to that shape, half on each side
 *   grayscale
 *   resize W[xH] [fit|fill|stretch]
 *                            into a box (one number: a square): whole and
 *                            undistorted (fit, if not said), or filling it,
 *                            cut from the middle, or filling it, distorted;
 *                            smaller ones are enlarged
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

struct recipe_opts {
	char *steps;
};

/* `recipe "name" { steps = "..." }`, any number of them. */
extern const struct opt_group recipe_group;

enum step_kind {
	STEP_AUTOROTATE,
	STEP_CROP,
	STEP_ROTATE,
	STEP_FLIP,
	STEP_PAD,
	STEP_GRAYSCALE,
	STEP_RESIZE,
};

enum step_how {
	HOW_NONE,
	HOW_CENTRE,
	HOW_SMART,
	HOW_H,
	HOW_V,
	HOW_WHITE,
	HOW_BLACK,
	HOW_FIT,
	HOW_FILL,
	HOW_STRETCH,
};

struct step {
	enum step_kind kind;
	enum step_how how;
	int w, h;   /* crop, pad: the shape; resize: pixels */
	int degree; /* rotate: hundredths of a degree, 0..35999 */
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
 * ERR_USAGE names the step that is wrong and what would be right.
 */
int recipe_parse(const char *steps, struct recipe *ret, struct err *);

#endif
