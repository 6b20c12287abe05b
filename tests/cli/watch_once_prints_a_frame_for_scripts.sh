. "$SOURCE/tests/cli/lib.sh"
# Prices, changes, pace and age as they are now: trades around this moment.
now=$(date +%s)
cat >trades.csv <<END
market,time_us,id,price,size,side,received_us
upbit:KRW-BTC,$((now - 7300))000000,1,100,1,buy,$((now - 7300))050000
upbit:KRW-BTC,$((now - 3))000000,2,145000000.5,1,sell,$((now - 3))050000
upbit:KRW-ETH,$((now - 200))000000,1,3,1,buy,
upbit:KRW-ETH,$((now - 199))000000,2,2.7,1,buy,
bithumb:比特币-KRW,$((now - 400000))000000,1,0.00000001,1,buy,
END
tape --market upbit:KRW-XRP --market "$(printf 'binance:EVIL\033[2J')"
row() { grep -F -- "$1" out.txt || fail "no row of $1: $out"; }

LC_ALL=C.UTF-8 td watch -1
same "exit code" 0 "$code"
[ -z "$err" ] || fail "stderr: $err"
grep -q ' tapedeck  5 markets ' out.txt || fail "no head: $out"
grep -q 'no recorder has said on this tape that it lives  lag 50 ms' out.txt || fail "no health: $out"
grep -qE '^  MARKET +LAST +DAY +HOUR +T/MIN +LAST HOUR +AGE$' out.txt || fail "no names of columns: $out"
[[ $(row upbit:KRW-BTC) =~ ^"  upbit:KRW-BTC "*145000000.5' ▲ '.*' '[3-9]s$ ]] || fail "KRW-BTC: $(row upbit:KRW-BTC)"
[[ $(row upbit:KRW-ETH) =~ 2.7' ▼ '.*-10.00%.*3m(19|2[0-9])s$ ]] || fail "KRW-ETH: $(row upbit:KRW-ETH)"
[[ $(row upbit:KRW-XRP) =~ ^"  upbit:KRW-XRP"$ ]] || fail "a market without trades: $(row upbit:KRW-XRP)"
[[ $(row 比特币) =~ ^"  bithumb:比特币-KRW "*0.00000001' '+-' '+-' '.*4d$ ]] || fail "wide characters: $(row 比特币)"
grep -qF 'binance:EVIL?[2J' out.txt || fail "the hostile name: $out"
grep -q $'\033' out.txt && fail "an escape gets through"
# All rows end with their age in the same column, whatever is wide in them; the last column stays blank.
same "width of the rows" 79 "$(grep -E 's$|d$' out.txt | grep -E '^  ' | LC_ALL=C.UTF-8 wc -L)"
same "last against watch" "$("$TAPEDECK" --db "$db" last --tsv | awk '{ print $4 }' | sort)" \
	"$(awk '/^  (upbit|bithumb):/ && NF > 2 { print $2 }' out.txt | sort)"

# As wide as it is told; ASCII alone where the locale is another, or where that is asked for.
COLUMNS=200 LC_ALL=C.UTF-8 td watch -1
same "width" 199 "$(LC_ALL=C.UTF-8 wc -L <out.txt)"
for ascii in 'C' 'C.UTF-8 --ascii'; do
	read -r LC_ALL option <<<"$ascii"
	# shellcheck disable=SC2086
	td watch -1 $option
	grep -qE 'KRW-ETH +2.7 v' out.txt || fail "$ascii: $out $err"
	LC_ALL=C grep -q '[^ -~]' out.txt && fail "not ASCII: $ascii"
done
LC_ALL=C
# Some markets only; names and patterns as everywhere.
td watch -1 upbit:KRW-ETH 'bithumb:*'
same "markets chosen" 2 "$(grep -cE '^  (upbit|bithumb):' out.txt)"

# What the recorder said, and a gap.
"$PYTHON" - "$db" "$now" <<'END'
import sqlite3, sys
db, now = sqlite3.connect(sys.argv[1]), int(sys.argv[2]) * 1000000
db.execute("INSERT INTO recorder VALUES (1, 4711, 'v', ?, ?, NULL, 5, 50000, 3, 0, 0, 2)", (now - 3723000000, now))
db.execute("INSERT INTO gap (market_id, from_us, reason, state, opened_us) SELECT market_id, 5, 'disconnect', 'open', 6"
           " FROM market WHERE symbol = 'KRW-ETH'")
db.commit()
END
if sees_locks; then # it says it lives, and nobody holds its lock: status says dead, and so does this
	td watch -1; grep -q 'RECORDER DEAD, silent for' out.txt || fail "health without its lock: $out"
fi
hold
td watch -1
grep -qE 'recorder alive 62m0[3-9]s  lag 50 ms  LOST 2  open gaps 1  reconnects 3  queue 5$' out.txt || fail "health: $out"
grep -q '^x upbit:KRW-ETH' out.txt || fail "no mark of the gap: $out"
"$PYTHON" -c "import sqlite3; d = sqlite3.connect('$db'); d.execute('UPDATE recorder SET beat_us = beat_us - 60000000'); d.commit()"
td watch -1
grep -qE 'RECORDER DEAD, silent for [67][0-9]s' out.txt || fail "health: $out"

# Gone quiet beyond its habit: marked; slow: not.
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 60); do
		echo "x:BUSY,$((now - 300 + i))000000,$i,5,1,buy,"
		echo "x:SLOW,$((now - 300 - (60 - i) * 120))000000,$i,5,1,buy,"
	done
} >trades.csv
rm -f "$db"*
tape
td watch -1
grep -q '^! x:BUSY' out.txt || fail "what has gone quiet is not marked: $out"
grep -q '^  x:SLOW' out.txt || fail "what is merely slow is marked: $out"

# A tape without a market is a frame, too.
echo market,time_us,id,price,size,side,received_us >trades.csv
rm -f "$db"*
tape
td watch -1
same "exit code of an empty tape" 0 "$code"
grep -q 'there is no market on this tape yet' out.txt || fail "an empty tape: $out"
exit 0
