#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What CleanVision's checks say of files: an oracle for prep/quality.c.

Reads names of image files from standard input, and writes for each a line:
name, then its scores for dark, light, odd_aspect, low_information, blurry
and grayscale, all after the published definitions (doc/quality.md), from
all pixels, by other means than griddle's.
"""
import math
import sys

try:
    import numpy
    import PIL.Image
    import PIL.ImageFilter
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

LONG_SIDE = 64


def brightness(image):
    """Each pixel's, sorted, from 0 to 1."""
    if image.mode == "L":
        return numpy.asarray(image) / 255
    red, green, blue = numpy.moveaxis(numpy.asarray(image, dtype=float), 2, 0)
    return numpy.sqrt(
        0.241 * red * red + 0.691 * green * green + 0.068 * blue * blue
    ) / 255


def blurry(image):
    ratio = max(image.size) / LONG_SIDE
    if ratio > 1:
        image = image.resize([max(int(n // ratio), 1) for n in image.size])
    grey = image.convert("L")
    edges = numpy.asarray(grey.filter(PIL.ImageFilter.FIND_EDGES), dtype=float)
    sharp = 1 - math.exp(-0.01 * edges.std())
    toned = 1 - math.exp(-0.01 * numpy.std(grey.histogram()))
    return min(sharp + (toned if toned > 0.18 else 0), 1)


def scores(image):
    bright = brightness(image)
    short, long = sorted(image.size)
    return [
        numpy.percentile(bright, 99),
        1 - numpy.percentile(bright, 5),
        short / long,
        min(image.entropy() / 10, 1),
        blurry(image),
        0 if image.mode == "L" else 1,
    ]


for name in sys.stdin:
    name = name.rstrip("\n")
    with PIL.Image.open(name) as opened:
        picture = opened if opened.mode == "L" else opened.convert("RGB")
        print(name, *("%.6f" % score for score in scores(picture)), sep="\t")
