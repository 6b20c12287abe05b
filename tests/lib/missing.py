#!/usr/bin/python3
"""missing.py TAPE LEDGER EXPORT [MARKET_WITHOUT_TRADES...]: is anything missing in silence?

Each trade of the exchange's ledger (times in the unit of EXPORT, `tapedeck export` with that --time-format) from behind its
market's first one on the tape is there, or lies in a gap that is not filled; so must those of a market that has none on the
tape, from 5 s after the tape's first; up to the recorder's stop, by the exchange's clock (CLOCK_SET_S: how far that was set).  What is on the tape is in the ledger, as it stands there, and once.
"""
import collections
import os
import sqlite3
import sys

tape, ledger, export, *silent_markets = sys.argv[1:]
rows = [line.rstrip("\n").split(",") for line in open(export)][1:]
unit = 1_000_000 // (10 ** (len(rows[0][2]) - 10))  # microseconds in one of the export's: its times have 13 or 16 digits
db = sqlite3.connect(f"file:{tape}?mode=ro", uri=True)
gaps = collections.defaultdict(list)
for symbol, begin, end, state in db.execute(
        "SELECT symbol, from_us, ifnull(to_us, 1 << 62), state FROM gap JOIN market USING (market_id)"):
    if state != "filled":
        gaps[symbol].append((begin, end))

have = collections.Counter(tuple(row[1:7]) for row in rows)
first = {}
for row in rows:
    first[row[1]] = min(first.get(row[1], 1 << 62), int(row[2]))
(stopped_us,) = db.execute("SELECT stopped_us FROM recorder").fetchone()
end = (stopped_us + int(os.environ.get("CLOCK_SET_S", 0)) * 1_000_000 - 2_000_000) // unit  # what was under way at the stop is no loss
made = collections.Counter(tuple(line.rstrip("\n").split(",")) for line in open(ledger))
invented = have - made
assert not invented, f"{sum(invented.values())} rows of the tape are not the exchange's, the first: {next(iter(invented))}"
silent = []
for trade in made - have:
    symbol, time = trade[0], int(trade[1])
    begin = first.get(symbol, min(first.values()) + 5_000_000 // unit)
    if begin <= time <= end and not any(a <= time * unit < b for a, b in gaps[symbol]):
        silent.append(trade)
assert not silent, f"{len(silent)} trades are missing in silence, the first: {min(silent, key=lambda t: t[1])}"
for symbol in silent_markets:
    reasons = [r for (r,) in db.execute("SELECT reason FROM gap JOIN market USING (market_id) WHERE symbol = ?", (symbol,))]
    assert reasons == ["refused"], (symbol, reasons)
(covered,) = db.execute("SELECT count(DISTINCT market_id) FROM coverage WHERE to_us > from_us").fetchone()
print(f"{len(rows)} trades, {sum((made - have).values())} missing and said, {covered} markets covered")
