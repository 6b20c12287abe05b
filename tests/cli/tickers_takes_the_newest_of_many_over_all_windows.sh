. "$SOURCE/tests/cli/lib.sh"
# More than a chunk of each window and of one microsecond, windows of unlike density; recomputed in Python.
"$PYTHON" - <<'END'
import random
random.seed(11)
start, rows = 1795318320000000, set()
for window, count, span in (("30M", 52000, 10**8), ("1H", 2500, 10**10), ("MID", 3, 10**10), ("12H", 1500, 1)):
    for i in range(count):
        rows.add((window, start + random.randrange(span), i))
with open("tickers.csv", "w") as f:
    print("market,window,time_us,open,high,low,close,volume,received_us", file=f)
    for window, time, i in sorted(rows):
        print("x:Y,%s,%d,1,1,1,%d,1,%d" % (window, time, i, time + random.randrange(10**6) * 100000 + i), file=f)
END
echo market,time_us,id,price,size,side,received_us >trades.csv
tape --tickers tickers.csv
cat >verify.py <<'END'
import csv, subprocess, sys
program, db = sys.argv[1:]
rows = sorted((int(r["time_us"]), r["window"], int(r["received_us"]), r["close"]) for r in csv.DictReader(open("tickers.csv")))
first, last = rows[0][0], rows[-1][0] + 1

def ask(*words):
    text = subprocess.run([program, "--db", db, "tickers", "--time-format", "us", *words], stdout=subprocess.PIPE, text=True).stdout
    return [(int(f[3]), f[2], int(f[9]), f[7]) for f in (line.split("\t") for line in text.splitlines())]

def check(words, want):
    got = ask(*words)
    assert got == want, (words, len(got), len(want), [pair for pair in zip(got, want) if pair[0] != pair[1]][:2])

check(["x:Y"], rows)
check(["x:Y", "-n", "20"], rows[-20:])
check(["x:Y", "--since", "0"], rows)
for n in (1, 1024, 1025, 2504, 51000, len(rows) - 1, len(rows), len(rows) + 1, 10**15):
    check(["x:Y", "-n", str(n)], rows[-n:])
for since, until in ((first, first + 1), (first + 1, last), (first + 10**7, first + 5 * 10**7), (first + 10**8, last)):
    some = [r for r in rows if since <= r[0] < until]
    check(["x:Y", "--since", str(since), "--until", str(until)], some)
    check(["x:Y", "--since", str(since), "--until", str(until), "-n", "1700"], some[-1700:])
for window in ("30M", "1H", "12H", "MID"):
    some = [r for r in rows if r[1] == window]
    check(["x:Y@ticker:" + window, "--since", "0"], some)
    check(["x:Y@ticker:" + window, "-n", "1200"], some[-1200:])
END
"$PYTHON" verify.py "$TAPEDECK" "$db" || fail "tickers differ"
