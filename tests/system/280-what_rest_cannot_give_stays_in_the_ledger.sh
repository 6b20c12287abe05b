# timeout: 300
# History too short, --fill-limit, a ban, an exchange without a history, a host that slept: what the ledger says of each.
. "$(dirname "$0")/../lib/system.sh"

gap_is() { [ "$(sql "SELECT count(*) FROM gap WHERE $1")" -ge 1 ]; }
wait_gap() { # SECONDS WHERE
	until_true "$1" gap_is "$2" || fail "no gap with $2; there is: $(sql 'SELECT * FROM gap')"
}
begin() { # EXCHANGE_OPTION...
	rm -f "$tape"* "$ledger"
	: >"$log"
	start_exchange --start-on-subscribe "$@"
}
end() {
	stop_recorder
	stop_exchange
}

# A gap of about 400 trades, and a REST that knows the last 100.
printf 'after=3 drop\nafter=3 refuse 4\n' >"$work/script"
begin --markets KRW-BTC --rate 100 --trades 1000 --history-limit 100 --script "$work/script"
record_all_of upbit /websocket/v1
wait_gap 40 "state = 'unfillable' AND note LIKE 'REST does not reach back so far%'"
wait_logged 5 ' error unfillable market=upbit:KRW-BTC reason=disconnect '
end

# Older than asked for.
begin --markets KRW-BTC --rate 50
record_all_of upbit /websocket/v1
until_true 20 tape_has 100 || fail "nothing is recorded"
stop_recorder
record_all_of upbit /websocket/v1 --fill-limit 1s
wait_gap 30 "state = 'unfillable' AND reason = 'not-running' AND note = 'older than --fill-limit'"
end

# Nothing is to be filled: each gap, the newest too, is in the ledger as such.
printf 'after=3 drop\nafter=3 refuse 2\n' >"$work/script"
begin --markets KRW-BTC,KRW-ETH --rate 50 --script "$work/script"
record_all_of upbit /websocket/v1 --fill-limit 0s
both_told() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'unfillable' AND reason = 'disconnect' AND note = 'older than --fill-limit'")" = 2 ]; }
until_true 40 both_told || fail "with --fill-limit 0s: $(sql 'SELECT * FROM gap')"
equal "trades that came by backfill" 0 "$(sql 'SELECT count(*) FROM trade WHERE lag_us IS NULL')"
end

# A ban: waited out, said in the log and in the ledger, and filled after all.
printf 'after=3 drop\nafter=3 http 418 12\n' >"$work/script"
begin --market-count 6 --rate 100 --trades 1500 --script "$work/script"
record_all_of upbit /websocket/v1
wait_gap 60 "state = 'open' AND note LIKE 'banned by the exchange, HTTP status 418; waiting until %'"
wait_logged 5 'backfill-waits exchange=upbit reason="banned by the exchange, HTTP status 418"'
nothing_open() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'open'")" = 0 ]; }
until_true 90 nothing_open || fail "after a ban $(sql "SELECT count(*) FROM gap WHERE state = 'open'") gaps stay open"
equal "gaps not filled" 0 "$(sql "SELECT count(*) FROM gap WHERE state <> 'filled'")"
end
check "tape = ledger after a ban" tape_equals_ledger

# No ids and no history: the gap is recorded, unfillable at once, and the log says once what to record instead.
printf 'after=3 drop\nafter=8 drop\n' >"$work/script"
begin --dialect bithumb-legacy --market-count 3 --rate 50 --ack-ms 200 --script "$work/script"
record_all_of bithumb-legacy /pub/ws
wait_gap 40 "state = 'unfillable' AND note LIKE 'bithumb-legacy has no history%'"
sleep 6
equal "times that it is said" 1 "$(grep -c ' no-history exchange=bithumb-legacy .*bithumb: is the better market' "$log")"
end

# A host that slept: the sockets are given up, and what was missed is fetched.
begin --markets KRW-BTC --rate 50 --trades 600
export TAPEDECK_TEST_SLEEP=5:60
record_all_of upbit /websocket/v1
unset TAPEDECK_TEST_SLEEP
wait_gap 30 "reason = 'asleep'"
wait_logged 5 ' slept for_ms='
wait_gap 40 "reason = 'asleep' AND state = 'filled'"
until_true 20 tape_has 600 || fail "of 600 trades $(tape_count) are there"
end
check "tape = ledger after a sleep" tape_equals_ledger
