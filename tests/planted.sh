#!/usr/bin/env bash
# Do the tests find bugs?  Each patch in planted/ is a bug, and names what is to catch it: `unit: NAME`, a unit test, or
# `night: ARGUMENTS` of tests/nights, which is run up to three times (faults come to the second, not to the packet).  The bug is put
# into a copy of the sources and built; kind-1 to kind-9 are those of the silent losses that bug reports of other recorders tell.
#   tests/planted.sh [NAME...]   all, or some; some minutes; exit 1 if one was not caught
#   tests/planted.sh --check     only whether they can still be planted
set -euo pipefail
here=$(cd -P "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0 check=no
[ "${1-}" = --check ] && check=yes && shift
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$here/planted" && printf '%s\n' *.patch | sed 's/\.patch$//')

build() { cmake --build "$work/build" -j "$(nproc)" --target "$@" >>"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }; }
caught_by_unit() { # NAME
	build "test_$1"
	! "$work/build/tests/unit/test_$1" >"$work/said" 2>&1
}
caught_by_night() { # ARGUMENT...
	build tapedeckd tapedeck simexchange
	for _ in 1 2 3; do
		TMPDIR=$work TAPEDECK_BUILD=$work/build "$top/tests/nights" 1 "$@" >"$work/said" || return 0
	done
	return 1
}

if [ $check = no ]; then
	mkdir "$work/source"
	git -C "$top" ls-files -z -- CMakeLists.txt recorder query schema tests | (cd "$top" && xargs -0 cp --parents -t "$work/source")
	cmake -S "$work/source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DTAPEDECK_TEST_CLOCK=ON -DTAPEDECK_TESTS=ON >"$work/log"
fi
for name in "${names[@]}"; do
	bug=$here/planted/$name.patch
	if ! git -C "$top" apply --unidiff-zero --check "$bug"; then
		echo "FAILED: $name can no longer be planted; write $bug anew"
		status=1
		continue
	fi
	[ $check = yes ] && continue
	(cd "$work/source" && GIT_CEILING_DIRECTORIES=$work git apply --unidiff-zero "$bug")
	read -r by arguments < <(sed -nE 's/^(unit|night): /\1 /p' "$bug")
	# shellcheck disable=SC2086
	if "caught_by_$by" $arguments; then
		echo "$name: caught by $by $arguments"
	else
		echo "FAILED: $name was not caught by $by $arguments"
		status=1
	fi
	(cd "$work/source" && GIT_CEILING_DIRECTORIES=$work git apply --unidiff-zero --reverse "$bug")
	rm -rf "$work"/night-*
done
exit $status
