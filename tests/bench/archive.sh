#!/bin/bash
# archive.sh [FOLDER]: how fast a zip file of photographs is read, stored and
# deflated, beside bsdtar, which lists it and then unpacks it to nowhere.
#
# BENCH_MB (1000) of photographs of the folder, over and over with other names.
# `source check` reads all of it and writes nothing; a gather also stores.
# Peak memory is that of the larger of the program and its child.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_MB:=1000}"
photos=${1:-$srcdir/../shared/data/photos}
griddle=$builddir/griddle
measure=$builddir/tests/bench/measure
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

skip() {
	echo "archive: skipped, for want of $1"
	exit 0
}
[ -d "$photos" ] || skip "photographs"
command -v bsdtar >/dev/null || skip "bsdtar"
[ -x /usr/bin/python3 ] || skip "python3"

make_zip() { # name, compression, MB
	/usr/bin/python3 - "$photos" "$1" "$2" "$3" <<-'PYTHON'
		import pathlib, sys, zipfile
		photos, out, kind, mb = sys.argv[1:]
		files = sorted(pathlib.Path(photos).rglob('*.jpg'))
		left, turn = int(mb) << 20, 0
		with zipfile.ZipFile(out, 'w', int(kind), compresslevel=1) as z:
		    while left > 0:
		        turn += 1
		        for f in files:
		            data = f.read_bytes() + b'%d' % turn
		            z.writestr('%d/rings/%s' % (turn, f.name), data)
		            left -= len(data)
		            if left <= 0:
		                break
	PYTHON
}

peer() {
	bsdtar -tf "$1" >/dev/null && bsdtar -xOf "$1" >/dev/null
}

round() { # name, zip file
	rm -rf "$work/ws"
	"$griddle" init "$work/ws" --classes rings -q || exit 1
	cat >"$work/ws/griddle.conf" <<-CONF
		classes = { rings }
		source "a" { type = archive  path = "$2" }
	CONF
	export -f peer
	"$measure" "$work/peer" bash -c "peer $2"
	"$measure" "$work/check" "$griddle" -C "$work/ws" source check a \
		>/dev/null 2>&1 || echo "archive: it failed"
	"$measure" "$work/gather" "$griddle" -C "$work/ws" gather -q
	stat -c %s "$2" | cat - "$work/peer" "$work/check" "$work/gather" |
		awk -v name="$1" 'NR == 1 { mb = $1 / 1e6 }
		NR > 1 { t[NR] = $1; cpu[NR] = $2; kib[NR] = $3 }
		END { printf "archive: %s, %.0f MB: bsdtar %.0f MB/s;" \
			" check %.0f MB/s (%.2f of it), %.0f MB at most;" \
			" gather %.0f MB/s, %.0f MB at most\n", name, mb,
			mb / t[2], mb / t[3], t[2] / t[3], kib[3] / 1024,
			mb / t[4], kib[4] / 1024 }'
	rm -f "$work/peer" "$work/check" "$work/gather"
}

for kind in 0 8; do
	name=$([ $kind -eq 0 ] && echo stored || echo deflated)
	for mb in $((BENCH_MB / 4)) "$BENCH_MB"; do
		make_zip "$work/x.zip" $kind "$mb" || exit 1
		round "$name" "$work/x.zip"
		rm -f "$work/x.zip"
	done
done
