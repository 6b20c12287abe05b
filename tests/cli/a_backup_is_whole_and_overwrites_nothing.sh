. "$SOURCE/tests/cli/lib.sh"
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 800); do echo "upbit:KRW-BTC,$((1795318320000000 + i * 1000)),$i,$i.5,1,buy,"; done
} >trades.csv
tape
"$TAPEDECK" --db "$db" export >want.csv
dated='tape-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.db'

# Into a file that is not there yet.
td backup copy.db
same "code" 0 "$code"
same "what it prints" "./copy.db	$(stat -c %s copy.db)" "$out"
"$TAPEDECK" --db copy.db export | cmp - want.csv || fail "the copy has other trades"
"$TAPEDECK" --db copy.db verify >/dev/null || fail "the copy is not sound"
refuse 1 'copy.db is there already, and a backup overwrites nothing' backup copy.db
"$TAPEDECK" --db copy.db export | cmp - want.csv || fail "the copy was touched"
refuse 1 'there is no folder nowhere/; make it first' backup nowhere/copy.db
refuse 1 'there is no folder nowhere/' backup nowhere/
refuse 2 '--keep is for copies in a folder' backup other.db --keep 3
refuse 2 "'backup' wants one FILE" backup
refuse 2 "'backup' wants one FILE" backup a b
refuse 2 'whole number of copies from 1' backup . --keep 0
[ -z "$(ls -A | grep -F .new)" ] || fail "left behind: $(ls -A)"

# Into a folder, dated; of these the newest stay, and nothing else there is touched.
mkdir copies; touch copies/tape-20200101T000000Z.db copies/tape-20210101T000000Z.db copies/tape-notes.db copies/other-20200101T000000Z.db
td backup copies --csv
same "code of a dated one" 0 "$code"
same "dated copies" 3 "$(ls copies/$dated | wc -l)"
sleep 1.1
td backup copies/ --keep 2 --json
same "code with --keep" 0 "$code"
same "dated copies that stay" 2 "$(ls copies/$dated | wc -l)"
for copy in copies/$dated; do "$TAPEDECK" --db "$copy" export | cmp - want.csv || fail "$copy differs"; done
[ -e copies/tape-notes.db ] && [ -e copies/other-20200101T000000Z.db ] || fail "another file went"

# The one just made stays, whatever dates others claim; a folder of such a name is left alone; what cannot be removed is named.
mkdir later; for year in 2097 2098; do cp copy.db later/tape-${year}0101T000000Z.db; done; mkdir later/tape-20200101T000000Z.db
made=$("$TAPEDECK" --db "$db" backup later --keep 2 | cut -f 1)
[ -s "$made" ] && [ "$(ls later/$dated -d | wc -l)" = 3 ] || fail "with --keep beside later dates: $made, $(ls later)"
# What a killed one left goes with the next; the tape's own files are spared; two at once do not meet.
: >copies/.tape-20260101T000000Z.db.new-abcdef; : >copies/.tape-20260101T000000Z.db.new-abcdef-journal
sleep 1.1; td backup copies; same "code beside leftovers" 0 "$code"
[ -z "$(ls -A copies | grep new-)" ] || fail "leftovers stay: $(ls -A copies)"
for ending in -wal -shm -journal; do refuse 1 'would destroy it' backup "$db$ending"; done
"$TAPEDECK" --db "$db" backup twice.db >/dev/null 2>one.txt & one=$!
"$TAPEDECK" --db "$db" backup twice.db >/dev/null 2>two.txt; two=$?
wait $one; one=$?
[ "$one$two" = 01 ] || [ "$one$two" = 10 ] || fail "two at once: $one, $two: $(cat one.txt two.txt)"
grep -qE 'there already|File exists' one.txt two.txt || fail "two at once: $(cat one.txt two.txt)"
"$TAPEDECK" --db twice.db export | cmp - want.csv || fail "two at once spoil the copy"

# While it is recorded: as of one moment, whole by itself, and the tape is not hindered.
mkfifo lines
"$PYTHON" "$SOURCE/tests/lib/maketape.py" live.db trades.csv --follow <lines >answers &
exec 9>lines
answered() { for i in $(seq 1 1500); do [ "$(wc -l <answers)" -ge "$1" ] && return; sleep 0.02; done; fail "the writer waits"; }
answered 1
for i in $(seq 1 200); do echo "upbit:KRW-BTC,$((1795318420000000 + i * 1000)),$((9000 + i)),1,1,buy," >&9; done &
"$TAPEDECK" --db live.db backup of-live.db >/dev/null 2>err.txt || fail "of a live tape: $(cat err.txt)"
wait $!
answered 201
rows=$("$TAPEDECK" --db of-live.db export | wc -l)
[ "$rows" -ge 801 ] && [ "$rows" -le 1001 ] || fail "$rows rows"
"$TAPEDECK" --db of-live.db verify >out.txt || fail "the copy of a live tape: $(cat out.txt)"
! grep -q "rows may be missing" out.txt || fail "it is called a part"
exec 9>&-
wait

# A full disk, or one that may not be written: no part of it stays.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=16k none small 2>/dev/null; then
	refuse 1 'small/full.db cannot be written: database or disk is full' backup small/full.db
	same "left on the full disk" '' "$(ls -A small)"
	umount small
fi
refuse 5 'there is no tape at none.db' --db none.db backup x.db
