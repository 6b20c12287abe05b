# timeout: 200
# Each exchange of its own simulated kind, live, then its ledger = the tape: trades, tickers, candles, ids.
. "$(dirname "$0")/../lib/system.sh"

try() { # EXCHANGE WS_PATH TIME_FORMAT TRADES EXCHANGE_OPTIONS...
	local exchange=$1 path=$2 format=$3 trades=$4
	shift 4
	rm -f "$tape"* "$ledger" "$work/tickers"
	: >"$log"
	start_exchange --dialect "$exchange" --market-count 8 --rate 800 --trades "$trades" --start-on-subscribe \
		--ticker-ledger "$work/tickers" "$@"
	record_all_of "$exchange" "$path"
	until_true 40 tape_has "$trades" || fail "$exchange: of $trades trades $(tape_count) arrive"
	stop_recorder
	stop_exchange
	"$tapedeck" --db "$tape" export --time-format "$format" | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort >"$work/tape.rows"
	ledger_rows >"$work/ledger.rows"
	check "$exchange: tape = ledger" diff "$work/tape.rows" "$work/ledger.rows"
	check "$exchange: candles = trades" tape_is_sound
	grep -q ' bad=0 ' "$log" || fail "$exchange: something was taken for bad: $(grep bad-message "$log" | head -n 2)"
	grep -q ' disconnected ' "$log" && fail "$exchange: $(grep disconnected "$log")"
	echo "$exchange: $trades trades, $(($(stat -c %s "$tape") / trades)) bytes each"
}
try bithumb /websocket/v1 ms 4000
try bithumb-legacy /pub/ws us 4000 --ack-ms 500
try binance /stream us 4000 --server-ping-ms 1000
try binance-usdm /market/stream ms 4000
[ -z "$(sqlite3 "$tape" "SELECT 1 FROM market WHERE base = '' OR quote = ''")" ] || fail "an asset is missing"
