# timeout: 120
# The exchange says that it will close, and takes no connection that could replace the old one: what the old one leaves out
# is a gap all the same, at once, and is filled.
. "$(dirname "$0")/../lib/system.sh"

printf '%s\n' 'after=1 unavailable 60' 'after=6 mute-market BTCUSDT 1' >"$work/script"
start_exchange --dialect binance --markets BTCUSDT --rate 50 --start-on-subscribe --life-ms 100000 --shutdown-notice-ms 97000 \
	--script "$work/script"
record_all_of binance /stream
wait_logged 20 'connect-failed exchange=binance reason=".*503'
wait_logged 20 ' gap market=binance:BTCUSDT reason=id-skip '
wait_logged 20 ' filled market=binance:BTCUSDT reason=id-skip '
logged ' replaced ' && fail "it was replaced, and this shows nothing"
stop_recorder
stop_exchange
"$tapedeck" --db "$tape" verify || fail "tapedeck verify"
