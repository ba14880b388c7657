#!/bin/bash
# transforms.sh [FOLDER]: what the codes of a visit see through, by changes of
# BENCH_ORIGINALS photographs of the folder, and which pairs of all of its
# photographs they take for one.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_ORIGINALS:=250}"
bench=$builddir/tests/bench/bench_transforms
photos=${1:-$srcdir/../shared/data/photos/clothing}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

if [ ! -x "$bench" ] || [ ! -d "$photos" ]; then
	echo "transforms: skipped, for want of photographs"
	exit 0
fi
find "$photos/" -name '*.jpg' | LC_ALL=C sort >"$work/list"
echo "transforms: recall over photographs of $photos"
"$bench" recall "$BENCH_ORIGINALS" "$work/list" || exit 2
echo "transforms: pairs of originals (what, bits, turn, trimmed, likeness)"
"$bench" pairs "$work/list" || exit 2
