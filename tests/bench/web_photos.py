# SPDX-License-Identifier: Apache-2.0
"""web_photos.py FROM DEST N: N photographs of the size that the web has,
about 106 KB, each put together from four of those in FROM: DEST/photo/."""

import os
import random
import sys

from PIL import Image


def photographs(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                yield os.path.join(path, name)


def main():
    source, dest, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    dice = random.Random(1)
    paths = sorted(photographs(source))
    os.makedirs(os.path.join(dest, "photo"))
    for n in range(count):
        four = []
        for path in dice.sample(paths, 4):
            with Image.open(path) as picture:
                four.append(picture.convert("RGB").resize((500, 375)))
        whole = Image.new("RGB", (1000, 750))
        for i, picture in enumerate(four):
            whole.paste(picture, (500 * (i % 2), 375 * (i // 2)))
        whole.save(os.path.join(dest, "photo", "%05d.jpg" % n), quality=80)


main()
