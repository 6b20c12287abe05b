. "$SOURCE/tests/cli/lib.sh"
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || skip "only root can become another user"
cat >trades.csv <<'END'
market,time_us,id,price,size,side,received_us
upbit:KRW-BTC,1795318320000000,17953183200000001,145000000,0.00000006,buy,1795318320050000
END
cp "$TAPEDECK" ./tapedeck && chmod 755 ./tapedeck
as_nobody() { ASAN_OPTIONS=detect_leaks=0 setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
as_nobody ./tapedeck --version >/dev/null || skip "nobody cannot run the program here"
# What lies in the folder, whose it is and what is in it; SQLite's -shm changes when the recorder itself writes.
look() { (cd "$1" && stat -c '%n %U %a %s' tape.db* && cat tape.db tape.db-wal 2>/dev/null | md5sum); }
try() { # try WHAT PRICE: a folder that may be read only, then one that might be written
	local mode before
	for mode in 755 777; do
		chmod "$mode" "$1"
		before=$(look "$1")
		same "price, $1 $mode" "$2" "$(as_nobody ./tapedeck --db "$1/tape.db" price upbit:KRW-BTC 2>&1)"
		same "export, $1 $mode" 2 "$(as_nobody ./tapedeck --db "$1/tape.db" export --until 1795318320000001 2>&1 | wc -l)"
		same "what lies beside, $1 $mode" "$before" "$(look "$1")"
		same "price as root, $1 $mode" "$2" "$(./tapedeck --db "$1/tape.db" price upbit:KRW-BTC 2>&1)"
		same "what lies beside after root, $1 $mode" "$before" "$(look "$1")"
	done
}
for state in bare stopped killed; do
	mkdir $state; db=$folder/$state/tape.db
	tape --leave $state
	try $state 145000000
done
mkdir copied; cp killed/tape.db killed/tape.db-wal copied/; try copied 145000000
mkdir live; mkfifo lines
"$PYTHON" "$SOURCE/tests/lib/maketape.py" live/tape.db trades.csv --follow <lines >answers &
exec 9>lines
until grep -q ready answers; do sleep 0.02; done
try live 145000000
echo upbit:KRW-BTC,1795318320000001,17953183200000002,145000007,1,buy, >&9
until grep -q ok answers; do sleep 0.02; done
try live 145000007
exec 9>&-
wait
# Not even readable: said so.
chmod 600 bare/tape.db
as_nobody ./tapedeck --db bare/tape.db price upbit:KRW-BTC 2>err.txt; same "unreadable" 5 $?
grep -q 'Permission denied' err.txt || fail "$(cat err.txt)"
