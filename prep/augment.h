/* SPDX-License-Identifier: Apache-2.0 */
/*
 * augment: more pictures out of one, as a list of steps with ranges.
 *
 *   augment "default" { steps = "flip h 50%, rotate -10..10"  seed = 1 }
 *
 * A copy of a prepared picture goes through the steps in their order; each
 * draws its own value from its range, and happens with the chance P that
 * may stand at its end (always, if none does).  The size stays.
 *
 *   flip h|v             left for right, top for bottom
 *   rotate A..B          degrees clockwise about the middle; what comes
 *                        free is filled with the picture's mirror image
 *   crop A..B            keep so many percent of the area, at a random
 *                        place and up to 4:3 wider or narrower, and resize
 *                        it back (RandomResizedCrop: Szegedy et al., 2015)
 *   brightness A..B      percent more light; -100 is black
 *   contrast A..B        percent away from the mean grey; -100 is that grey
 *   saturation A..B      percent away from grey; -100 is grey (these three:
 *                        colour jitter, Krizhevsky et al., 2012)
 *   hue A..B             degrees that the colours turn, at the same luma
 *   blur A..B            Gaussian; standard deviation in pixels
 *   noise A..B           Gaussian; standard deviation in levels of 255
 *   erase A..B           percent of the area as one grey rectangle (random
 *                        erasing: Zhong et al., 2017; cutout)
 *   grayscale
 *
 * A range of one value may be written as that value.
 */
#ifndef PREP_AUGMENT_H
#define PREP_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/sha256.h"

#define AUGMENT_STEPS_MAX 16
#define AUGMENT_TEXT_MAX 1024
#define AUGMENT_COPIES_MAX 32 /* of one picture */

struct augment_opts {
	char *steps;
	int64_t seed;
};

/* `augment "name" { ... }`, any number of them. */
extern const struct opt_group augment_group;

enum augment_kind {
	AUGMENT_FLIP,
	AUGMENT_ROTATE,
	AUGMENT_CROP,
	AUGMENT_BRIGHTNESS,
	AUGMENT_CONTRAST,
	AUGMENT_SATURATION,
	AUGMENT_HUE,
	AUGMENT_BLUR,
	AUGMENT_NOISE,
	AUGMENT_ERASE,
	AUGMENT_GRAYSCALE,
	AUGMENT_COUNT,
};

struct augment_step {
	enum augment_kind kind;
	char axis;    /* flip: 'h' or 'v' */
	int from, to; /* the range, in hundredths of its unit */
	int chance;   /* hundredths of a percent, 1..10000 */
};

struct augment {
	struct augment_step steps[AUGMENT_STEPS_MAX];
	size_t n;
	/* Every list that does the same has the same text and hash. */
	char text[AUGMENT_TEXT_MAX];
	unsigned char hash[SHA256_SIZE]; /* of "griddle augment 1\n" text */
};

/*
 * Read a list of steps; augment_parse() of ret->text gives an equal one.
 * ERR_USAGE names the step that is wrong and what would be right.
 */
int augment_parse(const char *steps, struct augment *ret, struct err *);

/*
 * What decides all that is random about one copy (from 1) of a picture,
 * named by its original's SHA-256: the same on every machine, and without
 * relation to any other copy's.
 */
void augment_key(const struct augment *,
    const unsigned char sha256[SHA256_SIZE], int64_t seed, int64_t copy,
    unsigned char ret_key[SHA256_SIZE]);

#endif
