#!/bin/sh
# A backbone is brought in, learned by, used and taken away; hostile files are
# refused by one line.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

model=$srcdir/../shared/data/models/mobilenetv1-0.25-224.onnx
if [ ! -r "$model" ]; then
	echo "1..0 # SKIP needs models/mobilenetv1-0.25-224.onnx"
	exit 0
fi

web_start
mkdir -p "$work/photos/rings" "$work/photos/stripes"
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/photos/$class/$i.png"
	done
done

workspace </dev/null
cat >"$ws/griddle.conf" <<'CONF'
classes = { rings, stripes }
recipe "default" { steps = "autorotate, resize 160x120 stretch" }
CONF

# ---- files that are refused -------------------------------------------------

refused() { # file, extended regular expression, text, options
	file=$1
	pattern=$2
	text=$3
	shift 3
	g backbone import "$file" --name bad "$@"
	is "$rc $(wc -l <"$work/err")" "1 1" "$text: one line, and status 1"
	has "$work/err" "$pattern" "which says why"
}

head -c 100000 "$model" >"$work/cut.onnx"
refused "$work/cut.onnx" 'it is cut short, or no ONNX file' "a file cut short"
: >"$work/empty.onnx"
refused "$work/empty.onnx" 'it is empty' "an empty file"
refused "$model" 'it has no output "none"' "an output that is not there" \
	--output none
refused "$model" 'size 224, not 96' "a size that the network does not take" \
	--size 96
refused "$model" 'std is not one number or three' "two numbers of three" \
	--std 1,2
g backbone list
is "$(cat "$work/out")" "" "none of them was kept"
is "$(find "$ws" -name '*.onnx')" "" "nor was a file"

# ---- one that is taken ------------------------------------------------------

g backbone import "$model" --name small
is "$rc" 0 "a real network is taken"
has "$work/out" '^small: 256 numbers of output embedding, .*224 x 224' \
	"it is described"
cmp -s "$model" "$ws/backbones/small.onnx"
ok $? "its file is kept as it was"
g backbone import "$model" --name small
has "$work/err" 'there is a backbone "small" already' "a name is taken once"
g backbone list --json
has "$work/out" '"name": ?"small"' "it is listed"

# ---- learning ---------------------------------------------------------------

g add "$work/photos"
g prep
g dedup
g split --name v1
g train v1 --set features=plain
is "$rc" 0 "train works without it"
g train v1
is "$rc" 0 "and with it, by default"
vectors() {
	sqlite3 "$ws/derived.db" "SELECT count(*) FROM vector
		WHERE features LIKE 'onnx-1 9615007744e774d6 embedding %'"
}
images=$(sql 'SELECT count(*) FROM snapshot_sample')
is "$(vectors)" "$images" "each image's vector is kept under its name"
sqlite3 "$ws/derived.db" 'SELECT id, hex(floats) FROM vector ORDER BY id' \
	>"$work/before"
g train v1 --set seed=2
sqlite3 "$ws/derived.db" 'SELECT id, hex(floats) FROM vector ORDER BY id' |
	cmp -s - "$work/before"
ok $? "a second training reads them back"
sqlite3 "$ws/derived.db" 'DELETE FROM vector'
# On one processor, that is by one child.
taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" \
	"$griddle" -C "$ws" train v1 --set seed=3 2>"$work/err"
sqlite3 "$ws/derived.db" "SELECT hex(floats) FROM vector
	ORDER BY sha256" >"$work/again"
sed 's/^[0-9]*|//' "$work/before" | sort >"$work/first"
sort "$work/again" | comm -13 "$work/first" - >"$work/new"
is "$(wc -l <"$work/new")" 0 "made anew on one processor they are the same to the bit"

model_name=$(sql 'SELECT name FROM model ORDER BY id DESC LIMIT 1')
grep -q '"backbone-sha256":"9615007744e774d6' "$ws/models/$model_name.json"
ok $? "the model's file names the backbone"
g evaluate
is "$rc" 0 "evaluate works with it"
g predict "$work/photos/rings/1.png"
has "$work/out" '^rings ' "so does predict"
"$griddle" -C "$ws" predict "$work/photos/rings/1.png" \
	"$work/photos/stripes/2.png" >"$work/out"
is "$(grep -cE ': (rings|stripes) ' "$work/out")" 2 "of several pictures"

# ---- without it -------------------------------------------------------------

g backbone remove small
is "$rc$(find "$ws" -name '*.onnx')" 0 "it goes, and its file"
g predict "$work/photos/rings/1.png"
is "$rc" 1 "then its models cannot predict"
has "$work/err" 'whose backbone is not here: griddle backbone import' \
	"and say why"
g backbone import "$model" --name other
g predict "$work/photos/rings/1.png"
has "$work/out" '^rings ' "under another name it is the same backbone"
printf x >>"$ws/backbones/other.onnx"
g predict "$work/photos/rings/1.png"
has "$work/err" 'is not what was imported' "one that was changed is refused"
g check
cat "$work/out" "$work/err" >"$work/both"
has "$work/both" 'backbone other: .* of another size' "and check finds it"

# ---- pictures whose content is known ----------------------------------------

models=$srcdir/../shared/data/models
if [ ! -r "$models/mobilenetv2-1.0-224.onnx" ]; then
	finish
fi
sed -i 's/resize 160x120/resize 224x224/' "$ws/griddle.conf"
mkdir "$work/known"
cp "$models/pictures/burger.jpg" "$work/known"
# Of a BMP without compression a PNG, by what Python brings along.
for i in cat bird sunflower dragonfly; do
	python3 - "$models/pictures/$i.bmp" "$work/known/$i.png" <<-'PY'
		import struct, sys, zlib
		b = open(sys.argv[1], 'rb').read()
		at, w, h = (struct.unpack_from('<i', b, k)[0] for k in (10, 18, 22))
		step = (w * 3 + 3) // 4 * 4
		rows = b''
		for y in range(h - 1, -1, -1):
		    row = bytearray(b[at + y * step:at + y * step + 3 * w])
		    row[0::3], row[2::3] = row[2::3], row[0::3]
		    rows += b'\0' + row
		def part(name, data):
		    return (struct.pack('>I', len(data)) + name + data +
		        struct.pack('>I', zlib.crc32(name + data)))
		open(sys.argv[2], 'wb').write(b'\x89PNG\r\n\x1a\n' +
		    part(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 2, 0, 0, 0)) +
		    part(b'IDAT', zlib.compress(rows)) + part(b'IEND', b''))
	PY
done
g add "$work/known" --label rings
g prep
g dedup
g split --name v2 --balance none
g backbone import "$models/mobilenetv2-1.0-224.onnx" --name imagenet \
	--output logits
has "$work/out" '1001 numbers of output logits' "its logits can be taken too"
g train v2 --set features=imagenet
is "$rc" 0 "and learned by"

top() { # a picture: the number of its largest logit
	sqlite3 "$ws/derived.db" "SELECT hex(floats) FROM vector WHERE
		features LIKE 'onnx-1 a9857ca27e5d7fee logits %' AND sha256 =
		x'$(sha256sum "$1" | cut -c1-64)'" | python3 -c '
import struct, sys
x = struct.unpack("<1001f", bytes.fromhex(sys.stdin.read().strip()))
print(x.index(max(x)))'
}
is "$(top "$work/known/burger.jpg")" 934 "a burger is a cheeseburger"
is "$(top "$work/known/cat.png")" 286 "a cat is an Egyptian cat"
is "$(top "$work/known/bird.png")" 20 "a bird is a chickadee"
is "$(top "$work/known/sunflower.png")" 986 "a sunflower is a daisy"
is "$(top "$work/known/dragonfly.png")" 320 "a dragonfly is a dragonfly"

finish
