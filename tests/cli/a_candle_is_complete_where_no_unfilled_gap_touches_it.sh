. "$SOURCE/tests/cli/lib.sh"
# All is covered, and gaps lie as the cases say.
minutes_with_trades >trades.csv
gaps() { # gaps FROM,TO,STATE... in microseconds after the start; TO may be NULL
	local gap from to state market=${market:-1}
	rm -f "$db"
	tape --cover "upbit:KRW-BTC=$((start * 1000000)),$(((start + 400) * 1000000))" --market other:X
	for gap; do
		IFS=, read -r from to state <<<"$gap"
		[ "$to" = NULL ] || to=$((start * 1000000 + to))
		sqlite "INSERT INTO gap (market_id, from_us, to_us, reason, state, note, opened_us) VALUES ($market, $((start * 1000000 + from)), $to, 'disconnect', '$state', 'x', 0)"
	done
}
gaps; same "no gap" '1 1 1 1 ' "$(flags -i 1m)"
for state in open unfillable; do
	gaps 70000000,71000000,$state; same "$state gap in minute 1" '1 0 1 1 ' "$(flags -i 1m)"
done
gaps 70000000,71000000,filled; same "a filled gap" '1 1 1 1 ' "$(flags -i 1m)"
gaps 70000000,NULL,open; same "not over" '1 0 0 0 ' "$(flags -i 1m)"
gaps 0,400000000,unfillable; same "all of it" '0 0 0 0 ' "$(flags -i 1m)"
gaps 62000000,63000000,open; same "in the 5 s past minute 0" '0 0 1 1 ' "$(flags -i 1m)"
gaps 65000000,66000000,open; same "at the last instant of them" '0 0 1 1 ' "$(flags -i 1m)"
gaps 65000001,66000000,open; same "just behind them" '1 0 1 1 ' "$(flags -i 1m)"
gaps 59000000,60000000,open; same "up to the start of minute 1, which is not in it" '0 1 1 1 ' "$(flags -i 1m)"
gaps 70000000,70000000,open; same "an empty one" '1 1 1 1 ' "$(flags -i 1m)"
gaps 61000000,200000000,open 70000000,71000000,filled; same "a filled one inside an open one" '0 0 0 1 ' "$(flags -i 1m)"
gaps 130000000,150000000,open 70000000,71000000,unfillable 140000000,190000000,open; same "several" '1 0 0 1 ' "$(flags -i 1m)"
same "finer than the gaps" '1 1 0 1 ' "$(flags -i 1s)"
market=2 gaps 0,NULL,open; same "another market's" '1 1 1 1 ' "$(flags -i 1m)"
# --require-complete, wherever it is taken.
gaps 70000000,71000000,unfillable
td ohlc upbit:KRW-BTC -i 1m --require-complete; same "candles with a gap" 4 "$code"
td ohlc upbit:KRW-BTC -i 1m --require-complete --since $((start + 120)); same "candles behind it" 0 "$code"
td trades upbit:KRW-BTC --require-complete; same "trades with a gap" 4 "$code"
td trades upbit:KRW-BTC -n 1 --require-complete; same "the newest trade" 0 "$code"
td export upbit:KRW-BTC --require-complete; same "export with a gap" 4 "$code"
td export upbit:KRW-BTC --require-complete --until $((start + 60)); same "export before it" 0 "$code"

# A hundred thousand gaps cost a moment, not minutes.
sqlite "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) INSERT INTO gap (market_id, from_us, to_us, reason, state, note, opened_us) SELECT 1, (1795318320 - 200000) * 1000000 + i * 1000000, (1795318320 - 200000) * 1000000 + i * 1000000 + 10, 'id-skip', 'unfillable', 'x', 0 FROM n"
SECONDS=0; same "with many gaps elsewhere" '1 0 1 1 ' "$(flags -i 1m)"; [ "$SECONDS" -lt 10 ] || fail "$SECONDS s"
