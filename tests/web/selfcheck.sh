#!/bin/sh
# selfcheck.sh: one answer of each kind that webd gives, looked at with curl.
# shellcheck disable=SC1091,SC2016,SC2034
: "${srcdir:=.}"
. "$srcdir/tests/web/lib.sh"
if ! command -v curl >/dev/null; then
	echo "1..0 # SKIP curl is not installed"
	exit 0
fi
work=$(mktemp -d)
WEB_DIR=$work/web
trap 'web_stop || :; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

n=0
failed=0
agent='griddle/0 (test@example.org)'
api='/w/api.php?action=query&format=json&generator=categorymembers'
api="$api&gcmtype=file&prop=imageinfo&iiprop=url|size|sha1|extmetadata"

is() { # got, wanted, text
	n=$((n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $n - $3"
	else
		failed=1
		echo "not ok $n - $3"
		printf 'got %s\nwanted %s\n' "$1" "$2" | sed 's/^/# /'
	fi
}
get() { # path, [curl's options]
	get_path=$1
	shift
	curl -s --max-time 10 -A "$agent" "$@" "$WEB_URL$get_path"
}
status() { # path, [curl's options]
	status_path=$1
	shift
	get "$status_path" -o /dev/null -w '%{http_code}' "$@"
}
field() { # path, header name, [curl's options]
	field_path=$1
	field_name=$2
	shift 2
	get "$field_path" -o /dev/null -D - "$@" | tr -d '\r' |
		sed -n "s/^$field_name: //p"
}
magic() { # path: the first four bytes of a body, whatever follows
	get "$1" --max-time 2 | head -c 4 | od -An -tx1 | tr -d ' \n'
}
png=89504e47
jpeg=ffd8ffe0

# ---- made pictures, without a root ------------------------------------------

web_start
is "$(magic /made/stripes/0.png)" $png "a made picture is a PNG"
is "$(get /made/rings/3.png | cksum)" "$(get /made/rings/3.png | cksum)" \
	"a made picture is the same each time"
get /made/rings/3.png >"$work/a"
get '/made/rings/3.png?copy=1' >"$work/b"
is "$(cmp -s "$work/a" "$work/b"; echo $?)" 1 "its copy has other bytes"
get /made/stripes/3.png >"$work/b"
is "$(cmp -s "$work/a" "$work/b"; echo $?)" 1 "another class differs"
is "$(get '/made/x/?n=7&copies=2' | grep -c '<img')" 9 \
	"a page has as many made pictures as asked"
is "$(status /made/x/1000000.png) $(status /made/x/y.png)" "404 404" \
	"a made picture has a number below a million"
is "$(get /lists/all.csv | wc -l)" 41 "without a root the lists are made"
is "$(get /lists/rings.txt | tail -n 1)" "$WEB_URL/made/rings/19.png" \
	"a list has absolute addresses"
is "$(get /gallery/rings/page/1 | grep -c '<figure>')" 12 \
	"without a root the gallery is made"
is "$(status /nothing) $(status /gallery/none/) $(status /img/a/b.png)" \
	"404 404 404" "what there is not is 404"
web_stop
is $? 0 "webd ends well when asked"

# ---- a tree of photographs --------------------------------------------------

mkdir -p "$work/root/cats/big" "$work/root/a dog & co"
i=0
while [ $i -lt 25 ]; do
	cp "$work/a" "$work/root/cats/big/$i.png"
	i=$((i + 1))
done
cp "$work/a" "$work/root/cats/no-image.txt"
cp "$work/a" "$work/root/cats/.hidden.png"
cp "$work/a" "$work/root/outside.png"
cp "$work/b" "$work/root/a dog & co/wuff #1.png"
touch -d '2026-01-02 03:04:05 UTC' "$work/root/cats/big/0.png"

web_start --root "$work/root"
one=/img/cats/big/0.png
size=$(wc -c <"$work/a")
etag=$(field $one ETag)
date='Fri, 02 Jan 2026 03:04:05 GMT'
is "$(get $one | cksum)" "$(cksum <"$work/a")" "an image is its file"
is "$(field $one Content-Type)" image/png "an image has its type"
is "$(field $one Last-Modified)" "$date" "an image has its file's date"
is "$(status $one -I) $(field $one Content-Length -I)" "200 $size" \
	"HEAD says the size"
is "$(status $one -H "If-None-Match: $etag")" 304 "the same ETag is 304"
is "$(status $one -H "If-None-Match: \"x\", W/$etag")" 304 \
	"an ETag in a list is 304"
is "$(status $one -H 'If-None-Match: "x"' -H "If-Modified-Since: $date")" \
	200 "another ETag outweighs the date"
is "$(status $one -H "If-Modified-Since: $date")" 304 "the same date is 304"
is "$(status $one -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT')" \
	200 "an older date is 200"
is "$(get $one -r 10-19 | cksum)" "$(tail -c +11 "$work/a" | head -c 10 |
	cksum)" "a range is those bytes"
is "$(status $one -r 10-19) $(field $one Content-Range -r 10-19)" \
	"206 bytes 10-19/$size" "a range is 206 and says where it is"
is "$(get $one -r -5 | cksum)" "$(tail -c 5 "$work/a" | cksum)" \
	"a range from the end is the last bytes"
is "$(field $one Content-Range -r "$((size - 3))-")" \
	"bytes $((size - 3))-$((size - 1))/$size" "an open range ends at the end"
is "$(status $one -r "$size-") $(field $one Content-Range -r "$size-")" \
	"416 bytes */$size" "a range behind the end is 416"
is "$(status $one -r 0-1,5-6)" 200 "two ranges are answered with all"
is "$(status $one -r 0-1 -H 'If-Range: "x"')" 200 \
	"a range of another version is answered with all"
is "$(status $one -r 0-1 -H "If-Range: $etag")" 206 \
	"a range of this version is given"
is "$(status '/img/a%20dog%20%26%20co/wuff%20%231.png')" 200 \
	"a path is percent-decoded"
is "$(status /img/cats/../outside.png --path-as-is) $(status \
	/img/cats/%2e%2e/outside.png) $(status /img/cats/.hidden.png) $(status \
	/img/outside.png) $(status /img/cats/no-image.txt)" \
	"404 404 404 404 404" "only images of a class are served"
is "$(status $one -X POST -d x=1) $(field $one Allow -X DELETE)" \
	"405 GET, HEAD" "other methods are refused"
is "$(get $one -o "$work/k1" -w '%{num_connects}' "$WEB_URL$one" -o \
	"$work/k2")" 10 "a connection is used again"

# ---- the gallery ------------------------------------------------------------

page=$(get /gallery/cats/page/1)
is "$(get /gallery/ | grep -c 'href="/gallery/')" 2 "there is a page of classes"
is "$(get /gallery/cats/ | grep -c '/gallery/cats/page/')" 3 \
	"a class has its pages"
is "$(get '/gallery/a%20dog%20%26%20co/page/1' |
	grep -c 'img/a%20dog%20%26%20co/wuff%20%231.png')" 1 \
	"addresses in pages are percent-encoded"
for way in '<img src="/img/' 'srcset=.* 80w, .* 640w' '<source type=' \
	'data-src="/img/' "SRC='../../../img/" '<a href="/img/' \
	'property="og:image" content="http://' 'rel="next"' \
	'http://offsite.invalid/' '/private/secret.html'; do
	is "$(echo "$page" | grep -qe "$way" && echo yes)" yes \
		"a page has $way"
done
is "$(get /gallery/cats/page/2 | grep -c '<base href="/img/cats/">')" 1 \
	"every second page has a base"
is "$(get /gallery/cats/page/3 | grep -c 'rel="next"')" 0 \
	"the last page has no next"
is "$(status /gallery/cats/page/4) $(status /gallery/cats/page/0)" \
	"404 404" "there are no more pages"
is "$(status /gallery/cats/page/1 -H "If-None-Match: $(field \
	/gallery/cats/page/1 ETag)")" 304 "a page that did not change is 304"
is "$(magic /static/blank.gif)" 47494638 "the placeholder is a GIF"
is "$(get /robots.txt | grep -c '^Disallow: /private/$')" 1 \
	"robots.txt forbids /private/"
is "$(status /private/secret.html) $(status /private/secret.png)" \
	"200 200" "what is forbidden exists"

# ---- lists, the log and the counter -----------------------------------------

is "$(get /lists/cats.txt | head -n 1)" "$WEB_URL$one" "a list of a class"
is "$(get /lists/all.csv | tr -d '\r' | head -n 2 | tail -n 1)" \
	"$WEB_URL/img/a%20dog%20%26%20co/wuff%20%231.png,\"a dog & co\",\"CC BY-SA 4.0\"" \
	"a list as CSV"
is "$(get /lists/all.jsonl | tail -n 1)" \
	"{\"url\":\"$WEB_URL/img/cats/big/9.png\",\"label\":\"cats\",\"licence\":\"CC0\"}" \
	"a list as JSON Lines"
: >"$WEB_LOG"
get '/img/cats/big/%31.png?w=80' -o /dev/null
is "$(cut -f 1-5 "$WEB_LOG")" "$(printf 'GET\t%s\t200\t%s\t%s' \
	'/img/cats/big/%31.png?w=80' "$size" "$agent")" \
	"the log has the request as it came"
get '/img/cats/big/%31.png?w=80' -o /dev/null
is "$(get /counter | grep -F '%31.png?w=80')" \
	' "/img/cats/big/%31.png?w=80": 2,' "the counter counts"
is "$(web_asked '%31')" 2 "web_asked counts"

# ---- the API ----------------------------------------------------------------

is "$(curl -s -o /dev/null -w '%{http_code}' "$WEB_URL$api")" 403 \
	"the API wants a contact"
is "$(get "$api&gcmtitle=Category:None&formatversion=2")" \
	'{"batchcomplete":true}' "an unknown category is empty"
ask="$api&gcmtitle=Category:Cats&gcmlimit=10&formatversion=2"
is "$(get "$ask" | grep -o '"url":' | wc -l)" 10 "a batch has its limit"
is "$(get "$api&gcmtitle=Category:Cats" | grep -o '"pages":{"10002":')" \
	'"pages":{"10002":' "the first format is an object by number"
is "$(get "$api&gcmtitle=category:a_dog_%26_co&iiurlwidth=60" |
	grep -oE '"thumburl":"[^"]*"')" \
	"\"thumburl\":\"$WEB_URL/img/a%20dog%20%26%20co/wuff%20%231.png?w=60\"" \
	"underscores are spaces, and a thumbnail has its width"
is "$(get "$ask" | grep -oE '"sha1":"[^"]*"' | head -n 1)" \
	"\"sha1\":\"$(sha1sum "$work/a" | cut -d ' ' -f 1)\"" \
	"the API says the true SHA-1"

# all_of QUERY: every address that the API gives when one goes on to the end
# (with grep for want of a JSON reader), and the number of answers.
all_of() {
	next=
	answers=0
	while [ $answers -lt 20 ]; do
		get "$1$next" >"$work/answer"
		answers=$((answers + 1))
		grep -oE '"url":"[^"]*"' "$work/answer"
		next=$(sed -n 's/.*"continue":{\([^}]*\)}.*/\1/p' \
			"$work/answer" | tr -d '"' | tr ',:' '&=')
		[ -n "$next" ] || break
		next="&$next"
	done
	echo "$answers answers"
}
is "$(all_of "$ask" | sort | uniq -c | awk '{ print $1 }' | uniq -c |
	awk '{ print $1 }')" 26 "continuing gives each file once"
is "$(all_of "$ask" | tail -n 1)" "3 answers" "and ends"
is "$(get "$ask&gcmcontinue=x|y|z" | grep -o badcontinue)" badcontinue \
	"a wrong continue is an error"
web_stop
web_start --root "$work/root" --imageinfo-max 4 --licence 'GPL-2.0'
is "$(all_of "$ask" | sort | uniq -c | awk '{ print $1 }' | uniq -c |
	awk '{ print $1 }')" 26 "imageinfo in parts gives each file once"
is "$(all_of "$ask" | tail -n 1)" "8 answers" "and ends"
is "$(get "$ask" | grep -o batchcomplete)" "" \
	"a batch without all imageinfo is not complete"
is "$(get "$ask" | grep -o 'LicenseShortName":{"value":"GPL-2.0' | uniq)" \
	'LicenseShortName":{"value":"GPL-2.0' "a licence can be set"
web_stop
web_start --maxlag-once
is "$(get "$ask" -D - | tr -d '\r' | grep -c -e '^Retry-After: 1$' \
	-e '"code":"maxlag"') $(get "$ask")" '2 {"batchcomplete":true}' \
	"maxlag comes once"

# ---- hostile ----------------------------------------------------------------

h=/hostile
is "$(get $h/ | grep -c '<img')" 17 "the hostile page has one of each"
is "$(magic $h/good.png) $(field $h/good.png Content-Type)" \
	"$png image/png" "good.png"
is "$(magic $h/broken.png) $(get $h/broken.png | grep -ac IEND)" "$png 0" \
	"broken.png has no end"
is "$(magic $h/endless.jpg) $(field $h/endless.jpg Transfer-Encoding \
	--max-time 1)" "$jpeg chunked" "endless.jpg does not say where it ends"
sent=$(get $h/endless.jpg --max-time 2 | wc -c)
is "$([ "$sent" -gt 500000 ] && [ "$sent" -lt 3000000 ] && echo paced)" \
	paced "endless.jpg is paced"
sent=$(get $h/slow.jpg --max-time 3 | wc -c)
is "$([ "$sent" -ge 2 ] && [ "$sent" -le 4 ] && echo slow)" slow \
	"slow.jpg is slow"
is "$(status $h/missing.jpg) $(status $h/gone.jpg) $(status \
	$h/error500.jpg)" "404 410 500" "missing, gone and error500"
is "$(get $h/liar.jpg | head -c 9) $(field $h/liar.jpg Content-Type)" \
	"<!DOCTYPE image/jpeg" "liar.jpg"
is "$(magic $h/honest-liar.txt) $(field $h/honest-liar.txt Content-Type)" \
	"$png text/plain" "honest-liar.txt"
is "$(get $h/huge.jpg | wc -c)" 314572800 "huge.jpg is huge"
is "$(get /sent | grep -o 'huge.jpg": 3145728')" 'huge.jpg": 3145728' \
	"what was sent of a stream is counted"
is "$(get $h/short.jpg | wc -c) $(field $h/short.jpg Content-Length)" \
	"20000 50000" "short.jpg is shorter than it says"
get $h/short.jpg -o /dev/null
is $? 18 "and curl notices"
is "$(status $h/flaky.jpg) $(field $h/flaky.jpg Retry-After) $(status \
	$h/flaky.jpg)" "503 1 200" "flaky.jpg works the third time"
is "$(status $h/redirect.jpg) $(magic $h/redirect.jpg) $(get \
	$h/redirect.jpg -L | head -c 4 | od -An -tx1 | tr -d ' \n')" \
	"302  $png" "redirect.jpg leads to an image"
get $h/loop.jpg -L --max-redirs 5 -o /dev/null
is $? 47 "loop.jpg never ends"
is "$(field "$h/lead?url=http://a.test/b" Location)" http://a.test/b \
	"lead leads wherever it is told"
is "$(get /trap/ | grep -c '<a ') $(get /trap/1/2/ | grep -o \
	'/trap/1/2/3/') $(get '/trap/1/?month=7' | grep -o 'month=8')" \
	"11 /trap/1/2/3/ month=8" "a trap leads on and on"
is "$(field $h/private-redirect.jpg Location)" http://10.0.0.1/x.jpg \
	"private-redirect.jpg leads inside"
is "$(status $h/empty.jpg) $(field $h/empty.jpg Content-Length)" "200 0" \
	"empty.jpg"
is "$(get $h/bomb.gif | head -c 10 | od -An -tx1 | tr -d ' \n')" \
	474946383961ffffffff "bomb.gif claims a vast canvas"

# ---- options ----------------------------------------------------------------

: >"$WEB_LOG"
get $h/endless.jpg -o /dev/null &
get $h/slow.jpg -o /dev/null &
i=0
while [ "$(web_asked 'slow|endless')" -lt 2 ] && [ $i -lt 50 ]; do
	sleep 0.1
	i=$((i + 1))
done
before=$(date +%s)
web_stop
is "$? $(($(date +%s) - before < 3))" "0 1" "webd ends under load, and soon"
printf 'User-agent: griddle\nDisallow: /\n' >"$work/robots"
web_start --robots "$work/robots" --bind 0.0.0.0 --delay 300
is "$(get /robots.txt)" "$(cat "$work/robots")" "robots.txt can be set"
is "$(curl -s -o /dev/null -w '%{http_code}' \
	"http://127.3.2.1:$WEB_PORT/")" 200 "bound to all, it serves 127.x"
is "$(get / -o /dev/null -w '%{time_total}' | grep -cE '^(0\.[3-9]|[1-9])')" 1 \
	"each answer can be delayed"
web_stop
web_start --robots-status 503
is "$(status /robots.txt)" 503 "robots.txt can fail"
web_stop

# ---- TLS --------------------------------------------------------------------

if command -v openssl >/dev/null && web_certs "$work/certs"; then
	web_start
	for cert in good expired wrong self unknown; do
		web_also $cert --tls-cert "$work/certs/$cert.pem" \
			--tls-key "$work/certs/$cert.key" --bind 0.0.0.0
		curl -s --cacert "$work/certs/ca.pem" -o /dev/null \
			"https://127.0.0.2:$web_port/robots.txt"
		echo "$cert $?"
	done >"$work/tls"
	is "$(tr '\n' ' ' <"$work/tls")" \
		"good 0 expired 60 wrong 60 self 60 unknown 60 " \
		"only the good certificate is taken"
	web_stop
else
	n=$((n + 1))
	echo "ok $n # SKIP openssl is not installed"
fi

echo "1..$n"
exit $failed
