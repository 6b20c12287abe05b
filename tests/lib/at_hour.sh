#!/usr/bin/env bash
# tests/lib/at_hour.sh [--all] HH:MM:SS COMMAND...   runs it as if that UTC time came now (today's, or tomorrow's)
#
# tapedeckd and the unit tests are told by their own shifted clock, the simulated exchange by its option.  --all: every other
# program that the command starts is, too, by Debian's faketime; that wants programs without sanitizers.  Threads that wait by the
# monotonic clock do not always wait under faketime, so those two are left out of it, as is openssl, whose certificates they read.
set -euo pipefail
all=false
[ "$1" != --all ] || { all=true; shift; }
now=$(date -u +%s)
target=$(date -u -d "$(date -u +%F) $1 UTC" +%s)
shift
[ "$target" -ge "$now" ] || target=$((target + 86400))
export TAPEDECK_TEST_WALL_SHIFT_S=$((target - now))
$all || exec "$@"
for library in /usr/lib/*/faketime/libfaketimeMT.so.1; do
	[ -e "$library" ] || continue
	export LD_PRELOAD=$library FAKETIME=+$((target - now)) FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
		FAKETIME_SKIP_CMDS=tapedeckd,simexchange,openssl
	exec "$@"
done
echo "SKIPPED: faketime is not installed"
exit 77
