/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: what a file is, by its own bytes and nothing else.
 */
#ifndef PREP_FORMAT_INT_H
#define PREP_FORMAT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "prep/visit.h"

enum format {
	FORMAT_NONE,
	FORMAT_JPEG,
	FORMAT_PNG,
	FORMAT_GIF,
	FORMAT_WEBP,
	FORMAT_TIFF,
	FORMAT_HEIF,
	FORMAT_AVIF,
	FORMAT_JXL,
	FORMAT_COUNT
};

/* "jpeg"; NULL for FORMAT_NONE. */
const char *format_name(enum format);

/* A set of formats, one bit each: 1 << FORMAT_JPEG. */
uint32_t formats_of(const struct strlist *names);
/* Is one of them there that takes a plug-in to read? */
bool formats_need_plugins(uint32_t formats);

/*
 * By the first bytes; FORMAT_NONE with a reason when it is none of these:
 * unsupported_format if it is another known kind of picture.
 */
enum format format_of(const uint8_t *, size_t len, enum prep_reason *ret);

/*
 * Does a file that could not be decoded stop before its own structure says
 * that it ends?
 */
bool format_is_cut_off(enum format, const uint8_t *, size_t len);

/*
 * Take the text chunks out of a PNG, in place; returns what is left of its
 * length.  Unpacking them can cost a decoder minutes, and nobody reads them.
 */
size_t format_drop_png_text(uint8_t *, size_t len);

/*
 * Is this, on its face, one whole JPEG of 8 bits, and of what size?  The
 * parent asks it of what a child says is one.
 */
bool format_jpeg_size(const uint8_t *, size_t len, int *ret_w, int *ret_h);

/*
 * The first quantisation tables of a JPEG, of one byte at least, as their
 * segment has them; false when there are none before its first scan.
 */
bool format_jpeg_table(
    const uint8_t *, size_t len, const uint8_t **ret, size_t *ret_len);

#endif
