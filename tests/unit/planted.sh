#!/usr/bin/env bash
# Does the property test of track (unit/track) find bugs?  Each patch in recorder/planted/ is a bug: it is put into a copy of the
# sources, and test_track, built from that, must fail.
#   tests/unit/planted.sh           some two minutes; exit 1 if one was not caught
#   tests/unit/planted.sh --check   only whether they can still be planted
set -euo pipefail
here=$(cd -P "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
mkdir "$work/source"
git -C "$top" ls-files -z -- CMakeLists.txt recorder query schema tests | (cd "$top" && xargs -0 cp --parents -t "$work/source")
for bug in "$here"/recorder/planted/*.patch; do
	name=$(basename "$bug" .patch)
	if ! git -C "$top" apply --unidiff-zero --check "$bug"; then
		echo "FAILED: $name can no longer be planted; write $bug anew"
		status=1
		continue
	fi
	[ "${1-}" = --check ] && continue
	(cd "$work/source" && GIT_CEILING_DIRECTORIES=$work git apply --unidiff-zero "$bug")
	cmake -S "$work/source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DTAPEDECK_TESTS=ON >"$work/log"
	cmake --build "$work/build" -j "$(nproc)" --target test_track >>"$work/log" || { tail "$work/log" >&2; exit 1; }
	if "$work/build/tests/unit/test_track" >"$work/said" 2>&1; then
		echo "FAILED: $name was not caught"
		status=1
	else
		echo "$name, caught: $(sed -n 's/^history \([0-9]*\) of seed [0-9]*: \([^:]*\):.*/\2, in history \1/p' "$work/said")"
	fi
	(cd "$work/source" && GIT_CEILING_DIRECTORIES=$work git apply --unidiff-zero --reverse "$bug")
done
exit $status
