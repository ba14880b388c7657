#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Readers of what `griddle export` writes, by others' rules and none of its
code: the standard library only, and PyYAML where it is there.

export_readers.py WHAT DIR [ARGUMENT...] prints one line of figures, or what
is wrong, and exits with 0 or 1."""
import csv
import fnmatch
import hashlib
import json
import os
import re
import struct
import sys
import tarfile


def need(truth, *words):
    if not truth:
        print("wrong:", *words)
        sys.exit(1)


def no_constant(word):
    raise ValueError("JSON has no " + word)


def no_twins(pairs):
    keys = [k for k, _ in pairs]
    need(len(keys) == len(set(keys)), "a key twice:", keys)
    return dict(pairs)


def load(text):
    return json.loads(text, parse_constant=no_constant,
                      object_pairs_hook=no_twins)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def is_jpeg(data):
    return data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9"


def jpeg_size(data):
    """Width, height, components: another walk over a JPEG's segments."""
    at = 2
    while True:
        marker, length = struct.unpack_from(">xBH", data, at)
        if 0xc0 <= marker <= 0xcf and marker not in (0xc4, 0xc8, 0xcc):
            _, h, w, n = struct.unpack_from(">BHHB", data, at + 4)
            return w, h, n
        at += 2 + length


def ordered(names):
    """Classes are numbered as torchvision numbers their folders."""
    def folder(name):
        name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)
        name = re.sub(r"^\.", "_", name)
        return re.sub(r"^__", "_-", name)
    need(list(names) == sorted(names, key=folder), "order:", list(names))


# ---- ImageFolder: torchvision's rule ---------------------------------------

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif",
              ".tiff", ".webp")


def image_folder(root):
    """(file, class number) of each image, and the classes, as torchvision's
    DatasetFolder finds them; a class without an image is an error."""
    classes = sorted(d.name for d in os.scandir(root) if d.is_dir())
    need(classes, "no class folders in", root)
    found = []
    for i, c in enumerate(classes):
        n = len(found)
        for folder, _, names in sorted(os.walk(os.path.join(root, c))):
            found += [(os.path.join(folder, name), i)
                      for name in sorted(names)
                      if name.lower().endswith(EXTENSIONS)]
        need(len(found) > n, "no image of class", c, "in", root)
    return found, classes


def imagefolder(root, parts="train,val,test"):
    n = 0
    all_classes = set()
    for part in parts.split(","):
        found, classes = image_folder(os.path.join(root, part))
        n += len(found)
        all_classes |= set(classes)
        for path, _ in found:
            need(is_jpeg(read(path)) or "originals" in
                 read(os.path.join(root, "griddle-export.json")).decode(),
                 "no JPEG:", path)
    print(f"images {n} classes {len(all_classes)}")


# ---- Hugging Face ----------------------------------------------------------

def front_matter(root):
    text = read(os.path.join(root, "README.md")).decode()
    need(text.startswith("---\n"), "no front matter")
    return text[4:text.index("\n---\n", 4) + 1], \
        text[text.index("\n---\n", 4) + 5:]


def hf(root):
    n = 0
    labels = set()
    keys = None
    for part in ("train", "validation", "test"):
        folder = os.path.join(root, part)
        listed = set()
        for line in read(os.path.join(folder, "metadata.jsonl")).splitlines():
            row = load(line)
            keys = keys or set(row)
            need(set(row) == keys, "other keys:", row)
            need(all(isinstance(v, str) for v in row.values()), "types", row)
            name = row["file_name"]
            need(not name.startswith("/") and ".." not in name.split("/"),
                 "file_name", name)
            need(is_jpeg(read(os.path.join(folder, name))), name)
            need(not any(p.startswith((".", "__")) for p in name.split("/")),
                 "hidden for Hugging Face:", name)
            need(name not in listed, "twice:", name)
            listed.add(name)
            labels.add(row["label"])
        there = {os.path.relpath(os.path.join(d, f), folder)
                 for d, _, fs in os.walk(folder) for f in fs}
        need(there == listed | {"metadata.jsonl"}, "files without a line")
        n += len(listed)
    card(root, quiet=True, labels=labels)
    print(f"images {n} classes {len(labels)}")


def card(root, quiet=False, labels=None):
    """The front matter as YAML, and tables that have as many cells in each
    row and no HTML."""
    front, body = front_matter(root)
    for line in front.splitlines():
        m = re.match(r"\s*(?:- )?(?:[a-z_]+|'\d+'): (\".*\")$", line)
        if m:
            load(m.group(1))
    try:
        import yaml
        data = yaml.safe_load(front)
        need(data["task_categories"] == ["image-classification"], "tasks")
        need(isinstance(data["license"], str), "license")
        if labels is not None:
            features = {f["name"]: f["dtype"]
                        for f in data["dataset_info"]["features"]}
            names = features["label"]["class_label"]["names"]
            need(set(names.values()) == labels, "names:", names)
            need(list(names) == [str(i) for i in range(len(names))], names)
            ordered(names.values())
            need({c["split"] for c in data["configs"][0]["data_files"]} ==
                 {"train", "validation", "test"}, "splits")
    except ImportError:
        pass
    width = None
    for line in body.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        need(cells == width, "a table's row:", line)
    need(not re.search(r"(?<!\\)[<`]", body), "HTML or code in the card")
    if not quiet:
        print(len(body), "characters")


# ---- shards ----------------------------------------------------------------

def shards(root, suffix):
    return sorted(os.path.join(root, f) for f in os.listdir(root)
                  if suffix in f)


def tar_samples(paths):
    """As WebDataset groups them: by the name up to the first dot."""
    for path in paths:
        need(read(path)[257:265] == b"ustar\00000", "no ustar:", path)
        key, sample = None, {}
        with tarfile.open(path, "r|") as tar:
            for m in tar:
                need(m.isreg() and m.mtime == 0 and m.uid == 0 and
                     m.gid == 0 and m.mode == 0o444, "member", m.name)
                k, ext = m.name.split(".", 1)
                need(re.fullmatch(r"[0-9a-f]{16}(-\d+)?", k), "key", k)
                if k != key:
                    if sample:
                        yield path, sample
                    key, sample = k, {"__key__": k}
                need(ext not in sample, "twice:", m.name)
                sample[ext] = tar.extractfile(m).read()
        if sample:
            yield path, sample


def webdataset(root, images="jpg"):
    classes = load(read(os.path.join(root, "classes.json")))
    ordered(classes)
    keys, runs, last, n = set(), 0, None, 0
    paths = shards(root, ".tar")
    for path, s in tar_samples(paths):
        picture = [e for e in s if e in images.split(",")]
        need(set(s) == {"__key__", "cls", "json", *picture} and
             len(picture) == 1, "suffixes", sorted(s))
        about = load(s["json"])
        need(re.fullmatch(rb"\d+", s["cls"]), "cls", s["cls"])
        need(classes[int(s["cls"])] == about["label"], "label", about)
        need(os.path.basename(path).startswith(about["split"] + "-"), path)
        need(s["__key__"] not in keys, "key twice", s["__key__"])
        need(about["sha256"].startswith(s["__key__"][:16]), "sha256")
        if picture[0] == "jpg":
            need(is_jpeg(s["jpg"]), "JPEG")
            need((about["width"], about["height"]) == jpeg_size(s["jpg"])[:2],
                 "size")
        keys.add(s["__key__"])
        runs += about["label"] != last
        last = about["label"]
        n += 1
    print(f"images {n} classes {len(classes)} shards {len(paths)} runs {runs}")


def crc32c(data):
    """Bit by bit from the polynomial, by a table of its own."""
    if not TABLE:
        for i in range(256):
            for _ in range(8):
                i = (i >> 1) ^ (0x82F63B78 if i & 1 else 0)
            TABLE.append(i)
    crc = 0xFFFFFFFF
    for b in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ b) & 0xFF]
    return crc ^ 0xFFFFFFFF


TABLE = []


def masked(data):
    c = crc32c(data)
    return ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    n = shift = 0
    while True:
        b = data[at]
        at += 1
        n |= (b & 0x7F) << shift
        shift += 7
        if b < 0x80:
            return n, at


def fields(data):
    """(number, value) of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        need(tag & 7 in (0, 2), "wire type", tag & 7)
        n, at = varint(data, at)
        if tag & 7 == 0:
            yield tag >> 3, n
        else:
            need(at + n <= len(data), "a field passes the end")
            yield tag >> 3, data[at:at + n]
            at += n


def example(data):
    """A tf.train.Example as a dict."""
    out = {}
    for number, features in fields(data):
        need(number == 1, "Example")
        for number, entry in fields(features):
            need(number == 1, "Features")
            pair = dict(fields(entry))
            kind, values = next(fields(pair[2]))
            key = pair[1].decode()
            need(kind in (1, 3) and key not in out, "feature", key)
            out[key] = [v for n, v in fields(values)][0]
    return out


def records(path):
    data = read(path)
    at = 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        need(masked(data[at:at + 8]) == check, "checksum of a length")
        body = data[at + 12:at + 12 + length]
        check, = struct.unpack_from("<I", data, at + 12 + length)
        if FULL:
            need(masked(body) == check, "checksum of a record")
        yield example(body)
        at += 16 + length
    need(at == len(data), "the last record is cut off")


FULL = True


def tfrecord(root, full="full"):
    global FULL
    FULL = full == "full"
    need(crc32c(b"123456789") == 0xE3069283, "the reader's own checksum")
    classes = load(read(os.path.join(root, "classes.json")))
    ordered(classes)
    paths = shards(root, ".tfrecord-")
    seen = set()
    counts = {}
    for path in paths:
        m = re.fullmatch(r"(train|val|test)\.tfrecord-(\d{5})-of-(\d{5})",
                         os.path.basename(path))
        need(m, "name", path)
        counts.setdefault(m.group(1), []).append(
            (int(m.group(2)), int(m.group(3))))
        for x in records(path):
            need(is_jpeg(x["image_bytes"]) and x["format"] == b"jpeg", "JPEG")
            need(jpeg_size(x["image_bytes"]) ==
                 (x["width"], x["height"], x["depth"]), "size")
            need(classes[x["class"]] == x["label"].decode(), "label")
            need(x["split"].decode() == m.group(1), "split")
            need(x["filename"] not in seen, "twice")
            seen.add(x["filename"])
    for part, numbers in counts.items():
        need(sorted(numbers) == [(i, len(numbers))
                                 for i in range(len(numbers))], part, numbers)
    print(f"images {len(seen)} classes {len(classes)} shards {len(paths)}")


# ---- lists -----------------------------------------------------------------

def records_of_csv(path):
    data = read(path)
    need(data.endswith(b"\r\n"), "the last line's end")
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f, strict=True))
    need(all(len(r) == len(rows[0]) for r in rows), "fields")
    return rows[0], rows[1:]


def csv_manifest(root):
    head, rows = records_of_csv(os.path.join(root, "manifest.csv"))
    need(head == ["path", "label", "split", "sha256", "source", "licence",
                  "url"], head)
    for path, _, split, sha256, *_ in rows:
        data = read(os.path.join(root, path))
        need(path.startswith(split + "/"), path)
        need(os.path.basename(path)[:16] == sha256[:16], path)
        need(is_jpeg(data) or hashlib.sha256(data).hexdigest() == sha256, path)
    need(len({r[0] for r in rows}) == len(rows), "a path twice")
    print(f"images {len(rows)} classes {len({r[1] for r in rows})}")


def jsonl(root):
    n = 0
    classes = set()
    for line in read(os.path.join(root, "manifest.jsonl")).split(b"\n")[:-1]:
        row = load(line)
        data = read(os.path.join(root, row["path"]))
        need(hashlib.sha256(data).hexdigest() == row["file_sha256"] and
             len(data) == row["bytes"], row["path"])
        need((row["width"], row["height"]) == jpeg_size(data)[:2], "size")
        classes.add(row["label"])
        n += 1
    print(f"images {n} classes {len(classes)}")


def whose(root):
    head, rows = records_of_csv(os.path.join(root, "ATTRIBUTION.csv"))
    need(head == ["image", "title", "author", "licence", "licence_url",
                  "page", "url", "source", "sha256"], head)
    need(all(r[3] for r in rows), "an empty licence")
    print(f"images {len(rows)}")


# ---- COCO and FiftyOne -----------------------------------------------------

def coco(root):
    n = 0
    names = None
    ids = set()
    for part in ("train", "val", "test"):
        folder = os.path.join(root, part)
        d = load(read(os.path.join(folder, "labels.json")))
        need(set(d) == {"info", "licenses", "images", "annotations",
                        "categories"}, sorted(d))
        categories = {c["id"]: c["name"] for c in d["categories"]}
        need(names in (None, categories), "other categories in", part)
        names = categories
        need(list(names) == list(range(1, len(names) + 1)), "ids")
        ordered(names.values())
        images = {i["id"]: i for i in d["images"]}
        need(len(images) == len(d["images"]) == len(d["annotations"]), part)
        need(not ids & set(images), "ids in two parts")
        ids |= set(images)
        licences = {x["id"] for x in d["licenses"]}
        for i in images.values():
            data = read(os.path.join(folder, "data", i["file_name"]))
            need(jpeg_size(data)[:2] == (i["width"], i["height"]), "size")
            need(i["license"] in licences, "license")
        for a in d["annotations"]:
            i = images.pop(a["image_id"])
            need(a["bbox"] == [0, 0, i["width"], i["height"]] and
                 a["area"] == i["width"] * i["height"] and
                 a["iscrowd"] == 0 and a["category_id"] in names, a)
            n += 1
    print(f"images {n} classes {len(names)}")


def fiftyone(root):
    n = 0
    for part in ("train", "val", "test"):
        d = load(read(os.path.join(root, part, "labels.json")))
        ordered(d["classes"])
        there = {f.rsplit(".", 1)[0]
                 for f in os.listdir(os.path.join(root, part, "data"))}
        need(set(d["labels"]) == there, "labels and files of", part)
        need(all(0 <= i < len(d["classes"]) for i in d["labels"].values()),
             "numbers")
        n += len(there)
    print(f"images {n} classes {len(d['classes'])}")


# ---- Croissant -------------------------------------------------------------

def croissant(root):
    d = load(read(os.path.join(root, "croissant.json")))
    c = d["@context"]
    need(c["@vocab"] == c["sc"] == "https://schema.org/", "vocabulary")
    need(c["cr"] == "http://mlcommons.org/croissant/" and
         c["dct"] == "http://purl.org/dc/terms/" and
         c["conformsTo"] == "dct:conformsTo", "prefixes")
    need(d["@type"] == "sc:Dataset", "@type")
    need(d["conformsTo"] == "http://mlcommons.org/croissant/1.1", "version")
    for key in ("name", "description", "license", "url", "creator",
                "datePublished"):
        need(d.get(key), "no", key)
    need(re.fullmatch(r"\d{4}-\d\d-\d\d", d["datePublished"]), "date")
    terms = set(c) | {"name", "description", "license", "url", "creator",
                      "datePublished", "distribution", "contentUrl",
                      "contentSize", "encodingFormat", "sha256"}

    def walk(v, key):
        if isinstance(v, dict) and key not in ("@context", "data"):
            for k in v:
                need(k in terms or k in ("@id", "@type", "@context"),
                     "no such term:", k)
                walk(v[k], k)
        elif isinstance(v, list):
            for x in v:
                walk(x, key)

    walk(d, None)
    ids = {}

    def collect(v):
        if isinstance(v, dict):
            if "@type" in v and "@id" in v:
                need(v["@id"] not in ids, "@id twice:", v["@id"])
                ids[v["@id"]] = v
            for k, x in v.items():
                if k not in ("@context", "data"):
                    collect(x)
        elif isinstance(v, list):
            for x in v:
                collect(x)

    collect(d)
    files, sets = {}, {}
    for f in d["distribution"]:
        if f["@type"] == "cr:FileObject":
            data = read(os.path.join(root, f["contentUrl"]))
            need(hashlib.sha256(data).hexdigest() == f["sha256"],
                 "sha256 of", f["contentUrl"])
            need(f["contentSize"] == f"{len(data)} B", "size of", f["@id"])
            files[f["@id"]] = f
        else:
            need(f["@type"] == "cr:FileSet" and f["encodingFormat"], f)
            globs = f["includes"]
            globs = [globs] if isinstance(globs, str) else globs
            sets[f["@id"]] = [
                p for p in (os.path.relpath(os.path.join(x, y), root)
                            for x, _, ys in os.walk(root) for y in ys)
                if any(fnmatch.fnmatchcase(p, g) for g in globs)]
    head, rows = records_of_csv(os.path.join(root, "manifest.csv"))
    need(sorted(r[0] for r in rows) ==
         sorted(sets["image-files"]), "the set is not the manifest's files")

    def value(source, row=None, path=None):
        if "fileObject" in source:
            need(source["fileObject"]["@id"] in files, source)
            v = row[head.index(source["extract"]["column"])]
        else:
            need(source["fileSet"]["@id"] in sets, source)
            v = {"filename": os.path.basename(path), "fullpath": path,
                 "content": path}[source["extract"]["fileProperty"]]
        if "transform" in source:
            v = re.search(source["transform"]["regex"], v).group(1)
        return v

    by_key = {r["@id"]: r for r in d["recordSet"]}
    need(by_key["splits"]["dataType"] == "cr:Split", "splits")
    need({x["splits/url"] for x in by_key["splits"]["data"]} ==
         {"cr:TrainingSplit", "cr:ValidationSplit", "cr:TestSplit"}, "urls")
    for r in d["recordSet"]:
        need(r["@type"] == "cr:RecordSet" and r["key"]["@id"] in ids, r)
        names = {f["@id"] for f in r["field"]}
        need(all(f["@type"] == "cr:Field" and f["dataType"] and
                 ("source" in f or "data" in r) for f in r["field"]), r["@id"])
        need(all(set(x) == names for x in r.get("data", [])), r["@id"])
    fields_ = {f["@id"]: f for f in by_key["images"]["field"]}
    need("cr:Label" in fields_["images/label"]["dataType"], "label")
    join = fields_["images/file"]
    left = {value(join["source"], path=p): p for p in sets["image-files"]}
    right = {value(join["references"], row=r): r for r in rows}
    need(len(left) == len(rows) and set(left) == set(right), "the join")
    names = [x["classes/name"] for x in by_key["classes"]["data"]]
    ordered(names)
    need([x["classes/number"] for x in by_key["classes"]["data"]] ==
         list(range(len(names))), "numbers")
    labels = set(names)
    parts = {x["splits/name"] for x in by_key["splits"]["data"]}
    for name, r in right.items():
        need(value(fields_["images/label"]["source"], row=r) in labels, r)
        need(value(fields_["images/split"]["source"], row=r) in parts, r)
        need(value(fields_["images/path"]["source"], row=r) == left[name], r)
    print(f"images {len(rows)} classes {len(labels)}")


READERS = {"imagefolder": imagefolder, "yolo": imagefolder, "hf": hf,
           "card": card, "webdataset": webdataset, "tfrecord": tfrecord,
           "csv": csv_manifest, "jsonl": jsonl, "whose": whose, "coco": coco,
           "fiftyone": fiftyone, "croissant": croissant}

if __name__ == "__main__":
    READERS[sys.argv[1]](*sys.argv[2:])
