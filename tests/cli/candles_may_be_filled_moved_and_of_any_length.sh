. "$SOURCE/tests/cli/lib.sh"
# Six minutes with trades: 0, 1, 4 of one hour, and 0 of three days later; each trade is of price 100 + its minute.
start=1795318320 # 2026-11-22T03:32:00Z
{
	echo market,time_us,id,price,size,side,received_us
	for minute in 0 1 4 4320; do echo "upbit:KRW-BTC,$(((start + minute * 60) * 1000000 + 5)),$((1000 + minute)),$((100 + minute)).5,2,buy,"; done
} >trades.csv
tape --cover "upbit:KRW-BTC=$((start * 1000000)),$(((start + 600) * 1000000))"
head=time,open,high,low,close,volume,vwap,trades,buy_volume,complete
row() { echo "2026-11-22T03:$1:00.000000Z,$2"; }
full() { echo "$1,$1,$1,$1,2,$1,1,2"; }
empty() { echo "$1,$1,$1,$1,0,,0,0"; }

# --fill: the close is carried, volume and trades are 0, there is no VWAP; complete is what coverage says.
check 0 "$head
$(row 32 "$(full 100.5),1")
$(row 33 "$(full 101.5),1")
$(row 34 "$(empty 101.5),1")
$(row 35 "$(empty 101.5),1")
$(row 36 "$(full 104.5),1")" ohlc upbit:KRW-BTC -i 1m --fill --until 2026-11-22T03:37Z --csv
# Up to --until, with what was traded before --since; nothing before the first trade.
td ohlc upbit:KRW-BTC -i 1m --fill --since 2026-11-22T03:34Z --until 2026-11-22T03:36Z --csv
same "an empty range is filled from before" "$head
$(row 34 "$(empty 101.5),1")
$(row 35 "$(empty 101.5),1")" "$out"
td ohlc upbit:KRW-BTC -i 1m --fill --since 2026-11-22T03:00Z --until 2026-11-22T03:40Z --csv
same "rows from the first trade to --until" 9 "$(wc -l <out.txt)"
same "the first" "$(row 32 "$(full 100.5),1")" "$(sed -n 2p out.txt)"
same "the last is not covered" "$(row 39 "$(empty 104.5),1")" "$(tail -n 1 out.txt)"
td ohlc upbit:KRW-BTC -i 1m --fill
same "all minutes between the first trade and the last" 4321 "$(wc -l <out.txt)"
same "rows with trades" 4 "$(awk '$8 > 0' out.txt | wc -l)"
td ohlc upbit:KRW-BTC -i 1s --fill --until 2026-11-22T03:34Z --json
same "seconds, and null for what is not there" 120 "$(grep -c '"time"' out.txt)"
same "VWAP of an empty second" 118 "$(grep -c '"vwap":null,"trades":0' out.txt)"
refuse 3 'there is no trade of upbit:KRW-BTC in that range' ohlc upbit:KRW-BTC -i 1m --fill --since 2026-11-01 --until 2026-11-02
year=$(($(date -u +%Y) + 1))
td ohlc upbit:KRW-BTC -i 1d --fill --since 2026-11-22 --until "$year-12-31"
[ "$(wc -l <out.txt)" -lt 400 ] && ! grep -q "^$year-12" out.txt || fail "the future is filled: $(tail -n 1 out.txt)"

# Any multiple, and a start of one's own.
starts() { td ohlc upbit:KRW-BTC "$@"; cut -f 1 out.txt | tr '\n' ' '; }
same "2m" '2026-11-22T03:32:00.000000Z 2026-11-22T03:36:00.000000Z 2026-11-25T03:32:00.000000Z ' "$(starts -i 2m)"
same "7m" '2026-11-22T03:29:00.000000Z 2026-11-22T03:36:00.000000Z 2026-11-25T03:28:00.000000Z ' "$(starts -i 7m)"
same "2h" '2026-11-22T02:00:00.000000Z 2026-11-25T02:00:00.000000Z ' "$(starts -i 2h)"
same "2d" '2026-11-21T00:00:00.000000Z 2026-11-25T00:00:00.000000Z ' "$(starts -i 2d)"
same "1M" '2026-11-01T00:00:00.000000Z ' "$(starts -i 1M)"
same "3M" '2026-10-01T00:00:00.000000Z ' "$(starts -i 3M)"
same "1d from 03:35 on" '2026-11-21T03:35:00.000000Z 2026-11-22T03:35:00.000000Z 2026-11-24T03:35:00.000000Z ' "$(starts -i 1d --offset 3h35m)"
same "1m from half on" '2026-11-22T03:31:30.000000Z 2026-11-22T03:32:30.000000Z 2026-11-22T03:35:30.000000Z 2026-11-25T03:31:30.000000Z ' \
	"$(starts -i 1m --offset 30s)"
same "the same trades either way" "$("$TAPEDECK" --db "$db" ohlc upbit:KRW-BTC -i 120s | cut -f 2-)" "$("$TAPEDECK" --db "$db" ohlc upbit:KRW-BTC -i 2m | cut -f 2-)"
refuse 2 "'2x' is no interval; write a number and s, m, h, d, w or M" ohlc upbit:KRW-BTC -i 2x
refuse 2 "--offset is as long as the interval 1m or longer" ohlc upbit:KRW-BTC -i 1m --offset 60s
refuse 2 "'trades' takes no --fill" trades upbit:KRW-BTC --fill

# --tz: what is read and what is printed, and where days begin.  It may stand anywhere; $TZ is not heeded.
same "days in Seoul" '2026-11-22T00:00:00.000000+09:00 2026-11-25T00:00:00.000000+09:00 ' "$(starts -i 1d --tz Asia/Seoul)"
same "days in New York" '2026-11-21T00:00:00.000000-05:00 2026-11-24T00:00:00.000000-05:00 ' "$(starts --tz America/New_York -i 1d)"
same "months in New York" '2026-11-01T00:00:00.000000-04:00 ' "$(starts --tz America/New_York -i 1M)"
same "a range in Seoul" '2026-11-22T12:33:00.000000+09:00 ' "$(starts -i 1m --since '2026-11-22 12:33' --until 2026-11-22T12:34 --tz Asia/Seoul)"
same "as integers" '1795273200 1795532400 ' "$(starts -i 1d --tz +09:00 --time-format s)"
same "TZ" "$(starts -i 1d)" "$(TZ=Asia/Seoul starts -i 1d)"
same "local" '2026-11-22T00:00:00.000000+09:00 2026-11-25T00:00:00.000000+09:00 ' "$(TZ=Asia/Seoul starts -i 1d --tz local)"
td --tz Asia/Seoul trades upbit:KRW-BTC -n 1 --csv
same "trades" 'upbit,KRW-BTC,2026-11-25T12:32:00.000005+09:00,4420.5,2,buy,5320,' "$(tail -n 1 out.txt)"
td --tz Asia/Seoul gaps
same "gaps" 0 "$code"
td chart upbit:KRW-BTC -i 1d --tz Asia/Seoul
[[ $out == *'from 2026-11-22 00:00  to 2026-11-26 00:00 KST'* ]] || fail "chart: $out"
td chart upbit:KRW-BTC -i 1M
[[ $out == *'candles of 1M  from 2026-11-01 00:00  to 2026-12-01 00:00 UTC'* ]] || fail "chart of months: $out"
refuse 2 "--tz: there is no time zone 'Seoul'; did you mean Asia/Seoul\?" price upbit:KRW-BTC --tz Seoul
refuse 2 "--tz: there is no time zone 'Mars'; write one as Asia/Seoul, UTC, \+09:00, or local" price upbit:KRW-BTC --tz Mars

# Candles of a zone are those recomputed from the trades: over a year with its days of 23 and 25 hours.
"$PYTHON" - >trades.csv <<'END'
import random
random.seed(5)
print("market,time_us,id,price,size,side,received_us")
start = 1767225600
for i in range(3000):
    print(f"upbit:KRW-BTC,{(start + i * 10500 + random.randrange(9000)) * 1000000},{i + 1},{random.randrange(1, 999)},{random.randrange(1, 9)},buy,")
END
rm "$db"; tape
for every in 1d 2d 1w 1M; do
	td ohlc upbit:KRW-BTC -i "$every" --tz America/New_York --csv
	"$PYTHON" - trades.csv out.txt "$every" <<'END' || fail "candles of $every in New York"
import csv, datetime, sys, zoneinfo
zone = zoneinfo.ZoneInfo("America/New_York")
every, wanted = sys.argv[3], {}
for row in csv.DictReader(open(sys.argv[1])):
    day = datetime.datetime.fromtimestamp(int(row["time_us"]) / 1e6, zone).date()
    epoch = (day - datetime.date(1970, 1, 1)).days
    if every == "1M":
        day = day.replace(day=1)
    elif every == "1w":
        day -= datetime.timedelta(day.weekday())
    elif every == "2d":
        day -= datetime.timedelta(epoch % 2)
    start = datetime.datetime(day.year, day.month, day.day, tzinfo=zone).isoformat(timespec="microseconds")
    volume, trades = wanted.get(start, (0, 0))
    wanted[start] = (volume + int(row["size"]), trades + 1)
got = {row["time"]: (int(row["volume"]), int(row["trades"])) for row in csv.DictReader(open(sys.argv[2]))}
if got != wanted:
    sys.exit(f"{[item for item in wanted.items() if got.get(item[0]) != item[1]][:3]} {[item for item in got.items() if wanted.get(item[0]) != item[1]][:3]}")
END
done
