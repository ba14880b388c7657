/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpeg: JPEG (ITU-T T.81) by libjpeg-turbo alone, from hostile bytes straight
 * to a raster, and back.  Most images are JPEGs, and what libvips does around
 * the same decoder costs as much as the decoding.  Only in the child.
 *
 * Pixels are those of the decoder's slow, exact inverse DCT with smooth
 * upsampling of chroma: the ones that libvips gives.
 */
#ifndef PREP_JPEG_INT_H
#define PREP_JPEG_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "prep/raster_int.h"

/* A file whose header was read. */
struct jpeg;

struct jpeg_header {
	int w, h;        /* as stored */
	int orientation; /* EXIF, 1..8; 1 where it says none */
	int bands;       /* 1 or 3 */
	const void *icc; /* profile, whole; NULL: none; while it is open */
	size_t icc_len;
};

enum jpeg_kind {
	JPEG_BROKEN, /* its header cannot be read */
	JPEG_OTHER,  /* inks or a profile in odd parts: not for this reader */
	JPEG_PLAIN,  /* grey, YCbCr or RGB */
};

/*
 * Read the header of bytes that stay where they are until jpeg_close().
 * *ret and *ret_header are set for JPEG_PLAIN only.
 */
enum jpeg_kind jpeg_open(const void *data, size_t len, struct jpeg **ret,
    struct jpeg_header *ret_header);
void jpeg_close(struct jpeg *);

/*
 * Decode, shrunk by 1, 2, 4 or 8 (sides rounded down), to three bands; grey
 * three times.  Not turned, no profile applied.  -1: damaged, or cut off
 * anywhere before its end.  May be called again.
 */
int jpeg_decode(struct jpeg *, int shrink, struct raster *ret);

/* Had the decoder doubts about what it read so far? */
bool jpeg_is_doubtful(const struct jpeg *);

/*
 * Append the picture as a baseline JPEG without metadata; chroma at full
 * resolution, or halved both ways.  -1: `out` would reach its cap, and is
 * as it was.
 */
int jpeg_encode(
    const struct raster *, int quality, bool full_chroma, struct buf *out);

#endif
