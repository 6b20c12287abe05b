# timeout: 60
# Three seconds of one market never come, though the connection lives and no id can show it. When REST is asked for an outage soon
# after, its page has them, too: coverage was wrong there, and a gap says so.
. "$(dirname "$0")/../lib/system.sh"
printf '%s\n' 'after=4 mute-market KRW-ETH 3' 'after=15 drop' >"$work/script"
start_exchange --dialect upbit --market-count 2 --rate 40 --script "$work/script"
record_all_of upbit /websocket/v1
wait_logged 30 ' live exchange='
wait_logged 30 ' unseen market=upbit:KRW-ETH '
sleep 3
stop_recorder
stop_exchange
"$tapedeck" --db "$tape" export --time-format ms >"$work/tape.csv"
nothing_is_missing() {
	"$python" "$here/lib/missing.py" "$tape" "$ledger" "$work/tape.csv" | tee "$work/said"
}
check "nothing is missing in silence" nothing_is_missing
check "the gap is of reason audit, filled, and of that time" [ "$(sql "SELECT count(*) FROM gap JOIN market USING (market_id)
	WHERE reason = 'audit' AND state = 'filled' AND symbol = 'KRW-ETH' AND filled > 10 AND to_us - from_us BETWEEN 2000000 AND 4000000")" = 1 ]
check "candles = trades" tape_is_sound
