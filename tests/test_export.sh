#!/bin/sh
# A snapshot as a tree of folders, with copies and without; a model that
# learnt from copies.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
workspace <<CONF
augment "default" { steps = "flip h 50%, rotate -10..10, noise 2" }
CONF
mkdir -p "$work/photos/rings" "$work/photos/stripes"
i=0
while [ $i -lt 20 ]; do
	i=$((i + 1))
	curl -s "$WEB_URL/made/rings/$i.png" >"$work/photos/rings/$i.png"
	curl -s "$WEB_URL/made/stripes/$i.png" >"$work/photos/stripes/$i.png"
done
out=$work/dataset

g export "$out"
is "$rc" 1 "without a snapshot there is nothing to export"
has "$work/err" 'run griddle split' "and the mend is said"
g add "$work/photos"
g run --from prep --until split
is "$rc" 0 "a snapshot is made"

# ---- plain ------------------------------------------------------------------

g export "$out" --json
is "$rc" 0 "the newest snapshot is exported"
has "$work/out" '"files": 40, "copies": 0, "classes": 2' "40 images"
is "$(find "$out" -name '*.jpg' | wc -l)" 40 "they are all there"
is "$(cd "$out" && find . -mindepth 2 -type d | sort | tr '\n' ' ')" \
	"./test/rings ./test/stripes ./train/rings ./train/stripes ./val/rings ./val/stripes " \
	"one folder for each part and class"
g snapshot show --json
cp "$work/out" "$work/rows"
wrong=$(sed 's/.*"sha256": *"\(.\{16\}\).*"class": *"\([a-z]*\)".*"part": *"\([a-z]*\)".*/\3\/\2\/\1.jpg/' \
	"$work/rows" | while read -r path; do
	[ -s "$out/$path" ] || echo "$path"
done)
is "$wrong" "" "each image is in the folder of its part and class"
is "$(head -c 3 "$(find "$out" -name '*.jpg' | head -n 1)" | od -An -tx1)" \
	" ff d8 ff" "it is a JPEG"
has "$out/griddle-export.json" '"recipe": "autorotate' \
	"the folder says what it was made of"
is "$(find "$work" -name '*.partial' | wc -l)" 0 "nothing is left beside it"

# ---- what is there is not overwritten ---------------------------------------

touch "$out/mine"
g export "$out"
is "$rc" 2 "a folder that is there is refused"
has "$work/err" '\-\-force' "and the mend is said"
test -e "$out/mine"
ok $? "it is left alone"
g export "$out/" --force
is "$rc" 0 "an earlier export is replaced when asked"
if [ -e "$out/mine" ]; then gone=1; else gone=0; fi
ok $gone "all of it"
mkdir "$work/home" && touch "$work/home/letter"
g export "$work/home" --force
is "$rc" 2 "but no folder that griddle did not make"
test -e "$work/home/letter"
ok $? "it is left alone"
mkdir "$work/new.partial" && touch "$work/new.partial/letter"
g export "$work/new"
is "$rc" 2 "nor one that only has the name of an unfinished one"
test -e "$work/new.partial/letter"
ok $? "it is left alone as well"
for name in "" . .. / "$out/."; do
	g export "$name" --force
	is "$rc" 2 "\"${name##*/}\" is no name for a folder"
done
g export "$work/other" --as imagefoldr
is "$rc" 2 "an unknown format is wrong usage"
has "$work/err" 'did you mean "imagefolder"' "with a suggestion"
g export "$work/other" --augment 33
is "$rc" 2 "so are too many copies"
g export "$work/nowhere/other"
is "$rc" 1 "a folder that cannot be made is a failure"
g export "$work/other" --recipe small
is "$rc" 2 "so is a recipe that is not there"
cat >>"$ws/griddle.conf" <<'CONF'
recipe "default" { steps = "autorotate, crop smart 1:1, resize 224" }
recipe "small" { steps = "resize 64" }
CONF
g export "$work/other" --recipe small
is "$rc" 1 "images that are not prepared are a failure"
has "$work/err" '40 of 40 images.*run griddle prep' "that says how many"
if [ -e "$work/other.partial" ]; then left=1; else left=0; fi
ok $left "nothing is begun then"
g prep --recipe small
g export "$work/other" --recipe small
is "$rc" 0 "and exported once they are"

# ---- copies -------------------------------------------------------------------

g export "$work/one" --augment 3 --json
train=$(find "$out/train" -name '*.jpg' | wc -l)
has "$work/out" "\"files\": $((40 + 3 * train)), \"copies\": $((3 * train))," \
	"each training image has three copies"
is "$(find "$work/one" -name '*-[123].jpg' | wc -l)" $((3 * train)) \
	"they are there"
is "$(find "$work/one/val" "$work/one/test" -name '*-*.jpg' | wc -l)" 0 \
	"and only training images have any"
is "$(find "$work/one" -name '*.jpg' -exec sha256sum {} + | cut -c -64 |
	sort | uniq -d | wc -l)" 0 "no two are equal"
g export "$work/two" --augment 3
diff -r "$work/one" "$work/two" >"$work/out"
ok $? "a second export gives the same bytes"
find "$work/one" -name '*-*.jpg' -exec rm {} +
rm "$work/one/griddle-export.json"
cp "$out/griddle-export.json" "$out/README.md" "$work/one"
diff -r "$work/one" "$out" >"$work/out"
ok $? "without its copies it is the plain one"
sed -i 's/^augment .*/augment "default" { steps = "flip h 50%, rotate -10..10, noise 2"  seed = 2 }/' \
	"$ws/griddle.conf"
g export "$work/three" --augment 3
first=$(cd "$work/two" && find . -name '*-1.jpg' | sort | head -n 1)
cmp -s "$work/two/$first" "$work/three/$first"
is $? 1 "another seed gives other copies"

# ---- interruptions ------------------------------------------------------------

"$griddle" -C "$ws" export "$work/cut" --augment 32 2>"$work/err" &
pid=$!
while [ ! -e "$work/cut.partial/train" ] && kill -0 $pid 2>/dev/null; do
	sleep 0.02
done
g export "$work/cut"
is "$rc" 75 "two do not write one folder"
kill -TERM $pid
rc=0
wait $pid || rc=$?
is "$rc" 143 "a signal stops an export"
if [ -e "$work/cut" ]; then there=1; else there=0; fi
ok $there "and there is no half of one"
g export "$work/cut"
is "$rc" 0 "the next one begins anew"
diff -r "$work/cut" "$out" >"$work/out"
ok $? "and is whole"
is "$(find "$work" -maxdepth 1 -name '*.partial' | sed 's/.*\///')" \
	"new.partial" "what was left is gone"

# ---- learning from copies -----------------------------------------------------

g train --set augment=2
is "$rc" 0 "a model learns from copies"
has "$work/err" "of $((40 + 2 * train)) images and copies" "two of each"
model=$(find "$ws/models" -name '*.json')
has "$model" '"augment": *2' "it says how many"
has "$model" '"augment-steps": *"flip h 50%, rotate -10..10, noise 2..2"' \
	"and which"
is "$(sqlite3 "$ws/derived.db" \
	"SELECT count(*) FROM vector WHERE features GLOB '* augment * seed 2 copy [12]'")" \
	$((2 * train)) "their vectors are kept"
g train --set augment=2
has "$work/err" 'is there already' "the same is not learnt twice"
g predict "$work/photos/rings/1.png"
has "$work/out" '^rings ' "it recognises an image"
g evaluate --json
has "$work/out" "\"images\": ?$(grep -c '"part": *"test"' "$work/rows")[,}]" \
	"and is tested on images, not on copies"
g train
is "$rc" 0 "without copies it is another model"
is "$(find "$ws/models" -name '*.json' | wc -l)" 2 "beside the first"
g train --set augment=99
is "$rc" 2 "too many copies are wrong usage"
sed -i 's/^augment .*/augment "default" { steps = "rotat -10..10" }/' \
	"$ws/griddle.conf"
g train --set augment=1
is "$rc" 2 "a wrong augmentation is wrong usage"
has "$work/err" 'griddle.conf:[0-9]+: augment "default": .*did you mean "rotate"' \
	"with its place and a suggestion"

# ---- names of classes -----------------------------------------------------------

g label --new-class label=rings 'AC/DC'
g label --new-class label=stripes '.hidden'
sed -i '/^classes/d; /^augment/d' "$ws/griddle.conf"
g split --name odd
g export odd "$work/odd"
is "$rc" 0 "classes with odd names are exported"
is "$(cd "$work/odd/train" && find . -mindepth 1 -type d | sort | tr '\n' ' ')" \
	"./AC_DC ./_hidden " "under names that are safe"
g label --new-class 'label=.hidden' 'AC_DC'
g split --name same
g export same "$work/same"
is "$rc" 2 "two names for one folder are refused"
has "$work/err" '"AC/DC" and "AC_DC"|"AC_DC" and "AC/DC"' "naming both"
finish
