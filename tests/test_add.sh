#!/bin/sh
# The user's own folders; duplicates; hostile names.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
workspace </dev/null
mkdir -p "$work/photos/rings" "$work/photos/stripes"
for i in 1 2 3; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/photos/$class/$i.png"
	done
done
curl -s "$WEB_URL/made/rings/1.png?copy=1" >"$work/photos/rings/copy.png"
cp "$work/photos/rings/1.png" "$work/photos/rings/same.png"
echo text >"$work/photos/rings/notes.txt"
escape=$(printf '\033')
curl -s "$WEB_URL/made/rings/9.png" >"$work/photos/rings/${escape}[31m.png"

g add "$work/photos"
is "$rc" 0 "a folder is taken in"
g count
is "$(cat "$work/out")" 8 "each image once, equal bytes together"
g count label=stripes
is "$(cat "$work/out")" 3 "the label is the folder's name"
g run --from prep --until dedup
is "$rc" 0 "prep and dedup go through"
g list dup=yes
is "$(wc -l <"$work/out")" 1 "the smaller copy is a duplicate"
g list
grep -q "$escape" "$work/out"
is $? 1 "a file name cannot steer the terminal"
g dedup --dry-run --threshold 0
has "$work/out" 'would change' "a dry run says what would change"
g list dup=yes
is "$(wc -l <"$work/out")" 1 "and changes nothing"
dump >"$work/before"
g add "$work/photos"
dump >"$work/after"
is "$(sql 'SELECT count(*) FROM sample')" 8 "adding again adds nothing"
g add "$work/photos/rings/2.png" --label stripes
g count conflict=yes
is "$(cat "$work/out")" 1 "claims that differ are a conflict"
g add "$work/nowhere"
is "$rc" 1 "a path that is not there is a failure"
has "$work/err" 'nowhere' "that names it"
finish
