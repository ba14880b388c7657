/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quality: how good a picture looks, as scores from 0 (worst) to 1 (fine).
 * An image has an issue when a score is below that threshold.
 *
 * Seven scores are CleanVision's (cleanlab, 0.3), so that numbers can be
 * compared; the rest are our own.  doc/quality.md defines each.
 */
#ifndef PREP_QUALITY_H
#define PREP_QUALITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"

enum quality_kind {
#define QUALITY(id, threshold, text) QUALITY_##id,
#include "prep/quality.def"
#undef QUALITY
	QUALITY_COUNT
};

/* The word that the catalog keeps. */
const char *quality_name(enum quality_kind);
/* The kind of a word; QUALITY_COUNT: none of that name. */
enum quality_kind quality_by_name(const char *name);
/* What it means to people, to follow "the image ". */
const char *quality_text(enum quality_kind);

/* `quality { dark = 0.32 ... }`: what the user takes for an issue. */
struct quality_opts {
	double threshold[QUALITY_COUNT];
};
extern const struct opt_group quality_group;

struct quality {
	float score[QUALITY_COUNT];
};

/* What is known of the file, as struct visit has it. */
struct quality_facts {
	int width, height;  /* as stored, upright; before any shrinking */
	int orientation;    /* EXIF, 1..8, by which the pixels were turned */
	int shrink;         /* by how much the decoder made it smaller: 1.. */
	int bands;          /* as stored, alpha included */
	const char *format; /* "jpeg"; NULL: not known */
	bool placeholder;   /* what quality_is_placeholder() says of the file */
};

struct raster;

/*
 * Look at the canonical pixels (prep/visit.h), of any size from 1 x 1 on.
 * Same pixels and facts, same scores: all is counted in whole numbers, or
 * in single precision in one order, but for sqrt, exp and log2 at the end.
 * Histograms and percentiles are taken from at most QUALITY_SAMPLES pixels
 * on a regular grid, from all where the picture has no more.  odd_size
 * needs the whole dataset, and is 1 here.
 */
#define QUALITY_SAMPLES 16384
void quality_of(const struct raster *canonical, const struct quality_facts *,
    struct quality *ret);

/*
 * Is this whole file, byte by byte as it was gathered, a known picture that
 * stands for a removed one (prep/placeholders.def)?
 */
bool quality_is_placeholder(const void *file, size_t len);

#endif
