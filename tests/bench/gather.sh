#!/bin/bash
# gather.sh: the same list of photographs over loopback HTTP, by griddle (with
# SHA-256, durable blobs and catalog rows), by curl --parallel without and
# with files, wget2, aria2c, and as img2dataset does (a pool of 64 threads with
# Python's urllib).  Once with small photographs and once with such as the web
# has, of 106 KB.  Prints medians of several runs in turn: rate, CPU per image,
# peak memory, and ratios to curl that only fetches; what of that is the start
# of the program (a run with one image) and what is left for each image; and
# the time until BENCH_FILES (5000; 2000 large ones) are on disk, against curl
# with files, both when it ends and when `sync -f` has made its files durable
# as griddle's are.  BENCH_DIR: where to write; ext4 is slow to make files
# while many were deleted just before, so nothing is deleted until the end.
# shellcheck disable=SC1091,SC2016,SC2034,SC2154
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_IMAGES:=2000}" "${BENCH_RUNS:=3}"
: "${BENCH_FILES:=5000}" "${BENCH_LARGE:=2000}" "${BENCH_DIR:=${TMPDIR:-/tmp}}"
. "$srcdir/tests/web/lib.sh"
work=$(mktemp -d "$BENCH_DIR/gather.XXXXXX") || exit 1
trap 'web_stop || :; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM
measure=$builddir/tests/bench/measure

photos=${BENCH_PHOTOS:-$srcdir/../shared/data/photos/clothing}
if [ ! -d "$photos" ]; then
	photos=$work/photos
	sh "$srcdir/tests/web/photos.sh" "$photos" >/dev/null || exit 2
fi
# urls PHOTOS: all that a server of their own has of them.
urls() {
	[ -z "${WEB_PID:-}" ] || web_stop
	WEB_DIR=$work/web
	web_start --root "$1"
	for class in "$1"/*/; do
		curl -s "$WEB_URL/lists/$(basename "$class").txt"
	done >"$work/all.txt"
}

# list N: the first N; with a query where there are not so many, so that
# each URL is another one.
list() {
	awk -v n="$1" '{ url[NR] = $1 } END {
		for (i = 0; i < n; i++)
			print url[1 + i % NR] (i < NR ? "" : "?n=" int(i / NR)) }' \
		"$work/all.txt" >"$work/list.txt"
}

griddle_ready() {
	"$builddir/griddle" init "$dir" --classes photo 2>/dev/null
	cat >"$dir/griddle.conf" <<-CONF
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
	set -- "$builddir/griddle" -C "$dir" gather -q
	command=("$@")
}

fetch_ready() { # curl, without files
	awk '{ printf "url=%s\noutput=/dev/null\n", $1 }' "$work/list.txt" \
		>"$dir.conf"
	command=(curl -s --parallel --parallel-max 16 -K "$dir.conf")
}

curl_ready() {
	mkdir "$dir"
	awk -v d="$dir" '{ printf "url=%s\noutput=%s/%d\n", $1, d, NR }' \
		"$work/list.txt" >"$dir.conf"
	command=(curl -s --parallel --parallel-max 16 -K "$dir.conf")
}

durable_ready() { # curl, with files that are as durable as griddle's
	curl_ready
	command=(sh -c 'curl -s --parallel --parallel-max 16 -K "$0.conf"
		sync -f "$0"' "$dir")
}

wget2_ready() {
	command=(wget2 -q --max-threads=16 --no-robots -P "$dir" -x
		-i "$work/list.txt")
}

aria2c_ready() {
	command=(aria2c -q -j16 -x1 "--dir=$dir" --auto-file-renaming=true
		-i "$work/list.txt")
}

urllib_ready() {
	mkdir "$dir"
	cat >"$work/pool.py" <<-'PY'
		import sys, urllib.request
		from concurrent.futures import ThreadPoolExecutor
		def get(job):
		    n, url = job
		    try:
		        request = urllib.request.Request(url, data=None,
		            headers={"User-Agent": "bench"})
		        with urllib.request.urlopen(request, timeout=10) as r:
		            body = r.read()
		        with open("%s/%d" % (sys.argv[2], n), "wb") as f:
		            f.write(body)
		    except Exception as e:
		        return e
		urls = enumerate(open(sys.argv[1]).read().split())
		with ThreadPoolExecutor(64) as pool:
		    list(pool.map(get, urls))
	PY
	command=(/usr/bin/python3 "$work/pool.py" "$work/list.txt" "$dir")
}

runs=0
once() { # name, suffix: adds "seconds CPU-seconds peak-KiB" to its file
	runs=$((runs + 1))
	dir=$work/$1.$runs
	"$1_ready"
	sync -f "$work"
	"$measure" "$work/$1.$2" "${command[@]}" >/dev/null 2>&1
}

median() { # file, column
	sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c }
		END { print v[int((NR + 1) / 2)] }'
}

# in_turn SUFFIX TOOL...: each, as often as is asked for.
in_turn() {
	suffix=$1
	shift
	for ((i = 0; i < BENCH_RUNS; i++)); do
		for tool; do
			once "$tool" "$suffix"
		done
	done
}

# compare SIZE IMAGES TOOL...
compare() {
	size=$1 images=$2
	shift 2
	list 1
	in_turn "$size.one" griddle fetch
	list "$images"
	in_turn "$size" "$@"
	echo "gather: $images $size photographs over loopback," \
		"median of $BENCH_RUNS runs"
	for tool; do
		awk -v n="$images" -v name="$tool" \
			-v base="$(median "$work/fetch.$size" 2)" \
			-v r="$(median "$work/$tool.$size" 1)" \
			-v c="$(median "$work/$tool.$size" 2)" \
			-v m="$(median "$work/$tool.$size" 3)" 'BEGIN {
			printf "  %-8s %7.0f images/s  %6.3f CPU ms an image", name,
			    n / r, 1000 * c / n
			printf "  %5.2f of fetch  peak %4.0f MB\n", c / base,
			    m / 1024 }'
	done
	awk -v n="$images" -v g="$(median "$work/griddle.$size" 2)" \
		-v f="$(median "$work/fetch.$size" 2)" \
		-v g1="$(median "$work/griddle.$size.one" 2)" \
		-v f1="$(median "$work/fetch.$size.one" 2)" 'BEGIN {
		printf "  to start: griddle %.0f CPU ms, fetch %.0f; beyond it",
		    1000 * g1, 1000 * f1
		printf " %.3f ms an image, %.2f of fetch\n", 1000 * (g - g1) / n,
		    (g - g1) / (f - f1) }'
}

# on_disk SIZE FILES
on_disk() {
	list "$2"
	in_turn "$1.disk" griddle curl durable
	awk -v n="$2" -v size="$1" \
		-v g="$(median "$work/griddle.$1.disk" 1)" \
		-v c="$(median "$work/curl.$1.disk" 1)" \
		-v d="$(median "$work/durable.$1.disk" 1)" 'BEGIN {
		printf "  %d %s files on disk: griddle %.2f s (durable),", n, size, g
		printf " curl %.2f s: %.2f of it,", c, g / c
		printf " and durable %.2f s: %.2f of it\n", d, g / d }'
}

tools="griddle fetch curl"
for tool in wget2 aria2c; do
	command -v $tool >/dev/null && tools="$tools $tool"
done
[ ! -x /usr/bin/python3 ] || tools="$tools urllib"

urls "$photos"
# shellcheck disable=SC2086 # a word each
compare small "$BENCH_IMAGES" $tools
first=$(find "$work" -maxdepth 1 -name 'griddle.*' -type d | sort -V |
	sed -n "$((BENCH_RUNS + 1))p")
"$builddir/griddle" -C "$first" count | sed 's/^/  in the catalog: /'
on_disk small "$BENCH_FILES"
"$measure" "$work/prep.times" "$builddir/griddle" -C "$first" prep -q
awk -v n="$BENCH_IMAGES" '{
	printf "  prep     %7.0f images/s  %6.3f CPU ms an image\n",
	    n / $1, 1000 * $2 / n }' "$work/prep.times"

if /usr/bin/python3 "$srcdir/tests/bench/web_photos.py" "$photos" \
	"$work/large" "$BENCH_LARGE" 2>/dev/null; then
	urls "$work/large"
	compare large "$BENCH_LARGE" griddle fetch curl
	on_disk large "$BENCH_LARGE"
else
	echo "  without Python's PIL there are no large photographs"
fi
