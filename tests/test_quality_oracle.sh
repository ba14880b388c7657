#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_quality_oracle.sh: on some 200 real photographs, prep/quality.c and
# CleanVision's formulas, computed by PIL and numpy from all pixels, find the
# same issues and nearly the same scores.  A score within 0.005 of a threshold
# may fall to either side.  In blurry, a term that begins with 0.18 may be
# there for one and not for the other.
: "${srcdir:=.}" "${builddir:=.}"
photos=$srcdir/../shared/data/photos/clothing
every=19

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

[ -d "$photos" ] || skip "there is no $photos"
python=
for p in python3 /usr/bin/python3; do
	if "$p" -c 'import numpy, PIL.Image' 2>/dev/null; then
		python=$p
		break
	fi
done
[ -n "$python" ] || skip 'no python3 with python3-pil and python3-numpy'

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

find "$photos" -name '*.jpg' | LC_ALL=C sort |
	awk "NR % $every == 0" >"$work/files"
"$python" "$srcdir/tests/quality_oracle.py" \
	<"$work/files" >"$work/wanted" || exit 99
"$builddir/tests/quality_scores" <"$work/files" >"$work/found" || exit 99

# Columns of both: the oracle's begin after the name, ours after the size.
awk -F '\t' '
function apart(a, b) {
	return a > b ? a - b : b - a
}
BEGIN {
	checks = split("dark light odd_aspect low_information blurry grayscale",
	    name, " ")
	split("0.32 0.05 0.35 0.3 0.29 0.5", threshold, " ")
	split("0.05 0.02 0.0001 0.01 0.012 0", tolerance, " ")
}
NR == FNR {
	for (i = 1; i <= checks; i++)
		wanted[$1, i] = $(i + 1)
	files++
	next
}
{
	both++
	for (i = 1; i <= checks; i++) {
		w = wanted[$1, i]
		f = $(i + 3)
		off = apart(f, w)
		if (name[i] == "blurry" && apart(off, 0.1815) < tolerance[i])
			off = 0
		if (off > tolerance[i] + 0.000001) {
			far[i]++
			print "# " name[i] " " f ", not " w ": " $1
		}
		if ((f < threshold[i]) != (w < threshold[i]) &&
		    apart(w, threshold[i]) > 0.005) {
			flips[i]++
			print "# " name[i] " " f ", verdict of " w ": " $1
		}
	}
}
END {
	for (i = 1; i <= checks; i++) {
		print (flips[i] ? "not ok " : "ok ") ++n " - " name[i] \
		    " is found in the same photographs"
		print (far[i] ? "not ok " : "ok ") ++n " - " name[i] \
		    " scores agree to " tolerance[i]
	}
	print (files > 150 && both == files ? "ok " : "not ok ") ++n \
	    " - all of " files " photographs were compared"
	print "1.." n
}' "$work/wanted" "$work/found"
