# A market that the recorder was no longer asked for made `status --max-age` 4 and `report` "not whole" for ever.
. "$SOURCE/tests/cli/lib.sh"
now=$(($(date +%s) * 1000000)) hour=3600000000
start=$((now - 10 * hour)) ended=$((now - 8 * hour))
{
	echo market,time_us,id,price,size,side,received_us
	for m in upbit:KRW-BTC upbit:KRW-OLD; do echo "$m,$((now - 9 * hour)),1,5,1,buy,$((now - 9 * hour))"; done
	echo "upbit:KRW-BTC,$((now - 1000000)),2,6,1,buy,$((now - 1000000))"
} >trades.csv
tape --cover "upbit:KRW-BTC=$start,$((now - 1000000))" --cover "upbit:KRW-OLD=$start,$ended"
sqlite "INSERT INTO recorder VALUES (1, 4711, '0.1.0', $start, $(date +%s)000000, NULL, 0, 50000, 0, 0, 0, 0)" \
	"INSERT INTO gap (market_id, from_us, reason, state, note, opened_us) SELECT market_id, $ended, 'not-running', 'open', '', 0 FROM market WHERE symbol = 'KRW-OLD'"
hold
since=$(date -u -d "@$((ended / 1000000))" +%Y-%m-%dT%H:%M:%S)
# While it is wanted it counts.
td report; [[ $(head -1 out.txt) == "1 gap remains in 1 market of 2,"* ]] || fail "wanted: $(head -1 out.txt)"
td status --max-age 1h; same "code while it is wanted" 4 "$code"
sqlite "UPDATE wanted SET to_us = $ended WHERE market_id = (SELECT market_id FROM market WHERE symbol = 'KRW-OLD')"
td report; [[ $(head -1 out.txt) == "All 1 market whole from "* ]] || fail "no longer wanted: $(head -1 out.txt)"
grep -q "^no longer recorded, since ${since}Z: upbit:KRW-OLD$" out.txt || fail "it is not named: $out"
grep -Eq '^upbit +1 ' out.txt || fail "counted among the markets: $out"
[[ $out != *"What remains"* ]] || fail "its gap is told: $out"
for command in status last 'export -o rows.csv'; do
	td $command --max-age 1h; same "code of $command" 0 "$code"
	td $command 'upbit:*' --max-age 1h; same "code of $command by a pattern" 0 "$code"
	td $command upbit:KRW-BTC upbit:KRW-OLD --max-age 1000h; same "code of $command by name" 4 "$code"
	[[ $err == *"upbit:KRW-OLD is stale: it is no longer recorded, since $since"* ]] || fail "$command: no word why: $err"
done
check 4 5 price upbit:KRW-OLD --max-age 1000h
check 0 5 price upbit:KRW-OLD
same "since when, in rows" ",${since}.000000Z" "$(td status --csv; cut -d, -f13 out.txt | tail -n +2 | tr '\n' ,  | sed 's/,$//')"
same "since when, in the report's" "$((ended / 1000000))" "$(td report --csv --time-format s; tail -1 out.txt | cut -d, -f13)"
td watch -1; grep -q '^  upbit:KRW-OLD' out.txt || fail "marked in watch: $out"
grep -q 'open gaps 0' out.txt || fail "its gap counts in watch: $out"
# One that was never wanted (only its tickers are recorded) is told likewise.
sqlite "DELETE FROM wanted WHERE to_us IS NOT NULL"
td last upbit:KRW-OLD --max-age 1000h; same "never wanted" 4 "$code"; [[ $err == *"its trades are not recorded"* ]] || fail "$err"
