#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The codes of pictures by `griddle hash`: those of other programs, told in
# the order of the files, and what it says of files that are no pictures.
# shellcheck disable=SC2154 # set by e2e.sh
: "${srcdir:=.}"
. "$srcdir/tests/e2e.sh"
data=$srcdir/../shared/data

h() {
	rc=0
	"$griddle" hash "$@" >"$work/out" 2>"$work/err" || rc=$?
}

# The code of a name in the text of the last run.
code() {
	awk -v name="$1" '$2 == name { print $1 }' "$work/out"
}

printf 'no picture' >"$work/text"
h "$work/text"
is "$rc" 1 "a file that is no picture fails"
has "$work/err" 'text: it is not an image' "and is named"
h --json "$work/text" "$work/none"
is "$rc" 1 "so do several"
has "$work/out" '"reason":"not_an_image"' "with a reason for machines"
has "$work/err" 'none: No such file' "and one that is not there"

picture=$data/hashes/imagehash/imagehash.png
if [ -r "$picture" ]; then
	h "$picture"
	is "$rc" 0 "a picture is read"
	is "$(code ahash)" ffd7918181c9ffff "its aHash is imagehash's"
	is "$(code dhash)" 0026273b2b19550e "its dHash"
	is "$(code phash)" ba8c84536bd3c366 "its pHash"
	ship=$data/hashes/blockhash/stoplights.jpg
	h "$ship"
	is "$(code blockhash)" \
		"$(awk '{ print $1 }' "${ship%.jpg}_16_2.txt")" \
		"the blockhash of another is blockhash's"
	h "$data/hashes/pdq/bridge-mods/aaa-orig.jpg"
	is "$(code pdq)" \
		d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22 \
		"the PDQ of a third is the reference's"
	h "$picture" "$work/text" "$ship"
	is "$rc" 3 "one of three that fails is a status of its own"
	is "$(awk '{ print $3 }' "$work/out" | uniq | xargs)" \
		"$picture $ship" "the others come in order"
fi

photos=$data/photos/clothing
if [ -d "$photos" ]; then
	find "$photos/" -name '*.jpg' | LC_ALL=C sort |
		awk 'NR % 300 == 1' >"$work/list"
	# shellcheck disable=SC2046 # names without spaces
	/usr/bin/python3 "$srcdir/tests/imagehash_oracle.py" \
		$(cat "$work/list") >"$work/oracle" 2>"$work/err"
	oracle=$?
	# shellcheck disable=SC2046 # names without spaces
	h $(cat "$work/list")
	awk '$2 == "ahash" { a = $1 } $2 == "dhash" { d = $1 }
		$2 == "phash" { print a, d, $1, $3 }' "$work/out" >"$work/ours"
	case $oracle in
	77) echo "# Pillow or SciPy is not there" ;;
	0)
		cmp -s "$work/ours" "$work/oracle"
		ok $? "photographs have the codes that Pillow and SciPy give"
		;;
	esac
fi
finish
