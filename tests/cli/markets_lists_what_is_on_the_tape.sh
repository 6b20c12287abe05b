. "$SOURCE/tests/cli/lib.sh"
small_tape
check 0 'exchange,symbol,trades,first,last
bithumb-legacy,BTC_KRW,2,2026-11-22T03:33:01.000000Z,2026-11-22T03:33:01.000000Z
upbit,KRW-BTC,5,2026-11-22T03:32:00.000000Z,2026-11-22T03:36:01.000000Z
upbit,KRW-ETH,1,2026-11-22T03:33:01.000000Z,2026-11-22T03:33:01.000000Z
upbit,KRW-XRP,0,,' markets --csv
check 0 "$(printf 'bithumb-legacy\tBTC_KRW\t2\t1795318381\t1795318381\nupbit\tKRW-BTC\t5\t1795318320\t1795318561\nupbit\tKRW-ETH\t1\t1795318381\t1795318381\nupbit\tKRW-XRP\t0\t\t')" markets --time-format s
td markets --json
"$PYTHON" -c 'import json; r = json.load(open("out.txt")); assert [m["trades"] for m in r] == [2, 5, 1, 0], r' || fail json
# A market that has only tickers has no trade.
echo market,window,time_us,open,high,low,close,volume,received_us >tickers.csv
echo upbit:KRW-XRP,1D,1795318320000000,1,1,1,1,1,1795318320050000 >>tickers.csv
rm "$db"; tape --tickers tickers.csv --market upbit:KRW-XRP
td markets --csv
same "a market that has only tickers" 'upbit,KRW-XRP,0,,' "$(tail -1 out.txt)"
head -1 trades.csv >none.csv; mv none.csv trades.csv; rm "$db"; tape
td markets; same "code of a tape without markets" 3 "$code"
