#!/usr/bin/python3
"""Does the judge complain?  A small tape that is right, then spoiled in one way after the other; each must be noticed, by its
own words, and the tape that is right must pass.  Made with the schema's own SQL, without the recorder."""
import glob
import os
import sqlite3
import sys
import tempfile
import types

sys.dont_write_bytecode = True
import judge

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schema")
BASE_US = 1_795_000_000_000_000
LIMIT = 4  # what REST reaches back in binance:BTCUSDT


def packed(text):
    whole, _, fraction = text.partition(".")
    return int(whole + fraction) * 16 + len(fraction)


def at(second):
    return BASE_US + round(second * 1_000_000)


# market: rows of (second, price, size, side, id).  Twins: bithumb's at 3 and 5 are equal in all but id.
MADE = {
    ("upbit", "KRW-BTC"): [(i, "100.5", f"0.{i + 1}", "buy", 1000 + i) for i in range(8)],
    ("bithumb", "KRW-BTC"): [(1, "7", "1", "buy", 1), (3, "7", "2", "sell", 2), (3, "7", "2", "sell", 3), (5, "7", "3", "buy", 4),
                             (5, "7", "3", "buy", 5), (9, "8", "1", "buy", 6)],
    ("binance", "BTCUSDT"): [(i, "9.25", "2", "sell", 50 + i) for i in range(10)],
}
PUT_BACK = {("upbit", 1002), ("bithumb", 4), ("bithumb", 5)}          # by REST; at bithumb without an id
MISSING = {("binance", 53), ("binance", 54)}
GAPS = [  # exchange, from, to, from_id, to_id, state, filled
    ("upbit", 1.5, 3, None, None, "filled", 1), ("bithumb", 4, 8, None, None, "filled", 2),
    ("binance", 2.5, 4.5, 53, 54, "unfillable", 0),
]


def make(folder):
    tape = os.path.join(folder, "tape.db")
    db = sqlite3.connect(tape)
    for step in sorted(glob.glob(os.path.join(SCHEMA, "0*.sql"))):
        with open(step, encoding="utf-8") as file:
            db.executescript(file.read())
    ledgers, numbers = {}, {}
    for (exchange, symbol), rows in MADE.items():
        number = numbers[exchange] = len(numbers) + 1
        db.execute("INSERT INTO market (market_id, exchange, symbol) VALUES (?, ?, ?)", (number, exchange, symbol))
        ledgers[exchange] = os.path.join(folder, f"{exchange}.ledger")
        with open(ledgers[exchange], "w", encoding="ascii") as ledger:
            for order, (second, price, size, side, trade_id) in enumerate(rows):
                unit = judge.plan.TIME_UNIT_US[exchange]
                ledger.write(f"{symbol},{at(second) // unit},{price},{size},{side},{trade_id}\n")
                if (exchange, trade_id) in MISSING:
                    continue
                put_back = (exchange, trade_id) in PUT_BACK
                stored = order.to_bytes(8, "big") if put_back and exchange == "bithumb" else trade_id
                db.execute("INSERT INTO trade VALUES (?, ?, ?, ?, ?, ?)",
                           (number, at(second), stored, packed(price), packed(size) * (-1 if side == "sell" else 1),
                            None if put_back else 9))
    for exchange, low, high, from_id, to_id, state, filled in GAPS:
        db.execute("""INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, filled, opened_us)
                      VALUES (?, ?, ?, ?, ?, 'disconnect', ?, ?, 0)""",
                   (numbers[exchange], at(low), at(high), from_id, to_id, state, filled))
        for from_us, to_us in ((at(0), at(low)), (at(high), at(20))):
            db.execute("INSERT INTO coverage VALUES (?, ?, ?)", (numbers[exchange], from_us, to_us))
    db.commit()
    db.close()
    return tape, ledgers


def exchanges():
    plain = {"binance": False, "skew_s": 0, "rest_down_to_the_end": False, "history_limit": 0, "one_day": False, "deaf": set(), "renumbered": set(),
             "no_twin": False, "listed": None}
    return {name: types.SimpleNamespace(**(plain | {"binance": name == "binance", "history_limit": LIMIT * (name == "binance")}))
            for name, _ in MADE}


TRADE = "(SELECT market_id FROM market WHERE exchange = '%s') = market_id"
UPBIT, BITHUMB, BINANCE = (TRADE % name for name in ("upbit", "bithumb", "binance"))
CASES = [  # what was done, how (SQL, or a change of the plan), what the judge must say (None: nothing)
    ("nothing", "", None),
    ("a trade is deleted", f"DELETE FROM trade WHERE id = 1006 AND {UPBIT}", "missing outside of every gap"),
    ("a trade that REST put back is deleted",
     f"DELETE FROM trade WHERE lag_us IS NULL AND {UPBIT}", "the gaps say 1 trades were put back"),
    ("one of two twins without ids is deleted",
     f"DELETE FROM trade WHERE id = x'0000000000000004' AND {BITHUMB}", "missing outside of every gap"),
    ("one of two twins with ids is deleted", f"DELETE FROM trade WHERE id = 3 AND {BITHUMB}", "missing outside of every gap"),
    ("a trade is doubled without an id",
     f"INSERT INTO trade SELECT market_id, time_us, x'0000000000000099', price, size, 9 FROM trade WHERE id = 2 AND {BITHUMB}",
     "1 too many"),
    ("a twin is doubled", f"INSERT INTO trade SELECT market_id, time_us, x'0000000000000099', price, size, 9 FROM trade"
     f" WHERE id = x'0000000000000004' AND {BITHUMB}", "1 too many"),
    ("a trade is doubled under another id",
     f"INSERT INTO trade SELECT market_id, time_us, 5000, price, size, 9 FROM trade WHERE id = 1003 AND {UPBIT}",
     "was never made"),
    ("a trade is doubled at another time",
     f"INSERT INTO trade SELECT market_id, time_us + 1000, id, price, size, 9 FROM trade WHERE id = 1003 AND {UPBIT}",
     "too many of"),
    ("a digit of a price is changed", f"UPDATE trade SET price = price + 16 WHERE id = 1003 AND {UPBIT}", "was made"),
    ("the point of a size moves", f"UPDATE trade SET size = size + 1 WHERE id = 1003 AND {UPBIT}", "was made"),
    ("a side is changed", f"UPDATE trade SET size = -size WHERE id = 1003 AND {UPBIT}", "was made"),
    ("a digit is changed where there is no id",
     f"UPDATE trade SET price = price + 16 WHERE id = x'0000000000000004' AND {BITHUMB}", "1 too many"),
    ("a time is changed by a microsecond", f"UPDATE trade SET time_us = time_us + 1 WHERE id = 57 AND {BINANCE}", "was made"),
    ("a gap with trades missing is called filled",
     f"UPDATE gap SET state = 'filled' WHERE {BINANCE}", "missing outside of every gap"),
    ("and the market was never seen before, with REST too short",
     f"UPDATE gap SET state = 'filled' WHERE {BINANCE}; DELETE FROM trade WHERE time_us < {at(3)} AND {BINANCE};"
     f" UPDATE gap SET from_us = {at(0)}, from_id = 50 WHERE {BINANCE}", None),
    ("and REST was not too short",
     f"UPDATE gap SET state = 'filled' WHERE {BINANCE}; DELETE FROM trade WHERE time_us < {at(3)} AND {BINANCE};"
     f" UPDATE gap SET from_us = {at(0)}, from_id = 50 WHERE {BINANCE}", "missing outside of every gap", "history_limit", 11),
    ("a gap is taken away", f"DELETE FROM gap WHERE {BINANCE}", "missing outside of every gap"),
    ("a gap begins too late", f"UPDATE gap SET from_us = from_us + 600000 WHERE {BINANCE}", "missing outside of every gap"),
    ("a gap ends with the time of what is missing",
     f"UPDATE gap SET to_us = {at(4)} WHERE {BINANCE}", "missing outside of every gap"),
    ("a gap's ids begin too late", f"UPDATE gap SET from_id = 54 WHERE {BINANCE}", "missing outside of every gap"),
    ("a gap's ids end too early", f"UPDATE gap SET to_id = 53 WHERE {BINANCE}", "missing outside of every gap"),
    ("and the market was deaf, and is not called covered there",
     f"DELETE FROM gap WHERE {BINANCE}; DELETE FROM coverage WHERE {BINANCE}",
     None, "deaf", {"BTCUSDT"}),
    ("and the market was deaf, and is called covered", f"DELETE FROM gap WHERE {BINANCE}; DELETE FROM coverage WHERE {BINANCE};"
     f" INSERT INTO coverage SELECT market_id, {at(0)}, {at(20)} FROM market WHERE exchange = 'binance'",
     "missing outside of every gap", "deaf", {"BTCUSDT"}),
    ("and the market was listed meanwhile, and nothing was claimed before", f"DELETE FROM gap WHERE {BINANCE}; DELETE FROM coverage"
     f" WHERE {BINANCE} AND from_us < {at(4.5)}; DELETE FROM trade WHERE time_us < {at(4.5)} AND {BINANCE}", None, "listed", "BTCUSDT"),
    ("and it was recorded before", f"DELETE FROM gap WHERE {BINANCE}", "missing outside of every gap", "listed", "BTCUSDT"),
    ("a gap is unfillable, and REST is not the socket's twin", f"UPDATE gap SET note = 'other digits' WHERE {BINANCE}", None,
     "no_twin", True),
    ("and trades are missing beside it", f"UPDATE gap SET to_us = {at(4)} WHERE {BINANCE}", "missing outside of every gap",
     "no_twin", True),
    ("a gap is another market's", f"UPDATE gap SET market_id = 1 WHERE {BINANCE}", "missing outside of every gap"),
    ("a gap is open", f"UPDATE gap SET state = 'open', to_us = NULL WHERE {BINANCE}", "is open"),
    ("a gap is open, and REST is down",
     f"UPDATE gap SET state = 'open', to_us = NULL WHERE {BINANCE}", None, "rest_down_to_the_end", True),
    ("a gap is filled and not over", f"UPDATE gap SET to_us = NULL WHERE {UPBIT}", "is filled and not over"),
    ("a gap ends before it begins", f"INSERT INTO gap (market_id, from_us, to_us, reason, state, opened_us)"
     f" VALUES (1, {at(5)}, {at(4)}, 'disconnect', 'filled', 0)", "holds no time at all"),
    ("a gap that REST has is called unfillable", f"UPDATE gap SET state = 'unfillable' WHERE {UPBIT}", "REST had everything"),
    ("a gap that REST reached is called unfillable", "", "REST had 100, of which 7 since then", "history_limit", 100),
    ("coverage ends a microsecond before a gap begins",
     f"UPDATE coverage SET to_us = to_us - 1 WHERE {UPBIT}", "1 us from"),
    ("coverage goes on a microsecond after a gap",
     f"UPDATE coverage SET from_us = from_us + 1 WHERE {UPBIT}", "neither covered nor in a gap"),
    ("a gap counts too many",
     f"UPDATE gap SET filled = filled + 1 WHERE {UPBIT}", "the gaps say 2 trades were put back, the tape has 1"),
    ("a trade was put back that no gap counts",
     f"UPDATE trade SET lag_us = NULL WHERE id = 1005 AND {UPBIT}", "the gaps say 1"),
]


def main():
    failed = 0
    for what, sql, wanted, *change in CASES:
        with tempfile.TemporaryDirectory() as folder:
            tape, ledgers = make(folder)
            db = sqlite3.connect(tape)
            db.executescript(sql)
            db.close()
            plans = exchanges()
            if change:
                setattr(plans["binance"], *change)
            complaints, _ = judge.judge(judge.read(tape, ledgers), plans)
        right = any(wanted in line for line in complaints) if wanted else not complaints
        if not right:
            failed += 1
            print(f"FAILED: {what}: expected '{wanted}', the judge says {complaints}")
    print(f"judge: {len(CASES)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
