. "$SOURCE/tests/cli/lib.sh"
start=$(($(date +%s) - 7200))
line() { echo "upbit:KRW-BTC,$(((start + $1) * 1000000)),$2,$2,1,buy,"; } # line SECOND ID
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 40); do line $((i * 5)) $((i * 10)); done
} >trades.csv
mkfifo lines
: >answers
"$PYTHON" "$SOURCE/tests/lib/maketape.py" "$db" trades.csv --follow <lines >answers &
exec 9>lines
told=1
await() { # await FILE LINES
	local i
	for i in $(seq 1 500); do [ "$(wc -l <"$1")" -ge "$2" ] && return; sleep 0.02; done
	fail "$1 has $(wc -l <"$1") lines, wanted $2: $(cat "$1")"
}
printed=20 # by the first follower
tell() { line "$1" "$2" >&9; told=$((told + 1)); await answers "$told"; printed=$((printed + 1)); await newest.txt $printed; }
await answers 1
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f >newest.txt 2>err1.txt & newest=$!
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f -n 0 --csv >only.txt 2>err2.txt & only=$!
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f --since $((start + 190)) --ndjson >since.txt 2>err3.txt & since=$!
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f -n 3 | head -n 4 >head.txt & head_job=$!
await newest.txt 20; await since.txt 3; await only.txt 1
sleep 0.3
tell 201 401      # the newest
tell 200 399      # the same second as the last printed, a smaller id
tell 3 5          # three minutes late, before all that was printed
tell 7100 9000    # far ahead
tell 7099 8999
tell 202 402      # an hour and a half late
await only.txt 7; await since.txt 8
sleep 0.3
kill -INT $newest; kill -TERM $only; kill -INT $since
wait $newest; same "code after SIGINT" 0 $?
wait $only; same "code after SIGTERM" 0 $?
wait $since; same "code after SIGINT" 0 $?
same newest "$(seq 210 10 400; printf '%s\n' 401 399 5 9000 8999 402)" "$(cut -f 4 newest.txt)"
# The others may have looked less often, and then print what came together in its own order.
sorted() { sort -n | tr '\n' ' '; }
same "only new" 'price 5 399 401 402 8999 9000 ' "$(cut -d , -f 4 only.txt | sorted)"
same since '380 390 399 400 401 402 8999 9000 ' "$(sed 's/.*"price":"\([0-9]*\)".*/\1/' since.txt | sorted)"
[ ! -s err1.txt ] && [ ! -s err2.txt ] && [ ! -s err3.txt ] || fail "stderr: $(cat err?.txt)"
wait $head_job
same "head" '380 390 400 4' "$(cut -f 4 head.txt | head -n 3 | tr '\n' ' ')$(wc -l <head.txt)"
# A pipe that closes while nothing happens is noticed, and a follow with an end ends.
( "$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f -n 1; echo $? >code.txt ) | head -n 1 >/dev/null
await code.txt 1
same "code after the reader has gone" 0 "$(cat code.txt)"
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f --until $((start + 10)) --json >until.txt || fail "code of --until"
same until '[ 5 10 ]' "$(sed 's/.*"price":"\([0-9]*\)".*/\1/' until.txt | tr '\n' ' ' | sed 's/ $//')"
# With an end, and nothing before it: no data, as without -f.
past=$((start - 10))
refuse 3 'there is no trade of upbit:KRW-BTC in that range' trades upbit:KRW-BTC --until $past
refuse 3 'there is no trade of upbit:KRW-BTC in that range' trades upbit:KRW-BTC -f --until $past
check 0 '' trades upbit:KRW-BTC -f -n 0 --until $past
# One that nothing ended but a signal has not asked in vain.
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f --since now --csv >none.txt 2>err.txt & none=$!
await none.txt 1
kill $none; wait $none; same "code after SIGTERM, without a trade" 0 $?
exec 9>&-
wait
# The recorder stops, a follower stays, and another recorder comes: -wal and -shm go and come under its feet.
"$TAPEDECK" --db "$db" trades upbit:KRW-BTC -f -n 1 >again.txt 2>err.txt & again=$!
await again.txt 1
"$PYTHON" - "$db" "$start" <<'END'
import select, sqlite3, sys
db, start = sqlite3.connect(sys.argv[1], isolation_level=None), int(sys.argv[2])
for i in range(3):
    us = (start + 7150 + i) * 1000000
    db.execute("BEGIN")
    db.execute("INSERT INTO trade VALUES (1, ?, ?, 16, 16, NULL)", (us, 10000 + i))
    db.execute("INSERT INTO candle_1m VALUES (1, ?, 16, 16, 16, 16, 16, 16, 16, 1)"
               " ON CONFLICT DO UPDATE SET trades = trades + 1", (us // 60000000,))
    db.execute("COMMIT")
    select.select([], [], [], 0.2)  # time.sleep() fails under Debian 12's faketime
END
await again.txt 4
kill $again; wait $again
same "ids after another recorder" "9000 10000 10001 10002" "$(cut -f 7 again.txt | tr '\n' ' ' | sed 's/ $//')"
