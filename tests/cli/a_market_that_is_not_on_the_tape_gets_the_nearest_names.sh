. "$SOURCE/tests/cli/lib.sh"
small_tape
refuse 3 'upbit:BTC-KRW is not on the tape; did you mean .*upbit:KRW-BTC' price upbit:BTC-KRW
refuse 3 'did you mean upbit:KRW-BTC\?' trades upbit:krw-btc
refuse 3 'did you mean .*upbit:KRW-ETH' last upbit:KRW-ETJ
refuse 3 "'tapedeck markets' lists" export binance-usdm:1000SHIBUSDT
refuse 3 'not on the tape' ohlc -i 1m 'binance:*'
refuse 3 'not on the tape' export upbit:KRW-BTC upbit:KRW-ETJ -o never.csv
[ ! -e never.csv ] || fail "a file was made"
refuse 3 'no trade of upbit:KRW-XRP' price upbit:KRW-XRP
