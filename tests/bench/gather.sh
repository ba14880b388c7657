#!/bin/bash
# gather.sh: the same list of photographs over loopback HTTP, by griddle (with
# SHA-256, durable blobs and catalog rows), by aria2c and by curl --parallel
# (files only).  Prints medians of several runs in turn, and ratios.
# shellcheck disable=SC1091,SC2154
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_IMAGES:=2000}" "${BENCH_RUNS:=3}"
. "$srcdir/tests/web/lib.sh"
work=$(mktemp -d)
WEB_DIR=$work/web
trap 'web_stop || :; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM
TIMEFORMAT='%R %U %S'

photos=$srcdir/../shared/data/photos/clothing
if [ ! -d "$photos" ]; then
	photos=$work/photos
	sh "$srcdir/tests/web/photos.sh" "$photos" >/dev/null || exit 2
fi
web_start --root "$photos"
for class in "$photos"/*/; do
	curl -s "$WEB_URL/lists/$(basename "$class").txt"
done | head -n "$BENCH_IMAGES" >"$work/list.txt"
images=$(wc -l <"$work/list.txt")

griddle_run() {
	rm -rf "$work/ws"
	"$builddir/griddle" init "$work/ws" --classes photo 2>/dev/null
	cat >"$work/ws/griddle.conf" <<-CONF
		contact = "bench@example.org"
		target = 1000000
		scraper {
			delay = 0
			per_host = 16
			robots = false
			allow_private = { "127.0.0.0/8" }
		}
		source "list" {
			type = list
			path = "$work/list.txt"
			label = photo
		}
	CONF
	"$builddir/griddle" -C "$work/ws" gather -q
}

aria2c_run() {
	rm -rf "$work/aria2c"
	aria2c -q -j16 -x1 --dir="$work/aria2c" --auto-file-renaming=true \
		-i "$work/list.txt"
}

curl_run() {
	rm -rf "$work/curl"
	mkdir "$work/curl"
	awk -v d="$work/curl" '{ printf "url=%s\noutput=%s/%d\n", $1, d, NR }' \
		"$work/list.txt" >"$work/curl.conf"
	curl -s --parallel --parallel-max 16 -K "$work/curl.conf"
}

measure() { # name: one run; adds "real cpu" to its file
	{ time "$1_run" >/dev/null 2>&1; } 2>"$work/time"
	awk '{ print $1, $2 + $3 }' "$work/time" >>"$work/$1.times"
}

median() { # file, column
	sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c }
		END { print v[int((NR + 1) / 2)] }'
}

tools=griddle
command -v aria2c >/dev/null && tools="$tools aria2c"
command -v curl >/dev/null && tools="$tools curl"
for ((i = 0; i < BENCH_RUNS; i++)); do
	for tool in $tools; do
		measure "$tool"
	done
done

echo "gather: $images photographs over loopback, median of $BENCH_RUNS runs"
base_real=$(median "$work/griddle.times" 1)
base_cpu=$(median "$work/griddle.times" 2)
for tool in $tools; do
	awk -v n="$images" -v name="$tool" -v br="$base_real" \
		-v bc="$base_cpu" -v r="$(median "$work/$tool.times" 1)" \
		-v c="$(median "$work/$tool.times" 2)" 'BEGIN {
		printf "  %-8s %7.0f images/s  %6.3f CPU s per 1000", name, n / r, 1000 * c / n
		printf "  (griddle: %.2f of its time, %.2f of its CPU)\n", br / r, bc / c }'
done
"$builddir/griddle" -C "$work/ws" count | sed 's/^/  in the catalog: /'
{ time "$builddir/griddle" -C "$work/ws" prep -q; } 2>"$work/time"
awk -v n="$images" '{ printf "  prep     %7.0f images/s  %6.3f CPU s per 1000\n",
	n / $1, 1000 * ($2 + $3) / n }' "$work/time"
