. "$SOURCE/tests/cli/lib.sh"
small_tape
check 0 'exchange,symbol,time,price,size,side,trade_id,received
bithumb-legacy,BTC_KRW,2026-11-22T03:33:01.000000Z,9,2,buy,,2026-11-22T03:33:01.200000Z
bithumb-legacy,BTC_KRW,2026-11-22T03:33:01.000000Z,8,3,sell,,2026-11-22T03:33:01.200000Z
upbit,KRW-BTC,2026-11-22T03:32:00.000000Z,145000001.5,123456789012.12345678,sell,17953183200000000,
upbit,KRW-BTC,2026-11-22T03:32:00.000000Z,145000000,0.00000006,buy,17953183200000001,2026-11-22T03:32:00.050000Z
upbit,KRW-BTC,2026-11-22T03:33:01.123456Z,144999999,1,sell,17953183811230000,2026-11-22T03:33:01.200000Z
upbit,KRW-BTC,2026-11-22T03:33:01.123456Z,7,100,buy,17953183811230000999,2026-11-22T03:33:01.200000Z
upbit,KRW-BTC,2026-11-22T03:36:01.000000Z,0.1234567890123456789012345678901234567891,1,buy,,2026-11-22T03:36:02.000000Z
upbit,KRW-ETH,2026-11-22T03:33:01.000000Z,3.1,2,buy,5,2026-11-22T03:33:01.200000Z' export
cp out.txt export.csv
# The view for people says the same.
"$PYTHON" - "$db" <<'END' || fail "the view trades differs from export"
import csv, sqlite3, sys
view = sorted(sqlite3.connect(sys.argv[1]).execute("SELECT exchange, symbol, time, price, size, side, trade_id, received FROM trades"))
assert view == sorted(tuple(r) for r in list(csv.reader(open("export.csv")))[1:]), view
END
check 0 "$(printf 'upbit\tKRW-ETH\t2026-11-22T03:33:01.000000Z\t3.1\t2\tbuy\t5\t2026-11-22T03:33:01.200000Z')" trades upbit:KRW-ETH
check 0 "$(sed -n '1p;4,5p' export.csv | sed 's/\.\([0-9]*\)Z/.\1Z/g')" trades upbit:KRW-BTC --until 2026-11-22T03:33 --csv
check 0 '[
{"exchange":"upbit","symbol":"KRW-BTC","time":"2026-11-22T03:32:00.000000Z","price":"145000001.5","size":"123456789012.12345678","side":"sell","trade_id":"17953183200000000","received":null},
{"exchange":"upbit","symbol":"KRW-BTC","time":"2026-11-22T03:32:00.000000Z","price":"145000000","size":"0.00000006","side":"buy","trade_id":"17953183200000001","received":"2026-11-22T03:32:00.050000Z"}
]' export upbit:KRW-BTC --until 2026-11-22T03:33:00Z --json
check 0 '{"exchange":"upbit","symbol":"KRW-BTC","time":1795318320000,"price":"145000001.5","size":"123456789012.12345678","side":"sell","trade_id":"17953183200000000","received":null}
{"exchange":"upbit","symbol":"KRW-BTC","time":1795318320000,"price":"145000000","size":"0.00000006","side":"buy","trade_id":"17953183200000001","received":1795318320050}' export 'upbit:*BTC' --until 2026-11-22T03:33:00Z --ndjson --time-format ms
for seconds in s:1795318381 ms:1795318381000 us:1795318381000000; do
	check 0 "$(printf 'upbit\tKRW-ETH\t%s\t3.1\t2\tbuy\t5\t%s' "${seconds#*:}" "$(case $seconds in s:*) echo 1795318381;; ms:*) echo 1795318381200;; us:*) echo 1795318381200000;; esac)")" \
		trades --time-format "${seconds%%:*}" upbit:KRW-ETH
done
check 0 'exchange  symbol   time                         price  size  side  trade_id  received
upbit     KRW-ETH  2026-11-22T03:33:01.000000Z    3.1     2  buy          5  2026-11-22T03:33:01.200000Z' trades upbit:KRW-ETH --table
# Whole numbers of the JSON forms parse, and their strings are what CSV says.
td export --json
"$PYTHON" - <<'END' || fail "JSON and CSV differ"
import csv, json
rows = json.load(open("out.txt"))
want = [{k: v or None for k, v in row.items()} for row in csv.DictReader(open("export.csv"))]
assert rows == want, rows
END
# Options stand before and after the command, and between.
td trades -n1 upbit:KRW-ETH --csv --time-format=s; same "glued options" 0 "$code"
TAPEDECK_DB=$db "$TAPEDECK" trades upbit:KRW-ETH --csv >a.txt || fail "TAPEDECK_DB"
"$TAPEDECK" trades upbit:KRW-ETH --csv --db "$db" >b.txt || fail "--db behind the command"
cmp a.txt b.txt || fail "TAPEDECK_DB and --db differ"
mkdir -p data/tapedeck home/.local/share/tapedeck && cp "$db" data/tapedeck/tape.db && cp "$db" home/.local/share/tapedeck/tape.db
XDG_DATA_HOME=$folder/data "$TAPEDECK" trades upbit:KRW-ETH --csv >b.txt && cmp a.txt b.txt || fail "XDG_DATA_HOME"
HOME=$folder/home "$TAPEDECK" trades upbit:KRW-ETH --csv >b.txt && cmp a.txt b.txt || fail "HOME"
