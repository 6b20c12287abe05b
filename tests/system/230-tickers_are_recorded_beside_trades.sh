# MARKET@ticker, in every exchange that has them; for Bithumb's old socket by window.
. "$(dirname "$0")/../lib/system.sh"
try() { # EXCHANGE WS_PATH WINDOWS MARKET...: tickers on the tape = the ticker ledger of those windows
	local exchange=$1 path=$2 windows=$3
	shift 3
	rm -f "$tape"* "$ledger" "$work/tickers"
	: >"$log"
	start_exchange --dialect "$exchange" --market-count 3 --rate 300 --trades 1500 --start-on-subscribe --ack-ms 200 \
		--ticker-ledger "$work/tickers"
	"$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "$exchange=wss://localhost:$port$path" \
		--rest-url "$exchange=https://localhost:$port" "$@" 2>>"$log" &
	recorder_pid=$!
	wait_logged 20 'first-ticker'
	sleep 6
	stop_recorder
	stop_exchange
	logged ' bad=0 ' || fail "$exchange: $(grep bad-message "$log" | head -n 2)"
	expected=$(grep -E ",($windows)," "$work/tickers" | sort -u | wc -l)
	equal "$exchange: tickers" "$expected" "$(sqlite3 "$tape" 'SELECT count(*) FROM ticker')"
	"$tapedeck" --db "$tape" tickers "$(sqlite3 "$tape" "SELECT exchange || ':' || symbol FROM market LIMIT 1")" -n 100000 \
		--time-format "$format" | cut -d"$(printf '\t')" -f2,4-9 | tr '\t' , | LC_ALL=C sort -u >"$work/found"
	market=$(sqlite3 "$tape" 'SELECT symbol FROM market LIMIT 1')
	grep "^$market," "$work/tickers" | grep -E ",($windows)," | cut -d, -f1,3-8 | LC_ALL=C sort -u >"$work/expected"
	check "$exchange: tickers of $market" cmp "$work/expected" "$work/found"
}
format=ms
try upbit /websocket/v1 24H 'upbit:*@ticker'
try bithumb /websocket/v1 24H 'bithumb:*@ticker' 'bithumb:*'
format=us
try binance /stream 24H 'binance:*@ticker'
format=s
try bithumb-legacy /pub/ws '30M|MID' 'bithumb-legacy:*@ticker:30M' 'bithumb-legacy:*@ticker:MID'
