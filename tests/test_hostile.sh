#!/bin/sh
# Bad answers are named and counted, and the rest arrives.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
scraper_more='timeout = 6 low_speed = 1000 max_bytes = 2M retries = 1'
workspace <<CONF
source "hostile" {
	type = page
	url = "$WEB_URL/hostile/"
	label = rings
	depth = 0
}
source "fine" {
	type = page
	url = "$WEB_URL/made/stripes/?n=5"
	label = stripes
}
CONF

g run --until prep
is "$rc" 0 "bad answers do not stop a run"
g runs -v
cp "$work/out" "$work/runs"
while read -r name reason; do
	has "$work/runs" "$reason.*/hostile/$name" "$name is named: $reason"
done <<-NAMES
	endless.jpg (too_large|timed_out)
	slow.jpg (too_slow|timed_out)
	missing.jpg gone
	gone.jpg gone
	liar.jpg not_an_image
	huge.jpg too_large
	short.jpg incomplete
	error500.jpg server_error
	private-redirect.jpg private_address
	loop.jpg (redirect_loop|too_many_redirects)
	empty.jpg empty
NAMES
g count stage=refused --by reason
has "$work/out" "truncated|undecodable|not_an_image" \
	"a broken image is refused by prep"
g list stage=prepared --json
has "$work/out" '/hostile/good.png' "the good image arrives"
has "$work/out" '/hostile/honest-liar.txt' \
	"so does one with a wrong Content-Type"
g count label=stripes stage=prepared
is "$(cat "$work/out")" 5 "and all of the other source"
is "$(web_asked '^/private/')" 0 "what robots.txt forbids is never asked for"
g check
is "$rc" 0 "check finds nothing wrong"
finish
