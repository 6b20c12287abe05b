. "$SOURCE/tests/cli/lib.sh"
minutes_with_trades | sed -n '1p;2p' >trades.csv
tape --cover "upbit:KRW-BTC=$((start * 1000000)),$(((start + 60) * 1000000))"
sqlite "INSERT INTO recorder VALUES (1, 1, 'test', 1795318320000000, 1795318700000000, 1795318700000000, 0, 1, 1, 5, 1, 1)" \
	"INSERT INTO gap VALUES (1, 1, 1795318500000000, 1795318500000001, NULL, NULL, 'disconnect', 'open', 0, '', 1795318500000000, NULL)"
td verify --csv
for words in 'trades,.*,1 trade$' 'candles,.*,1 minute$' 'gaps,.*,1 gap$' 'coverage,.*,1 stretch$'; do
	grep -qE "KRW-BTC,$words" out.txt || fail "verify does not say $words: $out"
done
td status --table
grep -q '1 reconnect, 1 message of no use, 1 trade lost' out.txt || fail "status: $out"
td report --table
grep -q '1 reconnect, 1 message of no use, 1 trade lost' out.txt || { td report; grep -q '1 reconnect, 1 message' out.txt; } || fail "report: $out"
