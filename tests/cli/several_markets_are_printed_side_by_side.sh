. "$SOURCE/tests/cli/lib.sh"
# Seconds 0..59: BTC each, ETH every third, XRP every tenth; ids tell the market.
start=1795318320
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 0 59); do
		echo "upbit:KRW-BTC,$(((start + i) * 1000000)),$((1000 + i)),$((100 + i)),1,buy,"
		[ $((i % 3)) != 0 ] || echo "upbit:KRW-ETH,$(((start + i) * 1000000)),$((2000 + i)),$((200 + i)),1,sell,"
		[ $((i % 10)) != 0 ] || echo "binance:XRPUSDT,$(((start + i) * 1000000 + 1)),$((3000 + i)),$((300 + i)),1,sell,"
	done
} >trades.csv
tape --market upbit:KRW-ADA
tab=$'\t'

# price: a line each in the order asked for; one stays bare.
check 0 159 price upbit:KRW-BTC
check 0 "upbit${tab}KRW-ETH${tab}257
upbit${tab}KRW-BTC${tab}159" price upbit:KRW-ETH upbit:KRW-BTC
check 0 "upbit${tab}KRW-ETH${tab}257
binance${tab}XRPUSDT${tab}350
upbit${tab}KRW-BTC${tab}159" price upbit:KRW-ETH '*:*USDT' 'upbit:*'
check 0 159 price 'upbit:KRW-B*'
check 0 'exchange,symbol,price
binance,XRPUSDT,350
upbit,KRW-BTC,159' price binance:XRPUSDT upbit:KRW-BTC --csv
td price upbit:KRW-ADA upbit:KRW-BTC
same "code where a named one has no trade" 3 "$code"
same "the other is printed" "upbit${tab}KRW-BTC${tab}159" "$out"
[[ $err == *'there is no trade of upbit:KRW-ADA yet'* ]] || fail "$err"
td price upbit:KRW-BTC upbit:KRW-ETH --max-age 1s
same "code where they are stale" 4 "$code"
same "they are printed" 2 "$(wc -l <out.txt)"
refuse 3 'upbit:KRW-ETC is not on the tape; did you mean' price upbit:KRW-BTC upbit:KRW-ETC

# trades: in order of time over all; at equal times by name; -n counts over all.
td trades binance:XRPUSDT upbit:KRW-BTC upbit:KRW-ETH --since $start
same "all of three" "$(tail -n +2 trades.csv | sort -t , -k 2,2n -k 1,1 | cut -d , -f 3)" "$(cut -f 7 out.txt)"
same "how many" 86 "$(wc -l <out.txt)"
td trades 'upbit:*' -n 4
same "the newest four of two" '1057 2057 1058 1059 ' "$(cut -f 7 out.txt | tr '\n' ' ')"
td trades '*:*' -n 1000000
same "more than there are" 86 "$(wc -l <out.txt)"
same "-n 0" 0 "$("$TAPEDECK" --db "$db" trades '*:*' -n 0 | wc -l)"
td trades '*:*'
same "twenty if nothing is said" "$(tail -n +2 trades.csv | sort -t , -k 2,2n -k 1,1 | cut -d , -f 3 | tail -n 20)" "$(cut -f 7 out.txt)"
td trades '*:*' --until $((start + 1)) -n 2
same "the newest of a range" '2000 3000 ' "$(cut -f 7 out.txt | tr '\n' ' ')"
refuse 3 'there is no trade of these markets in that range' trades upbit:KRW-BTC upbit:KRW-ETH --since $((start + 100))

# ohlc: exchange and symbol in front where there are several, market by market by name.
one() { "$TAPEDECK" --db "$db" ohlc "$1" -i 30s | sed "s/^/${1%%:*}\t${1#*:}\t/"; }
td ohlc upbit:KRW-ETH binance:XRPUSDT upbit:KRW-BTC -i 30s
same "candles of three" "$(one binance:XRPUSDT; one upbit:KRW-BTC; one upbit:KRW-ETH)" "$out"
same "six candles" 6 "$(wc -l <out.txt)"
td ohlc 'upbit:*' -i 1m --csv
same "the header" 'exchange,symbol,time,open,high,low,close,volume,vwap,trades,buy_volume,complete' "$(head -n 1 out.txt)"
same "code where one of a pattern has no trade" 0 "$code"
td ohlc upbit:KRW-BTC -i 1m --csv
same "the header of one" 'time,open,high,low,close,volume,vwap,trades,buy_volume,complete' "$(head -n 1 out.txt)"
td ohlc upbit:KRW-BTC upbit:KRW-ADA -i 1m
same "code where a named one has no trade" 3 "$code"
same "the other is printed" 1 "$(wc -l <out.txt)"
td ohlc upbit:KRW-BTC upbit:KRW-ETH -i 1m --require-complete
same "code where they are not complete" 4 "$code"

# -f of several: what is new in one look is in order of time; last -f has a line for each new last trade.
rm "$db"
head -n 4 trades.csv >few.csv
mkfifo lines
"$PYTHON" "$SOURCE/tests/lib/maketape.py" "$db" few.csv --follow <lines >answers &
exec 9>lines
await() { # await FILE LINES
	local i
	for i in $(seq 1 500); do [ "$(wc -l <"$1")" -ge "$2" ] && return; sleep 0.02; done
	fail "$1 has $(wc -l <"$1") lines, wanted $2: $(cat "$1")"
}
await answers 1
"$TAPEDECK" --db "$db" trades 'upbit:*' 'binance:*' -f >follow.txt 2>err1.txt & follow=$!
"$TAPEDECK" --db "$db" last -f >last.txt 2>err2.txt & last=$!
await follow.txt 3
await last.txt 3
echo "upbit:KRW-ETH,$(((start + 70) * 1000000)),2070,271,1,buy," >&9
await follow.txt 4
echo "upbit:KRW-BTC,$(((start + 65) * 1000000)),1065,165,1,buy," >&9
await follow.txt 5
echo "upbit:KRW-ETH,$(((start + 60) * 1000000)),2060,260,1,buy," >&9 # late: not the last
await follow.txt 6
await last.txt 5
echo "upbit:KRW-NEW,$(((start + 80) * 1000000)),4080,480,1,buy," >&9 # listed only now: it fits the pattern
await follow.txt 7
await last.txt 6
sleep 0.3
kill -INT $follow $last
wait $follow; same "code of trades -f" 0 $?
wait $last; same "code of last -f" 0 $?
same "trades -f" '2070 1065 2060 4080 ' "$(tail -n +4 follow.txt | cut -f 7 | tr '\n' ' ')"
same "last -f" '271 165 480 ' "$(tail -n +4 last.txt | cut -f 4 | tr '\n' ' ')"
[ ! -s err1.txt ] && [ ! -s err2.txt ] || fail "$(cat err?.txt)"
exec 9>&-
