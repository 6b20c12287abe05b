# Broken JSON, wrong types, absurd numbers, bad UTF-8, deep nesting, 16 MiB ...: counted and logged, the connection stays,
# and every trade around them is recorded.
. "$(dirname "$0")/../lib/system.sh"
printf 'trade=200 garbage-builtin\ntrade=900 garbage-builtin\n' >"$work/script"
start_exchange --markets KRW-BTC,KRW-ETH --rate 500 --trades 2000 --start-on-subscribe --script "$work/script"
record upbit:KRW-BTC upbit:KRW-ETH
until_true 40 tape_has 2000 || fail "of 2000 trades $(tape_count) arrive"
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
grep -q ' disconnected ' "$log" && fail "a fault in a text closed the connection"
for reason in 'broken JSON' 'wrong type' 'missing field' 'unknown type' 'market not asked for' 'invalid UTF-8' \
	'negative' 'more than 40 digits' 'nested deeper than 32' 'longer than 1 MiB'; do
	logged "bad-message exchange=upbit reason=\"$reason\"" || fail "the log does not say: $reason"
done
logged 'exchange-error exchange=upbit' || fail "the error frame is not in the log"
[ "$(grep -c 'bad-message' "$log")" -lt 120 ] || fail "repeats are not folded"
