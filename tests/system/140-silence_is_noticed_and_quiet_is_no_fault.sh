# timeout: 150
. "$(dirname "$0")/../lib/system.sh"
# A market that does not trade, on a server that drops whoever says nothing for 8 s: kept alive by pings.
start_exchange --markets KRW-BTC --list-only KRW-ETH --rate 1 --trades 1 --idle-ms 8000
record upbit:KRW-ETH
wait_logged 10 ' live '
sleep 20
grep -q ' disconnected ' "$log" && fail "a quiet market was killed for being quiet"
from_to=$(sqlite3 "file:$tape?mode=ro" 'SELECT max(to_us - from_us) / 1000000 FROM coverage')
[ "$from_to" -ge 10 ] || fail "coverage does not move on in silence: $from_to s of 20"
stop_recorder
stop_exchange

# Half open: nothing is sent or read any more, and TCP stays up.
: >"$log"
printf 'after=3 stall 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 100 --script "$work/script"
record upbit:KRW-BTC
wait_logged 40 'reason="silent: a ping unanswered'
stop_recorder
stop_exchange

# Mute: pings are answered, and a market that traded ten times a second is not heard of any more.
: >"$log"
printf 'after=14 mute 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 20 --script "$work/script"
record upbit:KRW-BTC
wait_logged 70 'reason="KRW-BTC quiet beyond its habit'
stop_recorder
