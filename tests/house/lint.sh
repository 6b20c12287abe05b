#!/usr/bin/env bash
# clang-tidy and cppcheck find nothing.  TAPEDECK_BUILD: a build whose compile_commands.json to use.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
mapfile -t sources < <(git ls-files 'recorder/*.c' 'query/*.c' 'schema/*.c')
status=0
# By 2.10 (Debian 12) and 2.17 (13): what the newer adds in opinions, and its word that it did not look at every branch, is left out.
cppcheck --enable=warning,style,performance,portability --inline-suppr --quiet --std=c11 -D_GNU_SOURCE -DTAPEDECK_VERSION='"0"' -I. \
	--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=constParameterPointer \
	--suppress=constVariablePointer --suppress=constParameterCallback --suppress=unmatchedSuppression --error-exitcode=1 recorder query schema || status=1
# its notes on what it left out go to stderr
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 6 clang-tidy -p "${TAPEDECK_BUILD:?}" --quiet 2>/dev/null || status=1
[ $status -eq 0 ] || echo "FAILED: see above"
exit $status
