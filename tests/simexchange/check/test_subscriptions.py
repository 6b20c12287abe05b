"""Subscriptions that are refused, never answered, or served but for one market."""
import unittest

from simulated import Case, Exchange, messages, trades

REFUSAL = {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 1}


def symbols(said):
    return {symbol for symbol, _, _ in trades(said)}


class Subscriptions(Case):
    async def test_binance_refuses_the_next_frames_with_its_error_and_serves_the_one_after(self):
        with Exchange("binance", "at=0 refuse-subscribe 2") as exchange:
            async with exchange.connect() as socket:
                for number in (1, 2):
                    await socket.send(exchange.frame(number=number))
                said = await messages(socket, 1)
                self.assertEqual(said, [REFUSAL, {**REFUSAL, "id": 2}])
                await socket.send(exchange.frame(number=3))
                said = await messages(socket, 1)
                self.assertIn({"result": None, "id": 3}, said)
                self.assertEqual(symbols(said), set(exchange.markets))

    async def test_the_script_chooses_code_and_words(self):
        with Exchange("binance-usdm", "at=0 refuse-subscribe 1 -1008 Server is busy") as exchange:
            said = await self.served(exchange, 0.5)
        self.assertEqual(said, [{"error": {"code": -1008, "msg": "Server is busy"}, "id": 1}])

    async def test_upbit_and_bithumb_refuse_with_an_error_and_a_close(self):
        for dialect in ("upbit", "bithumb"):
            with self.subTest(dialect), Exchange(dialect, "at=0 refuse-subscribe 1") as exchange:
                async with exchange.connect() as socket:
                    await socket.send(exchange.frame())
                    said = await messages(socket, 3)
                    self.assertEqual([message["error"]["name"] for message in said], ["INVALID_PARAM"])
                    self.assertEqual(socket.close_code, 1000)
                self.assertEqual(symbols(await self.served(exchange)), set(exchange.markets))

    async def test_the_old_bithumb_refuses_with_its_status_and_stays_open(self):
        with Exchange("bithumb-legacy", "at=0 refuse-subscribe 1", markets=["BTC_KRW"]) as exchange:
            said = await self.served(exchange, 2, [exchange.frame(), exchange.frame()])
        self.assertEqual([message["status"] for message in said if "status" in message], ["0000", "5100", "0000"])
        self.assertTrue(trades(said))

    async def test_an_ignored_frame_is_never_answered_and_not_served(self):
        for dialect in ("binance", "upbit", "bithumb"):
            with self.subTest(dialect), Exchange(dialect, "at=0 ignore-subscribe 1") as exchange:
                self.assertEqual(await self.served(exchange), [])
                self.assertEqual(symbols(await self.served(exchange)), set(exchange.markets))

    async def test_a_frame_that_holds_a_refused_market_is_refused_as_a_whole_for_ever(self):
        with Exchange("binance", "at=0 refuse-market ETHUSDT") as exchange:
            for _ in range(2):
                said = await self.served(exchange, 1)
                self.assertEqual(said, [REFUSAL])
            said = await self.served(exchange, 1, [exchange.frame("ETHUSDT"), exchange.frame("BTCUSDT")])
            self.assertEqual(symbols(said), {"BTCUSDT"})

    async def test_each_connections_second_frame_can_be_refused_or_ignored(self):
        for word in ("refuse-frame", "ignore-frame"):
            with self.subTest(word), Exchange("binance", f"at=0 {word} 2") as exchange:
                for _ in range(2):
                    said = await self.served(exchange, 1, [exchange.frame("BTCUSDT"), exchange.frame("ETHUSDT", number=2)])
                    self.assertEqual(symbols(said), {"BTCUSDT"})
                    answers = [message for message in said if "id" in message]
                    self.assertEqual(len(answers), 2 if word == "refuse-frame" else 1)

    async def test_a_deaf_market_is_silent_for_ever_while_rest_and_ledger_have_its_trades(self):
        for dialect, symbol in (("upbit", "KRW-BTC"), ("bithumb", "KRW-BTC"), ("binance", "BTCUSDT")):
            with self.subTest(dialect), Exchange(dialect, f"at=0 deaf-market {symbol}") as exchange:
                said = await self.served(exchange, 2)
                self.assertEqual(symbols(said), set(exchange.markets) - {symbol})
                self.assertGreater(len(exchange.ledger(symbol)), 10)
                self.assertGreater(len(exchange.page(symbol)), 10)

    async def test_a_connection_opened_for_a_new_market_can_be_dropped_at_once(self):
        with Exchange("binance", "after=0.5 list NEWUSDT=NEW/USDT", "conn=2 drop") as exchange:
            async with exchange.connect() as first:
                await first.send(exchange.frame())
                await messages(first, 1)
                listed = [row["symbol"] for row in exchange.rest("/api/v3/exchangeInfo")["symbols"]]
                self.assertIn("NEWUSDT", listed)
                async with exchange.connect() as second:
                    await second.send(exchange.frame("NEWUSDT"))
                    said = await messages(second, 2)
                    self.assertFalse(trades(said))
                    self.assertTrue(second.closed)
                    self.assertEqual(second.close_code, 1006)
                self.assertTrue(trades(await messages(first, 0.5)))
                self.assertEqual(symbols(await self.served(exchange, 1, [exchange.frame("NEWUSDT")])), {"NEWUSDT"})

    async def test_a_close_may_have_any_code_and_words(self):
        with Exchange("binance", "after=0.3 close 1013 try again later") as exchange:
            async with exchange.connect() as socket:
                await socket.send(exchange.frame())
                await messages(socket, 2)
                self.assertEqual((socket.close_code, socket.close_reason), (1013, "try again later"))


if __name__ == "__main__":
    unittest.main()
