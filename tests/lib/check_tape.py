"""check_tape.py TAPE: is the tape whole, and does it keep what schema/0001_init.sql promises?  Shares no code with it.

Candles are computed anew from the view `trades` with exact fractions; in each market the trade ids, without the strays,
must grow with (time, id); no id may stand twice.  Where ids begin again (id_epoch), both hold on either side."""
import bisect
import sqlite3
import sys
from collections import defaultdict
from fractions import Fraction


def unpack(value):
    if isinstance(value, str):
        return Fraction(value)
    return Fraction(abs(value) >> 4, 10 ** (abs(value) & 15)) * (1 if value >= 0 else -1)


def main(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    wrong = []
    if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        wrong.append("integrity_check")
    candles = {}
    ids = defaultdict(set)
    last_id = {}
    starts = defaultdict(list)
    for market, from_us in db.execute("SELECT market_id, from_us FROM id_epoch ORDER BY 1, 2"):
        starts[market].append(from_us)

    def epoch(market, time_us):
        return market, bisect.bisect_right(starts[market], time_us)

    strays = {(epoch(market, time_us), trade_id)
              for market, trade_id, time_us in db.execute("SELECT market_id, CAST(trade_id AS TEXT), time_us FROM stray_id")}
    rows = db.execute("""SELECT t.market_id, t.time_us, t.price, t.size, t.id, typeof(t.id), m.id_per_ms, m.id_epoch_ms
                         FROM trade t JOIN market m USING (market_id) ORDER BY t.market_id, t.time_us, t.id""")
    for market, time_us, price, size, key, kind, per_ms, epoch_ms in rows:
        number = None
        if kind == "integer":
            number = key + (time_us // 1000 - epoch_ms) * per_ms
        elif kind == "text":
            number = int(key[2:])
        if number is not None:
            numbered = epoch(market, time_us)
            if number in ids[numbered]:
                wrong.append(f"market {market}: id {number} stands twice")
            ids[numbered].add(number)
            if (numbered, str(number)) not in strays and (numbered, f"{len(str(number)):02}{number}") not in strays:
                if number <= last_id.get(numbered, -1):
                    wrong.append(f"market {market}: id {number} breaks the order and is no stray")
                last_id[numbered] = number
        sold = str(size).startswith("-")
        price, size = unpack(price), abs(unpack(size))
        candle = candles.setdefault((market, time_us // 60_000_000), [price, price, price, price, 0, 0, 0, 0])
        candle[1] = max(candle[1], price)
        candle[2] = min(candle[2], price)
        candle[3] = price
        candle[4] += size
        candle[5] += 0 if sold else size
        candle[6] += price * size
        candle[7] += 1
    stored = {}
    for market, minute, *numbers, trades in db.execute("""SELECT market_id, minute, open, high, low, close, volume,
                                                          buy_volume, turnover, trades FROM candle_1m"""):
        stored[market, minute] = [unpack(n) for n in numbers] + [trades]
    for key in sorted(candles.keys() | stored.keys()):
        if candles.get(key) != stored.get(key):
            wrong.append(f"candle {key}: of the trades {candles.get(key)}, on the tape {stored.get(key)}")
    for line in wrong[:10]:
        print(line)
    return 1 if wrong else 0


sys.exit(main(sys.argv[1]))
