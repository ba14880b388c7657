/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paint: pictures that nobody took, for tests without photographs.
 *
 * The class decides the pattern and how coarse it is; the number decides
 * colours, phase, scale, what lies in front and the noise.  The same class
 * and number give the same picture always.
 */
#ifndef TESTS_WEB_PAINT_H
#define TESTS_WEB_PAINT_H

#include <stdint.h>

#include "base/buf.h"

struct picture {
	unsigned width, height;
	uint8_t *rgb; /* rows from the top, 3 bytes a pixel */
};

/* 200x150 to 400x300 pixels. */
void picture_paint(struct picture *, const char *class, uint32_t number);
/* The size alone. */
void picture_size(struct picture *, const char *class, uint32_t number);
/* A smaller one of width * num / den, bilinear. */
void picture_scale(
    const struct picture *, struct picture *ret, unsigned num, unsigned den);
void picture_release(struct picture *);

/* Append the picture as a PNG file (ISO/IEC 15948), colour type 2. */
void picture_png(const struct picture *, struct buf *);

/* Paint and append in one call. */
void made_png(const char *class, uint32_t number, struct buf *);

/* FNV-1a, 64 bits. */
uint64_t fnv1a(const void *data, size_t len);

#endif
