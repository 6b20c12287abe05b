. "$SOURCE/tests/cli/lib.sh"
columns=exchange,symbol,last,age_ms,pace_ms,lag_median_ms,lag_worst_ms,clock_offset_ms,open_gaps,recorder,heartbeat,queue_rows,recorded_until,wal_bytes,wal_since,snapshot_held_by,proved
now=$(($(date +%s) * 1000000))
row() { echo "$1,$((now - $2)),$3,5,1,buy,${4:+$((now - $2 + $4))}"; } # row MARKET AGE_US ID [LAG_US]
{
	echo market,time_us,id,price,size,side,received_us
	row upbit:KRW-BTC 93600000000 1 1000   # 26 h old: of no pace
	row upbit:KRW-BTC 7200000000 2 5000000 # received two hours ago: of no lag
	row upbit:KRW-BTC 3660000000 3 90000000 # a minute too old, but received within the hour
	row upbit:KRW-BTC 600000000 4 20000
	row upbit:KRW-BTC 400000000 5           # by backfill
	row upbit:KRW-BTC 300000000 6 40500
	row upbit:KRW-BTC 200000000 7 -3000     # the exchange's clock is ahead
	row upbit:KRW-ETH 200000000 1
} >trades.csv
tape --market bithumb:KRW-XRP
# cell MARKET COLUMN: what status says
cell() { td status --csv; "$PYTHON" -c 'import csv, sys; print({r["exchange"] + ":" + r["symbol"]: r for r in csv.DictReader(open("out.txt"))}[sys.argv[1]][sys.argv[2]])' "$@"; }
td status --csv; same "code" 0 "$code"; same "columns" "$columns" "$(head -1 out.txt)"
same "markets by name" 'bithumb,KRW-XRP upbit,KRW-BTC upbit,KRW-ETH' "$(tail -n +2 out.txt | cut -d, -f1,2 | tr '\n' ' ' | sed 's/ $//')"
same "a market without trades" 'bithumb,KRW-XRP,,,,,,,0,never,,,,,,,' "$(sed -n 2p out.txt)"
same "last" "$(((now - 200000000) / 1000000))" "$(td status upbit:KRW-BTC --time-format s; cut -f 3 out.txt)"
age=$(cell upbit:KRW-BTC age_ms); [ "$age" -ge 200000 ] && [ "$age" -lt 230000 ] || fail "age $age"
same "pace: 7000 s, 5 pauses" 1400000 "$(cell upbit:KRW-BTC pace_ms)"
same "median of -3, 20, 40.5 and 90000 ms" 30 "$(cell upbit:KRW-BTC lag_median_ms)"
same "worst" 90000 "$(cell upbit:KRW-BTC lag_worst_ms)"
same "one trade has no pace, one by backfill no lag" ',,' "$(cell upbit:KRW-ETH pace_ms),$(cell upbit:KRW-ETH lag_median_ms),$(cell upbit:KRW-ETH lag_worst_ms)"
sqlite "DELETE FROM trade WHERE market_id = 1 AND lag_us = -3000"
same "median of three" 40 "$(cell upbit:KRW-BTC lag_median_ms)"
sqlite "INSERT INTO exchange_clock VALUES ('upbit', -1234567, 0)" \
	"INSERT INTO gap (market_id, from_us, reason, state, opened_us) VALUES (1, 5, 'silence', 'open', 0), (1, 6, 'silence', 'open', 0)" \
	"INSERT INTO gap (market_id, from_us, to_us, reason, state, opened_us) VALUES (1, 5, 6, 'silence', 'filled', 0)"
same "offset and open gaps" '-1234 2' "$(cell upbit:KRW-BTC clock_offset_ms) $(cell upbit:KRW-BTC open_gaps)"
same "no offset known" '' "$(cell bithumb:KRW-XRP clock_offset_ms)"

beat() { # beat SECONDS_AGO [stopped_us]
	sqlite "INSERT OR REPLACE INTO recorder VALUES (1, 4711, '0.1.0', $((now - 3600000000)), $(date +%s)000000 - $1 * 1000000, ${2:-NULL}, 12, 50000, 3, 99, 5, 7)"
}
td status --table; same "nobody recorded" 'no recorder has left a sign of life on this tape' "$(head -1 out.txt)"
td status --max-age 24h; same "code of never" 4 "$code"; [[ $err == *"no recorder"* ]] || fail "$err"
hold
beat 1; same "alive" 'alive 12' "$(cell upbit:KRW-BTC recorder) $(cell upbit:KRW-BTC queue_rows)"
[ -n "$(cell upbit:KRW-BTC heartbeat)" ] || fail "no heartbeat"
td status --table
[[ $(head -1 out.txt) =~ ^'recorder alive: since 20'.*'Z, pid 4711, version 0.1.0, queue 12 of 50000, 3 reconnects, 5 messages of no use, 7 trades lost'$ ]] ||
	fail "the recorder's line: $(head -1 out.txt)"
[[ $(sed -n 2p out.txt) == exchange*proved ]] || fail "no header behind it"
td status 'upbit:*' --max-age 1h; same "fresh" 0 "$code"
td status 'upbit:*' --max-age 60s; same "stale market" 4 "$code"; [[ $err == *"KRW-"*stale* ]] || fail "$err"
td status 'bithumb:*' --max-age 1h; same "a market that never traded" 4 "$code"; [[ $err == *"bithumb:KRW-XRP is stale: it has no trade yet" ]] || fail "$err"
beat 10; td status upbit:KRW-ETH --max-age 8s; same "stale beat" 4 "$code"; [[ $err == *"last sign of life"* ]] || fail "$err"
same "is alive all the same" alive "$(cell upbit:KRW-BTC recorder)"
beat 25; same "25 s without a beat" dead "$(cell upbit:KRW-BTC recorder)"
td status 'upbit:*' --max-age 1h; same "code of dead" 4 "$code"; [[ $err == *"is dead"* ]] || fail "$err"
td status 'upbit:*'; same "code without --max-age" 0 "$code"
beat -60; same "a beat of a minute hence" dead "$(cell upbit:KRW-BTC recorder)"
beat 1 "$now"; same "stopped" stopped "$(cell upbit:KRW-BTC recorder)"
td status 'upbit:*' --max-age 1h; same "code of stopped" 4 "$code"
td status --table; [[ $(head -1 out.txt) == *", stopped 20"* ]] || fail "$(head -1 out.txt)"
# Nobody holds its lock: killed, however young the beat.
let_go
same "stopped in order" stopped "$(cell upbit:KRW-BTC recorder)"
beat 1
if sees_locks; then
	same "without its lock" dead "$(cell upbit:KRW-BTC recorder)"
	td status 'upbit:*' --max-age 1h; same "code without its lock" 4 "$code"; [[ $err == *"is dead"* ]] || fail "$err"
	cp "$db" copy.db; exec 6<copy.db; flock -x 6
	same "another file's lock" dead "$(cell upbit:KRW-BTC recorder)"
	exec 6<&-
else
	same "by its beat" alive "$(cell upbit:KRW-BTC recorder)"
fi
hold; same "its lock again" alive "$(cell upbit:KRW-BTC recorder)"; let_go
beat 1 "$now"
td status --json
"$PYTHON" -c 'import json; r = json.load(open("out.txt"))[1]; assert r["open_gaps"] == 2 and r["recorder"] == "stopped" and r["lag_worst_ms"] == 90000, r' || fail json
td status --ndjson; same "objects" 3 "$(wc -l <out.txt)"
# Medians of many, odd and even, against Python's.
for count in 1 2 999 2500; do
	"$PYTHON" - "$count" "$now" >trades.csv <<-'P'
	import random, sys
	random.seed(int(sys.argv[1]))
	print("market,time_us,id,price,size,side,received_us")
	for i in range(int(sys.argv[1])):
	    time = int(sys.argv[2]) - 60000000 + i * 10
	    print("x:Y,%d,%d,5,1,buy,%d" % (time, i + 1, time + 1000 * random.choice([random.randrange(9), random.randrange(100000), 5])))
	P
	rm "$db"; tape
	same "lags of $count" "$("$PYTHON" -c '
import csv, statistics
lags = [int(r["received_us"]) - int(r["time_us"]) for r in csv.DictReader(open("trades.csv"))]
print(int(statistics.median(lags)) // 1000, max(lags) // 1000)')" "$(cell x:Y lag_median_ms) $(cell x:Y lag_worst_ms)"
done
# A tape without a market.
echo market,time_us,id,price,size,side,received_us >trades.csv; rm "$db"; tape
td status --csv; same "code of an empty tape" 3 "$code"; same "header" "$columns" "$out"
