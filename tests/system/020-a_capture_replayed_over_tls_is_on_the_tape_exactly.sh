# The 168 trades of a real capture, ids, sides, prices and sizes as it spells them; its order books do no harm.
. "$(dirname "$0")/../lib/system.sh"
[ -n "${TAPEDECK_CAPTURES:-}" ] || skip "TAPEDECK_CAPTURES is not set"
start_exchange --replay "$TAPEDECK_CAPTURES/upbit.txt" --speed max
record 'upbit:*'
until_true 10 tape_has 168 || fail "168 trades do not arrive"
sleep 0.3
stop_recorder
"$python" - "$TAPEDECK_CAPTURES/upbit.txt" <<'PY' | LC_ALL=C sort >"$work/expected"
import json, sys
from decimal import Decimal
for line in open(sys.argv[1]):
    m = json.loads(line.split(" ", 2)[2], parse_float=Decimal, parse_int=Decimal)
    if m["ty"] == "trade":
        plain = [format(m[k].normalize(), "f") for k in ("ttms", "tp", "tv", "sid")]
        print(m["cd"], plain[0], plain[1], plain[2], {"BID": "buy", "ASK": "sell"}[m["ab"]], plain[3], sep=",")
PY
equal "trades in the capture" 168 "$(wc -l <"$work/expected")"
tape_rows >"$work/found"
check "tape = capture" diff "$work/expected" "$work/found"
check "candles = trades" tape_is_sound
grep -q ' bad=0 ' "$log" || fail "the order books were taken for something bad"
