# alone
# build: release
# timeout: 200
# 300 markets of Upbit, 300 of Bithumb, 500 of Binance, 200 futures in one recorder, 2000 trades a second in all.  Bithumb
# hangs up every few seconds, Binance mixes garbage in, the futures stall: Upbit's ledger = the tape, and memory stays flat.
# SECONDS_TO_RECORD (30) makes it longer; 600 is what the README of tests/bench tells figures of.
. "$(dirname "$0")/../lib/system.sh"
duration=${SECONDS_TO_RECORD:-30}
declare -A ports=()
make_certs
serve() { # EXCHANGE COUNT FAULT
	printf '%s\n' "$3" >"$work/$1.script"
	"$simexchange" --dialect "$1" --market-count "$2" --rate 500 --port-file "$work/$1.port" --cert "$work/certs/server.pem" \
		--key "$work/certs/server.key" --ledger "$work/$1.ledger" --trades $((duration * 500)) --start-on-subscribe \
		--script "$work/$1.script" 2>>"$work/exchange.log" &
	more_pids+=($!)
	until_true 10 test -s "$work/$1.port" || fail "$1 does not start"
	ports[$1]=$(cat "$work/$1.port")
}
serve upbit 300 '# healthy'
serve bithumb 300 'every=7 drop'
serve binance 500 'every=5 garbage-builtin'
serve binance-usdm 200 'after=5 stall 100000'

options=(--db "$tape" --ca-file "$work/certs/ca.pem")
for exchange in upbit:/websocket/v1 bithumb:/websocket/v1 binance:/stream binance-usdm:/market/stream; do
	name=${exchange%%:*}
	options+=(--ws-url "$name=wss://localhost:${ports[$name]}${exchange#*:}" --rest-url "$name=https://localhost:${ports[$name]}")
done
"$tapedeckd" "${options[@]}" 'upbit:*' 'bithumb:*' 'binance:*' 'binance-usdm:*' 2>>"$log" &
recorder_pid=$!
rss_kib() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$recorder_pid/status"; }
healthy() { [ "$(sqlite3 "file:$tape?mode=ro" "SELECT count(*) FROM trade JOIN market USING (market_id) WHERE exchange = 'upbit'")" -ge $((duration * 500)) ]; }
sleep $((duration / 2))
early=$(rss_kib)
until_true $((duration / 2 + 30)) healthy || fail "the healthy exchange's trades do not arrive"
late=$(rss_kib)
read -r user system < <(awk '{ print $14, $15 }' "/proc/$recorder_pid/stat")
ticks=$(getconf CLK_TCK)
echo "recorded $duration s: CPU $(((user + system) * 100 / ticks / duration)) % of a core, memory $early KiB half way, $late KiB at the end"
[ "$late" -lt $((early * 13 / 10)) ] || fail "memory grows: $early KiB, then $late KiB"
wait_logged 25 'disconnected exchange=binance-usdm reason="(silent|mute)'
stop_recorder
logged 'pattern=binance:\* markets=500' || fail "not all of Binance's markets"
logged 'bad-message exchange=binance ' || fail "the garbage is not in the log"
logged 'disconnected exchange=bithumb ' || fail "the flapping is not in the log"
grep -q 'disconnected exchange=upbit ' "$log" && fail "the healthy exchange was disconnected"
kill -TERM "${more_pids[@]}"
wait "${more_pids[@]}" 2>/dev/null || true
"$tapedeck" --db "$tape" export 'upbit:*' --time-format ms | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort >"$work/tape.rows"
LC_ALL=C sort "$work/upbit.ledger" >"$work/ledger.rows"
check "tape = ledger of the healthy exchange" cmp "$work/tape.rows" "$work/ledger.rows"
check "candles = trades" tape_is_sound
