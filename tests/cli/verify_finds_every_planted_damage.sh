. "$SOURCE/tests/cli/lib.sh"
# A market whose ids are numbered one by one (3000 trades by socket behind 5 sparse ones by backfill), and one of longer ids.
"$PYTHON" - >trades.csv <<'END'
print("market,time_us,id,price,size,side,received_us")
start = 1795318320000000
for i in range(5):
    print("binance:BTCUSDT,%d,%d,5,1,buy," % (start - 9000000 + i, 100 + 3 * i))
for i in range(3000):
    print("binance:BTCUSDT,%d,%d,%d.5,0.%d,%s,%d" % (start + i * 100000, 1000 + i, 100 + i % 7, 1 + i % 9, "buy" if i % 2 else "sell", start + i * 100000 + 50))
for i in range(300):
    print("upbit:KRW-BTC,%d,%d,7,1,buy,%d" % (start + i * 1000000, 17953183200000000 + 30 * i, start + i * 1000000 + 50))
END
tape --id-rule upbit:KRW-BTC=10000,0 --cover binance:BTCUSDT=1795318320000000,1795318600000000 --market upbit:KRW-ETH
sqlite "UPDATE market SET ids_step = 1 WHERE symbol = 'BTCUSDT'"
sound=$db
td verify --csv
same "code of a sound tape" 0 "$code"; same "stderr" '' "$err"
same "a row for each market and check" "exchange,symbol,check,result
,,file,ok
,,markets,ok
$(for m in binance,BTCUSDT upbit,KRW-BTC upbit,KRW-ETH; do
	for check in trades candles ids continuity gaps coverage volume; do
		case $check,$m in volume,* | continuity,upbit,*) echo "$m,$check,none" ;; *) echo "$m,$check,ok" ;; esac
	done
done)
,,volume,none" "$(cut -d, -f1-4 out.txt)"
td verify upbit:KRW-BTC; same "one market only" 10 "$(wc -l <out.txt)"
td verify --json; "$PYTHON" -c 'import json; r = json.load(open("out.txt")); assert len(r) == 24 and set(r[0]) == {"exchange", "symbol", "check", "result", "detail"}, r' || fail json

# finds WANTED WORDS STATEMENT...: the tape with these changes; WANTED: the checks that fail, WORDS: of the first detail
finds() {
	local want=$1 words=$2
	shift 2
	db=$folder/damaged.db
	cp "$sound" "$db"
	sqlite "$@"
	td verify --csv
	same "checks that fail after: $*" "$want" "$(grep ,failed, out.txt | cut -d, -f2,3 | tr '\n' ' ' | sed 's/ $//')"
	if [ -z "$want" ]; then same "code after: $*" 0 "$code"; return; fi
	same "code after: $*" 1 "$code"
	[[ $out =~ $words ]] || fail "after $*: no word of '$words' in
$out"
	[[ $err == "tapedeck: "*" of "*" checks failed" ]] || fail "stderr: $err"
}
m1="market_id = (SELECT market_id FROM market WHERE symbol = 'BTCUSDT')"
m2="market_id = (SELECT market_id FROM market WHERE symbol = 'KRW-BTC')"
at=$((1795318320000000 + 100000000)) # of binance id 2000, whose row lies in minute 1
# The exchange's own volume of a day beside the tape as it is now: 300 trades of 1, the last of them at the moment of that volume.
audit() { echo "INSERT INTO audit (market_id, day_from_us, until_us, verdict, theirs, ours, trades, at_us, note) SELECT market_id, 1795305600000000, max(time_us), '$1', '$2', '0', 1, 5, '${3:-}' FROM trade WHERE $m2"; }
volume() { grep ,KRW-BTC,volume, out.txt | cut -d, -f4-; }
finds '' '' "$(audit equal 300)"; same "an equal volume" 'ok,300 up to 2026-11-22T03:36:59.000000Z' "$(volume)"
finds '' '' "$(audit equal 300.0000000001)" # it adds in floating point
finds '' '' "$(audit equal 299)" # it had not counted the last one yet
finds '' '' "$(audit differs 300)" # REST has put back what was missing
finds '' '' "$(audit differs 295)" # likewise, and their volume was of a moment some seconds before the row's end
finds 'KRW-BTC,volume' 'the exchange counts 300.1, the tape 300' "$(audit equal 300.1)"
finds 'KRW-BTC,volume' 'the exchange counts 298.9, the tape 300' "$(audit differs 298.9)"
[ "$(tail -1 out.txt)" = ",,volume,none,proved against the exchange's own volume: 0 of 2" ] || fail "the last line: $(tail -1 out.txt)"
finds ',markets' 'table audit has rows of market 77' "INSERT INTO audit (market_id, day_from_us, until_us, verdict, theirs, ours, trades, at_us) VALUES (77, 0, 0, 'equal', '0', '0', 0, 0)"
finds '' '' "$(audit unproven 300 'the day is not covered from its start')"
same "no proof" 'none,unproven: the day is not covered from its start' "$(volume)"
finds 'BTCUSDT,candles BTCUSDT,continuity' 'ids 2000 to 2000 are missing.*no gap tells' "DELETE FROM trade WHERE $m1 AND time_us = $at"
finds 'KRW-BTC,candles' 'differs from its trades in the number of trades' "DELETE FROM trade WHERE $m2 AND time_us = $at"
finds 'BTCUSDT,candles' 'in the (highest|lowest|opening|closing) price|the turnover' "UPDATE trade SET price = price + 16 WHERE $m1 AND time_us = $at"
finds 'BTCUSDT,candles' 'in the volume' "UPDATE trade SET size = size * 2 WHERE $m1 AND time_us = $at"
finds 'BTCUSDT,candles' "in the buyers' volume" "UPDATE trade SET size = -size WHERE $m1 AND time_us = $at"
minute=$((at / 60000000))
finds 'KRW-BTC,candles' 'in the closing price' "UPDATE candle_1m SET close = 81 WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,candles' 'in the turnover' "UPDATE candle_1m SET turnover = turnover + 16 WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,candles' 'makes no sense' "UPDATE candle_1m SET high = 'dear' WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,candles' 'and no candle' "DELETE FROM candle_1m WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,candles' 'and no trade' "INSERT INTO candle_1m SELECT market_id, minute + 100000, open, high, low, close, volume, buy_volume, turnover, trades FROM candle_1m WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,candles' 'beyond the year 9999' "INSERT INTO candle_1m SELECT market_id, -1, open, high, low, close, volume, buy_volume, turnover, trades FROM candle_1m WHERE $m2 AND minute = $minute"
finds 'KRW-BTC,trades KRW-BTC,candles' 'makes no sense' "UPDATE trade SET price = 'seven' WHERE $m2 AND time_us = $at"
finds 'KRW-BTC,trades' '1 trade before 1970' "INSERT INTO trade SELECT market_id, -5, id, price, size, lag_us FROM trade WHERE $m2 AND time_us = $at"

# Ids: twice, out of order, strays with and without their row.
recount() { echo "UPDATE candle_1m SET trades = trades + 1, volume = volume + 16, buy_volume = buy_volume + 16, turnover = turnover + 16 * 7 WHERE $m2 AND minute = $1"; }
copy() { echo "INSERT INTO trade SELECT market_id, time_us + $1, id - $1 / 1000 * 10000, price, size, lag_us FROM trade WHERE $m2 AND time_us = $at"; }
finds 'KRW-BTC,ids' 'stands behind id 1795318320000.*twice, or not in stray_id' "$(copy 7000000)" "$(recount $minute)"
stray="INSERT INTO stray_id SELECT market_id, 17953183200003000, time_us FROM trade WHERE $m2 AND time_us = $at"
finds 'KRW-BTC,ids' 'is there twice: at .*by stray_id at' "$(copy 7000000)" "$(recount $minute)" "$stray"
finds '' '' "$stray"
finds 'KRW-BTC,ids' 'stray_id names id 5 at .*no such trade' "INSERT INTO stray_id SELECT market_id, 5, $at FROM market WHERE $m2"
finds 'KRW-BTC,ids' 'not in stray_id, though' "UPDATE market SET ids_unordered = 1 WHERE $m2"
finds 'BTCUSDT,candles BTCUSDT,ids' 'id 2000 is there twice' "INSERT INTO trade SELECT market_id, time_us + 5, id, price, size, lag_us FROM trade WHERE $m1 AND time_us = $at"
# One that came out of order is no skip, if stray_id knows it.
late="UPDATE trade SET time_us = time_us + 1550000 WHERE $m1 AND time_us = $at"
finds 'BTCUSDT,ids' 'id 2000 at .*stands behind id 2015' "$late"
finds '' '' "$late" "INSERT INTO stray_id SELECT market_id, 2000, $at + 1550000 FROM market WHERE $m1"

# Skips and the ledger.
cut="DELETE FROM trade WHERE $m1 AND id BETWEEN 2000 AND 2009"
mend() { # the candle of the minute anew, as the recorder would leave it
	"$PYTHON" - "$db" <<-'P'
	import sys, os
	sys.path.insert(0, os.environ["SOURCE"] + "/tests/lib")
	import maketape, sqlite3
	tape = maketape.Tape.__new__(maketape.Tape)
	tape.db = sqlite3.connect(sys.argv[1], isolation_level=None)
	for minute, in tape.db.execute("SELECT minute FROM candle_1m WHERE market_id = 1").fetchall():
	    tape.candle(1, minute)
	P
}
db=$folder/skip.db; cp "$sound" "$db"; sqlite "$cut"; mend; whole=$sound sound=$db
gap() { echo "INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, filled, note, opened_us, closed_us) VALUES (1, $1)"; }
around="$((at - 5000000)), $((at + 5000000))"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009 are missing' "SELECT 1"
finds '' '' "$(gap "$around, 2000, 2009, 'id-skip', 'open', 0, '', 0, NULL")"
finds '' '' "$(gap "$around, 2000, 2009, 'id-skip', 'unfillable', 0, 'too old', 0, 5")"
finds '' '' "$(gap "$around, 2000, NULL, 'disconnect', 'open', 0, '', 0, NULL")"
# A row that REST spoils is a gap of its own within one that is filled.
finds '' '' "$(gap "$around, 1990, 2014, 'disconnect', 'filled', 15, '', 0, 5")" "$(gap "$around, 2000, 2009, 'disconnect', 'unfillable', 0, 'no sense', 0, 5")"
# A filled gap before them, whose last id nobody knew, ends amid the skip in time: what the other row names is told.
finds '' '' "$(gap "$around, 2000, 2009, 'disconnect', 'unfillable', 0, 'too old', 0, 5")" "$(gap "$((at - 5000000)), $((at - 50)), 1990, NULL, 'disconnect', 'filled', 9, '', 0, 5")"
finds '' '' "$(gap "$around, 2000, 2009, 'disconnect', 'unfillable', 0, 'too old', 0, 5")" "$(gap "$around, 2010, NULL, 'disconnect', 'filled', 9, '', 0, 5")"
finds 'BTCUSDT,continuity' 'in a gap that is said to be filled' "$(gap "$around, 1990, NULL, 'disconnect', 'filled', 9, '', 0, 5")"
finds '' '' "$(gap "$around, NULL, NULL, 'disconnect', 'open', 0, '', 0, NULL")"
finds '' '' "$(gap "$around, 1990, 2004, 'disconnect', 'open', 0, '', 0, NULL")" "$(gap "$around, 2005, 2012, 'disconnect', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009.*no gap tells' "$(gap "$around, 2001, 2009, 'id-skip', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009.*no gap tells' "$(gap "$around, 2000, 2008, 'id-skip', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009.*no gap tells' "$(gap "$((at + 200000)), $((at + 5000000)), NULL, NULL, 'silence', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009.*said to be filled' "$(gap "$around, 2000, 2009, 'id-skip', 'filled', 10, '', 0, 5")"
finds 'BTCUSDT,continuity' 'ids 2000 to 2009.*said to be filled' "$(gap "$around, 1500, 2500, 'id-skip', 'filled', 10, '', 0, 5")" "$(gap "$around, 2000, 2009, 'id-skip', 'open', 0, '', 0, NULL")"
sound=$whole
# Nothing is wanted before the first trade by socket: the sparse ids 100 to 112 and what follows them up to 1000.
finds '' '' "DELETE FROM stray_id"

# The rows of ledger and coverage.
finds 'BTCUSDT,gaps' 'ends before it begins' "$(gap "$at, $((at - 1)), NULL, NULL, 'silence', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,gaps' 'never closed' "$(gap "$around, NULL, NULL, 'silence', 'filled', 0, '', 0, NULL")"
finds 'BTCUSDT,gaps' 'is not over' "$(gap "$at, NULL, NULL, NULL, 'silence', 'filled', 0, '', 0, 5")"
finds 'BTCUSDT,gaps' 'does not say why' "$(gap "$around, NULL, NULL, 'silence', 'unfillable', 0, '', 0, 5")"
finds 'BTCUSDT,gaps' 'lower id' "$(gap "$around, 9, 8, 'silence', 'open', 0, '', 0, NULL")"
finds 'BTCUSDT,gaps' 'no such state' "PRAGMA ignore_check_constraints = ON" "$(gap "$around, NULL, NULL, 'silence', 'shut', 0, '', 0, NULL")"
finds 'BTCUSDT,coverage' 'ends before it begins' "UPDATE coverage SET to_us = from_us - 1"
finds 'BTCUSDT,coverage' 'beyond all times' "UPDATE coverage SET to_us = 9000000000000000000"
finds ',markets' 'table gap has rows of market 77' "INSERT INTO gap (market_id, from_us, reason, state, opened_us) VALUES (77, 1, 'silence', 'open', 0)"

# A torn page, wherever it is.
pages=$(($(stat -c %s "$sound") / 4096)) found=0
for page in $(seq 1 11 $((pages - 1))); do
	db=$folder/page.db; cp "$sound" "$db"
	dd if=/dev/zero of="$db" bs=4096 seek="$page" count=1 conv=notrunc status=none
	td verify
	[ "$code" = 1 ] || fail "page $page of $pages is torn, and the code is $code"
	grep -q 'failed' out.txt || fail "page $page of $pages is torn, and no row says so"
	found=$((found + 1))
done
[ "$found" -gt 2 ] || fail "only $found torn pages gave an answer"

# Cut short, so that SQLite cannot even begin: by its header it is a tape all the same, and the check of the file has failed.
whole_bytes=$(stat -c %s "$sound")
for percent in 1 30 60 90; do
	for beside in '' stopped; do
		db=$folder/cut.db; rm -f "$db"*
		head -c $((whole_bytes * percent / 100)) "$sound" >"$db"
		[ -z "$beside" ] || { : >"$db-wal"; head -c 32768 /dev/zero >"$db-shm"; }
		what="verify of $percent % of a tape $beside"
		td verify --csv
		same "code of $what" 1 "$code"
		same "stderr of $what" 'tapedeck: 1 of 1 checks failed' "$err"
		same "rows of $what" 2 "$(wc -l <out.txt)"
		[[ $out =~ ^exchange,symbol,check,result,detail$'\n',,file,failed,.*'is damaged (database disk image is malformed)' ]] || fail "$what: $out"
		refuse 5 'damaged' price upbit:KRW-BTC
	done
done
td verify; same "code, piped" 1 "$code"; [[ $out =~ ^$'\t\tfile\tfailed\t'.*malformed ]] || fail "piped: $out"
td verify --table upbit:KRW-BTC; same "code, table" 1 "$code"; [[ $out =~ ^exchange.*$'\n'.*file.*failed.*malformed ]] || fail "table: $out"
for form in --json --ndjson; do
	td verify $form; same "code of $form" 1 "$code"
	"$PYTHON" -c 'import json; r = json.load(open("out.txt")); r = r[0] if isinstance(r, list) else r; assert r["check"] == "file" and r["result"] == "failed" and "malformed" in r["detail"], r' || fail "$form: $out"
done
refuse 5 'damaged' status
db=$folder/cut.db; rm -f "$db"*; head -c $((whole_bytes - 2000)) "$sound" >"$db"; td verify --csv # less than a page: it can begin
same "code of a cut last page" 1 "$code"; [[ $out =~ ,,file,failed, ]] || fail "a cut last page: $out"
# Not so what is no tape, or another's, or of another schema, however short; and a table that is missing is damage.
db=$folder/foreign.db; head -c $((whole_bytes / 2)) "$sound" >"$db"; printf 'NOTE' | dd of="$db" bs=1 seek=68 conv=notrunc status=none; refuse 5 'damaged' verify
db=$folder/new.db; head -c $((whole_bytes / 2)) "$sound" >"$db"; printf '\0\0\3\0' | dd of="$db" bs=1 seek=60 conv=notrunc status=none; refuse 5 'damaged' verify
db=$folder/head.db; head -c 99 "$sound" >"$db"; refuse 5 'not an SQLite file' verify
db=$folder/gutted.db; cp "$sound" "$db"; sqlite 'DROP VIEW trades' 'DROP TABLE market'; td verify --csv
same "code without a table" 1 "$code"; [[ $out =~ ,,file,failed,.*no\ such\ table:\ market ]] || fail "without a table: $out"

# A tape without a market is sound.
head -1 trades.csv >none.csv; mv none.csv trades.csv; db=$folder/none.db; tape
check 0 "$(printf '\t\tfile\tok\tintegrity_check of the whole file\n\t\tmarkets\tok\tevery row belongs to a market')" verify
