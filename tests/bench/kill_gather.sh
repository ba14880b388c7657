#!/bin/sh
# kill -9 at random moments, KILLS (20) of them: URLS (10000) addresses on
# HOSTS (500) hosts of the loopback network are gathered, and after each kill
# go on.  In the end each picture is there exactly once, check is clean, and
# few requests were made twice: only those that were on their way.
# kill_gather.sh [URLS [HOSTS [KILLS [SEED]]]]
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

urls=${1:-10000}
hosts=${2:-500}
kills=${3:-20}
seed=${4:-$(date +%s)}
echo "# $urls URLs, $hosts hosts, $kills kills, seed $seed"
each=$((urls / hosts))
web_start --bind 0.0.0.0 --made "$each"
awk -v hosts="$hosts" -v each="$each" -v port="$WEB_PORT" 'BEGIN {
	for (n = 0; n < each; n++)
		for (h = 0; h < hosts; h++)
			printf "http://127.0.%d.%d:%d/made/c%d/%d.png\n",
			    1 + h / 250, 1 + h % 250, port, h, n }' \
	>"$work/list.txt"
transfers=${KILL_TRANSFERS:-8}
scraper_more="max_transfers = $transfers"
workspace <<CONF
target = $urls
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF

# random N: r is 0 .. N-1, the same again by the same seed.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	r=$((seed / 65536 % $1))
}

# asked: requests for pictures so far.
asked() {
	grep -c '\.png' "$WEB_LOG" || :
}

# Wait until so many were asked for in all, at most a minute.
until_asked() {
	tries=1200
	while [ "$(asked)" -lt "$1" ] && [ "$tries" -gt 0 ] &&
		kill -0 "$pid" 2>/dev/null; do
		tries=$((tries - 1))
		sleep 0.05
	done
}

faults=0 killed=0 i=0
while [ "$i" -lt "$kills" ]; do
	i=$((i + 1))
	"$griddle" -C "$ws" gather -q 2>"$work/err" &
	pid=$!
	# The last one is killed before the end.
	random $((urls / kills))
	until_asked $((urls * (i - 1) / (kills + 1) + r))
	random 100
	sleep "0.0$(printf '%02d' "$r")"
	if kill -9 "$pid" 2>/dev/null; then
		killed=$((killed + 1))
	fi
	wait "$pid" 2>/dev/null
	g check
	if [ "$rc" -ne 0 ]; then
		faults=$((faults + 1))
		echo "# kill $i: check: $rc $(head -n 2 "$work/err")"
	fi
done
g gather
is "$rc" 0 "the next run finishes"
cut -f 2 "$WEB_LOG" | grep '\.png' | sort >"$work/asked"
twice=$(($(wc -l <"$work/asked") - $(sort -u "$work/asked" | wc -l)))
echo "# $killed kills, $twice of $urls asked for again," \
	"$(sql "SELECT coalesce(sum(n), 0) FROM run_count
		WHERE what = 'recovered'") taken in after a kill"
is "$killed" "$kills" "each was killed at work"
is "$faults" 0 "check is clean after each kill"
is "$(sql "SELECT count(*) FROM url WHERE state = 'held'")" "$urls" \
	"every URL is held"
is "$(sql "SELECT count(*) FROM sample")" "$urls" "every image exactly once"
is "$(find "$ws/blobs" -type f | wc -l)" "$urls" "and no file more"
is "$(find "$ws/tmp" -type f | wc -l)" 0 "nothing is left in tmp"
ok $((twice > kills * transfers)) \
	"no more is asked for again than was in flight ($twice)"
g check
is "$rc" 0 "and check finds nothing"
finish
