/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visit: what one decoding of an image leaves.
 *
 * Canonical pixels (PREP_PIXELS_RULE 1): of the first frame, upright by its
 * EXIF orientation, brought to sRGB by its profile, 8 bits, three bands,
 * transparency on white.  A JPEG is shrunk while it is decoded (by 2, 4 or
 * 8) as far as both sides stay 512 or longer; all else is taken as it is.
 * Their digest is XXH3 (128 bits) of "griddle pixels 1\n", then width,
 * height and the number of bands as 32-bit little-endian numbers, then the
 * pixels.
 *
 * PDQ and its turns are of canonical pixels.  pHash-256 and the small grey
 * pictures are of the thumbnail's before it is saved, whose sides of 128 or
 * more are halved first: their luma at 64 x 64 (dedup/imagehash.h), and for
 * the grey picture that made smaller again.
 */
#ifndef PREP_VISIT_H
#define PREP_VISIT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/xxh3.h"
#include "dedup/blockhash.h"
#include "dedup/imagehash.h"
#include "dedup/pdq.h"
#include "prep/quality.h"
#include "store/looks.h"

#define PREP_PIXELS_RULE 1
/* Of all that a visit finds; images visited by another are visited again. */
#define PREP_VISIT_RULE 2
#define PREP_THUMB_SIDE 256 /* pixels; of the longer side, at most */

enum prep_reason {
	REASON_none, /* it can be used */
#define REASON(id, text) REASON_##id,
#include "prep/reasons.def"
#undef REASON
	REASON_COUNT
};

/* The word that the catalog keeps. */
const char *prep_reason_name(enum prep_reason);
/* What a word of the catalog means, to follow "the image "; or NULL. */
const char *prep_reason_text(const char *name);

/* Codes for interchange, of canonical pixels. */
struct visit_codes {
	unsigned char ahash[IMAGEHASH_SIZE];
	unsigned char dhash[IMAGEHASH_SIZE];
	unsigned char phash[IMAGEHASH_SIZE];
	unsigned char blockhash[BLOCKHASH_SIZE];
};

/* What a visit found; numbers are 0 where the header could not be read. */
struct visit {
	enum prep_reason reason;
	const char *format; /* "jpeg", by its first bytes; NULL: none */
	int stored_w, stored_h;
	int width, height; /* upright */
	int orientation;   /* EXIF: 1..8 */
	int frames, bands; /* bands as stored, alpha included */
	bool has_alpha, has_profile;
	bool warned; /* the decoder had doubts, but gave pixels */

	/* Only if it can be used and facts were asked for. */
	unsigned char pixel_digest[XXH3_SIZE];
	struct pdq pdq;
	unsigned char phash[PHASH_SIZE]; /* of the thumbnail */
	struct pdq trim_pdq;             /* if look.trimmed */
	struct look look;
	struct visit_codes codes; /* if they were asked for too */
	int compression; /* 0..100: how little the file has lost to it */
	struct quality quality;
	struct buf thumb; /* the whole picture made small, for people; JPEG */
	int thumb_w, thumb_h;

	/* Only if it can be used: made by the recipe, JPEG, no metadata. */
	struct buf jpeg;
	int jpeg_w, jpeg_h;
};

void visit_release(struct visit *);

#endif
