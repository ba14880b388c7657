# SPDX-License-Identifier: Apache-2.0
"""dups.py: make changed copies of photographs, and judge the groups found."""
import json
import os
import sys

from PIL import Image, ImageFilter, ImageOps


def crop(im, share):
    """Without so much of the area, around the middle."""
    keep = (1 - share) ** 0.5
    w, h = im.width * keep, im.height * keep
    x, y = (im.width - w) / 2, (im.height - h) / 2
    return im.crop((round(x), round(y), round(x + w), round(y + h)))


def scale(im, by):
    return im.resize((round(im.width * by), round(im.height * by)),
                     Image.LANCZOS)


def border(im, share):
    return ImageOps.expand(im, round(im.width * share), "white")


CHANGES = [
    ("jpeg30", lambda im: im, 30),
    ("jpeg10", lambda im: im, 10),
    ("png", lambda im: im, None),
    ("half", lambda im: scale(im, 0.5), 90),
    ("quarter", lambda im: scale(im, 0.25), 90),
    ("gray", lambda im: ImageOps.grayscale(im), 90),
    ("blur", lambda im: im.filter(ImageFilter.GaussianBlur(2)), 90),
    ("bright", lambda im: im.point(lambda v: min(255, v + 40)), 90),
    ("mirror", ImageOps.mirror, 90),
    ("rot90", lambda im: im.transpose(Image.ROTATE_90), 90),
    ("rot180", lambda im: im.transpose(Image.ROTATE_180), 90),
    ("border5", lambda im: border(im, 0.05), 90),
    ("border10", lambda im: border(im, 0.1), 90),
    ("crop2", lambda im: crop(im, 0.02), 90),
    ("crop5", lambda im: crop(im, 0.05), 90),
    ("crop10", lambda im: crop(im, 0.1), 90),
]


def make(names, folder):
    for i, name in enumerate(open(names).read().split("\n")):
        if not name:
            continue
        im = Image.open(name).convert("RGB")
        base = os.path.join(folder, "%05d-" % i)
        im.save(base + "original.jpg", quality=95)
        for word, change, quality in CHANGES:
            if quality is None:
                change(im).save(base + word + ".png")
            else:
                change(im).save(base + word + ".jpg", quality=quality)


def groups_of(path):
    """Lists of names: a JSON object a line, or names with blanks between."""
    for line in open(path):
        if line.startswith("{"):
            o = json.loads(line)
            v = [o["keeper"]] + o["members"]
        else:
            v = line.split()
        yield [os.path.basename(name).split(".")[0] for name in v]


def judge(folder, tools):
    names = {n.split(".")[0] for n in os.listdir(folder)}
    originals = [n for n in names if n.endswith("-original")]
    found = {}
    print("%-10s" % "", *("%15s" % t for t, _, _ in tools))
    for tool, path, _ in tools:
        group = {}
        false = 0
        for i, members in enumerate(groups_of(path)):
            whose = {}
            for m in members:
                group[m] = i
                whose[m[:5]] = whose.get(m[:5], 0) + 1
            n = len(members)
            false += (n * n - sum(k * k for k in whose.values())) // 2
        found[tool] = group, false
    shares = {t: [] for t, _, _ in tools}
    for word, _, _ in CHANGES:
        row = []
        for tool, _, _ in tools:
            group = found[tool][0]
            hits = sum(1 for o in originals if o in group
                       and group[o] == group.get(o[:6] + word, -1))
            shares[tool].append(hits / len(originals))
            row.append("%15.3f" % shares[tool][-1])
        print("%-10s" % word, *row)
    print("%-10s" % "recall", *("%15.3f" % (sum(shares[t]) / len(shares[t]))
                                for t, _, _ in tools))
    print("%-10s" % "false", *("%15d" % found[t][1] for t, _, _ in tools))
    print("%-10s" % "CPU s", *("%15.2f" % sum(map(float, s.split()))
                               for _, _, s in tools))


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    rest = sys.argv[3:]
    judge(sys.argv[2], [tuple(rest[i:i + 3]) for i in range(0, len(rest), 3)])
