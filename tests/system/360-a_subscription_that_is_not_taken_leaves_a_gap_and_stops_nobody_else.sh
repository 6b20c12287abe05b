# timeout: 240
# A market is live by its own frame. What the exchange refuses, or never answers, is not live, is said, and asked for again; a
# market that it refuses for ever stands alone in the end, with its row in the ledger, and all others are recorded.
. "$(dirname "$0")/../lib/system.sh"
markets=150 unit=us
begin() { # SCRIPT_LINE: 150 markets, so that there are two frames
	: >"$log"
	rm -f "$tape"* "$ledger"
	printf '%s\n' "$@" >"$work/script"
	start_exchange --dialect binance --market-count 150 --rate 300 --script "$work/script"
	record_all_of binance /stream
}
end() {
	sleep 3
	stop_recorder
	stop_exchange
	check "candles = trades" tape_is_sound
	check "nothing is missing in silence" said "$@"
}
# Every market is covered but those named, which have their gap.
said() {
	local covered=$((markets - $#))
	"$tapedeck" --db "$tape" export --time-format "$unit" >"$work/tape.csv"
	"$python" "$here/lib/missing.py" "$tape" "$ledger" "$work/tape.csv" "$@" | tee "$work/said"
	grep -q " $covered markets covered" "$work/said"
}

begin 'at=0 refuse-frame 2' # the second of each connection, so that asking again helps
wait_logged 30 'subscription-refused exchange=binance market=binance:[A-Z0-9]+,\.\.\. reason=.*Too many subscriptions.* markets=50'
wait_logged 30 ' live exchange=binance .*markets=150'
end

begin 'at=0 ignore-frame 1'
wait_logged 30 'subscription-refused exchange=binance .*no answer in 10 s.* markets=100'
wait_logged 30 ' live exchange=binance .*markets=150'
end

begin 'at=0 refuse-market ETHUSDT'
wait_logged 90 'subscription-refused exchange=binance market=binance:ETHUSDT reason='
wait_logged 30 ' live exchange=binance .*markets=149'
end ETHUSDT

# Upbit acknowledges nothing, and its pongs come whether it took the frame or not: what it says of a market is the only proof.
markets=2 unit=ms
: >"$log"
rm -f "$tape"* "$ledger"
printf '%s\n' 'at=0 ignore-frame 1' 'after=5 drop' >"$work/script"
start_exchange --markets KRW-BTC,KRW-ETH --rate 100 --script "$work/script"
record upbit:KRW-BTC upbit:KRW-ETH
sleep 8
grep -q ' live ' "$log" && fail "live by a pong"
wait_logged 10 'subscription-refused exchange=upbit .*reason="no answer in 10 s" markets=2'
wait_logged 10 ' live exchange=upbit .*markets=2'
wait_logged 20 ' disconnected exchange=upbit '
: >"$log"
wait_logged 30 ' live exchange=upbit .*markets=2'
end
