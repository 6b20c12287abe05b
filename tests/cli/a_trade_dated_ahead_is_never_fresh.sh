# A trade of the year 4878 made its market fresh for ever.
. "$SOURCE/tests/cli/lib.sh"
now=$(($(date +%s) * 1000000))
{
	echo market,time_us,id,price,size,side,received_us
	echo "x:FAR,91776000000000000,1,5,1,buy,$now"
	echo "x:MINUTES,$((now + 600000000)),1,5,1,buy,$now"
	echo "x:SECONDS,$((now + 20000000)),1,5,1,buy,$now"
	echo "x:AHEAD-AND-OLD,$((now + 20000000)),1,5,1,buy,$((now - 40000000))"
	echo "x:LATE,$((now - 3600000000)),1,5,1,buy,$now"
} >trades.csv
tape
for command in price last 'trades -n 1' 'ohlc -i 1m'; do
	for market in FAR MINUTES; do
		td $command x:$market --max-age 1h
		same "code of $command x:$market" 4 "$code"
		[[ $err =~ "x:$market is stale: its last trade is dated "[0-9]{4}.*", "[0-9]+" min ahead of this machine's clock" ]] || fail "$err"
		td $command x:$market; same "without --max-age" 0 "$code"
	done
done
[[ $(td last x:MINUTES --max-age 1h; cat err.txt) == *", "[9]" min ahead"* || $(cat err.txt) == *", 10 min ahead"* ]] || fail "$(cat err.txt)"
td last x:SECONDS --max-age 1h; same "seconds ahead" 0 "$code"
# It is no younger than its receipt, and an old trade that came late is old.
td last x:AHEAD-AND-OLD --max-age 30s; same "received 40 s ago" 4 "$code"
td last x:LATE --max-age 30s; same "received late" 4 "$code"
td watch -1
grep -Eq '^! x:FAR .* ahead$' out.txt || fail "watch: $out"
grep -Eq '^! x:MINUTES .* ahead$' out.txt || fail "watch: $out"
grep -Eq '^  x:SECONDS .* 0s$' out.txt || fail "watch: $out"
