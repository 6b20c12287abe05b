# timeout: 400
# REST has other ids, times or digits than the socket: nothing of its answers is added, the gap stays with that reason, and the
# log says it once a market.  What REST is asked for after a kill -9 is compared with what stands on the tape.
. "$(dirname "$0")/../lib/system.sh"

twin="note LIKE 'REST is not the socket''s twin: %; none was added'"
none_open() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'open'")" = 0 ]; }
rows() { cut -d, -f1-5 | LC_ALL=C sort; }

try() { # EXCHANGE WS_PATH TIME_FORMAT EXCHANGE_OPTION...
	local exchange=$1 path=$2 format=$3
	shift 3
	rm -f "$tape"* "$ledger"
	: >"$log"
	printf '%s\n' 'after=3 drop' 'after=3 refuse 2' >"$work/script"
	start_exchange --dialect "$exchange" --market-count 2 --rate 60 --trades 2500 --start-on-subscribe --script "$work/script" "$@"
	record_all_of "$exchange" "$path"
	wait_logged 30 ' live exchange='
	two_told() { [ "$(sql "SELECT count(DISTINCT market_id) FROM gap WHERE state = 'unfillable' AND reason = 'disconnect' AND $twin")" = 2 ]; }
	until_true 50 two_told || fail "$exchange $*: $(sql 'SELECT * FROM gap')"
	kill -9 $recorder_pid
	wait $recorder_pid || true
	sleep 1 # of each market something is missed
	record_all_of "$exchange" "$path"
	told_again() { [ "$(sql "SELECT count(DISTINCT market_id) FROM gap WHERE state = 'unfillable' AND reason = 'not-running' AND $twin")" = 2 ]; }
	until_true 50 told_again || fail "$exchange $*, after a restart: $(sql 'SELECT * FROM gap')"
	until_true 20 none_open || fail "$exchange $*: gaps stay open"
	stop_recorder
	stop_exchange
	equal "$exchange $*: trades by REST" 0 "$(sql 'SELECT count(*) FROM trade WHERE lag_us IS NULL')"
	equal "$exchange $*: times that it is said, in two runs" 4 "$(grep -c ' backfill-mismatch market=' "$log")"
	"$tapedeck" --db "$tape" export --time-format "$format" | tail -n +2 | cut -d, -f2-7 | rows >"$work/tape.rows"
	rows <"$ledger" >"$work/ledger.rows"
	equal "$exchange $*: trades that never were, or stand twice" 0 "$(LC_ALL=C comm -23 "$work/tape.rows" "$work/ledger.rows" | wc -l)"
	check "$exchange: candles = trades" tape_is_sound
}

try upbit /websocket/v1 ms --rest-ids round
try bithumb /websocket/v1 ms --rest-digits 1
try binance /stream us --rest-times seconds
