#!/usr/bin/python3
"""A second Upbit, after the documents and nothing else: its socket and its REST over TLS on one port.

It shares no code and no idea with simexchange, so that a mistake made there is not made here too; it is slow and needs
Debian's python3-websockets (10.4 and 15: both have the server interface that is used here, under `legacy`).  All amounts are Decimals, written the many ways in which Upbit writes them.

A market trades only while somebody is subscribed to it.  SIGTERM and SIGINT end it in order: what is still under way is
sent, each socket is closed with a close frame and the client's answer awaited, which proves that it read everything.
The ledger (`symbol,time_ms,price,size,side,id`; the taker's side; plain decimals) gets exactly the trades proven so.
What was sent on sockets that ended in any other way is doubtful: in no ledger, but counted in the last line on stderr.
"""
import argparse
import asyncio
import heapq
import http
import itertools
import json
import os
import random
import signal
import ssl
import sys
import time
import urllib.parse
from decimal import Decimal

import websockets
from websockets.legacy.server import WebSocketServerProtocol, serve

LATE_S = 2.5  # trades arrive out of order by up to so much
IDLE_S = 60  # a socket whose client says nothing dies without a close frame
STATUS_S = 10
DAY_MS = 86_400_000
SHORT = {
    "type": "ty", "code": "cd", "trade_price": "tp", "trade_volume": "tv", "ask_bid": "ab", "prev_closing_price": "pcp",
    "change": "c", "change_price": "cp", "trade_date": "td", "trade_time": "ttm", "trade_timestamp": "ttms",
    "timestamp": "tms", "sequential_id": "sid", "best_ask_price": "bap", "best_ask_size": "bas", "best_bid_price": "bbp",
    "best_bid_size": "bbs", "stream_type": "st", "total_ask_size": "tas", "total_bid_size": "tbs",
    "orderbook_units": "obu", "ask_price": "ap", "bid_price": "bp", "ask_size": "as", "bid_size": "bs",
}
# symbol: first price, smallest step of the price, size of a usual trade
MARKETS = {
    "KRW-BTC": ("100473000", "1000", "0.02"),
    "KRW-ETH": ("4182000", "1000", "0.4"),
    "KRW-XRP": ("3021", "1", "900"),
    "KRW-SHIB": ("0.01823", "0.00001", "45000000"),
    "BTC-XRP": ("0.00002991", "0.00000001", "120"),
    "BTC-SAFE": ("0.00000006", "0.00000001", "3000"),
    "USDT-BTC": ("71234.56789012", "0.00000001", "0.0003"),
}


# ---- numbers ----

def plain(number):
    """The one spelling of the ledger: no exponent, no padding."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def spellings(number):
    """All spellings of one amount that have been seen at Upbit or in its documents."""
    text = plain(number)
    forms = [text]
    whole, _, fraction = text.partition(".")
    if not fraction:
        forms += [whole + ".0", whole + ".00000000"]
    elif len(fraction) < 8:
        forms.append(whole + "." + fraction.ljust(8, "0"))
    digits = "".join(map(str, number.as_tuple().digits)).strip("0") or "0"
    power = number.adjusted()
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    forms.append(f"{mantissa}E{power}")
    if len(digits) == 1:
        forms.append(f"{digits}.0E{power}")
    if power < 0:
        forms.append(f"{mantissa}e-{-power:02}")
    return forms


def to_json(value, rng):
    """As json.dumps, but a Decimal is a number in one of its spellings."""
    if isinstance(value, Decimal):
        sign = "-" if value < 0 else ""
        return sign + rng.choice(spellings(abs(value)))
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{to_json(v, rng)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_json(v, rng) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


# ---- the market ----

class Trade:
    def __init__(self, symbol, time_ms, price, size, taker_buys, sequential_id, previous_close):
        self.symbol = symbol
        self.time_ms = time_ms
        self.price = price
        self.size = size
        self.taker_buys = taker_buys
        self.id = sequential_id
        self.previous_close = previous_close

    def day_and_clock(self):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.time_ms // 1000)).split()

    def ledger_line(self):
        side = "buy" if self.taker_buys else "sell"
        return f"{self.symbol},{self.time_ms},{plain(self.price)},{plain(self.size)},{side},{self.id}\n"

    def message(self, step, stream_type):
        date, clock = self.day_and_clock()
        change = self.price - self.previous_close
        return {
            "type": "trade", "code": self.symbol, "timestamp": int(time.time() * 1000), "trade_date": date,
            "trade_time": clock, "trade_timestamp": self.time_ms, "trade_price": self.price, "trade_volume": self.size,
            "ask_bid": "BID" if self.taker_buys else "ASK", "prev_closing_price": self.previous_close,
            "change": "RISE" if change > 0 else "FALL" if change < 0 else "EVEN", "change_price": abs(change),
            "sequential_id": self.id, "best_ask_price": self.price + step, "best_ask_size": self.size * 3,
            "best_bid_price": self.price, "best_bid_size": self.size * 7, "stream_type": stream_type,
        }

    def rest_row(self):
        date, clock = self.day_and_clock()
        return {
            "market": self.symbol, "trade_date_utc": date, "trade_time_utc": clock, "timestamp": self.time_ms,
            "trade_price": self.price, "trade_volume": self.size, "prev_closing_price": self.previous_close,
            "change_price": self.price - self.previous_close, "ask_bid": "BID" if self.taker_buys else "ASK",
            "sequential_id": self.id,
        }


class Market:
    """Trades of one symbol: a random walk in steps of the price; ids are the time and a count within the millisecond."""

    def __init__(self, symbol, seed):
        price, step, size = map(Decimal, MARKETS.get(symbol, ("1234.5", "0.1", "10")))
        self.symbol = symbol
        self.price = self.previous_close = price
        self.step = step
        self.usual_size = size
        self.rng = random.Random(f"{seed} {symbol}")
        self.trades = []  # in the order of ids
        self.floor_ms = 0  # no trade at or before it

    def take_up(self, line):
        """A trade of an earlier run, from the ledger."""
        _, time_ms, price, size, side, sequential_id = line.rstrip("\n").split(",")
        self.trades.append(Trade(self.symbol, int(time_ms), Decimal(price), Decimal(size), side == "buy",
                                 int(sequential_id), self.previous_close))

    def taken_up(self):
        self.trades.sort(key=lambda t: t.id)
        if self.trades:
            self.price = self.trades[-1].price
            self.floor_ms = self.trades[-1].time_ms

    def size(self):
        kind = self.rng.randrange(40)
        if kind == 0:
            return Decimal(self.rng.randrange(1, 100)).scaleb(-8)
        if kind == 1:
            return Decimal(self.rng.randrange(10**19, 10**20)).scaleb(-8)  # more than 64 bits of 10^-8
        if kind == 2:
            return Decimal(self.rng.randrange(1, 10)).scaleb(self.rng.randrange(-4, 9))
        size = self.usual_size * self.rng.randrange(1, 3_000_000_000) / 10**9
        return max(size.quantize(Decimal(1).scaleb(-self.rng.randrange(0, 9))), Decimal("0.00000001"))

    def next_trades(self):
        """One trade, or a sweep: several in one millisecond, some of them equal in all but the id."""
        self.price = max(self.price + self.step * self.rng.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2)), self.step)
        now_ms = max(int(time.time() * 1000), self.floor_ms + 1)
        self.floor_ms = now_ms
        size, taker_buys, price = self.size(), self.rng.random() < 0.5, self.price
        made = []
        for n in range(self.rng.choice((1, 1, 1, 1, 1, 1, 2, 3, 12))):
            if n and self.rng.random() < 0.6:
                size, price = self.size(), price + self.step
            made.append(Trade(self.symbol, now_ms, price, size, taker_buys, now_ms * 10_000 + n, self.previous_close))
        self.trades += made
        return made

    def orderbook(self):
        units = [{"ask_price": self.price + self.step * n, "bid_price": max(self.price - self.step * n, self.step),
                  "ask_size": self.size(), "bid_size": self.size()} for n in range(1, 16)]
        return {"type": "orderbook", "code": self.symbol, "timestamp": int(time.time() * 1000),
                "total_ask_size": sum(u["ask_size"] for u in units), "total_bid_size": sum(u["bid_size"] for u in units),
                "orderbook_units": units, "stream_type": "REALTIME"}


# ---- a client ----

class Client(WebSocketServerProtocol):
    server_side = None  # the Server, set before it listens

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.heard = time.monotonic()
        self.codes = set()  # trades
        self.book_codes = set()
        self.format = "DEFAULT"
        self.sent = []  # trades, the snapshots too

    def data_received(self, data):  # pings count, and the library keeps those to itself
        self.heard = time.monotonic()
        super().data_received(data)

    async def process_request(self, path, request_headers):
        return self.server_side.answer_http(path, request_headers)


def renamed(value):
    """Short keys, all the way down."""
    if isinstance(value, dict):
        return {SHORT[k]: renamed(v) for k, v in value.items()}
    return [renamed(v) for v in value] if isinstance(value, list) else value


class Refused(Exception):
    """The name of an error frame, and its message."""


class Server:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(f"{options.seed} server")
        self.markets = {symbol: Market(symbol, options.seed) for symbol in options.markets.split(",")}
        self.clients = set()
        self.late = []  # heap of (due, count, trade)
        self.count = itertools.count()
        self.on_ledger = set()  # symbol and id, as in the next one
        self.put_on_sockets = set()
        self.origins = {}
        self.stop = asyncio.Event()

    def take_up_ledger(self):
        if not os.path.exists(self.options.ledger):
            return
        with open(self.options.ledger, encoding="ascii") as ledger:
            for line in ledger:
                market = self.markets.get(line.split(",", 1)[0])
                if market is not None:
                    market.take_up(line)
                    self.on_ledger.add((market.symbol, market.trades[-1].id))
        for market in self.markets.values():
            market.taken_up()

    # -- the socket

    async def send(self, client, message, trade=None):
        kind = self.options.format or client.format
        if kind.startswith("SIMPLE"):
            message = renamed(message)
        if kind.endswith("LIST"):
            message = [message]
        data = to_json(message, self.rng).encode()
        cut = self.rng.randrange(1, len(data))
        if trade is not None:
            client.sent.append(trade)
            self.put_on_sockets.add((trade.symbol, trade.id))
        try:
            await client.send([data[:cut], data[cut:]] if self.rng.randrange(30) == 0 else data)
        except websockets.ConnectionClosed:
            pass

    async def deliver(self, trade):
        for client in list(self.clients):
            if trade.symbol in client.codes:
                await self.send(client, trade.message(self.markets[trade.symbol].step, "REALTIME"), trade)
            if trade.symbol in client.book_codes or (self.options.orderbooks and trade.symbol in client.codes
                                                     and self.rng.randrange(self.options.orderbooks) == 0):
                await self.send(client, self.markets[trade.symbol].orderbook())

    async def subscribe(self, client, text):
        try:
            parts = json.loads(text)
        except ValueError:
            raise Refused("WRONG_FORMAT", "the message is not JSON") from None
        if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
            raise Refused("WRONG_FORMAT", "an array of objects is expected")
        if not any(isinstance(p.get("ticket"), str) and p["ticket"] for p in parts):
            raise Refused("NO_TICKET", "a ticket is missing")
        types = [p for p in parts if "type" in p]
        if not types:
            raise Refused("NO_TYPE", "a type is missing")
        kinds = [p["format"] for p in parts if "format" in p] or ["DEFAULT"]
        if kinds[-1] not in ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"):
            raise Refused("WRONG_FORMAT", "an unknown format")
        wanted = {"trade": set(), "orderbook": set()}
        snapshots = []
        for part in types:
            if part["type"] not in wanted:
                raise Refused("INVALID_PARAM", "an unknown type")
            if not isinstance(part.get("codes"), list) or not part["codes"]:
                raise Refused("NO_CODES", "codes are missing")
            known = [c for c in part["codes"] if c in self.markets]  # others are ignored in silence
            wanted[part["type"]].update(known)
            realtime_only = part.get("is_only_realtime", part.get("isOnlyRealtime", False)) is True
            if part["type"] == "trade" and (self.options.always_snapshot or not realtime_only):
                snapshots += known
        # It replaces what was subscribed before.
        client.format, client.codes, client.book_codes = kinds[-1], wanted["trade"], wanted["orderbook"]
        for symbol in snapshots:
            market = self.markets[symbol]
            if market.trades:
                await self.send(client, market.trades[-1].message(market.step, "SNAPSHOT"), market.trades[-1])

    async def serve(self, client):
        self.clients.add(client)
        beside = [asyncio.create_task(self.idle_death(client))]
        try:
            async for message in client:
                text = message if isinstance(message, str) else message.decode(errors="replace")
                if text == "PING":
                    if len(beside) == 1:
                        beside.append(asyncio.create_task(self.tell_status(client)))
                    continue
                try:
                    await self.subscribe(client, text)
                except Refused as refusal:
                    name, words = refusal.args
                    await self.send(client, {"error": {"name": name, "message": words}})
                    await asyncio.sleep(0.15)
                    await client.close(1000)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.clients.discard(client)
            for task in beside:
                task.cancel()

    async def idle_death(self, client):
        while time.monotonic() - client.heard < IDLE_S:
            await asyncio.sleep(0.5)
        client.transport.abort()

    async def tell_status(self, client):
        while True:
            await client.send('{"status":"UP"}')
            await asyncio.sleep(STATUS_S)

    # -- REST

    def answer_http(self, path, headers):
        """None: go on with the upgrade."""
        url = urllib.parse.urlsplit(path)
        origin = headers.get("Origin")
        if origin is not None:
            last, self.origins[origin] = self.origins.get(origin, -1e9), time.monotonic()
            if time.monotonic() - last < 10:
                return self.json_answer(http.HTTPStatus.TOO_MANY_REQUESTS, {"error": {"name": "too_many_requests"}})
        if url.path == "/websocket/v1":
            return None
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/v1/market/all":
            return self.json_answer(http.HTTPStatus.OK, [
                {"market": s, "korean_name": "\ube44\ud2b8\ucf54\uc778", "english_name": s.split("-")[1].title(),
                 "market_event": {"warning": False, "caution": {"PRICE_FLUCTUATIONS": False}}} for s in self.markets])
        if url.path == "/v1/trades/ticks":
            return self.answer_ticks(query)
        return self.json_answer(http.HTTPStatus.NOT_FOUND, {"error": {"name": 404, "message": "no such path"}})

    def answer_ticks(self, query):
        market = self.markets.get(query.get("market"))
        if market is None:
            return self.json_answer(http.HTTPStatus.NOT_FOUND, {"error": {"name": 404, "message": "Code not found"}})
        try:
            count = int(query.get("count", 1))
            days_ago = int(query.get("days_ago", 0))
            cursor = int(query["cursor"]) if "cursor" in query else None
            to = query.get("to", "").replace(":", "")
            to_s = int(to[0:2]) * 3600 + int(to[2:4]) * 60 + int(to[4:6]) if to else None
            if not (1 <= count <= 500 and 0 <= days_ago <= 7):
                raise ValueError
        except ValueError:
            return self.json_answer(http.HTTPStatus.BAD_REQUEST, {"error": {"name": "validation_error", "message": "bad"}})
        begin = int(time.time() * 1000) // DAY_MS * DAY_MS - days_ago * DAY_MS
        end = begin + (DAY_MS if to_s is None else to_s * 1000)
        rows = (t.rest_row() for t in reversed(market.trades)
                if begin <= t.time_ms < end and (cursor is None or t.id < cursor))
        return self.json_answer(http.HTTPStatus.OK, list(itertools.islice(rows, count)))

    def json_answer(self, status, value):
        body = to_json(value, self.rng).encode()
        return status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body))),
                        ("Remaining-Req", "group=default; min=600; sec=9")], body

    # -- the run

    async def trade(self):
        while not self.stop.is_set():
            await asyncio.sleep(self.rng.expovariate(self.options.rate / 2))  # two trades a sweep, on average
            now = time.monotonic()
            busy = sorted({code for client in self.clients for code in client.codes})
            if busy:
                for trade in self.markets[self.rng.choice(busy)].next_trades():
                    late = self.rng.uniform(0, LATE_S) if self.rng.randrange(8) == 0 else 0
                    heapq.heappush(self.late, (now + late, next(self.count), trade))
            await self.deliver_due(now)

    async def deliver_due(self, now):
        while self.late and self.late[0][0] <= now:
            await self.deliver(heapq.heappop(self.late)[2])

    async def end(self):
        """Everything under way is sent; only a socket that answers the close frame proves what it was sent."""
        await self.deliver_due(float("inf"))
        with open(self.options.ledger, "a", encoding="ascii") as ledger:
            for client in list(self.clients):
                await client.close(1001, "maintenance")
                if client.close_rcvd is None or client.close_rcvd_then_sent:
                    continue  # lost, or it hung up first
                for trade in client.sent:
                    if (trade.symbol, trade.id) not in self.on_ledger:
                        self.on_ledger.add((trade.symbol, trade.id))
                        ledger.write(trade.ledger_line())

    async def run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop.set)
        Client.server_side = self
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(self.options.cert, self.options.key)
        self.take_up_ledger()
        server = await serve(self.serve, "127.0.0.1", self.options.port, ssl=tls, create_protocol=Client,
                                        ping_interval=None, close_timeout=5)
        port = server.sockets[0].getsockname()[1]
        if self.options.port_file:
            with open(self.options.port_file + ".new", "w", encoding="ascii") as file:
                file.write(f"{port}\n")
            os.rename(self.options.port_file + ".new", self.options.port_file)
        await self.trade()
        await self.end()
        server.close()
        await server.wait_closed()
        doubtful = len(self.put_on_sockets - self.on_ledger)
        print(f"upbit_server: ledger={len(self.on_ledger)} doubtful={doubtful}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="Upbit's public socket and REST over TLS, until SIGTERM.")
    parser.add_argument("--cert", required=True, help="PEM, with its chain")
    parser.add_argument("--key", required=True, help="PEM")
    parser.add_argument("--ledger", required=True, help="appended to; what it holds already, the market goes on from")
    parser.add_argument("--port", type=int, default=0, help="0: any")
    parser.add_argument("--port-file", help="the port, written when it listens")
    parser.add_argument("--markets", default=",".join(MARKETS), help="A,B,...")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=100, help="trades a second, about")
    parser.add_argument("--orderbooks", type=int, default=0, metavar="N", help="about one unasked for in N trades")
    parser.add_argument("--format", choices=("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"), help="whatever is asked for")
    parser.add_argument("--always-snapshot", action="store_true", help="also for those who want real time only")

    options = parser.parse_args()

    async def run():
        await Server(options).run()

    asyncio.run(run())


main()
