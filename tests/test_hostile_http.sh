#!/bin/sh
# HTTP that is broken, endless or slow: each kind ends in its reason, none
# stops the run, and the good picture beside it arrives.  One gather asks for
# all of them, each on a host of its own (127.1.0.N).
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start --bind 0.0.0.0
web_also raw --bind 0.0.0.0
raw=$web_port

# NAME REASON WHAT: a picture that does not come, and why.
cat >"$work/bad" <<-'ROWS'
	endless-body.jpg too_large an endless body
	endless-chunks.jpg too_large an endless body in chunks
	endless-trailers.jpg bad_headers trailers without end
	endless-extension.jpg (bad_headers|too_slow|timed_out) a chunk's extension without end
	length-long.png incomplete a body shorter than it says
	length-short.png (incomplete|truncated|undecodable) a body longer than it says
	two-lengths.jpg (bad_headers|incomplete|truncated) two lengths
	bad-length.jpg (bad_headers|incomplete) a negative length
	bad-chunk.jpg (bad_headers|incomplete) a chunk without a length
	partial.png (bad_headers|incomplete) a part that nobody asked for
	reset.jpg (incomplete|host_down) a connection that is reset
	hang-up.jpg (incomplete|host_down) a connection that is closed at once
	slow-body.jpg (too_slow|timed_out|host_down) a body that drips
	slow-header.jpg (too_slow|timed_out|host_down) a head that drips
	silent.jpg (too_slow|timed_out|host_down) silence
	endless-header.jpg bad_headers a header line without end
	many-headers.jpg bad_headers headers without end
	endless-100.jpg bad_headers 100 Continue without end
	endless-103.jpg bad_headers 103 Early Hints without end
	http09.jpg bad_headers HTTP/0.9
	nul-header.jpg bad_headers a NUL in a header
	odd-status.jpg (server_error|bad_headers) a status that is none
	encodings.jpg (bad_headers|not_an_image|truncated) fifty encodings of an image
	gzip-bomb.jpg (bad_headers|not_an_image|too_large) a packed page for an image
	log-in.jpg not_an_image a page for an image
	truncated.png (incomplete|truncated|undecodable) half an image
	noimageai.png opted_out X-Robots-Tag: noimageai
	content-usage.png opted_out Content-Usage: train-ai=n
	tdm.png opted_out tdm-reservation: 1
	503-day.png (server_error|host_paused) a Retry-After of a day
	missing.png gone a 404
ROWS
# The same for those that come.
cat >"$work/good" <<-'ROWS'
	good.png a good picture
	other-bot.png what another bot is told
	cookie.png a picture with a cookie
	as-text.html a picture that says that it is a page
	429-date.png a 429 with a date
	429-seconds.png a 429 with seconds
	flap.png a host that fails every other time
	hop/4/good.png four redirects
	polyglot.png a picture with a page behind it
	parts.png a large picture that comes in two parts
ROWS
# And redirects, which are followed by hand: TARGET REASON.
cat >"$work/to" <<-'ROWS'
	file:///etc/passwd bad_url
	gopher://127.0.0.1/x bad_url
	ftp://127.0.0.1/x.jpg bad_url
	dict://127.0.0.1/x bad_url
	javascript:alert(1) bad_url
	http://user:secret@127.1.0.250/good.png (bad_url|credentials)
	http://10.0.0.1/x.jpg private_address
	http://[::ffff:10.0.0.1]/x.jpg private_address
	http://169.254.169.254/latest/meta-data private_address
	http://0x0a000001/x.jpg private_address
	http://012.1/x.jpg private_address
ROWS
i=0
{
	while read -r name _; do
		i=$((i + 1))
		echo "http://127.1.0.$i:$raw/$name"
	done <"$work/bad"
	while read -r name _; do
		i=$((i + 1))
		echo "http://127.1.0.$i:$raw/$name"
	done <"$work/good"
	while read -r url _; do
		i=$((i + 1))
		echo "http://127.1.0.$i:$raw/to/$i?$url"
	done <"$work/to"
	echo "http://127.1.0.240:$raw/loop.jpg"
	for path in 1 2 3 4 5 6 7 8; do
		echo "http://127.1.0.230:$raw/$path/cookie.png"
		echo "http://127.1.0.231:$raw/$path/rate.png"
	done
	for path in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		echo "http://127.1.0.232:$raw/$path/reset.jpg"
	done
	echo "http://me:hunter2@127.1.0.233:$raw/good.png"
	echo "http://127.1.0.241:$raw/hop/30/good.png"
} >"$work/list.txt"

scraper_more='timeout = 4 connect_timeout = 2 low_speed = 1000
	max_bytes = 4M retries = 1 snooze = 0'
workspace <<CONF
source "raw" {
	type = list
	path = "$work/list.txt"
	label = rings
}
source "bomb" {
	type = page
	url = "http://127.1.1.1:$raw/gzip-bomb.html"
	label = rings
}
source "encodings" {
	type = page
	url = "http://127.1.1.2:$raw/encodings.html"
	label = rings
}
source "laughs" { type = page  url = "http://127.1.2.1:$raw/laughs.xml"  label = rings }
source "entity" { type = page  url = "http://127.1.2.2:$raw/entity.xml"  label = rings }
source "deep" { type = page  url = "http://127.1.2.3:$raw/deep.html"  label = rings }
source "trap" {
	type = page
	url = "$WEB_URL/trap/"
	label = rings
	depth = 20
	max_pages = 25
}
source "fine" {
	type = page
	url = "$WEB_URL/made/stripes/?n=5"
	label = stripes
}
CONF

g run --until prep
is "$rc" 3 "no answer stops a run, but it says that some failed"
g runs -v
cp "$work/out" "$work/reasons"
g list stage=refused --json
cat "$work/out" >>"$work/reasons"
i=0
while read -r name reason what; do
	i=$((i + 1))
	has "$work/reasons" "$reason.*127\.1\.0\.$i:|127\.1\.0\.$i:.*$reason" \
		"$what is named: $reason"
done <"$work/bad"
g list stage=prepared --json
cp "$work/out" "$work/arrived"
while read -r name what; do
	i=$((i + 1))
	has "$work/arrived" "127\.1\.0\.$i:" "$what arrives"
done <"$work/good"
while read -r url reason; do
	i=$((i + 1))
	has "$work/reasons" "$reason.*127\.1\.0\.$i:" \
		"a redirect to $url is named: $reason"
done <"$work/to"
has "$work/reasons" "(redirect_loop|too_many_redirects).*127.1.0.240:" \
	"a circle of redirects is named"
has "$work/reasons" "too_many_redirects.*127.1.0.241:" \
	"so are too many of them"
has "$work/reasons" "(too_large|bad_headers).*127.1.1.1:" \
	"a packed page that is too large is named"
has "$work/reasons" "bad_headers.*127.1.1.2:" "so are fifty encodings"
g count label=stripes stage=prepared
is "$(cat "$work/out")" 5 "and all of another host arrives"

log=$WEB_DIR/raw.log
is "$(cut -f 9 "$log" | sort -u)" - "no cookie and no secret is ever sent"
is "$(cut -f 8 "$log" | grep -c '127.1.0.250')" 0 \
	"a redirect with a password is not followed"
is "$(cut -f 8 "$log" | grep -c '127.1.0.233')" 0 \
	"an address with a password is not asked"
has "$work/reasons" "bad_url .*list.txt" "but named with its list"
is "$(grep -c hunter2 "$work/reasons")" 0 "and the password not repeated"
is "$(awk -F '\t' '$2 ~ /503-day/' "$log" | wc -l)" 1 \
	"who asks for a day is asked once"
# The time in ms from the first to the last request for a name.
pause() {
	awk -F '\t' -v name="$1" '$2 ~ name {
		if (!first || $6 < first)
			first = $6
		if ($6 > last)
			last = $6
	}
	END { print last - first }' "$log"
}
for name in /429-seconds.png /429-date.png; do
	is "$(($(pause $name) >= 1000))" 1 "Retry-After is kept to: $name"
done
is "$(($(pause rate.png) >= 1000))" 1 "so is RateLimit"
is "$(awk -F '\t' '$8 ~ /^127.1.0.232:/ && $2 ~ /reset/' "$log" |
	awk 'END { print (NR >= 5 && NR <= 10) }')" 1 \
	"a host that fails again and again is left alone"
has "$work/reasons" "host_down.*127.1.0.232:" "and the rest named so"
is "$(grep -c '	/parts.png' "$log") $(awk -F '\t' '$2 == "/parts.png" &&
	$4 < 1000000' "$log" | wc -l)" "2 1" \
	"only what is missing of a large picture is asked for again"
is "$(cut -f 5 "$log" "$WEB_LOG" | sort -u | grep -vcE \
	'^griddle/[0-9.a-z+-]+ \(.*test@example\.org\)$')" 0 \
	"we say who we are, each time"
is "$(grep -c '127.1.2.[89]:' "$log")" 0 "no entity of XML is followed"
has "$work/arrived" '127\.1\.2\.3:' "a picture below 100,000 elements arrives"
is "$(web_asked '^/trap/' | awk '{ print ($1 >= 5 && $1 <= 25) }')" 1 \
	"a place without an end is left when its pages are used up"
is "$(grep -c "$(printf '\033')" "$work/reasons")" 0 \
	"nothing of it steers a terminal"
g check
is "$rc" 0 "check finds nothing wrong"
finish
