. "$SOURCE/tests/cli/lib.sh"
small_tape --leave stopped
sqlite "INSERT INTO recorder VALUES (1, 4711, '0.1.0', 1795318320000000, 1795318500000000, NULL, 0, 50000, 0, 0, 0, 0)"
td status --table; [[ $out != *"-wal"*MiB* ]] || fail "nothing is large: $out"
# A reader in a process of its own holds a snapshot, and 65 MiB are written beside it.
"$PYTHON" - "$db" <<'P' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM trade").fetchone()
open("held", "w").close()
time.sleep(100)
P
holder=$!
for i in $(seq 100); do [ -e held ] && break; sleep 0.1; done
sqlite "CREATE TABLE big (b)" "UPDATE tape_file SET wal_since_us = 1795318400000000" \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70) INSERT INTO big SELECT randomblob(1048576) FROM n"
size=$(stat -c %s "$db-wal"); [ "$size" -gt $((64 << 20)) ] || fail "the -wal has $size bytes: this tries nothing"
td status --table
line=$(sed -n 2p out.txt) known="python3 (pid $holder)"
sees_locks || [[ $line == *"$known" ]] || known='not known' # within a namespace of processes it may be known all the same
same "the line of the -wal" "the -wal is $((size >> 20)) MiB, large since 2026-11-22T03:33:20Z; a snapshot is held by: $known" "$line"
td status --csv --time-format us
sees_locks && same "in rows" "$size,1795318400000000,$known" "$(tail -1 out.txt | cut -d, -f14-16)"
exit 0
