# timeout: 300
# Binance's list of markets is 16.9 MB unless asked for without permission groups; what is larger than we take has its own
# words; and between two lists, the names of what trades tell whether there is anything new.
. "$(dirname "$0")/../lib/system.sh"
binance() { # OPTION... MARKET...: in the background
	"$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "binance=wss://localhost:$port/stream" \
		--rest-url "binance=https://localhost:$port" "$@" 2>>"$log" &
	recorder_pid=$!
}
begin() { # EXCHANGE_OPTION...
	rm -f "$tape"* "$ledger"
	: >"$log"
	: >"$work/exchange.log"
	start_exchange --dialect binance --market-count 40 --rate 100 --verbose "$@"
}
asked() { grep -c " GET $1.* status=200" "$work/exchange.log" || true; }
refused() { grep -c " GET $1.* status=404" "$work/exchange.log" || true; }
at_least() { [ "$($2 "$3")" -ge "$1" ]; }

# The list is had, and a name that is not on it is refused.
begin
status=0
binance --check-config 'binance:*USDT' binance:BTCUSTD
wait "$recorder_pid" || status=$?
recorder_pid=''
equal "exit code for a misspelt name" 2 $status
logged 'binance:BTCUSTD is not among the 40 markets .* the nearest: binance:BTCUSDT' || fail "no nearest name: $(cat "$log")"
stop_exchange

# Newly listed: the names alone are asked for, and the list once more when they hold a new one that is wanted.
printf 'at=6 list NEWUSDT=NEW/USDT\nat=8 list NEWBTC=NEW/BTC\n' >"$work/script"
begin --script "$work/script"
TAPEDECK_TEST_RELIST_S=1 binance 'binance:*USDT' binance:ETHBTC
wait_logged 30 'newly-listed market=binance:NEWUSDT'
wait_logged 10 'first-trade market=binance:NEWUSDT'
until_true 30 at_least 14 asked /api/v3/ticker/price || fail "the names are asked for $(asked /api/v3/ticker/price) times"
equal "times that the whole list was asked for" 2 "$(asked /api/v3/exchangeInfo)"
logged 'NEWBTC' && fail "what no pattern wants is recorded"
stop_recorder
stop_exchange

# Where the names are refused, it is the list, and seldom.
printf 'at=6 list NEWUSDT=NEW/USDT\n' >"$work/script"
begin --no-prices --script "$work/script"
TAPEDECK_TEST_RELIST_S=1 binance 'binance:*USDT'
wait_logged 40 'newly-listed market=binance:NEWUSDT'
[ "$(asked /api/v3/exchangeInfo)" -le 3 ] || fail "the list is asked for $(asked /api/v3/exchangeInfo) times"
stop_recorder
stop_exchange

# Larger than we take, with and without a length that says so: words, what is named is recorded, and a pattern waits.
for how in '' --chunked; do
	begin --fat-list $how
	binance 'binance:*USDT' binance:BTCUSDT
	wait_logged 20 'markets-unchecked exchange=binance reason="localhost: the answer is larger than we take: 16 MiB"'
	wait_logged 20 'first-trade market=binance:BTCUSDT'
	stop_recorder
	stop_exchange
done
