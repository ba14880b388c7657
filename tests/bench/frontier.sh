#!/bin/bash
# frontier.sh: a queue of QUEUE_URLS (1,000,000) on QUEUE_HOSTS (20,000) hosts:
# how long until the first request goes out, how much memory and disk it
# takes, and how many hosts the first 2,000 requests went to.
# shellcheck disable=SC1091,SC2154
set -u
: "${srcdir:=.}" "${builddir:=.}"
: "${QUEUE_URLS:=1000000}" "${QUEUE_HOSTS:=20000}"
. "$srcdir/tests/web/lib.sh"
work=$(mktemp -d)
WEB_DIR=$work/web
trap 'web_stop || :; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

web_start --bind 0.0.0.0 --made 1
"$builddir/tests/bench/measure" "$work/make.times" \
	"$builddir/tests/bench/make_queue" "$work/ws" "$QUEUE_URLS" \
	"$QUEUE_HOSTS" "$WEB_PORT" || exit 1
cat >"$work/ws/griddle.conf" <<CONF
contact = "bench@example.org"
classes = { rings }
target = 100000000
scraper {
	delay = 0
	robots = false
	allow_private = { "127.0.0.0/8" }
}
CONF
echo "frontier: $QUEUE_URLS URLs that wait, $QUEUE_HOSTS hosts," \
	"half of them of one"
awk -v n="$QUEUE_URLS" '{ printf "  queued at %.0f URLs/s (%.0f s)\n",
	n / $1, $1 }' "$work/make.times"
du -cm "$work/ws"/catalog.db* | awk 'END { print "  on disk: " $1 " MB" }'

start=$(date +%s%N)
"$builddir/tests/bench/measure" "$work/gather.times" \
	"$builddir/griddle" -C "$work/ws" gather --limit 2000 -q &
pid=$!
tries=3000
until [ -s "$WEB_LOG" ] || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.01
done
first=$(date +%s%N)
wait "$pid"
awk -v ns=$((first - start)) 'BEGIN {
	printf "  the first request after %.2f s\n", ns / 1e9 }'
awk '{ printf "  2,000 images in %.1f s with %.1f s of CPU, peak %.0f MB\n",
	$1, $2, $3 / 1024 }' "$work/gather.times"
cut -f 2 "$WEB_LOG" | cut -d / -f 3 | sort | uniq -c | sort -rn |
	awk '{ n++; if (NR == 1) most = $1 }
		END { print "  of " n " hosts, at most " most " of one" }'
