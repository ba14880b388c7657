#!/bin/sh
# Nobody from outside leads us inside.  In a network namespace of its own all
# kinds of addresses are this machine's, with a server that listens: so a
# refusal is the filter's.  The control shows that each would have answered.
# shellcheck disable=SC1091,SC2119,SC2154
: "${srcdir:=.}" "${builddir:=.}"
if [ -z "${GRIDDLE_TEST_INSIDE:-}" ]; then
	if ! command -v ip >/dev/null || ! command -v unshare >/dev/null ||
		! unshare -rnm sh -c 'ip link set lo up && \
			mount --bind /dev/null /etc/resolv.conf && \
			ip -6 addr add 2001:db8::1/128 dev lo nodad' 2>/dev/null
	then
		echo "1..0 # SKIP no network namespace of our own is permitted"
		exit 0
	fi
	GRIDDLE_TEST_INSIDE=1 exec unshare -rnm --kill-child --fork \
		sh "$0" "$@"
fi
. "$srcdir/tests/e2e.sh"

public=93.184.216.34
ip link set lo up
for address in $public 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 \
	100.64.0.1 198.18.0.1 192.0.0.8 192.0.2.1 192.88.99.1 198.51.100.1 \
	203.0.113.1; do
	ip addr add "$address/32" dev lo || exit 99
done
for address in 2606:2800:220:1::1 fd00::1 fe80::1 fec0::1 2001:db8::1 \
	2001::1 3fff::1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2002:7f00:1::; do
	ip -6 addr add "$address/128" dev lo nodad || exit 99
done
cat >"$work/hosts" <<-HOSTS
	127.0.0.1 localhost
	$public public.test
	10.0.0.1 ten.test
	169.254.169.254 metadata.test
	::1 six.test
	::ffff:10.0.0.1 mapped.test
HOSTS
echo "nameserver 127.0.0.53" >"$work/resolv.conf"
echo "hosts: files dns" >"$work/nsswitch.conf"
for file in hosts resolv.conf nsswitch.conf; do
	mount --bind "$work/$file" /etc/$file || exit 99
done

mkdir -p "$WEB_DIR"
web_start
web_also raw --bind :: --port 80
log=$WEB_DIR/raw.log

# HOST, and the address that it is
cat >"$work/hosts.list" <<-'ROWS'
	127.0.0.1 127.0.0.1
	2130706433 127.0.0.1
	0x7f.1 127.0.0.1
	0177.0.0.1 127.0.0.1
	127.1 127.0.0.1
	127.8.9.10 127.8.9.10
	0.0.0.0 127.0.0.1
	localhost 127.0.0.1
	[::1] ::1
	[::ffff:127.0.0.1] 127.0.0.1
	[::ffff:a00:1] 10.0.0.1
	[64:ff9b::7f00:1] 64:ff9b::7f00:1
	[64:ff9b:1::1] 64:ff9b:1::1
	[2002:7f00:1::] 2002:7f00:1::
	[fd00::1] fd00::1
	[fec0::1] fec0::1
	[2001:db8::1] 2001:db8::1
	[2001::1] 2001::1
	[3fff::1] 3fff::1
	[100::1] 100::1
	10.0.0.1 10.0.0.1
	0xa000001 10.0.0.1
	172.16.0.1 172.16.0.1
	192.168.1.1 192.168.1.1
	169.254.169.254 169.254.169.254
	100.64.0.1 100.64.0.1
	198.18.0.1 198.18.0.1
	192.0.0.8 192.0.0.8
	192.0.2.1 192.0.2.1
	192.88.99.1 192.88.99.1
	198.51.100.1 198.51.100.1
	203.0.113.1 203.0.113.1
	ten.test 10.0.0.1
	metadata.test 169.254.169.254
	six.test ::1
	mapped.test 10.0.0.1
ROWS
{
	i=0
	while read -r host _; do
		i=$((i + 1))
		echo "http://$public/to/$i?http://$host/r$i/good.png"
		echo "http://$host/d$i/good.png"
	done <"$work/hosts.list"
	echo "http://$public/fine/good.png"
	echo "http://public.test/named/good.png"
	echo "http://[2606:2800:220:1::1]/six/good.png"
} >"$work/list.txt"

inside() { # networks that are allowed
	rm -rf "$ws"
	: >"$log"
	workspace <<-CONF
		source "list" { type = list  path = "$work/list.txt"  label = rings }
	CONF
	sed "s|allow_private = .*|allow_private = { $1 }|" \
		"$ws/griddle.conf" >"$work/conf"
	cp "$work/conf" "$ws/griddle.conf"
	http_proxy=http://10.0.0.1:80 all_proxy=http://10.0.0.1:80 \
		"$griddle" -C "$ws" gather >"$work/out" 2>"$work/err"
	is $? 0 "a gather with allow_private = { $1 }"
	g runs -v
	cp "$work/out" "$work/reasons"
}

# ---- the filter -------------------------------------------------------------

inside ''
i=0
while read -r host address; do
	i=$((i + 1))
	is "$(grep private_address "$work/reasons" |
		grep -cE "(/to/$i\?|/d$i/good)")" 2 \
		"$host is refused, straight and by a redirect"
done <"$work/hosts.list"
is "$(cut -f 10 "$log" | sort -u | grep -vxF -e $public \
	-e 2606:2800:220:1::1)" "" "no other address has seen a byte"
is "$(grep -cE '	/(fine|named|six)/' "$log")" 3 \
	"what is public is fetched, by IPv4, IPv6 and by name"
is "$(grep -c '	http://' "$log")" 0 "a proxy of the environment is not used"

# ---- the control ------------------------------------------------------------

inside '"0.0.0.0/0", "::/0"'
i=0
while read -r host address; do
	i=$((i + 1))
	is "$(awk -F '\t' -v a="$address" -v i=$i '$10 == a &&
		($2 == "/r" i "/good.png" || $2 == "/d" i "/good.png")' \
		"$log" | wc -l)" 2 "allowed, $host would have answered at $address"
done <"$work/hosts.list"

# Only what is named is allowed.
inside '"10.0.0.0/8"'
is "$(cut -f 10 "$log" | sort -u | grep -vxF -e $public \
	-e 2606:2800:220:1::1)" 10.0.0.1 "allow_private allows what it names"

# ---- names that change ------------------------------------------------------

python=/usr/bin/python3
if ! $python -c '' 2>/dev/null; then
	n=$((n + 1))
	echo "ok $n # SKIP no python3 for a name server"
	finish
fi
$python "$srcdir/tests/web/names.py" 127.0.0.53 "$work/names.port" \
	"rebind.test=$public;10.0.0.1" "both.test=$public,10.0.0.1" \
	"inside.test=192.168.1.1" "broken.test=servfail" "mapped6.test=::ffff:10.0.0.1" &
web_others="${web_others:-} $!"
names=$!
tries=100
until [ -s "$work/names.port" ] || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.05
done
scraper_more='retries = 0'
{
	echo "http://rebind.test/before/good.png"
	echo "http://both.test/both/good.png"
	echo "http://inside.test/inside/good.png"
	echo "http://mapped6.test/mapped/good.png"
	echo "http://broken.test/good.png"
	echo "http://nobody.test/good.png"
	echo "http://nobody.invalid/good.png"
} >"$work/list.txt"
inside ''
is "$(awk -F '\t' '$2 == "/before/good.png" { print $10 }' "$log")" $public \
	"a name is asked where it leads"
has "$work/reasons" 'private_address.*inside.test' \
	"one that leads inside is refused"
has "$work/reasons" 'private_address.*mapped6.test' \
	"also by an IPv6 address that holds one"
for name in broken.test nobody.test nobody.invalid; do
	has "$work/reasons" "dns_failed.*$name" "$name has no address: dns_failed"
done
is "$(cut -f 10 "$log" | sort -u)" $public \
	"of several addresses only the public one is asked"
echo "http://rebind.test/after/good.png" >>"$work/list.txt"
: >"$log"
g gather --force
g runs -v
has "$work/out" 'private_address.*rebind.test/after' \
	"a name that leads inside the second time is refused then"
is "$(cut -f 10 "$log" | grep -c '^10\.')" 0 "and nothing there is asked"
kill $names
wait $names 2>/dev/null
web_others=$(echo "$web_others" | sed "s/ $names\$//")
finish
