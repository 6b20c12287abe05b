# What the tape knows and the exchange lists no more is left out, said, and has its row in the ledger; the others are recorded. It is
# over when the market is listed again. Named or by a pattern.
. "$(dirname "$0")/../lib/system.sh"
gap() { sqlite3 "$tape" "SELECT state || ' ' || (to_us IS NULL) FROM gap JOIN market USING (market_id) WHERE symbol = 'KRW-ETH' AND reason = 'delisted'"; }
night() { # SYMBOLS MARKET...
	local symbols=$1 before
	shift
	before=$(tape_count 2>/dev/null || echo 0)
	: >"$log"
	start_exchange --markets "$symbols" --rate 100
	record "$@"
	until_true 20 tape_has $((before + 100)) || fail "nothing is recorded"
	stop_recorder
	stop_exchange
}
night KRW-BTC,KRW-ETH upbit:KRW-BTC upbit:KRW-ETH
night KRW-BTC upbit:KRW-BTC upbit:KRW-ETH
logged 'delisted market=upbit:KRW-ETH' || fail "no word of it"
equal "the gap" "unfillable 1" "$(gap)"
night KRW-BTC upbit:KRW-BTC upbit:KRW-ETH # again: one row
equal "the gap" "unfillable 1" "$(gap)"
night KRW-BTC,KRW-ETH upbit:KRW-BTC upbit:KRW-ETH
equal "the gap when it is listed again" "unfillable 0" "$(gap)"
night KRW-BTC 'upbit:KRW-*'
equal "the gaps with a pattern" "unfillable 0 unfillable 1" "$(gap | sort | xargs)"

start_exchange --markets KRW-BTC --rate 100
status=0
mapfile -t options < <(addresses)
"$tapedeckd" "${options[@]}" upbit:KRW-ETH 2>"$log" || status=$?
equal "exit code where nothing is left" 2 $status
status=0
"$tapedeckd" "${options[@]}" upbit:KRW-BTC upbit:KRW-ETX 2>"$log" || status=$?
equal "exit code for what nobody knows" 2 $status
