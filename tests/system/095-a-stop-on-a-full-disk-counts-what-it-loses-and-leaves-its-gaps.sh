# timeout: 120
# The disk stays full until the recorder is stopped: what it has to give up is counted, and its gaps are on the tape before the
# next start, which has REST fill them.
. "$(dirname "$0")/../lib/system.sh"
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small file system"
mkdir "$work/disk"
mount -t tmpfs -o size=3m tmpfs "$work/disk" 2>/dev/null || skip "this machine lets nobody mount a file system"
mounted=$work/disk
tape=$work/disk/tape.db
start_exchange --market-count 3 --rate 1500 --trades 12000 --start-on-subscribe
record --queue-rows 2000 'upbit:*'
until_true 20 tape_has 1000 || fail "nothing is recorded"
head -c 4m /dev/zero >"$work/disk/filler" 2>/dev/null || true
truncate -s -64K "$work/disk/filler" # not enough for a batch, and enough for a few words
wait_logged 20 'write-failed reason="(database or disk is full|disk I/O error)"'
sleep 1
kill -TERM "$recorder_pid"
status=0
wait "$recorder_pid" || status=$?
recorder_pid=''
equal "exit code" 1 "$status"
lost=$(sed -nE 's/.* trades-lost .* trades=([0-9]+) .*/\1/p' "$log")
[ "${lost:-0}" -gt 0 ] || fail "the log does not count what was lost"
logged "summary .* lost=$lost\$" || fail "the summary does not count the $lost trades"
check "the log says where the gaps are" logged 'loss-in-ledger'
equal "the recorder's row" "$lost 1" "$(sql "SELECT lost || ' ' || (stopped_us IS NOT NULL) FROM recorder")"
equal "gaps in the ledger" '3 overflow open' "$(sql "SELECT count(DISTINCT market_id) || ' ' || reason || ' ' || state FROM gap WHERE state = 'open' GROUP BY reason, state")"
equal "gaps that do not begin before the last trade stored" 0 "$(sql "SELECT count(*) FROM gap g WHERE (SELECT max(time_us) FROM trade t
	WHERE t.market_id = g.market_id) NOT BETWEEN from_us AND to_us")"
rm "$work/disk/filler"
record 'upbit:*'
until_true 60 tape_has 12000 || fail "of 12000 trades $(tape_count) arrive"
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
