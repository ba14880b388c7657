/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: from hostile bytes to a raster, most JPEGs straight and all else
 * through libvips.  Only in the child.
 */
#ifndef PREP_LOAD_INT_H
#define PREP_LOAD_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "prep/format_int.h"
#include "prep/raster_int.h"

/*
 * Start libvips: one thread, no cache, five loaders, nothing printed; when
 * it or a library below has doubts about a picture, *doubts becomes true.
 * With plug-ins there are loaders for HEIF, AVIF and JPEG XL too, as far as
 * this libvips has them.
 */
int load_start(atomic_bool *doubts, bool plugins);

struct _VipsImage;
struct jpeg;

/* A file in memory, which stays there until load_close(). */
struct source {
	const void *data;
	size_t len;
	enum format format;
	bool is_placeholder; /* for a removed image, by its bytes */
	atomic_bool *doubts;
	struct _VipsImage *opened; /* what load_header() leaves; or NULL */
	struct jpeg *jpeg;         /* the same of a plain JPEG; or NULL */
	int bands;                 /* of that JPEG, */
	const void *icc;           /* and its profile; or NULL */
	size_t icc_len;
};

struct header {
	int w, h;        /* as stored */
	int orientation; /* EXIF, 1..8 */
	int frames, bands;
	bool has_alpha, has_profile;
};

/* Read the header only; false when it cannot be. */
bool load_header(struct source *, struct header *ret);

/* What transparent pixels lie on. */
enum paper { PAPER_WHITE, PAPER_BLACK };

/*
 * After load_header(): decode the first frame, a JPEG shrunk by 1, 2, 4 or
 * 8, to sRGB on paper, not turned.  Gives REASON_none, undecodable, truncated
 * or unsupported_pixels.  A profile that cannot be applied is left aside.
 */
enum prep_reason load_pixels(
    struct source *, int shrink, enum paper, struct raster *ret);

/* What is wrong with a file that cannot be read or decoded. */
enum prep_reason load_damage(const struct source *);

/* Let go of what load_header() has left. */
void load_close(struct source *);

#endif
