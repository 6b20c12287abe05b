. "$SOURCE/tests/cli/lib.sh"
now=$(date +%s)
line() { echo "$1,$(((now + $2) * 1000000)),$3,$4,1,buy,"; } # line MARKET SECOND ID PRICE
{ echo market,time_us,id,price,size,side,received_us; line upbit:KRW-BTC -10 1 100; line upbit:KRW-ETH -600 2 5; } >trades.csv
mkfifo lines
"$PYTHON" "$SOURCE/tests/lib/maketape.py" "$db" trades.csv --follow <lines >answers &
exec 9>lines
for i in $(seq 1 500); do [ -s answers ] && break; sleep 0.02; done

# What is so already, is so at once; each way of writing it.
for condition in 'upbit:KRW-BTC > 99' 'upbit:KRW-BTC>99.5' 'upbit:KRW-BTC >= 100' 'upbit:KRW-BTC <=100.0' 'upbit:KRW-BTC < 1000' 'upbit:KRW-BTC<100.00000000000000000001'; do
	td wait "$condition"
	same "code of $condition" 0 "$code"
	same "the trade of $condition" 100 "$(cut -f 4 out.txt)"
done
td wait '  upbit:KRW-BTC   >   99  '; same "with blanks around" 0 "$code"
td wait upbit:KRW-BTC '>' 99 --json
same "in words of their own" 0 "$code"
same "as JSON" 1 "$(grep -c '"price":"100"' out.txt)"
# Else it blocks, and one trade among many is enough.
"$TAPEDECK" --db "$db" wait 'upbit:KRW-BTC > 150' >won.txt 2>err.txt & waiting=$!
"$TAPEDECK" --db "$db" wait 'upbit:KRW-BTC < 0.5' >low.txt 2>low.err & low=$!
sleep 0.5
kill -0 $waiting || fail "it did not wait: $(cat err.txt)"
line upbit:KRW-BTC 1 3 150 >&9
sleep 0.4
kill -0 $waiting || fail "150 is not above 150"
{ line upbit:KRW-BTC 2 4 151; line upbit:KRW-BTC 3 5 149; } >&9
wait $waiting; same "code when it is so" 0 $?
same "the trade that was so" '151	4' "$(cut -f 4,7 won.txt)"
kill -INT $low; wait $low; code=$?
[ $code != 0 ] && [ ! -s low.txt ] || fail "an interrupted one ended with $code: $(cat low.txt)"

# A gap, open or written down since.
"$TAPEDECK" --db "$db" wait --hole >gap.txt 2>err.txt & waiting=$!
sleep 0.4
kill -0 $waiting || fail "there is no gap yet: $(cat gap.txt err.txt)"
sqlite "INSERT INTO gap (market_id, from_us, reason, state, opened_us) SELECT market_id, $(((now + 4) * 1000000)), 'disconnect', 'open', 0 FROM market WHERE symbol = 'KRW-BTC'"
wait $waiting; same "code of --hole" 0 $?
same "the gap" 'upbit	KRW-BTC	gap disconnect' "$(cut -f 1,2,4 gap.txt)"
td wait --gap upbit:KRW-BTC; same "one that is open" 0 "$code"
timeout 1 "$TAPEDECK" --db "$db" wait --gap upbit:KRW-ETH >gap.txt 2>/dev/null; same "another market's" 124 $?

# Silence: of a market that is named, or of the recorder (here there is none).
td wait --stale 5m; same "code of --stale" 0 "$code"
same "no recorder" 'no recorder has left a sign of life' "$(cut -f 4 out.txt)"
sqlite "INSERT INTO recorder (pid, started_us, beat_us) VALUES ($$, $((now * 1000000)), $(((now + 3600) * 1000000)))" 2>/dev/null
refuse 2 "wants to know for what" wait
refuse 2 "wants to know for what" wait upbit:KRW-BTC
refuse 2 "is no condition" wait 'upbit:KRW-BTC = 5'
refuse 2 "is no condition" wait 'upbit:KRW-BTC > many'
refuse 2 "is no market" wait 'KRW-BTC > 5'
refuse 2 "not for both" wait 'upbit:KRW-BTC > 5' --gap
refuse 2 "stands for 2" wait 'upbit:* > 5'
refuse 3 'did you mean upbit:KRW-BTC' wait 'upbit:KRW-BTCC > 5'
exec 9>&-
