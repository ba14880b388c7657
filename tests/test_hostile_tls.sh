#!/bin/sh
# Only a certificate that is good lets an image in.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

if ! command -v openssl >/dev/null || ! web_certs "$work/certs"; then
	echo "1..0 # SKIP openssl is not installed"
	exit 0
fi
web_start
for cert in good expired wrong self unknown; do
	web_also $cert --tls-cert "$work/certs/$cert.pem" \
		--tls-key "$work/certs/$cert.key"
	echo "https://127.0.0.1:$web_port/made/rings/0.png?$cert"
	eval "port_$cert=$web_port"
done >"$work/list.txt"
# shellcheck disable=SC2154 # by eval
{
	echo "https://127.0.0.1:$port_good/hostile/lead?url=http://127.0.0.1:$WEB_PORT/made/rings/1.png"
	echo "http://127.0.0.1:$WEB_PORT/hostile/lead?url=https://127.0.0.1:$port_good/made/rings/2.png"
	echo "http://127.0.0.1:$WEB_PORT/hostile/lead?url=https://127.0.0.1:$port_self/made/rings/3.png"
	echo "http://127.0.0.1:$port_good/made/rings/4.png"
} >>"$work/list.txt"
scraper_more="ca_file = \"$work/certs/ca.pem\""
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
g gather
is "$rc" 0 "certificates of all kinds do not stop a run"
g runs -v
cp "$work/out" "$work/reasons"
for cert in expired wrong self unknown; do
	has "$work/reasons" "tls_failed.*0\\.png\\?$cert" \
		"a certificate that is $cert is refused"
	is "$(grep -c made "$WEB_DIR/$cert.log")" 0 "and nothing asked of it"
done
# shellcheck disable=SC2154 # by eval
has "$work/reasons" "tls_failed.*127.0.0.1:$port_self/made/rings/3.png" \
	"also behind a redirect"
g list --json
cp "$work/out" "$work/arrived"
has "$work/arrived" '0\.png\?good' "with a good one the image arrives"
is "$(grep -c '/made/rings/2.png' "$WEB_DIR/good.log")" 1 \
	"http may lead to https"
has "$work/reasons" "(bad_headers|incomplete|connect_failed|empty|client_error|robots_unreachable).*:$port_good/made/rings/4.png" \
	"http to a port of https is named"
is "$(cat "$WEB_DIR"/*.log | cut -f 9 | sort -u)" - "and no secret goes along"

# Without our authority none is good.
rm -rf "$ws"
scraper_more=
workspace <<CONF
source "list" { type = list  path = "$work/list.txt"  label = rings }
CONF
g gather
g runs -v
has "$work/out" 'tls_failed.*0\.png\?good' \
	"an authority that is not named is not trusted"
g check
is "$rc" 0 "check finds nothing wrong"
finish
