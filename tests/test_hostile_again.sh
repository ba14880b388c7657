#!/bin/sh
# What each status means: its reason, how often the server's log says that it
# was asked for, and whether the next run asks again.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
web_also raw --bind 0.0.0.0
raw=$web_port
log=$WEB_DIR/raw.log

# STATUS REASON TRIES: with one retry.
cat >"$work/rows" <<-'ROWS'
	204 empty 1
	205 empty 1
	300 bad_headers 1
	304 bad_headers 1
	400 client_error 1
	401 forbidden 1
	402 client_error 1
	403 forbidden 1
	404 gone 1
	405 client_error 1
	406 client_error 1
	408 server_error 2
	410 gone 1
	414 client_error 1
	418 client_error 1
	425 server_error 2
	429 too_many_requests 2
	451 forbidden 1
	500 server_error 2
	502 server_error 2
	503 server_error 2
	504 server_error 2
	522 server_error 2
	524 server_error 2
ROWS
while read -r status _; do
	echo "http://127.3.$((status / 100)).$((status % 100)):$raw/status/$status/x.jpg"
done <"$work/rows" >"$work/list.txt"
scraper_more='retries = 1'
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
g gather
g runs -v
cp "$work/out" "$work/reasons"
while read -r status reason tries; do
	is "$(grep "/status/$status/" "$work/reasons" |
		grep -oE -m 1 " $reason ")/$(grep -c "/status/$status/" "$log")" \
		" $reason /$tries" "$status is $reason, asked $tries times"
done <"$work/rows"

: >"$log"
g gather
is "$(awk -F '\t' '$2 ~ /status.(40[0-7]|41|451|20)/' "$log" | wc -l)" 0 \
	"what is permanent is not asked for by the next run"
g check
is "$rc" 0 "check finds nothing wrong"
finish
