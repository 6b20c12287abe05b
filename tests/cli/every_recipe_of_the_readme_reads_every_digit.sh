. "$SOURCE/tests/cli/lib.sh"
# The first market's prices are whole, further than any tool looks to guess types; a later one's have fractions.
"$PYTHON" - >trades.csv <<'END'
print("market,time_us,id,price,size,side,received_us")
for i in range(25000):
    print("upbit:KRW-BTC,%d,%d,%d,%d,buy," % (1795318320000000 + i * 10000000, i + 1, 145000000 + i, i % 7 + 1))
for i in range(500):
    print("upbit:KRW-XRP,%d,%d,%d.%02d,0.%08d,sell," % (1795318320000000 + i * 60000000, i + 1, 1 + i % 2, i % 99 + 1, 12345679 + i))
for symbol in ("NA", "null"):  # names that some tools take for nothing
    print("upbit:%s,1795318320000000,17953183200000001,0.1234567890123456,0.000000000000000001,buy," % symbol)
END
mkdir -p .local/share/tapedeck
db=$folder/.local/share/tapedeck/tape.db
tape
td export; cp out.txt trades.csv
readme=$SOURCE/README.md
block() { awk -v kind="$1" '$0 == "```" kind { on = 1; next } /^```$/ { on = 0 } on' "$readme"; } # the lines of blocks of that kind
recipe() { block sh | grep "$1" | grep -F "$2" || fail "the README has no line with $1 and $2"; }
run() { HOME=$folder bash -c "$1" 2>err.txt || fail "this line of the README ends with an error: $1: $(cat err.txt)"; }
sums() { # of each symbol in JSON-free rows "symbol price size" on stdin, exact
	"$PYTHON" -c '
import sys
from fractions import Fraction
sums = {}
for line in sys.stdin:
    symbol, price, size = line.split()
    p, s, n = sums.get(symbol, (0, 0, 0))
    sums[symbol] = (p + Fraction(price), s + Fraction(size), n + 1)
for symbol in sorted(sums): print(symbol, *sums[symbol])'
}
tail -n +2 trades.csv | cut -d , -f 2,4,5 | tr , ' ' | sums >want.txt
same "markets" 4 "$(wc -l <want.txt)"

same "python: the sum of sizes" "$("$PYTHON" -c '
import csv
from fractions import Fraction
print(sum(Fraction(row["size"]) for row in csv.DictReader(open("trades.csv"))))')" \
	"$(run "$(recipe python3 csv)" | "$PYTHON" -c 'from fractions import Fraction; print(Fraction(input()))')"

if command -v sqlite3 >/dev/null; then
	run "$(recipe sqlite3 'FROM trades')" >got.txt
	same "sqlite3: the last trades" "$(cut -d , -f 3-6 trades.csv | sort -r | sed -n 2,4p | tr , '|')" "$(cat got.txt)"
	run "$(recipe sqlite3 'FROM candles')" >got.txt
	td ohlc upbit:KRW-BTC -i 1m --csv
	same "sqlite3: the last candles" "$(tail -n 3 out.txt | cut -d , -f 1-6 | sort -r | sed 's/^/KRW-BTC,/' | tr , '|')" "$(cat got.txt)"
	sqlite3 "$db" "SELECT symbol, price, size FROM trades" | tr '|' ' ' | sums | cmp - want.txt || fail "sqlite3: the view's sums"
else
	echo "skipped: sqlite3 is not installed"
fi

for python in "$PYTHON" python3; do "$python" -c 'import pandas' 2>/dev/null && break || python=; done
if [ -n "$python" ]; then
	{ echo 'import decimal, pandas'; block python; echo 'for row in trades.itertuples(): print(row.symbol, row.price, row.size)'; } >recipe.py
	grep -q read_csv recipe.py || fail "the README has no recipe for pandas"
	"$python" recipe.py >got.txt || fail "pandas"
	sums <got.txt | cmp - want.txt || fail "pandas: other sums"
else
	echo "skipped: pandas is not installed"
fi

# DuckDB: the program, or TAPEDECK_NODE_MODULES=FOLDER that holds @duckdb/node-api, for node.
cat >duck.cjs <<'END'
const { DuckDBInstance } = require(process.env.TAPEDECK_NODE_MODULES + "/@duckdb/node-api");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  for (const row of (await db.runAndReadAll(process.argv[2])).getRowsJson()) console.log(row.join(","));
})().catch((e) => { console.error(String(e)); process.exit(1); });
END
duck() { if command -v duckdb >/dev/null; then duckdb -csv -noheader -c "$1"; else node duck.cjs "$1"; fi; }
sql=$(block sql | grep read_csv) || fail "the README has no recipe for DuckDB"
if command -v duckdb >/dev/null || { [ -n "${TAPEDECK_NODE_MODULES:-}" ] && command -v node >/dev/null; }; then
	duck "$sql" >got.txt || fail "DuckDB"
	same "DuckDB: sums of sizes" "$(cut -d ' ' -f 1,3 want.txt)" \
		"$(sort got.txt | "$PYTHON" -c '
import csv, sys
from fractions import Fraction
for symbol, total in csv.reader(sys.stdin): print(symbol, Fraction(total))')"
	from=$(grep -o "read_csv(.*)" <<<"${sql%% GROUP*}")
	duck "SELECT symbol, price, size FROM $from" | tr , ' ' | sums | cmp - want.txt || fail "DuckDB: other sums"
else
	echo "skipped: DuckDB is not installed"
fi
