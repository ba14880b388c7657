#!/bin/sh
# What a later run of gather knows: what was interrupted, what need not be
# asked for again, and what is told of it.
# shellcheck disable=SC1091,SC2154
. "${srcdir:-.}/tests/e2e.sh"

# What was asked for since the last call, one target a line.
asked() {
	cut -f 2 "$WEB_LOG"
	: >"$WEB_LOG"
}

# ---- a crawl that is cut off ------------------------------------------------

web_start --made 45
mkdir -p "$work/root/rings"
for i in $(seq 10 49); do
	curl -s "$WEB_URL/made/rings/$((i - 10)).png" \
		>"$work/root/rings/b$i.png"
done
for i in 0 1 2 3 4; do
	curl -s "$WEB_URL/made/rings/$((i + 40)).png" >"$work/new.$i"
done
web_stop
web_start --root "$work/root" --delay 30
workspace <<CONF
source "paged" {
	type = page
	url = "$WEB_URL/gallery/rings/"
	label = rings
	every = 1s
}
CONF
# cut_off ARGUMENTS: gather, killed when it has read two pages or so.
cut_off() {
	asked >/dev/null
	"$griddle" -C "$ws" gather -q "$@" 2>"$work/err" &
	pid=$!
	tries=200
	until [ "$(grep -c '/gallery/rings/' "$WEB_LOG")" -ge 2 ] ||
		[ "$tries" -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.02
	done
	sleep 0.3
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# held LETTER: of the pictures with such names.
held() {
	sql "SELECT count(DISTINCT sample_id) FROM url
		WHERE url GLOB '*/$1[0-9]*'"
}

cut_off
g gather
is "$rc $(held b)" "0 40" "a crawl that was cut off goes on, without a gap"
sleep 2
cut_off --force
# Meanwhile some are added, before those that are there.
for i in 0 1 2 3 4; do
	mv "$work/new.$i" "$work/root/rings/a$i.png"
done
g gather
sleep 2
g gather
is "$rc $(held a) $(held b)" "0 5 40" \
	"the next crawl finds what was added in front meanwhile"

# ---- robots.txt, and what has not changed -----------------------------------

web_stop
rm -rf "$ws"
web_start --made 30
workspace <<CONF
target = 12
source "all" { type = list  url = "$WEB_URL/lists/all.csv" }
source "cc0" {
	type = list  path = "$work/list.csv"
	licence = { cc0 }  label = rings
}
CONF
printf 'url,licence\n%s,cc-by\n' "$WEB_URL/made/rings/29.png?2" \
	>"$work/list.csv"
g gather --dry-run
has "$work/err" 'not 1: licence' "a dry run says why not, for a licence"
asked >/dev/null
g gather --limit 10
asked >"$work/asked"
is "$(grep -c '^/robots.txt' "$work/asked")" 1 "robots.txt is asked for once"
g gather --limit 4
asked >"$work/asked"
is "$(grep -c '^/robots.txt' "$work/asked") $(grep -c png "$work/asked")" \
	"0 4" "and not again by the next run of the day"
is "$(grep -c lists "$work/asked")" 0 "nor is a list that is not due"
g gather --force --limit 1
is "$(sql "SELECT n FROM run_count WHERE what = 'not_modified'
	ORDER BY run_id DESC LIMIT 1")" 2 "what has not changed is not sent"

# ---- what is told -----------------------------------------------------------

asked >/dev/null
g gather --force --dry-run
is "$rc $(wc -l <"$work/out")" "0 9" \
	"a dry run names what would be asked for, to the target"
has "$work/err" 'not [0-9]+: class_full' "why not, for a full class"
is "$(asked | grep -c png)" 0 "and asks for none"
sql "INSERT INTO url (url, host, state, tries, due, reason) VALUES
	('$WEB_URL/gone.png', 'h', 'refused', 1, 0, 'gone'),
	('$WEB_URL/late.png', 'h', 'failed', 1, 4000000000, 'timed_out')"
sql "INSERT INTO url (url, host) VALUES
	('$WEB_URL/private/none.png', '127.0.0.1:$WEB_PORT')"
g gather --dry-run -v
has "$work/err" 'not 1: gone' "why not, for what is gone"
has "$work/err" 'not 1: not_due \(timed_out\), the first is due 2096' \
	"for what may be tried later"
has "$work/err" 'not 1: robots_denied' "and by the robots.txt that was kept"
has "$work/err" '/private/none.png' "with examples"
is "$(asked | wc -l)" 0 "without a request"
g gather --dry-run --json
is "$(grep -c '"not": ' "$work/out" | awk '{ print ($1 >= 3) }')" 1 \
	"and as JSON"
g runs 2
has "$work/out" 'p50 [0-9]+ ms' "a run tells how long answers took"
has "$work/out" "[0-9]+ +[0-9]+ +[0-9]+ .*http://127.0.0.1:$WEB_PORT" \
	"and how it got on with each host"
g runs 2 --json
has "$work/out" '"hosts": \[\{"host": "http://127' "also as JSON"
web_stop
sql "UPDATE url SET state = 'pending', due = 0, reason = NULL"'
	WHERE state IN ('\''failed'\'', '\''refused'\'')'
rm -f "$WEB_LOG"
g gather --limit 2
run=$(sql "SELECT max(id) FROM run")
g runs "$run"
has "$work/out" '[0-9]+  gather +(connect_failed|host_down)' \
	"reasons are counted"

# ---- kill -9 on many hosts --------------------------------------------------

# Three on their way at three kills are fewer than 2 %.
KILL_TRANSFERS=4 sh "$srcdir/tests/bench/kill_gather.sh" 600 60 3 7 \
	>"$work/out" 2>&1
ok $? "killed three times at work on 60 hosts, it has all, and once each"
finish
