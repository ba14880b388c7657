#!/bin/sh
# Trust: check and repair, gc, backup and going back, forgetting for good.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start --made 12
workspace <<CONF
source "rings" {
	type = page
	url = "$WEB_URL/made/rings/?n=12"
	label = rings
}
source "stripes" {
	type = page
	url = "$WEB_URL/made/stripes/?n=12"
	label = stripes
}
split { minimum = 3 }
CONF
g run --until split
is "$rc" 0 "a workspace"

# path SHA256: of a blob.
path() {
	echo "$ws/blobs/$(echo "$1" | cut -c 1-2)/$(echo "$1" |
		cut -c 3-4)/$1"
}
# image N: the SHA-256 of one.
image() {
	sql "SELECT lower(hex(sha256)) FROM blob JOIN sample s
		ON s.blob_id = blob.id WHERE stage <> 'forgotten'
		ORDER BY blob.id LIMIT 1 OFFSET $1"
}

# ---- check ------------------------------------------------------------------

g check
is "$rc" 0 "check finds nothing"
has "$work/out" '24 blobs .*, 24 of them read, 1 snapshots: 0 faults' \
	"and counts what it looked at"
g check --sample 50% --json
has "$work/out" '"note": "SQLite|"faults": 0' "json has lines of its own"
g check --sample 101
is "$rc" 2 "no more than all can be a sample"

missing=$(image 0)
short=$(image 1)
other=$(image 2)
open=$(image 3)
rm -f "$(path "$missing")"
chmod 644 "$(path "$short")" "$(path "$other")" "$(path "$open")"
: >"$(path "$short")"
printf 'X' | dd of="$(path "$other")" bs=1 seek=40 conv=notrunc 2>/dev/null
chmod 444 "$(path "$short")" "$(path "$other")"
echo stray >"$ws/blobs/notes.txt"
echo orphan >"$work/orphan"
orphan=$(sha256sum "$work/orphan" | cut -d ' ' -f 1)
mkdir -p "$(dirname "$(path "$orphan")")"
cp "$work/orphan" "$(path "$orphan")"
young=$(echo young | sha256sum | cut -d ' ' -f 1)
mkdir -p "$(dirname "$(path "$young")")"
echo young >"$(path "$young")"
touch -d '20 days ago' "$(path "$orphan")"
sqlite3 "$ws/derived.db" "UPDATE prepared SET jpeg = x'00' WHERE id = 5;
	INSERT INTO thumb (sha256, width, height, jpeg)
	VALUES (zeroblob(32), 1, 1, x'FFD8FFD9')"
g label "$missing" stripes
g label "$other" rings
g check --quick
is "$rc" 5 "damage has a status of its own"
is "$(grep -c 'griddle: ' "$work/err")" 5 "quick sees all but changed bytes"
g check
is "$(grep -c 'griddle: ' "$work/err")" 7 "one line for each fault"
has "$work/err" "$missing: is missing: griddle check --repair" \
	"with its name and its mend"
has "$work/err" "$orphan: no image is of these bytes: griddle gc" \
	"an orphan is told, as waste"
grep -q "$young" "$work/err"
is $? 1 "a young one may be another's work"

# ---- repair -----------------------------------------------------------------

g check --repair
is "$rc" 0 "repair mends all of it"
has "$work/out" '3 lost' "and says what is lost for now"
has "$work/out" 'before: 24 images, 2 with a decided label' "it counts before"
has "$work/out" 'after : 24 images, 2 with a decided label' "and after"
is "$(find "$ws/quarantine" -type f | wc -l)" 3 "no byte was deleted"
is "$(sqlite3 "$ws/catalog.db.before-repair" \
	"SELECT count(*) FROM sample WHERE stage = 'lost'")" 0 \
	"the catalog of before is kept"
g check
is "$rc" 0 "then check finds nothing"
g run --until dedup
is "$rc" 0 "the web gives back what was lost"
has "$work/err" '0 new images .* of 3 fetched' "by its URLs"
is "$(sql "SELECT group_concat(c.name) FROM sample s JOIN blob b
	ON b.id = s.blob_id JOIN class c ON c.id = decided_id
	WHERE lower(hex(sha256)) IN ('$missing', '$other')
	AND stage = 'prepared' ORDER BY s.id")" stripes,rings \
	"with the labels that were decided"
g check
is "$rc" 0 "all is as it was"
printf 'garbage' | dd of="$ws/derived.db" bs=1 conv=notrunc 2>/dev/null
rm -f "$ws"/derived.db-*
g check
is "$rc" 5 "a damaged derived.db is a fault"
g check --repair
is "$rc" 0 "which is put aside"
g prep
has "$work/err" '24 images prepared' "and made anew"
g check
is "$rc" 0 "whole"

# ---- gc -----------------------------------------------------------------------

cat >>"$ws/griddle.conf" <<'CONF'
recipe "small" { steps = "autorotate, resize 64" }
recipe "default" { steps = "autorotate, crop smart 1:1, resize 224" }
CONF
g prep --recipe small
sed -i '/"small"/d' "$ws/griddle.conf"
g gc --dry-run
is "$rc" 0 "a dry run of gc"
has "$work/out" "$orphan" "tells the orphan"
has "$work/out" '24 prepared images by a recipe that nothing names' \
	"and a recipe that is gone"
[ -e "$(path "$orphan")" ]
ok $? "but removes nothing"
g gc
has "$work/out" '1 files and 24 derived rows removed' "gc does"
[ ! -e "$(path "$orphan")" ] && [ -e "$(path "$young")" ]
ok $? "but for what is young"
g gc --grace 0
[ ! -e "$(path "$young")" ]
ok $? "unless told so"
g prep
has "$work/err" 'nothing is waiting' "what is used stays"
g check
is "$rc" 0 "and nothing is amiss"

# ---- backup -------------------------------------------------------------------

g backup "$work/copy.db"
is "$rc" 0 "a backup"
has "$work/err" 'rsync -a' "says how to copy the blobs"
is "$(sqlite3 "$work/copy.db" 'PRAGMA integrity_check')" ok "it is whole"
g backup "$work/copy.db"
is "$rc" 2 "it is not overwritten"
g backup "$work/copy.db" --force
is "$rc" 0 "unless forced"
exec 9>>"$ws/lock"
flock 9
g backup "$work/second.db"
is "$rc" 0 "beside a run"
g backup --restore "$work/copy.db" --yes
is "$rc" 75 "going back is not for beside a run"
exec 9>&-
g label stage=prepared stripes
g backup --restore "$work/copy.db"
is "$rc" 2 "going back says what it would do"
g backup --restore "$ws/griddle.conf" --yes
is "$rc" 5 "to a backup only"
g backup --restore "$work/copy.db" --yes
is "$rc" 0 "and does it when told"
is "$(sql 'SELECT count(*) FROM sample WHERE decided_id IS NOT NULL')" 2 \
	"the catalog is the one of then"
is "$(sqlite3 "$ws/catalog.db.before-restore" 'SELECT count(*) FROM sample
	WHERE decided_id IS NOT NULL')" 24 "the one of now is kept"
rm "$ws"/catalog.db.*
# A catalog that cannot be read any more.
dd if=/dev/urandom of="$ws/catalog.db" bs=4096 count=4 conv=notrunc 2>/dev/null
g check
is "$rc" 5 "a catalog that is noise is damage"
has "$work/err" 'griddle backup --restore' "with its mend"
g backup --restore "$work/copy.db" --yes
is "$rc" 0 "a backup mends it"
has "$work/err" 'forget it again' "what was forgotten since cannot be known"
g check
is "$rc" 0 "all is well"
rm -f "$ws"/catalog.db.*

# ---- forget -------------------------------------------------------------------

# tells WORD: is it in any file of the workspace, the logs included?
tells() {
	grep -rlaF -e "$1" "$ws" --exclude=griddle.conf
	find "$ws" -name "*$1*"
}
one=$(image 4)
url=$(sql "SELECT url FROM url JOIN sample s ON s.id = sample_id
	JOIN blob b ON b.id = s.blob_id WHERE lower(hex(sha256)) = '$one'")
g forget "$one"
is "$rc" 2 "forget first says what would go"
has "$work/out" 'would be forgotten for good: 1 images .* 1 URLs' "counted"
has "$work/err" 'cannot be undone' "and that there is no way back"
g show "$one"
is "$rc" 0 "nothing has changed"
g show "$one"
g forget "$one" --why 'a wish' --yes
is "$rc" 0 "with --yes it is gone"
has "$work/out" 'held a place in snapshot' "it names the snapshot"
is "$(tells "$one")" "" "no file tells its name"
is "$(tells "$url")" "" "or its URL"
is "$(sqlite3 "$ws/derived.db" "SELECT count(*) FROM thumb")" 23 \
	"what was derived is gone"
g check
is "$rc" 0 "check puts up with the stub"
has "$work/err" 'snapshot .* holds 1 forgotten images' "and says so"
g snapshot show --images
is "$(wc -l <"$work/out")" "$(($(sql 'SELECT count(*) FROM snapshot_sample') - 1))" \
	"the snapshot shows the others"
has "$work/err" 'holds 1 forgotten' "and says that one is left out"
# The page has changed, so it is read again.
sql "UPDATE document SET etag = NULL, last_modified = NULL"
: >"$WEB_LOG"
g gather --force
is "$(web_asked "$(echo "$url" | sed 's|.*//[^/]*||; s/?.*//')(\\?|\$)")" 0 \
	"the URL is not asked for again"
g count
is "$(cat "$work/out")" 23 "and the image does not come back"
g runs -v --limit 1
has "$work/out" 'gather: .*1 forgotten' "the run counts it"
has "$work/out" 'forgotten +tombstone 1|forgotten +tombstone 2' \
	"by its tombstone"
is "$(tells "$url")" "" "which does not tell the URL"
mkdir "$work/mine"
curl -s "$url" >"$work/mine/mine.png"
g add "$work/mine" --label rings
g count
is "$(cat "$work/out")" 23 "the same bytes from elsewhere are refused"
is "$(find "$ws/blobs" -type f | wc -l)" 23 "and are on no disk"

two=$(sql "SELECT url FROM url WHERE url LIKE '%stripes%' LIMIT 1")
g forget "$two" --yes
is "$rc" 0 "a URL is forgotten with its image"
g count
is "$(cat "$work/out")" 22 "that one"
g forget "$two"
has "$work/out" '0 images' "twice is no more than once"
g forget nowhere
is "$rc" 2 "a word that is nothing is an error"
g forget "host:stripes.example" --yes
is "$rc" 0 "a kind can be named"
echo 'source "a1b2c3" { type = folder path = "/nowhere" }' >>"$ws/griddle.conf"
g gather a1b2c3
g forget a1b2c3
is "$rc" 2 "what could be two things is an error"
has "$work/err" 'could be several things' "that says so"
g forget stripes --yes
is "$rc" 0 "a source is forgotten"
g gather --force
has "$work/err" 'source "stripes" was forgotten' "and left out from then on"
is "$(sql "SELECT count(*) FROM url WHERE url LIKE '%/stripes/%'")" 0 \
	"nothing of it comes back"
g forget "127.0.0.1:$WEB_PORT" --yes
is "$rc" 0 "a host is forgotten"
: >"$WEB_LOG"
g gather --force
g count
is "$(cat "$work/out")" 0 "nothing of it comes back"
is "$(web_asked '^/made/.*png')" 0 "it is not even asked"
is "$(find "$ws/blobs" -type f | wc -l)" 0 "no blob is left"
g forget --list
is "$rc" 0 "the list"
has "$work/out" ' 1 url +.*: a wish' "says when, who and why"
is "$(tells "$two")" "" "but not what"
g check
is "$rc" 0 "check finds nothing"
g backup --restore "$work/copy.db" --yes
has "$work/err" 'are forgotten again' "going back does not bring it back"
g count
is "$(cat "$work/out")" 0 "nor its images"
g check
is "$rc" 0 "all is well"
finish
