"""One simulated exchange in a process of its own, and a client for it that shares nothing with the recorder.

SIMEXCHANGE: the program.  WITHOUT_FAULTS=1: its scripts and odd options are left out, and every test here must
fail, but for the one of what is counted."""
import asyncio
import collections
import contextlib
import functools
import http.client
import json
import os
import ssl
import subprocess
import tempfile
import time
import unittest

import websockets
from websockets.legacy.client import connect  # 10 (Debian 12) and 15 (13) share it

HERE = os.path.dirname(os.path.abspath(__file__))
PATHS = {"upbit": "/websocket/v1", "bithumb": "/websocket/v1", "bithumb-legacy": "/pub/ws", "binance": "/stream",
         "binance-usdm": "/market/stream"}

Row = collections.namedtuple("Row", "symbol time price size side id")


@functools.lru_cache(maxsize=None)
def certificates():
    folder = tempfile.TemporaryDirectory(prefix="simexchange-")
    subprocess.run(["sh", os.path.join(HERE, "..", "..", "lib", "certs.sh"), folder.name], check=True)
    return folder


def trust():
    context = ssl.create_default_context(cafile=os.path.join(certificates().name, "ca.pem"))
    context.check_hostname = False
    return context


def stream(symbol, kind="trade"):
    return f"{symbol.lower()}@{kind}"


class Exchange:
    """with Exchange("binance", "after=1 drop", odd=["--rest-digits", "1"], rate=50) as exchange: ..."""

    def __init__(self, dialect, *script, odd=(), markets=None, **options):
        kind = os.environ.get("WITHOUT_FAULTS") == "1"
        self.dialect = dialect
        self.script = [] if kind else script
        self.odd = [] if kind else list(odd)
        self.markets = markets or (["BTCUSDT", "ETHUSDT"] if dialect.startswith("binance") else ["KRW-BTC", "KRW-ETH"])
        self.options = {"rate": 50, "seed": 7, "ban-seconds": 0, "rest-limit": 0, **options}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = functools.partial(os.path.join, self.folder.name)
        with open(path("script"), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in self.script)
        server = os.path.join(certificates().name, "server")
        command = [os.environ["SIMEXCHANGE"], "--dialect", self.dialect, "--markets", ",".join(self.markets),
                   "--script", path("script"), "--cert", server + ".pem", "--key", server + ".key",
                   "--port-file", path("port"), "--ledger", path("ledger"), "--ack-ms", "0", "--start-on-subscribe", *self.odd]
        for name, value in self.options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 10
        while not os.path.exists(path("port")):
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("the simulated exchange does not start: " + self.process.stderr.read())
            time.sleep(0.01)
        with open(path("port"), encoding="ascii") as file:
            self.port = int(file.read())
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self):
        """Ends it; what its last line says, as numbers."""
        if self.process:
            self.process.terminate()
            said = self.process.communicate(timeout=20)[1]
            status, self.process = self.process.returncode, None
            if status != 0:
                raise RuntimeError(f"it ended with {status}: {said}")
            self.totals = {name: int(value) for name, value in (word.split("=") for word in said.splitlines()[-1].split()[1:])}
        return self.totals

    def ledger(self, symbol=None):
        with open(os.path.join(self.folder.name, "ledger"), encoding="ascii") as file:
            rows = [Row(s, int(t), *rest) for s, t, *rest in (line.rstrip("\n").split(",") for line in file)]
        return [row for row in rows if symbol in (None, row.symbol)]

    def answer(self, path, headers=()):
        """Status, headers and text."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=trust(), timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def rest(self, path):
        return json.loads(self.answer(path)[2])

    def page(self, symbol, count=500, more=""):
        """The newest trades of REST, in its own order."""
        if self.dialect == "binance":
            return self.rest(f"/api/v3/historicalTrades?symbol={symbol}&limit={count}{more}")
        if self.dialect == "binance-usdm":
            return self.rest(f"/fapi/v1/aggTrades?symbol={symbol}&limit={count}{more}")
        return self.rest(f"/v1/trades/ticks?market={symbol}&count={count}{more}")

    def connect(self, path=None):
        return connect(f"wss://127.0.0.1:{self.port}{path or PATHS[self.dialect]}", ssl=trust(), ping_interval=None)

    def frame(self, *symbols, number=1):
        """What asks for the trades of these markets."""
        symbols = symbols or self.markets
        if self.dialect.startswith("binance"):
            kind = "trade" if self.dialect == "binance" else "aggTrade"
            return json.dumps({"method": "SUBSCRIBE", "params": [stream(symbol, kind) for symbol in symbols], "id": number})
        if self.dialect == "bithumb-legacy":
            return json.dumps({"type": "transaction", "symbols": list(symbols)})
        trade = {"type": "trade", "codes": list(symbols), "isOnlyRealtime": True, "is_only_realtime": True}
        return json.dumps([{"ticket": "t"}, trade])


def parsed(message):
    try:
        return json.loads(message)
    except ValueError:
        return None


async def heard(socket, seconds):
    """All messages that come within so many seconds, or until the socket closes: as they were sent, and when."""
    said = []

    async def read():
        async for text in socket:
            said.append((text if isinstance(text, str) else text.decode(), time.time()))

    with contextlib.suppress(asyncio.TimeoutError, websockets.ConnectionClosed):
        await asyncio.wait_for(read(), seconds)
    return said


async def messages(socket, seconds):
    return [message for message in (parsed(text) for text, _ in await heard(socket, seconds)) if message is not None]


def trades(said):
    """(symbol, id, time) of the trades among messages."""
    found = []
    for message in said:
        message = message.get("data", message)
        if message.get("e") in ("trade", "aggTrade"):
            found.append((message["s"], message["t" if message["e"] == "trade" else "a"], message["T"]))
        elif message.get("type") == "trade":
            found.append((message["code"], message["sequential_id"], message["trade_timestamp"]))
        elif message.get("type") == "transaction":
            found += [(row["symbol"], None, row["contDtm"]) for row in message["content"]["list"]]
    return found


class Case(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # or a slow machine cannot follow

    async def served(self, exchange, seconds=1.5, frames=None):
        """The messages of one connection that asks for everything."""
        async with exchange.connect() as socket:
            for frame in frames or [exchange.frame()]:
                await socket.send(frame)
            return await messages(socket, seconds)
