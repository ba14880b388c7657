#!/bin/bash
# lists.sh: a list of LIST_LINES (1,000,000) lines as CSV: how fast it is read
# when none of it is wanted, and when all is noted, beside wc -l and the csv
# module of Python; how much memory that takes, also packed.
# shellcheck disable=SC2154
set -u
: "${srcdir:=.}" "${builddir:=.}"
: "${LIST_LINES:=1000000}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

awk -v n="$LIST_LINES" 'BEGIN { print "url,label,caption,licence"
	for (i = 0; i < n; i++)
		printf "https://h%d.test/p/%d.jpg,c%d,\"A caption, with " \
			"\"\"quotes\"\", of number %d\",CC BY 4.0\n",
			i % 977, i, i % 10, i }' >"$work/list.csv"
gzip -1 -c "$work/list.csv" >"$work/list.csv.gz"

measure() { # text, command...
	text=$1
	shift
	rm -f "$work/times"
	"$builddir/tests/bench/measure" "$work/times" "$@" \
		>/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }
	awk -v n="$LIST_LINES" -v text="$text" '{
		printf "  %-30s %9.0f lines/s, %.1f s of CPU, peak %.0f MB\n",
			text, n / $1, $2, $3 / 1024 }' "$work/times"
}

gather() { # text, file, class
	rm -rf "$work/ws"
	"$builddir/griddle" init "$work/ws" -q 2>/dev/null
	cat >"$work/ws/griddle.conf" <<-CONF
		contact = "bench@example.org"
		classes = { $3 }
		target = 100000000
		source "list" { type = list  path = "$2" }
	CONF
	measure "$1" "$builddir/griddle" -C "$work/ws" gather --dry-run -q
}

echo "lists: $LIST_LINES lines, $(du -m "$work/list.csv" | cut -f 1) MB"
measure "wc -l" wc -l "$work/list.csv"
measure "python3 csv" /usr/bin/python3 -c "import csv, sys
sum(1 for row in csv.reader(open(sys.argv[1])))" "$work/list.csv"
gather "of no class that is wanted" "$work/list.csv" other
gather "the same, packed" "$work/list.csv.gz" other
gather "a tenth is noted" "$work/list.csv" c1
