/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: what the parent asks a child and what it is told.  Both ends are the
 * same program, so numbers travel in host order; but the child has touched
 * hostile bytes, so the parent believes nothing it has not checked.
 */
#ifndef PREP_WIRE_INT_H
#define PREP_WIRE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "prep/format_int.h"
#include "prep/prep.h"

/* What can be asked. */
enum ask_kind {
	ASK_VISIT,  /* the file comes as a descriptor */
	ASK_PIXELS, /* the JPEG comes in the request, or as a descriptor */
	ASK_COPY,   /* the same, but the answer is a JPEG again */
};

/* What a visit is to leave beside the picture of the recipe. */
enum ask_facts { NO_FACTS, FACTS, FACTS_AND_CODES };

/* Larger JPEGs do not fit a request. */
#define WIRE_INLINE_MAX (PROC_REQUEST_MAX / 2)
#define WIRE_TEXT_MAX AUGMENT_TEXT_MAX /* the longer of the two */

struct limits {
	int64_t max_pixels, max_side, min_side, max_frames;
	double max_aspect;
	uint32_t formats; /* a set */
};

struct limits limits_of(const struct prep_opts *);

struct ask {
	uint32_t kind;
	uint32_t facts; /* visit: an ask_facts */
	struct limits limits;
	uint32_t text_len; /* of what follows: the recipe, or of a prepared */
	uint32_t jpeg_len; /* JPEG the augmentation, or none; and the JPEG */
	uint8_t key[SHA256_SIZE]; /* of the augmentation, if there is one */
};

/* ---- the parent's side ---------------------------------------------- */

/*
 * Append the request for a visit, or (ASK_PIXELS, ASK_COPY) for a prepared
 * picture, whose JPEG goes in if it is not too large, and else by descriptor.
 */
int wire_ask_visit(struct buf *request, const struct prep_opts *,
    const struct recipe *, enum ask_facts);
int wire_ask_picture(
    struct buf *request, enum ask_kind, const struct prep_picture *);
bool wire_is_inline(const struct prep_picture *);

/*
 * Read an answer; false if it is none that an honest child could give to
 * that request.  ret->jpeg is the caller's to release.
 */
bool wire_read_visit(const struct buf *answer, const struct prep_opts *,
    bool facts, struct visit *ret);
/* *ret_rgb points into the answer; NULL: could not be decoded. */
bool wire_read_pixels(
    const struct buf *answer, const uint8_t **ret_rgb, int *ret_w, int *ret_h);
/* The same for a copy; what it gives is at least framed as a JPEG. */
bool wire_read_copy(
    const struct buf *answer, const uint8_t **ret_jpeg, size_t *ret_len);

/* ---- the child's side ----------------------------------------------- */

/* The parts of a request; they point into it.  -1: not one. */
int wire_read_ask(const struct buf *request, struct ask *ret,
    const char **ret_text, const uint8_t **ret_jpeg);

/* A visit's answer; `format` beside v->format, which is a string. */
int wire_tell_visit(
    struct buf *answer, const struct visit *v, enum format format);
/*
 * A size, then the caller appends 3 * w * h bytes, or for a copy its JPEG;
 * 0 x 0 and nothing: undecodable.
 */
int wire_tell_pixels(struct buf *answer, int w, int h);

#endif
