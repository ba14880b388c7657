# SPDX-License-Identifier: Apache-2.0
"""Write archives, good and hostile, of the pictures in a folder.

make_archives.py PICTURES FOLDER; pictures are named CLASS.NUMBER.png.
"""
import io
import json
import os
import sys
import tarfile
import zipfile

pictures, out = sys.argv[1:3]
files = sorted(os.listdir(pictures))
data = {}
for name in files:
    with open(os.path.join(pictures, name), 'rb') as f:
        data[name] = f.read()


def class_of(name):
    return name.split('.')[0]


def new(name, mode='w'):
    return zipfile.ZipFile(os.path.join(out, name), mode,
                           zipfile.ZIP_DEFLATED)


def in_folders():
    return {'train/%s/%s' % (class_of(n), n): data[n] for n in files}


def put_tar(tar, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def photos():
    with new('photos.zip') as z:
        for name, content in in_folders().items():
            z.writestr(name, content)
        z.writestr('README.txt', 'not a picture')
        z.writestr('__MACOSX/train/rings/._rings.1.png', b'junk')
    for kind in 'gz', 'xz':
        with tarfile.open(os.path.join(out, 'photos.tar.' + kind),
                          'w:' + kind) as t:
            for name, content in in_folders().items():
                put_tar(t, name, content)


def numbered(z):
    for i, name in enumerate(files):
        z.writestr('images/%d.png' % i, data[name])


def labels():
    with new('names.zip') as z:
        for name in files:
            z.writestr('all/' + name, data[name])
    with new('csv.zip') as z:
        numbered(z)  # what tells may come last
        z.writestr('train.csv', 'id,label\n' + ''.join(
            '%d,%s\n' % (i, class_of(n)) for i, n in enumerate(files)))
    with new('jsonl.zip') as z:
        z.writestr('meta/train.jsonl', ''.join(
            json.dumps({'file': '%d.png' % i, 'class': class_of(n)}) + '\n'
            for i, n in enumerate(files)))
        numbered(z)
    with new('coco.zip') as z:
        numbered(z)
        z.writestr('annotations/instances.json', json.dumps({
            'images': [{'id': 100 + i, 'file_name': '%d.png' % i}
                       for i in range(len(files))],
            'categories': [{'id': 7, 'name': 'rings'},
                           {'id': 9, 'name': 'stripes'}],
            'annotations': [
                {'image_id': 100 + i,
                 'category_id': 7 if class_of(n) == 'rings' else 9}
                for i, n in enumerate(files)]}))
    with new('voc.zip') as z:
        numbered(z)
        for i, n in enumerate(files):
            z.writestr('Annotations/%d.xml' % i,
                       '<annotation><object><name>%s</name></object>'
                       '</annotation>' % class_of(n))


def zip_of(entries):
    b = io.BytesIO()
    with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, content in entries:
            z.writestr(name, content)
    return b.getvalue()


def hostile():
    one, two, three = [data['rings.%d.png' % i] for i in (1, 2, 3)]
    deep = zip_of([('rings/4.png', data['rings.4.png'])])
    with new('hostile.zip') as z:
        z.writestr('rings/1.png', one)
        for name in ('../out.png', 'a/../../../out.png',
                     '/tmp/griddle-out.png', 'C:\\out.png'):
            z.writestr(name, data['rings.5.png'])
        link = zipfile.ZipInfo('rings/link.png')
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        z.writestr(link, '/etc/passwd')
        z.writestr('rings/false.png', b'MZ not a picture at all')
        z.writestr('inner.zip', zip_of([('rings/2.png', two),
                                        ('deeper.zip', deep)]))
        z.writestr('rings/3.png', three)
    with new('bomb.zip') as z:
        for i in range(40):
            z.writestr('rings/%d.png' % i, one[:33] + bytes(15 << 20))
    with open(os.path.join(out, 'photos.zip'), 'rb') as f:
        whole = f.read()
    with open(os.path.join(out, 'cut.zip'), 'wb') as f:
        f.write(whole[:len(whole) // 2])
    with new('empty.zip') as z:
        for i in range(100000):
            z.writestr('empty/%d.png' % i, b'')
    with tarfile.open(os.path.join(out, 'encodings.tar'), 'w',
                      encoding='latin-1') as t:
        put_tar(t, 'rings/caf\xe9.png', one)
        put_tar(t, 'rings/caf\xe8.png', two)
        put_tar(t, 'rings/\x1b[31m.png', three)
    with tarfile.open(os.path.join(out, 'links.tar'), 'w') as t:
        for i in range(3000):
            info = tarfile.TarInfo('rings/%d.png' % i)
            info.type = tarfile.SYMTYPE
            info.linkname = '/etc/passwd'
            t.addfile(info)


photos()
labels()
hostile()
