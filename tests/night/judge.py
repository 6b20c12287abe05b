"""The tape beside the ledgers of the exchanges.  It knows what the night's plan excuses, and never looks at the recorder's log.

A ledger is what the exchange made, the tape what the recorder has of it; both are compared as multisets of
(market, time, price, size, side) and, where a row of the tape has an id, by id.  What is missing must lie in a gap."""
import collections
import datetime
import sqlite3

import plan

DAY_US = 86_400_000_000
KST_US = 9 * 3_600_000_000
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
OUT_OF_ORDER = 5  # so many in a row a plan dates back
MICROSECOND = datetime.timedelta(microseconds=1)

Trade = collections.namedtuple("Trade", "time_us price size side")
Gap = collections.namedtuple("Gap", "from_us to_us from_id to_id reason state filled note")


class Market:
    """What one market has on both sides."""

    def __init__(self):
        self.made = {}                        # id: Trade, of the ledger; of an id that came again, the first
        self.again = collections.Counter()    # (id, Trade): all others
        self.told = []                        # (id or '', Trade), of the tape
        self.renumbered = False               # its ids began again in that night
        self.put_back = 0                     # rows of the tape without a time of receipt
        self.gaps = []
        self.coverage = []                    # (from_us, to_us)


def read_ledger(path, exchange, markets):
    unit = plan.TIME_UNIT_US[exchange]
    with open(path, encoding="ascii") as file:
        for line in file:
            symbol, time, price, size, side, trade_id = line.rstrip("\n").split(",")
            market, trade = markets[exchange, symbol], Trade(int(time) * unit, price, size, side)
            if market.made.setdefault(trade_id, trade) is not trade:
                market.again[trade_id, trade] += 1


def read_tape(path, markets):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        db.execute("BEGIN")
        columns = "exchange, symbol, time, price, size, side, trade_id, received"
        for exchange, symbol, time, price, size, side, trade_id, received in db.execute(f"SELECT {columns} FROM trades"):
            time_us = (datetime.datetime.fromisoformat(time) - EPOCH) // MICROSECOND
            market = markets[exchange, symbol]
            market.told.append((trade_id, Trade(time_us, price, size, side)))
            market.put_back += not received
        for exchange, symbol, *gap in db.execute("""SELECT exchange, symbol, from_us, to_us, from_id, to_id,
                                                           reason, state, filled, note
                                                    FROM gap JOIN market USING (market_id)"""):
            markets[exchange, symbol].gaps.append(Gap(*gap))
        for exchange, symbol, *span in db.execute("""SELECT exchange, symbol, from_us, to_us
                                                     FROM coverage JOIN market USING (market_id)"""):
            if span[0] < span[1]:
                markets[exchange, symbol].coverage.append(tuple(span))
    finally:
        db.close()


def read(tape, ledgers):
    """ledgers: {exchange: path}.  Returns {(exchange, symbol): Market}."""
    markets = collections.defaultdict(Market)
    for exchange, path in ledgers.items():
        read_ledger(path, exchange, markets)
    read_tape(tape, markets)
    return markets


def show(trade):
    return f"{trade.time_us} {trade.price} {trade.size} {trade.side}"


def compare(market, say):
    """Says what is on the tape and should not be; returns what is not there, as (id or '', Trade)."""
    made = collections.Counter(market.made.items()) + market.again
    seen = collections.Counter((trade_id, trade) for trade_id, trade in market.told if trade_id)
    for (trade_id, trade), count in seen.items():
        if trade_id not in market.made:
            say(f"id {trade_id} was never made: {show(trade)}")
        elif (trade_id, trade) not in made:
            say(f"id {trade_id} is {show(trade)}, was made {show(market.made[trade_id])}")
        elif count > made[trade_id, trade]:
            say(f"id {trade_id} stands {count} times: {show(trade)}")
    left = collections.Counter(trade for _, trade in market.told)
    for (_, trade), count in made.items():
        left[trade] -= count
    for trade, count in left.items():
        if count > 0:
            say(f"{count} too many of {show(trade)}")
    if all(trade_id for trade_id, _ in market.told):
        return list((made - seen).elements())
    return [("", trade) for trade, count in left.items() for _ in range(-count)]


def spans(gap, trade):
    return gap.from_us <= trade.time_us and (gap.to_us is None or trade.time_us < gap.to_us)


def covers(span, trade):
    return span[0] <= trade.time_us < span[1]


def made_since(market, from_us):
    return sum(trade.time_us >= from_us for trade in market.made.values()) + sum(
        count for (_, trade), count in market.again.items() if trade.time_us >= from_us)


def begins_there(gap, market, exchange):
    """Where REST's past was cut short, and the recorder had never seen the market trade before the gap: to it, that is a
    market whose history begins in the gap, and REST gave all of it."""
    return (exchange.history_limit and all(trade.time_us >= gap.from_us for _, trade in market.told)
            and made_since(market, gap.from_us) >= exchange.history_limit)


def names(gap, trade_id):
    return None not in (gap.from_id, gap.to_id) and gap.from_id <= trade_id <= gap.to_id


def out_of_order(market, trade_id, trade):
    """Its time is before that of a trade before, or behind that of one behind: nobody can guess where it belongs."""
    before = [market.made.get(str(trade_id - back)) for back in range(1, OUT_OF_ORDER + 1)]
    behind = [market.made.get(str(trade_id + ahead)) for ahead in range(1, OUT_OF_ORDER + 1)]
    return any(other is not None and other.time_us > trade.time_us for other in before) or any(
        other is not None and other.time_us < trade.time_us for other in behind)


def excuses(gap, trade_id, trade, market, exchange):
    if market.renumbered:  # ids tell nothing of a gap where they begin again, and what REST forgot before the first trade nobody knows
        never_seen = all(t.time_us >= gap.from_us for _, t in market.told)
        return spans(gap, trade) and (gap.state != "filled" or never_seen)
    if not spans(gap, trade):
        return gap.state != "filled" and bool(trade_id) and names(gap, int(trade_id)) and out_of_order(market, int(trade_id), trade)
    if gap.state == "filled" and not begins_there(gap, market, exchange):
        return False
    if gap.from_id is None or not trade_id:
        return True
    return gap.from_id <= int(trade_id) and (gap.to_id is None or int(trade_id) <= gap.to_id)


def crosses_korean_midnight(gap):
    """Or its last second, which `to` of the day before does not reach."""
    to_us = gap.from_us if gap.to_us is None else gap.to_us
    day = lambda us: (us + KST_US) // DAY_US
    return day(to_us + 1_000_000) > day(gap.from_us)


def judge_gap(gap, market, exchange, deaf, say):
    what = f"gap [{gap.from_us}, {gap.to_us}) of reason {gap.reason}"
    if gap.to_us is not None and gap.to_us <= gap.from_us:
        say(f"{what} is {gap.state} and holds no time at all")
    if gap.state == "open":
        if not exchange.rest_down_to_the_end and not deaf and not market.renumbered and not exchange.no_twin:
            say(f"{what} is open: '{gap.note}'")
    elif gap.state == "unfillable" and market.renumbered:
        return  # REST may have forgotten what was before, and no id tells
    elif gap.state == "unfillable" and exchange.no_twin:
        return  # what REST has cannot be told to be the socket's
    elif gap.state == "unfillable":
        since = made_since(market, gap.from_us)
        if exchange.one_day and crosses_korean_midnight(gap):
            return
        if not exchange.history_limit:
            say(f"{what} is unfillable ('{gap.note}'), and REST had everything")
        elif since < exchange.history_limit:
            say(f"{what} is unfillable ('{gap.note}'), and REST had {exchange.history_limit}, of which {since} since then")
    elif gap.to_us is None:
        say(f"{what} is {gap.state} and not over")


def judge_coverage(market, say):
    """From where a market was first recorded to where it was last, it is covered or in a gap: nothing in between is forgotten."""
    last = max((to_us for _, to_us in market.coverage), default=0)
    spans = sorted(market.coverage + [(gap.from_us, last if gap.to_us is None else gap.to_us) for gap in market.gaps])
    put_back = {gap.from_us for gap in market.gaps}  # a gap that is filled is coverage, too, and may lie before the first
    reached = min((from_us for from_us, _ in market.coverage if from_us not in put_back), default=last)
    for from_us, to_us in spans:
        if reached < from_us < last:
            say(f"{from_us - reached} us from {reached} on are neither covered nor in a gap")
        reached = max(reached, to_us)


def judge(markets, exchanges):
    """exchanges: {name: plan.Exchange}.  Returns (complaints, missing)."""
    complaints, missing_count = [], 0
    for (name, symbol), market in sorted(markets.items()):
        exchange = exchanges[name]
        market.renumbered = symbol in exchange.renumbered

        def say(text):
            complaints.append(f"{name}:{symbol} {text}")

        missing = compare(market, say)
        missing_count += len(missing)
        silent = [(i, t) for i, t in missing if not any(excuses(gap, i, t, market, exchange) for gap in market.gaps)]
        if symbol in exchange.deaf:  # of such a market nobody need know, who does not say that it is covered
            silent = [(i, t) for i, t in silent if any(covers(span, t) for span in market.coverage)]
        if symbol == exchange.listed:  # until it was found on the list, nothing is claimed of it
            begins = min([span[0] for span in market.coverage] + [gap.from_us for gap in market.gaps], default=None)
            silent = [(i, t) for i, t in silent if begins is not None and t.time_us >= begins]
        if silent:
            trade_id, trade = silent[0]
            near = [gap for gap in market.gaps if spans(gap, trade)]
            where = f" (in a gap of reason {near[0].reason} that is called {near[0].state})" if near else ""
            say(f"{len(silent)} trades are missing outside of every gap that is not filled; the first: {trade_id} {show(trade)}"
                + where)
        for gap in market.gaps:
            judge_gap(gap, market, exchange, symbol in exchange.deaf, say)
        judge_coverage(market, say)
        filled = sum(gap.filled for gap in market.gaps)
        if filled != market.put_back:
            say(f"the gaps say {filled} trades were put back, the tape has {market.put_back}")
    return complaints, missing_count


def figures(markets, missing):
    trades, gaps = collections.Counter(missing=missing), collections.Counter()
    for market in markets.values():
        made = list(market.made.values()) + [trade for _, trade in market.again.elements()]
        trades["made"] += len(made)
        trades["twins"] += len(made) - len(set(made))
        trades["put-back"] += market.put_back
        gaps.update(f"{gap.reason}/{gap.state}" for gap in market.gaps)
    return {"trades": trades, "gaps": gaps}
