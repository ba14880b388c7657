# shellcheck shell=sh disable=SC2034 # what is set is for the test
# lib.sh: start and stop webd; to be sourced by shell tests.
#
#	. "$srcdir/tests/web/lib.sh"
#	trap web_stop EXIT
#	web_start --root "$photos"
#	... "$WEB_URL/gallery/animals/" ...
#	[ "$(web_asked '^/private/')" = 0 ]
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
	WEB_URL=http://127.0.0.1:$WEB_PORT
}

# web_stop: stop webd, if it runs; its exit status.  The log stays when
# WEB_DIR was set by the test.
web_stop() {
	web_status=0
	if [ -n "${WEB_PID:-}" ]; then
		kill "$WEB_PID" 2>/dev/null || :
		wait "$WEB_PID" || web_status=$?
		WEB_PID=
		# What the sanitizers say must not be lost.
		if [ -s "$WEB_DIR/web.err" ]; then
			cat "$WEB_DIR/web.err" >&2
		fi
	fi
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
