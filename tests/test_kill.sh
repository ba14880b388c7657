#!/bin/sh
# kill -9 at any moment, then griddle run: it finishes, and nothing is wrong.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start --made 30 --delay 15
workspace <<CONF
source "rings" {
	type = page
	url = "$WEB_URL/made/rings/?n=30"
	label = rings
}
source "stripes" {
	type = page
	url = "$WEB_URL/made/stripes/?n=30"
	label = stripes
}
CONF

for wait in 0.05 0.15 0.25 0.4 0.6 0.9 1.3; do
	"$griddle" -C "$ws" run -q 2>"$work/err" &
	pid=$!
	sleep "$wait"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	g check
	is "$rc" 0 "check is clean after kill -9 at $wait s"
done
"$griddle" -C "$ws" run -q 2>"$work/err" &
pid=$!
sleep 0.5
kill -TERM "$pid" 2>/dev/null
wait "$pid"
rc=$?
case $rc in
0 | 143) ok 0 "SIGTERM ends it with the state kept" ;;
*) ok 1 "SIGTERM ends it with the state kept (status $rc)" ;;
esac
g run
is "$rc" 0 "the next run finishes"
g count
is "$(cat "$work/out")" 60 "every image is there"
is "$(sql "SELECT count(*) FROM model WHERE test IS NOT NULL")" 1 \
	"one model was trained and evaluated"
g check
is "$rc" 0 "check finds nothing wrong"
is "$(find "$ws/tmp" -type f | wc -l)" 0 "nothing is left in tmp"
finish
