"""REST that is not the socket's twin. The ledger keeps what was."""
import decimal
import unittest

from simulated import Case, Exchange

SYMBOL = {"upbit": "KRW-BTC", "bithumb": "KRW-BTC", "binance": "BTCUSDT", "binance-usdm": "BTCUSDT"}
ID = {"upbit": "sequential_id", "binance": "id", "binance-usdm": "a"}
TIME = {"upbit": "timestamp", "bithumb": "timestamp", "binance": "time", "binance-usdm": "T"}
PRICE = {"upbit": "trade_price", "bithumb": "trade_price", "binance": "price", "binance-usdm": "p"}
SIZE = {"upbit": "trade_volume", "bithumb": "trade_volume", "binance": "qty", "binance-usdm": "q"}


def ids(exchange, **how):
    return [row[ID[exchange.dialect]] for row in exchange.page(SYMBOL[exchange.dialect], **how)]


class Rest(Case):
    async def test_ids_can_be_rounded_as_a_double_rounds_them(self):
        with Exchange("upbit", odd=["--rest-ids", "round"], rate=200, trades=200) as exchange:
            await self.served(exchange)
            true = {int(row.id) for row in exchange.ledger("KRW-BTC")}
            self.assertEqual(set(ids(exchange)), {int(float(number)) for number in true})
            self.assertNotEqual(set(ids(exchange)), true)

    async def test_times_can_be_cut_to_seconds(self):
        for dialect, symbol in SYMBOL.items():
            with self.subTest(dialect), Exchange(dialect, odd=["--rest-times", "seconds"]) as exchange:
                await self.served(exchange, 0.7)
                rows = exchange.page(symbol)
                self.assertTrue(rows)
                self.assertEqual({row[TIME[dialect]] % 1000 for row in rows}, {0})

    async def test_prices_and_sizes_can_be_cut(self):
        for dialect, symbol in SYMBOL.items():
            with self.subTest(dialect), Exchange(dialect, odd=["--rest-digits", "1"], rate=300, trades=300) as exchange:
                await self.served(exchange, 1.7)
                cut = lambda value: decimal.Decimal(value).quantize(decimal.Decimal("0.1"), decimal.ROUND_DOWN)
                rows = exchange.page(symbol, 500)
                told = sorted((cut(row[PRICE[dialect]]), decimal.Decimal(str(row[SIZE[dialect]]))) for row in rows)
                self.assertEqual(told, sorted((cut(row.price), cut(row.size)) for row in exchange.ledger(symbol)))

    async def test_rest_can_lack_the_newest_ids(self):
        for dialect in ID:
            with self.subTest(dialect), Exchange(dialect, "at=0 rest-behind 20 3", rate=100, trades=150) as exchange:
                await self.served(exchange, 2)
                numbers = sorted(int(row.id) for row in exchange.ledger(SYMBOL[dialect]))
                self.assertEqual(sorted(ids(exchange)), numbers[:-20])
                await self.served(exchange, 2)
                self.assertEqual(sorted(ids(exchange)), numbers)

    async def test_rest_can_lack_some_in_the_middle_for_some_seconds(self):
        for dialect in ID:
            script = f"after=0.5 rest-missing {SYMBOL[dialect]} 10 2.5"
            with self.subTest(dialect), Exchange(dialect, script, rate=100, trades=200) as exchange:
                await self.served(exchange, 2.2)
                numbers, known = sorted(int(row.id) for row in exchange.ledger(SYMBOL[dialect])), set(ids(exchange))
                lacked = [place for place, number in enumerate(numbers) if number not in known]
                self.assertEqual(lacked, list(range(lacked[0], lacked[0] + 10)) if lacked else [None])
                self.assertGreater(lacked[0], 5)
                self.assertLess(lacked[-1], len(numbers) - 5)
                await self.served(exchange, 2)
                self.assertEqual(sorted(ids(exchange)), numbers)

    async def test_rows_can_be_in_disorder(self):
        for dialect in ID:
            with self.subTest(dialect), Exchange(dialect, "at=0 rest-shuffle 60", rate=200) as exchange:
                await self.served(exchange, 1)
                numbers = ids(exchange)
                self.assertNotIn(numbers, (sorted(numbers), sorted(numbers, reverse=True)))
                self.assertEqual(len(set(numbers)), len(numbers))

    async def test_one_row_can_have_null_for_its_price(self):
        for dialect, symbol in SYMBOL.items():
            with self.subTest(dialect), Exchange(dialect, "at=0 rest-null 3 60", rate=100) as exchange:
                await self.served(exchange, 1)
                self.assertEqual([place for place, row in enumerate(exchange.page(symbol)) if row[PRICE[dialect]] is None], [2])

    async def test_a_cursor_can_be_stuck(self):
        with Exchange("binance", "after=0.5 stuck-cursor 2") as exchange:
            await self.served(exchange, 1)
            page = ids(exchange, count=10)
            self.assertEqual(ids(exchange, count=10, more=f"&fromId={page[-1] + 1}"), page)
            self.assertEqual(ids(exchange, count=10, more="&fromId=0"), page)
            await self.served(exchange, 2)
            self.assertNotEqual(ids(exchange, count=10), page)
        with Exchange("upbit", "after=0.5 stuck-cursor 60") as exchange:
            await self.served(exchange, 1)
            page = ids(exchange, count=10)
            self.assertEqual(ids(exchange, count=10, more=f"&cursor={page[-1]}"), page)

    async def test_binance_says_451_in_its_own_words(self):
        with Exchange("binance", "at=0 http 451 60") as exchange:
            status, _, text = exchange.answer("/api/v3/exchangeInfo")
            self.assertEqual(status, 451)
            self.assertIn("restricted location according to 'b. Eligibility'", text)


if __name__ == "__main__":
    unittest.main()
