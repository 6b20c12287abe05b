#!/usr/bin/env bash
# tests/hours.sh HH:MM:SS   the tests of what looks at a clock, as if that UTC time came now
#
# Unit tests (label `clock`) by the programs' own shifted clock; the commands that speak of now, and a recording whose outage
# is filled by REST, by faketime: that wants programs without sanitizers, the release build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
hour=$1
: "${TAPEDECK_BUILD:?the build of mode dev}"
status=0
cd "$TAPEDECK_BUILD"
"$here/lib/at_hour.sh" "$hour" "${CTEST:-ctest}" --output-on-failure -L clock || status=1
[ -n "${TAPEDECK_RELEASE_BUILD:-}" ] || { echo "no release build is known: only the unit tests were run"; exit $status; }
export TAPEDECK=$TAPEDECK_RELEASE_BUILD/query/tapedeck SOURCE=${here%/*}
run() {
	local code=0
	"$here/lib/at_hour.sh" --all "$hour" bash "$1" >"$log" 2>&1 || code=$?
	case $code in
	0 | 77) return ;;
	esac
	cat "$log"
	echo "FAILED at $hour: $1"
	status=1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for case in $(grep -lwE 'date|now|yesterday|today|time\.time' "$here"/cli/*.sh | grep -v /lib.sh); do
	run "$case"
done
case $hour in # REST is asked day by day: by days of UTC, and of Seoul
23:59:50) export EXCHANGES=upbit ;;
14:59:50) export EXCHANGES=bithumb ;;
*) exit $status ;;
esac
TAPEDECK_BUILD=$TAPEDECK_RELEASE_BUILD run "$(echo "$here"/system/260-*.sh)"
exit $status
