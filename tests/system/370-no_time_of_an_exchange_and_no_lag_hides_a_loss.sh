# timeout: 300
# Trades that are dated ahead, a clock that is set back, a time in seconds, data that lags behind prompt pongs: then the line is
# cut. What was missed is put back, or lies in a gap; of every market.
. "$(dirname "$0")/../lib/system.sh"
try() { # WHAT EXCHANGE PATH TIME_FORMAT SCRIPT_LINE...
	local what=$1 exchange=$2 path=$3 format=$4
	shift 4
	: >"$log"
	rm -f "$tape"* "$ledger"
	printf '%s\n' "$@" >"$work/script"
	start_exchange --dialect "$exchange" --market-count 4 --rate 200 --script "$work/script"
	record_all_of "$exchange" "$path"
	wait_logged 30 ' live exchange='
	sleep 22
	stop_recorder
	stop_exchange
	"$tapedeck" --db "$tape" export --time-format "$format" >"$work/tape.csv"
	check "$what, $exchange: nothing is missing in silence" "$python" "$here/lib/missing.py" "$tape" "$ledger" "$work/tape.csv"
	check "$what, $exchange: candles = trades" tape_is_sound
}
coverage_ends_before_tomorrow() {
	[ "$(sql "SELECT count(*) FROM coverage WHERE to_us > (unixepoch() + 600) * 1000000")" = 0 ]
}
for exchange in upbit binance; do
	case $exchange in
	upbit) path=/websocket/v1 format=ms symbol=KRW-ETH ;;
	binance) path=/stream format=us symbol=ETHUSDT ;;
	esac
	try "three trades a minute ahead" $exchange $path $format "after=6 ahead $symbol 60 3" 'after=8 drop' 'after=8 refuse 6'
	try "data 12 s late" $exchange $path $format 'after=5 lag 12 10' 'after=14 drop'
	[ $exchange = binance ] || CLOCK_SET_S=-30 try "a clock set back" $exchange $path $format 'after=6 set-clock -30' 'after=9 drop' 'after=9 refuse 4'
done
# 80 years ahead, and then the line is cut: no coverage reaches there.
try "one trade of the year 2106" upbit /websocket/v1 ms 'after=6 ahead KRW-ETH 2522880000 1' 'after=9 drop' 'after=9 refuse 4'
check "coverage ends where it was proved" coverage_ends_before_tomorrow
