# timeout: 420
# The exchange's own totals are a witness: a market that is mute on a living connection gets a gap, which REST fills; volumes of the
# exchange's day prove the others, or are a finding with both numbers.  A ban on tickers stops the audit, and nothing else.
. "$(dirname "$0")/../lib/system.sh"

report_says() { "$tapedeck" --db "$tape" report | grep -qF "$1"; }
proved() { report_says "proved against the exchange's own volume: $1"; }
state_of() { "$tapedeck" --db "$tape" status --csv | grep ",$1," | sed 's/.*,//'; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
audit_gaps() { sql "SELECT count(*) FROM gap g JOIN market m USING (market_id) WHERE reason = 'audit' AND symbol = '$1'${2:+ AND state = '$2'}"; }
has_gap() { [ "$(audit_gaps "$@")" -gt 0 ]; }
none_open() { [ "$(sql "SELECT count(*) FROM gap WHERE state = 'open'")" = 0 ]; }
rows() { cut -d, -f1-5 | LC_ALL=C sort; } # without ids: those of REST are not the socket's

begin() { # EXCHANGE PATH
	rm -f "$tape"* "$ledger"
	: >"$log"
	start_exchange --dialect "$1" --market-count 4 --rate 100 --start-on-subscribe --reorder-ms 1500 --ack-ms 500 --script "$work/script"
}

try() { # EXCHANGE HOURS_OF_ITS_DAY_BEFORE_UTC
	local exchange=$1 offset=$(($2 * 3600)) now=$(($(date +%s) + ${TAPEDECK_TEST_WALL_SHIFT_S:-0}))
	printf '%s\n' 'after=20 mute-market KRW-ETH 25' 'after=60 double-volumes 14' 'after=74 wrong-volume KRW-XRP 100' \
		'after=90 http-ticker 418 100' >"$work/script"
	begin "$exchange"
	record_all_of "$exchange" /websocket/v1 --audit 4s --backfill-since $(((now + offset) / 86400 * 86400 - offset))
	until_true 19 proved '4 of 4' || fail "$exchange: a healthy run is not proved: $(sql 'SELECT * FROM audit')"
	equal "$exchange: to the last digit" 0 "$(sql 'SELECT sum(digits) FROM audit')"
	check "$exchange: whole and proved" report_says 'All 4 markets whole'
	wait_logged 30 'mute market='
	until_true 5 has_gap KRW-ETH || fail "$exchange: the mute one has no gap"
	check "$exchange: it is never called whole" report_says 'gap'
	until_true 15 has_gap KRW-ETH filled || fail "$exchange: REST does not fill it"
	equal "$exchange: and no other market" "$(audit_gaps KRW-ETH)" "$(sql "SELECT count(*) FROM gap WHERE reason = 'audit'")"
	until_true 40 none_open || fail "$exchange: the gap does not end when it speaks again"
	until_true 15 proved '4 of 4' || fail "$exchange: not proved after it: $(sql 'SELECT * FROM audit')"
	until_true 30 is_state KRW-XRP no || fail "$exchange: a wrong volume is no finding: $(sql 'SELECT * FROM audit')"
	check "$exchange: volumes added in floating point agree in 12 digits" [ "$(sql 'SELECT sum(equals) < sum(results) - 8 FROM audit')" = 0 ]
	wait_logged 5 "volume-differs market=$exchange:KRW-XRP .*theirs=[0-9.]+ ours=[0-9.]+"
	check "$exchange: a finding with both numbers" grep -qE "^  $exchange:KRW-XRP: exchange [0-9.]+, tape [0-9.]+$" <("$tapedeck" --db "$tape" report)
	check "$exchange: three others are proved" proved '3 of 4'
	wait_logged 30 'backfill-waits .*banned by the exchange, HTTP status 418'
	sleep 6 # late ones are on their way
	stop_recorder
	stop_exchange
	[ "$(grep -c 'backfill-waits' "$log")" -le 3 ] || fail "$exchange: it asks in spite of a ban"
	check "$exchange: verify fails with both numbers" grep -qE "KRW-XRP,volume,failed,\"from .* the exchange counts [0-9.]+, the tape [0-9.]+" \
		<("$tapedeck" --db "$tape" verify --csv)
	"$tapedeck" --db "$tape" export --time-format ms | tail -n +2 | cut -d, -f2-7 | rows >"$work/tape.rows"
	last=$(sql 'SELECT max(time_us) / 1000 - 4000 FROM trade') # what was made while it stopped is not asked for
	check "$exchange: tape = ledger" diff <(awk -F, -v l="$last" '$2 < l' "$work/tape.rows") <(rows <"$ledger" | awk -F, -v l="$last" '$2 < l')
	check "$exchange: candles = trades" tape_is_sound
	echo "$exchange: $(audit_gaps KRW-ETH) gaps by audit, $(sql "SELECT sum(filled) FROM gap WHERE reason = 'audit'") trades put back," \
		"$(sql 'SELECT sum(results), sum(equals) FROM audit') results, equal"
}

# A day that begins while it records is covered from its start: 00:00 UTC at Upbit, 00:00 KST at Bithumb.  And one market never says
# a word.
at_midnight() { # EXCHANGE PATH HH:MM:SS_UTC DEAF
	local exchange=$1 midnight now
	now=$(date +%s)
	midnight=$(((now / 86400) * 86400 + $(date -u -d "1970-01-01 $3" +%s)))
	export TAPEDECK_TEST_WALL_SHIFT_S=$((midnight - 10 - now))
	printf '%s\n' "at=0 deaf-market $4" >"$work/script"
	begin "$exchange"
	record_all_of "$exchange" "$2" --audit 3s
	until_true 45 proved '3 of 4' || fail "$exchange: not proved after its midnight: $(sql 'SELECT * FROM audit')"
	equal "$exchange: its day" "$((midnight * 1000000))" "$(sql "SELECT DISTINCT day_from_us FROM audit WHERE verdict = 'equal'")"
	check "$exchange: a market that never spoke has a gap" [ "$(sql "SELECT count(*) FROM gap JOIN market USING (market_id) WHERE symbol = '$4'")" -gt 0 ]
	stop_recorder
	check "$exchange: $4 is not whole" report_says '1 market of 4'
	stop_exchange
	unset TAPEDECK_TEST_WALL_SHIFT_S
	echo "$exchange: proved from its midnight on, and $4 is not called whole"
}

for name in ${EXCHANGES:-upbit bithumb midnight}; do
	case $name in
	upbit) try upbit 0 ;;
	bithumb) try bithumb 9 ;;
	midnight)
		at_midnight upbit /websocket/v1 00:00:00 KRW-ETH
		at_midnight bithumb-legacy /pub/ws 15:00:00 ETH_KRW
		;;
	esac
done
