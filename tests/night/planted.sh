#!/usr/bin/env bash
# Do nights find bugs?  Each patch in planted/ is a bug, and names the night that is to catch it: the bug is put into a copy of
# the sources, that is built, and the night is run up to three times (faults come to the second, not to the packet).
#   tests/night/planted.sh           some five minutes; exit 1 if one was not caught
#   tests/night/planted.sh --check   only whether they can still be planted
set -euo pipefail
here=$(cd -P "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for bug in "$here"/planted/*.patch; do
	name=$(basename "$bug" .patch)
	if ! git -C "$top" apply --unidiff-zero --check "$bug"; then
		echo "FAILED: $name can no longer be planted; write $bug anew"
		status=1
		continue
	fi
	[ "${1-}" = --check ] && continue
	mkdir "$work/source"
	git -C "$top" ls-files -z -- CMakeLists.txt recorder query schema tests | (cd "$top" && xargs -0 cp --parents -t "$work/source")
	(cd "$work/source" && GIT_CEILING_DIRECTORIES=$work git apply --unidiff-zero "$bug")
	cmake -S "$work/source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DTAPEDECK_TEST_CLOCK=ON -DTAPEDECK_TESTS=ON >"$work/log"
	cmake --build "$work/build" -j "$(nproc)" --target tapedeckd tapedeck simexchange >>"$work/log" || { tail "$work/log" >&2; exit 1; }
	read -r -a night <<<"$(sed -n 's/^night: //p' "$bug")"
	caught=no
	for _ in 1 2 3; do
		TMPDIR=$work TAPEDECK_BUILD=$work/build "$top/tests/nights" 1 "${night[@]}" >"$work/said" || { caught=yes && break; }
	done
	echo "$name: night ${night[*]}, caught: $caught"
	grep -h ^FAILED "$work/said" | sed 's/; see .*//' || status=1
	rm -rf "$work/source" "$work/build" "$work"/night-*
done
exit $status
