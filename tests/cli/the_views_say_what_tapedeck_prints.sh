. "$SOURCE/tests/cli/lib.sh"
small_tape
sqlite "INSERT INTO recorder VALUES (1, 1, 'test', 1795318320000000, 1795318700000000, NULL, 0, 0, 0, 0, 0, 0)" \
	"INSERT INTO gap VALUES (1, 1, 1795318320000001, 1795318330000000, 17953183200000002, NULL, 'id-skip', 'unfillable', 2, 'too old', 1, 2)" \
	"INSERT INTO gap VALUES (2, 1, 1795318500000000, NULL, NULL, NULL, 'disconnect', 'open', 0, '', 1795318500000000, NULL)" \
	"INSERT INTO gap VALUES (3, 2, 1795319999000000, NULL, 5, 9223372036854775807, 'silence', 'open', 0, '', 1, NULL)" \
	"INSERT INTO candle_1m VALUES (3, 29921980, '123456789012345678901234567890.5', 16, 49, 48, 144115188075855871, 0, '0.00000000000000000000000001', 7)"
td export --csv; cp out.txt trades.want
td gaps --csv; cp out.txt gaps.want
for market in upbit:KRW-BTC upbit:KRW-ETH bithumb-legacy:BTC_KRW; do td ohlc $market -i 1m --csv; cp out.txt "candles.$market"; done
"$PYTHON" - "$db" <<'END' || fail "a view differs from what tapedeck prints"
import csv, sqlite3, sys
from decimal import Decimal
db = sqlite3.connect(sys.argv[1])
def names(view):
    return [row[1] for row in db.execute(f"PRAGMA table_info({view})")]
def printed(name):
    return [tuple(row) for row in csv.reader(open(name))]
want = printed("trades.want")
assert names("trades") == list(want[0]) + ["time_us"], names("trades")
assert sorted(db.execute("SELECT exchange, symbol, time, price, size, side, trade_id, received FROM trades")) == sorted(want[1:])
assert db.execute("SELECT count(*) FROM trades t JOIN trade USING (time_us) WHERE typeof(t.time_us) = 'integer'").fetchone()[0] >= 8
want = printed("gaps.want")
assert names("gaps") == list(want[0]) + ["from_us", "to_us"], names("gaps")
got = db.execute("SELECT * FROM gaps").fetchall()
assert sorted(tuple(map(str, row[:10])) for row in got) == sorted(want[1:]), (got, want)
assert all(isinstance(x, str) for row in got for x in row[:8])
assert names("candles") == "exchange symbol time open high low close volume trades buy_volume turnover time_us".split(), names("candles")
for market in ("upbit:KRW-BTC", "upbit:KRW-ETH", "bithumb-legacy:BTC_KRW"):
    want = list(csv.DictReader(open("candles." + market)))
    got = db.execute("SELECT time, open, high, low, close, volume, trades, buy_volume FROM candles WHERE exchange || ':' || symbol = ? ORDER BY time_us",
                     (market,)).fetchall()
    assert [tuple(map(str, row)) for row in got] == [tuple(row[n] for n in "time open high low close volume trades buy_volume".split()) for row in want]
row, = db.execute("SELECT open, high, low, close, volume, buy_volume, turnover FROM candles WHERE trades = 7").fetchall()
assert row == ("123456789012345678901234567890.5", "1", "0.3", "3", "9.007199254740991", "0", "0.00000000000000000000000001"), row
for (turnover,) in db.execute("SELECT turnover FROM candles WHERE symbol = 'KRW-ETH'"):
    assert turnover == "6.2", turnover
plan = " ".join(row[3] for row in db.execute("EXPLAIN QUERY PLAN SELECT price FROM trades WHERE time_us >= 5 AND time_us < 7"))
assert "market_id=? AND time_us>? AND time_us<?" in plan, plan
END
