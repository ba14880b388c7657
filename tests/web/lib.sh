# shellcheck shell=sh disable=SC2034 # what is set is for the test
# lib.sh: start and stop webd; to be sourced by shell tests.
#
#	. "$srcdir/tests/web/lib.sh"
#	trap web_stop EXIT
#	web_start --root "$photos"
#	... "$WEB_URL/gallery/animals/" ...
#	[ "$(web_asked '^/private/')" = 0 ]
#
# The log has a line for each answer, with tabs: method, target, status, size,
# agent, milliseconds when it came and when it was answered, Host, and which
# secrets came along (cookie, authorization, or -).
#
# WEB_DIR is where the port file and the log are; set it first if it should
# not be a new temporary folder (which web_stop removes).

# web_start [webd's options]: sets WEB_URL, WEB_PORT, WEB_LOG, WEB_PID; ends
# the test when webd does not listen within 5 s.  The log starts empty.
web_start() {
	if [ -n "${WEB_PID:-}" ]; then
		echo "web_start: webd runs already" >&2
		exit 99
	fi
	if [ -z "${WEB_DIR:-}" ]; then
		WEB_DIR=$(mktemp -d) || exit 99
		web_own_dir=$WEB_DIR
	fi
	mkdir -p "$WEB_DIR" || exit 99
	WEB_LOG=$WEB_DIR/web.log
	rm -f "$WEB_DIR/web.port"
	: >"$WEB_LOG"
	"${builddir:-.}/tests/web/webd" --port-file "$WEB_DIR/web.port" \
		--log "$WEB_LOG" "$@" 2>"$WEB_DIR/web.err" &
	WEB_PID=$!
	web_tries=100
	while [ ! -s "$WEB_DIR/web.port" ]; do
		web_tries=$((web_tries - 1))
		if [ "$web_tries" -eq 0 ] || ! kill -0 "$WEB_PID" 2>/dev/null
		then
			echo "web_start: webd does not listen:" \
				"$(cat "$WEB_DIR/web.err")" >&2
			web_stop
			exit 99
		fi
		sleep 0.05
	done
	WEB_PORT=$(cat "$WEB_DIR/web.port")
	case " $* " in
	*' --tls-cert '*) WEB_URL=https://127.0.0.1:$WEB_PORT ;;
	*) WEB_URL=http://127.0.0.1:$WEB_PORT ;;
	esac
}

# web_also NAME [options]: one more webd, or rawd for a NAME with raw in it;
# sets web_port, and its log is $WEB_DIR/NAME.log.  web_start comes first.
web_also() {
	web_name=$1
	shift
	case $web_name in
	*raw*) web_program=rawd ;;
	*) web_program=webd ;;
	esac
	rm -f "$WEB_DIR/$web_name.port"
	: >"$WEB_DIR/$web_name.log"
	"${builddir:-.}/tests/web/$web_program" \
		--port-file "$WEB_DIR/$web_name.port" \
		--log "$WEB_DIR/$web_name.log" "$@" 2>>"$WEB_DIR/web.err" &
	web_others="${web_others:-} $!"
	web_tries=100
	while [ ! -s "$WEB_DIR/$web_name.port" ]; do
		web_tries=$((web_tries - 1))
		if [ "$web_tries" -eq 0 ] || ! kill -0 $! 2>/dev/null; then
			echo "web_also: $web_name does not listen:" \
				"$(cat "$WEB_DIR/web.err")" >&2
			web_stop
			exit 99
		fi
		sleep 0.05
	done
	web_port=$(cat "$WEB_DIR/$web_name.port")
}

# web_stop: stop all that runs; the first one's exit status, or another's
# that is not 0.  The logs stay when WEB_DIR was set by the test.
web_stop() {
	web_status=0
	for web_other in ${WEB_PID:-} ${web_others:-}; do
		kill "$web_other" 2>/dev/null || :
	done
	for web_other in ${WEB_PID:-} ${web_others:-}; do
		wait "$web_other" || web_status=$?
	done
	# What the sanitizers say must not be lost.
	if [ -n "${WEB_PID:-}" ] && [ -s "$WEB_DIR/web.err" ]; then
		cat "$WEB_DIR/web.err" >&2
	fi
	WEB_PID=
	web_others=
	if [ -n "${web_own_dir:-}" ]; then
		rm -rf "$web_own_dir"
		web_own_dir=
		WEB_DIR=
	fi
	return $web_status
}

# web_asked REGEX: how many requests had a target (path and query, as they
# came) that matches the extended regular expression.
web_asked() {
	cut -f 2 "$WEB_LOG" | grep -cE "$1" || :
}

# web_certs DIR: an own authority DIR/ca.pem, and for each of good, expired,
# wrong (another host's), self (signed by itself) and unknown (signed by an
# authority that nobody knows) DIR/NAME.pem and DIR/NAME.key.  They are for
# 127.0.0.0/29, localhost and any NAME.test.  Fails without openssl.
web_certs() {
	web_certs_dir=$1
	mkdir -p "$1" || return 1
	web_cert_ca ca && web_cert_ca stranger &&
		web_cert good ca 30 "$web_cert_names" &&
		web_cert expired ca -1 "$web_cert_names" &&
		web_cert wrong ca 30 DNS:other.example,IP:192.0.2.1 &&
		web_cert unknown stranger 30 "$web_cert_names" &&
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -days 30 -subj /CN=self \
			-addext "subjectAltName=$web_cert_names" \
			-keyout "$1/self.key" -out "$1/self.pem" 2>/dev/null
}
web_cert_names="DNS:localhost,DNS:*.test"
for web_i in 1 2 3 4 5 6; do
	web_cert_names=$web_cert_names,IP:127.0.0.$web_i
done

web_cert_ca() { # name
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj "/CN=$1 of a test" \
		-keyout "$web_certs_dir/$1.key" -out "$web_certs_dir/$1.pem" \
		2>/dev/null
}

web_cert() { # name, authority, days, subjectAltName
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -keyout "$web_certs_dir/$1.key" \
		-out "$web_certs_dir/$1.csr" 2>/dev/null &&
		echo "subjectAltName=$4" >"$web_certs_dir/$1.ext" &&
		openssl x509 -req -in "$web_certs_dir/$1.csr" -days "$3" \
			-CA "$web_certs_dir/$2.pem" \
			-CAkey "$web_certs_dir/$2.key" -CAcreateserial \
			-extfile "$web_certs_dir/$1.ext" \
			-out "$web_certs_dir/$1.pem" 2>/dev/null
}
