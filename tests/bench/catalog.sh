#!/bin/bash
# catalog.sh: what people and cron ask of a catalog of a million images, by
# griddle and by sqlite3 statements that do the same to the same file.
# Prints medians of several runs in turn: seconds, CPU seconds without what
# it takes to start the program at all, the most memory (with pages of the
# file that are mapped), and the ratio of both CPU times.  BENCH_CATALOG: a
# workspace that make_catalog made, to be used again.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${BENCH_IMAGES:=1000000}" "${BENCH_RUNS:=3}"
griddle=$builddir/griddle
measure=$builddir/tests/bench/measure
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM
unset GRIDDLE_WORKSPACE

ws=${BENCH_CATALOG:-$work/ws}
"$griddle" init "$work/like" --classes class1,class2 -q
"$griddle" -C "$work/like" prep -q
if [ ! -e "$ws/catalog.db" ]; then
	"$measure" "$work/make" "$builddir/tests/bench/make_catalog" "$ws" \
		"$BENCH_IMAGES" 1 "$work/like" || exit 1
	cp "$work/like/griddle.conf" "$ws/"
fi
db=$ws/catalog.db

sql() { sqlite3 "$db" "$1"; }

median() { # file, column
	sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c }
		END { print v[int((NR + 1) / 2)] }'
}

# both NAME SQL COMMAND...: measure both; @ is the number of the run.
both() {
	local name=$1 sql=$2 i rc
	shift 2
	rm -f "$work/g" "$work/s"
	for ((i = 1; i <= BENCH_RUNS; i++)); do
		"$measure" "$work/g" "$griddle" -C "$ws" "${@//@/$i}" \
			>/dev/null 2>"$work/err"
		rc=$?
		if [ "$rc" -ne 0 ]; then
			printf '  %-34s failed: %s\n' "$name" \
				"$(head -n 1 "$work/err")"
			return
		fi
		[ -z "$sql" ] || "$measure" "$work/s" sqlite3 "$db" \
			"${sql//@/$i}" >/dev/null
	done
	[ -s "$work/s" ] || : >"$work/s"
	awk -v name="$name" -v r="$(median "$work/g" 1)" \
		-v c="$(median "$work/g" 2)" -v m="$(median "$work/g" 3)" \
		-v s="$(median "$work/s" 2)" \
		-v start="${start:-0}" 'BEGIN {
		net = c - start < 0.001 ? 0.001 : c - start
		printf "  %-34s %7.3f s %7.3f s  %5.0f MiB", name, r, net,
			m / 1024
		if (s != "") {
			printf "  sqlite3 %7.3f s CPU, ratio %.2f", s,
				net / (s < 0.001 ? 0.001 : s)
		}
		printf "\n" }'
}

has() { "$griddle" help | grep -qE "^  $1 "; }

echo "catalog: $(sql 'SELECT count(*) FROM sample') images, $(du -m "$db" |
	cut -f 1) MB, median of $BENCH_RUNS runs"
if [ -s "$work/make" ]; then
	awk '{ printf "  made in %.0f s\n", $1 }' "$work/make"
fi
echo "  what                               seconds   CPU less   memory"
both "start" "" --version
start=$(median "$work/g" 2)

# What a row of a page has, as plain SQL.
row="SELECT hex(b.sha256), c.name, s.stage, s.reason, s.format, s.width,
	s.height, b.bytes, s.pdq_quality, s.distance, b.added,
	q.*, (SELECT hex(kb.sha256) FROM sample k JOIN blob kb
		ON kb.id = k.blob_id WHERE k.id = s.keeper_id),
	(SELECT min(src.name || g.licence || u.url) FROM fetch f
		JOIN sighting g ON g.url_id = f.url_id
		JOIN source src ON src.id = g.source_id
		JOIN url u ON u.id = f.url_id WHERE f.sample_id = s.id)
	FROM sample s JOIN blob b ON b.id = s.blob_id
	LEFT JOIN class c ON c.id = s.label_id
	LEFT JOIN quality q ON q.sample_id = s.id"
last=$(sql 'SELECT max(id) - 1000 FROM sample')
host=$(sql "SELECT host FROM url WHERE sample_id IS NOT NULL
	GROUP BY host ORDER BY count(*) LIMIT 1 OFFSET 500")
sha=$(sql "SELECT lower(hex(sha256)) FROM blob WHERE id = $last")

both "list: first 200" "$row ORDER BY s.id LIMIT 200" \
	list --limit 200 --json
both "list: 200 at the end" "$row WHERE s.id > $last ORDER BY s.id LIMIT 200" \
	list --limit 200 --json --after "id:n:$last"
both "list label=class3" "$row WHERE s.label_id = 3 ORDER BY s.id LIMIT 200" \
	list label=class3 --limit 200 --json
both "list source=source28" "$row WHERE s.id IN (SELECT sample_id
	FROM sample_source WHERE source_id = 28) ORDER BY s.id LIMIT 200" \
	list source=source28 --limit 200 --json
both "list host=$host" "$row WHERE s.id IN (SELECT sample_id FROM url
	WHERE host = '$host') ORDER BY s.id LIMIT 200" \
	list "host=$host" --limit 200 --json
both "list licence=cc-by-nd" "$row WHERE s.id IN (SELECT sample_id
	FROM sample_licence WHERE licence = 'cc-by-nd')
	ORDER BY s.id LIMIT 200" list licence=cc-by-nd --limit 200 --json
both "list issue=dark" "$row WHERE q.dark < 0.32 ORDER BY s.id LIMIT 200" \
	list issue=dark --limit 200 --json
both "list dark<0.005 (rare)" "$row WHERE q.dark < 0.005 ORDER BY s.id
	LIMIT 200" list "dark<0.005" --limit 200 --json
both "list issue=odd_size (no index)" "" \
	list issue=odd_size --limit 200 --json
both "list width>=3600 (rare)" "$row WHERE s.width >= 3600 ORDER BY s.id
	LIMIT 200" list "width>=3600" --limit 200 --json
for key in -added width -bytes pdq_quality dark; do
	both "list --sort $key" "" list --sort "$key" --limit 200 --json
done
both "list --sort -dark (no index)" "$row ORDER BY q.dark DESC, s.id DESC
	LIMIT 200" list --sort -dark --limit 200 --json
both "count" "SELECT count(*) FROM sample" count
both "count label=class3 dup=no" "SELECT count(*) FROM sample
	WHERE coalesce(decided_id, claimed_id) = 3
	AND (keeper_id IS NULL OR keeper_id = id)" count label=class3 dup=no
both "count --by label" "SELECT label_id, count(*) FROM sample
	GROUP BY label_id" count --by label
both "count --by source" "SELECT source_id, count(*) FROM sample_source
	GROUP BY source_id" count --by source
both "count --by issue" "" count --by issue
both "show" "$row WHERE b.sha256 = x'$sha'" show "$sha" --json
both "status" "SELECT label_id, stage, count(*), sum(keeper_id <> id)
	FROM sample GROUP BY label_id, stage;
	SELECT state, count(*) FROM url GROUP BY state;
	SELECT source_id, count(DISTINCT url_id) FROM sighting
	GROUP BY source_id" status
both "prep: nothing to do" "" prep -q
both "dedup: nothing to do" "" dedup -q
most=$(sql "SELECT bytes FROM blob ORDER BY bytes LIMIT 1 OFFSET 10000")
both "label: ten thousand" "BEGIN IMMEDIATE;
	INSERT INTO op (at, actor, verb) VALUES (1, 'bench', 'label');
	INSERT INTO change SELECT (SELECT max(id) FROM op), s.id, 'label',
		s.decided_id, 9 + @ FROM blob b JOIN sample s
		ON s.blob_id = b.id WHERE b.bytes < $most;
	UPDATE sample SET decided_id = 9 + @, rev = rev + 1 WHERE blob_id IN
		(SELECT id FROM blob WHERE bytes < $most); COMMIT" \
	label "bytes<$most" class@
has undo && both "undo: of that" "" undo
runs=$BENCH_RUNS
BENCH_RUNS=1
both "split" "" split --name bench-$$
both "split: nothing is new" "" split --name bench-$$-again
has backup && both "backup" "VACUUM INTO '$work/copy.db'" backup "$work/backup"
BENCH_RUNS=$runs
sql "SELECT printf('  %-34s %7.1f MB', name, sum(pgsize) / 1e6) FROM dbstat
	WHERE name IN (SELECT name FROM sqlite_schema WHERE type = 'index'
	AND sql IS NOT NULL) OR name IN ('sample_source', 'sample_licence',
	'sample', 'blob', 'url', 'quality')
	GROUP BY name ORDER BY sum(pgsize) DESC" 2>/dev/null | head -n 30
