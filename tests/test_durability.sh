#!/bin/sh
# What was acknowledged is there, whatever the disk does: the order in which
# things are made durable, calls that fail one by one, a disk that is full or
# read-only, files that may not grow.
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

web_start --made 8
workspace </dev/null
mkdir -p "$work/photos/rings" "$work/photos/stripes"
for i in 1 2 3 4; do
	for class in rings stripes; do
		curl -s "$WEB_URL/made/$class/$i.png" \
			>"$work/photos/$class/$i.png"
	done
done
cp -a "$ws" "$work/empty"

# fresh STATE: the workspace is a copy of that one.
fresh() {
	rm -rf "$ws"
	cp -a "$1" "$ws"
}

# state: what the catalog holds, for comparing.
state() {
	sql "SELECT lower(hex(sha256)), stage, label_id, decided_id
		FROM sample s JOIN blob b ON b.id = s.blob_id ORDER BY 1"
}

# ---- order ----------------------------------------------------------------

# What strace tells must be: each blob's file synced before it has its name,
# then its folder, then the log of the catalog.  syncfs() does for all.
order() {
	awk '
	function name(s) { sub(/^[^"]*"/, "", s); sub(/".*/, "", s); return s }
	function of_fd(s) { sub(/^[^<]*</, "", s); sub(/>.*/, "", s); return s }
	/ = -1 / { next }
	{ sub(/^[0-9]+ +/, "") }
	/^syncfs\(/ { for (f in dirty) delete dirty[f]
		for (f in unnamed) delete unnamed[f] }
	/^(write|pwrite64)\(/ { f = of_fd($0)
		if (f ~ /\/tmp\/[0-9]+$/) dirty[f] = 1
		if (f ~ /catalog\.db-wal$/)
			for (u in unnamed) wrong["rows before the name of " u] }
	/^(fsync|fdatasync)\(/ { f = of_fd($0); delete dirty[f]
		for (u in unnamed) if (unnamed[u] == f) delete unnamed[u] }
	/^(linkat|renameat)\(/ { rest = $0; from = of_fd(rest)
		sub(/^[^"]*"/, "", rest)
		from = from "/" substr(rest, 1, index(rest, "\"") - 1)
		sub(/^[^"]*", /, "", rest); to = of_fd(rest)
		to = to "/" name(rest)
		if (to !~ /\/blobs\//) next
		if (from in dirty) wrong["named before it was synced: " from]
		folder = to; sub(/\/[^\/]*$/, "", folder)
		unnamed[to] = folder; blobs++ }
	END { for (w in wrong) print w
		if (blobs < 8) print "only " blobs + 0 " blobs were seen" }' "$1"
}

if command -v strace >/dev/null &&
	strace -o "$work/trace" true 2>/dev/null; then
	for batch in 1 8; do
		fresh "$work/empty"
		if [ "$batch" = 1 ]; then
			# One image at a time, so that each is synced by itself.
			for f in "$work"/photos/*/*.png; do
				strace -y -o "$work/trace.1" -e \
trace=write,pwrite64,fsync,fdatasync,syncfs,renameat,linkat \
					"$griddle" -C "$ws" add "$f" --label rings \
					2>"$work/err"
				cat "$work/trace.1"
			done >"$work/trace"
		else
			strace -y -o "$work/trace" -e \
trace=write,pwrite64,fsync,fdatasync,syncfs,renameat,linkat \
				"$griddle" -C "$ws" add "$work/photos" \
				2>"$work/err"
		fi
		order "$work/trace" >"$work/out"
		is "$(cat "$work/out")" "" \
			"blobs are durable before their rows, $batch at a time"
		# The same without what syncs must be found out.
		grep -vE '^(fsync|syncfs)' "$work/trace" >"$work/trace.1"
		order "$work/trace.1" >"$work/out"
		has "$work/out" 'before it was synced' \
			"files that are not synced would be seen"
		has "$work/out" 'rows before the name' \
			"and folders that are not"
	done
else
	n=$((n + 1))
	echo "ok $n # SKIP strace is missing or may not trace"
fi

# ---- calls that fail ------------------------------------------------------

shim=$builddir/tests/shim_io.so
points=${POINTS:-5} # of each command and fault

# faulty AT ERRNO STICKY ARGUMENTS...: griddle with the AT-th call failing.
faulty() {
	at=$1 cause=$2 sticky=$3
	shift 3
	rc=0
	env LD_PRELOAD="$shim" SHIM_DIR="$ws" SHIM_AT="$at" \
		SHIM_ERRNO="$cause" SHIM_COUNT="$work/calls" \
		${sticky:+SHIM_STICKY=1} \
		ASAN_OPTIONS=verify_asan_link_order=0 \
		"$griddle" -C "$ws" "$@" >"$work/out" 2>"$work/err" || rc=$?
}

# under_faults TEXT ARGUMENTS...: from the state in $work/before, each of the
# points of the command fails; what is there then must be whole, and the
# command, called again, must come to the same end.
under_faults() {
	text=$1
	shift
	fresh "$work/before"
	before=$(state)
	faulty 0 5 "" "$@"
	[ "$rc" -eq 0 ] || cat "$work/err"
	calls=$(cat "$work/calls")
	after=$(state)
	rm -rf "$work/after"
	cp -a "$ws" "$work/after"
	wrong=
	tried=0
	for fault in "28 1" "5 "; do # a full disk; one EIO
		step=$(((calls + points - 1) / points))
		at=1
		while [ "$at" -le "$calls" ]; do
			fresh "$work/before"
			# shellcheck disable=SC2086 # two words, or one
			set -- ${fault% *} "${fault#* }" "$@"
			faulty "$at" "$@"
			shift 2
			status=$rc
			tried=$((tried + 1))
			here="$text, call $at, errno ${fault% *}"
			case $status in
			0)
				[ "$(state)" = "$after" ] || wrong="$wrong
$here: said to be done, but is not"
				;;
			1 | 5)
				[ -s "$work/err" ] || wrong="$wrong
$here: fails without a word"
				;;
			*)
				wrong="$wrong
$here: status $status: $(tail -n 1 "$work/err")"
				;;
			esac
			[ "$status" -ne 1 ] || ones="${ones:-}
# status 1: $here: $(tail -n 1 "$work/err")"
			g check
			[ "$rc" -eq 0 ] || wrong="$wrong
$here: check: $(head -n 1 "$work/err")"
			gone=$(state | cut -d '|' -f 1 >"$work/s"
				echo "$before" | cut -d '|' -f 1 | sort |
				sort -m - /dev/null | while read -r sha; do
				[ -z "$sha" ] || grep -q "$sha" "$work/s" ||
					echo "$sha"
			done)
			[ -z "$gone" ] || wrong="$wrong
$here: gone: $gone"
			g "$@"
			[ "$rc" -eq 0 ] && [ "$(state)" = "$after" ] ||
				wrong="$wrong
$here: does not come to the same end"
			at=$((at + step))
		done
	done
	printf '%s\n' "$wrong" >"$work/out"
	: >"$work/err"
	[ -z "$wrong" ]
	ok $? "$text: $tried of $((2 * calls)) failing calls lose nothing"
	[ -z "${ones:-}" ] || echo "$ones" | sed '/^$/d'
	ones=
	rm -rf "$work/before"
	mv "$work/after" "$work/before"
}

cp -a "$work/empty" "$work/before"
under_faults "add" add "$work/photos"
under_faults "prep" prep
under_faults "dedup" dedup
under_faults "label" label stage=prepared stripes
under_faults "gc" gc --grace 0
under_faults "check --repair" check --repair

# A making that fails half way can be repeated.
wrong=
rm -rf "$ws"
faulty 0 28 "" init "$ws" --classes rings,stripes
calls=$(cat "$work/calls")
step=$((calls / (4 * points) + 1))
at=1
while [ "$at" -le "$calls" ]; do
	rm -rf "$ws"
	mkdir "$ws"
	faulty "$at" 28 1 init "$ws" --classes rings,stripes
	[ "$rc" -ne 0 ] || [ -e "$ws/catalog.db" ] || wrong="$wrong $at:0"
	[ ! -e "$ws/catalog.db" ] || [ -e "$ws/griddle.conf" ] ||
		wrong="$wrong $at:conf"
	if [ "$rc" -ne 0 ] && [ ! -e "$ws/catalog.db" ]; then
		[ "$rc" -eq 5 ] || wrong="$wrong $at:status$rc"
		"$griddle" init "$ws" --classes rings,stripes 2>"$work/err" ||
			wrong="$wrong $at:again"
	fi
	[ "$(sql 'SELECT count(*) FROM class')" = 2 ] || wrong="$wrong $at:two"
	at=$((at + step))
done
is "$wrong" "" "init on a disk that fills at every ${step}th of $calls calls"

# ---- files that may not grow ----------------------------------------------

fresh "$work/before"
rc=0
(
	ulimit -f 16
	"$griddle" -C "$ws" label stage=prepared rings >"$work/out" \
		2>"$work/err"
) || rc=$?
is "$rc" 5 "a limit on the size of files is a full disk, not a signal"
is "$(wc -l <"$work/err")" 1 "told in one line"
g check
is "$rc" 0 "and nothing is damaged"

# ---- a second writer --------------------------------------------------------

exec 9>>"$ws/lock"
if flock -n 9; then
	echo "4711 griddle gather" >"$ws/lock"
	g prep
	is "$rc" 75 "a second writer has a status of its own"
	has "$work/err" 'process 4711 griddle gather' "and is told who is first"
	g count
	is "$rc" 0 "a reader does not wait"
fi
exec 9>&-

# ---- a small disk, and one that is read-only --------------------------------

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$work/disk"
	griddle=$(realpath "$griddle")
	export work griddle
	unshare -m sh <<-'END' >"$work/small" 2>&1
		mount -t tmpfs -o size=1200k tmpfs "$work/disk" || exit 77
		cd "$work/disk" || exit 77
		"$griddle" init ws --classes rings,stripes 2>/dev/null ||
			exit 77
		g() {
			rc=0
			"$griddle" -C ws "$@" >"$work/out" 2>"$work/err" ||
				rc=$?
			echo "$1 $rc $(wc -l <"$work/err")"
		}
		g add "$work/photos"
		g check
		mount -o remount,size=64m "$work/disk"
		g add "$work/photos"
		g check
		mount -o remount,ro "$work/disk"
		g prep
		g add "$work/photos"
		g count
		umount -l "$work/disk"
	END
	if grep -q '^add' "$work/small"; then
		is "$(cut -d ' ' -f 1,2 "$work/small" | tr '\n' ';')" \
			"add 5;check 0;add 0;check 0;prep 5;add 5;count 0;" \
			"a full disk, then a larger one, then a read-only one"
	else
		n=$((n + 1))
		echo "ok $n # SKIP tmpfs cannot be mounted"
	fi
else
	n=$((n + 1))
	echo "ok $n # SKIP only root can mount"
fi
finish
