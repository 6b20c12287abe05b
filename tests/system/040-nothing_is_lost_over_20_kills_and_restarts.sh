# alone
# build: release
# timeout: 200
# kill -9 and SIGTERM by turns; the exchange sends its last 1000 trades again on each connect, so a recorder that loses
# nothing of what it committed, and takes nothing twice, ends with the ledger.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --market-count 5 --rate 6000 --trades 300000 --start-on-subscribe --pause-when-alone --resend 1000
options=(--batch-ms 40 'upbit:*')
for round in $(seq 20); do
	record "${options[@]}"
	until_true 10 tape_has $((round * 13000)) || fail "round $round: $(tape_count) rows"
	if [ $((round % 2)) -eq 0 ]; then
		stop_recorder TERM
	else
		kill -9 "$recorder_pid"
		wait "$recorder_pid" 2>/dev/null || true
		recorder_pid=''
	fi
done
record "${options[@]}"
until_true 60 tape_has 300000 || fail "in the end $(tape_count) rows"
sleep 0.3
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
