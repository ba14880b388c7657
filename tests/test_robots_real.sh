#!/bin/sh
# On thousands of real robots.txt our rules decide as python3-protego does,
# but for differences that have a name (robots_protego.py).
: "${srcdir:=.}" "${builddir:=.}"
python=/usr/bin/python3
corpus=$srcdir/../shared/data/web/robots/tests_data.tar.gz
if [ ! -r "$corpus" ]; then
	echo "1..0 # SKIP no $corpus"
	exit 0
fi
if ! $python -c 'import protego' 2>/dev/null; then
	echo "1..0 # SKIP python3-protego is not installed"
	exit 0
fi
exec $python "$srcdir/tests/robots_protego.py" \
	"$builddir/tests/robots_oracle" "$corpus"
