# Real frames: 7 trades of Bithumb's old socket, 56 of Binance's futures; of Binance spot only aggregated trades, whose ids
# are another series: passed over, counted, never mixed in.
. "$(dirname "$0")/../lib/system.sh"
[ -n "${TAPEDECK_CAPTURES:-}" ] || skip "TAPEDECK_CAPTURES is not set"
replay() { # EXCHANGE WS_PATH FILE TRADES MARKET...
	local exchange=$1 path=$2 file=$3 trades=$4
	shift 4
	rm -f "$tape"*
	: >"$log"
	start_exchange --dialect "$exchange" --replay "$TAPEDECK_CAPTURES/$file" --speed max
	"$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "$exchange=wss://localhost:$port$path" \
		--rest-url "$exchange=https://localhost:$port" "$@" 2>>"$log" &
	recorder_pid=$!
	wait_logged 20 ' live '
	until_true 10 tape_has "$trades" || fail "$exchange: of $trades trades $(tape_count) arrive"
	sleep 0.5
	stop_recorder
	stop_exchange
	equal "$exchange: trades" "$trades" "$(tape_count)"
	tape_rows_us >"$work/found"
	check "$exchange: tape = capture" diff "$work/expected" "$work/found"
	check "$exchange: candles = trades" tape_is_sound
	logged ' bad=0 ' || fail "$exchange: $(grep bad-message "$log" | head -n 2)"
}
tape_rows_us() { { "$tapedeck" --db "$tape" export --time-format us 2>/dev/null || [ $? -eq 3 ]; } | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort; }

"$python" - "$TAPEDECK_CAPTURES/bithumb-legacy.txt" <<'PY' | LC_ALL=C sort >"$work/expected"
import json, sys
from datetime import datetime, timedelta, timezone
for line in open(sys.argv[1]):
    for t in json.loads(line.split(" ", 2)[2]).get("content", {}).get("list", []):
        time = datetime.fromisoformat(t["contDtm"]).replace(tzinfo=timezone(timedelta(hours=9)))
        us = (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
        print(t["symbol"], us, t["contPrice"], t["contQty"], {"1": "sell", "2": "buy"}[t["buySellGb"]], "", sep=",")
PY
replay bithumb-legacy /pub/ws bithumb-legacy.txt 7 'bithumb-legacy:*'
"$python" - "$TAPEDECK_CAPTURES/binance-futures.txt" <<'PY' | LC_ALL=C sort >"$work/expected"
import json, sys
from decimal import Decimal
plain = lambda text: format(Decimal(text).normalize(), "f")
for line in open(sys.argv[1]):
    t = json.loads(line.split(" ", 2)[2])["data"]
    if t["e"] == "aggTrade":
        print(t["s"], t["T"] * 1000, plain(t["p"]), plain(t["q"]), "sell" if t["m"] else "buy", t["a"], sep=",")
PY
replay binance-usdm /market/stream binance-futures.txt 56 'binance-usdm:*'
: >"$work/expected"
replay binance /stream binance.txt 0 'binance:*'
logged 'passed_over=265 ' || fail "what was passed over is not counted"
