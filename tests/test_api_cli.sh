#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# APIs by presets, end to end: pages to the last, errors by name, tokens and
# keys that stand nowhere but where they belong.
# shellcheck disable=SC2154
. "${srcdir:=.}/tests/e2e.sh"

apis=$srcdir/../shared/data/apis

# What was asked since the last call: METHOD TARGET SECRETS.
asked() {
	cut -f 1,2,9 "$WEB_LOG" | tail -n "+$((${asked_seen:-0} + 1))"
	asked_seen=$(wc -l <"$WEB_LOG")
}

count() { # text, query, wanted
	is "$(sql "$2")" "$3" "$1"
}

# The shipped preset with another address; more of sed's commands may follow.
preset() { # shipped name, path, [sed's arguments]
	mkdir -p "$ws/sources"
	preset_name=$1
	preset_path=$2
	shift 2
	sed -e "s#^url = .*#url = \"$WEB_URL/recorded/$preset_path\"#" \
		-e 's/^delay = .*/delay = 0/' "$@" \
		"$srcdir/config/sources/$preset_name.conf" \
		>"$ws/sources/$preset_name.conf"
}

again() {
	rm -rf "$ws"
	workspace
}

web_start --made 30 --recorded "$apis"

# ---- what there is ----------------------------------------------------------

workspace </dev/null
g source types
for name in commons openverse reddit flickr huggingface finna \
	clevelandmuseum sciencemuseum; do
	has "$work/out" "^$name: " "source types explains $name"
done
has "$work/out" 'needs client and secret, each as env:NAME' \
	"and what it wants of whom"
mkdir "$ws/sources"
echo 'nonsense' >"$ws/sources/mine.conf"
g source types
is "$rc" 0 "a preset that cannot be read hides no other"
has "$work/err" 'sources/mine.conf:1' "and is told of by its line"

# ---- recorded answers -------------------------------------------------------

if [ -r "$apis/openverse-providers/clevelandmuseum/response_success.json" ]
then
	again <<-CONF
		source "art" { type = clevelandmuseum  label = rings }
	CONF
	preset clevelandmuseum works
	asked >/dev/null
	g source check art
	is "$rc" 0 "a source is checked"
	has "$work/out" 'Scent|Schroon Mountain.*Storm$' "item by item"
	has "$work/out" '_web.jpg  rings  cc0  Thomas Cole' \
		"with label, licence and author"
	is "$(asked | grep -c works)" 1 "of its first page"
	g source check art --json
	is "$(head -n 1 "$work/out" | grep -cE '"licence": ?"cc0"')" 1 "as JSON"
	asked >/dev/null
	g gather --dry-run
	is "$rc $(asked | sed -n 's/.*skip=\([0-9]*\).*/\1/p' | tr '\n' ' ')" \
		"0 0 100 101 102 " "pages are followed to the last"
else
	echo "# no recorded answers in $apis"
fi

# ---- OAuth ------------------------------------------------------------------

again <<CONF
source "sub" {
	type = reddit  category = rings  label = rings  terms = accepted
	client = "env:T_CLIENT"  secret = "env:T_SECRET"
}
CONF
reddit() {
	preset reddit 'r/{category}/{sort}' -e \
		"s#^token_url.*#token_url=\"$WEB_URL/recorded/token\"#"
}
reddit
unset T_CLIENT T_SECRET
g gather
is "$rc" 2 "without a secret nothing is begun"
has "$work/err" "environment's T_CLIENT" "and the missing one is named"
T_CLIENT=me T_SECRET=sesame
export T_CLIENT T_SECRET
asked >/dev/null
g -v gather
is "$rc" 0 "a subreddit is gathered"
asked >"$work/asked"
is "$(grep -c '^POST' "$work/asked")" 1 "a token is asked for once"
is "$(grep -c 'r/rings/new.*authorization$' "$work/asked")" 3 \
	"and used for all pages"
is "$(grep 'made/' "$work/asked" | grep -c authorization)" 0 \
	"but for no image"
count "what is for adults is not taken" \
	"SELECT count(*) FROM url WHERE state = 'held'" 9
count "title and author are kept" \
	"SELECT DISTINCT title || ' ' || author FROM sighting" "A ring ada"
secrets='sesame|open-1|bWU6c2VzYW1l'
is "$(cat "$work/out" "$work/err" "$ws"/*.log "$ws"/*/*.log 2>/dev/null |
	grep -cE "$secrets")" 0 "no log has a secret"
is "$(dump | grep -cE "$secrets")" 0 "nor has the catalog"

T_SECRET=wrong
again <<CONF
source "sub" {
	type = reddit  category = rings  terms = accepted
	client = "env:T_CLIENT"  secret = "env:T_SECRET"
}
CONF
reddit
g gather
is "$rc" 3 "a wrong secret is told of"
count "by its status, with what to do" \
	"SELECT count(*) FROM failure WHERE detail LIKE 'HTTP 401%reddit.com/prefs/apps%'" 1

# ---- a key ------------------------------------------------------------------

T_KEY=sesame
export T_KEY
again <<CONF
source "photos" {
	type = flickr  query = ring  label = rings  key = "env:T_KEY"
	licence = { cc0, cc-by }
}
CONF
preset flickr photos
asked >/dev/null
g -v gather
is "$rc" 0 "photographs are gathered with a key"
is "$(asked | grep -c 'recorded/photos.*api_key=sesame')" 2 \
	"that goes with each page"
count "licences by number are known by name" \
	"SELECT group_concat(DISTINCT licence) FROM (SELECT licence FROM sighting ORDER BY 1)" \
	"cc-by-2.0,cc0"
count "eight of them" "SELECT count(*) FROM url WHERE state = 'held'" 8
is "$(dump | grep -c sesame)" 0 "the catalog has no key"
is "$(cat "$work/out" "$work/err" | grep -c sesame)" 0 "nor has the log"
T_KEY=wrong g gather --force
is "$rc" 3 "a wrong key is told of, though the status is 200"
count "in the service's words" \
	"SELECT count(*) FROM failure WHERE detail LIKE 'Invalid API Key%'" 1

# ---- another host -----------------------------------------------------------

web_also other
again <<CONF
source "sub" {
	type = reddit  category = rings  terms = accepted
	client = "env:T_CLIENT"  secret = "env:T_SECRET"
}
source "photos" { type = flickr  query = ring  key = "env:T_KEY" }
CONF
T_SECRET=sesame T_KEY=sesame
reddit
sed "s#^url = .*#url = \"$WEB_URL/recorded/leave/$web_port\"#" \
	"$ws/sources/reddit.conf" >"$work/conf"
cp "$work/conf" "$ws/sources/reddit.conf"
preset flickr "leave/$web_port"
asked >/dev/null
g gather
is "$(asked | grep -cE 'leave.*(authorization$|sesame)')" 2 \
	"a token and a key go to the host that they are for"
is "$(grep -c 'recorded/photos' "$WEB_DIR/other.log")" 2 \
	"which leads to another host"
is "$(grep -cE "authorization|$secrets" "$WEB_DIR/other.log")" 0 \
	"and there no secret comes"

# ---- refusals ---------------------------------------------------------------

for status in 401 403 429; do
	scraper_more='retries = 0'
	again <<-CONF
		source "no" { type = openverse  query = ring }
	CONF
	preset openverse "status/$status"
	g gather
	is "$rc" 3 "$status leaves a source incomplete"
	count "and is named" \
		"SELECT count(*) FROM failure WHERE detail LIKE 'HTTP $status: %'" 1
done

finish
