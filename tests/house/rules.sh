#!/usr/bin/env bash
# The shape of the house: what stands at the top, which part knows which, names that lead nowhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
complain() {
	echo "FAILED: $*"
	status=1
}
git ls-files | cut -d/ -f1 | sort -u | while read -r name; do
	case $name in
	recorder | query | schema | tests | CMakeLists.txt | README.md | .*) ;;
	*) echo "$name" ;;
	esac
done | grep . && complain "this does not belong at the top"
git grep -nE '#include "(recorder|\.\./recorder)/' -- query schema && complain "query or schema knows the recorder"
git grep -nE '#include "(query|\.\./query)/' -- recorder schema && complain "recorder or schema knows the query"
git grep -nE '#include "(recorder|query|schema)/' -- tests/simexchange && complain "the simulated exchange shares code with what it tests"
# shellcheck disable=SC2154
if ldd "${TAPEDECK_BUILD:?}/query/tapedeck" | grep -E 'libwebsockets|libssl|libcrypto'; then
	complain "tapedeck links what only the recorder needs"
fi
if ldd "$TAPEDECK_BUILD/recorder/tapedeckd" | grep ncurses; then
	complain "tapedeckd links what only the query needs"
fi
git grep -nE '#include ("recorder/(net|tape|feeds|markets|log|clock|config)|<(libwebsockets|sqlite3))' -- recorder/gaps/gap* recorder/gaps/track* \
	recorder/gaps/coverage* recorder/gaps/exchange_clock* recorder/gaps/market_state* && complain "what tracks the markets is not pure any more"
python3 tests/house/options.py "$TAPEDECK_BUILD" || complain "the README's tables of options are not what -h says"
tests/planted.sh --check || complain "a planted bug of tests/planted no longer fits the code"
exit $status
