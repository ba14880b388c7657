#!/bin/sh
# Every format of export, read by programs that share no code with it.
# shellcheck disable=SC1091,SC2016,SC2086,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

formats='imagefolder hf yolo csv jsonl coco fiftyone croissant webdataset tfrecord'
python=$(command -v python3)
[ -n "$python" ] || echo "# no python3: what only it can read is skipped"

skip() { # reason, text
	n=$((n + 1))
	echo "ok $n - $2 # SKIP $1"
}

# Read DIR as WHAT by tests/export_readers.py and expect this line.
reads() { # what, dir, wanted, text, more arguments
	if [ -z "$python" ]; then
		skip "no python3" "$4"
		return
	fi
	is "$("$python" -B "$srcdir/tests/export_readers.py" "$1" "$2" ${5:-} 2>&1 |
		tail -n 1)" "$3" "$4"
}

web_start
workspace <<CONF
classes = {}
dataset { description = "What \"rings\" are; see a: b | c" }
split { minimum = 3 }
CONF
sed -i '/^classes = { rings/d' "$ws/griddle.conf"
mkdir -p "$work/photos/rings" "$work/photos/stripes"
i=0
while [ $i -lt 20 ]; do
	i=$((i + 1))
	curl -s "$WEB_URL/made/rings/$i.png" >"$work/photos/rings/$i.png"
	curl -s "$WEB_URL/made/stripes/$i.png" >"$work/photos/stripes/$i.png"
done
g add "$work/photos"
g run --from prep --until dedup

# ---- names that do harm -------------------------------------------------------

nasty='a,"b" | <script>`x`</script> *é* 😀 [l](http://x) \ end'
g label --new-class label=rings "$nasty"
g label --new-class label=stripes '__=1+1: - "yes"'
sql "UPDATE sighting SET title = '<b>' || char(10) || '| x' || char(9) || char(13),
	author = 'O''Neill, \"A\" ' || char(0x2028) || char(0x202e),
	licence = 'cc-by-4.0', licence_url = 'http://x/a|b\`c' WHERE id % 2 = 0"
sql "UPDATE sighting SET licence = 'Free | <i>really</i>' WHERE id % 5 = 0"
sql "UPDATE url SET url = 'http://example.org/a,\"b\"?x=<y>|' || id WHERE id % 3 = 0"
g split --name one
is "$rc" 0 "a snapshot of classes with odd names"
train=$(sql "SELECT count(*) FROM snapshot_sample WHERE part = 'train'")

for f in $formats; do
	out=$work/sets/$f
	mkdir -p "$work/sets" "$work/again"
	g export "$out" --as $f --json
	is "$rc" 0 "$f: exported"
	g export "$work/again/$f" --as $f
	diff -r "$out" "$work/again/$f" >"$work/err"
	ok $? "$f: the same bytes again"
	case $f in
	webdataset | tfrecord) more=' shards 3' ;;
	*) more= ;;
	esac
	if [ $f = webdataset ] && [ -n "$python" ]; then
		line=$("$python" -B "$srcdir/tests/export_readers.py" $f "$out" 2>&1 |
			tail -n 1)
		is "${line%% runs*}" "images 40 classes 2$more" \
			"$f: another reader reads it"
		ok "$([ "${line##* }" -gt 6 ]; echo $?)" "$f: classes are mixed"
	else
		reads $f "$out" "images 40 classes 2$more" \
			"$f: another reader reads it"
	fi
	reads whose "$out" "images 40" "$f: and whose each image is"
	if [ -n "$python" ]; then
		"$python" -B "$srcdir/tests/export_readers.py" card "$out" \
			>"$work/err" 2>&1
		ok $? "$f: the card is sound YAML and Markdown"
	else
		skip "no python3" "$f: the card is sound YAML and Markdown"
	fi
	has "$out/README.md" "$(sql "SELECT lower(hex(hash)) FROM snapshot")" \
		"$f: the card names the snapshot"
	is "$(find "$out" -type d -empty | wc -l)" 0 "$f: no folder is empty"
done
has "$work/sets/hf/README.md" '^\| cc-by-4.0 \| [0-9]+ \| https\\://creativecommons.org/licenses/by/4.0/ \|$' \
	"the card counts licences and knows their texts"
has "$work/sets/hf/README.md" '^\| unknown \| [0-9]+ \|  \|$' \
	"what is not known stays unknown"
is "$(grep -rlF "$work" "$work/sets" | wc -l)" 0 \
	"folders of this machine are not told"
test -d "$work/sets/hf/train/_-=1+1: - \"yes\""
ok $? "no class is hidden from Hugging Face"

if command -v bsdtar >/dev/null; then
	is "$(bsdtar tf "$work/sets/webdataset/train-000000.tar" | wc -l)" \
		$((3 * train)) "bsdtar finds three members for each image"
	is "$(bsdtar tvf "$work/sets/webdataset/train-000000.tar" |
		awk '{ print $1, $3, $4, $6, $7, $8 }' | sort -u)" \
		"-r--r--r-- 0 0 Jan 1 1970" "with fixed modes, owners and times"
else
	skip "no bsdtar" "bsdtar finds three members for each image"
	skip "no bsdtar" "with fixed modes, owners and times"
fi

# ---- where an image is from ---------------------------------------------------

sql "INSERT INTO sighting (url_id, source_id, run_id, page, author, licence, seen)
	SELECT url_id, source_id, run_id, 'p' || v.x, 'author ' || v.x, v.l,
	seen + v.x FROM sighting, (SELECT 3 x, 'cc0' l UNION SELECT 2, 'pd'
	UNION SELECT 1, NULL) v WHERE sighting.id = 1"
g export "$work/from" --as jsonl
sha256=$(sql "SELECT lower(hex(b.sha256)) FROM sighting g JOIN fetch f USING (url_id)
	JOIN sample s ON s.id = f.sample_id JOIN blob b ON b.id = s.blob_id
	WHERE g.id = 1")
grep "\"sha256\":\"$sha256\"" "$work/from/manifest.jsonl" >"$work/row"
has "$work/row" '"author":"author 2".*"licence":"pd"' \
	"the earliest sighting with a licence speaks"
sql "DELETE FROM sighting WHERE page GLOB 'p[123]'"

# ---- copies -------------------------------------------------------------------

for f in hf coco tfrecord croissant fiftyone jsonl; do
	g export "$work/copies/$f" --as $f
	is "$rc" 1 "$f: a folder above is not made"
	mkdir -p "$work/copies"
	g export "$work/copies/$f" --as $f --augment 2
	case $f in
	tfrecord) more=' shards 3' ;;
	*) more= ;;
	esac
	reads $f "$work/copies/$f" "images $((40 + 2 * train)) classes 2$more" \
		"$f: with two copies of each training image"
	rm -r "$work/copies"
done
g export "$work/c1" --as webdataset --augment 2
g export "$work/c2" --as webdataset --augment 2
diff -r "$work/c1" "$work/c2" >"$work/err"
ok $? "copies in shards are the same again"
is "$(tar tf "$work/c1/train-000000.tar" | grep -c '\.cls$')" $((3 * train)) \
	"and are in the training shards"
is "$(tar tf "$work/c1/validation-000000.tar" | grep -c -- -)" 0 \
	"and in no others"

# ---- shards -------------------------------------------------------------------

g export "$work/small" --as webdataset --shard-size 40K --json
has "$work/out" '"shards": ([4-9]|[1-9][0-9])' "small shards are several"
is "$(find "$work/small" -name '*.tar' -size +80k | wc -l)" 0 "none is large"
g export "$work/small-records" --as tfrecord --shard-size 40K
reads tfrecord "$work/small-records" \
	"images 40 classes 2 shards $(find "$work/small-records" -name '*-of-*' | wc -l)" \
	"records in several shards are all there"
for size in 0 -1 x 1T; do
	g export "$work/none" --as webdataset --shard-size $size
	is "$rc" 2 "$size is no size of a shard"
done

# ---- standard output ----------------------------------------------------------

"$griddle" -C "$ws" export - --as csv >"$work/stream" 2>"$work/err"
cmp "$work/stream" "$work/sets/csv/manifest.csv" >>"$work/err"
ok $? "csv comes on standard output as in a folder"
"$griddle" -C "$ws" export - --as jsonl >"$work/stream" 2>"$work/err"
cmp "$work/stream" "$work/sets/jsonl/manifest.jsonl" >>"$work/err"
ok $? "so does jsonl"
"$griddle" -C "$ws" export one - --as webdataset --part train \
	>"$work/stream" 2>"$work/err"
cmp "$work/stream" "$work/sets/webdataset/train-000000.tar" >>"$work/err"
ok $? "and a shard of one part"
"$griddle" -C "$ws" export one - --as tfrecord --part test --json \
	>"$work/stream" 2>"$work/err"
cmp "$work/stream" "$work/sets/tfrecord/test.tfrecord-00000-of-00001" >>"$work/err"
ok $? "and records of one, without anything else"
"$griddle" -C "$ws" export - --as webdataset --shard-size 1 2>"$work/err" |
	tar t 2>>"$work/err" | wc -l >"$work/count"
is "$(cat "$work/count")" 120 "all parts are one archive"
{
	status=0
	"$griddle" -C "$ws" export - --as webdataset 2>"$work/err" || status=$?
	echo $status >"$work/rc"
} | head -c 100 >"$work/stream"
is "$(cat "$work/rc")" 1 "a reader that goes away ends it"
is "$(cat "$work/err")" "" "without a word"
"$griddle" -C "$ws" export - --as csv >/dev/full 2>"$work/err"
is $? 5 "a full disk is told"
g export - --as coco
is "$rc" 2 "what is many files needs a folder"
for f in csv tfrecord; do
	g export "$work/none" --as $f --part tset
	is "$rc" 2 "$f: no such part"
done
g export "$work/val" --as csv --part val
is "$(cut -d, -f3 "$work/val/manifest.csv" | tr -d '\r' | sort -u |
	grep -cE 'train|test')" 0 "one part in a folder is only that part"
g export "$work/none" --as yolo --part train
is "$rc" 2 "yolo needs more than train"
if [ -e "$work/none.partial" ]; then left=1; else left=0; fi
ok $left "and begins nothing"

# ---- originals ----------------------------------------------------------------

for f in imagefolder croissant; do
	g export "$work/orig-$f" --as $f --originals --json
	is "$rc" 0 "$f: originals are exported"
	has "$work/out" '"linked": 40' "$f: as hard links"
done
has "$work/err" 'originals: 40 hard links, 0 clones, 0 copied' "that is said"
wrong=$(find "$work/orig-imagefolder" -name '*.png' | while read -r f; do
	sum=$(sha256sum <"$f" | cut -c -16)
	[ "$sum" = "$(basename "$f" .png)" ] || echo "$f"
done)
is "$wrong" "" "they are what was gathered, under their own names"
is "$(find "$work/orig-imagefolder" -name '*.png' | wc -l)" 40 "all of them"
reads croissant "$work/orig-croissant" "images 40 classes 2" \
	"croissant: another reader reads originals"
g export "$work/orig-web" --as webdataset --originals
if [ -n "$python" ]; then
	line=$("$python" -B "$srcdir/tests/export_readers.py" webdataset \
		"$work/orig-web" png 2>&1 | tail -n 1)
	is "${line%% runs*}" "images 40 classes 2 shards 3" "so do shards"
fi
if [ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$work")" ]; then
	far=$(mktemp -d /dev/shm/griddle.XXXXXX)
	trap 'web_stop || :; rm -rf "$work" "$far"' EXIT
	g export "$far/orig" --as imagefolder --originals
	has "$work/err" '0 hard links, 0 clones, 40 copied' \
		"on another file system they are copied"
	diff -r "$far/orig" "$work/orig-imagefolder" >"$work/err"
	ok $? "to the same tree"
else
	skip "no second file system" "on another file system they are copied"
	skip "no second file system" "to the same tree"
fi
g export "$work/none" --originals --augment 1
is "$rc" 2 "originals have no copies"

# ---- what griddle.conf says ---------------------------------------------------

sed -i 's/^dataset .*/dataset { name = "A \\"name\\": x" licence = "cc-by-4.0" creator = "Me | you" url = "https:\/\/example.org\/d" }/' \
	"$ws/griddle.conf"
g export "$work/said" --as croissant
reads croissant "$work/said" "images 40 classes 2" "a dataset with a name"
has "$work/said/croissant.json" '"license": "https://creativecommons.org/licenses/by/4.0/"' \
	"its licence is an address"
has "$work/said/croissant.json" '"url": "https://example.org/d"' "and its page"
has "$work/said/README.md" '^license: "cc-by-4.0"$' "the card says so too"
has "$work/said/README.md" '^pretty_name: "A \\"name\\": x"$' "and its name"

# ---- a class that a part lacks ------------------------------------------------

# What was in test before stays there, under its new label.
for sha256 in $(sql "SELECT substr(lower(hex(b.sha256)), 1, 16)
	FROM snapshot_sample ss JOIN sample s ON s.id = ss.sample_id
	JOIN blob b ON b.id = s.blob_id JOIN class c ON c.id = ss.class_id
	WHERE ss.part = 'test' AND c.name GLOB 'a,*'"); do
	g label "$sha256" '__=1+1: - "yes"'
done
sed -i 's/^split .*/split { minimum = 3 balance = none }/' "$ws/griddle.conf"
g split --name uneven
g export uneven "$work/uneven"
is "$(find "$work/uneven/test" -mindepth 1 -type d | wc -l)" 1 \
	"a class has a folder only where it has images"
has "$work/err" 'numbers classes by the folders' "that is told"
has "$work/uneven/README.md" 'number classes by the table' "in the card too"
finish
