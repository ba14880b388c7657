#!/bin/bash
# fetch.sh: the engine alone, photographs to nowhere: against the least that
# libcurl needs and curl --parallel, from nginx on loopback; over HTTPS with a
# new connection each; and from 200 hosts whose answers take 20 ms.  Prints
# medians of several runs in turn, and ratios.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_IMAGES:=4000}" "${BENCH_RUNS:=3}"
if ! command -v nginx >/dev/null && ! [ -x /usr/sbin/nginx ]; then
	echo "fetch: skipped, there is no nginx"
	exit 0
fi
work=$(mktemp -d)
servers=
# shellcheck disable=SC2329 # is called by the trap
finish() {
	for pid in $servers; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 99' INT TERM
bench=$builddir/tests/bench/bench_fetch
port=$((20000 + $$ % 20000))

photos=$srcdir/../shared/data/photos/clothing
if [ ! -d "$photos" ]; then
	photos=$work/photos
	sh "$srcdir/tests/web/photos.sh" "$photos" >/dev/null || exit 2
fi
photos=$(cd "$photos" && pwd -P)
find "$photos" -name '*.jpg' -printf '%P\n' | sort >"$work/names"

# An authority of our own, which alone is trusted here.
(
	cd "$work" || exit 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout ca.key -out ca.pem -days 2 -subj "/CN=bench"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout tls.key -out tls.csr -subj "/CN=127.0.0.1"
	printf 'subjectAltName=IP:127.0.0.1' >san
	openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key \
		-CAcreateserial -out tls.pem -days 2 -extfile san
) >/dev/null 2>&1 || exit 2
# As many as a system trusts, so that reading them costs what it costs there.
cat "$work/ca.pem" /etc/ssl/certs/ca-certificates.crt >"$work/trusted.pem" \
	2>/dev/null

cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx.err;
events { worker_connections 4096; }
http {
	access_log off;
	sendfile on;
	client_body_temp_path $work/body;
	proxy_temp_path $work/proxy;
	fastcgi_temp_path $work/fastcgi;
	uwsgi_temp_path $work/uwsgi;
	scgi_temp_path $work/scgi;
	root $photos;
	server {
		listen 127.0.0.1:$port;
		keepalive_requests 1000000;
	}
	server {
		listen 127.0.0.1:$((port + 1)) ssl;
		keepalive_timeout 0;
		ssl_certificate $work/tls.pem;
		ssl_certificate_key $work/tls.key;
	}
}
CONF
PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" 2>/dev/null &
servers=$!
file=$photos/$(head -n 1 "$work/names")
"$bench" serve $((port + 2)) 0 "$file" &
servers="$servers $!"
"$bench" serve $((port + 3)) 20 "$file" &
servers="$servers $!"
for ((tries = 0; tries < 100; tries++)); do
	curl -s -o "$work/first" "http://127.0.0.1:$port/" && break
	sleep 0.05
done

urls() { # scheme://host:port, how many
	awk -v base="$1" -v n="$2" '{ v[NR] = $0 }
		END { for (i = 0; i < n; i++) print base "/" v[i % NR + 1] }' \
		"$work/names"
}
hosts() { # port, how many: of 200 hosts in turn
	awk -v port="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++)
		printf "http://127.0.%d.%d:%d/%d.jpg\n", i % 200 / 100,
			i % 100 + 1, port, i }'
}
urls "http://127.0.0.1:$port" "$BENCH_IMAGES" >"$work/http"
urls "https://127.0.0.1:$((port + 1))" "$((BENCH_IMAGES / 4))" >"$work/https"
hosts $((port + 2)) "$BENCH_IMAGES" >"$work/quick"
hosts $((port + 3)) "$BENCH_IMAGES" >"$work/late"
# The tool reads all that it trusts anew for each, so a few have to do.
head -n 100 "$work/https" >"$work/few"
for list in http few; do
	awk '{ print "url=" $0; print "output=/dev/null" }' "$work/$list" \
		>"$work/$list.curl"
done

measure() { # name, command...: adds "real cpu peak" to its file
	local name=$1
	shift
	"$builddir/tests/bench/measure" "$work/$name.times" "$@" \
		>"$work/$name.out" 2>"$work/$name.err" ||
		echo "fetch: $name failed: $(head -n 1 "$work/$name.err")"
}

for ((i = 0; i < BENCH_RUNS; i++)); do
	measure http-griddle "$bench" griddle "$work/http" 64 64
	measure http-bare "$bench" bare "$work/http" 64
	measure http-curl curl -s --parallel --parallel-max 64 \
		-K "$work/http.curl"
	SSL_CERT_FILE=$work/trusted.pem \
		measure https-griddle "$bench" griddle "$work/https" 64 64
	SSL_CERT_FILE=$work/trusted.pem \
		measure https-bare "$bench" bare "$work/https" 64
	CURL_CA_BUNDLE=$work/trusted.pem \
		measure https-curl curl -s --parallel --parallel-max 64 \
		-K "$work/few.curl"
	measure quick-griddle "$bench" griddle "$work/quick" 2 256
	measure late-griddle "$bench" griddle "$work/late" 2 256
done

median() { # name, column
	sort -n -k "$2,$2" "$work/$1.times" | awk -v c="$2" '{ v[NR] = $c }
		END { print v[int((NR + 1) / 2)] }'
}
row() { # name, list, name to compare with
	awk -v name="$1" -v n="$(wc -l <"$work/$2")" \
		-v got="$(cat "$work/$1.out" 2>/dev/null)" \
		-v r="$(median "$1" 1)" -v c="$(median "$1" 2)" \
		-v m="$(median "$1" 3)" -v br="$(median "$3" 1)" \
		-v bc="$(median "$3" 2)" 'BEGIN {
		printf "  %-14s %6.0f images/s  %6.3f ms CPU each  %4.0f MiB", \
			name, n / r, 1000 * c / n, m / 1024
		printf "  (%.2f of its time, %.2f of its CPU)", r / br, c / bc
		if (got != "" && got != n) printf "  ONLY %d CAME", got
		print "" }'
}
echo "fetch: $BENCH_IMAGES photographs from loopback, median of $BENCH_RUNS"
echo " one host, kept connections; (of curl --parallel's)"
for tool in griddle bare curl; do row "http-$tool" http http-curl; done
echo " https, verified, a new connection each; (of the bare loop's)"
for tool in griddle bare; do row "https-$tool" https https-bare; done
row https-curl few https-curl
echo " 200 hosts at 0 and 20 ms; (of the rate without latency)"
for list in quick late; do row "$list-griddle" "$list" quick-griddle; done
