. "$SOURCE/tests/cli/lib.sh"
db=$folder/tape.one # an ending that says nothing: .db is refused as such
"$PYTHON" - >trades.csv <<'END'
print("market,time_us,id,price,size,side,received_us")
for i in range(9000):
    print("upbit:KRW-BTC,%d,%d,%d,1,buy," % (1795318320000000 + i * 10000000 // 3, i + 1, i + 1))
END
tape
td export
same "rows across chunks" 9001 "$(wc -l <out.txt)"
same "ids in order, none twice" "$(seq 1 9000 | md5sum)" "$(tail -n +2 out.txt | cut -d , -f 7 | md5sum)"
# A closed pipe ends it quietly, with 0.
for form in --csv --json --ndjson --table --tsv; do
	"$TAPEDECK" --db "$db" export $form 2>err.txt | head -n 1 >/dev/null
	same "code after a closed pipe, $form" 0 "${PIPESTATUS[0]}"
	[ ! -s err.txt ] || fail "stderr after a closed pipe: $(cat err.txt)"
done
# A failed write is an error.
for command in export markets last 'price upbit:KRW-BTC' 'trades upbit:KRW-BTC' 'ohlc upbit:KRW-BTC -i 1s' -h; do
	"$TAPEDECK" --db "$db" $command >/dev/full 2>err.txt
	same "code of $command on a full disk" 1 $?
	[ "$(wc -l <err.txt)" = 1 ] || fail "$command on a full disk: $(cat err.txt)"
	"$TAPEDECK" --db "$db" $command >&- 2>err.txt
	same "code of $command with stdout closed" 1 $?
done
td export -o /dev/full; same "code of -o /dev/full" 1 "$code"
# -o FILE: whole or not at all.
td export -o file.csv
same "code of -o" 0 "$code"
same "stdout of -o" "" "$out"
same "rows of -o" 9001 "$(wc -l <file.csv)"
echo old >file.csv; chmod 640 file.csv; ln -s file.csv link.csv
td export -o link.csv --since 2030-01-01; same "no data" 3 "$code"; same "left alone" old "$(cat file.csv)"
td export -o link.csv; same "through a link" 9001 "$(wc -l <file.csv)"
same "keeps its mode" 640 "$(stat -c %a file.csv)"
[ -L link.csv ] || fail "the link was replaced"
td export -o nowhere/file.csv; same "no such folder" 1 "$code"
(ulimit -f 64; trap '' XFSZ; "$TAPEDECK" --db "$db" export -o small.csv 2>err.txt); same "a file too large" 1 $?
[ ! -e small.csv ] || fail "a short file stands under the name"
# The tape itself is no place for an export, by whatever name, nor are the files beside it, there or not.
echo log >tape.one-wal; : >tape.one-shm # without a recorder, and no WAL
tape_is() { cat tape.one tape.one-wal | md5sum; }
before=$(tape_is); mkdir sub
ln -s tape.one link.one; ln tape.one hard.one; ln -s "$folder" sub/here
for name in tape.one ./tape.one "$folder/tape.one" sub/../tape.one link.one hard.one sub/here/tape.one; do
	refuse 2 "$name names the tape itself" export -o "$name"
	same "the tape after -o $name" "$before" "$(tape_is)"
done
for name in tape.one-wal sub/here/tape.one-shm; do refuse 2 "$name names a file of the tape itself" export -o "$name"; done
rm tape.one-wal tape.one-shm
for name in tape.one-wal ./tape.one-shm "$folder/tape.one-journal"; do
	refuse 2 "$name names a file of the tape itself" export -o "$name"
	[ ! -e "$name" ] || fail "$name was made"
done
(cd sub && "$TAPEDECK" --db ../link.one export -o tape.one) || fail "another file of that name is refused"
same "rows of the other file" 9001 "$(wc -l <sub/tape.one)"
rm -r sub link.one hard.one
"$TAPEDECK" --db "$db" export -o - >out.txt && same "-o - is stdout" 9001 "$(wc -l <out.txt)"
same "leftovers" "err.txt file.csv link.csv out.txt tape.one trades.csv" "$(echo *)"
