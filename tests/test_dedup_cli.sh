#!/bin/sh
# Copies by the real program: groups, what people say of them, explanations,
# taking back a whole run, and any folder without a workspace.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

griddle=$(cd "$builddir" && pwd)/griddle # folders change below
web_start
workspace </dev/null
photos=$work/photos
mkdir -p "$photos/rings" "$photos/stripes"
for i in 1 2 3; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$photos/$class/$i.png"
	done
done
curl -s "$WEB_URL/made/rings/1.png?copy=1" >"$photos/rings/copy.png"

digits() { # of a file
	sha256sum "$1" | cut -c 1-12
}
one=$(digits "$photos/rings/1.png")
copy=$(digits "$photos/rings/copy.png")
two=$(digits "$photos/rings/2.png")

# What dedup says of all images.
places() {
	sql "SELECT id, keeper_id, match, turn, distance, rejected, chosen
		FROM sample ORDER BY id"
}

# ---- groups --------------------------------------------------------------

g add "$photos"
g prep
g dedup --dry-run --json
has "$work/out" '"duplicates": 1.*"dry_run": true' "a dry run counts"
is "$(sql 'SELECT count(*) FROM sample WHERE keeper_id > 0')" 0 \
	"and groups nothing"
g dedup
is "$rc" 0 "dedup goes through"
has "$work/err" 'undo with griddle undo 1$' "and says how to take it back"
g dups
has "$work/out" '^keep ' "dups shows what is kept"
is "$(grep -c . "$work/out")" 2 "and its copy"
g dups --json
has "$work/out" '^\{"keeper": "[0-9a-f]{64}", "members": \["[0-9a-f]{64}"\]' \
	"as JSON a line a group"
has "$work/out" '"distance": \[[0-9]+\]' "with distances"
kept=$(sed -n 's/.*"keeper": "\([0-9a-f]\{12\}\).*/\1/p' "$work/out")
if [ "$kept" = "$one" ]; then other=$copy; else other=$one; fi
g dups "$other"
has "$work/out" "$other" "the group of one image is shown"
g dups "$two"
is "$(grep -c . "$work/out")" 1 "also of one that stands by itself"
g dups ffffffff
is "$rc" 1 "an image that is not there is a failure"

# ---- the log -------------------------------------------------------------

places >"$work/before"
g undo 1
is "$rc" 0 "a whole run is taken back"
g dups
has "$work/err" 'no copies' "there are no groups then"
g dedup
has "$work/err" 'every image is in a group' "and it stays so"
places >"$work/after"
g dedup --anew --dry-run
has "$work/out" "becomes a copy of $kept" \
	"a dry run gives examples of what would change"
places | cmp -s - "$work/after"
is $? 0 "and changes nothing"
g dedup --anew
g dups --json
has "$work/out" "$kept" "until all is grouped anew"
places >"$work/after"
cmp -s "$work/before" "$work/after"
is $? 0 "as it was"

# ---- why -----------------------------------------------------------------

g dedup --explain "$one" "$copy"
is "$rc" 0 "a verdict is explained"
has "$work/out" 'verdict     (near|pixels)$' "by its word"
has "$work/out" 'thresholds  duplicate 31, probable 51' "and numbers"
g dedup --explain "$one" "$two" --json
has "$work/out" '"verdict": "different"' "also as JSON"
is "$(sql 'SELECT count(*) FROM run WHERE command = "dedup"
	AND args LIKE "%explain%"' 2>/dev/null || echo 0)" 0 \
	"explaining is no run"
(cd "$work" && "$griddle" dedup --explain photos/rings/1.png \
	photos/rings/copy.png >"$work/out" 2>"$work/err")
is $? 0 "two files are compared without a workspace"
has "$work/out" 'bytes       differ' "as their bytes"

# ---- decisions -----------------------------------------------------------

g keep "$other"
is "$rc" 0 "another one is chosen"
g dups --json
has "$work/out" "\"keeper\": \"$other" "and is kept at once"
g dedup --anew
g dups --json
has "$work/out" "\"keeper\": \"$other" "also when all is grouped anew"
g undo
g dups --json
has "$work/out" "\"keeper\": \"$kept" "undo gives it back"
g not-dup "$one" "$copy" --why 'two states of it'
is "$rc" 0 "two are told apart"
g dups
has "$work/err" 'no copies' "and are no group"
g dedup --anew
g dups
has "$work/err" 'no copies' "nor when all is grouped anew"
g dedup --explain "$one" "$copy"
has "$work/out" 'a person    says: not the same' "which is explained"
g show "$one"
has "$work/out" "pair:$copy" "and in its history"
g log
has "$work/out" 'not-dup  2 images' "and in the log"
g dup "$one" "$two"
g dups --json
has "$work/out" '"match": \["person"\]' "what a person says is one, is"
g dup "$one" "$one"
is "$rc" 1 "an image is no copy of itself"
g dup "$one" "$two" --forget
g not-dup "$one" "$copy" --forget
g dups --json
has "$work/out" "\"keeper\": \"$kept" "what was said can be forgotten"
g not-dup "$one" "$copy" --if-rev 1
is "$rc" 1 "a decision on an old revision is refused"

# ---- what is rejected ----------------------------------------------------

g reject "$kept" --why 'a drawing'
has "$work/err" 'rejected 1 of 1 image and 1 copy' \
	"a picture is rejected with its copies"
curl -s "$WEB_URL/made/rings/1.png?copy=2" >"$work/again.png"
cmp -s "$work/again.png" "$photos/rings/copy.png" &&
	vips copy "$work/again.png" "$work/again.jpg" 2>/dev/null &&
	mv "$work/again.jpg" "$work/again.png"
g add "$work/again.png" --label rings
g prep
g dedup
has "$work/err" '1 new copy of what was rejected' \
	"and recognised when it comes back"
g check
is "$rc" 0 "the catalog is sound"

# ---- folders -------------------------------------------------------------

cd "$work" || exit 99
echo text >photos/rings/notes.txt
head -c 500 photos/rings/1.png >photos/rings/cut.png
escape=$(printf '\033')
cp photos/stripes/1.png "photos/${escape}[31m.png"
"$griddle" dups photos >"$work/out" 2>"$work/err"
is $? 3 "a folder needs no workspace, and a broken file is counted"
has "$work/err" 'cut.png: it is cut off' "what cannot be read is told"
grep -q notes "$work/err"
is $? 1 "but not what is no image"
grep -q "$escape" "$work/out" "$work/err"
is $? 1 "a file name cannot steer the terminal"
"$griddle" dups photos/rings photos/stripes --json \
	>"$work/out" 2>"$work/err"
is "$(wc -l <"$work/out")" 1 "JSON has a line a group"
has "$work/out" '"keeper": "photos/rings/(1|copy).png", "members": \["photos' \
	"with the names of files"
"$griddle" dups photos/rings --threshold none >"$work/out" 2>"$work/err"
is $? 2 "a threshold is a number"
is "$(find "$work/photos" -mindepth 1 -maxdepth 1 | wc -l)" 3 \
	"and nothing is written"
if vips --version >/dev/null 2>&1; then
	mkdir turned
	cp photos/rings/2.png turned/
	vips flip photos/rings/2.png turned/flip.png horizontal
	vips rot photos/rings/2.png turned/rot.png d90
	"$griddle" dups turned --json >"$work/out" 2>"$work/err"
	is "$(wc -l <"$work/out")" 1 "copies in another turn are one group"
fi
finish
