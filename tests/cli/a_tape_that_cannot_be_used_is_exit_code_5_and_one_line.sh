. "$SOURCE/tests/cli/lib.sh"
small_tape
good=$db
all=(last 'trades upbit:KRW-BTC' 'trades upbit:KRW-BTC -f' 'ohlc upbit:KRW-BTC -i 1m' export markets 'tickers upbit:KRW-BTC' gaps status report verify)
refused() { # refused PATTERN [COMMAND...], with $db as it is
	for command in 'price upbit:KRW-BTC' "${@:2}"; do
		refuse 5 "$1" $command
		[ "$(wc -l <err.txt)" = 1 ] || fail "more than one line: $err"
	done
}
db=$folder/none.db; refused "no tape at .*none.db; tapedeckd makes one" "${all[@]}"
db=$folder; refused 'a folder' verify
db=/dev/null; refused 'not a regular file' verify
db=$folder/text.db; yes no tape | head -n 100 >"$db"; refused 'not an SQLite file' verify
db=$folder/short.db; echo SQLite >"$db"; refused 'not an SQLite file' verify
db=$folder/empty.db; : >"$db"; refused 'it is empty' verify
db=$folder/vacant.db; sqlite 'PRAGMA user_version = 1' 'PRAGMA user_version = 0' VACUUM; refused 'empty SQLite file' verify
db=$folder/foreign.db; sqlite 'CREATE TABLE notes (a)'; refused 'another program' verify
db=$folder/foreign.db; sqlite 'PRAGMA application_id = 77'; refused 'another program' verify
db=$folder/new.db; cp "$good" "$db"; sqlite 'PRAGMA user_version = 999'; refused 'too new: its schema is number 999, this tapedeck reads [0-9]+' verify
db=$folder/old.db; cp "$good" "$db"; sqlite 'PRAGMA user_version = 0'; refused 'too old: its schema is number 0, .*tapedeck upgrade .* brings it up to date' verify
db=$folder/first.db; tape --steps 1; refused 'too old: its schema is number 1, .*tapedeck upgrade .* brings it up to date' "${all[@]}"
db=$folder/gutted.db; cp "$good" "$db"; sqlite 'DROP VIEW trades' 'DROP TABLE market'; refused 'damaged .no such table: market' "${all[@]:0:${#all[@]}-1}"
db=$folder/cut.db; head -c 20000 "$good" >"$db"; refused 'damaged' "${all[@]:0:${#all[@]}-1}" # verify, the last, has an answer: see its own case
db=$folder/value.db; cp "$good" "$db"
sqlite "UPDATE trade SET price = 'seven' WHERE market_id = 1"
refuse_after_rows() { td "$@"; same "code of $*" 5 "$code"; [[ $err == *"damaged (a trade of upbit:KRW-BTC at 2026-"* ]] || fail "$err"; }
refuse_after_rows price upbit:KRW-BTC
refuse_after_rows trades upbit:KRW-BTC
refuse_after_rows ohlc upbit:KRW-BTC -i 1s
refuse_after_rows export upbit:KRW-BTC
td export -o file.csv; same "export of it to a file" 5 "$code"; [ ! -e file.csv ] || fail "a short file stands there"
db=$folder/ticker.db; cp "$good" "$db"
sqlite "INSERT INTO ticker VALUES (1, '1D', 1795318320000000, 1, 1, 1, -17, 1, 0)"
refuse 5 'damaged .a ticker of upbit:KRW-BTC at 2026-11-22T03:32:00.000000Z makes no sense' tickers upbit:KRW-BTC

# A tape of many pages, one of them torn: whatever is printed, the code is not 0.
"$PYTHON" - >trades.csv <<'END'
print("market,time_us,id,price,size,side,received_us")
for i in range(6000):
    print("upbit:KRW-BTC,%d,%d,%d,1,buy," % (1795318320000000 + i * 10000000, i + 1, i + 1))
END
db=$folder/torn.db; tape
good=$db pages=$(($(stat -c %s "$good") / 4096)) short=0
for page in $(seq 1 19 $((pages - 1))); do
	db=$folder/page.db; cp "$good" "$db"
	dd if=/dev/zero of="$db" bs=4096 seek=$page count=1 conv=notrunc status=none
	td export
	[ "$code" = 5 ] || [ "$(wc -l <out.txt)" = 6001 ] || fail "page $page: code $code, $(wc -l <out.txt) lines"
	[ "$code" = 0 ] || short=$((short + 1))
done
[ "$short" -gt 1 ] || fail "no torn page was met"

# Locked by another program: waited for, then said so.
db=$folder/locked.db; cp "$good" "$db"; sqlite 'PRAGMA journal_mode = DELETE'
mkfifo hold
: >held.txt
"$PYTHON" -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute("BEGIN EXCLUSIVE"); print("held", flush=True); sys.stdin.read()' "$db" \
	<hold >held.txt &
holder=$!
exec 8>hold
until grep -q held held.txt; do sleep 0.02; done
refuse 5 'being written' price upbit:KRW-BTC
exec 8>&-
wait $holder
check 0 6000 price upbit:KRW-BTC
