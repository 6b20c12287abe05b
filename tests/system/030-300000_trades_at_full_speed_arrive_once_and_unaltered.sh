# alone
# build: release
. "$(dirname "$0")/../lib/system.sh"
start_exchange --market-count 20 --rate max --trades 300000 --start-on-subscribe
record 'upbit:*'
until_true 60 tape_has 300000 || fail "300000 trades do not arrive: $(tape_count)"
sleep 0.3
stop_recorder INT
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
bytes=$(stat -c %s "$tape")
echo "bytes per trade: $((bytes / 300000))"
[ $((bytes / 300000)) -lt 44 ] || fail "$bytes bytes are more than 44 a trade"
