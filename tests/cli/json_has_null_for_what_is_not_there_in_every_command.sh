. "$SOURCE/tests/cli/lib.sh"
small_tape
sqlite "INSERT INTO gap VALUES (1, 1, 1795318500000000, NULL, NULL, NULL, 'disconnect', 'open', 0, '', 1795318500000000, NULL)"
# Each command's JSON against its CSV: an empty field is null, any other one a number or a string of the same digits.
for command in 'last upbit:*' 'trades upbit:KRW-BTC' 'trades bithumb-legacy:BTC_KRW' export markets gaps status report verify \
	'ohlc upbit:KRW-BTC -i 1m' 'price upbit:KRW-BTC'; do
	for times in rfc3339 us; do
		set -f
		td $command --time-format $times --csv; cp out.txt rows.csv
		td $command --time-format $times --json; cp out.txt rows.json
		td $command --time-format $times --ndjson
		set +f
		"$PYTHON" - <<'END' || fail "$command --time-format $times: JSON, NDJSON and CSV differ"
import csv, json
rows, lines, table = json.load(open("rows.json")), [json.loads(line) for line in open("out.txt")], list(csv.DictReader(open("rows.csv")))
assert table and len(rows) == len(lines) == len(table), (len(rows), len(lines), len(table))
DECIMALS = "price size trade_id from_id to_id open high low close volume vwap buy_volume".split()
MOVING = "age_ms pace_ms heartbeat from to".split()  # with the clock, from one run to the next
for row, line, want in zip(rows, lines, table):
    assert list(row) == list(line) == list(want), (list(row), list(want))
    for name, text in want.items():
        for value in (row[name], line[name]):
            assert (value is None) == (text == ""), (name, value, text)
            assert value is None or isinstance(value, str if name in DECIMALS else (str, int)), (name, value)
            assert name in MOVING or value is None or str(value) == text, (name, value, text)
END
	done
done
td trades bithumb-legacy:BTC_KRW --json
grep -q '"trade_id":null' out.txt || fail "an id that is not there"
td markets --json
grep -q '"symbol":"KRW-XRP","trades":0,"first":null,"last":null' out.txt || fail "times of no trade: $out"
td gaps --json
grep -q '"from_id":null,"to_id":null' out.txt || fail "ids of a gap without: $out"
