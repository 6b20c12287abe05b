. "$SOURCE/tests/cli/lib.sh"
now=$(($(date +%s) * 1000000)) hour=3600000000
start=$((now - 10 * hour))
{
	echo market,time_us,id,price,size,side,received_us
	for m in upbit:KRW-BTC upbit:KRW-ETH binance:BTCUSDT; do
		echo "$m,$((now - 30 * hour)),1,5,1,buy,$((now - 30 * hour))"
		for i in 1 2 3 4; do echo "$m,$((start + i * hour + 7)),$((i + 1)),5,1,buy,$((start + i * hour + 50))"; done
	done
	echo "upbit:KRW-BTC,$((start + 5 * hour + 1000000)),9,5,1,buy,"
	echo "upbit:KRW-BTC,$((start + 5 * hour + 2000000)),10,5,1,buy,"
} >trades.csv
covers=()
for m in upbit:KRW-BTC upbit:KRW-ETH binance:BTCUSDT; do covers+=(--cover "$m=$start,$((now - 5000000))"); done
tape "${covers[@]}" --market upbit:KRW-XRP
sqlite "DELETE FROM wanted WHERE market_id = (SELECT market_id FROM market WHERE symbol = 'KRW-XRP')" # only its tickers are recorded
beat() { sqlite "INSERT OR REPLACE INTO recorder VALUES (1, 4711, '0.1.0', $start, $(date +%s)000000 - $1 * 1000000, ${2:-NULL}, 12, 50000, 3, 99, 5, 7)"; }
gap() { sqlite "INSERT INTO gap (market_id, from_us, to_us, reason, state, filled, note, opened_us, closed_us) VALUES ((SELECT market_id FROM market WHERE symbol = '$1'), $2, 0, NULL)"; }
second() { date -u -d "@$(($1 / 1000000))" +%Y-%m-%dT%H:%M:%SZ; }
fits() {
	[ "$(wc -l <out.txt)" -le 24 ] || fail "$1: $(wc -l <out.txt) lines"
	"$PYTHON" -c '
import sys, unicodedata
for line in open("out.txt", encoding="utf-8"):
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    assert width <= 80 and line.rstrip("\n").isprintable(), (width, line)' || fail "$1: too wide"
}
report() { td report "$@"; same "code of report $*" 0 "$code"; fits "report $*"; }
first() { report "${@:2}"; [[ $(head -1 out.txt) =~ $1 ]] || fail "the first line is not '$1': $(head -1 out.txt)"; }

hold
beat 1
first "^All 3 markets whole from $(second "$start") to $(second $((now - 5000000)))$" # which is what coverage proves
beat 9; sign=$("$PYTHON" -c "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(\"SELECT beat_us FROM recorder\").fetchone()[0])" "$db")
first "^All 3 markets whole from $(second "$start") to $(second $((sign < now - 5000000 ? sign : now - 5000000)))$"
grep -q "^period .* to $(second "$sign"), " out.txt || fail "the period does not end with the last sign of life: $out"
let_go
if sees_locks; then
	first "^Recorder dead since $(second "$sign"); all 3 markets whole until "
	grep -q '^recorder  dead: nothing is recorded since 20' out.txt || fail "$out"
	sqlite "UPDATE coverage SET to_us = $sign - 2000000"
	first "^Recorder dead since $(second "$sign"); all 3 markets whole until $(second $((sign - 2000000)) | cut -c 12-)$"
	sqlite "UPDATE coverage SET to_us = $now - 5000000"
fi
hold
beat 1
first '^All 3 markets whole'
grep -q '^recorder  alive: runs for 10h 00m (pid 4711, version 0.1.0)$' out.txt || fail "recorder: $out"
grep -q '3 reconnects, 5 messages of no use, 7 trades lost, queue 12 of 50000$' out.txt || fail "counters: $out"
grep -Eq '^binance +1 +4 +0 +100% +0 +0 +0 +0 +0$' out.txt || fail "binance: $out"
[ "$(grep -c 'tapedeck gaps' out.txt)" = 0 ] || fail "nothing remains: $out"
gap KRW-BTC "$((start + 5 * hour)), $((start + 6 * hour)), 'disconnect', 'filled', 2, ''"
first '^All 3 markets whole'
grep -Eq '^upbit +2 +10 +2 +100% +1 +1 +0 +0 +0$' out.txt || fail "upbit: $out"
gap KRW-BTC "$((start + 7 * hour)), $((start + 7 * hour + 90000000)), 'silence', 'unfillable', 0, 'REST reaches back 7 days'"
first '^1 gap remains in 1 market of 3, 1m 30s in all$'
gap KRW-ETH "$((now - hour)), NULL, 'disconnect', 'open', 0, ''"
gap KRW-ETH "$((now - 40 * hour)), $((now - 39 * hour)), 'not-running', 'unfillable', 0, 'older than --fill-limit'"
first '^2 gaps remain in 2 markets of 3, 1h 01m in all$'
same "the longest first" 'upbit:KRW-ETH upbit:KRW-BTC' "$(sed -n '/^What remains/,$p' out.txt | tail -n +2 | cut -d' ' -f1 | tr '\n' ' ' | sed 's/ $//')"
grep -Eq "^upbit:KRW-BTC +$(second $((start + 7 * hour))) +1m 30s silence: REST reaches" out.txt || fail "worst: $out"
grep -Eq '^upbit +2 +10 +2 +9[0-9.]+% +3 +1 +1 +1 +1h 01m$' out.txt || fail "upbit: $out"
first '^3 gaps remain in 2 markets of 3, 2h 01m in all$' --since -2d
cp out.txt piped.txt
td report --csv
columns=exchange,symbol,trades,first,last,filled_trades,gaps,gaps_filled,gaps_open,gaps_unfillable,missing_ms,covered_percent,recorded_until
same "columns" "$columns" "$(head -1 out.txt)"
same "a market" "binance,BTCUSDT,4,$((start / 1000000 + 3600)),$((start / 1000000 + 14400)),0,0,0,0,0,0,100," "$(td report --csv --time-format s; sed -n 2p out.txt)"
same "with gaps" '6 2 2 1 0 1 90000 99.74' "$(td report --csv; grep KRW-BTC out.txt | cut -d, -f3,6-12 | tr , ' ')"
same "without trades" 'upbit,KRW-XRP,0,,,0,0,0,0,0,0,,' "$(tail -1 out.txt)"
td report --json
"$PYTHON" -c 'import json; r = json.load(open("out.txt"))[1]; assert r["covered_percent"] == "99.74" and r["gaps"] == 2 and r["trades"] == 6, r' || fail json
td report --ndjson; same "objects" 4 "$(wc -l <out.txt)"
td report --tsv; same "rows" 4 "$(wc -l <out.txt)"
same "from the middle of a minute" 2 "$(td report --tsv --since $((start + 3 * hour + 7)); cut -f 3 out.txt | head -1)"
same "and just behind the trade" 1 "$(td report --tsv --since $((start + 3 * hour + 8)); cut -f 3 out.txt | head -1)"

# The recorder's end is the night's end, and a dead one is told first.
sqlite "DELETE FROM gap"
beat 1 $((now - 4000000)); first '^All 3 markets whole'; grep -q '^recorder  stopped: nothing is recorded since 20' out.txt || fail "$out"
beat 7200; first "^Recorder dead since 20.*; all 3 markets whole until then"; grep -q '^recorder  dead: nothing' out.txt || fail "$out"
sqlite "DELETE FROM recorder"; first '^All 3 markets whole'; grep -q '^recorder  never' out.txt || fail "$out"
# Covered is what coverage says, gap or no gap.
sqlite "UPDATE coverage SET to_us = to_us - 3600000000 WHERE market_id = 1"
first '^No gap remains, but 1 market of 3 not covered all the time \(96.6[0-9] % in all\)$'

# Markets that began at different times: no start is said of all.
sqlite "UPDATE coverage SET to_us = $now - 5000000" "UPDATE coverage SET from_us = from_us + 3 * $hour WHERE market_id = 2"
first "^All 3 markets whole, each from its own start to $(second $((now - 5000000)))$"
same "starts" "The first starts at $(second "$start"), the last at $(second $((start + 3 * hour)))" "$(sed -n 2p out.txt)"
beat 7200; first "^Recorder dead since 20.*; all 3 markets whole until then$"
[[ $(sed -n 2p out.txt) == "The first starts at $(second "$start"), the last at "* ]] || fail "$out"
sqlite "UPDATE coverage SET from_us = $start + 4000000 * (market_id = 2)" "DELETE FROM recorder"
first "^All 3 markets whole from $(second "$start") to $(second $((now - 5000000)))$"
# Trades of which nothing is proved, as of a recorder that was killed before the first proof; tickers alone; nothing.
sqlite "CREATE TABLE kept AS SELECT * FROM coverage" "DELETE FROM coverage"
first '^14 trades, and nothing proves that none is missing$'
beat 7200; first '^Recorder dead since 20.*; 14 trades, not proved whole$'; sqlite "DELETE FROM recorder"
first '^Nothing was recorded in this time$' --since -1h
sqlite "INSERT INTO ticker SELECT market_id, '1H', $now - 7, 0, 0, 0, 0, 0, 0 FROM market WHERE symbol = 'KRW-XRP'" \
	"INSERT INTO ticker SELECT market_id, '24H', 7, 0, 0, 0, 0, 0, 0 FROM market WHERE symbol = 'KRW-XRP'"
first '^Tickers alone were recorded$' --since -1h
sqlite "INSERT INTO coverage SELECT * FROM kept" "DROP TABLE kept"

# One screen, whatever there is: many markets, exchanges, gaps, names in any script.
"$PYTHON" - "$db" "$now" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
now = int(sys.argv[2])
for n in range(300):
    db.execute("INSERT INTO market (market_id, exchange, symbol) VALUES (?, ?, ?)", (100 + n, "exchange-%d" % (n % 9), "币安人生币安人生币安人生-%03d" % n if n % 2 else "A-RATHER-LONG-SYMBOL-THAT-FILLS-THE-LINE-%03d" % n))
    db.execute("INSERT INTO wanted VALUES (?, 0, NULL)", (100 + n,))
    db.execute("INSERT INTO gap (market_id, from_us, to_us, reason, state, note, opened_us) VALUES (?, ?, ?, 'overflow', 'unfillable', ?, 0)", (100 + n, now - 5000000000, now - 5000000000 + 10 ** (n % 10), "why\nit is so, 왜 그런지 " * 9))
db.commit()
END
first '^300 gaps remain in 300 markets of 303, '
same "all 24 lines" 24 "$(wc -l <out.txt)"
[[ $(tail -1 out.txt) =~ ^and\ ([0-9]+)\ more:\ tapedeck\ gaps$ ]] || fail "no word of the rest: $(tail -1 out.txt)"
same "and they add up" 300 $((BASH_REMATCH[1] + $(grep -c ' overflow: ' out.txt)))
[[ $out == *"and 5 more: tapedeck report --csv"* ]] || fail "no word of the other exchanges: $out"
# The same text at a terminal.
if command -v script >/dev/null; then
	td report --since "$(second $((now - 86400000000)))"
	script -qec "'$TAPEDECK' --db '$db' report --since $(second $((now - 86400000000)))" /dev/null </dev/null | tr -d '\r' | grep -v '^period' >terminal.txt
	same "at a terminal" "$(grep -v '^period' out.txt)" "$(cat terminal.txt)"
fi

# A tape without a market.
echo market,time_us,id,price,size,side,received_us >trades.csv; rm "$db"; tape
td report; same "code of an empty tape" 3 "$code"; [[ $out == "Nothing was recorded: "* ]] || fail "$out"
td report --csv; same "code of its rows" 3 "$code"; same "rows of it" "$columns" "$out"
