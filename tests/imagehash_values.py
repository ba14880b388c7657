#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Print tests/imagehash_values.h: the codes by imagehash's definitions, with
# Pillow's resampling and SciPy's DCT, of the pictures of test_imagehash.c.
import numpy
import scipy.fftpack
from PIL import Image

SIZES = [(640, 480), (400, 533), (97, 211), (64, 64), (33, 20), (5, 7),
         (1000, 51), (8, 8), (9, 8), (256, 192), (31, 300)]


def picture(w, h, seed):
    px = numpy.zeros((h, w), numpy.uint8)
    state = seed
    for y in range(h):
        for x in range(w):
            state ^= (state << 13) & 0xffffffff
            state ^= state >> 17
            state ^= (state << 5) & 0xffffffff
            px[y, x] = (x * 160 // w + (y * 7 // h) % 3 * 25
                        + state % 40) % 256
    return Image.fromarray(px, "L")


def text(bits):
    flat = "".join("1" if b else "0" for b in bits.flatten())
    return "%0*x" % (len(flat) // 4, int(flat, 2))


def small(image, w, h):
    return numpy.asarray(image.resize((w, h), Image.LANCZOS))


def ahash(image):
    px = small(image, 8, 8)
    return text(px > numpy.mean(px))


def dhash(image):
    px = small(image, 9, 8)
    return text(px[:, 1:] > px[:, :-1])


def phash(image, n):
    px = small(image, 4 * n, 4 * n)
    dct = scipy.fftpack.dct(scipy.fftpack.dct(px, axis=0), axis=1)[:n, :n]
    return text(dct > numpy.median(dct))


print("""/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imagehash_values: made by imagehash_values.py.
 */
#ifndef TESTS_IMAGEHASH_VALUES_H
#define TESTS_IMAGEHASH_VALUES_H

static const struct imagehash_value {
	int w, h;
	const char *ahash, *dhash, *phash, *phash256;
} imagehash_values[] = {""")
for i, (w, h) in enumerate(SIZES):
    p = picture(w, h, i + 1)
    wide = phash(p, 16)
    print('\t{ %d, %d, "%s", "%s",\n\t    "%s",\n\t    "%s"\n\t    "%s" },' % (
        w, h, ahash(p), dhash(p), phash(p, 8), wide[:32], wide[32:]))
print("""};

#endif""")
