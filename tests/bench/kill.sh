#!/bin/sh
# kill -9 at random moments, ROUNDS (200) of them: gather, prep, dedup, label,
# split, gc and forget are killed under load; after each, check must find
# nothing, and all that was acknowledged before must be there.
# kill.sh [ROUNDS [SEED]]
# shellcheck disable=SC1091,SC2119,SC2154
. "${srcdir:-.}/tests/e2e.sh"

rounds=${1:-200}
seed=${2:-$(date +%s)}
echo "# $rounds rounds, seed $seed"
photos=400
web_start --made $photos --delay 4
workspace <<CONF
source "rings" {
	type = page
	url = "$WEB_URL/made/rings/?n=$photos"
	label = rings
}
source "stripes" {
	type = page
	url = "$WEB_URL/made/stripes/?n=$photos"
	label = stripes
}
CONF

# What is known to be committed: samples, decided labels, snapshots.
acknowledged() {
	sql "SELECT 'sample ' || lower(hex(b.sha256)) FROM sample s
			JOIN blob b ON b.id = s.blob_id
			WHERE s.stage <> 'forgotten'
		UNION ALL SELECT 'change ' || op_id || ' ' || sample_id
			FROM change
		UNION ALL SELECT 'snapshot ' || name FROM snapshot
		UNION ALL SELECT 'tombstone ' || id FROM tombstone" | sort
}

# random N: r is 0 .. N-1, the same again by the same seed.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	r=$((seed / 65536 % $1))
}

lost=0 faults=0 killed=0 i=0
: >"$work/known"
while [ "$i" -lt "$rounds" ]; do
	i=$((i + 1))
	class=stripes
	random 2
	[ "$r" = 0 ] || class=rings
	random 10
	case $r in
	0 | 1 | 2 | 3) set -- gather --force --limit 40 ;;
	4 | 5) set -- prep ;;
	6) set -- dedup ;;
	7) set -- label stage=prepared $class ;;
	8) set -- split --seed $i ;;
	*)
		random 3
		if [ "$r" = 0 ]; then
			set -- gc --grace 0
		else
			one=$(sql "SELECT lower(hex(sha256)) FROM blob
				JOIN sample s ON s.blob_id = blob.id
				WHERE stage <> 'forgotten'
				ORDER BY added DESC LIMIT 1")
			set -- forget "${one:-0000}" --yes
		fi
		;;
	esac
	"$griddle" -C "$ws" -q "$@" >"$work/out" 2>"$work/err" &
	pid=$!
	# A command lasts from some ms to a second.
	random 1000
	sleep "0.$(printf '%03d' "$r")"
	if kill -9 "$pid" 2>/dev/null; then
		killed=$((killed + 1))
	fi
	wait "$pid" 2>/dev/null
	acknowledged >"$work/now"
	# One sample may have been forgotten in this round.
	comm -23 "$work/known" "$work/now" >"$work/gone"
	[ "$1" != forget ] || sed -i "/^sample ${one:-none}/d" "$work/gone"
	if [ -s "$work/gone" ]; then
		lost=$((lost + 1))
		echo "# round $i, $*: gone: $(head -n 3 "$work/gone")"
	fi
	mv "$work/now" "$work/known"
	g check
	if [ "$rc" -ne 0 ]; then
		faults=$((faults + 1))
		echo "# round $i, $*: check: $rc $(head -n 2 "$work/err")"
	fi
done
echo "# $killed of $rounds commands were killed, at" \
	"$(grep -c ^sample "$work/known") images"
is "$lost" 0 "nothing acknowledged is lost"
is "$faults" 0 "check is clean after each kill"
g run --until split
is "$rc" 0 "the next run finishes"
g check
is "$rc" 0 "and check finds nothing"
finish
