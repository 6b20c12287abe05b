. "$SOURCE/tests/cli/lib.sh"
# A recorder at its worst: new trades, gaps that are told, filled late and in any order, the order's tail become a stray.
echo market,time_us,id,price,size,side,received_us >trades.csv
tape --market binance:BTCUSDT --leave killed
sqlite "UPDATE market SET ids_step = 1"
cat >write.py <<'END'
import os, random, sqlite3, sys, time
sys.path.insert(0, os.environ["SOURCE"] + "/tests/lib")
import maketape
tape = maketape.Tape.__new__(maketape.Tape)
db = tape.db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("PRAGMA synchronous = OFF")
random.seed(5)
start, number, missing = 1795318320000000, 1, []
time_of = lambda id: start + id * 60000

def put(id, time_us, lag):
    db.execute("INSERT INTO trade VALUES (1, ?, ?, ?, 16, ?)", (time_us, id, 16 * random.randrange(1, 99), lag))
    return time_us // 60000000

def commit(rows):
    for minute in {put(*row) for row in rows}:
        tape.candle(1, minute)

print("ready", flush=True)
end = time.monotonic() + float(sys.argv[2])
rounds = 0
while time.monotonic() < end:
    rounds += 1
    db.execute("BEGIN IMMEDIATE")
    count = random.randrange(1, 400)
    what = random.random()
    if what < 0.5:
        commit([(number + i, time_of(number + i), 7) for i in range(count)])
        number += count
    elif what < 0.7 and number > 1:  # a gap, and the trade behind it
        db.execute("INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, opened_us) VALUES (1, ?, ?, ?, ?, 'id-skip', 'open', 0)",
                   (time_of(number - 1), time_of(number + count), number, number + count - 1))
        missing.append((db.execute("SELECT last_insert_rowid()").fetchone()[0], number, count))
        number += count
        commit([(number, time_of(number), 7)])
        number += 1
    elif what < 0.9 and missing:  # filled, in two commits
        gap, first, size = missing.pop(random.randrange(len(missing)))
        half = size // 2
        commit([(first + i, time_of(first + i), None) for i in range(half)])
        db.execute("UPDATE gap SET filled = ? WHERE gap_id = ?", (half, gap))
        db.execute("COMMIT")
        db.execute("BEGIN IMMEDIATE")
        commit([(first + i, time_of(first + i), None) for i in range(half, size)])
        db.execute("UPDATE gap SET filled = ?, state = 'filled', closed_us = 1 WHERE gap_id = ?", (size, gap))
    elif number > 1:  # the next two swap their times: the later id becomes a stray
        commit([(number + 1, time_of(number), 7)])
        db.execute("INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, opened_us) VALUES (1, ?, ?, ?, ?, 'id-skip', 'open', 0)",
                   (time_of(number - 1), time_of(number + 1), number, number))
        gap = db.execute("SELECT last_insert_rowid()").fetchone()[0]
        db.execute("COMMIT")
        db.execute("BEGIN IMMEDIATE")
        commit([(number, time_of(number) + 1, 7)])
        db.execute("INSERT INTO stray_id VALUES (1, ?, ?)", (number + 1, time_of(number)))
        db.execute("UPDATE gap SET state = 'filled', closed_us = 1, filled = 1 WHERE gap_id = ?", (gap,))
        number += 2
    db.execute("INSERT OR REPLACE INTO recorder VALUES (1, ?, '0', 0, ?, NULL, 0, 1, 0, 0, 0, 0)", (os.getpid(), int(time.time() * 1e6)))
    db.execute("COMMIT")
print(rounds, number, flush=True)
END
"$PYTHON" write.py "$db" 10 >written.txt &
writer=$!
until grep -q ready written.txt; do sleep 0.02; done
runs=0
while kill -0 $writer 2>/dev/null; do
	td verify --csv
	[ "$code" = 0 ] || fail "a false alarm: $out $err"
	runs=$((runs + 1))
done
wait $writer || fail "the writer"
[ "$runs" -ge 3 ] || fail "only $runs runs"
td verify --csv; same "at the end" 0 "$code"
trades=$(sed -n 's/.*trades,ok,\([0-9]*\).*/\1/p' out.txt)
[ "$trades" -gt 2000 ] || fail "only $trades trades were written"
echo "$runs runs, $trades trades"
