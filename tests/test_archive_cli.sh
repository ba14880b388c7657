#!/bin/sh
# Archives: what is taken from them, what is refused, and nothing twice.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

python=/usr/bin/python3
command -v "$python" >/dev/null || {
	echo "1..0 # SKIP no $python to write archives with"
	exit 0
}
web_start
mkdir "$work/made"
for i in 1 2 3 4 5 6; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/made/$class.$i.png"
	done
done
"$python" "$srcdir/tests/make_archives.py" "$work/made" "$work" || exit 99

fresh() { # sources; a workspace without any images
	rm -rf "$ws"
	workspace </dev/null
	printf '%s\n' "$@" >>"$ws/griddle.conf"
}

count() { # filter, wanted, text
	# shellcheck disable=SC2086 # no filter is no argument
	g count $1
	is "$(cat "$work/out")" "$2" "$3"
}

failures() { # reason, wanted, text
	is "$(sql "SELECT count(*) FROM failure WHERE reason = '$1'")" "$2" "$3"
}

seven=
command -v bsdtar >/dev/null &&
	bsdtar --format 7zip -cf "$work/photos.7z" "@$work/photos.zip" &&
	seven=7z
for kind in $seven zip tar.gz tar.xz; do
	fresh "source \"a\" { type = archive  path = \"$work/photos.$kind\" }"
	g gather
	is "$rc" 0 "$kind is read"
	count label=rings 6 "$kind: its folders are classes"
	count label=stripes 6 "$kind: each of them"
done
g gather --force
has "$work/err" ' 0 fetched, from 0 documents' \
	"what has not changed is not read again"
touch "$work/photos.tar.xz"
g gather --force
has "$work/err" ' 0 fetched, from 1 doc' "what is touched is, to no effect"
is "$(sql 'SELECT count(*) FROM sample')" 12 "for it holds the same"
is "$(sql "SELECT count(*) FROM url WHERE url LIKE
	'file://%/photos.tar.xz!/train/rings/%.png'")" 6 \
	"each image has the archive's address and its name"

fresh
g add "$work/photos.zip"
is "$rc" 0 "add takes an archive"
count label=rings 6 "add: with its folders as classes"
fresh
g add "$work/photos.zip" --label rings
count label=rings 12 "add: or all of one class"
g add "$work/names.zip" --labels '{label}.#.png'
is "$rc" 0 "add: with a rule for labels"
fresh
g add "$work/photos.zip" --labels nonsense
is "$rc" 2 "a rule that is none is an error of usage"
has "$work/err" 'FILE.csv:ID:LABEL' "that shows what there is"

rule() { # name, rule; of what make_archives.py wrote
	fresh "source \"a\" { type = archive  path = \"$work/$1\"
		labels = \"$2\" }"
	g gather
	count label=rings 6 "$2: the one class"
	count label=stripes 6 "$2: the other"
}
rule names.zip '{label}.#.png'
rule csv.zip 'train.csv:id:label'
rule jsonl.zip 'train.jsonl:file:class'
rule coco.zip 'instances.json'
rule voc.zip 'voc'
fresh "source \"a\" { type = archive  path = \"$work/names.zip\"
	labels = \"train.csv:id:label\" }"
g gather
is "$rc" 3 "without the file that tells, nothing is taken"
count '' 0 "but no images without a class"
g runs -v
has "$work/out" 'there is no train.csv in it' "and it is said why"

# A limit, and going on.
fresh "source \"a\" { type = archive  path = \"$work/photos.zip\" }"
g gather --limit 5
count '' 5 "a limit holds"
g gather
has "$work/err" ' of 7 fetched' "the next run takes the rest"
count '' 12 "and all is there"
g source check a
is "$rc" 0 "a source can be checked"

# Hostile ones.
touch "$work/marker"
fresh
g add "$work/hostile.zip"
is "$rc" 0 "bad entries do not end the others"
count '' 3 "the good ones come"
failures outside 4 "names that lead out are refused"
failures link 1 "and a link"
failures nested 1 "and what lies three deep"
failures not_an_image 1 "and what only has an image's name"
count label=rings 3 "an archive inside of it is read as well"
fresh
g add "$work/bomb.zip"
is "$rc" 3 "a bomb is an archive that is not read to its end"
is "$(grep -c . "$work/err")" 2 "which is told in a line"
g runs -v
has "$work/out" 'times its size: a bomb' "that says why"
fresh
g add "$work/cut.zip"
is "$rc" 3 "a broken archive is told"
is "$(sql "SELECT count(*) > 0 FROM sample")" 1 "what came before is kept"
fresh
g add "$work/empty.zip"
is "$rc" 0 "100,000 empty entries are passed over"
fresh
g add "$work/encodings.tar"
count '' 3 "names in any encoding stay apart"
fresh
g add "$work/links.tar"
is "$(sql "SELECT failed.n FROM (SELECT count(*) AS n FROM failure) failed")" \
	1000 "of a great many bad entries a thousand are named"
is "$(find "$work" -newer "$work/marker" -type f ! -path "$ws/*" \
	! -path "$work/out" ! -path "$work/err" ! -path "$WEB_DIR/*" | wc -l)" \
	0 "nothing is written outside of the workspace"
is "$(find "$ws" -name '*.png' ! -path "$ws/blobs/*" | wc -l)" 0 \
	"nor unpacked in it"

for file in "$srcdir"/../shared/data/odd-images/bombs/*; do
	[ -f "$file" ] || continue
	fresh
	g add "$file"
	[ "$rc" -eq 0 ] || [ "$rc" -eq 3 ] || break
done
is "$((rc == 0 || rc == 3))" 1 "bombs of others end, too"
finish
