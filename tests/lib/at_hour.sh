#!/usr/bin/env bash
# tests/lib/at_hour.sh [--all] HH:MM:SS COMMAND...   runs it as if that UTC time came now (today's, or tomorrow's)
#
# tapedeckd and the unit tests are told by their own shifted clock, the simulated exchange by its option.  --all: every other
# program that the command starts is, too, by Debian's faketime; that wants programs without sanitizers.  Those two are started
# without it (tests/lib/system.sh), as is openssl, whose certificates they read.
set -euo pipefail
all=false
[ "$1" != --all ] || { all=true; shift; }
now=$(date -u +%s)
target=$(date -u -d "$(date -u +%F) $1 UTC" +%s)
shift
[ "$target" -ge "$now" ] || target=$((target + 86400))
export TAPEDECK_TEST_WALL_SHIFT_S=$((target - now))
$all || exec "$@"
command -v faketime >/dev/null || {
	echo "SKIPPED: faketime is not installed"
	exit 77
}
# By its own program, not by LD_PRELOAD alone: it holds what all programs below share. Without it the first of them holds it, and
# one that starts as that one ends finds nothing and says so, in the middle of a test's output.
exec env FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 faketime -m -f "+$((target - now))" "$@"
