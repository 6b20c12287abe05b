# timeout: 300
# The line drops, the exchange refuses, the recorder is killed: each is a gap of the ledger, REST fills it, and then the tape
# equals the exchange's ledger, trade for trade.
. "$(dirname "$0")/../lib/system.sh"

no_open_gap() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'open'")" = 0 ]; }
all_made() { [ "$(($(wc -l <"$ledger")))" -ge "$1" ]; }
# Without ids: those of REST are not the socket's.
rows() { cut -d, -f1-5 | LC_ALL=C sort; }

try() { # EXCHANGE WS_PATH TIME_FORMAT EXCHANGE_OPTIONS...
	local exchange=$1 path=$2 format=$3 trades=5000
	shift 3
	rm -f "$tape"* "$ledger"
	: >"$log"
	printf '%s\n' 'after=3 drop' 'after=3 refuse 2' 'after=18 close 1001 bye' >"$work/script"
	start_exchange --dialect "$exchange" --market-count 4 --rate 250 --trades $trades --start-on-subscribe \
		--script "$work/script" "$@"
	record_all_of "$exchange" "$path"
	wait_logged 30 ' live exchange='
	sleep 14 # by then the first gap is filled, but around midnight, when REST is asked some seconds later: then it goes on
	kill -9 $recorder_pid
	local dead_us=$(($(date +%s%6N) + 500000))
	wait $recorder_pid || true
	sleep 1
	record_all_of "$exchange" "$path"
	until_true 60 all_made $trades || fail "$exchange: the market does not end"
	sleep 4 # late ones are on their way
	until_true 60 no_open_gap || fail "$exchange: still open: $(sql "SELECT * FROM gap WHERE state = 'open'")"
	stop_recorder
	stop_exchange
	"$tapedeck" --db "$tape" export --time-format "$format" | tail -n +2 | cut -d, -f2-7 >"$work/tape.csv"
	rows <"$work/tape.csv" >"$work/tape.rows"
	rows <"$ledger" >"$work/ledger.rows"
	check "$exchange: tape = ledger" diff "$work/tape.rows" "$work/ledger.rows"
	check "$exchange: candles = trades" tape_is_sound
	equal "$exchange: gaps that are not filled" 0 "$(sql "SELECT count(*) FROM gap WHERE state <> 'filled'")"
	check "$exchange: no crack between coverage and gaps" grep -q 'All 4 markets whole' <("$tapedeck" --db "$tape" report)
	[ "$(sql "SELECT count(*) FROM gap WHERE reason = 'disconnect'")" -ge 4 ] || fail "$exchange: the outage is no gap"
	equal "$exchange: markets with a gap while it was killed" 4 "$(sql "SELECT count(DISTINCT market_id) FROM gap WHERE from_us < $dead_us AND to_us > $dead_us")"
	equal "$exchange: put back" "$(sql 'SELECT count(*) FROM trade WHERE lag_us IS NULL')" "$(sql 'SELECT sum(filled) FROM gap')"
	[ "$(sql 'SELECT sum(filled) FROM gap')" -ge 100 ] || fail "$exchange: hardly anything was missing"
	if [ "$exchange" != bithumb ]; then
		equal "$exchange: trades without an id" 0 "$(sql "SELECT count(*) FROM trade WHERE typeof(id) = 'blob'")"
		cut -d, -f1,6 "$work/tape.csv" | LC_ALL=C sort >"$work/tape.ids"
		cut -d, -f1,6 "$ledger" | LC_ALL=C sort >"$work/ledger.ids"
		check "$exchange: ids" diff "$work/tape.ids" "$work/ledger.ids"
	fi
	echo "$exchange: $(sql "SELECT group_concat(reason || ' ' || n || ' with ' || f, ', ') FROM (SELECT reason, count(*) AS n, sum(filled) AS f
		FROM gap GROUP BY reason)") trades put back"
}
for name in ${EXCHANGES:-upbit bithumb binance binance-usdm}; do
	case $name in
	upbit | bithumb) try "$name" /websocket/v1 ms --reorder-ms 2500 ;;
	binance) try "$name" /stream us ;;
	binance-usdm) try "$name" /market/stream ms ;;
	esac
done
