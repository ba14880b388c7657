#!/bin/sh
# What the servers' own logs say of our manners: how many requests at a time,
# how long between them, what was never asked, and what not again.
# shellcheck disable=SC1091,SC2046,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

# manners LOG HOST: requests, most at a time, ms from the first to the last.
manners() {
	awk -f "$srcdir/tests/web/manners.awk" "$1" |
		sed -n "s/^$2 //p"
}

# asked LOG HOST REGEX: how many requests to the host match.
asked() {
	awk -F '\t' -v host="$2:" 'index($8, host) == 1 { print $2 }' "$1" |
		grep -cE "$3" || :
}

urls() { # host:port, how many
	i=0
	while [ $i -lt "$2" ]; do
		echo "http://$1/made/rings/$i.png?$1"
		i=$((i + 1))
	done
}

# ---- at a time, and one after the other -------------------------------------

# Each answer of this one takes 700 ms; those of the other come at once.
web_start --bind 0.0.0.0
web_also slow --bind 0.0.0.0 --delay 700
slow=$web_port
{
	urls "127.2.0.1:$slow" 9
	urls "127.2.0.2:$slow" 9
	urls "127.2.0.3:$WEB_PORT" 12
} >"$work/list.txt"
scraper_more='per_host = 3'
# The workspace's own per_host is written over by the later one.
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
sed '/per_host = 4/d' "$ws/griddle.conf" >"$work/conf"
cp "$work/conf" "$ws/griddle.conf"
g gather
is "$rc" 0 "slow and fast hosts are gathered"
slow_log=$WEB_DIR/slow.log
set -- $(manners "$slow_log" 127.2.0.1)
is "$1 $2" "10 3" "a host gets per_host requests at a time, and no more"
set -- $(manners "$slow_log" 127.2.0.2)
is "$1 $2" "10 3" "each host for itself"
# The slow ones, which stand first in the list, take 2.8 s at the least.
slowest=$(awk -F '\t' '{ print $7 }' "$slow_log" | sort -n | tail -n 1)
last=$(awk -F '\t' '{ print $7 }' "$WEB_LOG" | sort -n | tail -n 1)
is "$((last < slowest))" 1 "a slow host does not hold up a fast one"

# ---- what has not changed ---------------------------------------------------

: >"$WEB_LOG"
: >"$slow_log"
g gather
is "$rc $(cat "$WEB_LOG" "$slow_log" | wc -l)" "0 0" \
	"images that are held are not asked for again"

# Pages are, with what is known of them, and are not sent again.
rm -rf "$ws"
scraper_more=
workspace <<CONF
source "gallery" {
	type = page
	url = "http://127.2.0.4:$WEB_PORT/made/stripes/?n=6"
	label = stripes
	every = 0s
}
CONF
g gather
: >"$WEB_LOG"
g gather
is "$rc $(cut -f 1-4 "$WEB_LOG" | tr '\t' ' ' | grep -v robots)" \
	"0 GET /made/stripes/?n=6 304 0" \
	"of a gallery that has not changed only its page is asked for, and not sent"

# ---- delays -----------------------------------------------------------------

# Looked at is the whole time, with some room: a request may come late.

web_also raw --bind 0.0.0.0
raw=$web_port
raw_log=$WEB_DIR/raw.log
rm -rf "$ws"
{
	urls "127.2.1.1:$WEB_PORT" 4
	urls "127.2.1.2:$WEB_PORT" 4
	i=0
	while [ $i -lt 3 ]; do
		echo "http://127.9.9.17:$raw/$i/good.png"
		i=$((i + 1))
	done
} >"$work/list.txt"
scraper_more=
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
sed 's/delay = 0/delay = 0.3/' "$ws/griddle.conf" >"$work/conf"
cp "$work/conf" "$ws/griddle.conf"
: >"$WEB_LOG"
g gather
is "$rc" 0 "with a delay"
for host in 127.2.1.1 127.2.1.2; do
	set -- $(manners "$WEB_LOG" $host)
	is "$1 $2 $(($3 >= 1000))" "5 1 1" \
		"one request at a time, 0.3 s apart"
done
set -- $(manners "$raw_log" 127.9.9.17)
is "$1 $2 $(($3 >= 2500))" "4 1 1" \
	"robots.txt asks for one a second, and gets it"

# ---- robots.txt -------------------------------------------------------------

rm -rf "$ws"
: >"$raw_log"
: >"$WEB_LOG"
web_stop
web_start --bind 0.0.0.0
web_also raw --bind 0.0.0.0
raw=$web_port
for k in 0 1 2 3 4 10 11 13 14 15 16 18; do
	echo "http://127.9.9.$k:$raw/$k/good.png"
	echo "http://127.9.9.$k:$raw/no/good.png"
done >"$work/list.txt"
{
	echo "http://127.2.3.1:$WEB_PORT/private/secret.png"
	echo "http://127.2.3.1:$WEB_PORT/%70rivate/secret.png"
	echo "http://127.2.3.1:$WEB_PORT/x/../private/secret.png"
	echo "http://127.2.3.2:$raw/to/there?http://127.2.3.1:$WEB_PORT/private/secret.png"
	echo "http://127.2.3.1:$WEB_PORT/made/rings/1.png"
} >>"$work/list.txt"
scraper_more='timeout = 3 connect_timeout = 2 retries = 0'
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
g gather
is "$rc" 0 "robots.txt of all kinds"
g runs -v
cp "$work/out" "$work/reasons"
while read -r k yes no what; do
	is "$(asked "$raw_log" "127.9.9.$k" '^/[0-9]+/good') $(asked \
		"$raw_log" "127.9.9.$k" '^/no/')" "$yes $no" "$what"
done <<-ROWS
	0 1 0 what it forbids is never asked for
	1 1 1 a robots.txt that is 403 forbids nothing
	2 0 0 one that is 500 forbids all
	3 0 0 one that is 503 forbids all
	4 0 0 one that is 429 forbids all
	10 0 0 one that does not come forbids all
	11 1 0 one that is elsewhere is followed there
	13 1 1 one without end counts as far as it is read
	14 1 1 one in a circle is none (RFC 9309, 2.3.1.2)
	15 0 0 one that is broken off forbids all
	18 1 0 and again
ROWS
is "$(grep -c '127.9.9.*/no/good.png.*robots_denied\|robots_denied.*127.9.9.*/no/good.png' \
	"$work/reasons")" 3 "what is forbidden is named"
is "$(grep -cE 'robots_unreachable.*127.9.9.(2|3|4|10|15):' \
	"$work/reasons" | awk '{ print ($1 >= 10) }')" 1 \
	"so is what cannot be known"
has "$work/reasons" 'opted_out.*127.9.9.16:' \
	"Content-Usage in robots.txt opts out"
is "$(asked "$raw_log" 127.9.9.16 good)" 0 "and is not asked for at all"
is "$(awk -F '\t' '$2 == "/robots.txt" { print $8 }' "$raw_log" "$WEB_LOG" |
	sort | uniq -d | grep -cvE '127.9.9.(12|14):')" 0 \
	"robots.txt is asked for once of each host"
is "$(asked "$WEB_LOG" 127.2.3.1 'rivate')" 0 \
	"a forbidden path is not asked for in any spelling, nor by a redirect"
is "$(asked "$WEB_LOG" 127.2.3.1 'made/rings')" 1 "others of that host are"
: >"$raw_log"
g gather
is "$(asked "$raw_log" 127.9.9.0 '^/')" 0 \
	"what was forbidden is not asked for by the next run"
g check
is "$rc" 0 "check finds nothing wrong"
finish
