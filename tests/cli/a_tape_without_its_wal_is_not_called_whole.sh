. "$SOURCE/tests/cli/lib.sh"
small_tape
sqlite "INSERT INTO recorder VALUES (1, 4711, '0.1.0', 1795318320000000, 1795318500000000, NULL, 0, 50000, 0, 0, 0, 0)"
td verify; same "code of a whole tape" 0 "$code"
td ohlc upbit:KRW-BTC -i 1m --since 1795318320 --until 1795318380 --require-complete; same "complete" 0 "$code"
whole=$("$TAPEDECK" --db "$db" export)
# The mark of an orderly stop is not there, and neither is the -wal: as a plain copy of a live tape.
sqlite "UPDATE tape_file SET folded_us = NULL"
td verify --csv; same "code of a copy" 1 "$code"
grep -q '^,,file,failed,"\?copied while recording, without its -wal: rows may be missing, and all after 2026-11-22T03:35:00Z are' out.txt || fail "$out"
td status --table; [[ $(head -1 out.txt) == "copied while recording, without its -wal: rows may be missing"* ]] || fail "$out"
td report --since 2026-11-22; [[ $(head -1 out.txt) == "Copied while recording, without its -wal: "* ]] || fail "$out"
[[ $(sed -n 2p out.txt) == *"all after 2026-11-22T03:35:00Z are" ]] || fail "$out"
check 0 "$whole" export
[[ $err == *"warning"*"copied while recording, without its -wal"* ]] || fail "no warning: $err"
for command in price last trades 'ohlc -i 1m' tickers gaps; do
	td $command upbit:KRW-BTC
	[[ $err == *"copied while recording"* ]] || fail "no warning of $command: $err"
done
td ohlc upbit:KRW-BTC -i 1m --since 1795318320 --until 1795318380 --require-complete; same "nothing is complete" 4 "$code"
same "no candle is complete" 0 "$(td ohlc upbit:KRW-BTC -i 1m; cut -f10 out.txt | sort -u)"
td watch -1; [[ $out == *"copied while recording, without its -wal"* ]] || fail "watch: $out"
# An empty -wal, which any program that opens the copy makes, is as none.
: >"$db-wal"
td verify --csv; same "code of a copy beside an empty -wal" 1 "$code"
td report --since 2026-11-22; [[ $(head -1 out.txt) == "Copied while recording, without its -wal: "* ]] || fail "$out"
rm "$db-wal"
# Copied before the first sign of life, in the middle of a change: no time is made up.
cp "$db" "$folder/early.db"; whole_db=$db db=$folder/early.db
sqlite "DELETE FROM recorder" "DELETE FROM trade"
td report --since 2026-11-22; same "its end" "Rows may be missing, and all after an unknown time are" "$(sed -n 2p out.txt)"
for command in 'report --csv --since 2026-11-22' 'report --since 2026-11-22' markets status last gaps verify; do
	td $command; [[ $out$err != *1970* ]] || fail "$command: $out$err"
done
db=$whole_db
# VACUUM INTO makes one that is whole by itself and ends there; .backup cannot be told from a plain copy.
"$PYTHON" -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))' "$db" "$folder/into.db"
db=$folder/into.db
td verify --csv; same "code of a snapshot" 0 "$code"; grep -q 'it ends at 2026-11-22T03:35:00Z' out.txt || fail "$out"
td status --table; [[ $(head -1 out.txt) == "a snapshot that was taken while the tape was recorded; it ends at 2026-11-22T03:35:00Z" ]] || fail "$out"
td report --since 2026-11-22; [[ $(head -1 out.txt) != "Recorder dead"* ]] || fail "$out"
check 0 "$whole" export; same "no warning" "" "$err"
# What was killed and has its -wal beside it is whole.
db=$folder/killed.db; tape --leave killed
sqlite_wal=$(stat -c %s "$db-wal"); [ "$sqlite_wal" -gt 0 ] || fail "no -wal: this tries nothing"
td verify; same "code beside its -wal" 0 "$code"
