# timeout: 90
# Binance: one market falls deaf in its third second, before anybody knows its habit; another ends. The connection lives, and its
# pongs prove only the line. REST has more of the one, and nothing of the other.
. "$(dirname "$0")/../lib/system.sh"
rows_of() { sql "SELECT count(*) FROM gap JOIN market USING (market_id) WHERE symbol = '$1'${2:+ AND $2}"; }
for exchange in ${EXCHANGES:-binance:/stream:us}; do # binance-usdm:/market/stream:ms goes the same way
	IFS=: read -r name path format <<<"$exchange"
	: >"$log"
	rm -f "$tape"* "$ledger"
	printf '%s\n' 'after=3 deaf-market ETHUSDT' 'after=3 delist XRPUSDT' >"$work/script"
	start_exchange --dialect "$name" --market-count 3 --markets BTCUSDT,ETHUSDT,XRPUSDT --rate 60 --script "$work/script"
	record_all_of "$name" "$path" --audit 4s
	wait_logged 30 "mute market=$name:ETHUSDT "
	sleep 14
	stop_recorder
	stop_exchange
	"$tapedeck" --db "$tape" export --time-format "$format" >"$work/tape.csv"
	check "$name: nothing is missing in silence" "$python" "$here/lib/missing.py" "$tape" "$ledger" "$work/tape.csv"
	check "$name: what the deaf one said is put back" [ "$(sql "SELECT sum(filled) FROM gap WHERE reason = 'audit'")" -gt 50 ]
	check "$name: and it is not called whole" [ "$(rows_of ETHUSDT "state = 'open'")" -gt 0 ]
	equal "$name: gaps of the quiet one and of the busy one" "0 0" "$(rows_of XRPUSDT) $(rows_of BTCUSDT)"
	check "$name: the tape is sound" tape_is_sound
done
