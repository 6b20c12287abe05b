# SIGUSR1 writes the summary line, and stops nothing.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC --rate 50
record upbit:KRW-BTC
until_true 20 tape_has 50 || fail "nothing is recorded"
logged ' summary ' && fail "a summary before it was asked for"
kill -USR1 "$recorder_pid"
wait_logged 3 'info summary trades=[0-9]+ .*markets=1/1'
before=$(tape_count)
until_true 20 tape_has $((before + 50)) || fail "it records no more"
stop_recorder
