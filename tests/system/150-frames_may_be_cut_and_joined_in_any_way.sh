. "$(dirname "$0")/../lib/system.sh"
for way in 'fragment 5' 'drip' 'coalesce 40' 'text'; do
	rm -f "$tape"* "$ledger"
	printf 'conn=1 %s\n' "$way" >"$work/script"
	start_exchange --markets KRW-BTC,KRW-ETH --rate 1000 --trades 3000 --start-on-subscribe --script "$work/script"
	record upbit:KRW-BTC upbit:KRW-ETH
	until_true 30 tape_has 3000 || fail "$way: of 3000 trades $(tape_count) arrive"
	stop_recorder
	check "$way: tape = ledger" tape_equals_ledger
	stop_exchange
done
grep -qE ' disconnected | bad-message ' "$log" && fail "a connection or a message suffered"
true
