#!/bin/sh
# A site without an end costs no more than its share, and each kind of trap is
# named; sitemaps and feeds lead to pages and images.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

count() { # text, SQL, wanted
	is "$(sql "$2")" "$3" "$1"
}

# How many documents below /maze/ were asked for, by a regular expression.
asked() {
	web_asked "^/maze/$1"
}

again() { # webd's options
	web_stop
	rm -rf "$ws"
	web_start "$@"
}

# ---- a maze ------------------------------------------------------------------

web_start --bind 0.0.0.0 --made 30
workspace <<CONF
source "maze" {
	type = page
	url = "$WEB_URL/maze/"
	label = rings
	scope = any
	depth = 20
	max_pages = 800
}
# Each alone, since in the maze whichever rule is first hides the others.
source "query" {
	type = page
	url = "$WEB_URL/maze/query?a=0&b=0"
	depth = 20
}
source "dry" { type = page  url = "$WEB_URL/maze/dry/0"  depth = 20 }
source "calendar" {
	type = page
	url = "$WEB_URL/maze/calendar/2026/1"
	depth = 0
}
CONF
g gather
# 3: a friend of the other host has no address.
is "$rc" 3 "a crawl of a site without an end comes to one"
count "within the share of its host" \
	"SELECT count(*) <= 401 FROM document JOIN source ON source.id = source_id WHERE name = 'maze' AND url LIKE '%//127.0.0.1:%'" 1
is "$(asked 'circle' | awk '{ print ($1 <= 5) }')" 1 \
	"what goes in circles is left"
is "$(asked 'visit')" 4 "an id of a visit makes no other page"
count "and another host gives all that it has" \
	"SELECT count(*) FROM url WHERE state = 'held' AND host LIKE '127.0.0.2:%' AND url LIKE '%/made/rings/__.png'" 20
g runs -v
cp "$work/out" "$work/runs"
while read -r text; do
	has "$work/runs" "trap.*/maze/$text" "named: $text"
done <<-NAMES
	circle/: segments that come again
	calendar/: dates more than a year ahead
	dry/: pages in a row
	: too many queries of one path
	.*: more pages than the share
NAMES
asked_by() { # documents of a source that were read
	sql "SELECT count(*) FROM document JOIN source ON source.id = source_id WHERE name = '$1' AND done > 0"
}
is "$(asked_by query | awk '{ print ($1 <= 66) }')" 1 \
	"a path has so many queries"
is "$(sql "SELECT count(*) BETWEEN 1 AND 2 FROM failure WHERE reason = 'trap' AND subject LIKE '%/maze/calendar/' AND detail LIKE 'dates%'")" 1 \
	"each source tells once of a section"
is "$(asked_by calendar | awk '{ print ($1 <= 24) }')" 1 \
	"nobody waits for the years to come"

# ---- sitemaps and feeds ------------------------------------------------------

again --made 30
workspace <<CONF
source "map" {
	type = sitemap
	url = "$WEB_URL/maze/index.xml"
	label = rings
	depth = 1
}
CONF
g gather
is "$rc" 0 "a sitemap is gathered"
is "$(asked 'index') $(asked 'rings.xml')" "2 1" \
	"an index leads to an index, and that to no more"
count "its pages are read" \
	"SELECT count(*) > 10 FROM url WHERE state = 'held' AND url LIKE '%/rings/%'" 1
is "$(web_asked '^/gallery/rings/page/3')" 1 "and their next pages"
is "$(asked 'deep')" 0 "but not what those link to"
count "its images are taken, with what it says" \
	"SELECT caption FROM sighting WHERE caption LIKE 'One%'" "One & only"
g runs -v
has "$work/out" "trap.*sitemaps that lead to sitemaps" "the end is named"
g gather --force
is "$(asked 'deep')" 0 "when nothing has changed, it leads no further"

again --made 30
printf 'User-agent: *\nDisallow: /private/\nSitemap: /maze/index.xml\n' \
	>"$work/robots"
web_stop
web_start --made 30 --robots "$work/robots"
workspace <<CONF
source "site" {
	type = page
	url = "$WEB_URL/static/"
	label = rings
	sitemaps = yes
}
CONF
g gather
count "robots.txt leads to sitemaps" \
	"SELECT count(*) > 10 FROM url WHERE state = 'held' AND url LIKE '%/rings/%'" 1

again --made 30
workspace <<CONF
source "news" {
	type = feed
	url = "$WEB_URL/maze/news.xml"
	label = rings
}
source "same" {
	type = page
	url = "$WEB_URL/maze/news.xml"
	label = stripes
	depth = 0
}
source "none" {
	type = feed
	url = "$WEB_URL/maze/"
}
CONF
g gather
count "a feed is gathered, and its pages" \
	"SELECT count(*) > 10 FROM url WHERE state = 'held' AND url LIKE '%/rings/%'" 1
count "a page that is a feed is read as one" \
	"SELECT count(*) FROM sighting JOIN source ON source.id = source_id WHERE name = 'same'" 2
count "with the page and the title of its items" \
	"SELECT title || ' ' || (page LIKE '%/gallery/rings/page/2') FROM sighting JOIN source ON source.id = source_id JOIN url ON url.id = url_id WHERE name = 'same' AND url LIKE '%/2.png'" "A ring 1"
count "what is no feed is told" \
	"SELECT detail FROM failure WHERE reason = 'unreadable'" "it is no feed"
g source types
for type in sitemap feed; do
	has "$work/out" "^ *$type" "source types explains $type"
done
g check
is "$rc" 0 "check finds nothing wrong"
finish
