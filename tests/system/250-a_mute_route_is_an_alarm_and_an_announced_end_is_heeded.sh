# timeout: 150
. "$(dirname "$0")/../lib/system.sh"
record_from() { # EXCHANGE WS_PATH
	: >"$log"
	rm -f "$tape"*
	"$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "$1=wss://localhost:$port$2" \
		--rest-url "$1=https://localhost:$port" "$1:*" 2>>"$log" &
	recorder_pid=$!
}
# Binance's routes of before 2026-04 connect, acknowledge, and say nothing.
start_exchange --dialect binance-usdm --market-count 3 --rate 50
record_from binance-usdm /stream
wait_logged 60 'broken mute exchange=binance-usdm connected for 30 s'
equal "trades" 0 "$(tape_count)"
stop_recorder
stop_exchange

# An announced shutdown: the recorder leaves and comes back, and goes on.
start_exchange --dialect binance --market-count 3 --rate 100 --life-ms 8000 --shutdown-notice-ms 3000
record_from binance /stream
wait_logged 30 'disconnected exchange=binance reason="the exchange announced that it will close"'
before=$(tape_count)
until_true 20 tape_has $((before + 200)) || fail "nothing is recorded after the announced end"
stop_recorder
check "candles = trades" tape_is_sound
stop_exchange

# Bithumb's old socket may not answer pings: one is sent, no more, and its silence is no fault.
start_exchange --dialect bithumb-legacy --market-count 3 --rate 20 --no-pong --ack-ms 300 --verbose
record_from bithumb-legacy /pub/ws
wait_logged 20 ' live exchange=bithumb-legacy'
sleep 22
grep -q ' disconnected ' "$log" && fail "an unanswered ping was taken for death"
stop_recorder
