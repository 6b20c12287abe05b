# A market that is listed while a pattern is recorded joins in, by a connection that takes the old one's place without a break.
# (Every 5 minutes; test builds may look more often.)
. "$(dirname "$0")/../lib/system.sh"
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

# No list at the start: what is named is recorded at once, and what a pattern stands for as soon as the list can be had.
unset TAPEDECK_TEST_RELIST_S # it is asked for sooner than every 5 minutes
rm -f "$tape"* "$ledger"
printf 'at=0 http 500 8\n' >"$work/script"
start_exchange --market-count 4 --rate 100 --script "$work/script"
record 'upbit:KRW-*' upbit:KRW-BTC
wait_logged 5 'first-trade market=upbit:KRW-BTC'
logged 'list-had' && fail "the list was had too early: this test tries nothing"
logged 'pattern-waits pattern=upbit:KRW-[*] ' || fail "the log does not say that a pattern waits"
wait_logged 30 'list-had exchange=upbit listed=4 markets_added=3'
all_recorded() { [ "$(sql 'SELECT count(DISTINCT market_id) FROM trade')" = 4 ]; }
until_true 20 all_recorded || fail "not all markets of the pattern are recorded"
logged ' disconnected ' && fail "$(grep disconnected "$log")"
stop_recorder
equal "stretches of coverage of the named market" 1 "$(sqlite3 "$tape" "SELECT count(*) FROM coverage JOIN market USING (market_id) WHERE symbol = 'KRW-BTC' AND to_us > from_us")"
stop_exchange

# Alone it waits, too, and after three rounds the log says what to check.
rm -f "$tape"* "$ledger"
: >"$log"
printf 'at=0 http 500 8\n' >"$work/script"
start_exchange --market-count 4 --rate 100 --script "$work/script"
TAPEDECK_TEST_RELIST_S=1 record 'upbit:KRW-*'
wait_logged 10 'unreachable exchange=upbit it answers and refuses, 3 times so far'
wait_logged 30 'list-had exchange=upbit listed=4 markets_added=4'
until_true 20 all_recorded || fail "not all markets of a pattern alone are recorded"
equal "times that it is said what to check" 1 "$(grep -c ' unreachable ' "$log")"
stop_recorder
stop_exchange

export TAPEDECK_TEST_RELIST_S=2
try upbit /websocket/v1 KRW-NEW
try bithumb /websocket/v1 KRW-NEW
try binance /stream NEWUSDT=NEW/USDT
try binance-usdm /market/stream NEWUSDT=NEW/USDT
