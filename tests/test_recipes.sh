#!/bin/sh
# Several recipes side by side: what is made anew, what is not, and that the
# same input and recipe give the same bytes.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
mkdir -p "$work/photos/rings" "$work/photos/stripes"
for i in 1 2 3 4 5 6; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/photos/$class/$i.png"
	done
done

tall='autorotate, trim, crop attention 2:3, normalise, resize 40x60, sharpen'

# conf [RECIPE...]: griddle.conf with these recipe sections.
conf() {
	{
		echo 'classes = { rings, stripes }'
		printf '%s\n' "$@"
	} >"$ws/griddle.conf"
}

# The prepared pictures, one a line, in the order of their images.
pictures() { # a condition
	sqlite3 "$ws/derived.db" "SELECT hex(sha256), hex(recipe), width,
		height, hex(jpeg) FROM prepared WHERE $1 ORDER BY 1, 2"
}

# Every row with its number, which is a new one when it is made anew.
rows() {
	sqlite3 "$ws/derived.db" \
		"SELECT id, hex(recipe), hex(sha256) FROM prepared ORDER BY id"
}

workspace </dev/null
conf 'recipe "default" { steps = "autorotate, resize 64 fill" }' \
	"recipe \"tall\" { steps = \"$tall\" }"
g add "$work/photos"
g prep
is "$rc" 0 "prep goes through"
is "$(rows | wc -l)" 12 "it makes the pictures of one recipe"
is "$(pictures 'width = 64 AND height = 64' | wc -l)" 12 \
	"which is the one called default"
rows >"$work/default"
dump >"$work/before"

g prep --recipe tall
has "$work/err" '^prep: 12 images prepared' "another recipe makes its own"
is "$(pictures 'width = 40 AND height = 60' | wc -l)" 12 "as it says"
rows | head -n 12 | cmp -s - "$work/default"
ok $? "and leaves the other's alone"
dump >"$work/after"
cmp -s "$work/before" "$work/after"
ok $? "the images' facts do not depend on the recipe"
rows >"$work/both"
g prep --recipe tall
has "$work/err" 'nothing is waiting for recipe "tall"' "a second run has nothing to do"
g prep
rows | cmp -s - "$work/both"
ok $? "by neither recipe"

conf 'recipe "default" { steps = "autorotate, resize 64 fill" }' \
	'recipe "tall" { steps = "autorotate, resize 20x30 stretch" }'
g prep
rows | cmp -s - "$work/both"
ok $? "a change of one recipe is none for the other"
g prep --recipe tall
is "$(pictures 'width = 20 AND height = 30' | wc -l)" 12 \
	"the changed one makes its pictures anew"
rows | head -n 24 | cmp -s - "$work/both"
ok $? "and only these"
rows >"$work/three"
conf 'recipe "default" { steps = "autorotate,resize   64x64 fill" }' \
	"recipe \"high\" { steps = \"$tall\" }"
g prep
g prep --recipe high
rows | cmp -s - "$work/three"
ok $? "the same steps are the same recipe, however written or called"

pictures 1 >"$work/first"
ws=$work/again
workspace </dev/null
conf 'recipe "default" { steps = "autorotate, resize 64 fill" }' \
	"recipe \"tall\" { steps = \"$tall\" }" \
	'recipe "small" { steps = "autorotate, resize 20x30 stretch" }'
g add "$work/photos"
g prep --recipe small
g prep --recipe tall
g prep
pictures 1 >"$work/second"
cmp -s "$work/first" "$work/second"
ok $? "in another workspace the same recipes give the same bytes"

conf "recipe \"tall\" { steps = \"$tall\" }"
rows >"$work/before"
g run --from prep --until dedup
is "$rc" 0 "run goes by the only recipe, whatever it is called"
rows | cmp -s - "$work/before"
ok $? "and finds its pictures"
conf "recipe \"tall\" { steps = \"$tall\" }" \
	'recipe "small" { steps = "resize 20" }'
g prep
is "$rc" 2 "of two without a default none is chosen"
has "$work/err" 'call the one to learn by "default"' "and it says what to do"
g prep --recipe smal
is "$rc" 2 "there is no such recipe"
has "$work/err" 'no recipe "smal".*did you mean "small".*tall, small' \
	"and it says which there are"

conf 'recipe "default" { steps = "resize 20" }' \
	'recipe "odd" { steps = "resize 20, crop smrt 1:1" }'
g runs
is "$rc" 0 "what needs no recipe goes on without"
g prep
is "$rc" 2 "a recipe that is wrong is found when the file is read"
has "$work/err" 'griddle.conf:3: recipe "odd": recipe step "crop smrt 1:1"' \
	"it is named with its line"
has "$work/err" 'did you mean "smart"\?' "and with the mend"
finish
