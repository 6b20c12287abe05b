. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH --list-only KRW-XRP,BTC-ETH --rate 50
ask() { # EXPECTED_STATUS ARGUMENT...: --check-config
	local expected=$1 status=0 options
	shift
	mapfile -t options < <(addresses)
	"$tapedeckd" "${options[@]}" --check-config "$@" >"$work/out" 2>"$log" || status=$?
	equal "exit code for $*" "$expected" $status
	[ ! -e "$tape" ] || fail "--check-config made a tape"
}
ask 2 upbit:BTC-KRW
logged 'upbit:BTC-KRW is not among the 4 markets that the exchange lists; the nearest: upbit:KRW-BTC' || fail "no nearest name"
ask 2 upbit:krw-btc
logged 'the nearest: upbit:KRW-BTC' || fail "no nearest name for another case"
ask 2 'upbit:EUR-*'
ask 2 nowhere:KRW-BTC
logged "it knows:.* upbit" || fail "no word on the exchanges"
ask 2 KRW-BTC
ask 2
ask 0 'upbit:KRW-*' upbit:BTC-ETH upbit:KRW-BTC
equal "what would be recorded" "upbit: 4 markets, checked against the 4 listed" "$(sed -n 2p "$work/out")"
stop_exchange

: >"$log" # not to be had: recorded unchecked, at once
printf 'at=0 http 500 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 50 --script "$work/script"
record upbit:KRW-BTC
wait_logged 5 'first-trade market=upbit:KRW-BTC'
logged 'markets-unchecked exchange=upbit reason=".*HTTP status 500' || fail "the log does not say that the names are unchecked"
stop_recorder
stop_exchange

: >"$log" # answers never
printf 'at=0 http-stall 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 50 --script "$work/script"
record upbit:KRW-BTC
wait_logged 10 'first-trade market=upbit:KRW-BTC'
stop_recorder
