#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_rules.sh: the rules of the house as a test, over the rooms' *.c and
# *.h: who may include whom, which room may use which library, how long
# things may be, and what is never called.
# shellcheck disable=SC2016 # $0 in quotes is awk's
: "${srcdir:=.}"
cd "$srcdir" || exit 99
LC_ALL=C
export LC_ALL

rooms='base config store dedup prep scraper trainer web cli'
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM

for room in $rooms; do
	[ ! -d "$room" ] || find "$room" -name '*.[ch]'
done | sort >"$work/files"
if [ ! -s "$work/files" ]; then
	echo "check_rules.sh: no sources in $srcdir" >&2
	exit 99
fi

n=0
failed=0
# report RULE: ok when the file of offenders is empty.
report() {
	n=$((n + 1))
	if [ ! -s "$work/offenders" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		sed 's/^/# /' "$work/offenders"
	fi
}

# each_line PROGRAM: awk over the lines of all files.
each_line() {
	xargs awk "$@" <"$work/files" || exit 99
}

# The lines without comments, and with empty strings: FILE:LINE:CODE.
each_line '
function code(line,    out, token) {
	out = ""
	for (;;) {
		if (inside) {
			if (!index(line, "*/"))
				return out
			line = substr(line, index(line, "*/") + 2)
			inside = 0
		}
		if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/))
			return out line
		token = substr(line, RSTART, 2)
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		if (token == "//")
			return out
		if (token == "/*")
			inside = 1
		else
			out = out "\"\""
	}
}
FNR == 1 { inside = 0 }
{ print FILENAME ":" FNR ":" code($0) }' >"$work/code"

# The includes, as ROOM FILE:LINE HEADER; <...> keeps its first bracket.  What
# base/lanes.h includes for a file is named there by a macro.
each_line '
/^#[ \t]*include[ \t]+LANES_OF/ {
	next
}
/^#[ \t]*(include|define[ \t]+LANES_OF)[ \t]/ {
	sub(/^#[ \t]*(include|define[ \t]+LANES_OF)[ \t]*"?/, "")
	sub(/[">].*/, "")
	room = FILENAME
	sub(/\/.*/, "", room)
	print room, FILENAME ":" FNR, $0
}' >"$work/includes"

# ---- floors ----------------------------------------------------------------

# A room and what it may include besides itself: rooms, or single headers.
awk '
NR == FNR {
	room = $1
	sub(/:$/, "", room)
	for (i = 2; i <= NF; i++)
		may[room, $i] = 1
	next
}
$3 !~ /^</ {
	target = $3
	sub(/\/.*/, "", target)
	if (target != $1 && !(($1, target) in may) && !(($1, $3) in may))
		print $2 " includes " $3
}' - "$work/includes" <<'END' >"$work/offenders" || exit 99
base:
config: base
store: base config
dedup: base config store
scraper: base config store
prep: base config store dedup/blockhash.h dedup/imagehash.h dedup/pdq.h
trainer: base config store
web: base config store
cli: base config store dedup scraper prep trainer web
END
report "includes point down and are written from the root"

awk '
$3 ~ /_int\.h$/ {
	target = $3
	sub(/\/.*/, "", target)
	if (target != $1)
		print $2 " includes " $3
}' "$work/includes" >"$work/offenders" || exit 99
report "private headers stay home"

# A library, and the one room that may use it; libarchive has two, the one
# that writes archives and the one that reads them.
awk '
NR == FNR {
	owner[$1] = owner[$1] " " $2 " "
	next
}
{
	for (library in owner)
		if (index($3, "<" library) == 1 &&
		    !index(owner[library], " " $1 " "))
			print $2 " includes " $3 ">"
}' - "$work/includes" <<'END' >"$work/offenders" || exit 99
confuse.h config
sqlite3.h store
archive store
archive scraper
curl/ scraper
ares scraper
idn2.h scraper
libxml/ scraper
zlib.h scraper
vips/ prep
jpeglib.h prep
jerror.h prep
cblas.h trainer
protobuf-c/ trainer
openssl/ base
seccomp.h base
xxhash.h base
microhttpd.h web
END
report "each library has its room"

# ---- sizes -----------------------------------------------------------------

each_line '
FNR == 1 { start = 0 }
/^{/ { start = FNR }
/^}/ {
	if (start && FNR - start > 60)
		print FILENAME ":" start ": " FNR - start " lines"
	start = 0
}' >"$work/offenders"
report "functions have at most 60 lines"

each_line '
{ lines[FILENAME]++ }
END {
	for (f in lines)
		if (lines[f] > (f ~ /\.h$/ ? 120 : 500))
			print f ": " lines[f] " lines"
}' | sort >"$work/offenders"
report "files have at most 500 lines, headers 120"

# A tab leads to the next multiple of 8; UTF-8's further bytes have no width.
each_line '
{
	line = $0
	gsub(/[\200-\277]/, "", line)
	width = 0
	while ((tab = index(line, "\t")) > 0) {
		width += tab - 1
		width += 8 - width % 8
		line = substr(line, tab + 1)
	}
	width += length(line)
	if (width > 80)
		print FILENAME ":" FNR ": " width " columns"
}' >"$work/offenders"
report "lines have at most 80 columns"

# ---- words -----------------------------------------------------------------

# calls_outside PATH NAME...: where the code elsewhere calls such a function.
calls_outside() {
	path=$1
	shift
	names=$(echo "$*" | tr ' ' '|')
	grep -E "(^|[^A-Za-z0-9_])($names)[ 	]*\\(" "$work/code" |
		grep -v "^$path" >"$work/offenders"
}

calls_outside '$' strcpy strcat strncat stpcpy sprintf vsprintf gets strtok \
	atoi atol atoll atof system popen alloca rand srand localtime gmtime \
	ctime asctime tmpnam tempnam mktemp
report "stateful and unbounded functions are never called"

calls_outside base/ malloc calloc realloc reallocarray strdup strndup \
	asprintf vasprintf
report "only base/ allocates"

calls_outside base/ fork vfork posix_spawn posix_spawnp execl execle execlp \
	execv execve execvp execvpe pthread_create
report "only base/ makes processes and threads"

xargs grep -nwE 'TODO|FIXME|XXX' <"$work/files" >"$work/offenders"
report "nothing is marked as left to be done"

grep -E '(^|/)utils?\.[ch]$' "$work/files" >"$work/offenders"
report "no file is called utils"

each_line '
FNR == 1 && !/SPDX-License-Identifier: Apache-2\.0/ { print FILENAME }
' >"$work/offenders"
report "each file begins with its licence"

echo "1..$n"
exit $failed
