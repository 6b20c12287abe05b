# First things first: record three markets live, ask while recording goes on, stop, compare.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH,BTC-XRP --rate 300 --trades 1200 --start-on-subscribe --reorder-ms 400 --orderbooks 7
record upbit:KRW-BTC upbit:KRW-ETH upbit:BTC-XRP
wait_logged 10 'first-trade market=upbit:KRW-BTC'
wait_logged 10 ' live exchange=upbit address=127.0.0.1 markets=3'
until_true 10 tape_has 600 || fail "nothing is recorded"
for command in 'price upbit:KRW-BTC' 'last' 'trades upbit:KRW-ETH' 'ohlc upbit:KRW-BTC -i 1s' 'markets' 'export upbit:BTC-XRP'; do
	# shellcheck disable=SC2086
	[ -n "$("$tapedeck" --db "$tape" $command)" ] || fail "tapedeck $command says nothing while recording"
done
until_true 20 tape_has 1200 || fail "of 1200 trades $(tape_count) arrive"
stop_recorder TERM
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
logged 'summary trades=' || fail "no summary line"
logged ' stopped exit=0' || fail "the log does not end"
[ -f "$tape-wal" ] && [ ! -s "$tape-wal" ] || fail "the stop left a -wal that is missing or not empty"
