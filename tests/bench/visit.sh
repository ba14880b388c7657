#!/bin/bash
# visit.sh: what a visit to a photograph costs, beside libjpeg-turbo alone
# and OpenCV, over two sets of real photographs.  Rounds in turn, medians.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_RUNS:=3}" "${BENCH_SOAK:=20000}"
bench=$builddir/tests/bench/bench_visit
peer=$srcdir/tests/bench/visit_peer.py
photos=$srcdir/../shared/data/photos/clothing
backgrounds=/usr/share/backgrounds/mate/nature
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

if [ ! -x "$bench" ]; then
	echo "visit: skipped, as libturbojpeg0-dev was not there to build it"
	exit 0
fi

value() { # name: the median of what was printed for it
	awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$work/lines" |
		sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio() { # text, limit, name, name: the one divided by the other
	awk -v text="$1" -v limit="$2" -v a="$(value "$3")" \
		-v b="$(value "$4")" 'BEGIN {
		if (a != "" && b != "")
			printf "  %-56s %5.2f  (%s)\n", text, a / b, limit }'
}

run() { # list: one round
	"$bench" rows "$1" && "$bench" children 1 "$1" &&
		"$bench" children 2 "$1" || return 1
	/usr/bin/python3 "$peer" "$1" || [ $? -eq 3 ]
}

measure() { # title, list
	: >"$work/lines"
	for ((i = 0; i < BENCH_RUNS; i++)); do
		run "$2" >>"$work/lines" || exit 2
	done
	echo "visit: $(wc -l <"$2") $1, CPU ms for each, median of $BENCH_RUNS"
	cut -f1 "$work/lines" | awk '!seen[$0]++' | while IFS= read -r name; do
		printf '  %-40s %8.3f\n' "$name" "$(value "$name")"
	done
	ratio "prepared picture / scaled decode and area resize" "at most 1.5" \
		"griddle: prepared picture" \
		"turbojpeg: scaled decode, area resize"
	ratio "whole visit / full decode" "at most 2.2" \
		"griddle: whole visit" "turbojpeg: full decode"
	ratio "whole visit through one child / full decode" "at most 2.2" \
		"1 children: CPU" "turbojpeg: full decode"
	ratio "cv2 / whole visit" "at least 2" \
		"cv2: decode, resize, encode" "griddle: whole visit"
	ratio "one child's wall time / that of two" "at least 1.8" \
		"1 children: wall" "2 children: wall"
}

if [ -d "$photos" ]; then
	find "$photos/" -name '*.jpg' | LC_ALL=C sort | head -n 500 \
		>"$work/clothing"
	measure "photographs of about 400 x 533" "$work/clothing"
fi
if [ ! -d "$backgrounds" ]; then
	echo "visit: web sizes skipped, for want of mate-backgrounds"
	exit 0
fi
mkdir "$work/web"
find "$backgrounds/" -name '*.jpg' | LC_ALL=C sort >"$work/sources"
"$bench" make "$work/sources" "$work/web" 400 || exit 2
find "$work/web" -name '*.jpg' | LC_ALL=C sort >"$work/websizes"
measure "photographs of web sizes" "$work/websizes"

"$bench" enlarge "$(head -n 1 "$work/sources")" "$work/large.jpg" || exit 2
for ((i = 0; i < 10; i++)); do
	echo "$work/large.jpg"
done >"$work/large"
"$bench" rows "$work/large" >"$work/lines" || exit 2
echo "visit: a photograph of 12 megapixels, CPU ms (a whole visit: below 60)"
sed 's/^/  /' "$work/lines"

echo "visit: memory of one child over $BENCH_SOAK visits, MiB"
"$bench" soak "$BENCH_SOAK" "$work/websizes" | grep RSS | sed 's/^/  /'
