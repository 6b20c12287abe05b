. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH --rate 200

# Removed while it is recorded: said at once, exit code 5, and nothing is left for the next tape to stumble over.
record upbit:KRW-BTC
until_true 10 tape_has 50 || fail "nothing is recorded"
rm "$tape"
status=0
wait "$recorder_pid" || status=$?
recorder_pid=''
equal "exit code when the tape is removed" 5 $status
logged 'error tape-gone' || fail "the log does not say that the tape is gone"
[ ! -s "$tape-wal" ] || fail "a -wal with content is left behind"

# kill -9 leaves a -wal; its tape is removed; the next tape must not have what was in it.
: >"$log"
record --batch-ms 20 upbit:KRW-BTC
until_true 10 tape_has 100 || fail "nothing is recorded"
kill -9 "$recorder_pid"
wait "$recorder_pid" 2>/dev/null || true
recorder_pid=''
[ -s "$tape-wal" ] || fail "kill -9 left no -wal: this test tries nothing"
rm "$tape"
: >"$log"
record upbit:KRW-ETH
wait_logged 10 'first-trade market=upbit:KRW-ETH'
logged 'set-aside' || fail "the log does not say what became of the -wal"
until_true 10 tape_has 50
stop_recorder
equal "markets on the new tape" KRW-ETH "$(sqlite3 "$tape" 'SELECT symbol FROM market')"
stored=$(sed -n 's/.* summary .* stored=\([0-9]*\) .*/\1/p' "$log" | tail -n 1)
equal "trades on the new tape" "$stored" "$(tape_count)"
check "candles = trades" tape_is_sound
ls "$tape"-wal.left-* >/dev/null || fail "what was in the -wal is not kept"
