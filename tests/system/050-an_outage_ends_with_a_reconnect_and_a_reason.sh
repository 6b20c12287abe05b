# Reset, closed without a word, closed with a word, refused, unavailable: each has its reason in the log, the wait starts
# below 1 s and grows, and the trades after it are recorded.
. "$(dirname "$0")/../lib/system.sh"
cat >"$work/script" <<'S'
after=1 drop
after=3 close 1001 going-away
after=5.5 refuse 4.2
after=5.5 unavailable 12
after=5.5 fin
S
start_exchange --markets KRW-BTC --rate 200 --script "$work/script"
record upbit:KRW-BTC
wait_logged 60 'connect-failed .*HTTP status 503'
logged 'reason="closed by the exchange: 1001 going-away"' || fail "the exchange's word is not in the log"
logged 'reason="the connection broke off"' || fail "a reset has no reason in the log"
logged 'connect-failed .*cannot connect' || fail "the refusal is not in the log"
"$python" - "$log" <<'PY' || fail "the waits are wrong"
import re, sys
waits = [int(w) for w in re.findall(r"wait_ms=(\d+)", open(sys.argv[1]).read())]
assert all(w <= 30000 for w in waits), waits
assert waits[0] <= 1000 and waits[0] >= 700, waits
assert max(waits) > 1000, f"the wait does not grow: {waits}"
PY
before=$(tape_count)
until_true 30 tape_has $((before + 200)) || fail "nothing is recorded after the outages"
stop_recorder
check "candles = trades" tape_is_sound
# what was on the way is missing, nothing else differs
tape_rows >"$work/found"
equal "rows that the ledger does not have" "" "$(ledger_rows | comm -23 "$work/found" - | head -n 3)"
[ "$(sqlite3 "$tape" "SELECT count(*) FROM gap WHERE reason = 'disconnect'")" -ge 1 ] || fail "the outages are no gap"
