"""Times that are far off or late, ids that begin again: alike on socket, in REST and in the ledger, but where it says otherwise."""
import asyncio
import time
import unittest

from simulated import Case, Exchange, heard, parsed, trades

MARKET = {"upbit": "KRW-BTC", "bithumb": "KRW-BTC", "binance": "BTCUSDT", "binance-usdm": "BTCUSDT"}
EIGHTY_YEARS_S = 2_524_608_000


def unit(dialect):
    return 1000 if dialect == "binance" else 1  # of the ledger's times, in a millisecond


def falls(values):
    return sum(later < earlier for earlier, later in zip(values, values[1:]))


class Times(Case):
    async def test_the_next_trades_are_ahead_everywhere_and_those_after_them_are_not(self):
        for dialect, symbol in MARKET.items():
            for seconds in (EIGHTY_YEARS_S, 7, -3600):
                script = f"after=0.3 ahead {symbol} {seconds} 3"
                with self.subTest(dialect, seconds=seconds), Exchange(dialect, script, rate=200) as exchange:
                    said = [trade for trade in trades(await self.served(exchange, 1.2)) if trade[0] == symbol]
                    now = time.time() * 1000
                    ledger = exchange.ledger(symbol)
                    far = [row for row in ledger if abs(row.time / unit(dialect) - seconds * 1000 - now) < 3000]
                    self.assertEqual(len(far), 3)
                    self.assertEqual(ledger[ledger.index(far[0]):][:3], far)
                    self.assertGreater(len(ledger), ledger.index(far[-1]) + 1)
                    self.assertEqual(len({row.id for row in ledger}), len(ledger))
                    times = {row.id: row.time // unit(dialect) for row in ledger}
                    for _, number, told in said:
                        self.assertEqual(times[str(number)], told)
                    self.assertLessEqual({row.id for row in far}, {str(number) for _, number, _ in said})
                    if dialect.startswith("binance"):
                        rows = exchange.page(symbol, 1000)
                        told = {str(row.get("id", row.get("a"))): row.get("time", row.get("T")) for row in rows}
                        self.assertEqual({row.id: told[row.id] for row in far}, {row.id: times[row.id] for row in far})

    async def test_rest_of_upbit_is_in_order_of_id_even_where_times_fall(self):
        for seconds in (2, -2):
            with self.subTest(seconds), Exchange("upbit", f"after=1 ahead KRW-BTC {seconds} 3", rate=100) as exchange:
                await self.served(exchange, 2)
                rows = exchange.page("KRW-BTC")
                numbers = [row["sequential_id"] for row in rows]
                self.assertEqual(numbers, sorted(numbers, reverse=True))
                ledger = [int(row.id) for row in exchange.ledger("KRW-BTC")]
                self.assertGreater(falls(ledger), 0)
                self.assertLessEqual(set(ledger[: len(ledger) // 2]), set(numbers))
                older = exchange.page("KRW-BTC", more=f"&cursor={numbers[10]}")
                self.assertEqual([row["sequential_id"] for row in older][:20], numbers[11:31])

    async def test_the_clock_can_be_set_back_and_later_trades_have_smaller_times(self):
        for dialect, symbol in MARKET.items():
            with self.subTest(dialect), Exchange(dialect, "after=1 set-clock -5", rate=200) as exchange:
                said = [trade for trade in trades(await self.served(exchange, 2)) if trade[0] == symbol]
                ledger = exchange.ledger(symbol)
                times = [row.time for row in ledger]
                self.assertEqual(falls(times), 1)
                self.assertAlmostEqual(times[-1] / unit(dialect) - time.time() * 1000, -5000, delta=1500)
                self.assertEqual(len({row.id for row in ledger}), len(ledger))
                self.assertEqual(falls([told for _, _, told in said]), 1)
                numbers = {str(row.get("sequential_id") or row.get("id") or row.get("a")) for row in exchange.page(symbol)}
                if dialect != "bithumb":
                    self.assertGreater(len(numbers & {row.id for row in ledger if row.time < times[0]}), 20)

    async def test_times_can_be_sent_as_seconds_while_rest_and_ledger_have_them_whole(self):
        for dialect, symbol in MARKET.items():
            with self.subTest(dialect), Exchange(dialect, f"at=0 seconds {symbol} 5", rate=200) as exchange:
                said = [trade for trade in trades(await self.served(exchange, 1)) if trade[0] == symbol]
                ledger = {row.id: row.time // unit(dialect) for row in exchange.ledger(symbol)}
                self.assertEqual([told for _, _, told in said[:5]], [ledger[str(number)] // 1000 for _, number, _ in said[:5]])
                self.assertEqual([told for _, _, told in said[5:]], [ledger[str(number)] for _, number, _ in said[5:]])


class Lag(Case):
    async def lagging(self, script, dialect="binance"):
        """How late each market's trades come, in order of arrival; and how long a ping took meanwhile."""
        late = {}
        with Exchange(dialect, script, rate=100) as exchange:
            async with exchange.connect() as socket:
                await socket.send(exchange.frame())
                said = await heard(socket, 2)
                begun = time.monotonic()
                await asyncio.wait_for(await socket.ping(), 5)
                pong_s = time.monotonic() - begun
                symbol = exchange.markets[0]
                known = exchange.page(symbol, 5)
                if script:
                    told = max(row.get("time") or row.get("timestamp") for row in known)
                    self.assertLess(time.time() * 1000 - told, 1000)
                said += await heard(socket, 3)
                self.assertEqual({row.id for row in exchange.ledger() if row.time / unit(dialect) < (time.time() - 0.5) * 1000}
                                 - {str(trade[1]) for text, _ in said for trade in trades([parsed(text)])}, set())
        for text, at in said:
            for name, number, told in trades([parsed(text)]):
                late.setdefault(name, []).append((at * 1000 - told, number))
        return late, pong_s

    async def test_socket_data_can_come_late_and_in_order_while_pings_are_answered_and_rest_is_in_time(self):
        for dialect in ("binance", "upbit"):
            with self.subTest(dialect):
                late, pong_s = await self.lagging("after=1 lag 1.5 2.5", dialect)
                self.assertLess(pong_s, 0.5)
                for rows in late.values():
                    self.assertGreater(max(ms for ms, _ in rows), 1400)
                    self.assertLess(rows[0][0], 500)
                    self.assertLess(rows[-1][0], 500)
                    self.assertEqual(falls([number for _, number in rows]), 0)

    async def test_one_market_alone_can_lag(self):
        late, _ = await self.lagging("after=1 lag-market BTCUSDT 1.5 2.5")
        self.assertGreater(max(ms for ms, _ in late["BTCUSDT"]), 1400)
        self.assertEqual(falls([number for _, number in late["BTCUSDT"]]), 0)
        self.assertLess(max(ms for ms, _ in late["ETHUSDT"]), 700)


    async def test_trades_that_are_late_by_themselves_stay_late_after_a_lag(self):
        with Exchange("upbit", "at=0 lag 0.1 0.2", rate=200, reorder_ms=1500) as exchange:
            said = [number for _, number, _ in trades(await self.served(exchange, 2.5))]
            self.assertGreater(falls(said[-100:]), 3)
            self.assertEqual(exchange.stop()["faults"], 1)


class Ids(Case):
    async def test_ids_begin_again_at_1_and_rest_forgets_or_keeps_what_was_before(self):
        for dialect in ("binance", "binance-usdm"):
            for keep in ("", " keep"):
                with self.subTest(dialect, keep=keep), Exchange(dialect, f"after=1 renumber BTCUSDT{keep}", rate=100) as exchange:
                    said = [trade[1] for trade in trades(await self.served(exchange, 2)) if trade[0] == "BTCUSDT"]
                    ledger = [int(row.id) for row in exchange.ledger("BTCUSDT")]
                    self.assertEqual(said, ledger[: len(said)])
                    new = ledger.index(1)
                    self.assertEqual(ledger[new:], list(range(1, len(ledger) - new + 1)))
                    self.assertEqual(ledger[:new], list(range(ledger[0], ledger[0] + new)))
                    rows = [row.get("id", row.get("a")) for row in exchange.page("BTCUSDT", 1000)]
                    ledger = [int(row.id) for row in exchange.ledger("BTCUSDT")]  # behind REST's answer: it has all of that
                    self.assertEqual(rows, ledger[0 if keep else new:][: len(rows)])
                    rows = [row.get("id", row.get("a")) for row in exchange.page("BTCUSDT", 5, "&fromId=3")]
                    self.assertEqual(rows, [3, 4, 5, 6, 7])
                    rows = exchange.page("BTCUSDT", 5, f"&fromId={ledger[0]}")
                    self.assertEqual([row.get("id", row.get("a")) for row in rows], ledger[:5] if keep else [])

    async def test_ids_can_begin_near_the_end_of_64_bits(self):
        first = 2 ** 63 - 2 ** 33
        with Exchange("binance", odd=["--first-id", str(first)]) as exchange:
            said = trades(await self.served(exchange, 1, [exchange.frame("BTCUSDT")]))
            self.assertEqual([number for _, number, _ in said], list(range(first, first + len(said))))
            self.assertEqual(exchange.page("BTCUSDT", 2, f"&fromId={first + 1}")[0]["id"], first + 1)

    async def test_one_trade_can_have_an_absurd_id_and_leaves_no_gap_beside_it(self):
        for dialect in ("binance", "binance-usdm", "upbit", "bithumb"):
            symbol = MARKET[dialect]
            with self.subTest(dialect), Exchange(dialect, f"after=0.5 absurd-id {symbol}", rate=100) as exchange:
                said = [trade[1] for trade in trades(await self.served(exchange, 1.5)) if trade[0] == symbol]
                ledger = [int(row.id) for row in exchange.ledger(symbol)]
                self.assertEqual(said.count(2 ** 60), 1)
                self.assertEqual(ledger.count(2 ** 60), 1)
                ledger.remove(2 ** 60)
                if dialect.startswith("binance"):
                    self.assertEqual(ledger, list(range(ledger[0], ledger[0] + len(ledger))))
                    rows = exchange.page(symbol, 1000)
                    self.assertIn(2 ** 60, [row.get("id", row.get("a")) for row in rows])


if __name__ == "__main__":
    unittest.main()
