#!/bin/sh
# The manners of the command line.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

"$griddle" --version >"$work/out"
has "$work/out" '^griddle [0-9]' "--version"
"$griddle" help >"$work/out"
has "$work/out" '^  gather ' "help lists the commands"
rc=0
(cd "$work" && "$griddle" status --sandbox >"$work/out" 2>"$work/err") || rc=$?
is "$rc $(grep -cE '^(image|document) .* (not )?in force' "$work/out")" "0 14" \
	"status --sandbox says of each worker what confines it, anywhere"
has "$work/out" '^image +cpu +RLIMIT_CPU +in force$' "as of processor time"
"$griddle" status --sandbox --json >"$work/out"
has "$work/out" '"worker": "document", "layer": "calls", .*"in_force": (true|false)' \
	"and says it as JSON"
"$griddle" gather --help >"$work/out"
has "$work/out" '^usage: griddle gather' "each command has --help"
rc=0
"$griddle" gahter 2>"$work/err" || rc=$?
is "$rc" 2 "an unknown command is wrong usage"
has "$work/err" 'did you mean "gather"' "with a suggestion"
rc=0
(cd "$work" && "$griddle" status 2>"$work/err") || rc=$?
is "$rc" 2 "without a workspace it says so"
has "$work/err" 'griddle init' "and what to do"

workspace </dev/null
g list --limt 3
is "$rc" 2 "an unknown option is wrong usage"
has "$work/err" 'did you mean --limit' "with a suggestion"
(cd "$ws/blobs" && "$griddle" count >"$work/out")
is "$(cat "$work/out")" 0 "the workspace is found from below"
rc=0
"$griddle" init "$ws" 2>"$work/err" || rc=$?
is "$rc" 2 "init does not touch a workspace that is there"
g config
has "$work/out" '^scraper.delay = 0.*griddle.conf:[0-9]+' \
	"config says where a value came from"
has "$work/out" '^split.train = 70.*default' "or that it is the default"
echo 'dedup { duplicat = 2 }' >>"$ws/griddle.conf"
g config
is "$rc" 2 "a wrong key in griddle.conf is an error"
has "$work/err" 'griddle.conf:[0-9]+: .*duplicat.*"duplicate"' \
	"with file, line and a suggestion"
sed -i '$d' "$ws/griddle.conf"
echo 'split { seed = 3' >>"$ws/griddle.conf"
g run
is "$rc" 2 "so is an unclosed brace"
sed -i '$d' "$ws/griddle.conf"

(
	exec 9>>"$ws/lock"
	flock 9
	sleep 2
) &
sleep 0.3
g run
is "$rc" 75 "a second writer gets status 75"
g count
is "$rc" 0 "a reader does not wait"
g run -q
is "$(cat "$work/err")" "" "-q says nothing of it"
wait
g run
is "$rc" 0 "an empty workspace is well"
has "$work/err" 'not yet: ' "and says what is missing"
g show zzzz
is "$rc" 2 "what is not a name of an image is wrong usage"
g show abcd
is "$rc" 1 "an image that is not there is a failure"
g list --sort width --limit 2 --page --json
is "$(cat "$work/out")" '{"next": null}' "--page says that there is no other page"
g list --after id:n:7
is "$rc" 0 "--after takes the cursor of a page"
g list --sort width --after id:n:7
is "$rc" 2 "but not that of a page by another key"
has "$work/err" 'is not where a page by width ended' "and says so"
g list label=pancake --explain
has "$work/out" 'INDEX sample_label' "--explain says how it is read"
cat >>"$ws/griddle.conf" <<-CONF
	source "dead" { type = page  url = "http://127.0.0.1:1/"  label = rings }
CONF
g run -q
is "$rc" 3 "a source that cannot be read is partial success"
has "$work/err" '1 of 1 sources' "and -q does not hide it"
sed -i '/^contact/d; /allow_private/d' "$ws/griddle.conf"
g gather
is "$rc" 2 "without a contact the public web is not asked"
has "$work/err" 'set contact = ' "and the mend is said"
sed -i '$d' "$ws/griddle.conf"
rc=0
env -i "$griddle" -C "$ws" status >"$work/out" 2>"$work/err" || rc=$?
is "$rc" 0 "it works with an empty environment"
rc=0
"$griddle" -C "$ws" status >/dev/full 2>"$work/err" || rc=$?
test "$rc" -ne 0
ok $? "a full disk behind stdout is noticed"
finish
