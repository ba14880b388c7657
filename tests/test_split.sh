#!/bin/sh
# Snapshots of real pictures and their copies: what may look alike is in one
# part, and people are told what was left out, what changed and how near
# parts come to each other.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start
workspace <<END
dedup { similar = 1 } # what is probably a copy is none, but never parted
END
photos=$work/photos
mkdir -p "$photos/rings" "$photos/stripes"

# take FROM TO: made pictures of both classes.
take() {
	i=$1
	while [ "$i" -le "$2" ]; do
		for class in rings stripes; do
			curl -s "$WEB_URL/made/$class/$i.png" \
				>"$photos/$class/$i.png"
		done
		i=$((i + 1))
	done
}

# copy FROM TO: copies of a smaller size, and as good others with less edge.
copy() {
	i=$1
	while [ "$i" -le "$2" ]; do
		curl -s "$WEB_URL/made/rings/$i.png?copy=1" \
			>"$photos/rings/copy$i.png"
		i=$((i + 1))
	done
	/usr/bin/python3 - "$photos" "$1" "$2" 2>/dev/null <<-'PYTHON' || :
		import sys
		from PIL import Image
		folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		for name in ('rings', 'stripes'):
		    for i in range(first, last + 1):
		        image = Image.open('%s/%s/%d.png' % (folder, name, i))
		        w, h = image.size
		        cut = image.convert('RGB').crop(
		            (w // 60, h // 60, w - w // 60, h - h // 60))
		        cut.save('%s/%s/cut%d.jpg' % (folder, name, i), quality=60)
	PYTHON
}

# Parts by file: for each component of look-alikes how many parts it is in.
parted() {
	sql "SELECT count(*) FROM (SELECT s.component_id
		FROM snapshot_sample ss JOIN sample s ON s.id = ss.sample_id
		WHERE ss.snapshot_id = $1 GROUP BY s.component_id
		HAVING count(DISTINCT ss.part) > 1)"
}

take 1 40
copy 1 12
g add "$photos"
g run --from prep --until dedup
is "$rc" 0 "pictures and their copies are prepared and grouped"
g split --name first
is "$rc" 0 "they are split"
has "$work/err" 'snapshot first: [0-9]+ images to learn from' \
	"it says how many go where"
has "$work/err" 'left out: .*[0-9]+ duplicates' "and what was left out"
has "$work/err" 'closest two images of different parts are [0-9]+ bits' \
	"and how near the parts are"
is "$(parted 1)" 0 "no look-alikes are parted"
if [ -e "$photos/rings/cut1.jpg" ]; then
	[ "$(sql "SELECT count(*) FROM sample WHERE keeper_id = id
		AND component_id <> id")" -gt 5 ]
	ok $? "which are more than the duplicates"
fi
g snapshot audit first
is "$rc" 0 "the audit finds nothing too near"
g snapshot audit --json
has "$work/out" '"distance": ?[0-9]+, ?"images": ?\[\{"sha256"' \
	"and names the closest pair as JSON"
nearest=$(sed 's/.*"distance": *\([0-9]*\).*/\1/' "$work/out")
[ "$nearest" -gt 51 ]
ok $? "which is further apart than 51 bits"

g split --name again
is "$rc" 0 "nothing new is nothing wrong"
has "$work/err" 'nothing has changed' "and is said"
g snapshot list
is "$(wc -l <"$work/out")" 1 "there is still one snapshot"
has "$work/out" ' [1-9][0-9]* +[1-9][0-9]* +[1-9][0-9]*  first' \
	"listed with its counts"
g snapshot show first
has "$work/out" '^ +[0-9]+  duplicate$' "show tells what was left out"
has "$work/out" '^recipe +\{"hash"' "and the recipe that it is for"
g snapshot show first --images
is "$(grep -cE '^[0-9a-f]{64}  (train|val|test) +(rings|stripes)$' \
	"$work/out")" "$(sql 'SELECT count(*) FROM snapshot_sample')" \
	"and on request each image"

# ---- growth -------------------------------------------------------------------

sql "CREATE TABLE before AS SELECT * FROM snapshot_sample"
take 41 48
copy 13 20
g add "$photos"
g run --from prep --until dedup
g split --name second
is "$rc" 0 "a fifth more pictures, some of them copies, are split"
is "$(sql "SELECT count(*) FROM before b JOIN snapshot_sample ss
	ON ss.sample_id = b.sample_id AND ss.snapshot_id = 2
	WHERE ss.part <> b.part")" 0 "none of the old ones moves"
is "$(parted 2)" 0 "and no look-alikes are parted"
sql "DROP TABLE before"
g snapshot diff first second
has "$work/out" '^[0-9]+ the same, [1-9][0-9]* added, .* 0 moved' \
	"the difference is told"
has "$work/out" '^rings/train: added [0-9]+' "by class and part"
g snapshot diff first second -v --json
has "$work/out" '"images": ?\[\{.*"change": ?"added"' "with -v each image"
g split --name first --seed 9
is "$rc" 2 "a name is given once"
has "$work/err" 'snapshot "first" already' "as is said"
g snapshot diff first nowhere
is "$rc" 1 "a snapshot that is not there is an error"

# ---- options --------------------------------------------------------------------

g split --name half label=rings,stripes 'width<5'
is "$rc" 1 "a filter that leaves nothing over is told"
g split --name wide 'width>=10' --balance up --seed 3
is "$rc" 0 "a split takes a filter, a balance and a seed"
g snapshot show wide
has "$work/out" '^filter +\["width>=10"\]' "the filter is kept"
g split --name folds --folds 4
is "$rc" 0 "a split has folds"
has "$work/err" 'in 4 folds' "and says so"
is "$(sql "SELECT count(DISTINCT fold) FROM snapshot_sample ss
	JOIN snapshot n ON n.id = ss.snapshot_id
	WHERE n.name = 'folds' AND part = 'train'")" 4 "four of them"
is "$(sql "SELECT count(*) FROM snapshot_sample ss
	JOIN snapshot n ON n.id = ss.snapshot_id
	WHERE n.name = 'folds' AND part = 'val'")" 0 "in place of val"
g split --folds 1
is "$rc" 2 "one fold is none"
g check
is "$rc" 0 "all snapshots have the hash of their rows"

# ---- an audit that finds something ----------------------------------------------

sql "UPDATE sample SET pdq = (SELECT s.pdq FROM sample s
	JOIN snapshot_sample ss ON ss.sample_id = s.id AND ss.part = 'test'
	WHERE ss.snapshot_id = 1 ORDER BY s.id LIMIT 1)
	WHERE id = (SELECT sample_id FROM snapshot_sample
	WHERE snapshot_id = 1 AND part = 'train' ORDER BY sample_id LIMIT 1)"
g snapshot audit first
is "$rc" 1 "two of a kind in different parts fail the audit"
has "$work/err" 'and [0-9a-f]{12} \((train|test)\) are 0 bits apart' \
	"which names them"
has "$work/err" 'griddle dedup --anew' "and the mend"
g dedup --anew
g split --name mended
is "$rc" 0 "which helps"
has "$work/err" ' [1-9][0-9]+ to choose by' "and folds left val as it was"
g snapshot audit mended
is "$rc" 0 "as the audit says"
finish
