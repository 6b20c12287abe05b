# alone
# build: release
# timeout: 240
# Upbit floods while the disk takes 0.3 s for each commit: Upbit alone is throttled, and Bithumb's trades are on the tape within two
# seconds all the while.  Then Upbit sends 350 bad frames a second to 250 markets:
# Bithumb's trades are read at once, and no market of Upbit's has more than a gap at a time.
. "$(dirname "$0")/../lib/system.sh"
make_certs
declare -A ports=() pids=()
serve() { # EXCHANGE OPTION...
	local exchange=$1
	shift
	rm -f "$work/$exchange.port"
	"$simexchange" --dialect "$exchange" --port-file "$work/$exchange.port" --cert "$work/certs/server.pem" --key "$work/certs/server.key" \
		--ledger "$work/$exchange.ledger" --start-on-subscribe "$@" 2>>"$work/exchange.log" &
	more_pids+=($!)
	pids[$exchange]=$!
	until_true 10 test -s "$work/$exchange.port" || fail "$exchange does not start"
	ports[$exchange]=$(cat "$work/$exchange.port")
}
record_both() { # OPTION...
	local options=(--db "$tape" --ca-file "$work/certs/ca.pem") exchange
	for exchange in upbit bithumb; do
		options+=(--ws-url "$exchange=wss://localhost:${ports[$exchange]}/websocket/v1" --rest-url "$exchange=https://localhost:${ports[$exchange]}")
	done
	"$tapedeckd" "${options[@]}" "$@" 'upbit:*' 'bithumb:*' 2>>"$log" &
	recorder_pid=$!
}
count_of() { sqlite3 "file:$tape?mode=ro" "SELECT count(*) FROM trade JOIN market USING (market_id) WHERE exchange = '$1'"; }
has() { [ "$(count_of "$1" 2>/dev/null || echo 0)" -ge "$2" ]; }
equals_its_ledger() { # EXCHANGE
	"$tapedeck" --db "$tape" export "$1:*" --time-format ms | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort >"$work/tape.rows"
	LC_ALL=C sort "$work/$1.ledger" | cmp - "$work/tape.rows"
}

# ---- a flood, and a slow disk
cat >"$work/slow.c" <<'C'
#include <time.h>
static int slow(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, 0);
	return 0;
}
int fsync(int fd) { (void)fd; return slow(); }
int fdatasync(int fd) { (void)fd; return slow(); }
C
cc -shared -fPIC -o "$work/slow.so" "$work/slow.c"
serve upbit --market-count 3 --rate max --trades 60000 --idle-ms 600000
serve bithumb --market-count 3 --rate 20 --trades 400
export ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-}
LD_PRELOAD=$work/slow.so record_both --queue-rows 20000 --batch-rows 1000
until_true 20 has bithumb 5 || fail "nothing is recorded"
"$python" - "$tape" >"$work/lags" <<'PY'
import sqlite3, sys, time
reader = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
newest = """SELECT max((SELECT time_us FROM trade WHERE trade.market_id = market.market_id ORDER BY time_us DESC LIMIT 1))
    FROM market WHERE exchange = 'bithumb'"""
worst, until = 0, time.time() + 10
while time.time() < until:
    worst = max(worst, time.time() - reader.execute(newest).fetchone()[0] / 1e6)
    time.sleep(0.02)
print(f"{worst:.2f}")
PY
lag=$(cat "$work/lags")
echo "beside a flood and a slow disk, Bithumb's newest trade on the tape was at most $lag s old"
logged ' throttled exchange=upbit ' || fail "the flood was not throttled"
grep -q ' throttled exchange=bithumb ' "$log" && fail "the quiet exchange was throttled, too"
awk -v lag="$lag" 'BEGIN { exit !(lag < 2.5) }' || fail "the quiet exchange's trades waited for the flood"
until_true 60 has upbit 60000 || fail "of the flood's 60000 trades $(count_of upbit) arrive"
until_true 30 has bithumb 400 || fail "of the quiet exchange's 400 trades $(count_of bithumb) arrive"
stop_recorder
for exchange in upbit bithumb; do
	check "$exchange: tape = ledger" equals_its_ledger "$exchange"
	kill -TERM "${pids[$exchange]}"
done
check "candles = trades" tape_is_sound

# ---- bad frames
rm -f "$tape"*
: >"$log"
printf 'after=3 strange bad 0.003 12\n' >"$work/script"
serve upbit --market-count 250 --rate 50 --script "$work/script"
serve bithumb --market-count 3 --rate 50 --trades 1000
record_both
until_true 60 has bithumb 1000 || fail "of the quiet exchange's 1000 trades $(count_of bithumb) arrive"
stop_recorder
late=$(sql "SELECT max(lag_us) FROM trade JOIN market USING (market_id) WHERE exchange = 'bithumb'")
bad=$(grep -o ' bad=[0-9]*' "$log" | tail -n 1)
echo "beside $bad frames, Bithumb's trades were read at most $((late / 1000)) ms after their time"
[ "${bad#*=}" -gt 2000 ] || fail "only $bad frames came"
[ "$late" -lt 600000 ] || fail "the quiet exchange's trades were read late"
most=$(sql "SELECT max(n) FROM (SELECT count(*) AS n FROM gap JOIN market USING (market_id) WHERE reason = 'unparseable' GROUP BY market_id)")
[ "$most" -le 4 ] || fail "a market of the bad exchange has $most gaps for 12 s"
grep -qE ' (throttled|disconnected) ' "$log" && fail "$(grep -E ' (throttled|disconnected) ' "$log" | head -n 1)"
check "tape = ledger of the quiet exchange" equals_its_ledger bithumb
check "candles = trades" tape_is_sound
