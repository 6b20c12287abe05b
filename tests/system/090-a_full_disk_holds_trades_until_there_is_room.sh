# A real small file system that is full for a while.
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
wait_logged 20 'write-failed reason="(database or disk is full|disk I/O error)"'
sleep 3
rm "$work/disk/filler"
wait_logged 10 'writing-again'
until_true 30 tape_has 12000 || fail "of 12000 trades $(tape_count) arrive"
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
