# SPDX-License-Identifier: Apache-2.0
"""web_photos.py FROM DEST N: N files in DEST/photo, each a JPEG of the size
that photographs of the web have, about 106 KB: four of those below FROM in
one picture.  Ten in a row are one picture and differ in a comment."""

import io
import os
import random
import sys

from PIL import Image

SAME = 10
SIZE = (490, 368)


def photographs(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                yield os.path.join(path, name)


def put_together(paths):
    width, height = SIZE
    whole = Image.new("RGB", (2 * width, 2 * height))
    for i, path in enumerate(paths):
        with Image.open(path) as picture:
            part = picture.convert("RGB").resize(SIZE)
        whole.paste(part, (width * (i % 2), height * (i // 2)))
    jpeg = io.BytesIO()
    whole.save(jpeg, "JPEG", quality=76)
    return jpeg.getvalue()


def main():
    source, dest, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    dice = random.Random(1)
    paths = sorted(photographs(source))
    folder = os.path.join(dest, "photo")
    os.makedirs(folder)
    for n in range(count):
        if n % SAME == 0:
            jpeg = put_together(dice.sample(paths, 4))
        comment = b"%08d" % n
        with open(os.path.join(folder, "%05d.jpg" % n), "wb") as f:
            f.write(jpeg[:2] + b"\xff\xfe\x00\x0a" + comment + jpeg[2:])


main()
