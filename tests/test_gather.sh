#!/bin/sh
# Each kind of source, from its first document to the last image: what is
# asked for, what is not, and what the next run still knows.
# shellcheck disable=SC1091,SC2154
. "${srcdir:-.}/tests/e2e.sh"

# What was asked for since the last call, one target a line.
asked() {
	cut -f 2 "$WEB_LOG"
	: >"$WEB_LOG"
}

# count TEXT SQL WANTED
count() {
	is "$(sql "$2")" "$3" "$1"
}

again() { # a new workspace and web; webd's options
	web_stop
	rm -rf "$ws"
	web_start "$@"
}
held='SELECT count(*) FROM url WHERE state = '\''held'\'

# ---- pages ------------------------------------------------------------------

web_start --made 30
workspace <<CONF
source "gallery" { type = page  url = "$WEB_URL/gallery/rings/"  label = rings }
CONF
g gather --dry-run
is "$rc" 0 "a dry run goes through"
is "$(asked | grep -cE '^/(made|img)/')" 0 "and asks for no image"
is "$(grep -c '/made/rings/' "$work/out" | awk '{ print ($1 >= 30) }')" 1 \
	"but says which ones it would"
count "and changes nothing" "SELECT count(*) FROM url" 0
g source check gallery
is "$rc $(grep -c '/made/rings/' "$work/out" | awk '{ print ($1 >= 30) }')" \
	"0 1" "source check says the same of one source"
asked >/dev/null
g gather
is "$rc" 0 "a gallery is gathered"
asked >"$work/asked"
is "$(grep -oE '^/made/rings/[0-9]+\.png' "$work/asked" | sort -u | wc -l)" \
	30 "every picture is found, in whichever way it stands"
count "and held once" "SELECT count(*) FROM sample" 30
is "$(grep -cE 'blank|private|stripes' "$work/asked")" 0 \
	"not the placeholder, the forbidden, or what other pages hold"
is "$(grep -c '^/robots.txt' "$work/asked")" 1 "robots.txt is asked for once"
is "$(sort "$work/asked" | uniq -d | wc -l)" 0 "nothing is asked for twice"
g gather
is "$(asked | wc -l)" 0 "what is not due is not asked for"
g gather --force
is "$(asked | grep -c 'png')" 0 "images that are held are not asked for again"
count "unchanged pages are not sent again" \
	"SELECT n >= 4 FROM run_count WHERE what = 'not_modified'" 1
sed 's/label = rings/label = stripes/' "$ws/griddle.conf" >"$work/conf"
cp "$work/conf" "$ws/griddle.conf"
g gather
is "$(asked | grep -c gallery | awk '{ print ($1 > 3) }')" 1 \
	"a changed section makes a source due"
count "and its pages are read for what has changed" \
	"SELECT count(*) FROM sighting JOIN class ON class.id = class_id WHERE name = 'rings'" 0

# ---- Commons ----------------------------------------------------------------

again --made 30 --imageinfo-max 7 --maxlag-once
workspace <<CONF
source "api" {
	type = commons  api = "$WEB_URL/w/api.php"
	category = "Stripes"  label = stripes
	licence = { cc0, cc-by }
}
CONF
g gather
is "$rc" 0 "a category is gathered"
count "of the licences that are wanted" "SELECT count(*) FROM sample" 15
count "each with its author" \
	"SELECT count(*) FROM sighting WHERE author IN ('Ada', 'Bela', 'Chidi')" 15
count "and its licence" \
	"SELECT group_concat(DISTINCT licence) FROM (SELECT licence FROM sighting ORDER BY 1)" \
	"cc-by-2.0,cc0"
asked >"$work/asked"
is "$(grep -c 'iicontinue' "$work/asked")" 4 "answers in parts are continued"
is "$(grep -c 'maxlag=5' "$work/asked")" 6 "and maxlag is waited for"

# ---- lists ------------------------------------------------------------------

again --made 30
curl -s "$WEB_URL/lists/rings.txt" | head -n 5 >"$work/list.txt"
workspace <<CONF
target = 7
source "csv" { type = list  url = "$WEB_URL/lists/all.csv" }
source "local" { type = list  path = "$work/list.txt"  label = other }
CONF
asked >/dev/null
g gather
is "$rc" 0 "lists are gathered"
count "a class that has reached its target costs no more requests" \
	"SELECT group_concat(n) FROM (SELECT count(*) AS n FROM url JOIN class ON class.id = class_id WHERE state = 'held' GROUP BY name)" 7,7
is "$(asked | grep -c png)" 14 "not one"
count "labels of no class are passed over" \
	"SELECT count(*) FROM class WHERE name = 'other'" 0
sed 's/target = 7/target = 9/' "$ws/griddle.conf" >"$work/conf"
cp "$work/conf" "$ws/griddle.conf"
g gather
is "$(asked | sort)" "$(printf '%s\n' /made/rings/7.png \
	/made/rings/8.png /made/stripes/7.png /made/stripes/8.png)" \
	"a higher target takes up what waits, class by class"
g gather --limit 3
is "$(asked | wc -l)" 0 "and no more"
sed 's/target = 9//' "$ws/griddle.conf" >"$work/conf"
cp "$work/conf" "$ws/griddle.conf"
g gather --limit 3
is "$(asked | grep -c png)" 3 "a limit is kept"

# ---- folders ----------------------------------------------------------------

again
mkdir -p "$work/photos/rings/deep" "$work/photos/stripes"
curl -s "$WEB_URL/made/rings/1.png" >"$work/photos/rings/deep/1.png"
curl -s "$WEB_URL/made/stripes/1.png" >"$work/photos/stripes/1.png"
echo "no image" >"$work/photos/stripes/2.png"
echo "no image" >"$work/photos/stripes/2.txt"
ln -s /etc/passwd "$work/photos/stripes/link.png"
workspace <<CONF
source "mine" { type = folder  path = "$work/photos"  every = 0s }
CONF
g gather
count "a folder's images are held" "$held" 2
count "with the labels of its first folders" \
	"SELECT group_concat(name) FROM (SELECT name FROM url JOIN class ON class.id = class_id WHERE state = 'held' ORDER BY name)" \
	rings,stripes
g runs -v
is "$(grep -c 'not_an_image.*2.png' "$work/out") $(grep -c txt "$work/out")" \
	"1 0" "what should be an image and is none is named"
curl -s "$WEB_URL/made/rings/2.png" >"$work/photos/rings/deep/1.png"
g gather
count "a file that has changed is read again" "SELECT count(*) FROM sample" 3
g gather
count "one that has not is not" \
	"SELECT n FROM run_count WHERE what = 'not_modified' ORDER BY run_id DESC LIMIT 1" 2

# ---- trouble ----------------------------------------------------------------

again --robots-status 503
workspace <<CONF
source "down" { type = page  url = "$WEB_URL/made/rings/"  label = rings }
CONF
g gather
count "a source that cannot be read is named" \
	"SELECT reason FROM failure" robots_unreachable
is "$(asked | sort -u)" /robots.txt "without robots.txt nothing is asked for"
port=$WEB_PORT
web_stop
web_start --port "$port"
g gather
count "and is looked at again by the next run" "$held" 20

again
workspace <<CONF
source "slow" { type = page  url = "$WEB_URL/hostile/"  label = rings }
CONF
"$griddle" -C "$ws" gather 2>"$work/err" &
pid=$!
tries=100
until grep -q 'slow.jpg' "$WEB_LOG" || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
sleep 0.5
before=$(date +%s)
kill -TERM $pid
wait $pid
is "$? $(($(date +%s) - before <= 2))" "143 1" \
	"SIGTERM stops it within two seconds, whatever hangs"
g check
is "$rc" 0 "check finds nothing wrong"
count "what had come is kept" "SELECT count(*) > 0 FROM url WHERE state = 'held'" 1
finish
