# timeout: 100
. "$(dirname "$0")/../lib/system.sh"
. "$(dirname "$0")/../lib/tmux.sh"
now() { date +%s; }
make_tape() { # FILE MARKET PRICE
	printf 'market,time_us,id,price,size,side,received_us\n%s,%s000000,1,%s,1,buy,\n' "$2" "$(now)" "$3" >"$work/trades.csv"
	"$python" "$here/lib/maketape.py" "$1" "$work/trades.csv" --leave stopped
}
beat() { # PID STARTED BEAT STOPPED, in seconds
	sqlite3 "$tape" "PRAGMA wal_autocheckpoint = 0; REPLACE INTO recorder VALUES (1, $1, 'v', ${2}000000, ${3}000000,
		CASE WHEN '$4' = '' THEN NULL ELSE '$4' * 1000000 END, 5, 50000, 3, 0, 0, 0)" >/dev/null
}

make_tape "$tape" upbit:KRW-BTC 145000000
exec 7<"$tape"; flock -x 7 # as a recorder that lives
open_pane 100 24 "$tapedeck" --db "$tape" watch
wait_shows 'upbit:KRW-BTC +145000000'
wait_shows 'no recorder has said on this tape that it lives'
# The recorder's signs of life, one after the other.
started=$(now)
beat 4711 "$started" "$started" ''
wait_shows 'recorder alive [0-9]+s .*open gaps 0 .*reconnects 3 .*queue 5'
sqlite3 "$tape" "INSERT INTO gap (market_id, from_us, reason, state, opened_us) VALUES (1, 5, 'disconnect', 'open', 6)"
wait_shows 'open gaps 1'
wait_shows '^x upbit:KRW-BTC'
sqlite3 "$tape" "UPDATE gap SET state = 'filled', to_us = 9"
wait_shows 'open gaps 0'
wait_shows '^  upbit:KRW-BTC'
beat 4711 "$started" "$(($(now) - 21))" ''
wait_shows 'RECORDER DEAD, silent for'
wait_shows 'stopped writing without a word'
beat 4712 "$(now)" "$(now)" ''
wait_shows 'started again \(pid 4712\)'
wait_shows 'recorder alive'
beat 4712 "$(now)" "$(now)" "$(now)"
wait_shows 'RECORDER STOPPED'

# The tape goes away: said, with what was known left standing; it comes back.
mkdir "$work/away"
mv "$tape"* "$work/away/"
wait_shows 'there is no tape at'
wait_shows 'upbit:KRW-BTC +145000000'
press '?'
wait_shows 'quiet for far longer' # keys go on working
press x
mv "$work/away/"* "$work/"
wait_gone 'there is no tape at'
wait_shows 'can be read again'
# Another stands in its place, with other markets under the same numbers.
mv "$tape"* "$work/away/"
wait_shows 'there is no tape at'
make_tape "$work/new.db" bithumb:KRW-XRP 777
mv "$work/new.db" "$tape"
rm -f "$work"/new.db-*
wait_shows 'bithumb:KRW-XRP +777'
wait_shows 'another tape'
wait_gone 'upbit:KRW-BTC'
# One that is none.
echo nonsense >"$work/none.db"
mv "$work/none.db" "$tape"
wait_shows 'is no tape'
rm "$tape"*
press q
until_true 5 ended || fail "q does not end it"

# A real recorder: killed, started again, stopped in order; the screen follows each time.
start_exchange --markets KRW-BTC --rate 50
record upbit:KRW-BTC
until_true 20 tape_has 20 || fail "nothing is recorded"
open_pane 80 24 "$tapedeck" --db "$tape" watch upbit:KRW-BTC
follows() { # the price of the newest trade comes onto the screen
	local price
	price=$("$tapedeck" --db "$tape" price upbit:KRW-BTC)
	shows "upbit:KRW-BTC +$price "
}
until_true 10 follows || fail "not live: $(screen)"
wait_shows 'recorder alive'
kill -9 "$recorder_pid"
wait "$recorder_pid" 2>/dev/null || true
sleep 0.5
until_true 5 follows || fail "after kill -9: $(screen)"
count=$(tape_count)
record upbit:KRW-BTC
until_true 20 tape_has $((count + 50)) || fail "not recorded any more"
until_true 10 follows || fail "after the restart: $(screen)"
wait_shows 'the recorder was started again'
stop_recorder
until_true 10 follows || fail "after the stop: $(screen)"
wait_shows 'RECORDER STOPPED'
count=$(tape_count)
record upbit:KRW-BTC
until_true 20 tape_has $((count + 50)) || fail "not recorded any more"
until_true 10 follows || fail "after the second restart: $(screen)"
wait_shows 'recorder alive'
shows 'cannot|no tape' && fail "it complains: $(screen)"

# It never holds a snapshot: the -wal does not grow while it watches.
stop_recorder
[ ! -s "$tape-wal" ] || fail "the stop could not bring everything into the one file: something was read"
press q
until_true 5 ended || fail "q does not end it"
# Missing at the start is exit code 5, with a terminal as without.
open_pane 80 24 bash -c "'$tapedeck' --db '$work/nowhere.db' watch; echo code=\$?; read -r"
wait_shows '^code=5'
shows 'there is no tape' || fail "it does not say why"
