. "$SOURCE/tests/cli/lib.sh"
# Written in no order; equal times in two windows, two at one time by receipt, numbers at their edges.
cat >tickers.csv <<'END'
market,window,time_us,open,high,low,close,volume,received_us
bithumb-legacy:BTC_KRW,30M,1795318382000000,5,5,5,5,0,1795318382100000
bithumb-legacy:BTC_KRW,1H,1795318381000000,145000000.00,145000001.50,0.00000006,7.0,123456789012.12345678,1795318381900000
bithumb-legacy:BTC_KRW,1H,1795318381000000,999999999,9,9,9,9,1795318381200000
bithumb-legacy:BTC_KRW,30M,1795318381000000,1,2,1,0.1234567890123456789012345678901234567891,12345678901234567890.12345678901234567891,1795318381050000
bithumb-legacy:BTC_KRW,1H,1795318380999999,3,4,3,4,1,1795318400000000
upbit:KRW-ETH,1D,1795318381000000,6,6,6,6,6,1795318381000000
END
echo market,time_us,id,price,size,side,received_us >trades.csv
tape --tickers tickers.csv --market upbit:KRW-XRP
market=bithumb-legacy:BTC_KRW
check 0 'exchange,symbol,window,time,open,high,low,close,volume,received
bithumb-legacy,BTC_KRW,1H,2026-11-22T03:33:00.999999Z,3,4,3,4,1,2026-11-22T03:33:20.000000Z
bithumb-legacy,BTC_KRW,1H,2026-11-22T03:33:01.000000Z,999999999,9,9,9,9,2026-11-22T03:33:01.200000Z
bithumb-legacy,BTC_KRW,1H,2026-11-22T03:33:01.000000Z,145000000,145000001.5,0.00000006,7,123456789012.12345678,2026-11-22T03:33:01.900000Z
bithumb-legacy,BTC_KRW,30M,2026-11-22T03:33:01.000000Z,1,2,1,0.1234567890123456789012345678901234567891,12345678901234567890.12345678901234567891,2026-11-22T03:33:01.050000Z
bithumb-legacy,BTC_KRW,30M,2026-11-22T03:33:02.000000Z,5,5,5,5,0,2026-11-22T03:33:02.100000Z' tickers $market --csv
cp out.txt all.csv
check 0 "$(cat all.csv)" tickers $market@ticker --csv
check 0 "$(sed -n 1,4p all.csv)" tickers $market@ticker:1H --csv
check 0 "$(sed -n '1p;5,6p' all.csv)" tickers "bithumb*@ticker:30M" --csv
check 0 "$(sed -n '2,$p' all.csv | tr , '\t')" tickers $market
check 0 '{"exchange":"upbit","symbol":"KRW-ETH","window":"1D","time":1795318381,"open":"6","high":"6","low":"6","close":"6","volume":"6","received":1795318381}' \
	tickers upbit:KRW-ETH --ndjson --time-format s
check 0 'exchange  symbol   window  time                         open  high  low  close  volume  received
upbit     KRW-ETH  1D      2026-11-22T03:33:01.000000Z     6     6    6      6       6  2026-11-22T03:33:01.000000Z' tickers upbit:KRW-ETH --table
td tickers $market --json
"$PYTHON" -c 'import csv, json; assert json.load(open("out.txt")) == list(csv.DictReader(open("all.csv")))' || fail "JSON and CSV differ"
check 0 "$(sed -n '1p;6p' all.csv)" tickers $market -n 1 --csv
check 0 "$(sed -n '1p;4,6p' all.csv)" tickers $market -n 3 --csv
check 0 "$(sed -n '1p;4p' all.csv)" tickers $market@ticker:1H -n 1 --csv
check 0 "$(sed -n '1p;3,5p' all.csv)" tickers $market --since 1795318381 --until 1795318382 --csv
check 0 "$(sed -n '1p;5p' all.csv)" tickers $market --since 1795318381 --until 1795318382 -n 1 --csv
check 0 '' tickers $market -n 0
refuse 3 'no ticker of .* in that range' tickers $market --until 1795318380
refuse 3 'no ticker of .* over 1h in that range; on the tape there are 1H, 30M' tickers $market@ticker:1h
refuse 3 "no ticker of upbit:KRW-XRP on the tape; 'tapedeckd upbit:KRW-XRP@ticker' records" tickers upbit:KRW-XRP
refuse 3 'bithumb-legacy:KRW_BTC is not on the tape; did you mean bithumb-legacy:BTC_KRW' tickers bithumb-legacy:KRW_BTC@ticker:1H
refuse 3 'no trade of bithumb-legacy:BTC_KRW yet' price $market
