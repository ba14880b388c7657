#!/bin/sh
# The whole corridor: from two class names to a prediction.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start --made 40
workspace <<CONF
source "pages" {
	type = page
	url = "$WEB_URL/made/rings/?n=40"
	label = rings
}
source "api" {
	type = commons
	api = "$WEB_URL/w/api.php"
	category = "stripes"
	label = stripes
}
source "list" {
	type = list
	url = "$WEB_URL/lists/all.csv"
}
CONF

g run
is "$rc" 0 "griddle run goes through"
has "$work/err" "^evaluate: .*accuracy" "and says how good the model is"
g count --json
is "$(cat "$work/out")" '{"count": 80}' "every image is in the catalog once"
g count label=rings
is "$(cat "$work/out")" 40 "half of them are rings"
g list label=stripes --json --limit 3
is "$(grep -c '"label":"stripes"' "$work/out")" 3 \
	"list gives one JSON object a line"
g show "$(sql "SELECT lower(hex(sha256)) FROM blob LIMIT 1")" --json
has "$work/out" '"sightings":\[\{"source"' "show knows where it came from"
g list licence=unknown source=api
is "$(wc -l <"$work/out")" 0 "what Commons gave has a licence"
g evaluate --json
has "$work/out" '"accuracy": ?(0\.[89]|1)' "made classes are learnt"
has "$work/out" '"intervals": ?\{"balanced_accuracy": ?\[0' \
	"figures come with their intervals"
has "$ws/report.html" '<h3>Reliability' "the report shows how far to trust it"
test -s "$ws/report.html"
ok $? "there is a report"
curl -s "$WEB_URL/made/rings/777.png" >"$work/ring.png"
g predict "$work/ring.png"
has "$work/out" '^rings (0\.[5-9]|1)' "an image never seen is recognised"
"$griddle" -C "$ws" predict - <"$work/ring.png" >"$work/out"
has "$work/out" '^rings ' "predict reads standard input"
g predict "$work/ring.png" "$ws/griddle.conf"
is "$rc" 3 "predict goes on after a file that is no image, and says so"
g status
has "$work/out" '^rings +40' "status counts by class"
g check
is "$rc" 0 "check finds nothing wrong"
g snapshot list
is "$(wc -l <"$work/out")" 1 "one snapshot was frozen"

dump >"$work/before"
before=$(wc -l <"$WEB_LOG")
g run
is "$rc" 0 "a second run is well"
is "$(cat "$work/out" "$work/err")" "" "and has nothing to say"
is "$(($(wc -l <"$WEB_LOG") - before))" 0 "it asks the web for nothing"
dump >"$work/after"
cmp -s "$work/before" "$work/after"
ok $? "and changes no row but its run's"

g gather --force
is "$rc" 0 "a forced gathering looks at the sources again"
is "$(cut -f 2 "$WEB_LOG" | grep '\.png' | grep -v ^/made/rings/777 |
	sort | uniq -d | wc -l)" 0 "but never asks for an image twice"

g label "label=rings" stripes --why "a test"
is "$rc" 0 "labels are decided by filter"
g count label=stripes
is "$(cat "$work/out")" 80 "all at once"
g unlabel decided=yes
g count label=rings
is "$(cat "$work/out")" 40 "and taken back"

g suspects --json
is "$rc" 0 "labels are looked over"
has "$work/out" '"label": ?"(rings|stripes)", ?"p_label": ?0.*"looks_like"' \
	"and those that are probably wrong are named"
finish
