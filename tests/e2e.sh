# shellcheck shell=sh disable=SC2034 # what is set is for the test
# e2e.sh: what the end-to-end tests share; to be sourced.
#
# Each runs the real program against the loopback web in a folder of its own
# and prints TAP; the plan comes last, by `finish`.

: "${srcdir:=.}" "${builddir:=.}"
. "$srcdir/tests/web/lib.sh"
work=$(mktemp -d) || exit 99
WEB_DIR=$work/web
ws=$work/ws
griddle=$builddir/griddle
unset GRIDDLE_WORKSPACE
trap 'web_stop || :; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

n=0
failed=0

ok() { # status, text
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		tail -n 20 "$work/out" "$work/err" 2>/dev/null | sed 's/^/# /'
	fi
}

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

has() { # file, extended regular expression, text
	grep -qE -e "$2" "$1"
	ok $? "$3"
}

# Run griddle in the workspace; its streams are in $work/out and $work/err,
# its exit status in $rc.
g() {
	rc=0
	"$griddle" -C "$ws" "$@" >"$work/out" 2>"$work/err" || rc=$?
}

# A workspace with the classes rings and stripes that may ask the loopback
# web; more of griddle.conf on standard input, more of its scraper section in
# $scraper_more.
workspace() {
	"$griddle" init "$ws" --classes rings,stripes 2>"$work/err" ||
		exit 99
	{
		cat <<-CONF
			classes = { rings, stripes }
			contact = "test@example.org"
			scraper {
				delay = 0
				per_host = 4
				allow_private = { "127.0.0.0/8" }
				${scraper_more:-}
			}
		CONF
		cat
	} >"$ws/griddle.conf"
}

# The catalog without what every run leaves; two dumps can be compared.
dump() {
	sqlite3 "$ws/catalog.db" .dump |
		grep -vE '^(INSERT INTO (run|run_count|sqlite_[a-z0-9]*)|ANALYZE) '
}

sql() {
	sqlite3 "$ws/catalog.db" "$1"
}

finish() {
	echo "1..$n"
	exit $failed
}
