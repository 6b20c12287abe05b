#!/usr/bin/python3
"""Makes a tape from a CSV of trades, by what schema/*.sql says and by nothing else: a second opinion on the encoding.

    maketape.py TAPE TRADES.csv [--cover MARKET=FROM_US,TO_US]... [--id-rule MARKET=PER_MS,EPOCH_MS]...
                [--market NAME]... [--assets MARKET=BASE/QUOTE]... [--tickers TICKERS.csv] [--steps N]
                [--leave bare|stopped|killed] [--follow]

TRADES.csv has the columns market,time_us,id,price,size,side,received_us; id and received_us may be empty.  --market adds a
market without trades, --assets names what a market trades.  TICKERS.csv has the columns
market,window,time_us,open,high,low,close,volume,received_us.  --steps makes a tape of the first N steps only.  --leave says how the recorder went: `bare` leaves the one file (a copy), `stopped` an empty -wal and
a -shm beside it, `killed` a -wal full of changes.  --follow goes on: each further line on stdin is a trade in the same
columns, committed at once and answered with "ok"; the end of stdin ends it.
"""
import argparse
import csv
import glob
import os
import sqlite3
import sys
from decimal import Decimal, localcontext

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schema")
APPLICATION_ID = 0x54415045


def exact(text):
    """A decimal as (mantissa, scale), normalised."""
    sign, digits, exponent = Decimal(text).as_tuple()
    mantissa, scale = int("".join(map(str, digits))), -exponent
    if scale < 0:
        mantissa, scale = mantissa * 10 ** -scale, 0
    while scale > 0 and mantissa % 10 == 0:
        mantissa, scale = mantissa // 10, scale - 1
    return (-mantissa if sign else mantissa), scale


def plain(mantissa, scale):
    digits = str(mantissa).rjust(scale + 1, "0")
    return digits[:-scale] + "." + digits[-scale:] if scale else digits


def pack(mantissa, scale, negative=False):
    """The tape's form of a number: an integer where it fits, else text."""
    if mantissa < 1 << 59 and scale <= 15 and not (negative and mantissa == 0):
        value = mantissa * 16 + scale
        return -value if negative else value
    return ("-" if negative else "") + plain(mantissa, scale)


def add(a, b):
    scale = max(a[1], b[1])
    mantissa = a[0] * 10 ** (scale - a[1]) + b[0] * 10 ** (scale - b[1])
    while scale > 0 and mantissa % 10 == 0:
        mantissa, scale = mantissa // 10, scale - 1
    return mantissa, scale


def multiply(a, b):
    return add((a[0] * b[0], a[1] + b[1]), (0, 0))


def less(a, b):
    scale = max(a[1], b[1])
    return a[0] * 10 ** (scale - a[1]) < b[0] * 10 ** (scale - b[1])


class Tape:
    def __init__(self, path, wanted=None):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("BEGIN")
        steps = sorted(glob.glob(os.path.join(SCHEMA, "[0-9]*.sql")))[:wanted]
        for number, step in enumerate(steps, 1):
            for statement in split_statements(open(step).read()):
                self.db.execute(statement)
            self.db.execute("INSERT INTO schema_step VALUES (?, 0, 'maketape')", (number,))
        self.db.execute("PRAGMA application_id = %d" % APPLICATION_ID)
        self.db.execute("PRAGMA user_version = %d" % len(steps))
        self.db.execute("COMMIT")
        self.steps = len(steps)
        self.markets = {}
        self.rules = {}
        self.arrivals = {}

    def market(self, name):
        if name not in self.markets:
            exchange, symbol = name.split(":", 1)
            per_ms, epoch_ms = self.rules.get(name, (0, 0))
            self.db.execute("INSERT INTO market (exchange, symbol, id_per_ms, id_epoch_ms) VALUES (?, ?, ?, ?)",
                            (exchange, symbol, per_ms, epoch_ms))
            self.markets[name] = self.db.execute("SELECT last_insert_rowid()").fetchone()[0]
            if self.steps >= 4:  # recorded, and still
                self.db.execute("INSERT INTO wanted VALUES (?, 0, NULL)", (self.markets[name],))
        return self.markets[name]

    def encode_id(self, name, time_us, text):
        if text == "":
            arrival = self.arrivals.get((name, time_us), 0)
            self.arrivals[name, time_us] = arrival + 1
            return arrival.to_bytes(2, "big")
        per_ms, epoch_ms = self.rules.get(name, (0, 0))
        relative = int(text) - (time_us // 1000 - epoch_ms) * per_ms
        if -(1 << 63) <= relative < 1 << 63 and int(text) < 1 << 63:
            return relative
        return "%02d%s" % (len(text), text)

    def add(self, row):
        """One trade and its candle."""
        name, time_us = row["market"], int(row["time_us"])
        market = self.market(name)
        price, size, sold = exact(row["price"]), exact(row["size"]), row["side"] == "sell"
        lag = int(row["received_us"]) - time_us if row["received_us"] else None
        self.db.execute("INSERT INTO trade VALUES (?, ?, ?, ?, ?, ?)",
                        (market, time_us, self.encode_id(name, time_us, row["id"]), pack(*price), pack(*size, sold), lag))
        self.candle(market, time_us // 60000000)

    def candle(self, market, minute):
        """Computed anew from the minute's trades, whatever was there."""
        rows = self.db.execute("SELECT price, size FROM trade WHERE market_id = ? AND time_us >= ? AND time_us < ?"
                               " ORDER BY time_us, id", (market, minute * 60000000, (minute + 1) * 60000000)).fetchall()
        volume = buys = turnover = (0, 0)
        prices = []
        for price, size in rows:
            price, sold, size = unpack(price), str(size).startswith("-"), unpack(size)
            prices.append(price)
            volume, turnover = add(volume, size), add(turnover, multiply(price, size))
            if not sold:
                buys = add(buys, size)
        high = low = prices[0]
        for price in prices:
            high, low = (price if less(high, price) else high), (price if less(price, low) else low)
        self.db.execute("REPLACE INTO candle_1m VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (market, minute, pack(*prices[0]), pack(*high), pack(*low), pack(*prices[-1]), pack(*volume),
                         pack(*buys), pack(*turnover), len(rows)))

    def ticker(self, row):
        time_us = int(row["time_us"])
        numbers = [pack(*exact(row[name])) for name in ("open", "high", "low", "close", "volume")]
        self.db.execute("INSERT INTO ticker VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (self.market(row["market"]), row["window"], time_us, *numbers, int(row["received_us"]) - time_us))

    def cover(self, name, from_us, to_us):
        self.db.execute("REPLACE INTO coverage VALUES (?, ?, ?)", (self.market(name), from_us, to_us))


def unpack(value):
    if isinstance(value, str):
        return exact(value.lstrip("-"))
    return exact(plain(abs(value) >> 4, abs(value) & 15))


def split_statements(script):
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tape")
    parser.add_argument("trades")
    parser.add_argument("--cover", action="append", default=[])
    parser.add_argument("--id-rule", action="append", default=[])
    parser.add_argument("--market", action="append", default=[])
    parser.add_argument("--assets", action="append", default=[])
    parser.add_argument("--tickers")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--leave", choices=["bare", "stopped", "killed"], default="bare")
    parser.add_argument("--follow", action="store_true")
    arguments = parser.parse_args()

    tape = Tape(arguments.tape, arguments.steps)
    for rule in arguments.id_rule:
        name, numbers = rule.split("=")
        tape.rules[name] = tuple(map(int, numbers.split(",")))
    if arguments.leave == "killed":  # what is on the tape so far is in the one file, the rest in -wal
        tape.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    tape.db.execute("BEGIN")
    with open(arguments.trades, newline="") as trades:
        fields = None
        for row in csv.DictReader(trades):
            fields = list(row)
            tape.add(row)
    for cover in arguments.cover:
        name, numbers = cover.split("=")
        tape.cover(name, *map(int, numbers.split(",")))
    for name in arguments.market:
        tape.market(name)
    for assets in arguments.assets:
        name, pair = assets.split("=")
        tape.db.execute("UPDATE market SET base = ?, quote = ? WHERE market_id = ?", (*pair.split("/"), tape.market(name)))
    if arguments.tickers:
        with open(arguments.tickers, newline="") as tickers:
            for row in csv.DictReader(tickers):
                tape.ticker(row)
    tape.db.execute("COMMIT")

    if arguments.follow:
        print("ready", flush=True)
        for line in sys.stdin:
            tape.db.execute("BEGIN")
            tape.add(dict(zip(fields, line.rstrip("\n").split(","))))
            tape.db.execute("COMMIT")
            print("ok", flush=True)
    if arguments.leave == "stopped":
        tape.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if arguments.leave != "bare":  # without closing, which would tidy up
        sys.stdout.flush()
        os._exit(0)
    tape.db.close()


if __name__ == "__main__":
    with localcontext() as context:
        context.prec = 200
        main()
