#!/bin/bash
# dups.sh [FOLDER]: copies in a folder of photographs, by `griddle dups` and by
# findimagedupes at their default settings, side by side.
#
# From BENCH_ORIGINALS photographs of the folder and changed copies of each:
# recall is the share of copies that are in one group with their original,
# false is how many pairs of other pictures are in one group.  findimagedupes
# groups from neighbour to neighbour.  Time is that of the processor.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_ORIGINALS:=100}"
photos=${1:-$srcdir/../shared/data/photos/clothing}
griddle=$builddir/griddle
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

skip() {
	echo "dups: skipped, for want of $1"
	exit 0
}
[ -d "$photos" ] || skip "photographs"
python=/usr/bin/python3
"$python" -c 'import PIL.Image' 2>/dev/null || skip "python3-pil"
command -v findimagedupes >/dev/null || skip "findimagedupes"

mkdir "$work/pictures"
find "$photos/" -name '*.jpg' | LC_ALL=C sort |
	awk -v n="$BENCH_ORIGINALS" '{ v[NR] = $0 } END {
		step = int(NR / n); if (step < 1) step = 1
		for (i = 1; i <= NR && n-- > 0; i += step) print v[i] }' \
		>"$work/originals"
"$python" "$srcdir/tests/bench/dups.py" make "$work/originals" \
	"$work/pictures" || exit 2
echo "dups: $(wc -l <"$work/originals") photographs," \
	"$(find "$work/pictures" -type f | wc -l) files"

TIMEFORMAT='%U %S'
run() { # name, command...
	name=$1
	shift
	{ time "$@" >"$work/$name" 2>"$work/$name.err"; } 2>"$work/$name.time" ||
		{
			echo "dups: $name failed"
			tail -n 3 "$work/$name.err"
			exit 2
		}
}
run griddle "$griddle" dups "$work/pictures" --json
run peer findimagedupes "$work/pictures"
"$python" "$srcdir/tests/bench/dups.py" judge "$work/pictures" \
	griddle "$work/griddle" "$(cat "$work/griddle.time")" \
	findimagedupes "$work/peer" "$(cat "$work/peer.time")"
