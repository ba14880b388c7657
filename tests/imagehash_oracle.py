#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Print aHash, dHash and pHash of each file by imagehash's definitions, with
# Pillow and SciPy; status 77 where they are not there.
import sys

try:
    import numpy
    import scipy.fftpack
    from PIL import Image
except ImportError:
    sys.exit(77)


def text(bits):
    return "%016x" % int("".join("01"[int(b)] for b in bits.flatten()), 2)


def small(image, w, h):
    return numpy.asarray(image.resize((w, h), Image.LANCZOS))


for path in sys.argv[1:]:
    gray = Image.open(path).convert("L")
    a = small(gray, 8, 8)
    d = small(gray, 9, 8)
    p = small(gray, 32, 32)
    p = scipy.fftpack.dct(scipy.fftpack.dct(p, axis=0), axis=1)[:8, :8]
    print(text(a > a.mean()), text(d[:, 1:] > d[:, :-1]),
          text(p > numpy.median(p)), path)
