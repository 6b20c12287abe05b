. "$SOURCE/tests/cli/lib.sh"
cat >trades.csv <<'END'
market,time_us,id,price,size,side,received_us
upbit:KRW-BTC,1795318320000000,1,1,1,buy,
upbit:BTC-ETH,1795318320000000,1,2,1,buy,
upbit:KRW-WBTC,1795318320000000,1,3,1,buy,
bithumb-legacy:BTC_KRW,1795318320000000,,4,1,buy,
binance:BTCUSDT,1795318320000000,1,5,1,buy,
binance:ETHBTC,1795318320000000,1,6,1,buy,
binance-usdm:BTCUSDT,1795318320000000,1,7,1,buy,
binance-usdm:BTCUSDT_270326,1795318320000000,1,8,1,buy,
plain:BTC,1795318320000000,1,9,1,buy,
plain:A/B,1795318320000000,1,10,1,buy,
plain:AB,1795318320000000,1,11,1,buy,
END
tape --market upbit:KRW-XRP --assets upbit:KRW-BTC=BTC/KRW --assets upbit:BTC-ETH=ETH/BTC --assets upbit:KRW-WBTC=WBTC/KRW \
	--assets bithumb-legacy:BTC_KRW=BTC/KRW --assets binance:BTCUSDT=BTC/USDT --assets binance:ETHBTC=ETH/BTC \
	--assets binance-usdm:BTCUSDT=BTC/USDT --assets binance-usdm:BTCUSDT_270326=BTC/USDT --assets upbit:KRW-XRP=XRP/KRW \
	--assets plain:AB=A/B
finds() { # finds "PRICES" WORD...: of the markets found, by their name
	td last "${@:2}"
	same "code of last ${*:2}" 0 "$code"
	same "last ${*:2}" "$1" "$(cut -f 4 out.txt | tr '\n' ' ' | sed 's/ $//')"
}
# By symbol.
finds '7 8 5 6 4 9 2 1 3' '*:*BTC*'
finds '5' 'binance:BTC*'
finds '7 8 5' 'binance*:BTC*'
finds '7 8 5 4 9 2' '*:BTC*'
finds '1 3' 'upbit:KRW-*BTC'
# By base and quote.
finds '1' upbit:BTC/KRW
finds '4' bithumb-legacy:BTC/KRW
finds '7 8' binance-usdm:BTC/USDT
finds '7 8 5 4 1' '*:BTC/*'
finds '4 1 3' '*:*BTC/KRW'
finds '6 2' '*:*/BTC'
finds '4 1' '*:BTC/KRW' upbit:KRW-BTC
# A symbol that fits comes first.
finds '10' plain:A/B
finds '10' 'plain:A/*'
finds '10 11' 'plain:A*B'
# Every command that takes markets.
check 0 1 price upbit:BTC/KRW
check 0 5 price 'binance:BTC/*'
td price binance-usdm:BTC/USDT; same price '7 8' "$(cut -f 3 out.txt | tr '\n' ' ' | sed 's/ $//')"
td trades upbit:ETH/BTC; same trades 2 "$(cut -f 4 out.txt)"
td ohlc upbit:ETH/BTC -i 1m; same ohlc 2 "$(cut -f 2 out.txt)"
td export upbit:ETH/BTC binance:ETH/BTC; same export '6 2' "$(sed 1d out.txt | cut -d , -f 4 | tr '\n' ' ' | sed 's/ $//')"
refuse 3 'no ticker of upbit:BTC-ETH' tickers upbit:ETH/BTC@ticker
# What is not there has its nearest names; a market named so that has no trade is told.
refuse 3 'did you mean .*upbit:KRW-BTC' price upbit:KRW/BTC
refuse 3 'did you mean .*upbit:KRW-BTC' price upbit:btc/krw
refuse 3 'not on the tape' last '*:BTC/EUR'
refuse 3 'no trade of upbit:KRW-XRP' price upbit:XRP/KRW
td last upbit:BTC/KRW upbit:XRP/KRW; same "code of a named market without trades" 3 "$code"
td last upbit:BTC/KRW 'upbit:XRP/*'; same "code of a pattern that fits one without trades" 0 "$code"
