# timeout: 300
# A first start fetches nothing from before; with --backfill-since it does, once, as far back as asked for.
. "$(dirname "$0")/../lib/system.sh"

settled() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'open'")" = 0 ]; }
all_made() { [ "$(($(wc -l <"$ledger")))" -ge 1500 ]; }
rows() { cut -d, -f1-5 | LC_ALL=C sort; }

try() { # EXCHANGE WS_PATH TIME_FORMAT EXCHANGE_OPTION...
	local exchange=$1
	rm -f "$tape"* "$ledger"
	: >"$log"
	start_exchange --dialect "$exchange" --market-count 3 --rate 100 --trades 1500 "${@:4}"
	sleep 4
	record_all_of "$1" "$2"
	until_true 20 tape_has 100 || fail "$exchange: nothing is recorded"
	equal "$exchange: gaps of a first start" 0 "$(sql 'SELECT count(*) FROM gap')"
	stop_recorder
	record_all_of "$1" "$2" --backfill-since -1h
	wait_logged 20 'stopping|gap market=.* reason=backfill-since'
	until_true 60 all_made || fail "$exchange: the market does not end"
	sleep 8
	until_true 60 settled || fail "$exchange: still open: $(sql "SELECT * FROM gap WHERE state = 'open'")"
	stop_recorder
	record_all_of "$1" "$2" --backfill-since -1h
	wait_logged 20 'recording .*'
	sleep 1
	stop_recorder
	stop_exchange
	equal "$exchange: asked for since then" 3 "$(sql "SELECT count(*) FROM gap WHERE reason = 'backfill-since'")"
	"$tapedeck" --db "$tape" export --time-format "$3" | tail -n +2 | cut -d, -f2-7 | rows >"$work/tape.rows"
	rows <"$ledger" >"$work/ledger.rows"
	check "$exchange: tape = ledger from the market's first trade on" diff "$work/tape.rows" "$work/ledger.rows"
	check "$exchange: candles = trades" tape_is_sound
}
try upbit /websocket/v1 ms
try bithumb /websocket/v1 ms
try binance /stream us
try binance-usdm /market/stream ms
try binance-usdm /market/stream ms --newest-first # of a window, which no document rules out

# Farther than the exchange's REST reaches: that part is not asked for, and the ledger says why; the rest is filled.
rm -f "$tape"* "$ledger" "$work/exchange.log"
: >"$log"
start_exchange --dialect binance-usdm --market-count 1 --rate 50 --refuse-older-hours 48 --verbose
sleep 2
record_all_of binance-usdm /market/stream --backfill-since -60h
filled() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'filled'")" -ge 1 ] && settled; }
until_true 60 filled || fail "not filled: $(sql 'SELECT * FROM gap')"
equal "what is too old" "12 the exchange's REST reaches back 48 hours" \
	"$(sql "SELECT round((to_us - from_us) / 3600e6) || ' ' || note FROM gap WHERE state = 'unfillable'" | sed 's/[.]0//')"
grep -q 'aggTrades.*status=400' "$work/exchange.log" && fail "it was asked for all the same"
stop_recorder
stop_exchange
