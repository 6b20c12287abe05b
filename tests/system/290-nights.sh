# alone
# build: release
# timeout: 400
# 20 nights with everything that goes wrong: the tape equals the ledgers, or gaps say where it does not.  And the judge of
# nights notices whatever is done to a tape.  tests/night/README.md; NIGHTS=1000 SEED=7 make it another set.
. "$(dirname "$0")/../lib/system.sh"
check "the judge notices every spoiled tape" "$python" "$here/night/selftest.py"
"$here/nights" "${NIGHTS:-20}" "${SEED:-20261122}" --jobs 10 || fail "see the nights above; their folders are kept"
