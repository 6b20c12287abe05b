# End to end against a server that shares nothing with ours (upbit_server.py): SIMPLE, then a restart, then DEFAULT with
# snapshots nobody asked for. Tape = ledger, through `tapedeck export --csv` and through the view `trades`.
. "$(dirname "$0")/../lib/system.sh"
"$python" -c 'import websockets' 2>/dev/null || skip "python3-websockets is missing"

start_upbit() { # OPTION...
	make_certs
	rm -f "$work/port"
	"$python" "$here/simexchange/upbit_server.py" --cert "$work/certs/server.pem" --key "$work/certs/server.key" \
		--port "${port:-0}" --port-file "$work/port" --ledger "$ledger" --rate 250 --orderbooks 10 "$@" 2>>"$work/exchange.log" &
	exchange_pid=$!
	until_true 10 test -s "$work/port" || fail "the server does not start"
	port=$(cat "$work/port")
}

start_upbit --seed 1
record 'upbit:*'
until_true 20 tape_has 800 || fail "nothing is recorded before the restart"
stop_exchange
before=$(wc -l <"$ledger")
[ "$before" -ge 800 ] || fail "only $before trades are certain before the restart"

start_upbit --seed 2 --format DEFAULT --always-snapshot
until_true 20 tape_has $((before + 800)) || fail "nothing is recorded after the restart"
stop_exchange
stop_recorder

equal "ends with trades in doubt" "0 0" "$(sed -n 's/.*upbit_server: .*doubtful=//p' "$work/exchange.log" | xargs)"
[ "$(wc -l <"$ledger")" -ge $((before + 800)) ] || fail "the ledger is short"
equal "trades on the ledger twice" "" "$(cut -d, -f1,6 "$ledger" | LC_ALL=C sort | uniq -d)"
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
equal "badly taken messages" "" "$(grep -E ' bad=[1-9]' "$log" || true)"

# Once more, by the columns' names and the times as text; then past our own programs altogether.
"$python" - "$ledger" <<'PY' | LC_ALL=C sort >"$work/expected"
import sys
from datetime import datetime, timedelta
for line in open(sys.argv[1]):
    symbol, ms, price, size, side, number = line.rstrip("\n").split(",")
    at = datetime(1970, 1, 1) + timedelta(milliseconds=int(ms))
    print("upbit", symbol, at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), price, size, side, number, sep=",")
PY
"$tapedeck" --db "$tape" export --csv >"$work/export.csv"
equal "header" exchange,symbol,time,price,size,side,trade_id,received "$(head -n 1 "$work/export.csv")"
tail -n +2 "$work/export.csv" | cut -d, -f1-7 | LC_ALL=C sort >"$work/export.rows"
check "export --csv = ledger" diff "$work/expected" "$work/export.rows"
sqlite3 -readonly -csv "$tape" 'SELECT exchange, symbol, time, price, size, side, trade_id FROM trades' |
	tr -d '\r' | LC_ALL=C sort >"$work/view.rows"
check "the view trades = ledger" diff "$work/expected" "$work/view.rows"
