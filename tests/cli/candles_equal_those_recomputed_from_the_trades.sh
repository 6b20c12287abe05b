. "$SOURCE/tests/cli/lib.sh"
# Ten days around a Monday, with bursts, gaps, equal times, awkward numbers; recomputed in Python with fractions.
cat >make.py <<'END'
import random
random.seed(7)
monday = 1795392000  # 2026-11-23
print("market,time_us,id,price,size,side,received_us")
times = [monday * 1000000 + random.randrange(-86400 * 5, 86400 * 5) * 1000000 + random.randrange(1000000) for _ in range(700)]
for burst in range(40):
    start = random.choice(times)
    times += [start + random.randrange(20000000) for _ in range(15)]
times += [monday * 1000000, monday * 1000000 - 1, monday * 1000000 + 60000000] + [times[5]] * 4
for number, time in enumerate(sorted(times)):
    price = random.choice(["145000000", "0.00000006", "%d.%d" % (random.randrange(10**9), random.randrange(10**8)), "7.9276"])
    size = random.choice(["1", "0.00000001", "%d.%08d" % (random.randrange(10**12), random.randrange(10**8)), "12345678901234567890.12345678901234567891"])
    print("x:Y,%d,%d,%s,%s,%s," % (time, 1000 + number, price, size, random.choice(["buy", "sell"])))
END
"$PYTHON" make.py >trades.csv
cover=1795300000000000,1795400000000000
tape --cover x:Y=$cover --cover x:Y=1795390000000000,1795500000000000 --cover x:Y=1795500000000001,1795600000000000
cat >verify.py <<'END'
import csv, subprocess, sys
from decimal import Decimal, getcontext, ROUND_HALF_UP
from fractions import Fraction
from datetime import datetime, timezone
getcontext().prec = 400
program, db = sys.argv[1:]
units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
cover = [(1795300000000000, 1795500000000000), (1795500000000001, 1795600000000000)]
trades = [(int(r["time_us"]), int(r["id"]), Fraction(r["price"]), Fraction(r["size"]), r["side"]) for r in csv.DictReader(open("trades.csv"))]
trades.sort()

def plain(value):
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

def rounded(value, digits):
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if exact == 0:
        return "0"
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    text = format(exact.quantize(unit, ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

def candles(interval, since, until):
    us = int(interval[:-1]) * units[interval[-1]] * 1000000
    origin = 4 * 86400 * 1000000 if interval == "1w" else 0  # 1970-01-05 was a Monday
    groups = {}
    for trade in trades:
        groups.setdefault((trade[0] - origin) // us * us + origin, []).append(trade)
    for start, group in sorted(groups.items()):
        if not since <= start < until:
            continue
        prices = [t[2] for t in group]
        volume = sum(t[3] for t in group)
        turnover = sum(t[2] * t[3] for t in group)
        whole = any(a <= start and start + us + 5000000 <= b for a, b in cover)
        yield [str(start), plain(prices[0]), plain(max(prices)), plain(min(prices)), plain(prices[-1]), plain(volume),
               rounded(turnover / volume, 12), str(len(group)), plain(sum(t[3] for t in group if t[4] == "buy")), str(int(whole))]

def run(interval, *options):
    done = subprocess.run([program, "--db", db, "ohlc", "x:Y", "-i", interval, "--csv", "--time-format", "us", *options],
                          capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    rows = list(csv.reader(done.stdout.splitlines()))
    assert rows[0] == "time,open,high,low,close,volume,vwap,trades,buy_volume,complete".split(","), rows[0]
    return rows[1:]

seen = set()
for interval in "1s 5s 15s 30s 1m 3m 5m 15m 30m 1h 4h 1d 1w".split():
    got, want = run(interval), list(candles(interval, 0, 1 << 62))
    assert got == want, (interval, [x for x in zip(got, want) if x[0] != x[1]][:2], len(got), len(want))
    seen.update(row[9] for row in got)
    for since, until in ((1795391999999999, 1795392060000001), (1795392000000000, 1795392000000001), (1795300000000001, 1795450000000000)):
        got = run(interval, "--since", str(since), "--until", str(until))
        want = list(candles(interval, since, until))
        assert got == want, (interval, since, until, got[:2], want[:2])
assert seen == {"0", "1"}
END
"$PYTHON" verify.py "$TAPEDECK" "$db" || fail "candles differ"
