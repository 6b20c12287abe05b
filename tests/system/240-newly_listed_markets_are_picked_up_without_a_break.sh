# A market that is listed while a pattern is recorded joins in, by a connection that takes the old one's place without a break.
# (Every 5 minutes; test builds may look more often.)
. "$(dirname "$0")/../lib/system.sh"
export TAPEDECK_TEST_RELIST_S=2
try() { # EXCHANGE WS_PATH SYMBOL
	local exchange=$1 path=$2 symbol=${3%%=*}
	rm -f "$tape"* "$ledger"
	: >"$log"
	printf 'at=4 list %s\n' "$3" >"$work/script"
	start_exchange --dialect "$exchange" --market-count 4 --rate 100 --script "$work/script"
	"$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "$exchange=wss://localhost:$port$path" \
		--rest-url "$exchange=https://localhost:$port" "$exchange:*" 2>>"$log" &
	recorder_pid=$!
	wait_logged 20 "newly-listed market=$exchange:$symbol"
	wait_logged 10 "first-trade market=$exchange:$symbol"
	grep -q ' disconnected ' "$log" && fail "$exchange: $(grep disconnected "$log")"
	stop_recorder
	equal "$exchange: stretches of coverage of the others" 1 \
		"$(sqlite3 "$tape" "SELECT max(n) FROM (SELECT count(*) n FROM coverage WHERE to_us > from_us GROUP BY market_id)")"
	check "$exchange: candles = trades" tape_is_sound
	stop_exchange
}
try upbit /websocket/v1 KRW-NEW
try bithumb /websocket/v1 KRW-NEW
try binance /stream NEWUSDT=NEW/USDT
