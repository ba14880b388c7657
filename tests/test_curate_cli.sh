#!/bin/sh
# Decisions by the real program: each verb, the log, undo, classes, and what
# strangers put into files of labels.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

unset LC_ALL
TZ=UTC
USER=tester
export TZ USER
web_start
workspace <<'END'
source "old" { type = page  url = "http://127.0.0.1:1/"  label = rings }
END
mkdir -p "$work/photos/rings" "$work/photos/stripes"
for i in 1 2 3; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/photos/$class/$i.png"
	done
done
g add "$work/photos"
g run --from prep --until dedup
escape=$(printf '\033')

image() { # of CLASS, its place
	"$griddle" -C "$ws" list --json "label=$1" |
		sed -n "$2s/.*\"sha256\":\"\([0-9a-f]*\)\".*/\1/p"
}
one=$(image rings 1)
two=$(image rings 2)
three=$(image rings 3)

# ---- verbs ---------------------------------------------------------------

g label "$one" stripes --why 'not a ring'
is "$rc" 0 "one image is labelled"
has "$work/err" '^labelled 1 of 1 image; undo with griddle undo 1$' \
	"and how to take it back is told"
is "$(cat "$work/out")" "" "on stderr"
g label label=stripes stripes
has "$work/err" 'labelled 3 of 4 images \(1 had it already\)' \
	"what had the label already is told"
g label label=stripes stripes
is "$rc" 0 "labelling again is no failure"
has "$work/err" 'nothing was changed' "and is told as nothing"
g label format=gif stripes
is "$rc" 0 "a filter that nothing passes is no failure"
has "$work/err" 'no image passes' "and is told"
is "$(sql 'SELECT count(*) FROM op')" 2 "nothing of that is in the log"
for verb in unlabel reject restore "label rings" "tag x" "untag x"; do
	# shellcheck disable=SC2086 # a verb and its value
	g $verb
	is "$rc" 2 "$verb of everything must be asked for"
done
g tag --all x --json
is "$rc" 0 "with --all it is done"
has "$work/out" '"step": 3, "images": 6, "changed": 6' "and told as JSON"
g reject "$one" --why 'a drawing' --actor ann
g show "$one"
has "$work/out" '^rejected' "show tells of a rejection"
has "$work/out" 'ann reject: rejected no -> yes' "and who did it"
has "$work/out" '^revision +4$' "and the revision"
g restore rejected=yes
g untag label=stripes x --dry-run
has "$work/err" 'would have untagged 4 of 4' "a dry run counts"
g count tag=x
is "$(cat "$work/out")" 6 "and changes nothing"
g label "$one" ringz
is "$rc" 1 "a class that is not there is not made"
has "$work/err" 'did you mean "rings"' "but guessed at"
g label "$one" rings --if-rev 2
is "$rc" 1 "an image that was changed since is not overwritten"
is "$(wc -l <"$work/err")" 1 "that is one line"
has "$work/err" 'at revision 5, not 2: tester changed it on .*restore, step 5' \
	"that names who, when and what"
g label "$one" rings --if-rev 5
is "$rc" 0 "at its revision it is"

# ---- the log ---------------------------------------------------------------

g log -n 2
is "$(wc -l <"$work/out")" 2 "the log can be cut"
has "$work/out" '^ +6 .* tester  label rings  1 image' "the newest is first"
g log --json
is "$(/usr/bin/python3 -c 'import json, sys
print([json.loads(l)["step"] for l in sys.stdin])' <"$work/out")" \
	"[6, 5, 4, 3, 2, 1]" "the log is JSON Lines"
g log
has "$work/out" 'ann  reject  1 image  "a drawing"' "who and why are there"
g undo 1
is "$rc" 1 "what was all changed again cannot be taken back"
has "$work/err" 'all of it was changed again' "and that is told"
g undo 2
is "$rc" 0 "a step is taken back"
g undo 2
is "$rc" 1 "but not twice"
has "$work/err" 'already, by step 7' "which is told"
g undo
has "$work/err" 'took back step 6' "undo goes on with the newest that stands"
g undo 8
has "$work/err" 'took back step 8' "an undo is taken back"
g count label=rings
is "$(cat "$work/out")" 3 "and so done again"
g undo 3 --dry-run
has "$work/err" 'would take back step 3: 6 images' "undo has a dry run"
g untag "$one" x
g undo 3
is "$rc" 3 "undo that had to leave something says so"
has "$work/err" "1 image was changed again since and stays: $(echo "$one" |
	cut -c1-12)" "and names it"
g log
has "$work/out" '^ +3 .*taken back by 11' "the log shows what was taken back"

# ---- label - -----------------------------------------------------------------

before=$(sql 'SELECT count(*) FROM op')
{
	printf '%s\tstripes\n' "$one"
	printf '%.6s\tstripes\t%s\r\n' "$two" \
		"$(sql "SELECT rev FROM sample s JOIN blob b
			ON b.id = s.blob_id WHERE hex(sha256) = upper('$two')")"
	printf '0000\tstripes\n'
	printf 'zz\tstripes\n'
	printf '%s\tno such class\n' "$three"
	printf '%s\tstripes\t99\n' "$three"
	printf '%s\n' "$three"
	printf '%s\trings\t1\t1\n' "$three"
	printf '%s\trings\tx\n' "$three"
	printf '%s\tst\000ripes\n' "$three"
	printf '%s\tst\377ripes\n' "$three"
	printf '%s[2J\t%s]0;x\007\n' "$escape" "$escape"
	printf '%s\t%s[31m\n' "$three" "$escape"
	head -c 300000 /dev/zero | tr '\0' x
	printf '\n\n'
	printf "%s\t'); DROP TABLE sample; --\n" "$three"
	printf '%s\trings\n' "$one"
	printf '%s\t' "$one"
} >"$work/lines"
g label - <"$work/lines"
is "$rc" 3 "bad lines among good ones are a part of it"
has "$work/err" 'labelled 2 of 2 images' "the good ones are taken"
is "$(sql 'SELECT count(*) FROM op')" $((before + 1)) "as one step"
is "$(grep -c '^griddle: line' "$work/err")" 15 "each bad line is told"
has "$work/err" '^griddle: line 3: no image 0000$' "by its number"
has "$work/err" 'line 6: .*at revision .*, not 99' "with its revision"
has "$work/err" 'line 14: longer than 4096 bytes' "however long it is"
has "$work/err" '15 of 18 lines were not taken' "and counted"
grep -q "$escape" "$work/err"
is $? 1 "none can steer the terminal"
is "$(wc -l <"$work/err")" 17 "nor make more lines than there are"
printf '%s\t\n%s\t\n' "$one" "$two" >"$work/lines"
g label - --actor "x${escape}[2J" <"$work/lines"
is "$rc" 0 "no class takes a decision back"
g log -n 1
grep -q "$escape" "$work/out"
is $? 1 "nor can a name steer the terminal"
g count decided=yes
is "$(cat "$work/out")" 0 "and that is what it did"
g label - </dev/null
is "$rc" 0 "no lines are nothing to do"
head -c 2000000 /dev/urandom >"$work/noise"
g label - <"$work/noise"
is "$rc" 3 "noise is survived"
g count decided=yes
is "$(cat "$work/out")" 0 "and changes nothing"

# ---- classes -------------------------------------------------------------------

g class add waffle
g class rename rings circles
is "$rc" 0 "a class gets another name"
has "$work/err" 'griddle.conf: classes still names .*"rings".* "circles" now' \
	"what to change in griddle.conf is told"
has "$work/err" 'griddle.conf: source "old" still names' "everywhere"
g class
has "$work/out" '^circles +3$' "it keeps its images"
g class merge circles stripes
has "$work/err" 'merged: 3 images changed' "two classes become one"
g class
has "$work/out" '^circles +0  merged into stripes$' "which the list shows"
g count label=stripes
is "$(cat "$work/out")" 6 "with all images"
g class restore circles
is "$rc" 1 "what is merged is not just restored"
g undo
g count label=circles
is "$(cat "$work/out")" 3 "but taken apart by undo"
g undo
g class retire waffle
g label "$one" waffle
is "$rc" 1 "what is retired is not given"
g class restore waffle
g class renam a b
is "$rc" 2 "a wrong word is a wrong call"
has "$work/err" 'did you mean "rename"' "and guessed at"

sed -i 's/classes = { rings,/classes = { waffles, rings,/' "$ws/griddle.conf"
g label "$one" waffles
is "$rc" 0 "a class that griddle.conf has by now can be given"
g undo

# ---- exchange --------------------------------------------------------------------

g label "$one" stripes
g reject "$two"
g tag "$three" 'look,at' 2>/dev/null
is "$rc" 2 "a tag has no comma"
g tag "$three" 'look again'
for as in csv jsonl label-studio fiftyone; do
	g labels export --as "$as"
	is "$rc" 0 "$as: labels go out"
	cp "$work/out" "$work/file.$as"
	dump >"$work/before"
	g labels import "$work/file.$as" --as "$as"
	is "$rc" 0 "$as: and in again"
	has "$work/err" 'nothing was changed' "$as: where nothing is to change"
	dump >"$work/after"
	cmp -s "$work/before" "$work/after"
	is $? 0 "$as: and nothing is"
	g unlabel "$one"
	g restore "$two"
	g labels import - --as "$as" <"$work/file.$as"
	is "$rc" 0 "$as: what is otherwise now is set back"
	g labels export --as "$as"
	[ "$as" != fiftyone ] || g labels export --as "$as" "$one"
	grep -q "$one" "$work/out"
	is $? 0 "$as: by its digits"
	g count decided=yes
	is "$(cat "$work/out")" 1 "$as: the label"
	[ "$as" != fiftyone ] || g reject "$two"
	g count rejected=yes
	is "$(cat "$work/out")" 1 "$as: the rejection"
done
g labels export --rev "$one"
sed "s/,stripes,/,rings,/" "$work/out" >"$work/edited.csv"
g label "$one" waffle --actor bob
g labels import "$work/edited.csv"
is "$rc" 3 "a file that is older than a decision does not overwrite it"
has "$work/err" 'line 2: image .*: bob changed it on' "but says who decided"
g labels import "$work/noise" --as csv
is "$rc" 1 "noise is no file of labels"
g labels import "$work/file.csv" --as xml
is "$rc" 2 "nor is what has another format"
printf 'sha256,label\n%s,%s[2J\n' "$one" "$escape" >"$work/steer.csv"
g labels import "$work/steer.csv" --new-class
is "$rc" 3 "a class has no control characters"
grep -q "$escape" "$work/err"
is $? 1 "and steers no terminal"
is "$(sql "SELECT count(*) FROM class WHERE instr(name, char(27)) > 0")" 0 \
	"nor is it made"

# ---- conflicts and balance -----------------------------------------------------------

g conflicts
is "$(cat "$work/out")" "" "no conflicts are nothing"
g add "$work/photos/rings/3.png" --label stripes
g conflicts
has "$work/out" "^$(echo "$three" | cut -c1-12)  rings by add:" "a conflict is listed"
g conflicts --json
has "$work/out" '"label":"stripes","source":"add:' "with each claim's source"
g balance
is "$rc" 0 "balance is told"
has "$work/out" '^stripes +[0-9]' "by class"
has "$work/err" 'class "waffle" has [0-9]+ usable images?; a split wants 10' \
	"with a warning for what has too little"
g balance --json
is "$(/usr/bin/python3 -c 'import json, sys
d = json.load(sys.stdin)
print(sum(c["images"] for c in d["classes"]), len(d["warnings"]) > 0)' \
	<"$work/out")" "6 True" "and as JSON"
g check --quick
is "$rc" 0 "the catalog is sound after all of it"
is "$(sql 'PRAGMA integrity_check')" ok "and SQLite thinks so too"
finish
