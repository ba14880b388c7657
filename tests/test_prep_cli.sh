#!/bin/sh
# Prepared for use: what is refused and why, what limits bring back, issues by
# thresholds of griddle.conf, and what is derived is made again.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
workspace </dev/null
mkdir -p "$work/photos/rings"
for i in 1 2 3 4 5; do
	curl -s "$WEB_URL/made/rings/$i.png" >"$work/photos/rings/$i.png"
done
head -c 2000 "$work/photos/rings/1.png" >"$work/photos/rings/cut.png"
cp "$ws/griddle.conf" "$work/conf"

# conf LINE...: the workspace's griddle.conf with these lines more.
conf() {
	cat "$work/conf" >"$ws/griddle.conf"
	printf '%s\n' "$@" >>"$ws/griddle.conf"
}

g add "$work/photos"
conf 'prep { min_side = 5000 }'
g prep
is "$rc" 0 "an image that is refused is no failure"
has "$work/err" '0 images prepared, 6 refused' "it says how many"
g count --by reason
has "$work/out" '6  too_small' "and why"
conf
g prep
has "$work/err" '5 images prepared, 1 refused' \
	"a limit that is relaxed brings back what it refused"
id=$(sql "SELECT lower(hex(sha256)) FROM blob JOIN sample s
	ON s.blob_id = blob.id WHERE reason = 'truncated'")
g show "$id"
has "$work/out" 'truncated: the image is cut off before its end' \
	"one of them is told in words"
g prep
has "$work/err" 'nothing is waiting' "and then all is done"

# ---- issues -------------------------------------------------------------------

g count issue=dark
is "$(cat "$work/out")" 0 "no image is dark"
conf 'quality { dark = 1 }'
g count issue=dark
is "$(cat "$work/out")" 5 "but where all are said to be"
g count --by issue
has "$work/out" '5  dark' "issues are counted"
g list issue=dark --sort dark --limit 1 --json
has "$work/out" '"issues":\[.*"dark".*\]' "and listed"
g show "$(cut -c 12-24 "$work/out")"
has "$work/out" 'issue +dark: the image is dark' "and told in words"
has "$work/out" 'scores +dark [01]\.' "with all the scores"
g count issue=ugly
is "$rc" 2 "there is no such issue"
conf 'quality { darc = 1 }'
g count
is "$rc" 2 "nor such a threshold"
has "$work/err" 'did you mean "dark"' "with a suggestion"

conf
g config quality
is "$(grep -c '^quality\.' "$work/out")" "$(wc -l <"$work/out")" \
	"the thresholds can be listed by themselves"
g config qualty
is "$rc" 2 "of a section that there is"

# ---- formats ------------------------------------------------------------------

conf 'prep { formats = { jpeg, png, bmp } }'
g prep
is "$rc" 2 "a format that is never read cannot be named"
has "$work/err" 'not one of jpeg, png' "it says which can"

# ---- derived ------------------------------------------------------------------

conf
sql 'SELECT count(*) FROM sample' >/dev/null
derived() {
	sqlite3 "$ws/derived.db" "SELECT hex(sha256), hex(jpeg) FROM $1
		ORDER BY sha256" | sha256sum
}
thumbs=$(derived thumb)
prepared=$(derived prepared)
rm "$ws"/derived.db*
g list
is "$rc" 1 "a reader says that what is derived is gone"
has "$work/err" 'run griddle prep' "and how to remake it"
g prep
has "$work/err" '5 images prepared, 0 refused' "it is made again"
is "$(derived thumb)" "$thumbs" "the same thumbnails"
is "$(derived prepared)" "$prepared" "and the same pictures"
g check
is "$rc" 0 "all is well"
finish
