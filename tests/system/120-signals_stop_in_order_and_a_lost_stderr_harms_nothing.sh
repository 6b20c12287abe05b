# alone
. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC --rate 100
for signal in TERM INT HUP; do
	rm -f "$tape"*
	record upbit:KRW-BTC
	until_true 10 tape_has 20 || fail "nothing is recorded"
	stop_recorder $signal
	logged "stopping signal=$signal" || fail "SIG$signal is not in the log"
done

# nohup: SIGHUP came ignored, and stays so
mapfile -t options < <(addresses)
(trap '' HUP; exec "$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>"$work/nohup.log") &
recorder_pid=$!
until_true 10 grep -q first-trade "$work/nohup.log"
kill -HUP "$recorder_pid"
before=$(tape_count)
until_true 10 tape_has $((before + 100)) || fail "an ignored SIGHUP stopped the recording"

# a second recorder on the same tape is refused, and told who writes
status=0
"$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>"$work/second.log" || status=$?
equal "exit code of a second recorder" 5 $status
grep -q "another tapedeckd (pid $recorder_pid) records on it" "$work/second.log" || fail "$(cat "$work/second.log")"
stop_recorder TERM

# stderr is a pipe whose reader goes away
mkfifo "$work/pipe"
"$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>"$work/pipe" &
recorder_pid=$!
head -n 2 "$work/pipe" >/dev/null
before=$(tape_count)
until_true 10 tape_has $((before + 100)) || fail "a vanished stderr stopped the recording"
stop_recorder TERM

# --for
begin=$SECONDS
"$tapedeckd" "${options[@]}" --for 2s upbit:KRW-BTC 2>"$log" || fail "--for ends with $?"
[ $((SECONDS - begin)) -le 6 ] || fail "--for 2s took $((SECONDS - begin)) s"
# a tape that cannot be used
for bad in /dev/null "$work" "$here/lib/system.sh"; do
	status=0
	"$tapedeckd" "${options[@]}" --db "$bad" upbit:KRW-BTC 2>"$log" || status=$?
	equal "exit code for --db $bad" 5 $status
done
