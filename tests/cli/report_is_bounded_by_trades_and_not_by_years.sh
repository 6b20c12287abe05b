# A filled gap of many years was walked through by the hour, and one with damaged times without an end.
. "$SOURCE/tests/cli/lib.sh"
now=$(($(date +%s) * 1000000)) hour=3600000000
{
	echo market,time_us,id,price,size,side,received_us
	echo "x:Y,1500000000000000,1,5,1,buy,"
	echo "x:Y,1600000000000000,2,5,1,buy,"
	echo "x:Y,$((now - hour)),3,5,1,buy,"
	echo "x:Y,$((now - hour + 1)),4,5,1,buy,$now"
} >trades.csv
tape --cover "x:Y=$((now - 2 * hour)),$now"
gap() { sqlite "DELETE FROM gap" "INSERT INTO gap (market_id, from_us, to_us, reason, state, filled, note, opened_us, closed_us) VALUES (1, $1, $2, 'backfill-since', 'filled', 3, '', 0, 0)"; }
filled() { # PUT BACK, ARGUMENT...
	local want=$1 begin=$EPOCHREALTIME
	shift
	td report --csv "$@"; same "code" 0 "$code"
	same "put back" "$want" "$(tail -1 out.txt | cut -d, -f6)"
	[ $((${EPOCHREALTIME/./} - ${begin/./})) -lt 5000000 ] || fail "report took $((${EPOCHREALTIME/./} - ${begin/./})) us"
}
gap 1500000000000000 $((now - 30)); filled 3 --since 2017-01-01; filled 1
gap -9223372036854775808 9223372036854775806; filled 3 --since 1970-01-02; filled 1
gap 0 253402300799999999; filled 3 --since 1970-01-02
gap 9223372036854775000 9223372036854775806; filled 0
td report; same "as text" 0 "$code"
sqlite "UPDATE gap SET state = 'unfillable', from_us = -9223372036854775808"
td report --since 1970-01-02; same "as text, not filled" 0 "$code"
