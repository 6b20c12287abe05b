"""Sockets that are refused or told to go, and messages that nobody expects."""
import unittest

import websockets

from simulated import Case, Exchange, heard, parsed, trades

SYMBOL = {"upbit": "KRW-BTC", "bithumb": "KRW-BTC", "bithumb-legacy": "BTC_KRW", "binance": "BTCUSDT", "binance-usdm": "BTCUSDT"}


class Sockets(Case):
    async def refused(self, exchange):
        """The status and headers of an upgrade that is refused; None if it is not."""
        try:
            async with exchange.connect():
                return None, {}
        except websockets.InvalidStatusCode as refusal:
            return refusal.status_code, refusal.headers

    async def test_a_refused_handshake_may_say_when_to_come_again(self):
        with Exchange("upbit", "at=0 unavailable 60 17") as exchange:
            status, headers = await self.refused(exchange)
            self.assertEqual((status, headers["Retry-After"]), (503, "17"))
        with Exchange("upbit", "at=0 unavailable 60") as exchange:
            status, headers = await self.refused(exchange)
            self.assertEqual((status, headers.get("Retry-After")), (503, None))

    async def test_more_upgrades_than_so_many_in_five_minutes_are_refused(self):
        with Exchange("binance", odd=["--connect-limit-5min", "3"]) as exchange:
            statuses = [(await self.refused(exchange))[0] for _ in range(5)]
        self.assertEqual(statuses, [None, None, None, 429, 429])

    async def test_the_last_line_tells_the_most_that_came_at_once(self):
        with Exchange("upbit") as exchange:
            for _ in range(3):
                await self.refused(exchange)
            for _ in range(7):
                exchange.rest("/v1/market/all")
            totals = exchange.stop()
        self.assertEqual((totals["sockets-5min"], totals["requests-5min"]), (3, 7))
        self.assertTrue(1 <= totals["sockets-1s"] <= 3 and 1 <= totals["requests-1s"] <= 7)
        self.assertGreater(totals["sockets-1s"] + totals["requests-1s"], 2)

    async def test_each_new_binance_socket_can_be_told_that_the_server_goes(self):
        with Exchange("binance", "at=0 shutdown-each 4") as exchange:
            for _ in range(2):
                said = await self.served(exchange, 1)
                self.assertEqual([message["stream"] for message in said if "serverShutdown" in str(message)], ["!serverShutdown"])
                self.assertTrue(trades(said))
            await self.served(exchange, 2)
            self.assertNotIn("serverShutdown", str(await self.served(exchange, 1)))

    async def test_strange_messages_come_beside_the_trades_and_cost_none(self):
        for dialect, symbol in SYMBOL.items():
            script = ["after=0.2 strange ping 0.1 1", "after=0.2 strange news 0.2 1", "after=0.2 strange bad 0.003 1"]
            with self.subTest(dialect), Exchange(dialect, *script, markets=[symbol]) as exchange:
                async with exchange.connect() as socket:
                    await socket.send(exchange.frame())
                    said = [text for text, _ in await heard(socket, 2)]
                good = [message for message in map(parsed, said) if isinstance(message, dict)]
                self.assertAlmostEqual(good.count({"ping": 1}), 10, delta=3)
                news = [message for message in good if message.get("type") == "notice" or message.get("e") == "referencePrice"]
                self.assertAlmostEqual(len(news), 5, delta=2)
                self.assertGreater(len([text for text in said if not isinstance(parsed(text), dict)]), 250)
                told = trades(good)
                ledger = exchange.ledger(symbol)
                self.assertGreater(len(told), 30)
                if dialect != "bithumb-legacy":
                    self.assertEqual([str(number) for _, number, _ in told], [row.id for row in ledger[: len(told)]])

    async def test_a_markets_trades_can_come_under_another_code(self):
        for dialect, symbol in SYMBOL.items():
            for other in (symbol.lower(), "RENAMED"):
                script = f"after=0.5 strange other-code {symbol} {other} 60"
                with self.subTest(dialect, other=other), Exchange(dialect, script, markets=[symbol]) as exchange:
                    said = [name for name, _, _ in trades(await self.served(exchange, 1.2))]
                    self.assertEqual(sorted(set(said)), sorted((symbol, other)))
                    self.assertEqual(said, sorted(said, key=[symbol, other].index))
                    self.assertEqual({row.symbol for row in exchange.ledger()}, {symbol})

    async def test_another_code_is_that_of_every_trade_in_a_message_of_several_markets(self):
        with Exchange("bithumb-legacy", "at=0 strange other-code ETH_KRW RENAMED 60", markets=["BTC_KRW", "ETH_KRW"],
                      rate="max", trades=3000) as exchange:
            names = {name for name, _, _ in trades(await self.served(exchange, 1.5))}
        self.assertEqual(names, {"BTC_KRW", "RENAMED"})


if __name__ == "__main__":
    unittest.main()
