# alone
# timeout: 180
# Another program holds the tape's write lock for 20 s: the queue fills, the socket is not read, the exchange is held back
# by TCP.  Afterwards every trade arrives, on the same connection: one that we throttle is not taken for dead.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --market-count 3 --rate max --trades 200000 --start-on-subscribe --idle-ms 600000
record --queue-rows 3000 'upbit:*'
until_true 20 tape_has 5000 || fail "nothing is recorded"
"$python" - "$tape" <<'PY'
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
time.sleep(20)
db.execute("ROLLBACK")
PY
logged ' throttled ' || fail "the queue did not fill"
logged 'write-failed reason="database is locked"' || fail "the failed write is not in the log"
until_true 60 tape_has 200000 || fail "of 200000 trades $(tape_count) arrive"
logged 'reading-on' || fail "it does not say that it reads on"
grep -q ' disconnected ' "$log" && fail "the throttled connection was taken for dead"
stop_recorder
check "tape = ledger" tape_equals_ledger
check "candles = trades" tape_is_sound
