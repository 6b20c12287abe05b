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

    def volumes(self, exchange):
        """What its tickers say of each market's day."""
        if exchange.dialect == "bithumb-legacy":
            data = exchange.rest("/public/ticker/ALL_KRW")["data"]
            return {f"{base}_KRW": decimal.Decimal(row["units_traded"]) for base, row in data.items() if base != "date"}
        rows = exchange.rest("/v1/ticker?markets=" + ",".join(sorted({row.symbol for row in exchange.ledger()})))
        return {row["market"]: decimal.Decimal(str(row["acc_trade_volume"])) for row in rows}

    def sums(self, exchange):
        total = {}
        for row in exchange.ledger():
            total[row.symbol] = total.get(row.symbol, 0) + decimal.Decimal(row.size)
        return total

    async def test_volumes_are_those_of_the_day_unless_they_are_made_wrong_or_added_in_doubles(self):
        places = decimal.Decimal("1e-8")
        for dialect in ("upbit", "bithumb", "bithumb-legacy"):
            markets = ["BTC_KRW", "ETH_KRW"] if dialect == "bithumb-legacy" else ["KRW-BTC", "KRW-ETH"]
            script = f"after=2 wrong-volume {markets[0]} 60"
            with self.subTest(dialect), Exchange(dialect, script, markets=markets, rate=300, trades=200) as exchange:
                await self.served(exchange, 1.2)
                sums, volumes = self.sums(exchange), self.volumes(exchange)
                self.assertEqual({symbol: volumes[symbol].quantize(places) for symbol in sums},
                                 {symbol: size.quantize(places) for symbol, size in sums.items()})
                if dialect != "bithumb-legacy":
                    last = max(int(row.time) for row in exchange.ledger("KRW-BTC"))
                    row = exchange.rest("/v1/ticker?markets=KRW-BTC")[0]
                    self.assertEqual(row["trade_timestamp"], last + (9 * 3600000 if dialect == "bithumb" else 0))
                    self.assertIn("Code not found", exchange.answer("/v1/ticker?markets=KRW-BTC,KRW-NOPE")[2])
                await self.served(exchange, 1.5)
                apart = self.volumes(exchange)[markets[0]] - sums[markets[0]]
                self.assertEqual(apart.quantize(places), decimal.Decimal("0.12345678"))
        with Exchange("upbit", "at=0 double-volumes 60", rate=300, trades=200) as exchange:
            await self.served(exchange, 1.7)
            told = exchange.answer("/v1/ticker?markets=KRW-BTC")[2].split('"acc_trade_volume":')[1].split(",")[0]
            self.assertEqual(told, f"{float(told):.17g}")
            self.assertAlmostEqual(float(told), float(self.sums(exchange)["KRW-BTC"]), 6)

    async def test_tickers_alone_can_be_refused(self):
        with Exchange("bithumb", "at=0 http-ticker 418 60") as exchange:
            self.assertEqual(exchange.answer("/v1/ticker?markets=KRW-BTC")[0], 418)
            self.assertEqual(exchange.answer("/v1/market/all")[0], 200)


if __name__ == "__main__":
    unittest.main()
