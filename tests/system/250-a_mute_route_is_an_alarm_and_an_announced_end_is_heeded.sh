# timeout: 150
. "$(dirname "$0")/../lib/system.sh"
begin() { # EXCHANGE WS_PATH
	: >"$log"
	rm -f "$tape"*
	record_all_of "$1" "$2"
}
# Binance's routes of before 2026-04 connect, acknowledge, and say nothing.
start_exchange --dialect binance-usdm --market-count 3 --rate 50
begin binance-usdm /stream
wait_logged 60 'error mute exchange=binance-usdm connected for 30 s'
equal "trades" 0 "$(tape_count)"
stop_recorder
stop_exchange

# An announced shutdown: another connection is live before the old one goes, and nothing is missed.
start_exchange --dialect binance --market-count 3 --rate 100 --trades 1500 --start-on-subscribe --life-ms 8000 \
	--shutdown-notice-ms 3000
begin binance /stream
wait_logged 30 ' replaced exchange=binance '
until_true 20 tape_has 1500 || fail "after the announced end, of 1500 trades $(tape_count) arrive"
grep -q ' disconnected ' "$log" && fail "the connection broke all the same"
equal "gaps" 0 "$(sqlite3 "file:$tape?mode=ro" 'SELECT count(*) FROM gap')"
stop_recorder
check "candles = trades" tape_is_sound
stop_exchange

# Bithumb's old socket may not answer pings: one is sent, no more, and its silence is no fault.
start_exchange --dialect bithumb-legacy --market-count 3 --rate 20 --no-pong --ack-ms 300 --verbose
begin bithumb-legacy /pub/ws
wait_logged 20 ' live exchange=bithumb-legacy'
sleep 22
grep -q ' disconnected ' "$log" && fail "an unanswered ping was taken for death"
stop_recorder
