. "$SOURCE/tests/cli/lib.sh"
small_tape
for command in ohlc chart; do
	refuse 3 'no candle of 1h begins in that range, though it holds trades of upbit:KRW-BTC; --since 2026-11-22T03:00:00Z takes' \
		$command upbit:KRW-BTC -i 1h --since 2026-11-22T03:30
	refuse 3 '--since 2026-11-22T03:33:00Z' $command upbit:KRW-BTC -i 1m --since 2026-11-22T03:33:00.5 --until 2026-11-22T03:34
	refuse 3 'there is no trade of upbit:KRW-BTC in that range' $command upbit:KRW-BTC -i 1h --since 2026-11-22T05:30
	refuse 3 'there is no trade of upbit:KRW-XRP in that range' $command upbit:KRW-XRP -i 1h
	td $command upbit:KRW-BTC -i 1h --since 2026-11-22T03:00:00Z
	same "$command with what was advised" 0 "$code"
done
