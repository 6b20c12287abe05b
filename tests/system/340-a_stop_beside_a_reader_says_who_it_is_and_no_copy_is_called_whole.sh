. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC --rate 200
verify() { # FILE CODE WHAT
	local status=0
	"$tapedeck" --db "$1" verify >"$work/verify.txt" 2>&1 || status=$?
	equal "verify of $3" "$2" $status
}
hold_snapshot() {
	rm -f "$work/held"
	"$python" -c '
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM trade").fetchone()
open(sys.argv[2], "w").close()
time.sleep(float(sys.argv[3]))' "$tape" "$work/held" "$1" &
	holder=$!
	more_pids+=($holder)
	until_true 10 test -e "$work/held" || fail "no snapshot is held"
}

# While it is recorded: a plain copy is not whole, another name is not read, what SQLite copies is whole.
record upbit:KRW-BTC
until_true 20 tape_has 100 || fail "nothing is recorded"
cp "$tape" "$work/copy.db"
verify "$work/copy.db" 1 "a plain copy of a live tape"
grep -q 'copied while recording, without its -wal' "$work/verify.txt" || fail "$(cat "$work/verify.txt")"
ln "$tape" "$work/link.db"
verify "$work/link.db" 5 "a hard link of a live tape"
grep -q 'recorded under another name' "$work/verify.txt" || fail "$(cat "$work/verify.txt")"
ln -s "$tape" "$work/symlink.db"
verify "$work/symlink.db" 0 "a symbolic link"
sqlite3 -readonly "$tape" "VACUUM INTO '$work/into.db'"
verify "$work/into.db" 0 "what VACUUM INTO made"
verify "$tape" 0 "the tape itself"

# A stop beside a reader that lets go in time is orderly; who it waits for is told.
hold_snapshot 2.5
sleep 0.5
stop_recorder
logged "tape-held .*python3 \(pid $holder\)" || fail "the log does not name who holds it"
cp "$tape" "$work/copy.db"
verify "$work/copy.db" 0 "a copy after an orderly stop"
equal "trades of the copy" "$(tape_count)" "$("$tapedeck" --db "$work/copy.db" export | tail -n +2 | wc -l)"

# One that does not: nothing is lost, the exit code is 1 within 5 s, and a copy of the one file says what it is.
before=$(tape_count)
record upbit:KRW-BTC
until_true 20 tape_has $((before + 100)) || fail "nothing is recorded again"
hold_snapshot 60
until_true 20 tape_has $(($(tape_count) + 100)) || fail "nothing is recorded beside the snapshot"
begin=$SECONDS status=0
kill -TERM "$recorder_pid"
wait "$recorder_pid" || status=$?
recorder_pid=''
equal "exit code of a stop beside a snapshot" 1 $status
[ $((SECONDS - begin)) -le 5 ] || fail "the stop took $((SECONDS - begin)) s"
logged 'error tape-not-one-file' || fail "the log does not say that the tape is not one file"
cp "$tape" "$work/copy.db"
verify "$work/copy.db" 1 "a copy beside a snapshot"
verify "$tape" 0 "the tape with its -wal"
kill "$holder"
wait "$holder" 2>/dev/null || true
check "candles = trades" tape_is_sound

# The next stop puts all in order.
record upbit:KRW-BTC
wait_logged 20 'first-trade'
sleep 1
stop_recorder
cp "$tape" "$work/copy.db"
verify "$work/copy.db" 0 "a copy after the next stop"
# A market that is not asked for any more is listed, and spoils nothing.
stop_exchange
start_exchange --markets KRW-BTC,KRW-ETH --rate 200 --seed 5
record upbit:KRW-ETH
wait_logged 20 'first-trade market=upbit:KRW-ETH'
sleep 2
"$tapedeck" --db "$tape" report >"$work/report.txt" || true
grep -q '^no longer recorded, since 20.*: upbit:KRW-BTC$' "$work/report.txt" || fail "$(cat "$work/report.txt")"
"$tapedeck" --db "$tape" status --max-age 60s >/dev/null || fail "stale for the market that was dropped"
stop_recorder
