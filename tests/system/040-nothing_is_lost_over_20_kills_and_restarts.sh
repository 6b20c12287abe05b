# alone
# build: release
# timeout: 200
# kill -9 and SIGTERM by turns; the exchange sends its last 1000 trades again on each connect, so a recorder that loses
# nothing of what it committed, and takes nothing twice, ends with the ledger.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --market-count 5 --rate 6000 --trades 300000 --start-on-subscribe --pause-when-alone --resend 1000
options=(--batch-ms 40 'upbit:*')
# What status says of the recorder; after kill -9 at once, though its last sign of life is young.
life() { "$tapedeck" --db "$tape" status --tsv | cut -f 10 | sort -u; }
killed=dead
[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || killed='alive|dead' # /proc/locks does not show everything here
for round in $(seq 20); do
	record "${options[@]}"
	until_true 10 tape_has $((round * 13000)) || fail "round $round: $(tape_count) rows"
	if [ $((round % 2)) -eq 0 ]; then
		stop_recorder TERM
	else
		equal "round $round: status" alive "$(life)"
		kill -9 "$recorder_pid"
		wait "$recorder_pid" 2>/dev/null || true
		[[ $(life) =~ ^($killed)$ ]] || fail "round $round: after kill -9 status says $(life)"
		recorder_pid=''
	fi
done
record "${options[@]}"
until_true 60 tape_has 300000 || fail "in the end $(tape_count) rows"
sleep 0.3
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
