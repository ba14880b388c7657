#!/bin/bash
# onnx.sh: a network's milliseconds of CPU for an image, on one thread, beside
# ONNX Runtime's with the same file in the same run; the median of turns.
# ONNX Runtime comes by npm, without its scripts, into a folder that goes.
set -u
: "${srcdir:=.}" "${builddir:=.}"
model=$srcdir/../shared/data/models/mobilenetv2-1.0-224.onnx
turns=${TURNS:-3}
# A library that spins beside would be counted as well.
export OPENBLAS_NUM_THREADS=1

if [ ! -r "$model" ]; then
	echo "onnx.sh: skipped: no $model"
	exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
peer=no
if command -v npm >/dev/null && (cd "$work" && npm init -y &&
	npm install --ignore-scripts --no-audit --no-fund \
		onnxruntime-node@1.16.3) >"$work/npm.log" 2>&1; then
	cp "$srcdir/tests/bench/onnx_peer.js" "$work"
	peer=yes
else
	echo "onnx.sh: no npm or no onnxruntime-node: griddle alone"
fi

median() { sort -n "$1" | sed -n "$(((turns + 1) / 2))p"; }

for batch in 1 16; do
	rounds=$((batch == 1 ? 40 : 4))
	for _ in $(seq "$turns"); do
		"$builddir/tests/bench/bench_onnx" "$model" $batch $rounds \
			2>"$work/core" >>"$work/ours.$batch" || exit 1
		OPENBLAS_CORETYPE=Haswell "$builddir/tests/bench/bench_onnx" \
			"$model" $batch $rounds 2>/dev/null \
			>>"$work/pinned.$batch"
		[ $peer = no ] || node "$work/onnx_peer.js" "$model" $batch \
			$rounds >>"$work/theirs.$batch" || exit 1
	done
	ours=$(median "$work/ours.$batch")
	pinned=$(median "$work/pinned.$batch")
	printf 'mobilenetv2 batch %2d: griddle %s ms (%s), %s ms (pinned to Haswell)' \
		$batch "$ours" "$(cat "$work/core")" "$pinned"
	if [ $peer = yes ]; then
		theirs=$(median "$work/theirs.$batch")
		awk -v a="$ours" -v b="$theirs" 'BEGIN {
			printf ", ONNX Runtime %s ms: %.2f of its rate", b, b / a }'
	fi
	echo
done
