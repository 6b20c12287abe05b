#!/usr/bin/python3
"""The recorder to compare with: Upbit into SQLite as a decent user of Python writes it.

websockets, json, a queue, a thread, sqlite3 in WAL mode, one executemany a batch; prices stay text, so that they are exact.
SIGTERM ends it in order: what is queued is written.  Arguments: FILE URL CA-FILE full|normal CODE...
"""
import asyncio
import json
import queue
import signal
import sqlite3
import ssl
import sys
import threading
import time
import uuid

import websockets

BATCH_ROWS = 5000
BATCH_S = 0.2
END = None


def write(path, synchronous, trades):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute("""CREATE TABLE IF NOT EXISTS trade (market TEXT NOT NULL, id INTEGER NOT NULL, time_ms INTEGER NOT NULL,
                  price TEXT NOT NULL, size TEXT NOT NULL, side TEXT NOT NULL, received_us INTEGER NOT NULL,
                  PRIMARY KEY (market, id))""")
    ended = False
    while not ended:
        batch = [trades.get()]
        deadline = time.monotonic() + BATCH_S
        while batch[-1] is not END and len(batch) < BATCH_ROWS:
            try:
                batch.append(trades.get(timeout=max(0, deadline - time.monotonic())))
            except queue.Empty:
                break
        if batch[-1] is END:
            ended = True
            batch.pop()
        with db:
            db.executemany("INSERT OR IGNORE INTO trade VALUES (?, ?, ?, ?, ?, ?, ?)", batch)
    db.close()


async def receive(url, ca_file, codes, trades):
    tls = ssl.create_default_context(cafile=ca_file)
    async for socket in websockets.connect(url, ssl=tls, compression=None, max_queue=1024):
        try:
            await socket.send(json.dumps([{"ticket": str(uuid.uuid4())},
                                          {"type": "trade", "codes": codes, "is_only_realtime": True},
                                          {"format": "SIMPLE"}]))
            async for message in socket:
                m = json.loads(message, parse_float=str)
                if m.get("ty") == "trade":
                    trades.put((m["cd"], m["sid"], m["ttms"], str(m["tp"]), str(m["tv"]),
                                "buy" if m["ab"] == "BID" else "sell", time.time_ns() // 1000))
        except websockets.ConnectionClosed:
            continue


async def run(path, url, ca_file, synchronous, *codes):
    trades = queue.Queue(50000)
    writer = threading.Thread(target=write, args=(path, synchronous, trades))
    writer.start()
    receiver = asyncio.create_task(receive(url, ca_file, codes, trades))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, receiver.cancel)
    try:
        await receiver
    except asyncio.CancelledError:
        pass
    finally:
        trades.put(END)
        writer.join()


asyncio.run(run(*sys.argv[1:]))
